"""The rows of the report's tables, as texts: for the terminal and for the page alike."""

from typing import Any

import numpy as np

from qbell.certificates.registry import ROWS
from qbell.certificates.statement import MISSING, NONE, Check, Depth, p_text
from qbell.designs import find_design
from qbell.report.checks import other_checks

Row = tuple[str, str, str, str]  # quantity, measured, interval, exact


def title_text(summary: dict[str, Any]) -> str:
    """State, N, U and the kind of counts in a few words."""
    family = summary["family"] or "counts"
    u = "" if summary["u"] is None else f", U = {summary['u']:g}"
    counts = "raw shots" if summary["provenance"] == "raw" else summary["provenance"]
    return f"{family}, N = {summary['n']}{u}, {counts}"


def taken_text(summary: dict[str, Any]) -> str:
    """How the shots were taken."""
    unit = "setting" if summary["draws"] is None else "draw"
    parts = [
        f"{summary['design']} design",
        f"{summary['settings']} settings",
        "" if summary["order"] is None else f"order {summary['order']}",
        "" if summary["draws"] is None else f"{summary['draws']} draws",
        "" if summary["shots"] is None else f"{_shots(summary['shots'])} a {unit}",
        f"{summary['total_shots']} shots in all",
        accepted_text(summary),
        f"axis {summary['axis']}",
        f"backend {summary['backend'] or 'not recorded'}",
        f"seed {'not recorded' if summary['seed'] is None else summary['seed']}",
        f"{summary['provenance']} counts",
    ]
    return ", ".join(part for part in parts if part)


def _shots(number: int) -> str:
    return "1 shot" if number == 1 else f"{number} shots"


def accepted_text(summary: dict[str, Any]) -> str:
    """How many of the shots the flags accepted; empty without flags."""
    flags = summary.get("flags")
    if flags is None:
        return ""
    share = f"{100 * flags['acceptance']['value']:.1f} %"
    return f"{flags['accepted']} of {flags['sent']} accepted by flags ({share})"


def quantity_rows(summary: dict[str, Any]) -> list[Row]:
    """Measured quantities with their intervals, beside exact values."""
    exact, noise, bound, e_n = (summary[key] for key in ("exact", "noise", "bound", "e_n"))
    key, kind = bound_key(summary), find_design(summary["design"])
    if not kind.measures_qfi:
        return [*_rows_of_quantities(summary), *_rows_of_facts(summary)]
    rows = [(_bound_name(summary), *_measured(bound), _exact(exact, key))]
    rows += _at_any_time(summary, "bound")
    rows += _beside(summary, key)
    if summary["f0"] is not None:
        rows.append(("F0, Eq. 12", *_measured(summary["f0"]), _exact(exact, "f0")))
        rows += _of_noise(summary, "f0")
    if summary.get("k1") is not None:  # summaries of earlier versions have none
        rows.append(("K1 = F0^2 / b, tangent", *_at_least(summary["k1"]), _exact(exact, "k1")))
        rows += _beside(summary, "k1")
    if summary.get("moment_bound") is not None:
        least = _at_least(summary["moment_bound"])
        rows.append(("moment bound, few-body M", *least, _exact(exact, "moment_bound")))
        rows += _beside(summary, "moment_bound")
    rows += _rows_of_quantities(summary)
    e_n_row = f"{kind.e_n_name}, local 2^-{summary['n']}"
    rows.append((e_n_row, *_measured(e_n), _exact(exact, "e_n")))
    rows += _at_any_time(summary, "e_n")
    rows += _beside(summary, "e_n")
    if summary["q"] is not None:
        measured = kind.e_n_name.split(" <= ")[0]
        rows.append((f"Q = log2(2^N {measured})", *_measured_q(summary["q"]), ""))
    squeezing = summary.get("squeezing")
    if squeezing is not None and np.isfinite(squeezing["standard_error"]):
        squeezed = _one_sided(squeezing, "<=", squeezing["upper_limit"])
        rows.append(("spin squeezing xi^2", *squeezed, _exact(exact, "squeezing")))
        rows += _beside(summary, "squeezing")
    if exact is not None or noise is not None:
        rows.append(("QFI", "", "", _exact(exact, "qfi")))
        rows += _beside(summary, "qfi")
    rows.append((f"shot noise, N = {summary['shot_noise']}", "", "", ""))
    rows.append((f"Heisenberg, N^2 = {summary['heisenberg']}", "", "", ""))
    return rows


