"""What a campaign costs on a device: gates, time of the processor, jobs."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qbell.axes import parse_axis
from qbell.measurement import as_preparation, compile_for, measured_circuit
from qbell.preparation.base import Preparation
from qbell.spec import Spec

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

REP_DELAY = 250e-6  # s between executions, where the device names none
JOB_OVERHEAD = 2.0  # s
JOB_LIMIT = 10_000_000  # executions in a job of IBM's service
CALIBRATION_CIRCUITS = 4  # the words that `qbell.calibrate` prepares


@dataclass(frozen=True)
class CircuitCost:
    """The compiled circuit: preparation, rotations and measurement.

    Attributes:
        depth: layers of operations, measurement included.
        two_qubit_gates: how many.
        two_qubit_depth: layers of two-qubit gates.
    """

    depth: int
    two_qubit_gates: int
    two_qubit_depth: int


@dataclass(frozen=True)
class QpuCost:
    """Time of the quantum processor.

    Attributes:
        seconds: executions x (duration + delay) + jobs x overhead; None where not known.
        duration: of one execution, in seconds.
        executions: shots in all, those of a readout calibration included.
        jobs: at the service's limit of executions a job.
        assumptions: in words.
    """

    seconds: float | None
    duration: float | None
    executions: int | None
    jobs: int | None
    assumptions: tuple[str, ...]


def cost(
    spec: Spec, preparation: "Preparation | QuantumCircuit", backend: Any, total_shots: int
) -> tuple[CircuitCost, QpuCost, str]:
    """Costs of a circuit and its shots, and a note on what is missing (or empty).

    Args:
        spec: the campaign.
        preparation: of the state.
        backend: a BackendV2, or None for the ideal simulator.
        total_shots: of all settings.

    Raises:
        QbellError: the circuit cannot be prepared, or not on this device.
    """
    preparation = as_preparation(preparation)
    measured = measured_circuit(preparation, parse_axis(spec.axis), spec.design)
    compiled = compile_for(measured, backend, preparation.wires)
    layers = compiled.depth(_two_qubit)
    gates = sum(1 for item in compiled.data if _two_qubit(item))
    found = CircuitCost(int(compiled.depth()), gates, int(layers))
    if backend is None:
        note = "qpu: a simulator takes no time of a processor"
        return found, QpuCost(None, None, None, None, ()), note
    executions = total_shots
    assumptions = []
    if spec.mitigation is not None and spec.mitigation.calibration is None:
        executions += CALIBRATION_CIRCUITS * spec.mitigation.shots
        assumptions.append(
            f"{CALIBRATION_CIRCUITS} calibration circuits of {spec.mitigation.shots} shots"
        )
    jobs = math.ceil(executions / JOB_LIMIT)
    delay = getattr(backend, "default_rep_delay", None)
    said = "as the device names" if delay else "as the device names none"
    delay = delay or REP_DELAY
    duration = _duration(compiled, backend)
    assumptions = [
        f"{delay * 1e6:g} us between executions, {said}",
        f"{JOB_OVERHEAD:g} s for each job",
        f"up to {JOB_LIMIT:,} executions a job",
        "no time for loading settings, no queue",
        *assumptions,
    ]
    if duration is None:
        note = f"qpu: {backend.name} does not say how long its gates take"
        if not preparation.is_unitary:
            note = f"qpu: {backend.name} does not say how long it takes to feed outcomes forward"
        return found, QpuCost(None, None, executions, jobs, tuple(assumptions)), note
    seconds = executions * (duration + delay) + jobs * JOB_OVERHEAD
    return found, QpuCost(seconds, duration, executions, jobs, tuple(assumptions)), ""


def _two_qubit(item: Any) -> bool:
    """True for gates on two qubits; barriers are none."""
    return len(item.qubits) == 2 and item.operation.name != "barrier"


def _duration(compiled: "QuantumCircuit", backend: Any) -> float | None:
    """Seconds of one execution; None where the device's target does not say."""
    from qiskit.exceptions import QiskitError

    try:
        seconds = float(compiled.estimate_duration(backend.target))
    except QiskitError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
