"""Exact values of a density matrix (2^N, 2^N)."""

import math
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.conventions.eq24 import bound_by_order_of_sums
from qbell.conventions.labels import signs
from qbell.exact.eigenvectors import eigenvectors
from qbell.exact.engine import ROUNDING, Engine, Orders, Pairs
from qbell.exact.frames import charges, num_qubits_of, power_of, require_positive, turned
from qbell.exact.mixture import Mixture, generator, log_of, pair_weights, spins
from qbell.util.checks import require_memory
from qbell.util.numba_jit import compiled

_LEAF = 5  # qubits of a block that is worked out in one go
_STRIP = 64  # eigenvectors, at least, whose matrix elements are made in one go

Matrix = NDArray[np.complex128]
Values = NDArray[np.float64]
Strip = tuple[tuple[Values, Values], Values, list[NDArray[np.inexact]]]


class DensityMatrix(Engine):
    """Engine for a checked density matrix; for the arguments see `Checked`.

    One that is ``unproven`` is for the QFI alone, whose eigenvalues show whether it is positive.
    """

    method = "density matrix"
    is_pure = False

    def __init__(
        self,
        matrix: Matrix,
        rounding: float = ROUNDING,
        vectors: Matrix | None = None,
        floor: float = 0.0,
        unproven: float | None = None,
    ) -> None:
        self.matrix = matrix
        self.unproven = unproven
        self.rounding = rounding  # of each element
        self.num_qubits = num_qubits_of(matrix)
        self.mixture = None if vectors is None else Mixture(vectors, rounding, floor=floor)
        if vectors is not None:
            noise = " in white noise" if floor else ""
            self.method = f"density matrix of rank {len(vectors)}{noise}"

    def qfi(self, axis: Axis) -> float:
        """Eq. (8): 2 sum_ij (p_i - p_j)^2 / (p_i + p_j) |<i|h|j>|^2 without p_i + p_j = 0."""
        if self.mixture is not None:
            return self.mixture.qfi(axis)
        rows = self.spectrum[1]
        found = self._strips([generator(rows, axis)])
        return math.fsum(n @ np.sum(pair_weights(*p) * _squares(h), axis=0) for p, n, (h,) in found)

    def qfi_matrix(self) -> NDArray[np.float64]:
        """Eq. (8) with <i|J_a|j><j|J_b|i> in place of |<i|h|j>|^2."""
        if self.mixture is not None:
            return self.mixture.qfi_matrix()
        matrix = np.zeros((3, 3))
        for p, times, elements in self._strips(list(spins(self.spectrum[1]))):
            weights = times * pair_weights(*p)
            for a, first in enumerate(elements):
                for b, second in enumerate(elements[: a + 1]):
                    matrix[a, b] += np.sum(weights * (first * second.conj()).real)
        return np.tril(matrix) + np.tril(matrix, -1).T

    def pairs(self, axis: Axis) -> Pairs:
        """See `Engine.pairs`."""
        if self.mixture is not None:
            return self.mixture.pairs(axis)
        weights, sums = [], []
        for (p, others), times, (elements,) in self._strips([generator(self.spectrum[1], axis)]):
            mine, theirs = np.clip(p, 0, None)[:, None], np.clip(others, 0, None)
            weights.append((2 * times * (mine - theirs) ** 2 * np.abs(elements) ** 2).ravel())
            sums.append((mine + theirs).ravel())
        return np.concatenate(weights), np.concatenate(sums)

    def f0(self, axis: Axis) -> float:
        """2 sum_nm (h_n - h_m)^2 |rho_nm|^2 in the eigenbasis of h, Eq. (15)."""
        if self.mixture is not None:
            return self.mixture.f0(axis)
        h = charges(self.num_qubits)
        frame = turned(self.matrix, axis)
        return float(2 * np.sum((h[:, None] - h[None, :]) ** 2 * np.abs(frame) ** 2))

    def c_n(self, axis: Axis) -> complex:
        """c_{N,0} = <1...1|rho|0...0> in the frame of the axis."""
        if axis.is_laboratory:
            return complex(self.matrix[-1, 0])
        up, down = (power_of(end, self.num_qubits) for end in axis.frame().T)
        return complex(down.conj() @ (self.matrix @ up))

    def log_e_n(self, axis: Axis) -> float:
        """2 ln |c_{N,0}|; -inf if it is zero.

        Raises:
            BelowRounding: it is no more than rounding.
        """
        return log_of(self.c_n(axis), axis, self.rounding)

    def correlator_values(self, axis: Axis) -> NDArray[np.inexact]:
        """c_s of all 3^N labels."""
        if self._by_vectors is not None:
            return self._by_vectors.correlator_values(axis)
        values = np.empty(3**self.num_qubits, dtype=complex)

        def keep(start: int, part: Matrix) -> None:
            values[start : start + len(part)] = part

        _walk(np.ascontiguousarray(turned(self.matrix, axis)), 0, keep)
        return values

    def orders(self, axis: Axis) -> Orders:
        """From the sums of squares; 3^N numbers are never kept."""
        size = self.num_qubits
        if self._by_vectors is not None:
            return Orders(self._by_vectors.orders(axis).values, self.method)
        sums = np.zeros((size + 1, size + 1))
        leaf_signs = signs(min(size, _LEAF))

        def add(start: int, part: Matrix) -> None:
            letters = np.base_repr(start // len(part), 3)
            plus, minus = letters.count("1"), letters.count("2")
            np.add.at(sums, (plus + leaf_signs[0], minus + leaf_signs[1]), np.abs(part) ** 2)

        _walk(np.ascontiguousarray(turned(self.matrix, axis)), 0, add)
        return Orders(bound_by_order_of_sums(sums), self.method)

    @property
    def _by_vectors(self) -> Mixture | None:
        """Where 3^N r steps are fewer than 4^N."""
        few = self.mixture
        if few is None or len(few.vectors) * 0.75**self.num_qubits > 1:
            return None
        return few

    @cached_property
    def spectrum(self) -> tuple[NDArray[np.float64], NDArray[np.inexact]]:
        """Eigenvalues, and eigenvectors as rows."""
        size = self.num_qubits
        require_memory(8.0 * self.matrix.nbytes, f"the QFI of a density matrix of {size} qubits")
        values, rows = eigenvectors(self.matrix)
        if self.unproven is not None:
            require_positive(self.matrix, self.unproven, float(values.min()))
        return values, rows

    def _strips(self, images: list[NDArray[np.inexact]]) -> Iterator[Strip]:
        """<i|h|j> of eigenvectors i, some at a time, and all j up to the last of these.

        ``images`` (d, d) holds h applied to each. A pair of i and j comes once, and counts twice.
        """
        p, rows = self.spectrum
        strip = max(len(p) // 8, _STRIP)
        for start in range(0, len(p), strip):
            own = slice(start, min(start + strip, len(p)))
            support = rows[own].any(axis=0)  # vectors of one block lie on few basis states
            left = rows[own] if support.all() else rows[own][:, support]
            right = [v[: own.stop] if support.all() else v[: own.stop, support] for v in images]
            times = np.full(own.stop, 2.0)
            times[start:] = 1.0
            yield (p[own], p[: own.stop]), times, [left.conj() @ v.T for v in right]


def _squares(numbers: NDArray[np.inexact]) -> NDArray[np.float64]:
    """|z|^2, without the root that `numpy.abs` takes."""
    squares = np.square(numbers.real)
    return np.asarray(squares + np.square(numbers.imag) if np.iscomplexobj(numbers) else squares)


def _walk(block: Matrix, start: int, use: Callable[[int, Matrix], None]) -> None:
    """Trace the highest qubit out with 1, sigma_+ and sigma_-, and go on with what is left.

    Per qubit: (rho_00 + rho_11, rho_10, rho_01) = Tr[rho (1, sigma_+, sigma_-)]. Depth first, so
    that beside the matrix only a third of its size is ever held.
    """
    half = len(block) // 2
    qubits = len(block).bit_length() - 1
    if qubits <= _LEAF:
        values = np.empty(3**qubits, dtype=complex)
        _leaf(block, values)
        use(start, values)
        return
    step = 3 ** (qubits - 1)
    _walk(block[:half, :half] + block[half:, half:], start, use)
    _walk(block[half:, :half], start + step, use)
    _walk(block[:half, half:], start + 2 * step, use)


@compiled
def _leaf(block: Matrix, values: Matrix) -> None:
    """All correlators of a small block."""
    dimension = len(block)
    work = np.empty((2, dimension * dimension), dtype=values.dtype)
    for i in range(dimension):
        for j in range(dimension):
            work[0, i * dimension + j] = block[i, j]
    side, groups = 0, 1
    while dimension > 1:
        half = dimension // 2
        source, target = work[side], work[1 - side]
        for group in range(groups):
            old = group * dimension * dimension
            new = 3 * group * half * half
            for i in range(half):
                for j in range(half):
                    upper = old + i * dimension + j
                    lower = upper + half * dimension
                    place = new + i * half + j
                    target[place] = source[upper] + source[lower + half]
                    target[place + half * half] = source[lower]
                    target[place + 2 * half * half] = source[upper + half]
        side = 1 - side
        groups *= 3
        dimension = half
    for i in range(len(values)):
        values[i] = work[side, i]
