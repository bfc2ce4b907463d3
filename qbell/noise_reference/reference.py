"""The exact values of a compiled circuit's noisy state, and those that its shots estimate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qbell import exact
from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.designs import DEFAULT, find_design
from qbell.devices.record import calibrated
from qbell.errors import QbellError
from qbell.noise_reference.as_run import state_as_run
from qbell.noise_reference.read_out import read_out
from qbell.simulation.noisy_state import NoisyState

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_QFI_QUBITS = 10  # all eigenvectors of the density matrix: seconds here, minutes beyond
MOST_LOST = 1e-6  # of the trace of a simulated state


@dataclass(frozen=True)
class NoiseReference:
    """Exact values of a noisy state: of its own, and as it is read out.

    Attributes:
        qfi: quantum Fisher information, Eq. (8); None beyond 10 qubits unless asked for.
        bound: Eq. (24), all of it; bound <= f0 <= qfi.
        bound_by_order: its terms by order n, (N + 1,).
        e_n: E_{N,0}, Eq. (23).
        f0: Eq. (12).
        bound_read, bound_by_order_read, e_n_read: expectations of the design's unbiased estimates,
            with noisy rotations and readout: c_s = Tr[rho prod (A_1 +- i A_2) / 2], A_j the
            difference of the noisy operators of the outcomes 0 and 1. Of the equatorial and the
            symmetric design what their estimators make of such outcomes; of a covering array the
            terms above its order are not measured.
        f0_read: the same of F0; None where the design does not measure it.
        quantities, quantities_read: the same two of what else the design measures, by key, such as
            the coherence; empty for most designs.
        device: name.
        calibrated: when, ISO 8601; None if the device does not say.
        assumptions: what the model holds and leaves out, in sentences.
    """

    qfi: float | None
    bound: float
    bound_by_order: tuple[float, ...]
    e_n: float
    f0: float
    bound_read: float
    bound_by_order_read: tuple[float, ...]
    e_n_read: float
    f0_read: float | None
    device: str
    calibrated: str | None
    assumptions: tuple[str, ...]
    quantities: Mapping[str, float] = field(default_factory=dict)
    quantities_read: Mapping[str, float] = field(default_factory=dict)


def noise_reference(
    compiled: "QuantumCircuit",
    device: Any,
    axis: AxisLike = "z",
    design: str = DEFAULT,
    *,
    decoupling: str | None = None,
    waiting: bool = False,
    twirled: bool = False,
    max_qfi_qubits: int = MAX_QFI_QUBITS,
) -> NoiseReference:
    """The noise reference of a compiled `measured_circuit` on a device.

    Args:
        compiled: the parametrised circuit that is run: preparation, rotations and measurement.
        device: a BackendV2, or one from `qbell.devices.record.device_from_record`.
        axis: of the generator, as the circuit was made for.
        design: as the circuit was made for.
        decoupling: the pulses ``XX``, ``XpXm`` or ``XY4`` in the waits, which then count.
        waiting: whether qubits decay while they wait; gates are as late as possible.
        twirled: whether the measurement is twirled, which reads 0 and 1 with the mean of their
            errors. Otherwise both errors are used where the device knows them.
        max_qfi_qubits: up to which N the QFI is computed.

    Raises:
        QbellError: more than 12 qubits, a mid-circuit measurement, or a circuit that
            cannot be scheduled.

    >>> import qbell
    >>> from qiskit.providers.fake_provider import GenericBackendV2
    >>> from qbell.circuits.measurement import compile_for, measured_circuit
    >>> device = GenericBackendV2(3, seed=1)
    >>> circuit = measured_circuit(qbell.ghz(3).circuit(), parse_axis("z"))
    >>> found = noise_reference(compile_for(circuit, device), device)
    >>> found.bound_read < found.bound < found.qfi < 9
    True
    """
    find_design(design)
    parsed = parse_axis(axis)
    state, says = state_as_run(
        compiled, device, design, decoupling=decoupling, waiting=waiting, twirled=twirled
    )
    return reference_of_state(
        state, device, parsed, design, assumptions=says, max_qfi_qubits=max_qfi_qubits
    )


def reference_of_state(
    state: NoisyState,
    device: Any,
    axis: Axis,
    design: str,
    *,
    assumptions: tuple[str, ...] = (),
    max_qfi_qubits: int = MAX_QFI_QUBITS,
) -> NoiseReference:
    """The noise reference of a state that is prepared already; see `noise_reference`."""
    state = normalised(state)
    num_qubits = len(state.effects)
    by_order = exact.bound_by_order(state.matrix, axis)
    read = read_out(state, design)
    said = [
        "each gate with the error and the decay that the device reports; no crosstalk, leakage "
        "or drift",
        *assumptions,
    ]
    qfi = None
    if num_qubits <= max_qfi_qubits:
        qfi = exact.qfi(state.matrix, axis)
    else:
        said.append(f"the QFI of a mixed state is computed up to n = {max_qfi_qubits}")
    if find_design(design).read_out_says:
        said.append(find_design(design).read_out_says)
    return NoiseReference(
        qfi=qfi,
        bound=float(by_order.sum()),
        bound_by_order=tuple(by_order.tolist()),
        e_n=float(abs(exact.correlator_of_all(state.matrix, axis)) ** 2),
        f0=exact.f0(state.matrix, axis),
        bound_read=float(read.bound_by_order.sum()),
        bound_by_order_read=tuple(read.bound_by_order.tolist()),
        e_n_read=read.e_n,
        f0_read=read.f0,
        device=str(getattr(device, "name", "unnamed")),
        calibrated=calibrated(device),
        assumptions=tuple(said),
        quantities=_known(state, axis) if read.quantities else {},
        quantities_read=read.quantities,
    )


def _known(state: NoisyState, axis: Axis) -> Mapping[str, float]:
    return exact.coherence_values(state.matrix, axis)


def normalised(state: NoisyState) -> NoisyState:
    """With trace 1: a device's rounded numbers make channels that keep it to 1e-8 a gate or so.

    Raises:
        QbellError: the trace is further from 1 than rounding takes it.
    """
    trace = float(np.trace(state.matrix).real)
    if abs(trace - 1) > MOST_LOST:
        raise QbellError(
            f"the simulated noisy state has trace {trace:.9g}, expected 1: the device's error "
            "rates are no physical channel; check its calibration"
        )
    return replace(state, matrix=state.matrix / trace)
