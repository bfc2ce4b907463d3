"""What every family of states offers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.preparation import Preparation, plain
from qbell.errors import QbellError
from qbell.util.checks import MAX_STATE_QUBITS, whole_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_EXACT_QUBITS = 20  # of a state vector
MAX_U = 1e100  # beyond, energies overflow


@dataclass(frozen=True)
class State(ABC):
    """A pure N-qubit state with an exact description and a circuit that prepares it.

    `qbell.exact` finds the description that serves best: free fermions for Ising chains, N + 1
    coefficients for symmetric states, and the 2^N amplitudes for what is left.

    Attributes:
        num_qubits: N, at least 2.
        family: the name used in specs and on the command line.
    """

    num_qubits: int
    family: ClassVar[str]

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "num_qubits", whole_number("n", self.num_qubits, least=2, most=MAX_STATE_QUBITS)
        )

    def statevector(self) -> NDArray[np.complex128]:
        """The 2^N amplitudes in Qiskit's order (bit k of the index is qubit k), N up to 20.

        Raises:
            QbellError: N above 20.
        """
        if self.num_qubits > MAX_EXACT_QUBITS:
            raise QbellError(
                f"n = {self.num_qubits}: a {self.family} state vector would hold "
                f"2^{self.num_qubits} amplitudes; state vectors go to n = {MAX_EXACT_QUBITS}"
            )
        return self._amplitudes().astype(complex)

    @abstractmethod
    def circuit(self) -> "QuantumCircuit":
        """A circuit without measurements that prepares the state from |0...0>."""

    def preparation(self, device: Any = None, *, measured: bool = False) -> Preparation:
        """The circuit as it is best run on a device, a Qiskit BackendV2; without one, `circuit`.

        Families that know a layout of their own choose the physical qubits too. With ``measured``
        qubits that are read well count: that is how `qbell.sample` prepares.
        """
        return plain(self.circuit())

    @abstractmethod
    def _amplitudes(self) -> NDArray[np.inexact]:
        """The 2^N amplitudes."""


def ones(num_qubits: int) -> NDArray[np.int64]:
    """Number of ones in each basis state's index, 0 to 2^N - 1."""
    total = np.zeros(1, dtype=np.int64)
    for _ in range(num_qubits):
        total = np.add.outer([0, 1], total).ravel()
    return total


def preparation_of(
    state: "State | Preparation | QuantumCircuit", device: Any = None, *, measured: bool = False
) -> Preparation:
    """The preparation of a state of qbell's on a device, or of a circuit as it is.

    One that has been chosen already stays.
    """
    if isinstance(state, Preparation):
        return state
    if isinstance(state, State):
        return state.preparation(device, measured=measured)
    return plain(state)
