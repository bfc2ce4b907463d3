"""A compiled circuit's density matrix and measurement, by Aer's own noise model of the device."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise.device import basic_device_readout_errors

from qbell.circuits.measurement import THETA
from qbell.simulation.noisy_state import noise_model, split
from qbell.simulation.target_backend import target_backend

Matrix = NDArray[np.complex128]


def aer_matrix(compiled: QuantumCircuit, device: Any) -> Matrix:
    """(2^N, 2^N) behind the preparation."""
    before, _, wires = split(compiled)
    active = sorted({wire for _, qubits in before for wire in qubits} | set(wires))
    circuit = QuantumCircuit(len(active))
    for operation, qubits in before:
        circuit.append(operation, [active.index(wire) for wire in qubits])
    circuit.save_density_matrix(qubits=[active.index(wire) for wire in wires])
    noise = noise_model(device.target, active)
    simulator = AerSimulator(method="density_matrix", noise_model=noise)
    return np.asarray(simulator.run(circuit, shots=1).result().data(0)["density_matrix"])


def aer_effects(
    target: Any,
    wire: int,
    rotation: list[Any],
    turns: list[tuple[float, float]],
    readout: NDArray[np.float64],
) -> Matrix:
    """(directions, 2 outcomes, 2, 2): E_x = sum_y P(x|y) Phi^+(|y><y|)."""
    simulator = AerSimulator(method="superop", noise_model=noise_model(target, [wire]))
    effects = np.empty((len(turns), 2, 2, 2), dtype=complex)
    for direction, (phi, theta) in enumerate(turns):
        circuit = QuantumCircuit(1)
        for operation in rotation:
            circuit.append(operation, [0])
        values = {p: theta if p.vector.name == THETA else phi for p in circuit.parameters}
        circuit = circuit.assign_parameters(values)
        circuit.save_superop()
        channel = np.asarray(simulator.run(circuit, shots=1).result().data(0)["superop"])
        # Columns are stacked: row 3 y of the channel gives <y|Phi(rho)|y> = sum_ab S rho_ab, with
        # a + 2 b the column; as a matrix [b, a] it is the operator with that mean.
        pure = np.stack([channel[3 * y].reshape(2, 2) for y in (0, 1)])
        effects[direction] = np.einsum("yx,yba->xba", readout, pure)
    return effects


def aer_readout(target: Any) -> dict[int, NDArray[np.float64]]:
    """P(x|y) of each physical qubit that is read with errors."""
    errors = basic_device_readout_errors(target=target_backend(target, "device").target)
    return {qubits[0]: np.asarray(error.probabilities) for qubits, error in errors}