def _rows_of_quantities(summary: dict[str, Any]) -> list[Row]:
    """What the design measures beside E and the bound."""
    rows: list[Row] = []
    for place, (quantity, label) in enumerate(find_design(summary["design"]).quantities.items()):
        exact = _exact(summary["exact"], quantity)
        rows.append((label, *_measured(summary.get(quantity)), exact))
        rows += _at_any_time(summary, quantity if place else "mean")
        rows += _of_noise(summary, quantity)  # no circuit's: its fidelity is another one
    return rows


def _at_any_time(summary: dict[str, Any], key: str) -> list[Row]:
    """Limits that hold whenever one stops, of a campaign that stopped because of what was seen."""
    limits = summary.get("anytime", {}).get(key)
    if summary.get("stop") is None or limits is None:
        return []
    digits = int(np.clip(2 - np.floor(np.log10(limits["high"] - limits["low"] + 1e-9)), 0, 8))
    text = f"[{limits['low']:.{digits}f}, {limits['high']:.{digits}f}]"
    return [("– limits at any time", "", text, "")]


def stop_text(stop: dict[str, Any]) -> str:
    """The rule of a table [stop] in a few words.

    >>> stop_text({"p_value": None, "precision": 0.1, "quantity": "qfi_ghz"})
    'precision 0.1 of qfi_ghz at any time'
    """
    if stop["p_value"] is not None:
        return f"p at any time <= {stop['p_value']:g}"
    return f"precision {stop['precision']:g} of {stop.get('quantity', 'mean')} at any time"


def _rows_of_facts(summary: dict[str, Any]) -> list[Row]:
    """What the design says of the graph, where it is one of stars."""
    texts = {
        key: f"{summary[key]:.4g}"
        for key in find_design(summary["design"]).facts
        if summary.get(key) is not None
    }
    labels = find_design(summary["design"]).facts
    return [(labels[key], text, "", "") for key, text in texts.items()]


def _beside(summary: dict[str, Any], key: str) -> list[Row]:
    """What else is known of a quantity: of a circuit that prepares another state, and of noise."""
    rows = _of_noise(summary, key)
    if is_variational(summary):
        circuit = summary["circuit"]
        rows.insert(0, (f"– circuit, F = {circuit['fidelity']:.4f}", "", "", _exact(circuit, key)))
    return rows


def _of_noise(summary: dict[str, Any], key: str) -> list[Row]:
    """The noise reference: what the shots estimate, and the value of the noisy state."""
    noise = summary["noise"]
    if noise is None or key not in noise:
        return []
    read = noise.get(key.replace("bound", "bound_read") if "bound" in key else f"{key}_read")
    measured = key != "e_n" or summary["e_n"] is not None
    seen = "" if read is None or not measured else f"{read:.4g} as read out"
    value = "not computed" if noise[key] is None else _exact(noise, key)
    return [("– noise reference", seen, "", value)]


def _bound_name(summary: dict[str, Any]) -> str:
    """What the measured bound is: all of Eq. (24), or a lower part of it."""
    return find_design(summary["design"]).bound_title(summary["order"], summary["n"])


def bound_key(summary: dict[str, Any]) -> str:
    """The key of the exact value that the measured bound is compared with."""
    return find_design(summary["design"]).bound_key


def _measured_q(q: dict[str, Any]) -> tuple[str, str]:
    """Q with its interval; where E_N,0 is not above 0, Q has no value."""
    low, high = (f"{q[end]:.3f}" if np.isfinite(q[end]) else "–" for end in ("low", "high"))
    value = f"{q['value']:.3f}" if np.isfinite(q["value"]) else "–"
    return value, f"[{low}, {high}]"


def is_variational(summary: dict[str, Any]) -> bool:
    """True if the circuit prepares another state than the one aimed at."""
    return summary["circuit"] is not None and summary["circuit"]["fidelity"] < 1 - 1e-9


