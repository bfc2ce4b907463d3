"""The p-value against local realism that a campaign can expect at any number of shots."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.local_realism import local_realism
from qbell.certificates.p_value_bounds import hoeffding_p, ratio_p
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.conventions.labels import UNITS, sums_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

CLEAR = 2.0  # standard errors that the mean must be above the limit to say how many shots it takes


@dataclass(frozen=True)
class LocalRealismOutlook:
    """The distribution of x_i = Re(e^(i phase) prod_k x_k w_k) in pilots: an `Outlook`.

    Attributes:
        values: (4,) different values of x.
        shares: (4,) how often each comes.
        limit: largest mean under local realism.
        reach: largest |x|.
        error: standard error of the mean in the pilots.
        phase: of x.
    """

    values: Floats
    shares: Floats
    limit: float
    reach: float
    error: float
    phase: float

    @property
    def mean(self) -> float:
        """Expected mean of x."""
        return float(self.values @ self.shares)

    @property
    def unclear(self) -> str:
        """Why no number of shots is known to refute local realism; empty if one is."""
        if self.mean - self.limit > CLEAR * self.error:
            return ""
        return (
            f"the expected mean {self.mean:.3g} is not clearly above the local limit "
            f"{self.limit:.3g} along phase {self.phase:.3g}: no number of shots is known to refute "
            "local realism"
        )

    @property
    def p_values(self) -> Mapping[str, Callable[[int], float]]:
        """By either method."""
        return {"p_value": self.hoeffding, "p_value_ratio": self.ratio}

    def hoeffding(self, trials: int) -> float:
        """P-value where the mean comes out as expected; about the median over data sets."""
        return hoeffding_p(self.mean, self.limit, trials, reach=self.reach)

    def ratio(self, trials: int) -> float:
        """The same of the test martingale, where every value comes as often as expected."""
        return ratio_p(self.values, trials * self.shares, self.limit, reach=self.reach)


def local_realism_outlook(
    pilots: Sequence[Shots], direction: TestedCorrelator
) -> tuple[LocalRealismOutlook | None, str]:
    """The distribution of x in pilots, or None and the reason why the design allows no p-value."""
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
    return LocalRealismOutlook(
        values=values,
        shares=shares,
        limit=test.limit,
        reach=float(np.abs(values).max()),
        error=math.sqrt(max(variance, 0.0) / counts.sum()),
        phase=direction.phase,
    ), ""
