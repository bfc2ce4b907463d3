"""How often settings repeat: neither too rarely, as in a list, nor too often, as in a cycle."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STEP = 8.0  # between strengths of reinforcement that are looked for
LARGE = 1e6


def repeats_p(counts: Floats, words: float) -> float:
    """P-value of words' frequencies being too equal or too unequal, as urns would make them.

    A word that is drawn is taken out of the urn, which holds a copies of each of the K words at
    first, or 1/r of a word is added to it. With u = 1/a, or u = -r, the probability of the words in
    their order, over K^-M of M independent uniform ones, is

        R(u) = prod_words prod_{j < n} (1 - j u) / prod_{j < M} (1 - j u / K),

    for a word that came n times. The mean of a likelihood ratio is 1 under the hypothesis in its
    denominator, and so is that of an average of several. By Markov's inequality 1 / average is a
    p-value, at any M and K. Averaged are a = 1, 2, 4 and 8 times the fewest copies that suffice for
    M draws, and r from 1/8 of K/M (at most of 1) on in steps of 8, up to more than K/M.

    Args:
        counts: (different words,) how often each word that came did.
        words: K, how many there are.

    >>> round(repeats_p(np.ones(16), 16.0) * 16**16 / math.factorial(16), 1)  # each word once
    7.0
    """
    values, many = np.unique(counts, return_counts=True)
    total = float(counts.sum())
    mean = total / words
    copies = max(1.0, math.ceil(mean)) * 2.0 ** np.arange(4)
    most = 1 + math.ceil(math.log(max(words / total, 1.0)) / math.log(STEP))
    added = STEP ** np.arange(-1, most + 1) / max(mean, 1.0)
    logs: list[float] = []
    for size in copies:
        ratio = float(many @ _log_falling(size, values))
        logs.append(ratio - float(_log_falling(size * words, np.array([total]))[0]))
    for rate in added:
        ratio = float(many @ _log_rising(1 / rate, values))
        logs.append(ratio - float(_log_rising(words / rate, np.array([total]))[0]))
    largest = max(logs)
    average = largest + math.log(sum(math.exp(log - largest) for log in logs) / len(logs))
    return math.exp(min(0.0, -average))


def copies_p(counts: Floats, words: float) -> float:
    """P-value of every word coming a multiple of g > 1 times, as if each draw was used g times.

    The likelihood ratio, as in `repeats_p`, of M/g uniform words in g copies each, in random order:
    [(M/g)! / prod (n/g)!] / [M! / prod n!] x K^(M - M/g). All g = 2, 3, ... are looked for, with
    weight 1 / (g (g - 1)).
    """
    copies = math.gcd(*(int(count) for count in np.unique(counts)))
    total = float(counts.sum())
    if copies < 2 or total < 2:
        return 1.0
    log_factorial = scipy.special.gammaln
    ratio = log_factorial(total / copies + 1) - log_factorial(counts / copies + 1).sum()
    ratio -= log_factorial(total + 1) - log_factorial(counts + 1).sum()
    ratio += (total - total / copies) * math.log(words) - math.log(copies * (copies - 1))
    return math.exp(min(0.0, -float(ratio)))


def word_counts(words: Integers, weights: Floats | None = None) -> Floats:
    """(different words,) how often each number came."""
    if weights is None:
        return np.unique(words, return_counts=True)[1].astype(float)
    index = np.unique(words, return_inverse=True)[1].ravel()
    counts: Floats = np.bincount(index, weights).astype(float)
    return counts


def _log_rising(start: float, steps: Floats) -> Floats:
    """ln prod_{j < steps} (1 + j / start), to absolute rounding errors at any start."""
    if start < LARGE:
        gammaln = scipy.special.gammaln
        values = gammaln(start + steps) - gammaln(start) - steps * math.log(start)
    else:  # Stirling's formula, whose large terms cancel here
        values = (start + steps - 0.5) * np.log1p(steps / start) - steps
        values += (1 / (start + steps) - 1 / start) / 12
    return np.asarray(values, dtype=float)


def _log_falling(start: float, steps: Floats) -> Floats:
    """ln prod_{j < steps} (1 - j / start), for steps up to start; minus infinity beyond."""
    rest: Floats = start - steps
    values: Floats = np.full(len(steps), -np.inf)
    fits = rest >= 0
    steps, rest = steps[fits], rest[fits]
    if start < LARGE:
        gammaln = scipy.special.gammaln
        values[fits] = gammaln(start + 1) - gammaln(rest + 1) - steps * math.log(start)
        return values
    # x! by Stirling's formula: (x + 1/2) ln x - x + 1/(12 x), exact to rounding for rest > 1000.
    safe = np.maximum(rest, 1.0)
    far = -(safe + 0.5) * np.log1p(-np.minimum(steps, start - 1) / start) - steps
    far += (1 / start - 1 / safe) / 12
    near = (
        scipy.special.gammaln(start + 1) - scipy.special.gammaln(rest + 1) - steps * math.log(start)
    )
    values[fits] = np.where(rest > 1000, far, near)
    return values
