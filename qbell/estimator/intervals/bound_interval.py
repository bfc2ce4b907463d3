"""Confidence intervals for the bound, by inverting the sampling distribution of its estimate.

The bound is a weighted sum of squares, B = c W c, and its estimate deviates from it by

    U - B = 2 c W d + (d W d - mean),    d = c_hat - c.

The first part is linear in the data and scatters more the larger B is; the second is there even
where B is zero, and then all there is. Resampling gives both, but with c_hat in the place of c:
noise makes c_hat too long, by what makes |mean|^2 too large. So for a hypothetical value B_0 the
first part is scaled to the variance that it would have there, and B_0 is in the interval where the
estimate that was observed does not lie in the tails of B_0 + first + second. For a single squared
modulus this is the noncentral chi^2 distribution; far from zero it is the shifted bootstrap.

The variance L of the first part must be that at B_0, because its estimate goes with U: chance that
makes U small makes L small too, by b = Cov(L_hat, U) / Var U for each unit of U. So L at B_0 is
L_hat + b (B_0 - U), the best linear prediction of L if B_0 is true. See `rate` for b.

How the tails are split follows Feldman and Cousins, Phys. Rev. D 57, 3873 (1998): equal tails far
from zero, one tail at zero, so that the interval covers as stated also there.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GRID = 129
STEPS = 60  # of bisection
LOWEST = 0.1
MOST_UNSEEN = 0.2  # share of a variance; above it the data do not carry the interval


@dataclass(frozen=True)
class Deviations:
    """What resampling says of an estimate of the bound, split by order n = 0 .. N.

    Attributes:
        values: (N + 1,) the unbiased estimates U.
        plug_in: (N + 1,) sums of w_s |c_hat_s|^2, too large by the noise.
        first, second: (resamples, N + 1) the two parts of the deviation, both of mean about 0.
        unseen_share: share of the variance of the whole bound that stands for outcomes that were
            not observed, and not for scatter in the data.
        third: (N + 2,) third central moment of the linear part, of each order and of all together,
            where ``first`` does not show it; None if it does.
    """

    values: Floats
    plug_in: Floats
    first: Floats
    second: Floats
    unseen_share: float = 0.0
    third: Floats | None = None

    @property
    def degenerate(self) -> bool:
        """True where the data's own scatter does not carry the interval."""
        return self.unseen_share > MOST_UNSEEN

    def distribution(self, order: int | None = None) -> "SamplingDistribution":
        """The sampling distribution of the estimate of one order, or of the bound (None)."""
        place = -1 if order is None else order
        third = None if self.third is None else float(self.third[place])
        if order is not None:
            return distribution_of(
                float(self.values[order]), self.first[:, order], self.second[:, order], third
            )
        first, second = self.first.sum(axis=1), self.second.sum(axis=1)
        return distribution_of(float(self.values.sum()), first, second, third)


def from_resamples(
    values: Floats, plug_in: Floats, first: Floats, second: Floats, shifts: Floats
) -> Deviations:
    """`Deviations` from resamples, given what exchanged outcomes alone did to each (resamples,).

    Resamples repeat shots and so bring the bias of squares back, and the unseen outcomes shift the
    mean: only the spread around it counts.
    """
    first = first - first.mean(axis=0)
    second = second - second.mean(axis=0)
    spread = float(np.var(first.sum(axis=1)) + np.var(second.sum(axis=1)))
    nothing = spread <= (1e-9 * plug_in.sum()) ** 2
    share = 1.0 if nothing else float(np.var(shifts)) / spread
    return Deviations(values, plug_in, first, second, share)


