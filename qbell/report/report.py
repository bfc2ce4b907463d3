"""The report: a table for the terminal, and one self-contained page with pictures."""

import html
import io
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from numpy.typing import NDArray
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.estimator import Result
from qbell.report.device import device_table, noise_said, p_text

# Okabe and Ito's colours: told apart by colour-blind readers, and in print by their lightness.
MEASURED, EXACT, NOISY, LIMIT = "#0072B2", "#E69F00", "#009E73", "#444444"
SHOWN = 60  # correlators of each order in the picture

Row = tuple[str, str, str, str]  # quantity, measured, interval, exact


def terminal_table(summary: dict[str, Any]) -> Group:
    """The summary as a table for a terminal."""
    percent = f"{100 * summary['bound']['confidence']:g} %"
    table = Table(
        title=_title(summary),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("quantity", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column(f"{percent} interval", justify="right", no_wrap=True)
    known = summary["exact"] is not None or summary["noise"] is not None
    if known:
        table.add_column("exact", justify="right", no_wrap=True)
    for row in _rows(summary):
        table.add_row(*(row if known else row[:3]))
    certified = Table.grid(padding=(0, 2))
    for name, value in _certified(summary):
        certified.add_row(name, value)
    lines = [Text(f"note: {note}", style="dim") for note in summary["notes"]]
    return Group(table, certified, *lines)


def html_page(result: Result, summary: dict[str, Any]) -> str:
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
        noise=noise_said(summary),
        device=device_table(summary),
        notes=f"<h2>Notes</h2><ul>{notes}</ul>" if notes else "",
        percent=percent,
        bound=_svg(_bound_figure(summary)),
        orders=_svg(_order_figure(summary)),
        correlators=_svg(_correlator_figure(result)),
        oscillation=_oscillation(result),
        says=html.escape(summary["claim_says"]),
        above="these data are of that kind"
        if summary["claim"] == "bell"
        else "these data are not of that kind, and no Bell claim is made above it",
        taken=html.escape(_taken(summary)),
        shown=SHOWN,
    )


def _title(summary: dict[str, Any]) -> str:
    family = summary["family"] or "counts"
    u = "" if summary["u"] is None else f", U = {summary['u']:g}"
    counts = "raw shots" if summary["provenance"] == "raw" else summary["provenance"]
    return f"{family}, N = {summary['n']}{u}, {counts}"


def _taken(summary: dict[str, Any]) -> str:
    unit = "setting" if summary["draws"] is None else "draw"
    parts = [
        f"{summary['design']} design",
        f"{summary['settings']} settings",
        "" if summary["order"] is None else f"order {summary['order']}",
        "" if summary["draws"] is None else f"{summary['draws']} draws",
        "" if summary["shots"] is None else f"{summary['shots']} shots a {unit}",
        f"{summary['total_shots']} shots in all",
        f"axis {summary['axis']}",
        f"backend {summary['backend'] or 'not recorded'}",
        f"seed {'not recorded' if summary['seed'] is None else summary['seed']}",
        f"{summary['provenance']} counts",
    ]
    return ", ".join(part for part in parts if part)


def _rows(summary: dict[str, Any]) -> list[Row]:
    exact, noise, bound, e_n = (summary[key] for key in ("exact", "noise", "bound", "e_n"))
    key = _bound_key(summary)
    rows = [(_bound_name(summary), *_measured(bound), _exact(exact, key))]
    rows += _beside(summary, key)
    if summary["f0"] is not None:
        rows.append(("F0, Eq. 12", *_measured(summary["f0"]), _exact(exact, "f0")))
        rows += _of_noise(summary, "f0")
    rows.append((f"E_N,0, local 2^-{summary['n']}", *_measured(e_n), _exact(exact, "e_n")))
    rows += _beside(summary, "e_n")
    if summary["q"] is not None:
        rows.append(("Q = log2(2^N E_N,0)", *_measured_q(summary["q"]), ""))
    if exact is not None or noise is not None:
        rows.append(("QFI", "", "", _exact(exact, "qfi")))
        rows += _beside(summary, "qfi")
    rows.append((f"shot noise, N = {summary['shot_noise']}", "", "", ""))
    rows.append((f"Heisenberg, N^2 = {summary['heisenberg']}", "", "", ""))
    return rows


def _beside(summary: dict[str, Any], key: str) -> list[Row]:
    """What else is known of a quantity: of a circuit that prepares another state, and of noise."""
    rows = _of_noise(summary, key)
    if _is_variational(summary):
        circuit = summary["circuit"]
        rows.insert(0, (f"– circuit, F = {circuit['fidelity']:.4f}", "", "", _exact(circuit, key)))
    return rows


def _of_noise(summary: dict[str, Any], key: str) -> list[Row]:
    """The noise reference: what the shots estimate, and the value of the noisy state."""
    noise = summary["noise"]
    if noise is None:
        return []
    read = noise.get(key.replace("bound", "bound_read") if "bound" in key else f"{key}_read")
    measured = key != "e_n" or summary["e_n"] is not None
    seen = "" if read is None or not measured else f"{read:.4g} as read out"
    value = "not computed" if noise[key] is None else _exact(noise, key)
    return [("– noise reference", seen, "", value)]


def _bound_name(summary: dict[str, Any]) -> str:
    """What the measured bound is: all of Eq. (24), or a lower part of it."""
    if summary["design"] == "covering" and summary["order"] < summary["n"]:
        return f"QFI bound, Eq. 24 to order {summary['order']}"
    if summary["design"] == "equatorial":
        return "QFI bound, below Eq. 24"
    return "QFI bound, Eq. 24"


def _bound_key(summary: dict[str, Any]) -> str:
    return "bound_to_order" if summary["design"] == "covering" else "bound"


def _measured_q(q: dict[str, Any]) -> tuple[str, str]:
    """Q with its interval; where E_N,0 is not above 0, Q has no value."""
    low, high = (f"{q[end]:.3f}" if np.isfinite(q[end]) else "–" for end in ("low", "high"))
    value = f"{q['value']:.3f}" if np.isfinite(q["value"]) else "–"
    return value, f"[{low}, {high}]"


def _is_variational(summary: dict[str, Any]) -> bool:
    """True if the circuit prepares another state than the one aimed at."""
    return summary["circuit"] is not None and summary["circuit"]["fidelity"] < 1 - 1e-9


def _measured(estimate: dict[str, Any] | None) -> tuple[str, str]:
    if estimate is None:
        return "not measured", ""
    if not np.isfinite(estimate["standard_error"]):
        return "nothing seen", ""
    error = estimate["standard_error"]
    digits = int(np.clip(1 - np.floor(np.log10(error)) if error > 0 else 6, 0, 8))
    mark = " *" if estimate["degenerate"] else ""
    return (
        f"{estimate['value']:.{digits}f} ± {error:.{digits}f}{mark}",
        f"[{estimate['low']:.{digits}f}, {estimate['high']:.{digits}f}]",
    )


def _exact(exact: dict[str, Any] | None, key: str) -> str:
    return (
        ""
        if exact is None
        else f"{exact[key]:.4g}"
        if abs(exact[key]) < 0.001
        else f"{exact[key]:.5g}"
    )


def _certified(summary: dict[str, Any]) -> list[tuple[str, str]]:
    certificate = summary["certificate"]
    percent = f"at {100 * certificate['confidence']:g} %"
    p = certificate["p_value"]
    none = "none certified"
    bell, size = certificate["bell_qubits"], summary["n"]
    kinds = certificate["claims"]
    significance = summary["significance"]
    rows = [
        (
            "Bell-correlated qubits (paper's count)",
            f"{bell} of {size} {percent}{_kind(kinds, 'bell_qubits')}" if bell else none,
        ),
        *(
            (name, _depth(certificate[key], percent) + _kind(kinds, key, certificate[key] > 1))
            for name, key in (
                ("genuine nonlocality depth", "nonlocality_depth"),
                ("  against no-signalling groups", "no_signalling_depth"),
                ("entanglement depth", "entanglement_depth"),
            )
        ),
        (
            "p-value under local realism",
            "not available"
            if p is None
            else f"{p_text(p)} (Hoeffding), {p_text(certificate['p_value_ratio'])} (ratio)",
        ),
        ("p-value of no signalling", p_text(certificate["no_signalling_p"])),
    ]
    for name, value in (
        ("p-value of uniform settings", certificate["settings_p"]),
        ("p-value of exchange symmetry", summary["symmetry_p"]),
        ("p-value of no drift between jobs", summary["drift_p"]),
        ("p-value of no drift, reference jobs", (summary["device"] or {}).get("reference_drift_p")),
    ):
        if value is not None:
            rows.append((name, p_text(value)))
    if certificate["learned"] or set(certificate["label"]) != {"+"}:
        how = "learnt on held-out shots" if certificate["learned"] else "fixed beforehand"
        rows.append(
            (
                "tested correlator, phase",
                f"{certificate['label']}, {certificate['phase']:.3f} ({how})",
            )
        )
    rows.append(
        (
            "correlators above 0, above 2^-n",
            f"{significance['above_zero']}, {significance['above_local']} of "
            f"{significance['tests']}, all at once {percent}",
        )
    )
    return rows


def _kind(kinds: dict[str, str], key: str, shown: bool = True) -> str:
    """What kind of claim a number is: (Bell) or (witness), and whether counts were corrected."""
    if not shown:
        return ""
    name = {"bell": "Bell", "witness": "witness"}[kinds[key]]
    raw = kinds["provenance"] == "raw"
    return f" ({name})" if raw else f" ({name}, {kinds['provenance']})"


def _depth(depth: int, percent: str) -> str:
    return f"{depth} {percent}" if depth > 1 else "none certified"


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "qbell"}):  # the same names inside on every run
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _bound_figure(summary: dict[str, Any]) -> Figure:
    bound, exact, noise = summary["bound"], summary["exact"], summary["noise"]
    bars = [("measured bound", bound["value"], MEASURED)]
    if noise is not None:
        key = _bound_key(summary)
        bars += [
            ("noise reference, as read out", noise[key.replace("bound", "bound_read")], NOISY),
            ("noise reference bound", noise[key], NOISY),
        ]
        if noise["qfi"] is not None:
            bars.append(("noise reference QFI", noise["qfi"], NOISY))
    if exact is not None:
        bars += [
            (f"exact {name}", exact[key], EXACT)
            for name, key in (("bound", _bound_key(summary)), ("QFI", "qfi"))
        ]
    if summary["f0"] is not None:
        bars.insert(1, ("measured F0", summary["f0"]["value"], MEASURED))
    figure = Figure(figsize=(8, 0.9 + 0.5 * len(bars)))
    axes = figure.subplots()
    places = np.arange(len(bars))
    axes.barh(places, [max(bar[1], 0) for bar in bars], color=[bar[2] for bar in bars], height=0.6)
    for place, estimate in enumerate(filter(None, (bound, summary["f0"]))):
        axes.errorbar(
            estimate["value"],
            place,
            xerr=_reach(estimate),
            color="black",
            capsize=4,
            elinewidth=1.5,
        )
    axes.set_yticks(places, [bar[0] for bar in bars])
    axes.invert_yaxis()
    highest = max(part["high"] for part in (bound, summary["f0"]) if part is not None)
    axes.set_xlim(0, 1.08 * max(summary["heisenberg"], highest))
    for value, name in (("shot_noise", "shot noise, N"), ("heisenberg", "Heisenberg, N²")):
        axes.axvline(summary[value], color=LIMIT, linestyle="--", linewidth=1)
        axes.annotate(
            f"{name} = {summary[value]}",
            (summary[value], 1.02),
            xycoords=("data", "axes fraction"),
            ha="center",
        )
    axes.set_xlabel("quantum Fisher information")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _order_figure(summary: dict[str, Any]) -> Figure:
    exact = summary["exact"]  # order 0 has no weight; orders without a number were not measured
    orders = [row for row in summary["bound_by_order"][1:] if np.isfinite(row["value"])]
    if not orders:
        return Figure(figsize=(8, 0.2))
    figure = Figure(figsize=(8, 3.2))
    axes = figure.subplots()
    n = [row["order"] for row in orders]
    axes.bar(n, [row["value"] for row in orders], color=MEASURED, label="measured")
    axes.errorbar(
        n,
        [row["value"] for row in orders],
        yerr=np.concatenate([_reach(row) for row in orders], axis=1),
        fmt="none",
        ecolor="black",
        capsize=3,
    )
    if exact is not None:
        parts = [exact["bound_by_order"][order] for order in n]
        axes.plot(n, parts, "D", color=EXACT, mec="black", ms=6, label="exact")
    if _is_variational(summary):
        parts = [summary["circuit"]["bound_by_order"][order] for order in n]
        axes.plot(n, parts, "o", color="white", mec="black", ms=6, label="exact, circuit")
    if summary["noise"] is not None:
        parts = [summary["noise"]["bound_by_order_read"][order] for order in n]
        label = "noise reference, as read out"
        axes.plot(n, parts, "s", color=NOISY, mec="black", ms=5, label=label)
    axes.axhline(0, color=LIMIT, linewidth=0.8)
    axes.set_xticks(n)
    axes.set_xlabel("order n: how many qubits the correlators join")
    axes.set_ylabel("part of the bound")
    _legend_above(axes)
    return figure


