"""Confidence limits of a mean: exact where it is of outcomes 0 and 1, else by Student's t."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEW_COUNTS = 10  # of the rarer outcome: limits are wider than they need be
UNSEEN_FLIPS = 4.0  # as everywhere


class Mean(ABC):
    """An estimate with one-sided limits.

    Attributes:
        value: unbiased.
        variance: its own, with an allowance for outcomes that were not seen.
        conservative: limits are wider than they need be, as few outcomes or none differ.
    """

    value: float
    variance: float
    conservative: bool

    @abstractmethod
    def limits(self, tail: float) -> tuple[float, float]:
        """From below and from above; each is wrong with probability ``tail`` at most."""


@dataclass(frozen=True)
class BinomialMean(Mean):
    """Of independent trials with two outcomes, in which ``count`` of ``trials`` gave ``high``.

    Limits are those of Clopper and Pearson (Biometrika 26, 404 (1934)): exact, and valid for trials
    of different chances, too, for their mean.

    >>> [round(limit, 4) for limit in BinomialMean(0, 100).limits(0.025)]
    [0.0, 0.0362]
    """

    count: float
    trials: float
    low: float = 0.0
    high: float = 1.0

    @property
    def value(self) -> float:  # type: ignore[override]
        """The mean."""
        return self._scaled(self.count / self.trials)

    @property
    def variance(self) -> float:  # type: ignore[override]
        """p (1 - p) / (n - 1), at least as of four outcomes of n."""
        share = self.count / self.trials
        scatter = share * (1 - share) / max(self.trials - 1, 1.0)
        unseen = UNSEEN_FLIPS / self.trials**2
        return max(scatter, unseen) * (self.high - self.low) ** 2

    @property
    def conservative(self) -> bool:  # type: ignore[override]
        """True where one outcome came less than 10 times."""
        return min(self.count, self.trials - self.count) < FEW_COUNTS

    def limits(self, tail: float) -> tuple[float, float]:
        """See `Mean.limits`."""
        ups, downs = self.count, self.trials - self.count
        inverse = scipy.special.betaincinv
        below = float(inverse(ups, downs + 1, tail)) if ups > 0 else 0.0
        above = float(inverse(ups + 1, downs, 1 - tail)) if downs > 0 else 1.0
        return self._scaled(below), self._scaled(above)

    def _scaled(self, share: float) -> float:
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True)
class ScatteredMean(Mean):
    """Of independent numbers between ``low`` and ``high``, with the scatter that they show.

    Attributes:
        values: (n,) 2 or more.
        least: variance of the mean to believe in at least.
    """

    values: Floats
    least: float
    low: float = -1.0
    high: float = 1.0

    @property
    def value(self) -> float:  # type: ignore[override]
        """The mean."""
        return float(self.values.mean())

    @property
    def _scatter(self) -> float:
        return float(self.values.var(ddof=1)) / len(self.values)

    @property
    def variance(self) -> float:  # type: ignore[override]
        """That of the mean."""
        return max(self._scatter, self.least)

    @property
    def conservative(self) -> bool:  # type: ignore[override]
        """True where the allowance for outcomes that were not seen sets the width."""
        return self._scatter < self.least

    def limits(self, tail: float) -> tuple[float, float]:
        """See `Mean.limits`: by Student's t."""
        reach = float(scipy.special.stdtrit(len(self.values) - 1, 1 - tail))
        reach *= math.sqrt(self.variance)
        return max(self.low, self.value - reach), min(self.high, self.value + reach)
