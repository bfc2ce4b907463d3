"""Exact binomial p-values, of many counts at once."""

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Numbers = Floats | Integers

TESTED = 100  # of many counts, so many that deviate most have their p-values computed


def binomial_tails(counts: Floats, trials: Floats, chances: Floats) -> tuple[Floats, Floats]:
    """P(at most so many) and P(at least so many) of ``trials``; as `scipy.stats.binom`, which takes
    a second to load."""
    betainc = scipy.special.betainc
    lower, upper = np.ones_like(counts), np.ones_like(counts)
    few, some = counts < trials, counts > 0
    lower[few] = betainc(trials[few] - counts[few], counts[few] + 1, 1 - chances[few])
    upper[some] = betainc(counts[some], trials[some] - counts[some] + 1, chances[some])
    return lower, upper


def smallest_p(counts: Numbers, trials: Numbers | float, chances: Floats | float) -> float:
    """Smallest p-value of all ``counts``, too few or too many, by Bonferroni; 1 if there are none.

    Only the counts that deviate most (in standard deviations) are looked up in the exact law: the
    smallest p-value is among them, or the result is too large, which is safe.
    """
    counts, trials, chances = _flat(counts, trials, chances)
    if len(counts) == 0:
        return 1.0
    chosen = _most(np.abs(_deviations(counts, trials, chances)))
    p_values = 2 * np.minimum(*binomial_tails(counts[chosen], trials[chosen], chances[chosen]))
    return float(min(1.0, p_values.min() * len(counts)))


def often_p(counts: Numbers, trials: Numbers, chance: float) -> float:
    """As `smallest_p`, of counts that are too large; they may be smaller than binomial ones."""
    counts, trials, chances = _flat(counts, trials, chance)
    chosen = _most(_deviations(counts, trials, chances))
    upper = binomial_tails(counts[chosen], trials[chosen], chances[chosen])[1]
    return float(min(1.0, upper.min() * len(counts)))


def _flat(
    counts: Numbers, trials: Numbers | float, chances: Floats | float
) -> tuple[Floats, Floats, Floats]:
    shape = np.shape(counts)
    every = np.broadcast_to(np.asarray(trials, dtype=float), shape)
    each = np.broadcast_to(np.asarray(chances, dtype=float), shape)
    return np.ravel(counts).astype(float), np.ravel(every), np.ravel(each)


def _deviations(counts: Floats, trials: Floats, chances: Floats) -> Floats:
    """In standard deviations."""
    spread: Floats = np.sqrt(np.maximum(trials * chances * (1 - chances), 1e-300))
    return (counts - trials * chances) / spread


def _most(deviations: Floats) -> Integers:
    """Where ``deviations`` are largest."""
    if len(deviations) <= TESTED:
        return np.arange(len(deviations))
    return np.argpartition(deviations, -TESTED)[-TESTED:]


def evenness(counts: Floats, trials: float, chance: float) -> Floats:
    """P(a count as close to the mean ``trials`` x ``chance`` as each of ``counts``, or closer)."""
    mean = trials * chance
    apart = np.abs(counts - mean) + 1e-6  # a count just as far on the other side is as close
    below = np.ceil(mean - apart) - 1  # the next counts that are farther from the mean
    above = np.floor(mean + apart) + 1
    every, chances = np.full(len(counts), trials), np.full(len(counts), chance)
    outside = np.where(below >= 0, binomial_tails(np.maximum(below, 0), every, chances)[0], 0.0)
    outside += np.where(
        above <= trials, binomial_tails(np.minimum(above, trials), every, chances)[1], 0.0
    )
    return 1 - outside
