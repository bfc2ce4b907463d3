"""What a campaign costs on a device: gates, jobs, time of the processor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qbell.campaigns.jobs.jobs import JOB_LIMIT, Job, jobs_of, options_of
from qbell.campaigns.spec import Spec
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.measurement import as_preparation
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.devices.qpu_time import (
    JOB_OVERHEAD,
    LOADING,
    MOST_IDLE,
    MOST_JOB_OVERHEAD,
    MOST_LOADING,
    REP_DELAY,
    Seconds,
    execution_seconds,
    job_seconds,
    time_limit,
)

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


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
    """Time of the quantum processor, of the jobs that `qbell submit` would send.

    All None where not known.

    Attributes:
        seconds: executions x (duration + delay) + parameter sets x loading + jobs x overhead.
        seconds_low, seconds_high: the same if nothing is slow, and if everything is.
        loading: the part of ``seconds`` that loads parameter sets.
        duration: of one execution, in seconds.
        executions: shots in all, those of the reference jobs included.
        parameter_sets: what is to be loaded: settings x randomizations, of all jobs.
        jobs: how many, of them
        reference_jobs: repeated to calibrate the readout and to detect drift.
        budget: seconds that the spec allows; None for no limit.
        jobs_sure: how many of the jobs, in their order, run within the budget even if each takes
            all the time that it may.
        jobs_likely: how many do if each takes its likely time.
        assumptions: in words.
    """

    seconds: float | None = None
    seconds_low: float | None = None
    seconds_high: float | None = None
    loading: float | None = None
    duration: float | None = None
    executions: int | None = None
    parameter_sets: int | None = None
    jobs: int | None = None
    reference_jobs: int | None = None
    budget: float | None = None
    jobs_sure: int | None = None
    jobs_likely: int | None = None
    assumptions: tuple[str, ...] = ()


def cost(
    spec: Spec, preparation: "Preparation | QuantumCircuit", backend: Any, rows: int
) -> tuple[CircuitCost, QpuCost, list[str]]:
    """Costs of a preparation that is measured, see `cost_of`.

    Raises:
        QbellError: the circuit cannot be prepared, or not on this device, or its jobs would be
            larger than the service takes.
    """
    preparation = as_preparation(preparation)
    compiled = compiled_circuit(preparation, backend, parse_axis(spec.axis), spec.design)
    return cost_of(spec, compiled, backend, rows, unitary=preparation.is_unitary)


def cost_of(
    spec: Spec, compiled: "QuantumCircuit", backend: Any, rows: int, *, unitary: bool
) -> tuple[CircuitCost, QpuCost, list[str]]:
    """Costs of a circuit and its shots, and notes on what is missing or too dear.

    Args:
        spec: the campaign.
        compiled: the whole circuit, measurement included, in gates of the backend.
        backend: a BackendV2, or None for the ideal simulator.
        rows: of the schedule: settings, draws, or angles of a scan.
        unitary: whether the preparation neither measures nor branches.

    Raises:
        QbellError: its jobs would be larger than the service takes.
    """
    layers = compiled.depth(_two_qubit)
    gates = sum(1 for item in compiled.data if _two_qubit(item))
    found = CircuitCost(int(compiled.depth()), gates, int(layers))
    if backend is None:
        return found, QpuCost(), ["qpu: a simulator takes no time of a processor"]
    _, twirling, _ = options_of(spec, unitary=unitary)
    jobs = jobs_of(spec, rows, twirling=twirling)
    counted = {
        "executions": sum(job.executions for job in jobs),
        "parameter_sets": sum(job.parameter_sets for job in jobs),
        "jobs": len(jobs),
        "reference_jobs": sum(job.kind == "reference" for job in jobs),
    }
    delay = getattr(backend, "default_rep_delay", None)
    said = "as the device reports" if delay else "as the device reports none"
    delay = delay or REP_DELAY
    assumptions = _assumptions(f"{delay * 1e6:g} us between executions, {said}")
    duration = execution_seconds(compiled, backend)
    if duration is None:
        note = f"qpu: {backend.name} does not say how long its gates take"
        if not unitary:
            note = f"qpu: {backend.name} does not say how long it takes to feed outcomes forward"
        return found, QpuCost(**counted, assumptions=assumptions), [note]
    each = [job_seconds(job.executions, job.parameter_sets, duration, delay) for job in jobs]
    total = sum(each, Seconds(0.0, 0.0, 0.0))
    sure, likely, notes = _within_budget(spec, jobs, each)
    qpu = QpuCost(
        seconds=total.likely,
        seconds_low=total.low,
        seconds_high=total.high,
        loading=counted["parameter_sets"] * LOADING,
        duration=duration,
        **counted,
        budget=spec.hardware.budget,
        jobs_sure=sure,
        jobs_likely=likely,
        assumptions=assumptions,
    )
    return found, qpu, notes


def _assumptions(delay: str) -> tuple[str, ...]:
    """What the seconds rest on, in words."""
    return (
        f"{delay} (up to {MOST_IDLE * 1e6:g} us more)",
        f"{JOB_OVERHEAD:g} s for each job (up to {MOST_JOB_OVERHEAD:g} s)",
        f"{LOADING * 1e3:g} ms to load each parameter set (0 to {MOST_LOADING * 1e3:g} ms)",
        f"up to {JOB_LIMIT:,} executions a job",
        "no waiting in a queue, and no job fails",
    )


def _within_budget(
    spec: Spec, jobs: tuple[Job, ...], each: list[Seconds]
) -> tuple[int | None, int | None, list[str]]:
    """How many jobs the budget surely and likely allows, and notes.

    A job reserves all the time that it may take until its usage is known. One after the other,
    job k is sent if what the k - 1 before it used and its own limit are within the budget.
    """
    allowed = spec.hardware.max_execution_time
    limits = [time_limit(seconds) if allowed is None else allowed for seconds in each]
    notes = []
    worst = max(range(len(jobs)), key=lambda index: each[index].likely)
    if each[worst].likely > limits[worst]:
        notes.append(
            f"qpu: job {jobs[worst].number} likely takes {each[worst].likely:.0f} s of the "
            f"processor, but is cancelled after {limits[worst]} s: use more jobs, or a longer "
            "max_execution_time (up to 10800)"
        )
    budget = spec.hardware.budget
    if budget is None:
        return None, None, notes
    sure = _fitting(budget, limits, [float(limit) for limit in limits])
    likely = _fitting(budget, limits, [seconds.likely for seconds in each])
    if likely < len(jobs):
        notes.append(
            f"qpu: the budget of {budget:g} s likely ends the campaign after {likely} of "
            f"{len(jobs)} jobs; raise it, or take fewer jobs or shots"
        )
    return sure, likely, notes


def _fitting(budget: float, limits: list[int], used: list[float]) -> int:
    """How many jobs, in their order, find room for their limit after what those before used."""
    spent = 0.0
    for count, (limit, seconds) in enumerate(zip(limits, used, strict=True)):
        if spent + limit > budget:
            return count
        spent += seconds
    return len(limits)


def _two_qubit(item: Any) -> bool:
    """True for gates on two qubits; barriers are none."""
    return len(item.qubits) == 2 and item.operation.name != "barrier"
