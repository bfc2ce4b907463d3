"""The pictures of the report's page, each as SVG text. Matplotlib is loaded when one is drawn."""

import html
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.estimator import Result
from qbell.plots import (
    bootstrap,
    bound_by_order,
    correlators,
    depth_ladder,
    oscillation,
    readout_map,
    stars,
)
from qbell.plots.canvas import EXACT, LIMIT, MEASURED, NOISY, legend_above
from qbell.report.rows import bound_key, is_variational
from qbell.util.load_matplotlib import load_matplotlib

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PIXELS_PER_POINT = 1.65  # at most: letters of narrow pictures are no larger than others


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
        bars.append(("noise reference QFI", noise["qfi"], NOISY))
        bars = [bar for bar in bars if bar[1] is not None]
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
    return _svg(
        figure,
        f"Measured bound {summary['bound']['value']:.4g} beside exact values, N and N squared",
    )


def order_plot(summary: dict[str, Any]) -> str:
    """The bound as a sum over orders; empty if none was measured."""
    table = pd.DataFrame(summary["bound_by_order"])
    order = table["order"][(table["order"] > 0) & np.isfinite(table["value"])].to_numpy()
    if not len(order):
        return _svg(_figure((8, 0.2)), "No order of correlators was measured alone")
    exact, noise = summary["exact"], summary["noise"]
    figure = _figure((8, 3.6))
    axes = bound_by_order(
        table,
        figure.subplots(),
        exact=None if exact is None else exact["bound_by_order"],
        qfi=None if exact is None else exact["qfi"],
        num_qubits=summary["n"],
    )
    if is_variational(summary):
        parts = np.array(summary["circuit"]["bound_by_order"])[order]
        axes.plot(order, np.cumsum(parts), "o", color="white", mec="black", ms=6, label="circuit")
    if noise is not None and noise["bound_by_order_read"] is not None:
        parts = np.array(noise["bound_by_order_read"])[order]
        label = "noise reference, as read out"
        axes.plot(order, np.cumsum(parts), "s", color=NOISY, mec="black", ms=5, label=label)
    legend_above(axes)
    return _svg(figure, "The bound as a sum over orders of correlators")


def correlator_plot(result: Result) -> str:
    """The largest correlators of each order, relative to the local limit."""
    figure = _figure((8, 3.6))
    correlators(result, figure.subplots())
    return _svg(figure, "The largest correlators of each order over the local limit")


def ladder_plot(result: Result) -> str:
    """What each depth would need, and where E_N,0 lies; empty where that was not measured."""
    if result.e_n is None or not np.isfinite(result.e_n.standard_error):
        return ""
    figure = _figure((8, 1.9))
    depth_ladder(result, figure.subplots())
    return _svg(figure, "E of all qubits with its interval between the limits of each depth")


def bootstrap_plot(result: Result, summary: dict[str, Any]) -> str:
    """The bound's sampling distribution; empty where the shots give no error."""
    if not np.isfinite(summary["bound"]["standard_error"]):
        return ""
    figure = _figure((8, 2.4))
    exact = summary["exact"]
    key = bound_key(summary)
    bootstrap(result, figure.subplots(), exact=None if exact is None else exact.get(key))
    return _svg(figure, "Histogram of the bound over resampled data, with estimate and interval")


def device_plot(summary: dict[str, Any]) -> str:
    """The device's map, coloured by readout error; empty where no device is known."""
    found = summary["device_map"]
    if found is None:
        return ""
    qubits = (summary["device"] or {}).get("wires") or found["qubits"]
    figure = _figure((8, 4.2))
    readout_map({**found, "qubits": qubits}, figure.subplots())
    where = "" if not qubits else f"; the state is on qubits {', '.join(map(str, qubits))}"
    return _svg(figure, f"Qubits of {found['name']}, coloured by readout error{where}")


def oscillation_plot(result: Result) -> str:
    """Parity of all qubits against the common angle; empty where that was not measured."""
    if result.oscillation is None:
        return ""
    figure = _figure((8, 3.2))
    oscillation(result, figure.subplots())
    return _svg(figure, "Parity of all qubits against the common angle")


def star_plot(result: Result) -> str:
    """The stars on their device; empty for designs without stars."""
    if result.shots.stars is None:
        return ""
    figure = _figure((8, 5))
    stars(result, figure.subplots())
    return _svg(figure, "Stars on the device, each coloured by its visibility")


def _figure(size: tuple[float, float]) -> "Figure":
    load_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=size)


def _svg(figure: "Figure", alt: str) -> str:
    """The picture as SVG; ``alt`` is what a screen reader says of it."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "qbell"}):  # the same names inside on every run
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    picture = text[text.index("<svg") :]
    said = html.escape(alt)
    wide = float(picture.split('width="', 1)[1].split("pt", 1)[0])
    look = f'style="max-width: {PIXELS_PER_POINT * wide:.0f}px"'
    picture = picture.replace("<svg", f'<svg role="img" aria-label="{said}" {look}', 1)
    return f'<div class="picture" tabindex="0" role="group" aria-label="Picture">{picture}</div>'


def _reach(estimate: dict[str, Any]) -> NDArray[np.float64]:
    """Lengths (2, 1) of the error bar below and above a value."""
    value = estimate["value"]
    lengths = np.array([[value - estimate["low"]], [estimate["high"] - value]])
    return lengths.clip(0, None)
