"""Ground state of the open transverse-field Ising chain, Eq. (29)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.ising import ising_circuit
from qbell.circuits.preparation import Preparation, plain
from qbell.devices.layout.calibration import calibration_of
from qbell.devices.layout.line import best_line
from qbell.errors import QbellError
from qbell.states.base import MAX_U, State
from qbell.states.free_fermions import TrainedCircuit, chain, train
from qbell.states.free_fermions.training import FIDELITY, KINDS
from qbell.states.ising_ground_state import ground_state
from qbell.states.parameters import Choice, Number, Whole

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_LAYERS = 1000
LEAST_INFIDELITY = 1e-13  # what is computed of 1 - fidelity is known to about 1e-15


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
        fidelity: wanted |<circuit|ground state>|^2, up to 1 - 1e-13; 0.98 when neither it nor
            ``layers`` is given.
        angles: of a layer's rotations: ``local``, one for each site and bond, or ``uniform``, two
            in all, which takes more layers.

    >>> found = Ising(12, -1.5).ansatz()
    >>> found.start, found.layers, round(found.fidelity, 3)
    ('ghz', 4, 0.986)
    """

    u: Annotated[float, Number("Interaction strength", example=-1.5, flag="-u", most=MAX_U)]
    layers: Annotated[
        int | None, Whole("Layers of the trained circuit", example=4, most=MAX_LAYERS)
    ] = None
    fidelity: Annotated[
        float | None,
        Number("Fidelity to reach with as few layers as possible", example=0.9, between=(0, 1)),
    ] = None
    angles: Annotated[str, Choice("Angles of a layer", example="uniform", among=KINDS)] = KINDS[0]
    family = "ising"
    summary = "ground state of an Ising chain, Eq. (29)"
    example = "ising -n 8 -u -1.5"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers is None and self.fidelity is None:
            object.__setattr__(self, "fidelity", FIDELITY)
        if self.layers is not None and self.fidelity is not None:
            raise QbellError(
                f"layers = {self.layers} and fidelity = {self.fidelity}; give one, the other "
                "follows"
            )
        if self.fidelity is not None and 1 - self.fidelity < LEAST_INFIDELITY:
            raise QbellError(
                f"fidelity = {self.fidelity}: rounding hides how much is left below "
                f"1 - {LEAST_INFIDELITY:g}; give at most that"
            )

    @property
    def energy(self) -> float:
        """Ground-state energy of H."""
        return chain(self.num_qubits, self.u).energy

    def ansatz(self) -> TrainedCircuit:
        """The trained circuit, computed once for each chain.

        For N = 4 to 20 and U = 0, -0.1, ... -3 the angles are stored in a file.

        Returns:
            Start (plus or ghz), layers and angles, and the exact fidelity, energy, QFI and E_{N,0}
            of what the circuit prepares.

        Raises:
            QbellError: N above 500, or no circuit of up to 2 N layers reaches the fidelity.
        """
        fidelity = FIDELITY if self.fidelity is None else self.fidelity
        return train(self.num_qubits, self.u, self.layers, fidelity, self.angles)

    def circuit(self) -> "QuantumCircuit":
        """Layers of ZZ and X rotations from |+>^N or from GHZ, on a line; see `ansatz`."""
        found = self.ansatz()
        return ising_circuit(self.num_qubits, found.start, found.x, found.zz, flip=self.u > 0)

    @classmethod
    def open_circuit(cls, num_qubits: int, fixed: Mapping[str, Any]) -> "QuantumCircuit":
        """As many uniform ``layers`` from ``start``, with inputs ``x_1``, ``zz_1``, ``x_2``, ..."""
        from qiskit.circuit import Parameter

        x, zz = (
            [Parameter(f"{gate}_{layer}") for layer in range(1, fixed["layers"] + 1)]
            for gate in ("x", "zz")
        )
        return ising_circuit(num_qubits, fixed["start"], x, zz)

    def preparation(self, device: Any = None, *, measured: bool = False) -> Preparation:
        """The circuit; on a device along its best line of qubits, so that nothing is swapped.

        Where a device has no such line, its compiler puts the circuit where it can.
        """
        circuit, fidelity = self.circuit(), self.ansatz().fidelity
        if device is None:
            return Preparation(circuit, tuple(range(self.num_qubits)), None, "line", fidelity)
        try:
            wires = best_line(calibration_of(device), self.num_qubits)
        except QbellError:
            return plain(circuit, fidelity)
        return Preparation(circuit, tuple(range(self.num_qubits)), wires, "line", fidelity)

    def _amplitudes(self) -> NDArray[np.float64]:
        return ground_state(self.num_qubits, self.u)[1]
