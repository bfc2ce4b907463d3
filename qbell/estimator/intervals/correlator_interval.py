"""Confidence intervals for |c|^2 from a normal estimate of the complex number c."""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.estimator.intervals.bound_interval import tail_split
from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]

EDGE = -2.0 * math.log(0.9)  # the same for equal scatter of 1 in both directions: the most
NODES, FACTORS = np.polynomial.legendre.leggauss(48)
# Of most correlators |c_hat| is small: so many nodes then give the same to 2e-13.
NEAR, FEW_NODES, FEW_FACTORS = 2.0, *np.polynomial.legendre.leggauss(28)
LEAST = 1e-300


@compiled
def _normal_below(z: float) -> float:
    return 0.5 * math.erfc(-z * 0.7071067811865476)


@compiled
def squared_modulus_below(square: float, modulus: float, along: float, across: float) -> float:
    """P(|z|^2 <= square), z normal in the plane around a point at distance ``modulus`` from 0.

    ``along`` and ``across`` are the standard deviations in the direction of that point and
    perpendicular to it. One Gauss-Legendre integral over the coordinate that scatters less, as
    the other's probability then varies slowly under it; as sqrt(square) sin(angle), which takes
    the square root away from the ends.
    """
    radius = math.sqrt(square)
    narrow, wide = min(along, across), max(along, across)
    near = radius <= NEAR * narrow
    nodes, factors = (FEW_NODES, FEW_FACTORS) if near else (NODES, FACTORS)
    centre = modulus if along < across else 0.0  # of the coordinate that scatters less
    other = modulus - centre
    start = math.asin(min(1.0, max(-1.0, (centre - 9.0 * narrow) / radius)))
    stop = math.asin(min(1.0, max(-1.0, (centre + 9.0 * narrow) / radius)))
    total = 0.0
    for i in range(len(nodes)):
        angle = 0.5 * (start + stop) + 0.5 * (stop - start) * nodes[i]
        y = (radius * math.sin(angle) - centre) / narrow
        x = radius * math.cos(angle)
        inside = _normal_below((x - other) / wide) - _normal_below((-x - other) / wide)
        total += factors[i] * math.exp(-0.5 * y * y) * inside * x
    return total * 0.5 * (stop - start) / (narrow * 2.5066282746310002)


@compiled
def _level(split: Floats, flat: float, reduced: float) -> float:
    """A level: ``flat`` plus the lower tail of ``split`` (GRID, 2) at ``reduced``."""
    last = len(split) - 1
    place = reduced / split[last, 0] * last
    left = min(int(place), last - 1)
    share = min(place - left, 1.0)
    level: float = flat + (1.0 - share) * split[left, 1] + share * split[left + 1, 1]
    return level


@compiled
def _straight(probability: float) -> float:
    """Near the normal quantile of a probability: where its distance to 1/2 is not tiny, a line."""
    tail = max(min(probability, 1.0 - probability), LEAST)
    away = math.sqrt(-2.0 * math.log(2.0 * tail))
    return away if probability > 0.5 else -away


@compiled
def _excess(
    modulus: float, flat: float, split: Floats, square: float, along: float, across: float
) -> float:
    below = squared_modulus_below(square, modulus, along, across)
    return _straight(below) - _straight(_level(split, flat, modulus / along))


@compiled
def _shrink(new: float, old: float) -> float:
    """What the far end of the bracket counts for, where the near one moved again."""
    share = 1.0 - new / old
    return share if share > 0.0 else 0.5


@compiled
def _solve(flat: float, split: Floats, square: float, along: float, across: float) -> float:
    """The modulus at which squared_modulus_below falls to a level, which grows with the modulus.

    False position with the weights of Anderson and Bjorck (BIT 13, 253), on a scale on which normal
    probabilities are nearly straight, from a bracket near |c_hat|: six to nine integrals.
    """
    low, f_low = 0.0, _excess(0.0, flat, split, square, along, across)
    if f_low <= 0.0:
        return 0.0
    high, step = math.sqrt(square), along * split[-1, 0]
    f_high = _excess(high, flat, split, square, along, across)
    while f_high > 0.0:
        low, f_low = high, f_high
        high += step
        step *= 2.0
        f_high = _excess(high, flat, split, square, along, across)
    side = 0
    for _ in range(200):
        if high - low <= 1e-10 * (high + along):
            break
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        f = _excess(middle, flat, split, square, along, across)
        if abs(f) < 1e-10:
            return middle
        if f > 0.0:
            if side == 1:
                f_high *= _shrink(f, f_low)
            low, f_low, side = middle, f, 1
        else:
            if side == -1:
                f_low *= _shrink(f, f_high)
            high, f_high, side = middle, f, -1
    return 0.5 * (low + high)


