"""The product state at the shot-noise limit: a negative control."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.states.base import State

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Plus(State):
    """|+>^N, Eq. (25): E_s = 4^-n and QFI = bound = N (shot noise). Certifies nothing."""

    family = "plus"

    def circuit(self) -> "QuantumCircuit":
        """One Hadamard a qubit."""
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(self.num_qubits, name="plus")
        circuit.h(range(self.num_qubits))
        return circuit

    def _amplitudes(self) -> NDArray[np.float64]:
        return np.full(2**self.num_qubits, 2.0 ** (-self.num_qubits / 2))
