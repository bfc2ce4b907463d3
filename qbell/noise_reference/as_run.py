"""The noisy state of a compiled circuit as it is run: its waits, its pulses, and how it is read."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.designs import DEFAULT
from qbell.devices.record import readout_probabilities
from qbell.errors import QbellError
from qbell.noise_reference.schedule import scheduled
from qbell.simulation.noisy_state import NoisyState, noisy_state, readout_of, split

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def readout_as_run(
    device: Any, wires: "Sequence[int]", *, twirled: bool
) -> tuple[dict[int, NDArray[np.float64]], str]:
    """P(x|y) of some of a device's qubits, row y and column x, and which it is, in words."""
    if twirled:
        found = {}
        for wire in wires:
            error = float(np.mean(1 - np.diag(readout_of(device.target, wire))))
            found[wire] = np.array([[1 - error, error], [error, 1 - error]])
        return found, (
            "0 and 1 are read with the mean of their errors, as twirling the measurement makes "
            "them; its own gates are not counted"
        )
    both = readout_probabilities(device)
    known = {wire: pair for wire in wires if (pair := both[wire]) is not None}
    says = "0 and 1 are read with the errors that the device reports of each"
    if len(known) < len(wires):
        says = "0 and 1 are read with one error" + (
            ", where the device reports no two" * bool(known)
        )
    return {
        wire: np.array([[1 - up, up], [down, 1 - down]]) for wire, (up, down) in known.items()
    }, says
