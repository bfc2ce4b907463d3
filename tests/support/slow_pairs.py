"""Slow twin of the pair engine: Python loops, exact numbers, no bits.

A polynomial in t is a list of whole numbers; every factor of a qubit is multiplied by 4, so that
all coefficients are whole.
"""

import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Row = tuple[int, ...]
Polynomial = list[int]  # in t
Jet = tuple[Polynomial, Polynomial, Polynomial]  # coefficients of 1, phi, phi^2


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    product = [0] * (len(a) + len(b) - 1)
    for (i, x), (j, y) in itertools.product(enumerate(a), enumerate(b)):
        product[i + j] += x * y
    return product


def plus(*terms: Polynomial) -> Polynomial:
    return [sum(column) for column in itertools.zip_longest(*terms, fillvalue=0)]


def factor(direction: int, direction_2: int, bit: int, bit_2: int, three: bool) -> Jet:
    """4 [1/2 + a t x x' cos(phi + theta - theta')] of one qubit, to second order in phi."""
    amplitude = (1 - 2 * bit) * (1 - 2 * bit_2) * (18 if three else 8)
    zero = [0]
    if 2 in (direction, direction_2):
        return [2], zero, zero
    if direction == direction_2:  # cos(phi)
        return [2, amplitude], zero, [0, -amplitude // 2]
    if direction == 0:  # cos(phi - pi/2) = sin(phi)
        return [2], [0, amplitude], zero
    return [2], [0, -amplitude], zero


def product(jets: list[Jet]) -> Jet:
    total: Jet = ([1], [0], [0])
    for jet in jets:
        (a, b, c), (d, e, f) = total, jet
        total = (
            times(a, d),
            plus(times(a, e), times(b, d)),
            plus(times(a, f), times(b, e), times(c, d)),
        )
    return total


def kernel(shot: tuple[Row, Row], shot_2: tuple[Row, Row], three: bool) -> list[Fraction]:
    """Kernel of two single shots (directions, bits): orders 0 ... N and, if three, F0.

    2 (-d^2/dphi^2) at 0 is -4 times the coefficient of phi^2.
    """
    num_qubits = len(shot[0])
    qubits = list(zip(*shot, strict=True))
    qubits_2 = list(zip(*shot_2, strict=True))
    jets = [factor(a, c, b, d, three) for (a, b), (c, d) in zip(qubits, qubits_2, strict=True)]
    second = product(jets)[2]
    scale = Fraction(-4, 4**num_qubits)
    terms = [scale * value for value in second] + [Fraction(0)] * (num_qubits + 1 - len(second))
    if three:
        for k, ((a, b), (c, d)) in enumerate(zip(qubits, qubits_2, strict=True)):
            if a == c == 2:
                jets[k] = ([20 if b == d else -16], [0], [0])
        terms = [*terms, scale * sum(product(jets)[2])]
    return terms


@dataclass
class SlowSums:
    """As `qbell.estimator.pairs.pairs.PairSums`, with the kernel of every pair of units."""

    gram: NDArray[np.float64]
    influence: NDArray[np.float64]
    mean: list[Fraction]


def slow_pair_sums(
    directions: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    counts: NDArray[np.int64],
    draws: NDArray[np.int64] | None,
    blocks: NDArray[np.int64],
    num_blocks: int,
    three: bool = False,
) -> SlowSums:
    """One pair of shots after the other."""
    units: dict[int, list[tuple[Row, Row]]] = {}
    for row in range(len(counts)):
        shot = (tuple(map(int, directions[row])), tuple(map(int, bits[row])))
        for _ in range(int(counts[row])):
            name = sum(map(len, units.values())) if draws is None else int(draws[row])
            units.setdefault(name, []).append(shot)
    data = [units[name] for name in sorted(units)]
    seen: dict[tuple[tuple[Row, Row], tuple[Row, Row]], list[Fraction]] = {}
    num_terms = directions.shape[1] + 1 + three
    gram = [[[Fraction(0)] * num_terms for _ in range(num_blocks)] for _ in range(num_blocks)]
    influence = [[Fraction(0)] * num_terms for _ in data]
    for (u, shots), (v, shots_2) in itertools.permutations(enumerate(data), 2):
        for shot, shot_2 in itertools.product(shots, shots_2):
            if (shot, shot_2) not in seen:
                seen[shot, shot_2] = kernel(shot, shot_2, three)
            for n, value in enumerate(seen[shot, shot_2]):
                share = value / (len(shots) * len(shots_2))
                gram[blocks[u]][blocks[v]][n] += share
                influence[u][n] += share / (len(data) - 1)
    mean = [sum(column, Fraction(0)) / len(data) for column in zip(*influence, strict=True)]
    return SlowSums(
        np.array(gram, dtype=float).transpose(2, 0, 1), np.array(influence, dtype=float), mean
    )
