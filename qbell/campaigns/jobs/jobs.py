"""How a campaign is cut into jobs: which settings, in which order, with how many shots.

Every data job measures all settings, in a random order of its own, or its share of the random ones:
so a drift from job to job widens the error bars by job, and is never mistaken for a signal. Between
them a reference job is repeated: known words and two fixed settings.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qbell.campaigns.spec import Spec
from qbell.campaigns.spec_tables import Mitigation
from qbell.designs import find_design
from qbell.errors import QbellError

JOB_LIMIT = 10_000_000  # executions in a job of IBM's service
WORDS = 4  # of a reference job: all 0, all 1, and the two that alternate
FIXED_SETTINGS = 2  # of a reference job: all along sigma_1, all along sigma_2
MOST_RANDOMIZATIONS = 8  # of a setting in one job, where the spec leaves the choice
EVEN = 4  # shots of a job are a multiple of it, where twirling has a choice

Kind = Literal["data", "reference"]


@dataclass(frozen=True)
class Job:
    """One job, before it is sent.

    Attributes:
        number: its place in the order of sending, from 1.
        kind: ``data`` or ``reference``.
        circuits: parameter sets, that is settings, and words of a reference job.
        shots: of each.
        randomizations: of a twirling, of each; 1 without one.
    """

    number: int
    kind: Kind
    circuits: int
    shots: int
    randomizations: int

    @property
    def executions(self) -> int:
        """Shots of the whole job."""
        return self.circuits * self.shots

    @property
    def parameter_sets(self) -> int:
        """How many sets of angles the device has to load."""
        return self.circuits * self.randomizations


def options_of(
    spec: Spec, *, unitary: bool, noisy: bool = True
) -> tuple[str | None, bool, tuple[str, ...]]:
    """The decoupling and the twirling that are really used, and a note if that is not as asked.

    Args:
        spec: the campaign.
        unitary: whether its preparation neither measures nor branches.
        noisy: whether IBM's Sampler runs it; others have no such options.
    """
    hardware = spec.hardware
    if (noisy and unitary) or (hardware.dynamical_decoupling is None and not hardware.twirling):
        return hardware.dynamical_decoupling, hardware.twirling, ()
    because = (
        "the circuit measures ancillas, mid-circuit with feed-forward or as flags, and is not "
        "combined with them"
        if noisy
        else "they are options of IBM's Sampler, and this is not its device"
    )
    return None, False, (f"without dynamical decoupling and twirling: {because}",)


def jobs_of(spec: Spec, rows: int, *, twirling: bool) -> tuple[Job, ...]:
    """The jobs of a campaign whose schedule has ``rows`` rows, in the order of sending.

    Args:
        spec: the campaign.
        rows: of its schedule.
        twirling: whether measurements are really twirled, see `options_of`.

    Raises:
        QbellError: a job would be larger than the service takes, or readout errors are to be
            mitigated without reference jobs to calibrate them.
    """
    hardware = spec.hardware
    sizes = _drawn(spec, rows) if find_design(spec.design).drawn else _listed(spec, rows)
    kinds: list[tuple[Kind, int, int]] = [("data", *size) for size in sizes]
    if isinstance(spec.mitigation, Mitigation) and spec.mitigation.calibration is None:
        if hardware.reference == 0:
            raise QbellError(
                "[hardware] reference = 0, but [mitigation] calibrates the readout with reference "
                "jobs; leave it out, or give calibration ="
            )
        shots = math.ceil(spec.mitigation.shots / hardware.reference)
    else:
        shots = hardware.reference_shots
    circuits = WORDS + FIXED_SETTINGS
    if circuits * shots > JOB_LIMIT:
        raise QbellError(
            f"a reference job of {circuits} circuits with {shots} shots has more than "
            f"{JOB_LIMIT:,} executions; take fewer reference_shots, or a larger reference ="
        )
    # At the start, at the end, and evenly between.
    last = len(sizes)
    places = [
        round(index * last / max(hardware.reference - 1, 1)) for index in range(hardware.reference)
    ]
    for place in reversed(places):
        kinds.insert(place, ("reference", circuits, shots))
    return tuple(
        Job(number, kind, count, each, _randomizations(spec, each) if twirling else 1)
        for number, (kind, count, each) in enumerate(kinds, start=1)
    )


def row_order(spec: Spec, rows: int, jobs: tuple[Job, ...], seed: int) -> list[NDArray[np.int64]]:
    """The schedule's rows that each data job measures, in the order in which it does.

    Drawn settings are in a random order already, and are shared out as they come.
    """
    data = [job for job in jobs if job.kind == "data"]
    if find_design(spec.design).drawn:
        ends = np.cumsum([job.circuits for job in data])[:-1]
        return [part.astype(np.int64) for part in np.split(np.arange(rows), ends)]
    generator = np.random.default_rng(seed)
    return [generator.permutation(rows).astype(np.int64) for _ in data]


def _drawn(spec: Spec, rows: int) -> list[tuple[int, int]]:
    """Draws and shots of each data job."""
    if spec.shots > JOB_LIMIT:
        raise QbellError(
            f"[schedule] shots = {spec.shots}: a job has at most {JOB_LIMIT:,} executions; take "
            "fewer shots"
        )
    most = JOB_LIMIT // spec.shots
    count = max(min(spec.hardware.jobs, rows), math.ceil(rows / most))
    return [(size, spec.shots) for size in _even(rows, count)]


def _listed(spec: Spec, rows: int) -> list[tuple[int, int]]:
    """Settings and shots of each data job."""
    if rows > JOB_LIMIT:
        raise QbellError(
            f"{rows:,} settings: a job has at most {JOB_LIMIT:,} executions; use design random"
        )
    most = JOB_LIMIT // rows
    count = max(min(spec.hardware.jobs, spec.shots), math.ceil(spec.shots / most))
    # Shots that twirling can divide: the last job takes what is left over.
    unit = EVEN if spec.hardware.twirling and spec.shots // count >= 2 * EVEN else 1
    sizes = [unit * size for size in _even(spec.shots // unit, count)]
    sizes[-1] += spec.shots % unit
    if max(sizes) > most:
        sizes = _even(spec.shots, count)
    return [(rows, size) for size in sizes]


def _even(total: int, count: int) -> list[int]:
    """``total`` in ``count`` parts that differ by one at most."""
    return [total // count + (index < total % count) for index in range(count)]


def _randomizations(spec: Spec, shots: int) -> int:
    """How often the measurement of a setting is twirled anew: a divisor of its shots."""
    most = spec.hardware.randomizations or MOST_RANDOMIZATIONS
    return max(number for number in range(1, min(most, shots) + 1) if shots % number == 0)
