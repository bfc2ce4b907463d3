"""Means of few numbers that may be skewed: Student's t, bent by the third moment.

The numbers are values of jobs. Drift skews them: the cosine of a phase that wanders falls below its
mean further than it rises above, a job that failed lies far below all others. Then the mean is high
where the standard error is low, and limits from Student's t are wrong too often on the long side.
With a = (third cumulant of the mean) / (its variance)^(3/2),

    g(T) = T + a T^2 / 3 + a^2 T^3 / 27 + a / 6,    T = (mean - truth) / standard error,

has no skewness left at the first order in 1 / sqrt(J): P. Hall, J. R. Stat. Soc. B 54, 221 (1992).
It grows with T and is solved for it in closed form.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def widening(blocks: int, level: float) -> float:
    """Quantile of Student's t over that of the normal distribution, at a one-sided level."""
    return float(scipy.stats.t.isf(level, blocks - 1) / scipy.stats.norm.isf(level))


def skewness(shares: Floats, values: Floats) -> Floats:
    """(F,) a, of means with ``shares`` of (J, F) ``values``; of equal shares gamma / sqrt(J)."""
    count = len(shares)
    away = shares[:, None] * (values - shares @ values)
    spread = np.sqrt((away**2).sum(axis=0))
    third = (away**3).sum(axis=0)
    ratio = np.divide(third, spread**3, out=np.zeros_like(third), where=spread > 0)
    found: Floats = ratio * np.sqrt(count * (count - 1)) / (count - 2)
    return found


def errors_in(student: Floats, bend: Floats) -> tuple[Floats, Floats]:
    """How many standard errors the lower and the upper limit lie from the mean.

    Args:
        student: quantile of Student's t, above 0.
        bend: a.

    Returns:
        Neither is ever less than ``student``: on its short side a skewed distribution would allow
        it, but how skewed it is few values do not say well.
    """
    # a = 0 is the limit of the formula; this near to it Hall's T is t to rounding.
    a = np.where(np.abs(bend) < 1e-6, 1e-6, bend)
    low = 3 / a * (np.cbrt(1 + a * (student - a / 6)) - 1)
    high = -3 / a * (np.cbrt(1 + a * (-student - a / 6)) - 1)
    return np.maximum(low, student), np.maximum(high, student)


@dataclass(frozen=True)
class Student:
    """How far ends of intervals lie from means of a few blocks.

    Attributes:
        blocks: how many.
        bend: (F,) a of each mean.
        widened: factor that the standard deviations carry already.
    """

    blocks: int
    bend: Floats
    widened: float

    def factors(
        self, level: float, rows: NDArray[np.int64] | slice
    ) -> tuple[Floats, Floats, float]:
        """Further factors on standard deviations, for limits at a one-sided ``level``.

        Returns:
            For lower and for upper limits, of ``rows``; and where nothing is bent.
        """
        normal = float(scipy.stats.norm.isf(level))
        quantile = np.asarray(scipy.stats.t.isf(level, self.blocks - 1))
        low, high = errors_in(quantile, self.bend[rows])
        scale = normal * self.widened
        return low / scale, high / scale, float(quantile) / scale

    def bent(self, unit: Floats, place: int) -> Floats:
        """Normal deviations, as deviations whose turned quantiles give the limits of a mean."""
        tail = scipy.stats.norm.sf(np.abs(unit))
        low, high = errors_in(scipy.stats.t.isf(tail, self.blocks - 1), self.bend[place])
        found: Floats = np.where(unit < 0, -low, high) / self.widened
        return found
