"""Spin-coherent states: all qubits alike, in any direction."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.product import coherent_circuit
from qbell.states.angles import MAX_ANGLE, multiples
from qbell.states.parameters import Number
from qbell.states.symmetric import SymmetricState, log_binomial

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Coherent(SymmetricState):
    """Every qubit in cos(theta/2) |0> + exp(i phi) sin(theta/2) |1>.

    Its spin points along n = (sin theta cos phi, sin theta sin phi, cos theta). Shot noise at most:
    QFI = N (1 - (n . xi)^2) for the axis xi. theta = pi/2, phi = 0 is |+>^N.

    Attributes:
        theta, phi: polar angle and azimuth in radians, between -1e6 and 1e6.

    Source: Arecchi et al., Phys. Rev. A 6, 2211 (1972), with |0> up.

    >>> from qbell import exact
    >>> round(exact.qfi(Coherent(8, 0.3), "z") / 8, 9), round(float(np.sin(0.3)) ** 2, 9)
    (0.087332193, 0.087332193)
    """

    theta: Annotated[float, Number("Polar angle in radians", example=0.5, most=MAX_ANGLE)]
    phi: Annotated[float, Number("Azimuth in radians", example=0.3, most=MAX_ANGLE)] = 0.0
    family = "coherent"
    summary = "all qubits alike, in any direction"
    example = "coherent -n 6 --theta 0.5"

    def circuit(self) -> "QuantumCircuit":
        """One rotation, and one phase, a qubit."""
        return coherent_circuit(self.num_qubits, self.theta, self.phi)

    @classmethod
    def open_circuit(cls, num_qubits: int, fixed: Mapping[str, Any]) -> "QuantumCircuit":
        """The same with the inputs ``theta`` and ``phi``."""
        from qiskit.circuit import Parameter

        return coherent_circuit(num_qubits, Parameter("theta"), Parameter("phi"))

    def log_coefficients(self) -> NDArray[np.complex128]:
        """c_m = sqrt(N over m) cos(theta/2)^(N-m) (exp(i phi) sin(theta/2))^m, in logs."""
        m = np.arange(self.num_qubits + 1)
        logs = 0.5 * log_binomial(self.num_qubits, m) + 1j * multiples(self.phi, m)
        for factor, power in (
            (np.cos(self.theta / 2), self.num_qubits - m),
            (np.sin(self.theta / 2), m),
        ):
            if factor == 0:
                logs[power > 0] = -np.inf
            else:
                logs += power * np.log(abs(factor))
                if factor < 0:
                    logs += 1j * np.pi * (power % 2)
        return np.asarray(logs)
