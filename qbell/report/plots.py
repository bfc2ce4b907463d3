"""The pictures of the report's page, each as SVG text. Matplotlib is loaded when one is drawn."""

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.estimator import Result
from qbell.report.rows import bound_key, is_variational
from qbell.util.load_matplotlib import load_matplotlib

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's colours: told apart by colour-blind readers, and in print by their lightness.
MEASURED, EXACT, NOISY, LIMIT = "#0072B2", "#E69F00", "#009E73", "#444444"
LARGEST_SHOWN = 60  # correlators of each order in the picture


def bound_plot(summary: dict[str, Any]) -> str:
    """The measured bound beside exact values, shot noise and the Heisenberg limit."""
    bound, exact, noise = summary["bound"], summary["exact"], summary["noise"]
    bars = [("measured bound", bound["value"], MEASURED)]
    if noise is not None:
        key = bound_key(summary)
        bars += [
            ("noise reference, as read out", noise[key.replace("bound", "bound_read")], NOISY),
            ("noise reference bound", noise[key], NOISY),
        ]
        if noise["qfi"] is not None:
            bars.append(("noise reference QFI", noise["qfi"], NOISY))
    if exact is not None:
        bars += [
            (f"exact {name}", exact[key], EXACT)
            for name, key in (("bound", bound_key(summary)), ("QFI", "qfi"))
        ]
    if summary["f0"] is not None:
        bars.insert(1, ("measured F0", summary["f0"]["value"], MEASURED))
    figure = _figure((8, 0.9 + 0.5 * len(bars)))
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
    return _svg(figure)


def order_plot(summary: dict[str, Any]) -> str:
    """What the correlators of each order add to the bound; empty if none was measured."""
    exact = summary["exact"]  # order 0 has no weight; orders without a number were not measured
    orders = [row for row in summary["bound_by_order"][1:] if np.isfinite(row["value"])]
    if not orders:
        return _svg(_figure((8, 0.2)))
    figure = _figure((8, 3.2))
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
    if is_variational(summary):
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
    return _svg(figure)


def correlator_plot(result: Result) -> str:
    """The largest correlators of each order, relative to the local limit."""
    table = result.correlators
    all_qubits = table["n_plus"] == result.shots.num_qubits
    # E_(-s) = E_s: one of the two is enough.
    table = table[(table["n_plus"] >= table["n_minus"]) & (table["order"] > 0) & ~all_qubits]
    figure = _figure((8, 3.6))
    axes = figure.subplots()
    ratio = (table["value"] / table["local_bound"]).to_numpy()
    order = table["order"].to_numpy()
    # Thousands of dots in an SVG are slow to draw: the largest of each order tell the story.
    # A design may measure no others than that of all qubits.
    largest = [
        np.flatnonzero(order == n)[np.argsort(-ratio[order == n])[:LARGEST_SHOWN]]
        for n in np.unique(order)
    ]
    shown = np.concatenate([np.array([], dtype=np.int64), *largest])
    place = order + np.random.default_rng(0).uniform(-0.3, 0.3, len(order))
    if len(shown):
        axes.plot(place[shown], ratio[shown], ".", color=MEASURED, ms=5, label="one correlator")
    highest = float(ratio.max(initial=0.0))
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
    axes.set_ylim(min(-0.02, ratio[shown].min(initial=0.0) * 1.3), 2 * max(1, highest))
    orders = np.unique(result.correlators["order"])
    axes.set_xticks(orders[orders > 0])
    axes.set_xlabel("order n")
    axes.set_ylabel("E / 2$^{-n}$")
    _legend_above(axes)
    return _svg(figure)


def oscillation_plot(result: Result) -> str:
    """Parity of all qubits against the common angle; empty where that was not measured."""
    curve = result.oscillation
    if curve is None:
        return ""
    figure = _figure((8, 3.2))
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
    return _svg(figure)


def _figure(size: tuple[float, float]) -> "Figure":
    load_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=size)


def _svg(figure: "Figure") -> str:
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "qbell"}):  # the same names inside on every run
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _reach(estimate: dict[str, Any]) -> NDArray[np.float64]:
    """Lengths (2, 1) of the error bar below and above a value."""
    value = estimate["value"]
    lengths = np.array([[value - estimate["low"]], [estimate["high"] - value]])
    return lengths.clip(0, None)


def _legend_above(axes: Any) -> None:
    axes.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    axes.spines[["top", "right"]].set_visible(False)
