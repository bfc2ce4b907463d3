"""Coverage of intervals, campaign by campaign."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qbell.plots.canvas import LIMIT, MEASURED, axes_of, columns_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def coverage(table: pd.DataFrame, ax: "Axes | None" = None, *, confidence: float = 0.95) -> "Axes":
    """Share of data sets whose interval holds the truth, one row a campaign.

    Args:
        table: columns name, coverage and repetitions; error bars are the binomial standard error.
        ax: to draw on; a new figure if None.
        confidence: what the intervals promise, as a line.

    Returns:
        The axes.

    Raises:
        QbellError: the table lacks a column or has no rows, or ``ax`` is no Axes.

    >>> import pandas as pd
    >>> table = pd.DataFrame({"name": ["GHZ"], "coverage": [0.953], "repetitions": [400]})
    >>> coverage(table).get_xlabel()
    'coverage'
    """
    table = columns_of(table, ("name", "coverage", "repetitions"), "coverage")
    ax = axes_of(ax, height=1.0 + 0.3 * len(table))
    share = table["coverage"].to_numpy(dtype=float)
    runs = table["repetitions"].to_numpy(dtype=float)
    # With none missed the standard error would be 0: one more miss and one more hit.
    smooth = (share * runs + 1) / (runs + 2)
    place = np.arange(len(table))
    errors = np.sqrt(smooth * (1 - smooth) / runs)
    ax.errorbar(share, place, xerr=errors, fmt="o", color=MEASURED, capsize=3)
    ax.axvline(confidence, color=LIMIT, linestyle="--", linewidth=1)
    ax.set_yticks(place, [str(name) for name in table["name"]])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlabel("coverage")
    return ax
