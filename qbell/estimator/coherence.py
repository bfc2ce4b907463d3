"""Coherence, population, fidelity and the bound N^2 C^2 / P, with intervals, from their counts.

F_Q >= N^2 C^2 / P: dephasing a state between the span of 0...0 and 1...1 and all else commutes with
h, so F_Q does not rise by it. In the span the state is P times one of a qubit with coherence C / P,
whose QFI for the generator N Z/2 is N^2 (C / P)^2; all else adds what is not negative.
"""

import math
from dataclasses import dataclass

from qbell.certificates.coherence_counts import CoherenceCounts
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.intervals.mean_interval import BinomialMean, Mean, ScatteredMean
from qbell.estimator.tensor.moments import unseen_floor

Ends = tuple[float, float]


@dataclass(frozen=True)
class CoherenceEstimates:
    """C along the tested phase and P as independent means.

    Attributes:
        coherence: C = 2 Re(e^(i phase) c), below 0 where the phase is wrong.
        population: P.
        charge: n_plus - n_minus of the label, N for all +.
        confidence: of two-sided intervals and of each limit.
        provenance: of the counts.
    """

    coherence: Mean
    population: Mean
    charge: int
    confidence: float
    provenance: str = "raw"

    def estimates(self) -> dict[str, Estimate]:
        """All four, by their keys in the summary."""
        return {
            "coherence": self._of_mean(self.coherence),
            "population": self._of_mean(self.population),
            "fidelity": self._fidelity(),
            "qfi_ghz": self._qfi(),
        }

    def _made(self, value: float, variance: float, two: Ends, one: Ends, wide: bool) -> Estimate:
        return Estimate(
            value=value,
            standard_error=math.sqrt(variance),
            low=two[0],
            high=two[1],
            confidence=self.confidence,
            degenerate=wide,
            lower_limit=one[0],
            upper_limit=one[1],
            provenance=self.provenance,
        )

    @property
    def _tails(self) -> tuple[float, float]:
        """Of each end of a two-sided interval, and of a one-sided limit."""
        return (1 - self.confidence) / 2, 1 - self.confidence

    def _of_mean(self, mean: Mean) -> Estimate:
        two, one = (mean.limits(tail) for tail in self._tails)
        return self._made(mean.value, mean.variance, two, one, mean.conservative)

    def _fidelity(self) -> Estimate:
        """(C + P) / 2. The distances of its ends are those of C and P, added as squares.

        Source: G. Y. Zou and A. Donner, Stat. Med. 27, 1693 (2008).
        """
        c, p = self.coherence, self.population

        def ends(tail: float) -> Ends:
            (c_low, c_high), (p_low, p_high) = c.limits(tail), p.limits(tail)
            value = (c.value + p.value) / 2
            below = math.hypot(c.value - c_low, p.value - p_low) / 2
            above = math.hypot(c_high - c.value, p_high - p.value) / 2
            return max(0.0, value - below), max(0.0, min(1.0, value + above))

        two, one = (ends(tail) for tail in self._tails)
        return self._made(
            (c.value + p.value) / 2,
            (c.variance + p.variance) / 4,
            two,
            one,
            c.conservative or p.conservative,
        )

    def _qfi(self) -> Estimate:
        """N^2 C^2 / P, P entering from above in the lower end: as `_fidelity`, of logarithms.

        The lower end is 0 unless C is above 0 along the phase that was fixed. Its value has the
        bias of a square and of an inverse taken off, to the order of 1 / (number of shots).
        """
        c, p = self.coherence, self.population
        most = float(self.charge**2)

        def ends(tail: float) -> Ends:
            (c_low, c_high), (p_low, p_high) = c.limits(tail), p.limits(tail)
            low = 0.0
            if c_low > 0 and p.value > 0:
                spread = math.hypot(2 * math.log(c.value / c_low), math.log(p_high / p.value))
                low = c.value**2 / p.value * math.exp(-spread)
            elif c_low > 0:  # C <= P in every state
                low = min(c_low, p_high) ** 2 / p_high
            if p.value == 0:  # C^2 / P is at most P
                return most * low, most * p_high
            away = max(c_high, -c_low)
            size = max(abs(c.value), math.sqrt(c.variance))
            spread = math.inf
            if p_low > 0:
                spread = math.hypot(2 * math.log(max(away / size, 1)), math.log(p.value / p_low))
            high = size**2 / p.value * math.exp(min(spread, 700.0))
            return most * min(low, 1.0), most * min(max(high, low), 1.0)

        two, one = (ends(tail) for tail in self._tails)
        wide = c.conservative or p.conservative or two[0] == 0
        square = c.value**2 - c.variance
        if p.value == 0:
            return self._made(0.0, (two[1] / 2) ** 2, two, one, wide)
        inverse = 1 / p.value
        relative = p.variance * inverse**2
        variance = inverse**2 * (4 * max(square, 0.0) * c.variance + 2 * c.variance**2)
        variance += (square * inverse) ** 2 * relative
        value = square * inverse * (1 - min(relative, 0.5))
        return self._made(most * value, most**2 * variance, two, one, wide)


def above_population_p(coherence: Mean, population: Mean) -> float:
    """P-value of "|C| is at most P", as in every quantum state: |c|^2 <= rho_00 rho_11.

    If it is true, |C|'s lower limit is above P's upper one in at most the sum of their tails.
    """

    def apart(tail: float) -> bool:
        low, high = coherence.limits(tail)
        return max(low, -high) > population.limits(tail)[1]

    # Three limits: two of C, one of P.
    low, high = -300.0, math.log10(1 / 3)
    if not apart(10.0**high):
        return 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if apart(10.0**middle) else (middle, high)
    return float(min(1.0, 3 * 10.0**high))


def coherence_estimates(
    counts: CoherenceCounts, largest_share: float, confidence: float, provenance: str
) -> dict[str, Estimate]:
    """Estimates by key, see `CoherenceEstimates`.

    Args:
        counts: of the data.
        largest_share: of a shot in its draw.
        confidence: of the intervals.
        provenance: of the counts.
    """
    coherence, population = means_of(counts, largest_share)
    return CoherenceEstimates(
        coherence=coherence,
        population=population,
        charge=counts.charge,
        confidence=confidence,
        provenance=provenance,
    ).estimates()


def means_of(counts: CoherenceCounts, largest_share: float) -> tuple[Mean, Mean]:
    """C and P; ``largest_share`` is that of a shot in its draw."""
    test = counts.test
    population = BinomialMean(counts.inside, counts.along_xi)
    if test.single:
        return BinomialMean(counts.ups, test.trials, low=-1.0), population
    values = test.values[test.counts > 0]
    return ScatteredMean(values, unseen_floor(len(values), largest_share)), population
