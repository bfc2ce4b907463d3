"""The QFI of several sizes over U, nested, shaded by how many qubits are Bell correlated.

Figures 1 and 2 of the paper, for any sizes. With few levels every one has its shade and a red
line where E_{N,0} crosses it; with many the shade runs with the fraction of the qubits.
"""

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter
from scipy.interpolate import PchipInterpolator

from qbell.figures.levels import (
    LN2,
    Curve,
    Floats,
    bell_qubits,
    crossing,
    level_log2,
    qfi,
    steep_points,
)
from qbell.figures.style import COLUMN, FAINT, RED, Drawing
from qbell.util.cluster import Cluster
from qbell.util.progress import Progress
from qbell.util.threads import one_blas_thread

FEW = 24  # up to this N every level is drawn
MARKED = (0.25, 0.5, 0.75, 0.9)  # fractions of the qubits with a red line, where levels are many
DARK, LIGHT = 0.22, 0.9  # greys
SHADES = round(255 * (LIGHT - DARK))  # of a graded scale: neighbours differ by one grey of a screen
BEND = 1.6  # of the greys over the fraction of the qubits
ROWS = 30  # names of curves that fit above one another
FLAT = 40  # N from which a linear height has no room for words below shot noise
CLOSE = 0.006  # of the width: red lines that would run into one another


@dataclass(frozen=True)
class Threshold:
    """Where E_{N,0} crosses a level: below ``u``, at least ``bell_qubits`` are Bell correlated."""

    bell_qubits: int
    u: float
    qfi: float


@dataclass(frozen=True)
class Shape:
    """A curve, the thresholds that are marked on it, and the edges of its shades.

    Attributes:
        curve: with the thresholds among its points.
        thresholds: with a red line, by descending U.
        edges: (bell_qubits, U), by descending U: left of U the shade of ``bell_qubits`` begins.
    """

    curve: Curve
    thresholds: list[Threshold]
    edges: list[tuple[float, float]]


def draw_nested(
    family: str,
    sizes: tuple[int, ...],
    span: tuple[float, float],
    points: int,
    progress: Progress | None = None,
    *,
    linear: bool = False,
    cluster: Cluster | None = None,
) -> Drawing:
    """The figure and its tables, for ``points`` values of U within ``span``.

    The height is logarithmic where the sizes differ by more than five times, unless ``linear``.
    Half of the points are at equal distances; the others go where the curve of that size is
    steep, near the transition.

    Columns of the main table: family, n, u, qfi, qfi_per_n, log_e_n (natural), bell_qubits (the
    paper's count). Of ``_thresholds``: family, n, level_log2, bell_qubits, u_star, qfi_per_n.

    Raises:
        QbellError: a value cannot be had at this size.
    """
    exact_levels = max(sizes) <= FEW
    total = points * len(sizes)
    if cluster is None:
        with one_blas_thread():  # as on a worker: last digits depend on how many there are
            curves = [_curve(family, n, span, points, total, progress) for n in sizes]
            shapes = [_shape(curve) for curve in curves]
    else:
        both = cluster.map(
            partial(_curve_and_shape, family, span, points),
            sizes,
            lambda _: None if progress is None else progress("points", points, total),
        )
        curves, shapes = [curve for curve, _ in both], [shape for _, shape in both]
    figure = Figure(figsize=(COLUMN, 3.0))
    axes = figure.add_axes((0.145, 0.125, 0.66, 0.845))
    _paint(axes, shapes, exact_levels, linear)
    _scale(figure.add_axes((0.835, 0.125, 0.035, 0.845)), max(sizes), exact_levels)
    return Drawing(figure, {"": _points(curves), "_thresholds": _thresholds(shapes)})


def _curve(
    family: str,
    n: int,
    span: tuple[float, float],
    points: int,
    total: int,
    progress: Progress | None,
) -> Curve:
    def step() -> None:
        if progress is not None:
            progress("points", 1, total)

    return steep_points(family, n, span, points, step)


def _curve_and_shape(
    family: str, span: tuple[float, float], points: int, n: int
) -> tuple[Curve, Shape]:
    curve = _curve(family, n, span, points, points, None)
    return curve, _shape(curve)


