"""Circuits for any amplitudes, where no better way to prepare them is known."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_PREPARED = 10  # qubits: about a thousand two-qubit gates


def circuit_of(amplitudes: NDArray[np.complex128], family: str) -> "QuantumCircuit":
    """About 2^N gates that prepare ``amplitudes`` (2^N,), by Qiskit's state preparation.

    Raises:
        QbellError: more than 10 qubits.
    """
    num_qubits = len(amplitudes).bit_length() - 1
    require_preparable_size(num_qubits, family)
    from qiskit import QuantumCircuit, transpile
    from qiskit.circuit.library import StatePreparation

    circuit = QuantumCircuit(num_qubits)
    circuit.append(StatePreparation(amplitudes / np.linalg.norm(amplitudes)), range(num_qubits))
    return transpile(circuit, basis_gates=["u", "cx"], optimization_level=1)


def require_preparable_size(num_qubits: int, family: str) -> None:
    """Refuse what would take thousands of gates.

    Raises:
        QbellError: more than 10 qubits.
    """
    if num_qubits > MAX_PREPARED:
        raise QbellError(
            f"n = {num_qubits}: the circuit of {family} is a general preparation of 2^N gates, up "
            f"to n = {MAX_PREPARED}; give a circuit of your own, or take ising"
        )
