"""What all plots share: axes, colours, and the style."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.util.load_matplotlib import load_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours: told apart by colour-blind readers, and in print by their lightness.
MEASURED, EXACT, NOISY, LIMIT = "#0072B2", "#E69F00", "#009E73", "#444444"
CYCLE = (MEASURED, "#D55E00", NOISY, "#CC79A7", EXACT, "#56B4E9", "#000000")

STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "errorbar.capsize": 3,
    "figure.figsize": (6.4, 3.6),
    "figure.constrained_layout.use": True,
    "savefig.dpi": 200,
}
"""The house style, for ``plt.style.use``."""


def axes_of(ax: "Axes | None", *, height: float | None = None) -> "Axes":
    """The axes to draw on: ``ax``, or those of a new figure in the house style.

    ``height`` of that figure in inches, where it is not the usual one.

    Raises:
        QbellError: ``ax`` is no Axes.
    """
    load_matplotlib()
    from matplotlib.axes import Axes

    if ax is None:
        from matplotlib import pyplot, rc_context

        with rc_context(STYLE):
            width, usual = STYLE["figure.figsize"]
            ax = pyplot.subplots(figsize=(width, height or usual))[1]
    if not isinstance(ax, Axes):
        raise QbellError(f"ax: expected Matplotlib axes, got {type(ax).__name__}; plt.subplots()")
    return ax


def legend_above(ax: "Axes") -> None:
    """A legend in one line above the axes, where nothing is drawn."""
    ax.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1))
    ax.spines[["top", "right"]].set_visible(False)


def columns_of(table: Any, names: tuple[str, ...], what: str) -> pd.DataFrame:
    """The table, if it has these columns and a row.

    Raises:
        QbellError: it is no table, has no rows, or lacks some of the columns.
    """
    if not isinstance(table, pd.DataFrame):
        raise QbellError(f"{what}: expected a pandas DataFrame, got {type(table).__name__}")
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise QbellError(
            f"{what}: the table lacks the column {', '.join(missing)}; it has "
            f"{', '.join(map(str, table.columns))}"
        )
    if table.empty:
        raise QbellError(f"{what}: the table has no rows; nothing can be drawn")
    return table


def reach(value: Any, low: Any, high: Any) -> NDArray[np.float64]:
    """Lengths (2, points) of the error bars below and above the values, never negative."""
    values = np.atleast_1d(np.asarray(value, dtype=float))
    ends = [values - np.atleast_1d(low), np.atleast_1d(high) - values]
    lengths: NDArray[np.float64] = np.clip(np.array(ends, dtype=float), 0, None)
    return lengths
