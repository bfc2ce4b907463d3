"""The report: a table for the terminal, and one self-contained page with pictures."""

import html
import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.estimator import Result

# Okabe and Ito's colours: told apart by colour-blind readers, and in print by their lightness.
MEASURED, EXACT, LIMIT, FAINT = "#0072B2", "#E69F00", "#444444", "#999999"


def terminal_table(summary: dict[str, Any]) -> Group:
    """The summary as a table for a terminal."""
    percent = f"{100 * summary['bound']['confidence']:g} %"
    table = Table(
        title=_title(summary), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    table.add_column("quantity", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column(f"{percent} interval", justify="right", no_wrap=True)
    known = summary["exact"] is not None
    if known:
        table.add_column("exact", justify="right")
    for row in _rows(summary):
        table.add_row(*(row if known else row[:3]))
    certified = Table.grid(padding=(0, 2))
    for name, value in _certified(summary):
        certified.add_row(name, value)
    lines = [Text(f"note: {note}", style="dim") for note in summary["notes"]]
    return Group(table, certified, *lines)


def write_report(result: Result, summary: dict[str, Any]) -> str:
    """The report as one HTML page without outside parts."""
    head = "".join(f"<th>{cell}</th>" for cell in ("quantity", "measured", "interval", "exact"))
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in _rows(summary)
    )
    certified = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>"
        for name, value in _certified(summary)
    )
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in summary["notes"])
    percent = f"{100 * summary['bound']['confidence']:g} %"
    return _PAGE.format(
        title=html.escape(_title(summary)),
        head=head,
        rows=rows,
        certified=certified,
        notes=f"<h2>Notes</h2><ul>{notes}</ul>" if notes else "",
        percent=percent,
        bound=_svg(_bound_figure(summary)),
        orders=_svg(_order_figure(summary)),
        correlators=_svg(_correlator_figure(result)),
        taken=html.escape(_taken(summary)),
    )


def _title(summary: dict[str, Any]) -> str:
    family = summary["family"] or "counts"
    u = "" if summary["u"] is None else f", U = {summary['u']:g}"
    return f"{family}, N = {summary['n']}{u}, {summary['provenance']} shots"


def _taken(summary: dict[str, Any]) -> str:
    parts = [
        f"{summary['design']} design",
        f"{summary['settings']} settings",
        "" if summary["draws"] is None else f"{summary['draws']} draws",
        "" if summary["shots"] is None else f"{summary['shots']} shots each",
        f"{summary['total_shots']} shots in all",
        f"axis {summary['axis']}",
        f"backend {summary['backend'] or 'not recorded'}",
        f"seed {'not recorded' if summary['seed'] is None else summary['seed']}",
        f"{summary['provenance']} counts",
    ]
    return ", ".join(part for part in parts if part)


