"""Single correlators of designs that draw settings, label by label, at any number of qubits.

A shot in a random setting gives c_hat_s = prod_{k in s} x_k w_k, with w = 1 along sigma_1, +-i
along sigma_2; of three directions, 3/2 of that, and 0 along sigma_xi.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.moments import UNSEEN_FLIPS
from qbell.labels import LABEL_LETTERS, columns
from qbell.shots import Shots
from qbell.threads import in_threads

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

TURNS = np.array([1, 1j, -1, -1j])
MAX_ROWS = 5000  # of the table by default


@dataclass(frozen=True)
class DrawnUnits:
    """Shots of a drawn design in the order of their draws.

    Attributes:
        second, third: (rows, N) whether a qubit is measured along sigma_2, along sigma_xi.
        bits: (rows, N) outcomes.
        shares: (rows,) share of a row in its draw; where every shot is a draw, 1.
        counts: (rows,) how many draws a row stands for: 1, or the count where each shot is a draw.
        starts: (units + 1,) first row of each draw, or None where each shot is a draw.
        num_units: number of draws.
        three: whether there are three directions.
    """

    second: NDArray[np.uint8]
    third: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    shares: Floats
    counts: Integers
    starts: Integers | None
    num_units: int
    three: bool

    def values(self, label: str) -> tuple[Complex, Floats]:
        """(groups,) c_hat_s of each group of alike draws, and how many draws are in each."""
        letters = columns([label], LABEL_LETTERS)[0]
        inside = np.flatnonzero(letters)
        minus = np.flatnonzero(letters == 2)
        turns = 2 * self.bits[:, inside].sum(axis=1, dtype=np.int64)
        turns += self.second[:, inside].sum(axis=1, dtype=np.int64)
        turns += 2 * self.second[:, minus].sum(axis=1, dtype=np.int64)  # -i is i turned twice more
        found = TURNS[turns % 4]
        if self.three:
            found = found * 1.5 ** len(inside) * (self.third[:, inside].sum(axis=1) == 0)
        if self.starts is None:
            return found, self.counts.astype(float)
        means = np.add.reduceat(found * self.shares, self.starts[:-1])
        return means, np.ones(self.num_units)


def drawn_units(shots: Shots) -> DrawnUnits:
    """Prepare the shots of a random or random3 design."""
    three = shots.design == "random3"
    if shots.draws is None:
        order = np.arange(len(shots.counts))
        starts, shares, counts = None, np.ones(len(order)), shots.counts
        num_units = shots.total
    else:
        order = np.argsort(shots.draws, kind="stable")
        draws = shots.draws[order]
        first = np.flatnonzero(np.concatenate([[True], np.diff(draws) != 0]))
        starts = np.append(first, len(draws))
        sizes = np.add.reduceat(shots.counts[order], first)
        shares = shots.counts[order] / np.repeat(sizes, np.diff(starts))
        counts = np.ones(len(order), dtype=np.int64)
        num_units = len(first)
    directions = shots.directions[order]
    return DrawnUnits(
        second=(directions == 1).astype(np.uint8),
        third=(directions == 2).astype(np.uint8),
        bits=shots.bits[order],
        shares=shares,
        counts=counts[order] if shots.draws is None else counts,
        starts=starts,
        num_units=num_units,
        three=three,
    )


def correlators_of(units: DrawnUnits, labels: Iterable[str]) -> Correlators:
    """Estimates of the ``labels``, without bias: pairs of different draws."""
    names = list(labels)
    total = units.num_units

    def one(label: str) -> tuple[complex, float, float, float, float]:
        values, counts = units.values(label)
        mean = complex(counts @ values) / total
        square = float(counts @ np.abs(values) ** 2) / total
        unbiased = (total * abs(mean) ** 2 - square) / (total - 1)
        real = float(counts @ values.real**2) / total - mean.real**2
        imaginary = float(counts @ values.imag**2) / total - mean.imag**2
        mixed = float(counts @ (values.real * values.imag)) / total - mean.real * mean.imag
        return mean, unbiased, real / (total - 1), imaginary / (total - 1), mixed / (total - 1)

    means, squares, real, imaginary, mixed = (
        np.array(column) for column in zip(*in_threads(one, names), strict=True)
    )
    letters = columns(names, LABEL_LETTERS)
    n_plus, n_minus = ((letters == sign).sum(axis=1, dtype=np.int64) for sign in (1, 2))
    along, across = plane_scatter(means, real, imaginary, mixed)
    # A draw that went the other way would change c_hat by up to twice its modulus over the draws.
    size = 1.5 ** (n_plus + n_minus) if units.three else 1.0
    floor = UNSEEN_FLIPS * (2.0 * size / total) ** 2
    where: dict[str, int] = {}
    swap = str.maketrans("+-", "-+")
    first = [
        where.setdefault(min(name, name.translate(swap)), row) for row, name in enumerate(names)
    ]
    distinct, like = np.unique(first, return_inverse=True)
    return Correlators(
        labels=np.array(names),
        n_plus=n_plus,
        n_minus=n_minus,
        values=means,
        squares=squares,
        along=np.maximum(along, floor),
        across=np.maximum(across, floor),
        distinct=distinct,
        like=like,
    )


def means_of(units: DrawnUnits, labels: Iterable[str]) -> Complex:
    """(labels,) c_hat_s alone."""

    def one(label: str) -> complex:
        values, counts = units.values(label)
        return complex(counts @ values) / units.num_units

    return np.array(in_threads(one, list(labels)))


def default_labels(num_qubits: int) -> list[str]:
    """All labels of low orders, as many orders as fit 5000 rows, and E of all qubits."""
    labels: list[str] = []
    for order in range(1, num_qubits + 1):
        if len(labels) + comb(num_qubits, order) * 2**order > MAX_ROWS:
            return [*labels, "+" * num_qubits]
        labels += [
            _label(num_qubits, qubits, signs)
            for qubits in combinations(range(num_qubits), order)
            for signs in product("+-", repeat=order)
        ]
    return labels


def _label(num_qubits: int, qubits: tuple[int, ...], signs: tuple[str, ...]) -> str:
    letters = ["0"] * num_qubits
    for qubit, sign in zip(qubits, signs, strict=True):
        letters[num_qubits - 1 - qubit] = sign
    return "".join(letters)
