"""Greenberger-Horne-Zeilinger states."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.states.symmetric import SymmetricState

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class GHZ(SymmetricState):
    """(|0...0> + |1...1>) / sqrt(2), Eq. (28): E_{N,0} = 1/4 and QFI = bound = N^2."""

    family = "ghz"

    def circuit(self) -> "QuantumCircuit":
        """A Hadamard in the middle of a line and CNOTs outwards: two-qubit depth about N / 2."""
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(self.num_qubits, name="ghz")
        middle = self.num_qubits // 2
        circuit.h(middle)
        for step in range(middle, 0, -1):
            circuit.cx(step, step - 1)
        for step in range(middle, self.num_qubits - 1):
            circuit.cx(step, step + 1)
        return circuit

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: c_0 = c_N = 2^-1/2."""
        logs = np.full(self.num_qubits + 1, -np.inf, dtype=complex)
        logs[[0, -1]] = -0.5 * np.log(2)
        return logs
