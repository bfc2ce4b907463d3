"""Greenberger-Horne-Zeilinger states."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.flags import MID_CIRCUIT, WHEN
from qbell.circuits.ghz import LAYOUTS
from qbell.circuits.preparation import Preparation
from qbell.devices.layout.flags import with_best_flags
from qbell.devices.layout.ghz import ghz_preparation
from qbell.errors import QbellError
from qbell.shots.flagged import HERALDED, POST_SELECTED
from qbell.states.parameters import Choice, Whole
from qbell.states.symmetric import SymmetricState

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class GHZ(SymmetricState):
    """(|0...0> + |1...1>) / sqrt(2), Eq. (28): E_{N,0} = 1/4 and QFI = bound = N^2.

    Attributes:
        layout: of the circuit: auto, line, log, tree, star or constant; see
            `qbell.devices.layout.ghz.ghz_preparation`.
        flags: ancillas on a device that check parities of two qubits each; shots in which one of
            them is raised are rejected. See `qbell.devices.layout.flags.best_checks`.
        flags_read: ``mid-circuit``, before the settings act: accepted shots are heralded; or at
            the ``end``, together with the state: they are post-selected.

    >>> from qbell import exact
    >>> round(exact.qfi(GHZ(6)), 9), GHZ(8, layout="log").circuit().depth()
    (36.0, 4)
    """

    layout: Annotated[str, Choice("Layout of the circuit", example="log", among=LAYOUTS)] = "auto"
    flags: Annotated[int, Whole("Ancillas that check parities", example=2, most="n")] = 0
    flags_read: Annotated[str, Choice("When flags are read", example="end", among=WHEN)] = (
        MID_CIRCUIT
    )
    family = "ghz"
    summary = "(|0...0> + |1...1>)/sqrt(2), Eq. (28)"
    example = "ghz -n 6 --layout log"

    def circuit(self) -> "QuantumCircuit":
        """A Hadamard and CNOTs; for ``auto`` and ``line`` from the middle of a line outwards.

        Raises:
            QbellError: the layout is ``tree``, which needs a device, or ``constant``, whose circuit
                has more qubits than the state; use `preparation` for these.
        """
        preparation = self.preparation()
        if not preparation.is_unitary:
            raise QbellError(
                f"layout = {self.layout!r} measures further qubits mid-circuit, and its circuit "
                "alone does not say where the state is; use state.preparation()"
            )
        return preparation.circuit

    @property
    def provenance(self) -> str:
        """See `State.provenance`."""
        if not self.flags:
            return super().provenance
        return HERALDED if self.flags_read == MID_CIRCUIT else POST_SELECTED

    def preparation(self, device: Any = None, *, measured: bool = False) -> Preparation:
        """The circuit in this layout, on a device with the physical qubits that suit it best."""
        if not self.flags:
            return ghz_preparation(self.num_qubits, self.layout, device, measured=measured)
        if device is None:
            raise QbellError(
                f"flags = {self.flags} takes ancillas by the calibration of a device; name one "
                "([backend] in a spec, --backend, state.preparation(backend)), or leave flags out"
            )
        layout = "tree" if self.layout == "auto" else self.layout
        found = ghz_preparation(self.num_qubits, layout, device, measured=measured)
        return with_best_flags(found, device, self.flags, self.flags_read)

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: c_0 = c_N = 2^-1/2."""
        logs = np.full(self.num_qubits + 1, -np.inf, dtype=complex)
        logs[[0, -1]] = -0.5 * np.log(2)
        return logs
