"""Outcome probabilities of all qubits' settings, from one simulated state.

A state vector is turned qubit by qubit; a density matrix meets, qubit by qubit, the two-outcome
measurements of all directions. Settings that begin alike share that work.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]


def of_vector(amplitudes: NDArray[np.complex128], azimuths: Floats) -> Floats:
    """(settings, 2^N) probabilities of a state vector (2^N,) in the frame of the axis.

    Qubit 0 is turned first; settings that begin alike share that, so that sorted ones cost least.

    Args:
        amplitudes: bit k of the index is qubit k.
        azimuths: (settings, N) angles phi from X towards Y; NaN measures along Z.
    """
    along_z = np.isnan(azimuths)
    phases = np.exp(-1j * np.where(along_z, 0.0, azimuths))
    # No rounding along Y: an outcome that cannot happen keeps the probability 0.
    phases = np.where(azimuths == np.pi / 2, -1j, phases)
    found = np.empty((len(azimuths), len(amplitudes)))
    _turn(np.ascontiguousarray(amplitudes, dtype=np.complex128), phases, along_z, found)
    return found


@compiled
def _turn(
    amplitudes: NDArray[np.complex128],
    phases: NDArray[np.complex128],
    along_z: NDArray[np.bool_],
    probabilities: Floats,
) -> None:
    """Fill ``probabilities``. Not along Z, outcome bits 0, 1 have (a_0 +- w a_1) / sqrt(2)."""
    size = len(amplitudes)
    num_qubits = phases.shape[1]
    # turned[k]: qubits 0 to k-1 turned as in the row at work.
    turned = np.empty((num_qubits + 1, size), dtype=np.complex128)
    for i in range(size):  # a slice would take seconds to compile, for its error messages
        turned[0, i] = amplitudes[i]
    for row in range(len(phases)):
        norm, same = 1.0, row > 0
        for qubit in range(num_qubits):
            norm *= 1.0 if along_z[row, qubit] else 2.0
            same = (
                same
                and along_z[row, qubit] == along_z[row - 1, qubit]
                and phases[row, qubit] == phases[row - 1, qubit]
            )
            if same:
                continue
            phase = phases[row, qubit]
            step = 1 << qubit
            for block in range(0, size, 2 * step):
                for i in range(block, block + step):
                    a, b = turned[qubit, i], turned[qubit, i + step]
                    if not along_z[row, qubit]:
                        a, b = a + phase * b, a - phase * b
                    turned[qubit + 1, i] = a
                    turned[qubit + 1, i + step] = b
        for i in range(size):
            psi = turned[num_qubits, i]
            probabilities[row, i] = (psi.real**2 + psi.imag**2) / norm


def of_matrix(
    matrix: NDArray[np.complex128],
    effects: Sequence[NDArray[np.complex128]],
    directions: NDArray[np.uint8],
) -> Floats:
    """(settings, 2^N): probabilities of the outcomes of a density matrix.

    Qubit 0 is measured first, then qubit 1, and so on; settings with the same first directions
    share these steps, so that sorted settings cost least.

    Args:
        matrix: density matrix (2^N, 2^N) of the measured qubits.
        effects: one array (directions, 2 outcomes, 2, 2) a qubit: the operators whose mean is the
            probability of the outcome. They hold the noise of rotation and readout.
        directions: (settings, N) which of its effects each qubit meets.
    """
    num_qubits = len(effects)
    # Qubit 0 becomes the first axis of kets and of bras: what is left is then always one block.
    axes = range(num_qubits - 1, -1, -1)
    cube = matrix.reshape((2,) * (2 * num_qubits))
    cube = cube.transpose(*axes, *(num_qubits + axis for axis in axes))
    # reached[k]: qubits 0 to k-1 of the current setting measured; (their outcomes, rest, rest).
    reached = [np.ascontiguousarray(cube).reshape(1, *matrix.shape)]
    found = np.empty((len(directions), len(matrix)))
    before = np.full(num_qubits, -1)
    for row, setting in enumerate(directions):
        same = int(np.argmax(np.append(setting != before, True)))
        del reached[same + 1 :]
        for qubit in range(same, num_qubits):
            reached.append(_measure(reached[-1], effects[qubit][setting[qubit]]))
        found[row] = reached[-1].real[:, 0, 0]
        before = setting
    return np.clip(found, 0, None)


def _measure(
    values: NDArray[np.complex128], effect: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Tr[rho E] = sum_ab rho_ab E_ba on the first qubit left; its outcome is the highest bit."""
    outcomes, size, _ = values.shape
    parts = values.reshape(outcomes, 2, size // 2, 2, size // 2)
    measured = np.empty((2, outcomes, size // 2, size // 2), dtype=complex)
    for outcome, operator in enumerate(effect):
        np.multiply(parts[:, 0, :, 0], operator[0, 0], out=measured[outcome])
        measured[outcome] += parts[:, 0, :, 1] * operator[1, 0]
        measured[outcome] += parts[:, 1, :, 0] * operator[0, 1]
        measured[outcome] += parts[:, 1, :, 1] * operator[1, 1]
    return measured.reshape(2 * outcomes, size // 2, size // 2)
