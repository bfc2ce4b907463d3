"""Outcomes of a phase scan, simulated by Aer: the whole circuit at each angle."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import outcome_register
from qbell.simulation.mid_circuit import active_part, run_bound
from qbell.simulation.noisy_state import noise_model
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_MATRIX_QUBITS = 11  # of a density matrix; beyond, noise is drawn shot by shot
MAX_VECTOR_QUBITS = 16  # of a state vector; beyond, a matrix product


def draw_scan(
    compiled: "QuantumCircuit", angles: tuple[float, ...], shots: int, seed: int, backend: Any
) -> NDArray[np.uint8]:
    """(angles, shots, N) outcome bits.

    Args:
        compiled: a `scan_circuit` for the backend, or in plain gates.
        angles: in radians.
        shots: at each of them.
        seed: of the draws.
        backend: a BackendV2 whose noise is simulated, as `qbell.simulation.noisy_state` does; None
            for none.
    """
    noise, method = None, None
    if backend is not None:
        compiled, wires = active_part(compiled, backend)
        noise = noise_model(backend.target, wires)
        if not _measures_midway(compiled) and compiled.num_qubits <= MAX_MATRIX_QUBITS:
            method = "density_matrix"
            require_memory(3 * 16.0 * 4**compiled.num_qubits, f"{compiled.num_qubits} noisy qubits")
    elif compiled.num_qubits <= MAX_VECTOR_QUBITS:
        method = "statevector"
    seeds = np.random.SeedSequence(seed).generate_state(len(angles))
    (parameter,) = compiled.parameters
    found = [
        run_bound(compiled.assign_parameters({parameter: angle}), shots, one >> 1, noise, method)
        for angle, one in zip(angles, seeds.tolist(), strict=True)
    ]
    return np.stack(found)


def has_exact_tables(compiled: "QuantumCircuit") -> bool:
    """Whether `exact_tables` takes a circuit: few qubits, which are measured at its end."""
    return not _measures_midway(compiled) and compiled.num_qubits <= MAX_VECTOR_QUBITS


def exact_tables(
    compiled: "QuantumCircuit", angles: tuple[float, ...]
) -> list[NDArray[np.float64]]:
    """(2^N,) probabilities of all outcomes at each angle, without noise.

    Args:
        compiled: a `scan_circuit` in plain gates, see `has_exact_tables`.
        angles: in radians.
    """
    from qiskit.quantum_info import Statevector

    register = outcome_register(compiled)
    wires = [
        compiled.find_bit(item.qubits[0]).index
        for bit in register
        for item in compiled.data
        if item.operation.name == "measure" and item.clbits[0] == bit
    ]
    unitary = compiled.remove_final_measurements(inplace=False)
    (parameter,) = unitary.parameters
    return [
        np.asarray(Statevector(unitary.assign_parameters({parameter: angle})).probabilities(wires))
        for angle in angles
    ]


def _measures_midway(circuit: "QuantumCircuit") -> bool:
    """Whether a measurement is followed by anything else."""
    names = [item.operation.name for item in circuit.data if item.operation.name != "barrier"]
    first = names.index("measure")
    return set(names[first:]) != {"measure"}
