"""The Bures-angle bound: F_Q from two probabilities at two angles, with an exact limit.

Turned by theta about xi, a state moves by half of sqrt(F_Q) d theta in Bures angle, the length of
the path, and the same everywhere, as the turn commutes with h. The Bures angle arccos sqrt(F) of
two states is no longer than a path between them, and no measurement tells them apart better than
their fidelity allows, sqrt(F) <= sqrt(p p') + sqrt(q q'). So, whatever the two outcomes are,

    F_Q >= 4 (a - a')^2 / (theta - theta')^2,    p = sin^2 a,

with arccos(sqrt(p p') + sqrt(q q')) = |a - a'|. A turn by 2 pi changes no state, so the distance of
two angles is the shorter way round.
"""

import math
from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64] | Floats


def clopper_pearson(successes: Floats, shots: Floats, tail: float) -> tuple[Floats, Floats]:
    """Ends that a probability lies below, and above, with probability ``tail`` each at most.

    Args:
        successes: (...), from 0 to ``shots``.
        shots: (...).
        tail: of either side.

    Returns:
        Lower and upper ends, of the same shape.

    Source: C. Clopper and E. Pearson, Biometrika 26, 404 (1934).
    """
    with np.errstate(invalid="ignore"):
        low = scipy.special.betaincinv(successes, shots - successes + 1, tail)
        high = scipy.special.betaincinv(successes + 1, shots - successes, 1 - tail)
    lower: Floats = np.where(successes <= 0, 0.0, low).astype(np.float64)
    upper: Floats = np.where(successes >= shots, 1.0, high).astype(np.float64)
    return lower, upper


def distances(angles: Sequence[float] | Floats) -> Floats:
    """(K, K) how far turns are apart: the shorter way round, 0 to pi."""
    values = np.asarray(angles, dtype=float)
    apart = np.abs(values[:, None] - values[None, :]) % math.tau
    found: Floats = np.minimum(apart, math.tau - apart)
    return found


def pair_limits(
    angles: Sequence[float] | Floats, successes: Counts, shots: Counts, confidence: float
) -> Floats:
    """(..., K, K) lower limits of F_Q from each pair of angles; all hold at once.

    Each of the K probabilities, independent of the others, lies in its two-sided Clopper-Pearson
    interval with probability confidence^(1/K) or more, so all do with ``confidence``. Then every
    pair's limit holds, and so does the largest, chosen after looking. Of two angles it does not
    matter either which share turns out to be the larger.

    Args:
        angles: (K,) in radians, different modulo 2 pi; all that were measured, or two that were
            named before.
        successes: (..., K).
        shots: (..., K).
        confidence: of all limits together.

    Returns:
        The limits, 0 on the diagonal and where the data leave a difference of 0 open.
    """
    apart = distances(angles)
    tail = (1 - confidence ** (1 / len(apart))) / 2
    low, high = clopper_pearson(np.asarray(successes, float), np.asarray(shots, float), tail)
    below, above = np.arcsin(np.sqrt(low)), np.arcsin(np.sqrt(high))
    gap = below[..., :, None] - above[..., None, :]
    gap = np.clip(np.maximum(gap, np.swapaxes(gap, -1, -2)), 0.0, None)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(apart > 0, 4 * gap**2 / apart**2, 0.0)
    return found


def bures_limit(
    angles: Sequence[float] | Floats, successes: Counts, shots: Counts, confidence: float
) -> tuple[float, int, int]:
    """The largest of `pair_limits`, and the places of its two angles.

    >>> limit, *pair = bures_limit([0.0, 0.3], np.array([990, 640]), np.array([1000, 1000]), 0.95)
    >>> round(limit, 1), pair
    (9.7, [0, 1])
    """
    limits = pair_limits(angles, successes, shots, confidence)
    first, second = np.unravel_index(int(np.argmax(limits)), limits.shape)
    if limits[first, second] <= 0:
        return 0.0, 0, 1
    return float(limits[first, second]), int(min(first, second)), int(max(first, second))


def bures_value(apart: float, shares: Sequence[float], shots: Sequence[int]) -> tuple[float, float]:
    """The bound's estimate from two angles and its standard error, to first order in 1/shots.

    An estimated a = arcsin sqrt(p) has the variance 1/(4 n), which is taken off the square.

    Args:
        apart: distance of the two angles.
        shares: (2,) of successes.
        shots: (2,).

    Returns:
        4 [(a - a')^2 - (1/n + 1/n')/4] / apart^2, which can fall below 0, and its error.

    >>> bures_value(0.5, (1.0, 0.5), (1000, 1000))[0] < 4 * (np.pi / 4) ** 2 / 0.25
    True
    """
    gap = math.asin(math.sqrt(shares[0])) - math.asin(math.sqrt(shares[1]))
    variance = sum(1 / (4 * total) for total in shots)
    error = math.sqrt(4 * gap**2 * variance + 2 * variance**2)
    return 4 * (gap**2 - variance) / apart**2, 4 * error / apart**2
