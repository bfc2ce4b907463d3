"""Spin-squeezed states by one-axis twisting."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.circuits.twisting import twisting_circuit
from qbell.errors import QbellError
from qbell.states.angles import MAX_ANGLE
from qbell.states.parameters import Number
from qbell.states.squeezing import best_time, kitagawa_ueda, noisy_angle, wineland
from qbell.states.symmetric import SymmetricState, logarithms
from qbell.states.twisting import Twisting
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_TURNED = 2000  # qubits of coefficients behind the turn: dense (N + 1)^2 matrices


@dataclass(frozen=True)
class Squeezed(SymmetricState):
    """exp(-i nu J_x) exp(-i t J_z^2) |+>^N: one-axis twisted, the noisy direction turned to z.

    Of all directions across the mean spin, which points along x, the spin fluctuates most along z
    and least along y. So up to the time of the best squeezing, and well beyond, the QFI is largest
    on axis z. 1 / xi_R^2 is the gain of a Ramsey experiment over shot noise: N / xi_R^2 <= QFI.

    Attributes:
        time: t, the strength of the twisting times its duration; the time of the smallest xi_R^2
            when None (for N = 2 that is the Bell state at pi/2).
        turn: nu, found from the closed form.

    Source: M. Kitagawa and M. Ueda, Phys. Rev. A 47, 5138 (1993); D. J. Wineland et al., Phys.
    Rev. A 50, 67 (1994).

    >>> state = Squeezed(10)
    >>> round(state.time, 6), round(state.wineland, 6)
    (0.20048, 0.309859)
    """

    time: Annotated[
        float | None,
        Number(
            "Strength of the twisting times its duration, the best if left out",
            example=0.2,
            most=MAX_ANGLE,
        ),
    ] = None
    family = "squeezed"
    summary = "twisted, then turned: most sensitive along z"
    example = "squeezed -n 6"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.time is None:
            object.__setattr__(self, "time", best_time(self.num_qubits))

    @property
    def turn(self) -> float:
        """nu: from the noisy direction, in the plane of y and z, to z."""
        return float(np.pi / 2 - noisy_angle(self.num_qubits, self.twisted.time))

    @property
    def wineland(self) -> float:
        """xi_R^2 = N Var(J_y) / <J_x>^2: below 1 for a gain over shot noise, and entangled."""
        return float(wineland(self.num_qubits, self.twisted.time))

    @property
    def kitagawa_ueda(self) -> float:
        """xi_S^2 = 4 Var(J_y) / N: noise against that of a coherent state."""
        return float(kitagawa_ueda(self.num_qubits, self.twisted.time))

    @property
    def twisted(self) -> Twisting:
        """The state before it is turned."""
        assert self.time is not None
        return Twisting(self.num_qubits, self.time)

    def circuit(self) -> "QuantumCircuit":
        """rzz on all pairs, then rx on all qubits; up to a phase."""
        circuit = twisting_circuit(self.num_qubits, self.time)
        circuit.name = self.family
        circuit.rx(self.turn, range(self.num_qubits))
        return circuit

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`; right to rounding of the whole state.

        Raises:
            QbellError: more than 2000 qubits.
        """
        size = self.num_qubits
        if size > MAX_TURNED:
            raise QbellError(
                f"n = {size}: the coefficients of a squeezed state are computed up to n = "
                f"{MAX_TURNED}; use fewer qubits"
            )
        require_memory(40.0 * (size + 1) ** 2, f"turning a symmetric state of {size} qubits")
        m = np.arange(size + 1)
        hopping = 0.5 * np.sqrt((m[:-1] + 1.0) * (size - m[:-1]))
        _, vectors = scipy.linalg.eigh_tridiagonal(np.zeros(size + 1), hopping)
        c = np.exp(self.twisted.log_coefficients())
        c = vectors @ (np.exp(-1j * self.turn * (m - size / 2)) * (vectors.T @ c))
        c = (c + c[::-1]) / 2  # even under flipping all qubits, which rounding has broken
        return logarithms(c / np.linalg.norm(c))
