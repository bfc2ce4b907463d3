"""Symmetric states with a fixed number of ones: Dicke states, and W as the one with a single one.

For axis z all their correlators vanish but the balanced ones (n_+ = n_-), so QFI = bound = 0; use
axis x to see their sensitivity.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.checks import whole_number
from qbell.states.base import State
from qbell.states.symmetric import symmetric_amplitudes, symmetric_circuit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Dicke(State):
    """Equal superposition of all basis states with ``ones`` ones (N // 2 when None)."""

    ones: int | None = None
    family = "dicke"

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.num_qubits // 2 if self.ones is None else self.ones
        ones = whole_number("number of ones", given, least=0, most=self.num_qubits)
        object.__setattr__(self, "ones", ones)

    def circuit(self) -> "QuantumCircuit":
        """The deterministic O(N^2) circuit of Baertschi and Eidenbenz (2019)."""
        return symmetric_circuit(self._coefficients(), self.family)

    def _amplitudes(self) -> NDArray[np.float64]:
        return symmetric_amplitudes(self._coefficients())

    def _coefficients(self) -> NDArray[np.float64]:
        return np.eye(self.num_qubits + 1)[self.ones]


@dataclass(frozen=True)
class W(State):
    """(|10...0> + |010...0> + ... + |0...01>) / sqrt(N)."""

    family = "w"

    def circuit(self) -> "QuantumCircuit":
        """The Dicke circuit with a single one."""
        return Dicke(self.num_qubits, 1).circuit()

    def _amplitudes(self) -> NDArray[np.float64]:
        return Dicke(self.num_qubits, 1)._amplitudes()
