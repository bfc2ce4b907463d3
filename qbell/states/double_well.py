"""Ground state of N bosons in a double well, Eq. (30), carried by N qubits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.checks import finite_number
from qbell.states.base import MAX_U
from qbell.states.double_well_ground_state import ground_state
from qbell.states.symmetric import SymmetricState


@dataclass(frozen=True)
class DoubleWell(SymmetricState):
    """Ground state of H = -J_x + (U / N) J_z^2, J = sum of spins 1/2, Eq. (30).

    U is the interaction strength in units of the tunnelling; U < 0 attracts. Below U = -1 the
    ground state turns into a superposition of all atoms left and all right (GHZ as U -> -inf).
    It is symmetric under permutations and always even under exchange of the wells.
    """

    u: float
    family = "double-well"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "u", finite_number("u", self.u, most=MAX_U))

    @property
    def energy(self) -> float:
        """Ground-state energy of H."""
        return ground_state(self.num_qubits, self.u)[0]

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`; every c_m is positive."""
        return ground_state(self.num_qubits, self.u)[1].astype(complex)
