"""The noisy state of a compiled circuit as it is run: its waits, its pulses, and how it is read."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.flags import num_flags
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
    check_computed(compiled)
    circuit, readout, says = run_conditions(
        compiled, device, decoupling=decoupling, waiting=waiting, twirled=twirled
    )
    state = noisy_state(circuit, device, design, readout)
    accepted: tuple[str, ...] = ()
    if num_flags(compiled):
        state, share = given_flags(state, num_flags(compiled))
        accepted = (f"given that all flags read 0, as {share:.2%} of the shots do",)
    return state, (*accepted, *says)


def run_conditions(
    compiled: "QuantumCircuit", device: Any, *, decoupling: str | None, waiting: bool, twirled: bool
) -> tuple["QuantumCircuit", dict[int, NDArray[np.float64]], tuple[str, ...]]:
    """The circuit with its waits and pulses, how its qubits are read, and both in sentences.

    Raises:
        QbellError: a circuit that cannot be scheduled.
    """
    circuit = compiled
    if waiting or decoupling is not None:
        circuit = scheduled(compiled, device, decoupling)
    readout, reads = readout_as_run(device, split(circuit)[2], twirled=twirled)
    waits = "waiting qubits do not decay"
    if waiting or decoupling is not None:
        waits = "qubits decay while they wait, with gates as late as possible"
    if decoupling is not None:
        waits += (
            f"; the {decoupling} pulses in the waits cost their errors and refocus nothing, as "
            "this model has no slow noise"
        )
    return circuit, readout, (waits, reads)


def given_flags(state: NoisyState, flags: int) -> tuple[NoisyState, float]:
    """The other qubits' state where the last ``flags`` ones read 0, and how likely that is."""
    matrix = state.matrix
    whole = float(np.trace(matrix).real)
    for operators in state.effects[::-1][:flags]:
        half = len(matrix) // 2
        parts = matrix.reshape(2, half, 2, half)  # the last qubit is the highest bit
        matrix = np.einsum("iajb,ji->ab", parts, operators[0, 0])
    share = float(np.trace(matrix).real) / whole
    return replace(state, matrix=matrix / share, effects=state.effects[:-flags]), share


def is_computed(compiled: "QuantumCircuit") -> bool:
    """Whether a compiled circuit has no flags, and its noisy state is computed here."""
    if num_flags(compiled):
        return False
    try:
        check_computed(compiled)
    except QbellError:
        return False
    return True


def check_computed(compiled: "QuantumCircuit") -> None:
    """Refuse a circuit whose noisy state is not computed here.

    Raises:
        QbellError: more than 12 qubits, or a mid-circuit measurement.
    """
    measured = sum(item.operation.name == "measure" for item in compiled.data)
    unitary = not compiled.has_control_flow_op() and measured == compiled.num_clbits
    if not unitary:  # but for flags, which nothing depends on
        raise QbellError(
            "the circuit has mid-circuit measurements, and its noisy state is not computed; use a "
            "unitary preparation"
        )
    if measured > MAX_REFERENCE_QUBITS:
        raise QbellError(
            f"n = {measured}: the noise reference is computed up to n = {MAX_REFERENCE_QUBITS}"
            f"{', flags included' * bool(num_flags(compiled))}"
        )