def _shape(curve: Curve) -> Shape:
    n = curve.num_qubits
    few = n <= FEW  # also among larger sizes, whose levels are too many
    marked = range(3, n + 1) if few else sorted({3, n, *_fractions(n)})
    thresholds = []
    for bell in marked if n > 2 else ():
        u = crossing(curve.family, n, curve.us, curve.log_e, level_log2(n, bell) * LN2)
        if u is not None:
            thresholds.append(Threshold(bell, u, qfi(curve.family, n, u)))
    us = np.concatenate([curve.us, [found.u for found in thresholds]])
    order = np.argsort(us, kind="stable")
    levels = [level_log2(n, found.bell_qubits) * LN2 for found in thresholds]
    whole = replace(
        curve,
        us=us[order],
        qfi=np.concatenate([curve.qfi, [found.qfi for found in thresholds]])[order],
        log_e=np.concatenate([curve.log_e, levels])[order],
    )
    if few:
        edges = [(float(found.bell_qubits), found.u) for found in thresholds]
        already = bell_qubits(n, float(curve.log_e[-1]))  # nonlocal up to the end of the range
        if already:
            edges.insert(0, (float(already), float(curve.us[-1])))
    else:
        edges = _graded(whole)
    return Shape(whole, thresholds, edges)


def _fractions(n: int) -> list[int]:
    return [math.ceil(fraction * n) for fraction in MARKED]


def _graded(curve: Curve) -> list[tuple[float, float]]:
    """Edges of the shades by interpolation: they are too many, and too close, to be seen."""
    n = curve.num_qubits
    kept = np.isfinite(curve.log_e)
    log_e, us = curve.log_e[kept][::-1], curve.us[kept][::-1]
    rising = np.concatenate([[True], np.diff(log_e) > 0])
    log_e, us = log_e[rising], us[rising]
    # Equal steps of grey, not of the count: unequal ones are seen as bands.
    bells = n * np.linspace((3 / n) ** BEND, 1, SHADES + 1) ** (1 / BEND)
    if len(us) < 2:
        return []
    inverse = PchipInterpolator(log_e, us)
    levels = -(n - bells + 3) * LN2
    inside = (levels > log_e[0]) & (levels < log_e[-1])
    edges = [
        (float(b), float(inverse(x))) for b, x in zip(bells[inside], levels[inside], strict=True)
    ]
    begins = bells[levels <= log_e[0]]
    if len(begins):  # nonlocal up to the right end of the range
        edges.insert(0, (float(begins[-1]), float(us[0])))
    return edges


def _paint(axes: Any, shapes: list[Shape], exact_levels: bool, linear: bool) -> None:
    largest = shapes[-1].curve.num_qubits
    start, stop = shapes[0].curve.us[[0, -1]]
    log_scale = not (linear or exact_levels) and largest > 5 * shapes[0].curve.num_qubits
    room = float(largest) ** 0.07 if log_scale else 1.06  # for words beyond the outer lines
    bottom = 1 / room if log_scale else 0.0
    below: Curve | None = None
    for shape in shapes:
        curve = shape.curve
        n = curve.num_qubits
        height = curve.qfi / n

        def lower(u: Floats, below: Curve | None = below) -> Floats:
            if below is None:
                return np.full(len(u), bottom)
            return np.interp(u, below.us, below.qfi / below.num_qubits)

        for (bell, right), left in _bands(shape, start):
            inside = (curve.us > left) & (curve.us < right)
            u = np.concatenate([[left], curve.us[inside], [right]])
            if below is not None:
                u = np.union1d(u, below.us[(below.us > left) & (below.us < right)])
            color = str(_grey(bell, n, largest, exact_levels))
            top = np.interp(u, curve.us, height)
            axes.fill_between(u, lower(u), np.maximum(top, lower(u)), color=color, linewidth=0)
        for found in _apart(shape.thresholds, CLOSE * (stop - start)):
            foot = float(lower(np.array([found.u]))[0])
            axes.plot([found.u] * 2, [foot, found.qfi / n], color=RED, linewidth=0.5, zorder=3)
        axes.plot(curve.us, height, color="black", linewidth=0.8, zorder=4)
        below = curve
    for n in [1, *(shape.curve.num_qubits for shape in shapes)]:
        axes.axhline(n, color=FAINT, linestyle=(0, (1, 2)), linewidth=0.6, zorder=2)
    if log_scale:
        axes.set_yscale("log")
        if largest < 5000:  # above, powers of ten are shorter
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    axes.set_xlim(start, stop)
    axes.set_ylim(bottom, largest * room)
    flat = not log_scale and largest > FLAT  # no room between shot noise and the axis
    _name_curves(axes, [shape.curve.num_qubits for shape in shapes], stop, flat)
    axes.set_xlabel("interaction $U$")
    axes.set_ylabel("$F_q / N$")


