"""Limits of the coherence, of E and of the bound that hold whenever one looks, and stops."""

import math
from typing import Any

import numpy as np

from qbell.certificates.local_realism import hindrance
from qbell.certificates.phase_test import phase_test
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.shots.shots import Shots

# Exponents of the bets, fixed before any data: both signs, each a factor sqrt(2) from the next.
# The best for n shots is of order 1/sqrt(n), and lies among them up to a million shots.
BETS = np.concatenate([sign * 8 * 2.0 ** -(np.arange(26) / 2) for sign in (1, -1)])
STEPS = 60  # of bisection


def anytime_limits(ups: float, trials: float, confidence: float) -> tuple[float, float]:
    """Limits of the mean of x = +-1 that hold at all numbers of shots together.

    With u of n shots +1 and p the average of what their probabilities of +1 were, given all that
    came before each, the wealth

        W(p) = mean over bets b of e^(b u) / (1 - p + p e^b)^n

    is at least 1 / alpha at some n with probability alpha at most, for however the probabilities
    change: e^(b x) over its conditional mean is a martingale, ln of that mean is concave in the
    probability, so the product over shots is at least W, and Ville's inequality holds for it. The
    limits are where W < 1 / alpha, an interval as 1 / (1 - p + p e^b)^n is convex in p.

    Args:
        ups: how many were +1.
        trials: of how many, in the order in which they were registered.
        confidence: of both limits, at all times together.

    Source: J. Ville, Etude critique de la notion de collectif (1939); S. R. Howard et al., Ann.
    Stat. 49, 1055 (2021).

    >>> [round(limit, 2) for limit in anytime_limits(650, 1000, 0.95)]
    [0.19, 0.4]
    """
    if trials <= 0:
        return -1.0, 1.0
    goal = -math.log1p(-confidence) + math.log(len(BETS))

    def outside(p: float) -> bool:
        logs = BETS * ups - trials * np.log1p(p * np.expm1(BETS))
        return float(np.logaddexp.reduce(logs)) >= goal

    found = ups / trials
    ends = []
    for edge in (0.0, 1.0):
        inside, far = found, edge
        for _ in range(STEPS if outside(edge) else 0):
            middle = (inside + far) / 2
            inside, far = (inside, middle) if outside(middle) else (middle, far)
        ends.append(far)
    return 2 * ends[0] - 1, 2 * ends[1] - 1


def anytime_values(shots: Shots, direction: TestedCorrelator, confidence: float) -> dict[str, Any]:
    """`anytime_limits` of what one shot a draw measures, as plain data; empty if they allow none.

    Returns:
        ``mean``: limits of the mean of x along the direction, for correlators of all qubits the
        coherence C = 2 Re(e^(i phase) c), for stars the visibility. Where it is a coherence also
        ``e_n`` = C^2 / 4, at most E of all qubits, and ``bound`` = N^2 C^2, at most Eq. (24): each
        ``{low high}``; the high ones are of these squares and not of E and the bound.
    """
    if hindrance(shots) or shots.draws is None:
        return {}
    test = phase_test(shots, direction)
    if not (test.single and test.drawn and test.one_size and test.trials):
        return {}
    ups = float(test.counts[test.values > 0].sum())
    size = float(test.sizes[0])
    low, high = (size * limit for limit in anytime_limits(ups, test.trials, confidence))
    # Where both kinds of settings count, C is the mean over size^2, which is 1/2.
    low, high = low / size**2, high / size**2
    found: dict[str, Any] = {"confidence": confidence, "mean": {"low": low, "high": high}}
    if shots.rules.measures_qfi:
        least = max(low, -high, 0.0)
        squares = {"low": least**2, "high": max(abs(low), abs(high)) ** 2}
        scales = {"e_n": 0.25, "bound": float(shots.num_qubits**2)}
        found |= {
            name: {end: scale * value for end, value in squares.items()}
            for name, scale in scales.items()
        }
    return found
