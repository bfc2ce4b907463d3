"""What the service says of jobs, devices and allowances, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from qbell.devices.ibm.problems import ServiceError
from qbell.devices.ibm.redaction import one_line

QUEUED, RUNNING, DONE = "queued", "running", "done"
FAILED, CANCELLED, LOST = "failed", "cancelled", "lost"
FINAL = (DONE, FAILED, CANCELLED, LOST)
_STATUS = {
    "QUEUED": QUEUED,
    "RUNNING": RUNNING,
    "COMPLETED": DONE,
    "FAILED": FAILED,
    "CANCELLED": CANCELLED,
    "CANCELLED - RAN TOO LONG": FAILED,
}
_RAN_TOO_LONG = 1305  # cancelled by the service, not by a person


@dataclass(frozen=True)
class JobReport:
    """Where a job stands.

    ``status``: queued, running, done, failed, cancelled, or lost (the service does not know it).
    ``usage_seconds`` of the processor, as charged, once it is final. Times are ISO 8601 in UTC.
    ``queue_place`` counts from 1, where the service tells.
    """

    job_id: str
    status: str
    reason: str | None = None
    usage_seconds: float | None = None
    estimated_seconds: float | None = None
    created: str | None = None
    started: str | None = None
    finished: str | None = None
    tags: tuple[str, ...] = ()
    queue_place: int | None = None

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in FINAL


@dataclass(frozen=True)
class DeviceStatus:
    """``operational`` devices take jobs; ``message`` is what the service says, often "active"."""

    operational: bool
    message: str
    pending_jobs: int


@dataclass(frozen=True)
class Offered:
    """A device of the account: its queue, and when it was calibrated (ISO 8601), if it says."""

    name: str
    qubits: int
    operational: bool
    pending_jobs: int
    calibrated: str | None


@dataclass(frozen=True)
class Allowance:
    """Seconds of the instance's plan; None for what the service does not tell."""

    used: float | None
    limit: float | None
    remaining: float | None


def status_in(record: Mapping[str, Any]) -> tuple[str, str | None]:
    """Status and reason in the service's record of a job.

    Raises:
        ServiceError: a status that this version does not know.
    """
    state = record.get("state")
    if not isinstance(state, Mapping):
        state = {"status": record.get("status")}
    said = str(state.get("status", "")).upper()
    if said not in _STATUS:
        raise ServiceError(
            f"job {record.get('id')}: the service says {one_line(said, 40)!r}, expected "
            f"{', '.join(_STATUS)}; install a newer qbell"
        )
    status, reason = _STATUS[said], state.get("reason")
    code = state.get("reason_code") or state.get("reasonCode")
    if status == CANCELLED and code == _RAN_TOO_LONG:
        status, reason = FAILED, reason or "it ran longer than its max_execution_time"
    if said == "CANCELLED - RAN TOO LONG":
        reason = reason or "it ran longer than its max_execution_time"
    if not reason:
        return status, None
    return status, one_line(reason if code is None else f"{reason} (code {code})")


def job_report(
    record: Mapping[str, Any], metrics: Mapping[str, Any], reason: str | None = None
) -> JobReport:
    """A report from the service's record of a job and its metrics; ``reason`` where it has none."""
    status, said = status_in(record)
    stamps = metrics.get("timestamps") or {}
    place = metrics.get("position_in_queue")
    return JobReport(
        job_id=str(record["id"]),
        status=status,
        reason=said or reason,
        usage_seconds=_usage(metrics) if status in FINAL else None,
        estimated_seconds=number(record.get("estimated_running_time_seconds")),
        created=utc(stamps.get("created") or record.get("created")),
        started=utc(stamps.get("running")),
        finished=utc(stamps.get("finished")),
        tags=tuple(str(tag) for tag in record.get("tags") or ()),
        queue_place=int(place) if isinstance(place, int) and status == QUEUED else None,
    )


def utc(stamp: Any) -> str | None:
    """A time as ISO 8601 in UTC; one without a zone is taken as UTC; None if it is no time.

    >>> utc("2026-01-02T03:04:05+01:00")
    '2026-01-02T02:04:05+00:00'
    """
    if isinstance(stamp, str):
        try:
            stamp = datetime.fromisoformat(stamp)
        except ValueError:
            return None
    if not isinstance(stamp, datetime):
        return None
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def number(value: Any) -> float | None:
    """A number as a float; None for anything else."""
    return float(value) if isinstance(value, int | float) else None


def _usage(metrics: Mapping[str, Any]) -> float | None:
    usage = metrics.get("usage") or {}
    if usage.get("status", "done") == "pending":
        return None  # not yet settled
    for name in ("qpu_charge_time_seconds", "quantum_seconds", "seconds"):
        if number(usage.get(name)) is not None:
            return number(usage[name])
    return None
