"""A lower limit of Eq. (24) from random settings that holds whenever one looks, and stops.

Sums of correlators over all labels with the same numbers of + and - are linear in a shot. With F_j
such a sum for class j, of m_j labels of weight w_j each, and v_j = F_j sqrt(2 w_j / m_j), real and
imaginary part, of n_+ > n_- alone as c_-s = c_s*,

    B >= |E v|^2 >= 2 a . E v - |a|^2        for every a,

the first by the inequality of Cauchy and Schwarz in each class, with equality where exchanging
qubits changes no correlator. So a may be learnt from earlier shots, and what a shot says of the
bound is the number 2 a . v - |a|^2. It depends on four counts of the shot, so that its range is
known exactly.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.p_value_bounds import STAKES
from qbell.conventions.eq24 import weight
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAX_QUBITS = 20
FIRST = 64  # shots that only teach
REACH = 16.0  # times N^2: no shot says less than minus this
FEW = 3.0  # shots' worth of "settings of this number of sigma_2 are like all others"
STEPS = 40  # of bisection


def bound_low(shots: Shots, confidence: float) -> float:
    """The limit, of the average of Eq. (24) over the states of all shots but the first 64.

    Shots are taken in the order of their draws' numbers. At 64, 128, 256, ... of them a is learnt
    anew from all before, each component shrunk by its noise; and g, how the values of earlier
    shots go with the number of sigma_2 in the setting. Then

        y = 2 a . v - |a|^2 - (g - mean of g over settings)

    has a mean of at most B given all the past, for any a and g, and is scaled to y >= -16 N^2. With
    fixed stakes s the wealth mean_s prod (1 + s (y - b)) exceeds 1 / alpha at some time with
    probability alpha at most if B is at most b on average: prod (1 + s (m - b)) <= 1 for means m
    that are at most b on average, as ln is concave, so the wealth is at most a martingale, and
    Ville's inequality holds. The limit is the smallest b that is not excluded.

    Args:
        shots: of the random design, one a draw, the draws numbered.
        confidence: that it is at most the bound, at all times together.

    Returns:
        The limit, 0 or above; 0 beyond 20 qubits.

    >>> import qbell
    >>> settings = qbell.schedule(4, "random", draws=2000, seed=1)
    >>> 15 < bound_low(qbell.sample(qbell.ghz(4), settings, shots=1, seed=1), 0.95) < 16
    True
    """
    num_qubits = shots.num_qubits
    if num_qubits > MAX_QUBITS or shots.total <= FIRST:
        return 0.0
    values, counts = np.unique(says(_kinds(shots), num_qubits), return_counts=True)
    goal = math.log(len(STAKES)) - math.log1p(-confidence)
    reach = REACH * num_qubits**2

    def excluded(least: float) -> bool:
        logs = np.log1p(np.outer(STAKES / (least + reach), values - least)) @ counts
        return float(np.logaddexp.reduce(logs)) >= goal

    if not excluded(0.0):
        return 0.0
    low, high = 0.0, float(num_qubits**2)
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excluded(middle) else (low, middle)
    return low


def says(kinds: Integers, num_qubits: int) -> Floats:
    """(shots - 64,) y of each shot after the first ones; see `bound_low`.

    Args:
        kinds: (shots,) row of each shot in `features`, in order.
        num_qubits: N.
    """
    second, vectors = features(num_qubits)
    chances = np.array([math.comb(num_qubits, k) for k in range(num_qubits + 1)]) / 2.0**num_qubits
    found = []
    start = FIRST
    while start < len(kinds):
        past = np.bincount(kinds[:start], minlength=len(second)).astype(float)
        mean = past @ vectors / start
        noise = np.maximum(past @ vectors**2 / start - mean**2, 0.0) / start
        learnt = mean * np.clip(1 - noise / np.maximum(mean**2, 1e-300), 0.0, 1.0)
        every = 2 * vectors @ learnt - learnt @ learnt
        usual = float(past @ every) / start
        came = np.bincount(second, past, num_qubits + 1)
        by_second = np.bincount(second, past * (every - usual), num_qubits + 1) / (came + FEW)
        every -= (by_second - chances @ by_second)[second]
        every *= min(1.0, REACH * num_qubits**2 / max(-float(every.min()), 1e-300))
        found.append(every[kinds[start : 2 * start]])
        start *= 2
    return np.concatenate(found)


def _kinds(shots: Shots) -> Integers:
    """(shots,) row in `features` of each shot, in the order of the draws."""
    assert shots.draws is not None
    order = np.argsort(shots.draws, kind="stable")
    along, minus = shots.directions[order] == 1, shots.bits[order] == 1
    n = shots.num_qubits
    second, first_minus, second_minus = (
        rows.sum(axis=1, dtype=np.int64) for rows in (along, ~along & minus, along & minus)
    )
    table = np.full((n + 1, n + 1, n + 1), -1)
    table[tuple(_counts(n).T)] = np.arange(math.comb(n + 3, 3))
    kinds: Integers = np.repeat(table[second, first_minus, second_minus], shots.counts[order])
    return kinds


def _counts(num_qubits: int) -> Integers:
    """(kinds, 3) of a kind of shot: qubits along sigma_2, outcomes -1 along 1 and along 2."""
    return np.array(
        [
            (second, first_minus, second_minus)
            for second in range(num_qubits + 1)
            for first_minus in range(num_qubits - second + 1)
            for second_minus in range(second + 1)
        ]
    )


@lru_cache(maxsize=4)
def features(num_qubits: int) -> tuple[Integers, Floats]:
    """(kinds,) number of sigma_2 and (kinds, features) v of every kind of shot.

    F of a class is the coefficient of p^n_+ m^n_- in prod_k (1 + x_k w_k p + x_k w_k* m), w = 1
    along sigma_1 and i along sigma_2: from its values at roots of unity.

    >>> features(2)[1].shape  # of ++, +0: real and imaginary parts
    (10, 4)
    """
    kinds = _counts(num_qubits)
    second, first_minus, second_minus = kinds.T
    roots = np.exp(2j * np.pi * np.arange(num_qubits + 1) / (num_qubits + 1))
    p, m = roots[:, None], roots[None, :]
    powers = (
        (1 + p + m, num_qubits - second - first_minus),
        (1 - p - m, first_minus),
        (1 + 1j * p - 1j * m, second - second_minus),
        (1 - 1j * p + 1j * m, second_minus),
    )
    product = np.ones((len(kinds), *(p + m).shape), dtype=complex)
    for factor, power in powers:
        product *= factor[None] ** power[:, None, None]
    sums = np.fft.fft2(product) / (num_qubits + 1) ** 2
    n_plus, n_minus = np.array(
        [(a, b) for a in range(num_qubits + 1) for b in range(a) if a + b <= num_qubits]
    ).T
    labels = np.array(
        [
            math.comb(num_qubits, a) * math.comb(num_qubits - a, b)
            for a, b in zip(n_plus.tolist(), n_minus.tolist(), strict=True)
        ]
    )
    chosen = sums[:, n_plus, n_minus] * np.sqrt(2 * weight(n_plus, n_minus, num_qubits) / labels)
    vectors = np.concatenate([chosen.real, chosen.imag], axis=1)
    vectors.flags.writeable = False
    return second, vectors