def _measured(estimate: dict[str, Any] | None) -> tuple[str, str]:
    if estimate is None:
        return "not measured", ""
    if not np.isfinite(estimate["standard_error"]):
        return "no estimate", ""
    error = estimate["standard_error"]
    digits = int(np.clip(1 - np.floor(np.log10(error)) if error > 0 else 6, 0, 8))
    mark = " *" if estimate["degenerate"] else ""
    return (
        f"{estimate['value']:.{digits}f} ± {error:.{digits}f}{mark}",
        f"[{estimate['low']:.{digits}f}, {estimate['high']:.{digits}f}]",
    )


def _at_least(estimate: dict[str, Any]) -> tuple[str, str]:
    """Of a tangent below the quantity: only its lower limit is one of the quantity."""
    return _one_sided(estimate, ">=", estimate["lower_limit"])


def _one_sided(estimate: dict[str, Any], sign: str, limit: float) -> tuple[str, str]:
    """The value, and the one limit that holds: rounded so that it still does."""
    value, interval = _measured(estimate)
    if not interval or not np.isfinite(limit):
        return value, ""
    digits = len(interval.strip("[]").split(", ")[0].partition(".")[2])
    scaled = limit * 10**digits
    rounded = np.floor(scaled) if sign == ">=" else np.ceil(scaled)
    return value, f"{sign} {rounded / 10**digits:.{digits}f}"


def _exact(exact: dict[str, Any] | None, key: str) -> str:
    return (
        ""
        if exact is None or exact.get(key) is None
        else f"{exact[key]:.4g}"
        if abs(exact[key]) < 0.001
        else f"{exact[key]:.5g}"
    )


def certificate_rows(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """What the data certify: every statement of the registry, and checks made elsewhere."""
    certificate, size = summary["certificate"], summary["n"]
    percent = f"at {100 * certificate['confidence']:g} %"
    significance = summary["significance"]
    silent = not find_design(summary["design"]).measures_qfi
    accepted = accepted_text(summary)
    rows = [("shots", accepted)] if accepted else []
    for statement in ROWS:
        text = statement.text(certificate, size, percent)
        optional = isinstance(statement, Depth) and (statement.optional or silent)
        if optional and text == NONE:
            continue
        if isinstance(statement, Depth) and text != NONE:
            text += _kind(certificate["claims"], statement.key)
        if not (isinstance(statement, Check) and statement.optional and text == MISSING):
            rows.append((statement.label, text))
    rows += [(name, p_text(value)) for name, value in other_checks(summary)]
    if certificate["learned"] or set(certificate["label"]) != {"+"}:
        how = "learnt on held-out shots" if certificate["learned"] else "fixed beforehand"
        rows.append(
            (
                "tested correlator, phase",
                f"{certificate['label']}, {certificate['phase']:.3f} ({how})",
            )
        )
    if not silent and summary.get("stop") is None:  # these numbers are of a fixed number of shots
        rows.append(
            (
                "correlators above 0, above 2^-n",
                f"{significance['above_zero']}, {significance['above_local']} of "
                f"{significance['tests']}, all at once {percent}",
            )
        )
    return rows


def part_rows(summary: dict[str, Any]) -> list[Row]:
    """Each part of a campaign by itself; none where there is one part alone."""
    parts = summary.get("parts", [])
    if len(parts) < 2:
        return []
    rows = []
    for one in parts:
        name = f"part {one['part']}"
        if one["bound"] is None:
            rows.append((name, "too few shots by themselves", "", ""))
            continue
        found = one["certificate"]["p_value"]
        said = "" if found is None else f"p = {p_text(found)}".replace("= <", "<")
        label = f"{name}, {one['total_shots']} shots, {100 * one['confidence']:.4g} %"
        rows.append((label, *_measured(one["bound"]), said))
    return rows


def certificate_sentences(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """What each number that is certified or tested means: label and sentence."""
    certificate = summary["certificate"]
    return [
        (statement.label.strip(), statement.says)
        for statement in ROWS
        if statement.text(certificate, summary["n"], "") not in (NONE, MISSING)
    ]


def _kind(claims: dict[str, str], key: str) -> str:
    """What kind of claim a number is: (Bell) or (witness), and whether counts were corrected."""
    name = {"bell": "Bell", "witness": "witness"}[claims[key]]
    raw = claims["provenance"] == "raw"
    return f" ({name})" if raw else f" ({name}, {claims['provenance']})"
