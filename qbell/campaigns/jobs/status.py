"""How far a campaign is: its jobs in a table, and the processor's time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qbell.campaigns.folder import campaign_folder
from qbell.campaigns.jobs.job_log import Attempt, JobLog, read_log
from qbell.campaigns.jobs.job_plan import JobPlan, read_plan
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.queues import open_queue, queue_kind

if TYPE_CHECKING:
    from qbell.devices.ibm import Service


@dataclass(frozen=True)
class JobStatus:
    """One job, as far as it is known.

    Attributes:
        number, kind, circuits, shots: see `qbell.campaigns.jobs.jobs.Job`.
        state: ``waiting`` (to be sent), ``sending``, ``queued``, ``running``, ``done`` (to be
            fetched), ``landed``, ``failed``, ``cancelled`` or ``lost``.
        attempts: how often it was sent.
        job_id: at the service, of the last attempt.
        usage, estimated, reserved: seconds of the processor, of the last attempt.
        place: in the device's queue, from 1, where the service tells.
        reason: why the last attempt failed.
        created, started, finished: ISO 8601, UTC.
        part: of the campaign: 1, or that which it was added with.
    """

    number: int
    kind: str
    circuits: int
    shots: int
    state: str
    attempts: int = 0
    job_id: str | None = None
    usage: float | None = None
    estimated: float | None = None
    reserved: float | None = None
    place: int | None = None
    reason: str | None = None
    created: str | None = None
    started: str | None = None
    finished: str | None = None
    part: int = 1


@dataclass(frozen=True)
class Status:
    """How far a campaign is.

    Attributes:
        folder: of the campaign.
        campaign: its identifier; its jobs carry the tag ``qbell-<campaign>``.
        backend: name.
        where: ``service``, ``local`` or ``sampler``, see `qbell.campaigns.queues`.
        jobs: in the order of sending.
        used: seconds of the processor that finished jobs took, failed ones included.
        reserved: seconds that jobs on their way may take at most.
        budget: seconds allowed; None for no limit.
        held: jobs that are not sent as long as they might exceed the budget.
        ahead: jobs in the device's queue; None if not asked.
        operational: whether the device takes jobs; None if not asked.
        left: seconds left to the account's instance; None if not said.
        notes: what else the user should know.
    """

    folder: Path
    campaign: str
    backend: str
    where: str
    jobs: tuple[JobStatus, ...]
    used: float
    reserved: float
    budget: float | None
    held: int = 0
    ahead: int | None = None
    operational: bool | None = None
    left: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def landed(self) -> int:
        """How many jobs have their shots on disk."""
        return sum(job.state == "landed" for job in self.jobs)

    @property
    def complete(self) -> bool:
        """True if all shots are there."""
        return self.landed == len(self.jobs)

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs are in which state."""
        return dict(Counter(job.state for job in self.jobs))

    @property
    def charged(self) -> bool:
        """True if its jobs take time of a quantum processor."""
        return queue_kind(self.where).charged

    @property
    def record(self) -> dict[str, Any]:
        """As plain data."""
        found = asdict(self)
        return {
            **{key: found[key] for key in ("campaign", "backend", "where")},
            "folder": str(self.folder),
            "complete": self.complete,
            "landed": self.landed,
            "total": len(self.jobs),
            "states": self.counts,
            **{
                key: found[key]
                for key in ("used", "reserved", "budget", "held", "ahead", "operational", "left")
            },
            "jobs": [asdict(job) for job in self.jobs],
            "notes": list(self.notes),
        }


def status(folder: str | Path, *, service: "Service | None" = None) -> Status:
    """Progress of a campaign; asks the service if jobs are in progress there, and writes nothing.

    Args:
        folder: of a campaign that `qbell.submit` made.
        service: to ask; opened from the saved account or the environment if None.

    Returns:
        The jobs and their states, and the seconds of the processor used and reserved.

    Raises:
        QbellError: no campaign there, or a service that cannot be reached.

    >>> import tempfile
    >>> import qbell
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = qbell.submit("experiments/plus_aer.toml", folder)
    ...     status(folder).complete
    True
    """
    plan = read_plan(campaign_folder(folder))
    logs = logs_of(plan)
    queue = open_queue(plan.where, plan.spec, plan.folder, {"service": service})
    if queue.at_once or all(log.state in ("landed", "waiting") for log in logs):
        return status_of(plan, logs)
    looked, places = [], {}
    for log in logs:
        last = log.last
        if last is not None and last.state == "sent" and last.job_id is not None:
            report = queue.status(last.job_id)
            log = log.changed(**report_values(report))  # noqa: PLW2901
            places[log.number] = report.queue_place
        looked.append(log)
    return status_of(plan, looked, places=places, **asdict(queue.outlook()))


def report_values(report: Any) -> dict[str, Any]:
    """Of an attempt, from the service's report."""
    return {
        "seen": report.status,
        "usage": report.usage_seconds,
        "estimated": report.estimated_seconds,
        "reason": report.reason,
        "created": report.created,
        "started": report.started,
        "finished": report.finished,
    }


def logs_of(plan: JobPlan) -> list[JobLog]:
    """What happened to each job, in the order of sending."""
    return [read_log(plan.job_file(job.number, "json"), job.number) for job in plan.jobs]


def used(logs: list[JobLog]) -> float:
    """Seconds of the processor that were used, as far as known."""
    return sum(attempt.usage or 0.0 for log in logs for attempt in log.attempts)


def reserved(logs: list[JobLog]) -> float:
    """Seconds that attempts may still take, or may have taken: those whose usage is not known."""
    return sum(
        attempt.reserved or 0.0 for log in logs for attempt in log.attempts if attempt.usage is None
    )


def fits(plan: JobPlan, logs: list[JobLog], job: Job) -> bool:
    """True if a job surely keeps within the budget, whatever those on their way take."""
    budget = plan.spec.hardware.budget
    if budget is None:
        return True
    return used(logs) + reserved(logs) + plan.reserved(job) <= budget


def status_of(
    plan: JobPlan,
    logs: list[JobLog],
    *,
    places: Mapping[int, int | None] = MappingProxyType({}),
    **more: Any,
) -> Status:
    """The status that a plan and its logs show; ``places`` in the queue by the jobs' numbers."""
    jobs = tuple(
        replace(
            _job_status(job, log, log.last, places.get(job.number)), part=plan.part_of(job.number)
        )
        for job, log in zip(plan.jobs, logs, strict=True)
    )
    waiting = [job for job, log in zip(plan.jobs, logs, strict=True) if log.state == "waiting"]
    held = 0 if not waiting or fits(plan, logs, waiting[0]) else len(waiting)
    return Status(
        folder=plan.folder,
        campaign=plan.campaign,
        backend=plan.spec.backend,
        where=plan.where,
        jobs=jobs,
        used=used(logs),
        reserved=reserved(logs),
        budget=plan.spec.hardware.budget,
        held=held,
        notes=plan.notes,
        **more,
    )


def _job_status(job: Job, log: JobLog, last: Attempt | None, place: int | None) -> JobStatus:
    values: dict[str, Any] = {}
    state = log.state
    if last is not None:
        if state == "sent":
            state = last.seen or "queued"
        names = ("job_id", "usage", "estimated", "reserved", "reason", "created", "started")
        values = {name: getattr(last, name) for name in (*names, "finished")}
    return JobStatus(
        job.number,
        job.kind,
        job.circuits,
        job.shots,
        state,
        attempts=len(log.attempts),
        place=place,
        **values,
    )
