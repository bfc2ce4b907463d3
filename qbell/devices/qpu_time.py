"""How long a quantum processor is taken by a job, as far as can be said before it runs.

IBM's baseline is: overhead of the job + executions x (delay between executions + duration of the
circuit). Nobody publishes what it adds to load many parameter sets. A bound is in IBM's own
benchmark of speed, where a set stands for 100 shots of 100 layers on 100 qubits: 332,154 layers a
second on ibm_pittsburgh are 30 ms for each set, 3 ms more than its shots take there by the
baseline. If sets are loaded while others run, loading one takes up to 30 ms; if not, up to 3 ms.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MOST_SECONDS = 10_800  # of a job on IBM's devices: 3 h
REP_DELAY = 250e-6  # s between executions, where the device names none
JOB_OVERHEAD, MOST_JOB_OVERHEAD = 2.0, 5.0  # s of a job; IBM's baseline, and a cautious guess
MOST_IDLE = 100e-6  # s of each execution beyond the delay: IBM's quick formula, 0.35 ms in all
LOADING, MOST_LOADING = 3e-3, 30e-3  # s of each parameter set, see above
SLACK = 10  # s that a job may take beyond the most that it is expected to


@dataclass(frozen=True)
class Seconds:
    """Time of the processor, with what it may be at least and at most.

    Attributes:
        low: parameter sets are loaded while others run.
        likely: loading takes what IBM's benchmark leaves for it.
        high: nothing overlaps, and every part is at its cautious guess.
    """

    low: float
    likely: float
    high: float

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(self.low + other.low, self.likely + other.likely, self.high + other.high)


def job_seconds(executions: int, parameter_sets: int, duration: float, delay: float) -> Seconds:
    """Time of the processor that a job takes.

    executions x (delay + duration) + parameter sets x loading + overhead, each as the constants of
    this module have it.

    Args:
        executions: settings x shots, of all circuits of the job.
        parameter_sets: settings x randomizations of a twirling, of all circuits.
        duration: of one execution of the circuit, in seconds.
        delay: between executions, in seconds.

    >>> job_seconds(6400, 256, 3e-6, 250e-6)
    Seconds(low=3.6192, likely=4.3872, high=14.92)
    """
    low = JOB_OVERHEAD + executions * (delay + duration)
    return Seconds(
        low=low,
        likely=low + parameter_sets * LOADING,
        high=MOST_JOB_OVERHEAD
        + executions * (delay + max(duration, MOST_IDLE))
        + parameter_sets * MOST_LOADING,
    )


def time_limit(seconds: Seconds) -> int:
    """Seconds of the processor after which a job is to be cancelled, where the user gives no limit.

    What it takes at most and 10 s, within IBM's 3 h: so it is cancelled only if something is wrong.

    >>> time_limit(job_seconds(6400, 256, 3e-6, 250e-6))
    25
    """
    return min(math.ceil(seconds.high) + SLACK, MOST_SECONDS)


def execution_seconds(compiled: "QuantumCircuit", device: Any) -> float | None:
    """Seconds of one execution of a compiled circuit; None where the device does not say."""
    from qiskit.exceptions import QiskitError

    try:
        seconds = float(compiled.estimate_duration(device.target))
    except QiskitError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
