"""The noisy state of a compiled circuit as it is run: its waits, its pulses, and how it is read."""

from typing import TYPE_CHECKING, Any

from qbell.designs import DEFAULT
from qbell.devices.readout import readout_as_run
from qbell.devices.waiting import scheduled
from qbell.errors import QbellError
from qbell.simulation.noisy_state import NoisyState, noisy_state, split

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_REFERENCE_QUBITS = 12


def state_as_run(
    compiled: "QuantumCircuit",
    device: Any,
    design: str = DEFAULT,
    *,
    decoupling: str | None = None,
    waiting: bool = False,
    twirled: bool = False,
) -> tuple[NoisyState, tuple[str, ...]]:
    """The noisy state and its measurement, and what they assume, in sentences.

    Arguments as `qbell.noise_reference.noise_reference`.

    Raises:
        QbellError: more than 12 qubits, a mid-circuit measurement, or a circuit that cannot be
            scheduled.
    """
    _check(compiled)
    circuit = compiled
    if waiting or decoupling is not None:
        circuit = scheduled(compiled, device, decoupling)
    readout, says = readout_as_run(device, split(circuit)[2], twirled=twirled)
    state = noisy_state(circuit, device, design, readout)
    waits = "waiting qubits do not decay"
    if waiting or decoupling is not None:
        waits = "qubits decay while they wait, with gates as late as possible"
    if decoupling is not None:
        waits += (
            f"; the {decoupling} pulses in the waits cost their errors and refocus nothing, as "
            "this model has no slow noise"
        )
    return state, (waits, says)


def is_computed(compiled: "QuantumCircuit") -> bool:
    """Whether a compiled circuit is one whose noisy state is computed here."""
    try:
        _check(compiled)
    except QbellError:
        return False
    return True


def _check(compiled: "QuantumCircuit") -> None:
    measured = sum(item.operation.name == "measure" for item in compiled.data)
    unitary = not compiled.has_control_flow_op() and measured == compiled.num_clbits
    if not unitary:
        raise QbellError(
            "the circuit has mid-circuit measurements, and its noisy state is not computed; use a "
            "unitary preparation"
        )
    if measured > MAX_REFERENCE_QUBITS:
        raise QbellError(
            f"n = {measured}: the noise reference is computed up to n = {MAX_REFERENCE_QUBITS}"
        )
