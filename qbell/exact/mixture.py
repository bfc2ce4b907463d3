"""Exact values of a mixture of few pure states, rho = sum_i |w_i><w_i|, from the vectors alone."""

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.conventions.eq24 import bound_by_order_of_sums
from qbell.conventions.labels import signs, sums_by
from qbell.exact.engine import ROUNDING, BelowRounding, Engine, Orders, Pairs
from qbell.exact.frames import charges, num_qubits_of, turned_rows
from qbell.exact.read_state import real_if_possible
from qbell.exact.transform import all_correlators
from qbell.util.checks import require_memory

Vectors = NDArray[np.complex128]


class Mixture(Engine):
    """Engine for the r rows (r, 2^N) of ``vectors``, whose squared norms add up to 1.

    They need not be orthogonal. Work 2^N r^2 for the QFI and 3^N r for the correlators, where a
    density matrix takes 8^N and 4^N.
    """

    is_pure = False

    def __init__(
        self,
        vectors: Vectors,
        rounding: float = ROUNDING,
        *,
        orthogonal: bool = False,
        floor: float = 0.0,
    ) -> None:
        self.vectors = vectors
        self.floor = floor  # c, where rho = sum_i |w_i><w_i| + c 1
        self.orthogonal = orthogonal  # to each other: then they are eigenvectors
        self.rounding = rounding  # of each element of rho
        self.num_qubits = num_qubits_of(vectors[0])
        self.method = f"mixture of {len(vectors)} pure states"

    def qfi(self, axis: Axis) -> float:
        """Eq. (8): pairs in the support of rho, and what h takes out of it, ``q``.

        2 sum_ij (p_i - p_j)^2 / (p_i + p_j) |<i|h|j>|^2 + 4 sum_i p_i |q h |i>|^2: two sums of
        positive terms, in which nothing cancels. In white noise p_i + c are eigenvalues, c those
        outside, and the second sum has p_i^2 / (p_i + 2 c) in place of p_i.
        """
        p, vectors = self._spectrum
        inside, outside = _split(vectors, generator(vectors, axis))
        within = np.sum(pair_weights(p + self.floor) * np.abs(inside) ** 2)
        return float(within + self._beyond(p) @ np.sum(np.abs(outside) ** 2, axis=1))

    def qfi_matrix(self) -> NDArray[np.float64]:
        """The same with <i|J_a|j><j|J_b|i> in place of |<i|h|j>|^2."""
        p, vectors = self._spectrum
        parts = [_split(vectors, spin) for spin in spins(vectors)]
        weights = pair_weights(p + self.floor)
        matrix = np.empty((3, 3))
        for a, (inside, outside) in enumerate(parts):
            for b, (other_inside, other_outside) in enumerate(parts):
                within = np.sum(weights * (inside * other_inside.conj()).real)
                beyond = np.sum((outside * other_outside.conj()).real, axis=1)
                matrix[a, b] = within + self._beyond(p) @ beyond
        return matrix

    def pairs(self, axis: Axis) -> Pairs:
        """See `Engine.pairs`: pairs in the support, and of its vectors with what is outside."""
        p, vectors = self._spectrum
        inside, outside = _split(vectors, generator(vectors, axis))
        within = 2 * (p[:, None] - p) ** 2 * np.abs(inside) ** 2
        beyond = 4 * p**2 * np.sum(np.abs(outside) ** 2, axis=1)
        weights = np.concatenate([within.ravel(), beyond])
        return weights, np.concatenate([(p[:, None] + p).ravel(), p]) + 2 * self.floor

    def f0(self, axis: Axis) -> float:
        """Eq. (15), 2 |[h, rho]|^2, split in the same way."""
        p, vectors = self._spectrum
        inside, outside = _split(vectors, generator(vectors, axis))
        within = np.sum((p[:, None] - p) ** 2 * np.abs(inside) ** 2)
        return float(2 * within + 4 * p**2 @ np.sum(np.abs(outside) ** 2, axis=1))

    def c_n(self, axis: Axis) -> complex:
        """c_{N,0} = <1...1|rho|0...0> in the frame of the axis."""
        frame = turned_rows(self.vectors, axis)
        return complex(frame[:, -1] @ frame[:, 0].conj())

    def log_e_n(self, axis: Axis) -> float:
        """2 ln |c_{N,0}|; -inf if it is zero.

        Raises:
            BelowRounding: it is no more than rounding.
        """
        return log_of(self.c_n(axis), axis, self.rounding)

    def correlator_values(self, axis: Axis) -> NDArray[np.inexact]:
        """c_s of all 3^N labels: the sum over the vectors."""
        frame = real_if_possible(turned_rows(self.vectors, axis))
        total = all_correlators(frame[0])
        for vector in frame[1:]:
            total = total + all_correlators(vector)
        total[0] += self.floor * 2**self.num_qubits  # the trace
        return total

    def orders(self, axis: Axis) -> Orders:
        """From the squares of the sums."""
        size = self.num_qubits
        squares = np.abs(self.correlator_values(axis)) ** 2
        plus, minus = signs(size)
        sums = sums_by(plus * (size + 1) + minus, squares, (size + 1) ** 2)
        return Orders(bound_by_order_of_sums(sums.reshape(size + 1, size + 1)), self.method)

    def _beyond(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        """4 p^2 / (p + 2 c)."""
        return np.asarray(4 * p * (p / (p + 2 * self.floor)))

    @cached_property
    def _spectrum(self) -> tuple[NDArray[np.float64], NDArray[np.inexact]]:
        """The eigenvalues p_i of rho above 0, and its eigenvectors as rows.

        From singular values sqrt(p_i): an error of 1e-16 of these is 2e-16 sqrt(p_i) of p_i.
        """
        require_memory(10.0 * self.vectors.nbytes, f"the QFI of {len(self.vectors)} pure states")
        if self.orthogonal:
            norms = np.linalg.norm(self.vectors, axis=1)
            kept = norms > 0
            rows = self.vectors[kept] / norms[kept, None]
            return norms[kept] ** 2, real_if_possible(rows)
        _, roots, rows = np.linalg.svd(real_if_possible(self.vectors), full_matrices=False)
        kept = roots > 0
        return roots[kept] ** 2, rows[kept]


def pair_weights(
    p: NDArray[np.float64], others: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """2 (p_i - p_j)^2 / (p_i + p_j) of Eq. (8), j of ``others`` if given; 0 where both are."""
    p = np.maximum(p, 0)  # rounding leaves zeros at -1e-17
    others = p if others is None else np.maximum(others, 0)
    total = p[:, None] + others[None, :]
    weights = p[:, None] - others[None, :]
    weights *= weights
    weights *= 2
    return np.divide(weights, total, out=weights, where=total > 0)  # elsewhere 0 already


def spins(vectors: NDArray[np.inexact]) -> tuple[NDArray[np.inexact], ...]:
    """J_x, J_y and J_z applied to each row (r, 2^N)."""
    rows, dimension = vectors.shape
    raised = np.zeros_like(vectors)  # sum of |0><1| on each qubit
    lowered = np.zeros_like(vectors)
    for qubit in range(num_qubits_of(vectors[0])):
        source, up, down = (
            v.reshape(rows, dimension >> qubit + 1, 2, 2**qubit) for v in (vectors, raised, lowered)
        )
        up[:, :, 0] += source[:, :, 1]
        down[:, :, 1] += source[:, :, 0]
    along_z = charges(num_qubits_of(vectors[0])) * vectors
    return (raised + lowered) / 2, (raised - lowered) / 2j, along_z


def generator(vectors: NDArray[np.inexact], axis: Axis) -> NDArray[np.inexact]:
    """h applied to each row (r, 2^N)."""
    if axis.is_laboratory:
        return np.asarray(charges(num_qubits_of(vectors[0])) * vectors)
    parts = [xi * spin for xi, spin in zip(axis.xi, spins(vectors), strict=True) if xi != 0]
    return np.asarray(sum(parts[1:], start=parts[0]))


def log_of(value: complex, axis: Axis, rounding: float) -> float:
    """2 ln |c|; -inf if it is zero by construction.

    Raises:
        BelowRounding: it is no more than rounding.
    """
    modulus = abs(value)
    if modulus == 0 and axis.is_laboratory:
        return -math.inf
    if modulus <= rounding:
        raise BelowRounding(2 * math.log(modulus + rounding))
    return 2 * math.log(modulus)


def _split(
    vectors: NDArray[np.inexact], images: NDArray[np.inexact]
) -> tuple[NDArray[np.inexact], NDArray[np.inexact]]:
    """<i|h|j> of all pairs of rows, and the parts of the rows h|j> across all |i>."""
    inside = vectors.conj() @ images.T
    return inside, images - inside.T @ vectors
