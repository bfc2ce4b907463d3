"""The mean of values of bundles of shots that share nothing, with its interval."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.intervals.student import errors_in, skewness

Floats = NDArray[np.float64]

ALLOWANCE = 0.2  # of the variance, from which on an interval is flagged


def bundle_mean(
    values: Floats, confidence: float, provenance: str, *, unseen: float = 0.0
) -> Estimate:
    """Student's t with Hall's correction of skewness; the ends at 0 or above.

    Args:
        values: (bundles,) with the mean that is estimated, or pseudo-values of a jackknife.
        confidence: of the interval and of each limit.
        provenance: of the shots.
        unseen: variance of the mean to allow for beside the scatter: of outcomes that none showed.
    """
    count = len(values)
    value = float(np.mean(values))
    scatter = float(np.var(values, ddof=1)) / count
    error = math.sqrt(scatter + unseen)
    bend = skewness(np.full(count, 1 / count), values[:, None])

    def ends(level: float) -> tuple[float, float]:
        student = np.asarray(scipy.stats.t.isf(level, count - 1))
        below, above = errors_in(student, bend)
        low = max(0.0, value - error * float(below[0]))
        return low, max(low, value + error * float(above[0]))

    low, high = ends((1 - confidence) / 2)
    lower, upper = ends(1 - confidence)
    return Estimate(
        value=value,
        standard_error=error,
        low=low,
        high=high,
        confidence=confidence,
        degenerate=bool(unseen > ALLOWANCE * error**2 or error <= 1e-9 * abs(value)),
        lower_limit=lower,
        upper_limit=upper,
        provenance=provenance,
    )
