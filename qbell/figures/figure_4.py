"""Figure 4: which orders of correlators carry the bound of Eq. (24); the paper lacks it."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.figure import Figure

from qbell import exact
from qbell.figures.levels import Floats, steep_points
from qbell.figures.options import PANELS, check_points, parse_panels, parse_range
from qbell.figures.style import PAGE, Drawing
from qbell.states import named_state
from qbell.util.progress import Progress

SIZES = ("12", "100")
US = "-3:0"
GROUPS = 8  # at most so many shades


def figure(
    sizes: str | None, points: int, u: str | None, progress: Progress | None = None
) -> Drawing:
    """The bound of Eq. (24) over N, its orders n stacked, under QFI / N.

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
            progress("points", 1, 4 * count)

    for column, (family, (n,)) in enumerate(zip(PANELS, panels, strict=True)):
        curve = steep_points(family, n, span, count, step)
        us, heights = curve.us, curve.qfi
        orders, errors = np.empty((count, n + 1)), np.zeros(count)
        for k, x in enumerate(us.tolist()):
            found = exact.orders(named_state(family, n, {"u": x}))
            orders[k], errors[k] = found.values, found.error or 0.0
            step()
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
