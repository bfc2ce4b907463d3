"""P-value of "the state is m-separable" from its coherence and population together.

C = 2|c|, c = <0...0|rho|1...1>, and P the population of 0...0 and 1...1. A state is m-separable if
it is a mixture of products of m or more groups, each product with groups of its own. Then, with
a = 2^(1 - m),

    C <= a,   and   (1 - a) C + a P <= a.

Proof. Both are convex in the state (C is a modulus, P is linear), so it is enough to take a product
of m pure states. Group j has amplitudes u_j, v_j of its own 0...0 and 1...1, with |u_j|^2 = p_j,
|v_j|^2 = q_j and p_j + q_j <= 1. So C = 2 prod sqrt(p_j q_j) <= 2 prod (1/2) = a, the first limit.
For the second, P = prod p_j + prod q_j. Dividing p_j and q_j by their sum multiplies C and P by one
number that is at least 1, and the limit is linear: p_j + q_j = 1 may be assumed. Then 1 - P is the
sum of p(w) over the 2^m - 2 words w, one letter a group, that are neither all 0 nor all 1, p(w)
the product of p_j or q_j. With its flip, p(w) + p(flipped w) >= 2 sqrt(p(w) p(flipped w)) =
2 prod sqrt(p_j q_j) = C, and there are 2^(m-1) - 1 = (1 - a) / a such pairs. So
1 - P >= (1 - a) C / a.

The case m = 2 is C + P <= 1: fidelity with a GHZ state of at most 1/2. The second limit implies the
first where P >= a; in a quantum state C <= P, so that one that exceeds the first, C > a, exceeds
the second, too. The test is of the second alone.

Source: O. Guehne and M. Seevinck, New J. Phys. 12, 053002 (2010), for m = 2 and full separability.
"""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.coherence_counts import CoherenceCounts
from qbell.certificates.p_value_bounds import LEAST

Floats = NDArray[np.float64]

SURE = 1e-6  # a limit so small needs no exact tail
POINTS = 49  # of the population at which the tail is computed
STEPS = 50
REACH, FEW = 9.0, 30.0  # standard deviations, and counts, around the mean that are summed


def separability_p(counts: CoherenceCounts, groups: int) -> float:
    """P-value of "the state is ``groups``-separable", 2 or more.

    T = (1 - a) C_hat + a P_hat is compared with its largest tail over all (C, P) that the
    hypothesis allows, which lies on its edge, (1 - a) C + a P = a: first by Chernoff's limit
    min_t e^(-t T) E e^(t T), which is concave along the edge, then, where draws are single shots,
    by the sum over both binomial laws. Shots are taken as independent; given which draws were along
    sigma_xi, the tails also hold for shots of different states, of this mean (W. Hoeffding, Ann.
    Math. Stat. 27, 713 (1956)).
    """
    trials, along_xi = counts.test.trials, counts.along_xi
    if not trials or not along_xi:
        return 1.0
    a = 2.0 ** (1 - groups)
    up, inside = 2 * (1 - a) / trials, a / along_xi  # what one count adds to 1 - a + T
    found = up * counts.ups + inside * counts.inside
    if found <= 1.0:
        return 1.0
    limit = _chernoff(found, a, trials, along_xi)
    if limit < SURE or not counts.test.single:
        return max(limit, LEAST)
    return max(min(limit, _largest_tail(counts, a)), LEAST)


def _edge(inside: Floats | float, a: float) -> Floats | float:
    """Probability of x = 1 on the edge: 2 (1 - a) u + a v = 1."""
    return (1 - a * inside) / (2 * (1 - a))


def _chernoff(found: float, a: float, trials: float, along_xi: float) -> float:
    """min over t of max over the edge of e^(-t T) E e^(t T)."""
    up, inside = 2 * (1 - a) / trials, a / along_xi

    def log_most(t: float) -> float:
        """Of t: concave in the population v, so the largest is found by bisection of its slope."""
        gain, other = math.expm1(t * up), math.expm1(t * inside)
        slope = -a / (2 * (1 - a))  # of u along the edge
        low, high = 0.0, 1.0
        for _ in range(STEPS):
            v = (low + high) / 2
            u = (1 - a * v) / (2 * (1 - a))
            rise = trials * slope * gain / (1 + u * gain) + along_xi * other / (1 + v * other)
            low, high = (v, high) if rise > 0 else (low, v)
        v = (low + high) / 2
        u = (1 - a * v) / (2 * (1 - a))
        return trials * math.log1p(u * gain) + along_xi * math.log1p(v * other) - t * found

    # Convex in t; beyond 30 / (the largest step of T) nothing is gained that is not certain.
    low, high = 0.0, 30.0 / max(up, inside)
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(STEPS):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if log_most(left) < log_most(right) else (left, high)
    return math.exp(min(0.0, log_most((low + high) / 2)))


def _largest_tail(counts: CoherenceCounts, a: float) -> float:
    """max over the edge of P(T >= found), on a grid and then around its best point."""

    def best(points: Floats) -> tuple[float, int]:
        tails = [_tail(counts, a, float(v)) for v in points]
        return max(tails), int(np.argmax(tails))

    points = (1 - np.cos(np.linspace(0, np.pi, POINTS))) / 2
    largest, place = best(points)
    near = np.linspace(points[max(place - 1, 0)], points[min(place + 1, POINTS - 1)], POINTS // 4)
    return min(1.0, max(largest, best(near)[0]))


def _tail(counts: CoherenceCounts, a: float, v: float) -> float:
    """P(T >= found) with population v, on the edge."""
    trials, along_xi = counts.test.trials, counts.along_xi
    u = float(_edge(v, a))
    spread = REACH * math.sqrt(along_xi * v * (1 - v)) + FEW
    k = np.arange(
        max(0, math.floor(along_xi * v - spread)), min(along_xi, along_xi * v + spread) + 1
    )
    gammaln, xlogy = scipy.special.gammaln, scipy.special.xlogy
    logs = gammaln(along_xi + 1) - gammaln(k + 1) - gammaln(along_xi - k + 1)
    logs += xlogy(k, v) + scipy.special.xlog1py(along_xi - k, -v)
    chances = np.exp(logs)
    step = a * trials / (2 * (1 - a) * along_xi)  # ups that one count inside is worth
    least = np.ceil(counts.ups + step * (counts.inside - k) - 1e-9)
    tails = np.where(least <= 0, 1.0, 0.0)
    some = (least > 0) & (least <= trials)
    tails[some] = scipy.special.betainc(least[some], trials - least[some] + 1, u)
    # What is not summed is counted in full.
    return float(chances @ tails) + max(0.0, 1.0 - float(chances.sum()))
