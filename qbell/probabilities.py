"""Outcome probabilities of all qubits' settings, from one simulated state.

A state vector is turned setting by setting; a density matrix meets, qubit by qubit, the two-outcome
measurements of both directions at once.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbell.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def of_vector(
    amplitudes: NDArray[np.complex128], directions: NDArray[np.uint8], probabilities: Floats
) -> None:
    """Fill ``probabilities`` (settings, 2^N) for settings given by ``directions`` (settings, N).

    The state is in the frame of the axis: direction 0 measures X, 1 measures Y. With phase
    w = 1 or -i, outcome bits 0, 1 have amplitudes (a_0 + w a_1) / sqrt(2), (a_0 - w a_1) / sqrt(2).
    """
    size = len(amplitudes)
    num_qubits = directions.shape[1]
    psi = np.empty(size, dtype=np.complex128)
    for row in range(len(directions)):
        psi[:] = amplitudes
        for qubit in range(num_qubits):
            phase = 1.0 + 0.0j if directions[row, qubit] == 0 else -1.0j
            step = 1 << qubit
            for block in range(0, size, 2 * step):
                for i in range(block, block + step):
                    a, b = psi[i], phase * psi[i + step]
                    psi[i] = a + b
                    psi[i + step] = a - b
        for i in range(size):
            probabilities[row, i] = (psi[i].real ** 2 + psi[i].imag ** 2) / size


def of_matrix(matrix: NDArray[np.complex128], effects: Sequence[NDArray[np.complex128]]) -> Floats:
    """(2^N settings, 2^N outcomes): probabilities of all settings at once.

    Args:
        matrix: density matrix (2^N, 2^N) of the measured qubits.
        effects: one array (2 directions, 2 outcomes, 2, 2) a qubit: the operators whose mean is
            the probability of the outcome. They hold the noise of rotation and readout.
    """
    num_qubits = len(effects)
    values = matrix
    for qubit, effect in enumerate(effects):
        # Tr[rho E] = sum_ab rho_ab E_ba: (ket, bra) of this qubit become (direction, outcome).
        low = 2**qubit
        high = 2 ** (num_qubits - 1 - qubit)
        parts = values.reshape(high, 2, low, high, 2, low)
        values = np.einsum("hakgbl,doba->hdkgol", parts, effect, optimize=True)
    return np.clip(values.real.reshape(matrix.shape), 0, None)
