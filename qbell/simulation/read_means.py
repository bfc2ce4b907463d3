"""How a physical qubit is measured, with the noise of its rotation and of its readout.

What is read is +1 or -1; its mean in a state of Bloch vector s is a + b . s. The rotations of a
measurement are gates of one qubit, so that this is the exact noise of the calibration, not twirled.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import THETA
from qbell.simulation.gate_noise import noise_of

if TYPE_CHECKING:
    from qiskit.transpiler import Target

Floats = NDArray[np.float64]

PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def read_means(
    target: "Target",
    wire: int,
    rotation: list[Any],
    turns: list[tuple[float, float]],
    readout: Floats,
) -> Floats:
    """(directions, 4) a, b_x, b_y, b_z of a physical qubit along each direction.

    Args:
        target: of the device.
        wire: the physical qubit.
        rotation: its gates before the measurement, with the parameters phi and theta.
        turns: the angles (phi, theta) of each direction.
        readout: (2, 2) P(x|y), row y what is measured and column x what is read.
    """
    from qiskit import QuantumCircuit

    gates = QuantumCircuit(1)
    for operation in rotation:
        gates.append(operation, [0])
    signs = readout[:, 0] - readout[:, 1]
    ends = np.array([signs.sum() / 2, 0.0, 0.0, (signs[0] - signs[1]) / 2])
    found = np.empty((len(turns), 4))
    for row, (phi, theta) in enumerate(turns):
        values = {
            parameter: theta if parameter.vector.name == THETA else phi
            for parameter in gates.parameters
        }
        mean = ends
        for item in reversed(gates.assign_parameters(values).data):
            noise = noise_of(target, item.operation, [wire])
            if noise is not None:
                mean = mean @ noise.transfer
            if item.operation.name not in ("delay", "id"):
                mean = mean @ transfer_matrix(np.asarray(item.operation.to_matrix()))
        found[row] = mean
    return found


def transfer_matrix(unitary: NDArray[np.complex128]) -> Floats:
    """(4, 4) Tr[P_i U P_j U^+] / 2 of a gate of one qubit, P = 1, X, Y, Z."""
    turned = unitary @ PAULIS @ unitary.conj().T
    found: Floats = np.einsum("iab,jba->ij", PAULIS, turned).real / 2
    return found