def _correlator_figure(result: Result) -> Figure:
    table = result.correlators
    all_qubits = table["n_plus"] == result.shots.num_qubits
    # E_(-s) = E_s: one of the two is enough.
    table = table[(table["n_plus"] >= table["n_minus"]) & (table["order"] > 0) & ~all_qubits]
    figure = Figure(figsize=(8, 3.6))
    axes = figure.subplots()
    ratio = (table["value"] / table["local_bound"]).to_numpy()
    order = table["order"].to_numpy()
    # Thousands of dots in an SVG are slow to draw: the largest of each order tell the story.
    shown = np.concatenate(
        [
            np.flatnonzero(order == n)[np.argsort(-ratio[order == n])[:SHOWN]]
            for n in np.unique(order)
        ]
    )
    place = order + np.random.default_rng(0).uniform(-0.3, 0.3, len(order))
    axes.plot(place[shown], ratio[shown], ".", color=MEASURED, ms=5, label="one correlator")
    highest = float(ratio.max())
    if all_qubits.any():
        row = result.correlators[all_qubits].iloc[0]
        full = {name: row[name] / row["local_bound"] for name in ("value", "low", "high")}
        highest = max(highest, full["high"])
        axes.errorbar(
            row["order"],
            full["value"],
            yerr=_reach(full),
            fmt="D",
            color=EXACT,
            mec="black",
            ecolor="black",
            capsize=4,
            label="all qubits, E$_{N,0}$",
        )
    axes.axhline(1, color=LIMIT, linestyle="--", linewidth=1, label="local limit")
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_ylim(min(-0.02, ratio[shown].min() * 1.3), 2 * max(1, highest))
    orders = np.unique(result.correlators["order"])
    axes.set_xticks(orders[orders > 0])
    axes.set_xlabel("order n")
    axes.set_ylabel("E / 2$^{-n}$")
    _legend_above(axes)
    return figure