def _rows(summary: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    exact, bound, e_n = summary["exact"], summary["bound"], summary["e_n"]
    rows = [
        ("QFI bound, Eq. 24", *_measured(bound), _exact(exact, "bound")),
        (f"E_N,0, local 2^-{summary['n']}", *_measured(e_n), _exact(exact, "e_n")),
        ("QFI", "", "", _exact(exact, "qfi")),
        ("shot noise, N", "", "", f"{summary['shot_noise']}"),
        ("Heisenberg, N^2", "", "", f"{summary['heisenberg']}"),
    ]
    circuit = summary["circuit"]
    if circuit is not None and circuit["fidelity"] < 1 - 1e-9:
        name = f"  circuit, F = {circuit['fidelity']:.4f}"
        rows.insert(1, (name, "", "", f"{circuit['bound']:.6g}"))
        rows.insert(3, (name, "", "", f"{circuit['e_n']:.6g}"))
    return rows


def _measured(estimate: dict[str, Any]) -> tuple[str, str]:
    error = estimate["standard_error"]
    digits = int(np.clip(1 - np.floor(np.log10(error)) if error > 0 else 6, 0, 8))
    mark = " *" if estimate["degenerate"] else ""
    return (
        f"{estimate['value']:.{digits}f} ± {error:.{digits}f}{mark}",
        f"[{estimate['low']:.{digits}f}, {estimate['high']:.{digits}f}]",
    )


def _exact(exact: dict[str, Any] | None, key: str) -> str:
    return "" if exact is None else f"{exact[key]:.6g}"


def _certified(summary: dict[str, Any]) -> list[tuple[str, str]]:
    certificate = summary["certificate"]
    percent = f"at {100 * certificate['confidence']:g} %"
    p = certificate["p_value"]
    none = "none certified"
    bell, size = certificate["bell_qubits"], summary["n"]
    return [
        ("Bell-correlated qubits (paper's count)", f"{bell} of {size} {percent}" if bell else none),
        ("genuine nonlocality depth", _depth(certificate["nonlocality_depth"], percent)),
        ("  against no-signalling groups", _depth(certificate["no_signalling_depth"], percent)),
        ("entanglement depth", _depth(certificate["entanglement_depth"], percent)),
        ("p-value under local realism", "not available" if p is None else f"{p:.2g}"),
        ("p-value of no signalling", f"{certificate['no_signalling_p']:.2g}"),
    ]


def _depth(depth: int, percent: str) -> str:
    return f"{depth} {percent}" if depth > 1 else "none certified"


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _bound_figure(summary: dict[str, Any]) -> Figure:
    bound, exact = summary["bound"], summary["exact"]
    figure = Figure(figsize=(7, 2.4))
    axes = figure.subplots()
    lines = [("measured bound", bound["value"], MEASURED)]
    if exact is not None:
        lines += [("exact bound", exact["bound"], EXACT), ("exact QFI", exact["qfi"], EXACT)]
    for place, (name, value, colour) in enumerate(reversed(lines)):
        axes.barh(place, max(value, 0), color=colour, height=0.55, alpha=0.85)
        axes.text(0, place + 0.42, name, va="center", fontsize=9)
    axes.errorbar(
        bound["value"],
        len(lines) - 1,
        xerr=[[max(bound["value"] - bound["low"], 0)], [max(bound["high"] - bound["value"], 0)]],
        color="black",
        capsize=4,
    )
    for value, name in ((summary["shot_noise"], "shot noise N"), (summary["heisenberg"], "N²")):
        axes.axvline(value, color=LIMIT, linestyle="--", linewidth=1)
        axes.text(value, len(lines) - 0.35, f"{name} = {value}", ha="center", fontsize=9)
    axes.set_ylim(-0.5, len(lines) - 0.3)
    axes.set_xlim(0, 1.08 * max(summary["heisenberg"], bound["high"]))
    axes.set_yticks([])
    axes.set_xlabel("quantum Fisher information")
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure


def _order_figure(summary: dict[str, Any]) -> Figure:
    orders = summary["bound_by_order"]
    figure = Figure(figsize=(7, 3))
    axes = figure.subplots()
    n = np.array([row["order"] for row in orders])
    value = np.array([row["value"] for row in orders])
    low = np.array([row["low"] for row in orders])
    high = np.array([row["high"] for row in orders])
    axes.bar(n, value, color=MEASURED, alpha=0.85, label="measured")
    spread = np.clip([value - low, high - value], 0, None)
    axes.errorbar(n, value, yerr=spread, fmt="none", ecolor="black", capsize=3)
    axes.axhline(0, color=LIMIT, linewidth=0.8)
    axes.set_xticks(n)
    axes.set_xlabel("order n of the correlators")
    axes.set_ylabel("part of the bound")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _correlator_figure(result: Result) -> Figure:
    table = result.correlators
    table = table[(table["n_plus"] >= table["n_minus"]) & (table["order"] > 0)]
    figure = Figure(figsize=(7, 3.4))
    axes = figure.subplots()
    ratio = (table["value"] / table["local_bound"]).to_numpy()
    order = table["order"].to_numpy()
    jitter = np.random.default_rng(0).uniform(-0.28, 0.28, len(table))
    # Thousands of dots in an SVG are slow to draw: the largest of each order tell the story.
    shown = np.concatenate(
        [np.flatnonzero(order == n)[np.argsort(-ratio[order == n])[:60]] for n in np.unique(order)]
    )
    axes.plot((order + jitter)[shown], ratio[shown], ".", color=MEASURED, markersize=4, alpha=0.6)
    full = table["label"] == "+" * result.shots.num_qubits
    row = table[full].iloc[0]
    axes.errorbar(
        row["order"],
        row["value"] / row["local_bound"],
        yerr=np.clip([[row["value"] - row["low"]], [row["high"] - row["value"]]], 0, None)
        / row["local_bound"],
        fmt="o",
        color=EXACT,
        markeredgecolor="black",
        capsize=4,
        label="all qubits, E$_{N,0}$",
    )
    axes.axhline(1, color=LIMIT, linestyle="--", linewidth=1, label="local limit")
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_xticks(np.unique(order))
    axes.set_xlabel("order n")
    axes.set_ylabel("E / 2$^{-n}$")
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff }}
h1 {{ font-size: 1.5rem; margin-bottom: 0 }}
h2 {{ font-size: 1.1rem; margin-top: 2rem }}
table {{ border-collapse: collapse; width: 100% }}
td, th {{ border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: right }}
td:first-child, th:first-child {{ text-align: left }}
svg {{ max-width: 100%; height: auto }}
p.how {{ color: #555 }}
</style></head><body>
<h1>{title}</h1>
<p class="how">{taken}</p>
<h2>Estimates, with {percent} intervals</h2>
<table><tr>{head}</tr>{rows}</table>
<p class="how">The bound of Eq. (24) never exceeds the quantum Fisher information. An asterisk
marks a degenerate interval, wider than it need be. Estimates are unbiased and can fall outside
the possible values; intervals cannot.</p>
{bound}
<h2>What the data certify</h2>
<table>{certified}</table>
<h2>Which orders carry the bound</h2>
{orders}
<h2>Correlators by order, relative to the local limit</h2>
<p class="how">Each dot is one correlator, the 60 largest of each order; above the dashed line no
model of local realism reaches. Many dots are read at once here: one or the other lies high by
chance. Only E<sub>N,0</sub> enters the certificate.</p>
{correlators}
{notes}
</body></html>
"""
