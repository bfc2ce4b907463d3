"""Ground state of the open transverse-field Ising chain, Eq. (29)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.checks import finite_number, whole_number
from qbell.errors import QbellError
from qbell.states.base import MAX_U, State
from qbell.states.free_fermions import chain
from qbell.states.ising_ansatz import Ansatz, train
from qbell.states.ising_ground_state import ground_state

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Ising(State):
    """Ground state of H = U sum_j Z_j Z_(j+1) - sum_j X_j on an open chain, Eq. (29).

    U < 0 is ferromagnetic: below U = -1 the ground state approaches GHZ. It is even under
    flipping all spins for every finite N and U, though for U < -1 an odd state comes
    exponentially close; qbell always solves in the even sector. U > 0 is the same chain with
    every other spin flipped.

    Attributes:
        u: interaction strength U in units of the field, any finite number.
        layers: number of layers of the preparation circuit; the smallest that reaches
            ``fidelity`` when None.
        fidelity: wanted |<circuit|ground state>|^2.
    """

    u: float
    layers: int | None = None
    fidelity: float = 0.98
    family = "ising"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "u", finite_number("u", self.u, most=MAX_U))
        if self.layers is not None:
            whole_number("layers", self.layers, least=0)
        if not 0 < finite_number("fidelity", self.fidelity) < 1:
            raise QbellError(f"fidelity = {self.fidelity}; give a number above 0 and below 1")

    @property
    def energy(self) -> float:
        """Ground-state energy of H."""
        return chain(self.num_qubits, self.u).energy

    def ansatz(self) -> Ansatz:
        """The trained angles and the fidelity they reach; computed once for each chain.

        Raises:
            QbellError: N above 16, or no circuit within 2 N layers reaches the fidelity.
        """
        return train(self.num_qubits, self.u, self.layers, self.fidelity)

    def circuit(self) -> "QuantumCircuit":
        """Layers of ZZ and X rotations from |+>^N or from GHZ, trained; see `ansatz`."""
        circuit = self.ansatz().circuit(self.num_qubits)
        if self.u > 0:
            circuit.x(range(1, self.num_qubits, 2))
        return circuit

    def _amplitudes(self) -> NDArray[np.float64]:
        return ground_state(self.num_qubits, self.u)[1]
