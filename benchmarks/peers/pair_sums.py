"""The bound from 8000 random settings of one shot: by pairs, or through all 3^N correlators."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pairs import all_pairs, by_numpy
from benchmarks.peers.case import Case, Tool, Work

SHOTS = 8000
ROWS = 200  # of pairs at a time in NumPy

Bits = NDArray[np.uint8]


def shots_of(n: int) -> Any:
    """The same for all."""
    import qbell as tool

    draws = SHOTS if n > 4 else 100
    return tool.sample(
        tool.ghz(n), tool.schedule(n, "random", draws=draws, seed=1), shots=1, seed=1
    )


def on_shots(work: Callable[[Bits, Bits], float]) -> Callable[[int], Work]:
    """Directions and outcomes are given."""

    def prepare(n: int) -> Work:
        shots = shots_of(n)
        return lambda: work(shots.directions, shots.bits)

    return prepare


def qbell(directions: Bits, bits: Bits) -> float:
    """By order, with the blocks and influences that intervals need."""
    return float(all_pairs(directions, bits).means.sum())


def qbell_tensor(n: int) -> Work:
    """What qbell does up to 12 qubits."""
    from qbell.conventions.eq24 import bound_weights
    from qbell.estimator.tensor.moments import cells_of, moments
    from qbell.estimator.tensor.units import group

    shots = shots_of(n)

    def work() -> float:
        units = group(shots)
        return float(bound_weights(n) @ moments(units, cells_of(units, n), n).squares(n))

    return work


def numpy_pairs(directions: Bits, bits: Bits) -> float:
    """The kernel K of `qbell.estimator.pairs.terms`, by matrix products.

    With a qubit's signs x, along sigma_1 (a) or sigma_2 (b) and 0 else: sums of x x' over qubits of
    equal directions and of different ones are matrix products.
    """
    shots, n = bits.shape
    sign = 1.0 - 2.0 * bits
    a, b = sign * (directions == 0), sign * (directions == 1)
    one, two = 1.0 * (directions == 0), 1.0 * (directions == 1)
    total = 0.0
    for first in range(0, shots, ROWS):
        part = slice(first, first + ROWS)
        same = a[part] @ a.T + b[part] @ b.T
        equal = one[part] @ one.T + two[part] @ two.T
        delta = a[part] @ b.T - b[part] @ a.T
        plus, minus, mixed = (equal + same) / 2, (equal - same) / 2, n - equal
        size = 2.5**plus * (-1.5) ** minus * 0.5**mixed
        kernel = size * (0.8 * plus + 4 / 3 * minus - 16 * (delta**2 - mixed))
        kernel[np.arange(len(kernel)), np.arange(first, first + len(kernel))] = 0
        total += float(kernel.sum())
    return float(2 * total / (shots * (shots - 1)))


CASE = Case(
    title="Pair estimator: the bound from 8000 random settings of one shot",
    says="GHZ. qbell gives it by order, with the sums between 48 blocks and the influence of each "
    "shot, from which its intervals come.",
    sizes=(8, 12, 20, 30),
    tools=(
        Tool("qbell, pairs", "qbell", on_shots(qbell)),
        Tool("qbell, all 3^N correlators", "qbell", qbell_tensor, most=12),
        Tool("NumPy, pairs by matrix products", "numpy", on_shots(numpy_pairs)),
        Tool("NumPy, all 3^N correlators", "numpy", on_shots(by_numpy), most=12),
    ),
    close=1e-8,
    warm=4,
)
