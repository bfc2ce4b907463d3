"""Ground states of small spin models whose amplitudes all have one sign, by Lanczos iteration."""

from collections.abc import Callable

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.states.base import MAX_EXACT_QUBITS

Floats = NDArray[np.float64]

_DENSE_DIMENSION = 64
LEAST_GAP = 1e-7  # of the largest energy: below, rounding mixes the two lowest states


def lowest(apply: Callable[[Floats], Floats], dimension: int, scale: float) -> tuple[float, Floats]:
    """Lowest energy and its vector (dimension,), of positive amplitudes.

    With no positive number off the diagonal of H, and every basis state reached from every other,
    the ground state is unique and without nodes (Perron and Frobenius), so the iteration may start
    from equal amplitudes.

    Args:
        apply: H on a vector.
        dimension: of the vectors.
        scale: about the largest energy.

    Raises:
        QbellError: the second energy is so near that rounding mixes the two states.
    """

    def scaled(vector: Floats) -> Floats:
        return apply(vector.ravel()) / scale

    if dimension <= _DENSE_DIMENSION:
        columns = np.stack([scaled(column) for column in np.eye(dimension)], axis=1)
        energies, vectors = np.linalg.eigh(columns)
    else:
        operator = scipy.sparse.linalg.LinearOperator(
            (dimension, dimension), matvec=scaled, dtype=np.float64
        )
        # Not symmetric under anything, so that no second state is missed.
        start = 1 + 1e-3 * np.sin(np.arange(dimension))
        energies, vectors = scipy.sparse.linalg.eigsh(
            operator, k=2, which="SA", v0=start, tol=0, ncv=min(40, dimension - 1)
        )
    if len(energies) > 1 and energies[1] - energies[0] < LEAST_GAP:
        raise QbellError(
            f"the two lowest energies differ by {scale * (energies[1] - energies[0]):.1g} only, "
            "and rounding hides which state is the ground state; change a field a little"
        )
    vector = np.abs(vectors[:, 0])
    return float(energies[0]) * scale, np.asarray(vector / np.linalg.norm(vector))


def require_solved(num_qubits: int, family: str) -> None:
    """Refuse the energy of what is no state vector: it is found with the state.

    Raises:
        QbellError: N above 20.
    """
    if num_qubits > MAX_EXACT_QUBITS:
        raise QbellError(
            f"n = {num_qubits}: the energy of family {family} comes from 2^n amplitudes, up to n = "
            f"{MAX_EXACT_QUBITS}; of more qubits take exact.describe(state), which finds it by DMRG"
        )


def pair_energies(num_qubits: int, pairs: dict[tuple[int, int], float]) -> Floats:
    """(2^N,) sum of J_jk Z_j Z_k over the ``pairs`` for each basis state."""
    index = np.arange(2**num_qubits)
    total = np.zeros(len(index))
    for (j, k), strength in pairs.items():
        total += strength * (1.0 - 2.0 * ((index >> j ^ index >> k) & 1))
    return total


def ring_or_line(num_qubits: int, periodic: bool) -> list[tuple[int, int]]:
    """The bonds (j, j + 1), and the one that closes the ring, of three qubits or more."""
    bonds = [(j, j + 1) for j in range(num_qubits - 1)]
    return [*bonds, (0, num_qubits - 1)] if periodic and num_qubits > 2 else bonds


def all_pairs(num_qubits: int, strength: float, alpha: float, periodic: bool) -> dict[
    tuple[int, int], float
]:  # fmt: skip
    """strength / d^alpha for each pair at a distance d, on a ring the shorter way."""
    found = {}
    for j in range(num_qubits):
        for k in range(j + 1, num_qubits):
            distance = min(k - j, num_qubits - k + j) if periodic else k - j
            found[j, k] = strength / float(distance) ** alpha
    return found
