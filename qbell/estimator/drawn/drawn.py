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

from qbell.conventions.labels import LABEL_LETTERS, columns
from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.covering.kernels import pack
from qbell.estimator.drawn.kernels import Planes, label_moments, packed_moments
from qbell.estimator.tensor.moments import unseen_draws, unseen_flips
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots
from qbell.util.threads import in_threads

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

MAX_ROWS = 5000  # of the table by default


@dataclass(frozen=True)
class DrawnUnits:
    """Shots of a drawn design in the order of their draws.

    Attributes:
        directions, bits: (N, rows) of each qubit.
        shares: (rows,) share of a row in its draw.
        weights: (draws,) how many alike draws each stands for: 1, or the count of a row where every
            shot is a draw of its own.
        starts: (draws + 1,) first row of each draw.
        num_units: number of draws.
        largest_share: of one shot in its draw.
        three: whether there are three directions.
        planes: where every draw is one shot, the same packed: whether along sigma_2, whether along
            sigma_xi, outcomes.
    """

    directions: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    shares: Floats
    weights: Floats
    starts: Integers
    num_units: int
    largest_share: float
    three: bool
    planes: tuple[Planes, Planes, Planes] | None = None

    def moments(self, label: str) -> Floats:
        """(5,) means over draws of the real and imaginary part, their squares, their product."""
        letters = columns([label], LABEL_LETTERS)[0]
        if self.planes is not None:
            sums: Floats = packed_moments(letters, *self.planes, self.num_units, self.three)
        else:
            sums = label_moments(
                letters,
                self.directions,
                self.bits,
                self.shares,
                self.weights,
                self.starts,
                self.three,
            )
        means: Floats = sums / self.num_units
        return means


def drawn_units(shots: Shots) -> DrawnUnits:
    """Prepare the shots of a random or random3 design."""
    if shots.draws is None:
        order = np.arange(len(shots.counts))
        starts, shares = np.arange(len(order) + 1), np.ones(len(order))
        weights, num_units, fewest = shots.counts.astype(float), shots.total, 1
    else:
        draws = group_by(shots.draws)
        order, starts, sizes = draws.order, draws.starts, draws.sums(shots.counts)
        shares = shots.counts[order] / np.repeat(sizes, np.diff(starts))
        weights, num_units, fewest = np.ones(len(draws)), len(draws), int(sizes.min())
    directions, bits = shots.directions[order], shots.bits[order]
    planes = None
    if len(order) == num_units:  # every draw is one shot
        planes = (
            pack((directions == 1).astype(np.uint8)),
            pack((directions == 2).astype(np.uint8)),
            pack(np.ascontiguousarray(bits)),
        )
    return DrawnUnits(
        directions=np.ascontiguousarray(directions.T),
        bits=np.ascontiguousarray(bits.T),
        shares=shares,
        weights=weights,
        starts=starts.astype(np.int64),
        num_units=num_units,
        largest_share=1 / fewest,
        three=shots.rules.letters > 2,
        planes=planes,
    )


def correlators_of(units: DrawnUnits, labels: Iterable[str]) -> Correlators:
    """Estimates of the ``labels``, without bias: pairs of different draws."""
    names = list(labels)
    total = units.num_units

    found = np.stack(in_threads(units.moments, names))
    means = found[:, 0] + 1j * found[:, 1]
    square = found[:, 2] + found[:, 3]
    squares = (total * np.abs(means) ** 2 - square) / (total - 1)
    real = (found[:, 2] - means.real**2) / (total - 1)
    imaginary = (found[:, 3] - means.imag**2) / (total - 1)
    mixed = (found[:, 4] - means.real * means.imag) / (total - 1)
    letters = columns(names, LABEL_LETTERS)
    n_plus, n_minus = ((letters == sign).sum(axis=1, dtype=np.int64) for sign in (1, 2))
    along, across = plane_scatter(means, real, imaginary, mixed)
    size = 2.25 ** (n_plus + n_minus) if units.three else 1.0
    floor = size * unseen_flips(total, units.largest_share)
    unseen = size * unseen_draws(total)
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
        along=np.maximum(along + unseen, floor),
        across=np.maximum(across + unseen, floor),
        distinct=distinct,
        like=like,
        seen=along,
        draw=np.full(len(names), 2.0 / total) * np.sqrt(size),
    )


def means_of(units: DrawnUnits, labels: Iterable[str]) -> Complex:
    """(labels,) c_hat_s alone."""

    found = np.stack(in_threads(units.moments, list(labels)))
    means: Complex = found[:, 0] + 1j * found[:, 1]
    return means


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
