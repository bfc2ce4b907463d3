"""Confidence intervals for |c|^2 from a normal estimate of the complex number c."""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.compiled import compiled

Floats = NDArray[np.float64]

NODES, FACTORS = np.polynomial.legendre.leggauss(48)


@compiled
def _normal_below(z: float) -> float:
    return 0.5 * math.erfc(-z * 0.7071067811865476)


@compiled
def squared_modulus_below(
    square: float, modulus: float, along: float, across: float, nodes: Floats, factors: Floats
) -> float:
    """P(|z|^2 <= square), z normal in the plane around a point at distance ``modulus`` from 0.

    ``along`` and ``across`` are the standard deviations in the direction of that point and
    perpendicular to it. One Gauss-Legendre integral over the perpendicular part, with
    y = sqrt(square) sin(u), which removes the square root at the ends.
    """
    radius = math.sqrt(square)
    reach = 1.0 if radius <= 8.0 * across else 8.0 * across / radius
    limit = math.asin(reach)
    total = 0.0
    for i in range(len(nodes)):
        angle = limit * nodes[i]
        y = radius * math.sin(angle) / across
        x = radius * math.cos(angle)
        density = math.exp(-0.5 * y * y) / 2.5066282746310002
        inside = _normal_below((x - modulus) / along) - _normal_below((-x - modulus) / along)
        total += factors[i] * density * inside * x
    return total * limit / across


@compiled
def _solve(
    target: float,
    start: float,
    square: float,
    along: float,
    across: float,
    nodes: Floats,
    factors: Floats,
) -> float:
    """The modulus at which squared_modulus_below falls to ``target``; it decreases from modulus 0.

    ``start`` brackets it from above. Bisection with false-position steps (Illinois).
    """
    low, high = 0.0, start
    f_low = squared_modulus_below(square, low, along, across, nodes, factors) - target
    if f_low <= 0.0:
        return 0.0
    f_high = squared_modulus_below(square, high, along, across, nodes, factors) - target
    side = 0
    for _ in range(200):
        if high - low <= 1e-10 * (high + along):
            break
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        f = squared_modulus_below(square, middle, along, across, nodes, factors) - target
        if f > 0.0:
            low, f_low = middle, f
            if side == 1:
                f_high *= 0.5
            side = 1
        elif f < 0.0:
            high, f_high = middle, f
            if side == -1:
                f_low *= 0.5
            side = -1
        else:
            return middle
    return 0.5 * (low + high)


@compiled
def squared_modulus_intervals(
    squares: Floats,
    along: Floats,
    across: Floats,
    confidence: float,
    nodes: Floats,
    factors: Floats,
) -> Floats:
    """Confidence intervals (n, 2) for |c|^2, given |c_hat|^2 and the two standard deviations."""
    tail = 0.5 * (1.0 - confidence)
    intervals = np.zeros((len(squares), 2))
    for i in range(len(squares)):
        square, a, b = squares[i], along[i], across[i]
        top = math.sqrt(square) + 9.0 * max(a, b)
        at_zero = squared_modulus_below(square, 0.0, a, b, nodes, factors)
        low = _solve(1.0 - tail, top, square, a, b, nodes, factors)
        high = _solve(tail * at_zero, top, square, a, b, nodes, factors)
        intervals[i, 0] = low * low
        intervals[i, 1] = high * high
    return intervals
