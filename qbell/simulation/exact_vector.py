"""The state that a circuit means: its time evolutions exp(-i H t) themselves, not what runs."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.circuits.evolution import (
    hamiltonian_of,
    holds,
    is_evolution,
    is_unitary_of_two,
    taken_apart,
)
from qbell.circuits.measurement import checked
from qbell.circuits.preparation import Preparation
from qbell.simulation.draw_outcomes import MAX_IDEAL_QUBITS, prepare_vector
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Vector = NDArray[np.complex128]


def exact_vector(preparation: "Preparation | QuantumCircuit") -> Vector:
    """The state vector (2^N,) of a circuit, with the exact operators of all its evolutions.

    exp(-i H t) is applied to the vector by the Taylor series of A. H. Al-Mohy and N. J. Higham,
    SIAM J. Sci. Comput. 33, 488 (2011), to rounding.

    Raises:
        QbellError: as `qbell.circuits.measurement.checked`, or too little memory.

    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit.library import PauliEvolutionGate
    >>> from qiskit.quantum_info import SparsePauliOp
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.append(PauliEvolutionGate(SparsePauliOp(["ZZ", "IX"]), 0.7), [0, 1])
    >>> abs(exact_vector(circuit)[0]).round(6) == abs(np.cos(0.7 * 2**0.5)
    ...     - 1j * np.sin(0.7 * 2**0.5) / 2**0.5).round(6)
    np.True_
    """
    preparation = checked(preparation)
    circuit = preparation.circuit if preparation.aimed is None else preparation.aimed
    if not any(holds(item.operation, _is_kept) for item in circuit.data):
        return prepare_vector(preparation)
    circuit = taken_apart(circuit, _is_kept, lambda gate: None)
    place = {bit: index for index, bit in enumerate(circuit.qubits)}
    vector = None
    gates = circuit.copy_empty_like()
    for item in circuit.data:
        if not _is_kept(item.operation):
            gates.append(item)
            continue
        vector = _behind(gates, vector)
        gates = circuit.copy_empty_like()
        gates.global_phase = 0
        qubits = [place[bit] for bit in item.qubits]
        act = _evolved if is_evolution(item.operation) else _multiplied
        vector = act(item.operation, qubits, vector)
    return _behind(gates, vector)


def _is_kept(operation: Any) -> bool:
    return is_evolution(operation) or is_unitary_of_two(operation)


def _behind(gates: "QuantumCircuit", start: Vector | None) -> Vector:
    """What gates make of |0...0>, or of another vector."""
    return start if start is not None and not gates.data else prepare_vector(gates, start)


def _multiplied(gate: Any, qubits: list[int], vector: Vector) -> Vector:
    size = len(vector).bit_length() - 1
    first, second = (size - 1 - qubit for qubit in qubits)  # axes; the first is the lower bit
    matrix = np.asarray(gate.to_matrix()).reshape(2, 2, 2, 2)
    found = np.tensordot(matrix, vector.reshape((2,) * size), ((2, 3), (second, first)))
    return np.ascontiguousarray(np.moveaxis(found, (0, 1), (second, first))).ravel()


def _evolved(gate: Any, qubits: list[int], vector: Vector) -> Vector:
    size = len(vector).bit_length() - 1
    hamiltonian = hamiltonian_of(gate).apply_layout(qubits, size)
    flips = len(np.unique(hamiltonian.paulis.x, axis=0))  # nonzeros in a row
    require_memory(60.0 * flips * len(vector), f"the time evolution of {size} qubits")
    generator = -1j * float(gate.time) * hamiltonian.to_matrix(sparse=True)
    trace = complex(generator.diagonal().sum())
    found = scipy.sparse.linalg.expm_multiply(generator, vector, traceA=trace)
    return np.asarray(found)


def formula_note(formulas: tuple[str, ...], fidelity: float | None) -> str:
    """What to say of a circuit that runs product formulas, and how near they come."""
    near = (
        "how near it comes is not known at this size"
        if fidelity is None
        else f"the circuit prepares the state with fidelity {fidelity:.6g}"
    )
    return f"time evolution runs as {', '.join(formulas)} in place of exp(-iHt): {near}"


def say_formulas(preparation: Preparation) -> None:
    """Warn that shots come from a product formula, where some evolution runs as one."""
    if not preparation.formulas:
        return
    fidelity = None
    if preparation.num_qubits <= MAX_IDEAL_QUBITS:
        exact, runs = exact_vector(preparation), prepare_vector(preparation)
        fidelity = float(abs(np.vdot(exact, runs)) ** 2)
    warnings.warn(formula_note(preparation.formulas, fidelity), stacklevel=3)
