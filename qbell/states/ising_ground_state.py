"""Exact ground state of the open Ising chain, in the sector even under flipping all spins."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

_DENSE_DIMENSION = 64


@lru_cache(maxsize=8)
def ground_state(num_qubits: int, u: float) -> tuple[float, NDArray[np.float64]]:
    """Energy and the 2^N real amplitudes of the ground state of Eq. (29).

    The basis of the even sector is (|b> + |not b>) / sqrt(2) with qubit N-1 of b at 0. There
    X_(N-1) takes b to the complement of its other bits, and the ground state keeps a gap of order
    one for U < 0 at any N; without the restriction an eigensolver mixes in the odd state, which is
    exponentially close, and returns wrong correlators. U > 0 maps to -U by flipping every other
    spin. The amplitudes are read-only.
    """
    size = 2 ** (num_qubits - 1)
    index = np.arange(size)
    bonds = np.zeros(size)
    for qubit in range(num_qubits - 1):
        bonds += 1.0 - 2.0 * ((index >> qubit ^ index >> (qubit + 1)) & 1)
    diagonal = -abs(u) * bonds
    # A large |U| only sets the scale; dividing it out keeps the solver's tolerance meaningful.
    scale = max(1.0, abs(u))

    def apply(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        flat = vector.ravel()
        result = diagonal * flat - flat[::-1]  # complement of N-1 bits: reversed order
        for qubit in range(num_qubits - 1):
            parts = flat.reshape(-1, 2, 2**qubit)
            result -= parts[:, ::-1].ravel()
        return np.asarray(result / scale)

    if size <= _DENSE_DIMENSION:
        columns = np.stack([apply(column) for column in np.eye(size)], axis=1)
        energies, vectors = np.linalg.eigh(columns)
    else:
        operator = scipy.sparse.linalg.LinearOperator((size, size), matvec=apply, dtype=np.float64)
        start = np.full(size, size**-0.5)  # the ground state has no node: never orthogonal
        energies, vectors = scipy.sparse.linalg.eigsh(
            operator, k=1, which="SA", v0=start, tol=0, ncv=40
        )
    energy = float(energies[0])
    half = _refine_tails(np.abs(vectors[:, 0]), apply, diagonal / scale, energy, num_qubits)
    half = half * np.sqrt(0.5)
    amplitudes = np.concatenate([half, half[::-1]])
    if u > 0:
        flips = sum(1 << qubit for qubit in range(1, num_qubits, 2))
        amplitudes = amplitudes[np.arange(2 * size) ^ flips]
    amplitudes.setflags(write=False)
    return energy * scale, amplitudes


def _refine_tails(
    vector: NDArray[np.float64],
    apply: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    diagonal: NDArray[np.float64],
    energy: float,
    steps: int,
) -> NDArray[np.float64]:
    """Give small amplitudes the relative accuracy of the large ones.

    An eigensolver's error is absolute. But (d_b - E) v_b = sum of the neighbours of b, all terms
    positive: repeated, this carries the accuracy of the large amplitudes out into the tails.
    """
    small = vector < 1e-5 * vector.max()
    for _ in range(steps if small.any() else 0):
        neighbours = diagonal * vector - apply(vector)
        vector = np.divide(neighbours, diagonal - energy, out=vector.copy(), where=small)
    return vector
