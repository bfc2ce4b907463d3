"""The estimates of the bound that resampled data give."""

from typing import TYPE_CHECKING

import numpy as np

from qbell.errors import QbellError
from qbell.estimator import Result
from qbell.plots.canvas import EXACT, LIMIT, MEASURED, axes_of, legend_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BINS = 40


def bootstrap(result: Result, ax: "Axes | None" = None, *, exact: float | None = None) -> "Axes":
    """Histogram of the bound's sampling distribution, with estimate and interval.

    The draws are what estimates would scatter like if the truth were the estimate; the interval
    takes into account that the scatter depends on the truth.

    Args:
        result: a result.
        ax: to draw on; a new figure if None.
        exact: what the bound estimates, as a line.

    Returns:
        The axes.

    Raises:
        QbellError: no Result, or ``ax`` is no Axes.

    >>> import qbell
    >>> result = qbell.estimate(qbell.read_shots("experiments/data/ghz_n=3.csv"))
    >>> bootstrap(result, exact=9).get_xlabel()
    'bound'
    """
    if not isinstance(result, Result):
        raise QbellError(f"bootstrap: expected a Result, got {type(result).__name__}")
    ax = axes_of(ax, height=2.4)
    bound = result.bound
    draws = result.deviations.distribution().draws(bound.value)
    draws = draws[np.isfinite(draws)]
    if len(draws):
        bins = int(np.clip(np.sqrt(len(draws)), 5, MOST_BINS))
        ax.hist(draws, bins=bins, color=MEASURED, alpha=0.6, label=f"{len(draws)} resamples")
    if np.isfinite(bound.low) and np.isfinite(bound.high):
        percent = f"{100 * bound.confidence:g} %"
        ax.axvspan(bound.low, bound.high, color=LIMIT, alpha=0.12, label=f"{percent} interval")
    if np.isfinite(bound.value):
        ax.axvline(bound.value, color="black", linewidth=1.2, label="estimate")
    if exact is not None:
        ax.axvline(exact, color=EXACT, linestyle="--", linewidth=1.6, label="exact")
    ax.set_xlabel("bound")
    ax.set_ylabel("resamples")
    legend_above(ax)
    return ax
