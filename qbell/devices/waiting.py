"""A compiled circuit with the times that its qubits wait, and the pulses that fill them."""

import warnings
from typing import TYPE_CHECKING, Any

from qbell.circuits.measurement import PREPARED
from qbell.devices.decoupling import check_sequence
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import PassManager


def scheduled(
    compiled: "QuantumCircuit", device: Any, decoupling: str | None = None
) -> "QuantumCircuit":
    """The circuit with its gates as late as possible and delays where qubits wait.

    With ``decoupling`` the waits hold the pulses of that sequence, put there by the very pass of
    IBM's Sampler. What is on wires that the circuit does not use, and behind the last measurement
    of a qubit, is left out: it does not change the outcomes.

    Args:
        compiled: a compiled `measured_circuit`, on the device's physical qubits.
        device: a BackendV2 that says how long its gates take.
        decoupling: ``XX``, ``XpXm``, ``XY4`` or None.

    Raises:
        QbellError: another sequence, times that the device does not say, a circuit that branches,
            or the extra ``ibm`` is not installed.
    """
    from qiskit.exceptions import QiskitError

    check_sequence(decoupling)
    if compiled.has_control_flow_op():
        raise QbellError(
            "the circuit branches on outcomes, and its waiting times are not known beforehand; use "
            "a unitary preparation"
        )
    place = {bit: index for index, bit in enumerate(compiled.qubits)}
    used = {
        place[bit]
        for item in compiled.data
        if item.operation.name != "barrier"
        for bit in item.qubits
    }
    silent = [
        wire for wire in sorted(used) if not device.target.instruction_supported("delay", (wire,))
    ]
    if silent:
        raise QbellError(
            f"{device.name} has no delays on qubit {silent[0]}, and waiting qubits cannot be "
            "simulated; leave waiting qubits and decoupling out"
        )
    passes = _waits(device) if decoupling is None else _pulses(device, decoupling)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # durations rounded to whole steps of the device
            found = passes.run(compiled)
    except QiskitError as error:
        reason = str(error.message).splitlines()[0]
        raise QbellError(
            f"the circuit cannot be scheduled on {device.name} ({reason}); leave waiting qubits "
            "and decoupling out"
        ) from error
    return _needed(found, used)


def _waits(device: Any) -> "PassManager":
    from qiskit.transpiler import PassManager
    from qiskit.transpiler.passes import ALAPScheduleAnalysis, PadDelay, TimeUnitConversion

    target = device.target
    return PassManager(
        [
            TimeUnitConversion(target=target),
            ALAPScheduleAnalysis(target=target),
            PadDelay(target=target),
        ]
    )


def _pulses(device: Any, sequence: str) -> "PassManager":
    try:
        from qiskit_ibm_runtime.executor.dynamical_decoupling import generate_dd_pass_manager
        from qiskit_ibm_runtime.options_models.dynamical_decoupling import (
            DynamicalDecouplingOptions,
        )
    except ImportError as error:
        raise QbellError(
            "dynamical decoupling is simulated with the extra ibm; run: pip install 'qbell[ibm]'"
        ) from error
    options = DynamicalDecouplingOptions(enable=True, sequence_type=sequence)
    return generate_dd_pass_manager(device, options)


def _needed(circuit: "QuantumCircuit", used: set[int]) -> "QuantumCircuit":
    """Without other wires, and without what stands behind measurements."""
    place = {bit: index for index, bit in enumerate(circuit.qubits)}
    measured = {place[item.qubits[0]] for item in circuit.data if item.operation.name == "measure"}
    kept = circuit.copy_empty_like()
    prepared = False
    read: set[int] = set()
    for item in circuit.data:
        wires = {place[bit] for bit in item.qubits}
        name = item.operation.name
        if name == "barrier":
            prepared = prepared or item.operation.label == PREPARED
        elif not wires <= used or wires & read or (prepared and not wires <= measured):
            continue
        elif name == "measure" and prepared:
            read |= wires
        kept.append(item)
    return kept