def _oscillation(result: Result) -> str:
    """Parity of all qubits against the common angle, where that was measured."""
    curve = result.oscillation
    if curve is None:
        return ""
    figure = Figure(figsize=(8, 3.2))
    axes = figure.subplots()
    reach = np.stack([curve["parity"] - curve["low"], curve["high"] - curve["parity"]]).clip(0)
    axes.errorbar(
        curve["angle"] / np.pi,
        curve["parity"],
        yerr=reach,
        fmt="o",
        color=MEASURED,
        ecolor="black",
        capsize=3,
        label="measured",
    )
    # N + 1 angles fix every Fourier component: the curve between them is what they say.
    size = result.shots.num_qubits
    charges = np.arange(-size, size + 1, 2)
    phases = np.exp(1j * np.outer(charges, curve["angle"]))
    parts = phases @ curve["parity"].to_numpy() / (size + 1)
    angles = np.linspace(0, np.pi, 400)
    values = (np.exp(-1j * np.outer(angles, charges)) @ parts).real
    axes.plot(angles / np.pi, values, color=EXACT, zorder=0, label="its Fourier components")
    axes.axhline(0, color=LIMIT, linewidth=0.8)
    axes.set_xlabel("angle of all qubits from σ$_1$ to σ$_2$, in units of π")
    axes.set_ylabel("parity of all qubits")
    _legend_above(axes)
    return "<h2>Parity oscillation</h2>" + _svg(figure)


