"""Figure 4: which orders of correlators carry the bound of Eq. (24); the paper lacks it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.figure import Figure

from qbell import exact
from qbell.figures.levels import Floats, qfi, steep_points
from qbell.figures.options import PANELS, check_points, parse_panels, parse_range
from qbell.figures.style import PAGE, Drawing
from qbell.states import named_state
from qbell.util.progress import Progress

SIZES = ("12", "100")
US = "-3:0"
GROUPS = 8  # at most so many shades
STRAIGHT = 1e-3  # of the height: so far from a straight line the edge of a shade may be


def figure(
    sizes: str | None, points: int, u: str | None, progress: Progress | None = None
) -> Drawing:
    """The bound of Eq. (24) over N, its orders n stacked, under QFI / N.

    Beside the points that follow the QFI, up to as many more go where the edge of a shade is bent.
    The bound is B = 2 sum (n+ - n-)^2 2^-(N - n) E, n = n+ + n-. Columns: family, n, u, qfi,
    qfi_per_n, bound_per_n, error_per_n (upper limit of its error beyond rounding); of
    ``_by_order``: family, n, u, order, value (its part of B), group (the orders that share a
    colour).

    Raises:
        QbellError: see `qbell.figures.options`; or the bound cannot be had at this size.
    """
    panels = parse_panels("/".join(SIZES) if sizes is None else sizes, SIZES, most=1)
    span, count = parse_range(US if u is None else u), check_points(points)
    page = Figure(figsize=(PAGE, 2.9))
    curves, parts, notes = [], [], []

    def step() -> None:
        if progress is not None:
            progress("points", 1, 6 * count)

    for column, (family, (n,)) in enumerate(zip(PANELS, panels, strict=True)):
        curve = steep_points(family, n, span, count, step)
        found = _bent(_Points(family, n, curve.us, curve.qfi, step), count)
        us, heights, orders, errors = found.columns()
        axes = page.add_axes((0.06 + 0.5 * column, 0.135, 0.33, 0.79))
        _panel(axes, us, heights / n, orders / n)
        axes.set_title(
            f"({'ab'[column]}) {PANELS[family]}, $N$ = {n}", fontsize=7.5, loc="left", pad=4
        )
        curves.append(_curve(family, n, us, heights, orders, errors))
        parts.append(_orders(family, n, us, orders))
        if errors.any():
            notes.append(
                f"{PANELS[family]}, N = {n}: cut-offs change the bound by at most "
                f"{errors.max() / n:.2g} N; see error_per_n"
            )
    return Drawing(
        page,
        {
            "": pd.concat(curves, ignore_index=True),
            "_by_order": pd.concat(parts, ignore_index=True),
        },
        notes,
    )


class _Points:
    """Points of one panel with their orders, ascending in U.

    ``step`` is called once a point.
    """

    def __init__(
        self, family: str, n: int, us: Floats, qfis: Floats, step: Callable[[], None]
    ) -> None:
        self.family, self.n, self.step = family, n, step
        self.rows: list[tuple[float, float, Floats, float]] = []
        for u, value in zip(us.tolist(), qfis.tolist(), strict=True):
            self.add(len(self.rows), u, value)

    def add(self, place: int, u: float, value: float) -> None:
        found = exact.orders(named_state(self.family, self.n, {"u": u}))
        self.rows.insert(place, (u, value, found.values, found.error or 0.0))
        self.step()

    def columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        """U, the QFI, its bound by order, and the error of that."""
        us, qfis, orders, errors = (np.array(column) for column in zip(*self.rows, strict=True))
        return us, qfis, orders, errors


def _bent(points: _Points, most: int) -> _Points:
    """With up to ``most`` more, where the edge of a shade is farthest from a straight line.

    Between two points it is off by f'' h^2 / 8, with f'' from the neighbours.
    """
    taken = 0
    while taken < most:
        us, _, orders, _ = points.columns()
        edges = np.cumsum([orders[:, a : b + 1].sum(axis=1) for a, b in groups(points.n)], axis=0)
        if len(us) < 3 or edges.max() <= 0:
            break
        slopes = np.diff(edges, axis=1) / np.diff(us)
        bends = np.abs(np.diff(slopes, axis=1)).max(axis=0) / (us[2:] - us[:-2])
        off = np.maximum(np.append(bends, 0), np.insert(bends, 0, 0)) * np.diff(us) ** 2 / 4
        gap = int(np.argmax(off))
        if off[gap] < STRAIGHT * edges.max():
            break
        u = float(us[gap] + us[gap + 1]) / 2
        points.add(gap + 1, u, qfi(points.family, points.n, u))
        taken += 1
    for _ in range(most - taken):
        points.step()
    return points


def groups(n: int) -> list[tuple[int, int]]:
    """First and last order of each colour: orders 1 to n in at most 8 runs.

    >>> groups(4), groups(12)[-1]
    ([(1, 1), (2, 2), (3, 3), (4, 4)], (11, 12))
    """
    count = min(n, GROUPS) if n <= GROUPS else 6
    edges = np.linspace(0, n, count + 1).round().astype(int).tolist()
    return [(low + 1, high) for low, high in pairwise(edges)]


def _name(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def _panel(axes: Any, us: Floats, heights: Floats, orders: Floats) -> None:
    n = orders.shape[1] - 1
    found = groups(n)
    shades = colormaps["cividis"](np.linspace(0.05, 0.92, len(found)))
    areas = [orders[:, low : high + 1].sum(axis=1) for low, high in found]
    labels = [_name(low, high) for low, high in found]
    areas_drawn = axes.stackplot(us, *areas, colors=shades, linewidth=0.3, edgecolor="white")
    (line,) = axes.plot(us, heights, color="black")
    dots = axes.axhline(1, color="black", linestyle=(0, (1, 2)), linewidth=0.7)
    axes.set_xlim(us[0], us[-1])
    axes.set_ylim(0, 1.04 * max(1.5, heights.max()))
    axes.set_xlabel("interaction $U$", labelpad=1)
    axes.set_ylabel("$F_q/N$ and its bound", labelpad=2)
    lines = axes.legend([line, dots], ["$F_q/N$", "shot noise"], loc="upper right")
    axes.add_artist(lines)
    axes.legend(
        areas_drawn[::-1],
        labels[::-1],
        title="order $n$",
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        handlelength=1.4,
        title_fontsize=6.5,
    )


def _curve(
    family: str, n: int, us: Floats, heights: Floats, orders: Floats, errors: Floats
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "family": family,
            "n": n,
            "u": us,
            "qfi": heights,
            "qfi_per_n": heights / n,
            "bound_per_n": orders.sum(axis=1) / n,
            "error_per_n": errors / n,
        }
    )


def _orders(family: str, n: int, us: Floats, orders: Floats) -> pd.DataFrame:
    names = {order: _name(low, high) for low, high in groups(n) for order in range(low, high + 1)}
    rows = [
        (family, n, u, order, float(orders[k, order]), names[order])
        for k, u in enumerate(us.tolist())
        for order in range(1, n + 1)
    ]
    return pd.DataFrame(rows, columns=["family", "n", "u", "order", "value", "group"])
