"""Campaigns side by side."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qbell.plots.canvas import EXACT, LIMIT, MEASURED, axes_of, columns_of, legend_above, reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def comparison(table: pd.DataFrame, ax: "Axes | None" = None) -> "Axes":
    """The bound of each campaign with its interval, and what is exactly known, over N^2.

    Args:
        table: as `qbell compare` writes it: campaign, n, bound, bound_low, bound_high, exact_qfi.
        ax: to draw on; a new figure if None.

    Returns:
        The axes: one row a campaign, in units of the Heisenberg limit N^2.

    Raises:
        QbellError: the table lacks a column or has no rows, or ``ax`` is no Axes.

    >>> import pandas as pd
    >>> row = {"campaign": "a", "n": 4, "bound": 14.0, "bound_low": 13.5, "bound_high": 14.5}
    >>> comparison(pd.DataFrame([row | {"exact_qfi": 16.0}])).get_xlabel()
    'quantum Fisher information / N²'
    """
    names = ("campaign", "n", "bound", "bound_low", "bound_high", "exact_qfi")
    table = columns_of(table, names, "comparison")
    ax = axes_of(ax, height=1.3 + 0.4 * len(table))
    unit = table["n"].to_numpy(dtype=float) ** 2
    place = np.arange(len(table))
    value, low, high = (
        table[name].to_numpy(dtype=float) / unit for name in ("bound", "bound_low", "bound_high")
    )
    ax.errorbar(
        value,
        place,
        xerr=reach(value, low, high),
        fmt="o",
        color=MEASURED,
        capsize=4,
        label="bound",
    )
    known = pd.to_numeric(table["exact_qfi"], errors="coerce").to_numpy(dtype=float) / unit
    if np.isfinite(known).any():
        ax.plot(known, place, "D", color=EXACT, mec="black", ms=5, label="exact QFI")
    shot_noise = 1 / table["n"].to_numpy(dtype=float)
    ax.plot(shot_noise, place, "|", color=LIMIT, ms=14, label="shot noise, 1/N")
    ax.axvline(1, color=LIMIT, linestyle="--", linewidth=1)
    # A $ in the name of a folder is no formula.
    ax.set_yticks(place, [str(name) for name in table["campaign"]], parse_math=False)
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(left=0)
    ax.set_xlabel("quantum Fisher information / N²")
    legend_above(ax)
    return ax