def _reach(estimate: dict[str, Any]) -> NDArray[np.float64]:
    """Lengths (2, 1) of the error bar below and above a value."""
    value = estimate["value"]
    lengths = np.array([[value - estimate["low"]], [estimate["high"] - value]])
    return lengths.clip(0, None)


def _legend_above(axes: Any) -> None:
    axes.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    axes.spines[["top", "right"]].set_visible(False)


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
svg {{ width: 100%; height: auto; margin-top: 1rem }}
p.how {{ color: #555 }}
</style></head><body>
<h1>{title}</h1>
<p class="how">{taken}. {says}</p>
<h2>Estimates, with {percent} intervals</h2>
<table><tr>{head}</tr>{rows}</table>
<p class="how">The bound of Eq. (24) never exceeds the quantum Fisher information. An asterisk
marks a degenerate interval, wider than it need be. Estimates are unbiased, so they can come out
below 0 where the truth is close to it; intervals begin at 0.</p>
{noise}{bound}
<h2>What the data certify</h2>
<table>{certified}</table>
<h2>Which orders carry the bound</h2>
{orders}
<h2>Correlators by order, relative to the local limit</h2>
<p class="how">Each dot is one correlator, the {shown} largest of each order. The dashed line, 2^-n,
is what local realism allows where two settings a qubit are chosen freely; {above}. Many dots are
read at once here: one or the other lies high by chance. How many stand out with all read at once is
in the table above; only E<sub>N,0</sub> enters the certificate.</p>
{correlators}
{oscillation}
{device}{notes}
</body></html>
"""
