"""Ground state of N bosons in a double well, Eq. (30), carried by N qubits."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.preparation import Preparation, plain
from qbell.circuits.twisted_layers import TwistedLayers, trained
from qbell.errors import QbellError
from qbell.states.base import MAX_U
from qbell.states.double_well_ground_state import ground_state
from qbell.states.parameters import Number, Whole
from qbell.states.symmetric import SymmetricState
from qbell.util.threads import one_blas_thread

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_DOUBLE_WELL_QUBITS = 200
MAX_LAYERS = 20
FLOOR = 1e-14  # of an infidelity: rounding


@dataclass(frozen=True)
class DoubleWell(SymmetricState):
    """Ground state of H = -J_x + (U / N) J_z^2, J = sum of spins 1/2, Eq. (30).

    U is the interaction strength in units of the tunnelling; U < 0 attracts. Below U = -1 the
    ground state turns into a superposition of all atoms left and all right (GHZ as U -> -inf).
    It is symmetric under permutations and always even under exchange of the wells.

    Attributes:
        u: U, any finite number.
        layers: number of layers of a shallow circuit, each a one-axis twisting and a rotation; the
            circuit is exact, of O(N^2) two-qubit gates, when this and ``fidelity`` are None.
        fidelity: wanted |<circuit|ground state>|^2 of a shallow circuit with the fewest layers.

    >>> found = DoubleWell(10, -1.0, layers=1).ansatz()
    >>> found.start, round(found.fidelity, 4)
    ('plus', 0.9997)
    """

    u: Annotated[float, Number("Interaction strength", example=-1.5, flag="-u", most=MAX_U)]
    layers: Annotated[
        int | None, Whole("Layers of a shallow circuit", example=2, most=MAX_LAYERS)
    ] = None
    fidelity: Annotated[
        float | None,
        Number(
            "Fidelity to reach with as few layers as possible",
            example=0.9,
            between=(0, 1),
            instead="leave it out for the exact circuit",
        ),
    ] = None
    family = "double-well"
    summary = "ground state of bosons in two wells, Eq. (30)"
    example = "double-well -n 8 -u -1.5"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layers is not None and self.fidelity is not None:
            raise QbellError(
                "a double well takes layers or fidelity, not both; fidelity chooses the layers"
            )

    @property
    def energy(self) -> float:
        """Ground-state energy of H."""
        return ground_state(self.num_qubits, self.u)[0]

    def ansatz(self) -> TwistedLayers | None:
        """The trained layers of a shallow circuit.

        Returns:
            Start (plus or ghz), angles of the layers, and the fidelity that they reach; None where
            the circuit is exact.

        Raises:
            QbellError: N above 200, or no circuit of up to 2 N layers, at most 20, reaches the
                fidelity.
        """
        if self.layers is None and self.fidelity is None:
            return None
        return _train(self.num_qubits, self.u, self.layers, self.fidelity)

    def circuit(self) -> "QuantumCircuit":
        """Exact, or layers of twisting and rotation from |+>^N or from GHZ; see `ansatz`."""
        found = self.ansatz()
        return super().circuit() if found is None else found.circuit(self.num_qubits, self.family)

    def preparation(self, device: Any = None, *, measured: bool = False) -> Preparation:
        """The circuit, with the fidelity it reaches."""
        found = self.ansatz()
        return plain(self.circuit(), 1.0 if found is None else found.fidelity)

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`; every c_m is positive."""
        return ground_state(self.num_qubits, self.u)[1].astype(complex)


@lru_cache(maxsize=64)
@one_blas_thread()
def _train(num_qubits: int, u: float, layers: int | None, fidelity: float | None) -> TwistedLayers:
    if num_qubits > MAX_DOUBLE_WELL_QUBITS:
        raise QbellError(
            f"n = {num_qubits}: shallow circuits of a double well are trained up to "
            f"n = {MAX_DOUBLE_WELL_QUBITS}"
        )
    series = trained(np.exp(ground_state(num_qubits, u)[1]))
    if layers is not None:
        return next(islice(series, layers, None))
    assert fidelity is not None
    most = min(2 * num_qubits, MAX_LAYERS)
    for found in islice(series, most + 1):
        if found.fidelity >= fidelity:
            return found
        if found.fidelity >= 1 - FLOOR:
            break
    raise QbellError(
        f"double-well n = {num_qubits}, u = {u}: {found.layers} layers reach fidelity "
        f"{found.fidelity:.9g}, not {fidelity}; ask for less, or leave fidelity out for the exact "
        "circuit"
    )
