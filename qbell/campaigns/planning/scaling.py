"""How the error of an estimate shrinks with the number of units it is made of.

An unbiased estimate of a sum of squares deviates from the truth by a part linear in the data and a
quadratic one, uncorrelated. With m independent units (draws, or shots of each setting) their
variances are L m0/m and Q (m0/m)^2 when they are L and Q at m0 units; where units are drawn, Q has
m (m - 1) in the place of m^2, which is exact (pairs of different draws; Hoeffding's decomposition
of U-statistics, W. Hoeffding, Ann. Math. Stat. 19, 293 (1948)).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_UNITS = 10**15  # beyond, the precision counts as out of reach


@dataclass(frozen=True)
class Scatter:
    """Variances of an estimate at ``units`` units, as several pilots found them.

    Attributes:
        linear, quadratic: (pilots,) variances of the two parts.
        units: number of units in a pilot, m0.
        drawn: the units are draws.
    """

    linear: Floats
    quadratic: Floats
    units: int
    drawn: bool

    def standard_error(self, units: int) -> float:
        """Expected standard error with this many units.

        >>> scatter = Scatter(np.array([3.0]), np.array([1.0]), 100, False)
        >>> scatter.standard_error(100), round(scatter.standard_error(400) ** 2, 4)
        (2.0, 0.8125)
        """
        return math.sqrt(max(float(self._variances(units).mean()), 0.0))

    def uncertainty(self, units: int) -> float:
        """Relative standard error of `standard_error` itself, from how pilots differ."""
        variances = self._variances(units)
        mean = float(variances.mean())
        if mean <= 0 or len(variances) < 2:
            return 0.0
        return float(variances.std(ddof=1) / math.sqrt(len(variances)) / (2 * mean))

    def units_for(self, error: float, least: int) -> int | None:
        """Fewest units, ``least`` or more, whose standard error is ``error`` or below.

        None if that takes more than 10^15.

        >>> Scatter(np.array([3.0]), np.array([1.0]), 100, False).units_for(2.0, 2)
        100
        """
        low, high = least - 1, least
        while self.standard_error(high) > error:
            low, high = high, 2 * high
            if high > MOST_UNITS:
                return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.standard_error(middle) > error else (low, middle)
        return high

    def _variances(self, units: int) -> Floats:
        once = self.units / units
        twice = once**2
        if self.drawn:
            twice = once * (self.units - 1) / max(units - 1, 1)
        # The mean linear part cannot be negative; that of one pilot can, by chance.
        linear = self.linear if self.linear.mean() > 0 else np.zeros_like(self.linear)
        variances: Floats = linear * once + self.quadratic * twice
        return variances