def _apart(thresholds: list[Threshold], distance: float) -> list[Threshold]:
    """Those that can be told apart: the first, where nonlocality begins, and every next one."""
    kept: list[Threshold] = []
    for found in sorted(thresholds, key=lambda threshold: -threshold.u):
        if not kept or kept[-1].u - found.u >= distance:
            kept.append(found)
    return kept


def _bands(shape: Shape, start: float) -> list[tuple[tuple[float, float], float]]:
    """Every edge with the U up to which its shade is painted, two edges on: no seams are left."""
    edges = shape.edges
    return [
        (edge, edges[k + 2][1] if k + 2 < len(edges) else start) for k, edge in enumerate(edges)
    ]


def _grey(bell: float, n: int, largest: int, exact_levels: bool) -> float:
    if exact_levels:
        # The power sets the first shades, which fill most of the plot, well apart.
        share = (n - bell) / max(1, largest - 3)
        return float(DARK + (LIGHT - DARK) * share**0.6)
    return float(LIGHT - (LIGHT - DARK) * (bell / n) ** BEND)


def _name_curves(axes: Any, sizes: list[int], stop: float, flat: bool) -> None:
    # Legible also on dark greys, and so thin that it covers no piece of the next line above.
    halo = [withStroke(linewidth=1.2, foreground="white")]
    style = {"textcoords": "offset points", "ha": "right", "fontsize": 6.5, "path_effects": halo}
    for n in sizes:
        name = f"Heisenberg limit, $N$ = {n}" if n == sizes[-1] else f"$N$ = {n}"
        axes.annotate(name, (stop, n), xytext=(-3, 1 if n < sizes[-1] else 2), **style)
    where = {"xytext": (-3, 0.5), "va": "bottom"} if flat else {"xytext": (-3, -1.5), "va": "top"}
    if not flat or sizes[0] > sizes[-1] / ROWS:
        axes.annotate("shot noise", (stop, 1), **where, **style)


def _scale(axes: Any, largest: int, exact_levels: bool) -> None:
    """The scale of greys beside the plot."""
    axes.yaxis.tick_right()
    axes.set_xticks([])
    axes.tick_params(length=0, labelsize=6.5)
    if exact_levels:
        missing = range(max(1, largest - 2))
        greys = [_grey(largest - m, largest, largest, True) for m in missing]
        axes.imshow(
            np.array(greys)[:, None], cmap="gray", vmin=0, vmax=1, aspect="auto", origin="upper"
        )
        labels = ["all $N$", *(f"$N-{m}$" for m in missing[1:])]
        axes.set_yticks(list(missing), labels)
        for m in missing[1:]:
            axes.axhline(m - 0.5, color=RED, linewidth=0.5)
        return
    fractions = np.linspace(0, 1, 256)
    greys = [_grey(fraction, 1, largest, False) for fraction in fractions]
    axes.imshow(
        np.array(greys)[:, None],
        cmap="gray",
        vmin=0,
        vmax=1,
        aspect="auto",
        origin="lower",
        extent=(0, 1, 0, 1),
    )
    axes.set_yticks([0, *MARKED, 1], ["0", *(f"{x:g}" for x in MARKED), "1"])
    for fraction in MARKED:
        axes.axhline(fraction, color=RED, linewidth=0.5)
    axes.yaxis.set_label_position("right")
    axes.set_ylabel("fraction of qubits Bell correlated", labelpad=2)


def _points(curves: list[Curve]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "family": curve.family,
                "n": curve.num_qubits,
                "u": curve.us,
                "qfi": curve.qfi,
                "qfi_per_n": curve.qfi / curve.num_qubits,
                "log_e_n": curve.log_e,
                "bell_qubits": [bell_qubits(curve.num_qubits, x) for x in curve.log_e],
            }
        )
        for curve in curves
    ]
    return pd.concat(parts, ignore_index=True)


def _thresholds(shapes: list[Shape]) -> pd.DataFrame:
    rows = [
        (
            shape.curve.family,
            shape.curve.num_qubits,
            level_log2(shape.curve.num_qubits, found.bell_qubits),
            found.bell_qubits,
            found.u,
            found.qfi / shape.curve.num_qubits,
        )
        for shape in shapes
        for found in shape.thresholds
    ]
    names = ["family", "n", "level_log2", "bell_qubits", "u_star", "qfi_per_n"]
    return pd.DataFrame(rows, columns=names)
