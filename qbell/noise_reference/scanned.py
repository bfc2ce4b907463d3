"""A phase scan under a device's noise: the QFI of its state, and its outcomes at each angle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell import exact
from qbell.circuits.phase_scan import state_of_scan
from qbell.conventions.axes import Axis
from qbell.devices.record import calibrated
from qbell.noise_reference.as_run import check_computed, run_conditions, state_as_run
from qbell.noise_reference.reference import MAX_QFI_QUBITS, normalised
from qbell.simulation.noisy_state import noisy_state, prepared_matrix
from qbell.simulation.probabilities import of_matrix

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class ScanReference:
    """What a device's calibration predicts of the state of a scan.

    Attributes:
        qfi: of the noisy state before the turn; None beyond 10 qubits.
        device: name.
        calibrated: when, ISO 8601; None if the device does not say.
        assumptions: what the model holds and leaves out, in sentences.
    """

    qfi: float | None
    device: str
    calibrated: str | None
    assumptions: tuple[str, ...]


def scan_reference(
    compiled: "QuantumCircuit",
    device: Any,
    axis: Axis,
    *,
    decoupling: str | None = None,
    waiting: bool = False,
    twirled: bool = False,
) -> ScanReference:
    """The noise reference of a compiled `qbell.circuits.phase_scan.scan_circuit`.

    Args:
        compiled: in gates of the device.
        device, decoupling, waiting, twirled: as in `qbell.noise_reference.noise_reference`.
        axis: of the turn.

    Raises:
        QbellError: see `qbell.noise_reference.noise_reference`.
    """
    check_computed(compiled)
    state, says = state_as_run(
        state_of_scan(compiled),
        device,
        decoupling=decoupling,
        waiting=waiting,
        twirled=twirled,
    )
    matrix = normalised(state).matrix
    few = len(state.effects) <= MAX_QFI_QUBITS
    return ScanReference(
        qfi=exact.qfi(matrix, axis) if few else None,
        device=str(getattr(device, "name", "unnamed")),
        calibrated=calibrated(device),
        assumptions=says,
    )


def outcome_probabilities(
    compiled: "QuantumCircuit",
    angles: Sequence[float],
    device: Any,
    *,
    decoupling: str | None = None,
    waiting: bool = False,
    twirled: bool = False,
) -> list[NDArray[np.float64]]:
    """(2^N,) probabilities of the outcomes of a phase scan, as they are read, at each angle.

    The whole circuit before the measurement is simulated at each of them, the way back of an echo
    included.

    Args:
        compiled: a `qbell.circuits.phase_scan.scan_circuit` in gates of the device.
        angles: in radians.
        device, decoupling, waiting, twirled: as in `qbell.noise_reference.noise_reference`.

    Raises:
        QbellError: see `qbell.noise_reference.noise_reference`.
    """
    check_computed(compiled)
    circuit, readout, _ = run_conditions(
        compiled, device, decoupling=decoupling, waiting=waiting, twirled=twirled
    )
    (parameter,) = compiled.parameters
    found = []
    effects: tuple[NDArray[np.complex128], ...] | None = None  # the same at every angle
    for angle in angles:
        bound = circuit.assign_parameters({parameter: angle})
        if effects is None:
            effects = noisy_state(bound, device, readout=readout).effects
        along_z = np.zeros((1, len(effects)), dtype=np.uint8)  # no rotation is left
        table = of_matrix(prepared_matrix(bound, device), effects, along_z)[0]
        found.append(table / table.sum())
    return found
