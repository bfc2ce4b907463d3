"""The density matrix of a circuit whose noise is twirled to Paulis, by Aer: the slow way."""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise import pauli_error

from qbell.circuits.measurement import angles
from qbell.designs import find_design
from qbell.simulation.gate_noise import noise_of
from qbell.simulation.noisy_state import NoisyState, effects_of, split
from qbell.simulation.stabiliser.clifford import without_first_waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def with_pauli_errors(
    operations: list[tuple[Any, list[int]]], active: list[int], target: Any
) -> QuantumCircuit:
    """The gates on the active qubits alone, each followed by its random Pauli."""
    place = {wire: index for index, wire in enumerate(active)}
    circuit = QuantumCircuit(len(active))
    for operation, qubits in without_first_waits(operations):
        numbers = [place[qubit] for qubit in qubits]
        circuit.append(operation, numbers)
        noise = noise_of(target, operation, qubits)
        if noise is not None:
            words = itertools.product("IXYZ", repeat=len(qubits))
            labels = ["".join(reversed(word)) for word in words]  # Qiskit: the first qubit last
            chances = zip(labels, noise.twirled.tolist(), strict=True)
            circuit.append(pauli_error(list(chances)), numbers)
    return circuit


def twirled_state(
    compiled: QuantumCircuit,
    device: Any,
    design: str,
    readout: "Callable[[int], NDArray[np.float64]]",
) -> NoisyState:
    """As `qbell.simulation.noisy_state.noisy_state`, with every channel twirled."""
    before, after, wires = split(compiled)
    active = sorted({wire for _, qubits in before for wire in qubits} | set(wires))
    circuit = with_pauli_errors(before, active, device.target)
    circuit.save_density_matrix(qubits=[active.index(wire) for wire in wires])
    simulator = AerSimulator(method="density_matrix", max_parallel_threads=1)
    matrix = np.asarray(simulator.run(circuit, shots=1).result().data(0)["density_matrix"])
    kinds = find_design(design).num_directions(len(wires))
    rows = np.broadcast_to(np.arange(kinds)[:, None], (kinds, len(wires))).astype(np.uint8)
    phi, theta = angles(rows, design)
    turns = list(zip(phi[:, 0].tolist(), theta[:, 0].tolist(), strict=True))
    effects = tuple(
        effects_of(device.target, wire, rotation, turns, readout(wire))
        for wire, rotation in zip(wires, after, strict=True)
    )
    return NoisyState(matrix, effects, compiled)
