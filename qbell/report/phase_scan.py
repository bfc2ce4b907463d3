"""A phase scan as plain data, and as a table for a terminal."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.certificates.statement import p_text
from qbell.estimator.phase_scan.scan_qfi import ScanResult
from qbell.report.headline import rounded_down
from qbell.util.printable import printable


def summarize_scan(
    result: ScanResult,
    *,
    family: str | None,
    u: float | None,
    known: Mapping[str, Any],
    device: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything worth printing of a scan, beside the QFI of `known_values`; ``device`` says how
    one was used."""
    scan, fit, found = result.scan, result.hellinger, result.coherences
    echo = scan.read_out == "echo"
    size = scan.num_qubits
    return {
        "n": size,
        "family": family,
        "u": u,
        "axis": scan.axis.name,
        "read_out": scan.read_out,
        "backend": scan.backend,
        "seed": scan.seed,
        "provenance": "raw",
        "claim": "witness",
        "scan": scan.frame.to_dict("records"),
        "qfi_scan": {
            "value": result.value,
            "standard_error": result.standard_error,
            "lower_limit": result.limit,
            "confidence": result.confidence,
            "pair": list(result.pair),
            "chosen": result.chosen,
        },
        "hellinger": None
        if fit is None
        else {
            "value": fit.value,
            "standard_error": fit.standard_error,
            "reference": fit.reference,
            "powers": list(fit.powers),
        },
        "coherences": None
        if found is None
        else {
            "coherence": found.coherence,
            "coherence_limit": found.coherence_limit,
            "qfi_limit": found.qfi_limit,
            "confidence": found.confidence,
            "coherence_if_equal": found.coherence_if_equal if echo else None,
            "qfi_if_equal": found.qfi_if_equal if echo else None,
        },
        "shot_noise": size,
        "heisenberg": size**2,
        **{
            name: None if not known.get(name) else {"qfi": known[name].get("qfi")}
            for name in ("exact", "circuit", "noise")
        },
        "device": None if device is None else dict(device),
        "notes": [*result.notes, *known.get("notes", [])],
    }


def scan_headline(summary: Mapping[str, Any]) -> str:
    """The limit in one sentence."""
    limit, size = summary["qfi_scan"]["lower_limit"], summary["n"]
    percent = f"{100 * summary['qfi_scan']['confidence']:g} %"
    known = f"(shot noise {size}, Heisenberg limit {size**2})"
    if limit <= 0:
        return f"At {percent} confidence the QFI is not shown to be above 0 {known}."
    return f"At {percent} confidence QFI ≥ {rounded_down(limit)} {known}."


def scan_rows(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was measured, and what it is compared with: name and value."""
    found, size = summary["qfi_scan"], summary["n"]
    near, far = found["pair"]
    percent = f"{100 * found['confidence']:g} %"
    rows = [
        (f"QFI from {summary['read_out']}, lower limit, {percent}", f"{found['lower_limit']:.4g}"),
        (
            f"– estimate from {near:.4g} and {far:.4g} rad",
            f"{found['value']:.4g} ± {found['standard_error']:.2g}",
        ),
        ("– these angles", found["chosen"]),
    ]
    if summary["hellinger"] is not None:
        fit = summary["hellinger"]
        rows.append(
            (
                f"Hellinger curve from {fit['reference']:.4g} rad, no limit",
                f"{fit['value']:.4g} ± {fit['standard_error']:.2g}",
            )
        )
    if summary["coherences"] is not None:
        of_turn = summary["coherences"]
        rows += [
            (f"coherence C, lower limit, {percent}", f"{of_turn['coherence_limit']:.4g}"),
            ("– QFI ≥ N^2 C^2", f"{of_turn['qfi_limit']:.4g}"),
        ]
        if of_turn["qfi_if_equal"] is not None:
            rows.append(
                ("QFI if noise is equal both ways, no limit", f"{of_turn['qfi_if_equal']:.4g}")
            )
    for key, name in (("exact", "exact"), ("circuit", "circuit"), ("noise", "noise reference")):
        if summary[key] is not None and summary[key]["qfi"] is not None:
            rows.append((f"QFI, {name}", f"{summary[key]['qfi']:.5g}"))
    drift = (summary["device"] or {}).get("reference_drift_p")
    if drift is not None:
        rows.append(("p-value of no drift, reference jobs", p_text(drift)))
    return [*rows, (f"shot noise, N = {size}", ""), (f"Heisenberg, N^2 = {size**2}", "")]


def scan_table(summary: Mapping[str, Any]) -> Group:
    """The summary as a table for a terminal."""
    u = "" if summary["u"] is None else f", U = {summary['u']:g}"
    title = f"{summary['family'] or 'circuit'}, N = {summary['n']}{u}, phase scan"
    table = Table(title=printable(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("quantity", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    for row in scan_rows(summary):
        table.add_row(*row)
    lines = [Text(printable(f"note: {note}"), style="dim") for note in summary["notes"]]
    return Group(Text(scan_headline(summary), style="bold"), Text(), table, *lines)
