"""The p-value against local realism that a campaign can expect, and the shots that one takes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.certificates import TestedCorrelator, local_realism
from qbell.certificates.p_values import hoeffding_p, ratio_p
from qbell.certificates.tested_correlator import UNITS
from qbell.conventions.labels import sums_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

MOST_TRIALS = 2**50
CLEAR = 2.0  # standard errors that the mean must be above the limit to say how many shots it takes


@dataclass(frozen=True)
class Refutation:
    """The law of x_i = Re(e^(i phase) prod_k x_k w_k), as pilots saw it.

    Attributes:
        values: (4,) different values of x.
        shares: (4,) how often each comes.
        limit: largest mean under local realism.
        reach: largest |x|.
        error: standard error of the mean in the pilots.
    """

    values: Floats
    shares: Floats
    limit: float
    reach: float
    error: float

    @property
    def mean(self) -> float:
        """Expected mean of x."""
        return float(self.values @ self.shares)

    @property
    def clear(self) -> bool:
        """True if the pilots show a mean above the local limit, beyond chance."""
        return self.mean - self.limit > CLEAR * self.error

    def hoeffding(self, trials: int) -> float:
        """P-value where the mean comes out as expected; about the median over data sets."""
        return hoeffding_p(self.mean, self.limit, trials, reach=self.reach)

    def ratio(self, trials: int) -> float:
        """The same of the test martingale, where every value comes as often as expected."""
        return ratio_p(self.values, trials * self.shares, self.limit, reach=self.reach)

    def trials_for(self, goal: float, p_value: Callable[[int], float]) -> int | None:
        """Fewest trials whose expected p-value is ``goal`` or below; None if the mean is no more
        than the local limit, as far as the pilots can tell."""
        if not self.clear:
            return None
        low, high = 0, 1
        while p_value(high) > goal:
            low, high = high, 2 * high
            if high > MOST_TRIALS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if p_value(middle) > goal else (low, middle)
        return high


def refutation(
    pilots: Sequence[Shots], direction: TestedCorrelator
) -> tuple[Refutation | None, str]:
    """The law of x from pilots, or None and the reason why the design allows no p-value."""
    test, reason = local_realism(pilots[0], direction)
    if test is None:
        return None, reason
    counts = np.zeros(4)
    for shots in pilots:
        turns = direction.quarter_turns(shots.directions, shots.bits)
        counts += sums_by(turns, shots.counts.astype(float), 4)
    values = (complex(math.cos(direction.phase), math.sin(direction.phase)) * UNITS).real
    shares = counts / counts.sum()
    variance = float(values**2 @ shares - (values @ shares) ** 2)
    return Refutation(
        values=values,
        shares=shares,
        limit=test.limit,
        reach=float(np.abs(values).max()),
        error=math.sqrt(max(variance, 0.0) / counts.sum()),
    ), ""
