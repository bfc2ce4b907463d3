"""One-axis twisted states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.twisting import twisting_circuit
from qbell.states.angles import MAX_ANGLE, multiples
from qbell.states.parameters import Number
from qbell.states.plus import Plus
from qbell.states.symmetric import SymmetricState

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Twisting(SymmetricState):
    """exp(-i t J_z^2) |+>^N, one-axis twisting of Kitagawa and Ueda, J_z half the sum of Z's.

    Short times squeeze (see `Squeezed`). At t = pi/2 it is a GHZ state along x for even N (QFI =
    N^2 on axis x), along y for odd N; at t = pi it is |->^N for even N. The period is 2 pi. The
    probabilities on axis z, and with them its QFI = N, are those of |+>^N at all times.

    Attributes:
        time: t, the strength of the twisting times its duration, between -1e6 and 1e6.

    Source: M. Kitagawa and M. Ueda, Phys. Rev. A 47, 5138 (1993).

    >>> from qbell import exact
    >>> round(exact.qfi(Twisting(6, np.pi / 2), "x"), 9)
    36.0
    """

    time: Annotated[
        float,
        Number("Strength of the twisting times its duration", example=0.2, most=MAX_ANGLE),
    ]
    family = "twisting"
    summary = "|+>^N twisted about one axis"
    example = "twisting -n 6 --time 0.2"

    def circuit(self) -> "QuantumCircuit":
        """rzz on all pairs of qubits, in N - 1 layers (even N) or N; up to a phase."""
        return twisting_circuit(self.num_qubits, self.time)

    @classmethod
    def open_circuit(cls, num_qubits: int, fixed: Mapping[str, Any]) -> "QuantumCircuit":
        """The same with the input ``time``."""
        from qiskit.circuit import Parameter

        return twisting_circuit(num_qubits, Parameter("time"))

    def log_coefficients(self) -> NDArray[np.complex128]:
        """Those of |+>^N, turned by -t (N/2 - m)^2."""
        doubled = self.num_qubits - 2 * np.arange(self.num_qubits + 1)
        return np.asarray(
            Plus(self.num_qubits).log_coefficients() + 1j * multiples(-self.time / 4, doubled**2)
        )
