"""The circuit of a phase scan on its device, made once for shots, jobs and plans."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from qbell.campaigns.spec import Spec
from qbell.circuits.measurement import checked, compile_for
from qbell.circuits.phase_scan import scan_circuit
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis, parse_axis
from qbell.errors import QbellError
from qbell.noise_reference import scan_reference
from qbell.report.summary import known_values
from qbell.states import State
from qbell.states.base import preparation_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class PreparedScan:
    """The preparation of a scan's state on its device, and the whole circuit.

    Attributes:
        state: that the spec names.
        axis: of the turn.
        device: a BackendV2; None without noise.
        preparation: laid out for the device.
        compiled: the `scan_circuit` in gates of the device; its one parameter is the angle.
    """

    state: State | Preparation
    axis: Axis
    device: Any
    preparation: Preparation
    compiled: "QuantumCircuit"

    @property
    def num_qubits(self) -> int:
        """N."""
        return self.preparation.num_qubits

    @property
    def known_values(self) -> dict[str, Any]:
        """As `qbell.report.summary.known_values`; ``noise`` is of the very circuit that is scanned,
        as `qbell run` simulates it."""
        known = known_values(self.state, self.axis, self.device, preparation=self.preparation)
        noise = None
        if self.device is not None:
            with suppress(QbellError):  # mid-circuit measurements, or other qubits
                noise = asdict(scan_reference(self.compiled, self.device, self.axis))
        return {**known, "noise": noise}


def prepared_scan(spec: Spec, device: Any) -> PreparedScan:
    """Lay out and compile what a spec with a table [scan] asks for.

    Raises:
        QbellError: a state that cannot be prepared, or not be undone, or not on this device.
    """
    assert spec.scan is not None
    state, axis = spec.state(), parse_axis(spec.scan.axis)
    preparation = checked(preparation_of(state, device, measured=True))
    circuit = scan_circuit(preparation, axis, spec.scan.read_out)
    compiled = compile_for(circuit, device, preparation.wires)
    return PreparedScan(state, axis, device, preparation, compiled)
