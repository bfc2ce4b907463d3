"""The noisy state of a compiled circuit as it is run: its waits, its pulses, and how it is read."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

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
    _check(compiled)
    circuit = compiled
    if waiting or decoupling is not None:
        circuit = scheduled(compiled, device, decoupling)
    readout, says = readout_as_run(device, split(circuit)[2], twirled=twirled)
    state = noisy_state(circuit, device, design, readout)
    accepted: tuple[str, ...] = ()
    if num_flags(compiled):
        state, share = given_flags(state, num_flags(compiled))
        accepted = (f"given that all flags read 0, as {share:.2%} of the shots do",)
    waits = "waiting qubits do not decay"
    if waiting or decoupling is not None:
        waits = "qubits decay while they wait, with gates as late as possible"
    if decoupling is not None:
        waits += (
            f"; the {decoupling} pulses in the waits cost their errors and refocus nothing, as "
            "this model has no slow noise"
        )
    return state, (*accepted, waits, says)


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
        _check(compiled)
    except QbellError:
        return False
    return True


def _check(compiled: "QuantumCircuit") -> None:
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
