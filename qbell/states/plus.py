"""The product state at the shot-noise limit: a negative control."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.states.symmetric import SymmetricState, log_binomial

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Plus(SymmetricState):
    """|+>^N, Eq. (25): E_s = 4^-n and QFI = bound = N (shot noise). Certifies nothing.

    >>> from qbell import exact
    >>> round(exact.qfi(Plus(10)), 9)
    10.0
    """

    family = "plus"
    summary = "|+>^N, at shot noise, Eq. (25)"
    example = "plus -n 6"

    def circuit(self) -> "QuantumCircuit":
        """One Hadamard a qubit."""
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(self.num_qubits, name="plus")
        circuit.h(range(self.num_qubits))
        return circuit

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: |c_m|^2 is N over m, times 2^-N."""
        multiplicity = log_binomial(self.num_qubits, np.arange(self.num_qubits + 1))
        return np.asarray(0.5 * (multiplicity - self.num_qubits * np.log(2)), dtype=complex)