@compiled
def _lowest_tenth(along: float, across: float) -> float:
    """The |z|^2 that one in ten are below, around 0."""
    square = EDGE * along * across  # if the probability grew as 1 - exp(-square / 2 along across)
    for _ in range(60):
        below = squared_modulus_below(square, 0.0, along, across)
        step = math.log(0.9) / math.log(1.0 - below)
        square *= step
        if abs(step - 1.0) < 1e-13:
            break
    return square


@compiled
def _two_sided(
    squares: Floats,
    along: Floats,
    across: Floats,
    confidence: float,
    split: Floats,
) -> Floats:
    intervals = np.zeros((len(squares), 2))
    for i in range(len(squares)):
        a, b = along[i], across[i]
        # At |c_hat| = 0 the probability vanishes for every c: stop just short.
        square = max(squares[i], 1e-6 * min(a, b) ** 2)
        low = _solve(confidence, split, square, a, b)
        # An estimate in the lowest tenth of no signal is taken as at its edge: chance alone must
        # not bring the interval down to nothing.
        if square < EDGE * max(a, b) ** 2:
            square = max(square, _lowest_tenth(a, b))
        high = _solve(0.0, split, square, a, b)
        intervals[i, 0] = low * low
        intervals[i, 1] = max(low, high) ** 2
    return intervals


@compiled
def _one_sided(squares: Floats, along: Floats, across: Floats, level: float) -> Floats:
    flat = np.array([[0.0, 0.0], [1.0, 0.0]])
    limits = np.zeros((len(squares), 2))
    for i in range(len(squares)):
        a, b = along[i], across[i]
        square = max(squares[i], 1e-6 * min(a, b) ** 2)
        # Divided by the probability at c = 0, the upper limit stays above 0 also when chance
        # brings c_hat very near 0.
        at_zero = squared_modulus_below(square, 0.0, a, b)
        low = _solve(level, flat, square, a, b)
        high = _solve((1.0 - level) * at_zero, flat, square, a, b)
        limits[i, 0] = low * low
        limits[i, 1] = high * high
    return limits


def intervals(squares: Floats, along: Floats, across: Floats, confidence: float) -> Floats:
    """Two-sided intervals (n, 2) for |c|^2, given |c_hat|^2 and the two standard deviations.

    The tails are split as in `bound_interval.tail_split`: equal far from zero, one at zero.
    """
    split = np.stack(tail_split(confidence), axis=1)
    found: Floats = _two_sided(squares, along, across, confidence, split)
    return found


@compiled
def _exceed(
    squares: Floats,
    along: Floats,
    across: Floats,
    values: Floats,
    confidence: float,
    split: Floats,
) -> NDArray[np.bool_]:
    found = np.zeros(len(squares), dtype=np.bool_)
    for i in range(len(squares)):
        a, b = along[i], across[i]
        square = max(squares[i], 1e-6 * min(a, b) ** 2)
        modulus = math.sqrt(values[i])
        below = squared_modulus_below(square, modulus, a, b)
        found[i] = below > _level(split, confidence, modulus / a)
    return found


def exceed(
    squares: Floats, along: Floats, across: Floats, values: Floats, confidence: float
) -> NDArray[np.bool_]:
    """(n,) whether the lower end of `intervals` lies above ``values`` (n,): one integral each.

    The end is where the probability of so small an estimate falls to a level that grows with |c|:
    it is above a value where the probability is above the level there.
    """
    # |c_hat| is no nearer than its coordinate that scatters more: few are left to integrate.
    farthest = -scipy.special.ndtri((1 - confidence) / 2) * np.maximum(along, across)
    found = np.zeros(len(squares), dtype=bool)
    maybe = np.flatnonzero(squares > np.maximum(values, farthest**2))
    split = np.stack(tail_split(confidence), axis=1)
    found[maybe] = _exceed(
        squares[maybe],
        along[maybe],
        across[maybe],
        values[maybe],
        confidence,
        split,
    )
    return found


@compiled
def _tails_above(squares: Floats, along: Floats, across: Floats, value: float) -> Floats:
    tails = np.empty(len(squares))
    for i in range(len(squares)):
        tails[i] = 1.0 - squared_modulus_below(squares[i], math.sqrt(value), along[i], across[i])
    return tails


def tails_above(squares: Floats, along: Floats, across: Floats, value: float) -> Floats:
    """(n,) probability of estimates |c_hat|^2 of ``squares`` or more where |c|^2 = ``value``."""
    tails: Floats = np.clip(_tails_above(squares, along, across, value), 0.0, 1.0)
    return tails


def limits(squares: Floats, along: Floats, across: Floats, confidence: float) -> Floats:
    """One-sided limits (n, 2) for |c|^2: from below and from above, each with ``confidence``."""
    found: Floats = _one_sided(squares, along, across, confidence)
    return found