@dataclass(frozen=True)
class SamplingDistribution:
    """The sampling distribution of an unbiased estimate U >= -offset of some B >= 0, given B.

    Attributes:
        value: the estimate observed.
        unit: (resamples,) the linear deviation, scaled to variance 1.
        second: (resamples,) the quadratic deviation, of mean 0.
        slope: variance of the linear deviation for each unit of B.
        growth: how that variance grows near the estimate, d ln L / d ln B: 1 where the noise is
            alike in all directions; it can be negative, as for a parity near +-1.
    """

    value: float
    unit: Floats
    second: Floats
    slope: float
    growth: float = 1.0

    @property
    def standard_error(self) -> float:
        """Standard deviation of U where B is the estimate."""
        return float(np.sqrt(sum(self.variances)))

    @property
    def variances(self) -> tuple[float, float]:
        """Variance of the linear part, where B is the estimate, and of the quadratic part."""
        return self.slope * max(self.value, 0.0), self.quadratic

    @cached_property
    def quadratic(self) -> float:
        """Variance of the quadratic part."""
        return float(np.var(self.second))

    def linear_variance(self, truth: float) -> float:
        """Variance of the linear deviation, were B equal to ``truth``."""
        if self.value <= 0 or truth <= 0:
            return self.slope * max(truth, 0.0)
        share = truth / self.value
        if share < 1 and self.growth > 0:  # no signal, no linear part
            grown = float(share**self.growth)
        else:
            grown = max(1 + self.growth * (share - 1), 0.0)
        return self.slope * self.value * grown

    def draws(self, truth: float) -> Floats:
        """(resamples,) sorted estimates, were B equal to ``truth``."""
        # The linear part enters with its sign turned: where it is skewed, by rare outcomes, the
        # interval is longer on the side where they are more frequent. For normal scatter, which
        # is even, it makes no difference.
        return np.sort(truth - math.sqrt(self.linear_variance(truth)) * self.unit + self.second)

    def quantile(self, truth: float, level: float) -> float:
        """Quantile of the estimate, were B equal to ``truth``."""
        drawn = self.draws(truth)
        # The k-th of R draws lies above a new one with probability k / (R + 1).
        place = min(max(level * (len(drawn) + 1) - 1, 0.0), len(drawn) - 1.0)
        left = min(int(place), len(drawn) - 2)
        return float(drawn[left] + (place - left) * (drawn[left + 1] - drawn[left]))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Two-sided interval within B >= 0."""
        grid, tails = tail_split(confidence)

        def tail(truth: float) -> float:
            spread = math.sqrt(self.linear_variance(truth) + self.quadratic)
            return float(np.interp(truth / spread, grid, tails)) if spread > 0 else tails[-1]

        low = self._solve(lambda truth: confidence + tail(truth))
        # An estimate as low as in the lowest tenth of no signal at all is taken as at its edge:
        # chance alone must not bring the interval down to nothing.
        high = self._solve(tail, max(self.value, self.quantile(0.0, LOWEST)))
        return low, max(low, high)

    def lower_limit(self, confidence: float) -> float:
        """One-sided: B is above this with ``confidence``."""
        return self._solve(lambda truth: confidence)

    def upper_limit(self, confidence: float) -> float:
        """One-sided: B is below this with ``confidence``.

        An estimate below what no signal at all gives in half of the cases is taken as that: chance
        alone must not bring the limit down to zero.
        """
        seen = max(self.value, self.quantile(0.0, 0.5))
        return self._solve(lambda truth: 1.0 - confidence, seen)

    def _solve(self, level: Callable[[float], float], seen: float | None = None) -> float:
        """The least B >= 0 whose quantile at level(B) reaches the estimate."""
        seen = self.value if seen is None else seen
        if self.quantile(0.0, level(0.0)) >= seen:
            return 0.0
        spread = math.sqrt(self.quadratic + self.slope * abs(seen)) + self.slope
        spread *= max(self.growth, 1.0)
        low, high = 0.0, max(seen, 0.0) + spread
        while self.quantile(high, level(high)) < seen:
            low, high = high, 2 * high + spread
        for _ in range(STEPS):
            middle = 0.5 * (low + high)
            if self.quantile(middle, level(middle)) < seen:
                low = middle
            else:
                high = middle
            if high - low <= 1e-9 * (high + spread):
                break
        return 0.5 * (low + high)


def distribution_of(
    value: float, first: Floats, second: Floats, third: float | None = None
) -> SamplingDistribution:
    """From an estimate and resampled deviations; ``third`` as in `Deviations`."""
    spread = float(np.std(first))
    unit = first / spread if spread > 0 else np.zeros_like(first)
    slope = linear_slope(value, first, second, third)
    growth = rate(first, second, third) / slope if slope > 0 else 1.0
    return SamplingDistribution(value, unit, second, slope, growth)


def rate(first: Floats, second: Floats, third: float | None = None) -> float:
    """By how much the variance L of the linear deviation changes for each unit of B.

    Tilt the law of the data by exp(t h), with h the influence of an observation on B: the family
    in which B is hardest to tell (B. Efron, J. Am. Stat. Assoc. 82, 171 (1987); T. DiCiccio and
    B. Efron, Stat. Sci. 11, 189 (1996)). Along it B changes by L, and L by

        (third central moment of the linear part) + 2 Cov(first^2, second),

    the first as other observations come to count, the second as h itself turns, by Sigma W c. Their
    ratio is dL/dB. For a parity +-1 with mean c, B = c^2, it gives 1 - c^2 / (1 - c^2), as it
    must, as d ln L / d ln B. It is also the regression of L_hat on U, with the quadratic
    noise of both, which has the variance 2 tr (W Sigma)^2 in U and the covariance 8 tr (W Sigma)^3
    with that of L_hat: then the truth enters with signal + noise, as c_hat does in resamples.
    """
    variance = float(np.var(first))
    if variance <= 0:
        return 0.0
    away = first - first.mean()
    if third is None:
        third = float(np.mean(away**3))
    joint = float(np.mean((away**2 - variance) * (second - second.mean())))
    return (third + 2 * joint) / variance


def linear_slope(value: float, first: Floats, second: Floats, third: float | None = None) -> float:
    """Variance of the linear deviation of U for each unit of B, at B = U.

    Seen from resampling, the linear part has the variance L + 2 Q: L is the truth, and Q the
    variance of the quadratic part, as c_hat carries noise itself. Where there is signal, the slope
    is L / U. Where there is none, only the noise is known, and L changes with B at the `rate`. In
    between both count, the first by the share of signal in the mean square of U, U^2 / (U^2 + Q).
    """
    alike = max(rate(first, second, third), 0.0)
    if value <= 0:
        return alike
    quadratic = float(np.var(second))
    linear = max(float(np.var(first)) - 2 * quadratic, 0.0)
    # With nothing quadratic all is signal.
    weight = value**2 / (value**2 + quadratic)
    return weight * linear / value + (1 - weight) * alike


@lru_cache(maxsize=16)
def tail_split(confidence: float) -> tuple[Floats, Floats]:
    """Probability of the lower tail, against the truth in units of the standard deviation.

    For a normal estimate x of some m >= 0, values of x are accepted in the order of the ratio of
    the likelihood of m and of the best m >= 0, until ``confidence`` is reached (Feldman, Cousins).
    From m = z on, the normal quantile, that is equal tails; at m = 0 the lower tail is empty.
    """
    alpha = 1 - confidence
    z = float(-scipy.special.ndtri(alpha / 2))
    normal = scipy.special.ndtr  # the distribution function
    grid = np.linspace(0.0, z, GRID)
    tails = np.empty(GRID)
    tails[0], tails[-1] = 0.0, alpha / 2
    for place in range(1, GRID - 1):
        m = float(grid[place])

        def excess(lower: float, m: float = m) -> float:
            # ln of the ratio is x m - m^2 / 2 for x < 0 and -(x - m)^2 / 2 above: equal at the ends
            upper = m + math.sqrt(max(m * m - 2 * lower * m, 0.0))
            inside = normal(upper - m) - normal(lower - m)
            return float(inside - confidence)

        lower = scipy.optimize.brentq(excess, -(z**2) / m - 10.0, 0.0)
        tails[place] = normal(lower - m)
    for array in (grid, tails):
        array.flags.writeable = False
    return grid, tails
