"""Exact curves of a scan, and measured points over them."""

from typing import TYPE_CHECKING

import pandas as pd

from qbell.plots.canvas import CYCLE, LIMIT, axes_of, columns_of, legend_above, reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def scan(
    table: pd.DataFrame,
    ax: "Axes | None" = None,
    *,
    x: str = "u",
    y: str = "qfi_per_n",
    measured: pd.DataFrame | None = None,
) -> "Axes":
    """A column of a scan against another, one line for each N; points with error bars over it.

    Args:
        table: as `qbell scan` writes it, with the columns n, ``x`` and ``y``.
        ax: to draw on; a new figure if None.
        x, y: columns.
        measured: columns n, ``x``, value, low, high: drawn in the colour of their N.

    Returns:
        The axes.

    Raises:
        QbellError: a table lacks a column or has no rows, or ``ax`` is no Axes.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"n": [4, 4], "u": [-1.0, 0.0], "qfi_per_n": [2.2, 1.0]})
    >>> len(scan(table).lines)
    1
    """
    table = columns_of(table, ("n", x, y), "scan")
    ax = axes_of(ax)
    colours = {}
    for place, (size, part) in enumerate(table.sort_values(x).groupby("n")):
        colours[size] = CYCLE[place % len(CYCLE)]
        ax.plot(part[x], part[y], color=colours[size], label=f"N = {size}")
    if measured is not None:
        points = columns_of(measured, ("n", x, "value", "low", "high"), "scan, measured")
        for size, part in points.groupby("n"):
            ax.errorbar(
                part[x],
                part["value"],
                yerr=reach(part["value"], part["low"], part["high"]),
                fmt="o",
                color=colours.get(size, LIMIT),
                mec="black",
                capsize=3,
                label=f"N = {size}, measured",
            )
    ax.set_xlabel({"u": "U"}.get(x, x))
    ax.set_ylabel({"qfi_per_n": "QFI / N", "qfi": "QFI"}.get(y, y))
    legend_above(ax)
    return ax


def e_n_against_u(
    table: pd.DataFrame, ax: "Axes | None" = None, *, measured: pd.DataFrame | None = None
) -> "Axes":
    """Q = log2(2^N E_{N,0}) against U, above 0 where local realism is excluded.

    Args:
        table: as `qbell scan` writes it, with the columns n, u and q.
        ax: to draw on; a new figure if None.
        measured: columns n, u, value, low, high of Q.

    Returns:
        The axes. A line at N - 2 says how far quantum mechanics reaches: E_{N,0} = 1/4.

    Raises:
        QbellError: see `scan`.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"n": [4, 4], "u": [-2.0, -1.0], "q": [1.5, 0.2]})
    >>> e_n_against_u(table).get_xlabel()
    'U'
    """
    ax = scan(table, ax, x="u", y="q", measured=measured)
    ax.axhline(0, color=LIMIT, linestyle="--", linewidth=1)
    for size in sorted(set(table["n"])):
        ax.axhline(size - 2, color=LIMIT, linewidth=0.6, linestyle=":")
    ax.set_ylabel("Q = log$_2$(2$^N$ E$_{N,0}$)")
    return ax
