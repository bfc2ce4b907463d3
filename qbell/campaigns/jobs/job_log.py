"""What happened to each job: one JSON file a job, written before and after each call."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from qbell.errors import QbellError
from qbell.shots.read_shots import read_record
from qbell.util.atomic_files import to_json, write_text

STATES = ("sending", "sent", "landed", "failed", "cancelled")


@dataclass(frozen=True)
class Attempt:
    """One time that a job was sent.

    Attributes:
        tag: that this attempt alone carries at the service; it finds a job whose id was lost.
        state: ``sending`` (written before the call: whether the job arrived is not known),
            ``sent``, ``landed`` (its shots are on disk), ``failed`` or ``cancelled``.
        began: when the sending began, ISO 8601 in UTC.
        job_id: at the service; None while sending, and of local simulations.
        reserved: seconds of the processor that it may take at most; None if that is not limited.
        usage: seconds of the processor that it took; None while not known.
        estimated: seconds that the service expects.
        seen: the service's last word on it: queued, running, done, failed, cancelled or lost.
        reason: why it failed.
        created, started, finished: as the service has it, ISO 8601 in UTC.
        sha256: checksum of the file with the shots, once they landed; None in older logs.
    """

    tag: str
    state: str
    began: str
    job_id: str | None = None
    reserved: float | None = None
    usage: float | None = None
    estimated: float | None = None
    seen: str | None = None
    reason: str | None = None
    created: str | None = None
    started: str | None = None
    finished: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class JobLog:
    """All attempts of one job, in order; the last one counts."""

    number: int
    attempts: tuple[Attempt, ...] = ()

    @property
    def last(self) -> Attempt | None:
        """The attempt that counts; None if there was none."""
        return self.attempts[-1] if self.attempts else None

    @property
    def state(self) -> str:
        """That of the last attempt; ``waiting`` before the first."""
        return "waiting" if self.last is None else self.last.state

    def changed(self, **values: Any) -> "JobLog":
        """With other values in the last attempt."""
        return replace(self, attempts=(*self.attempts[:-1], replace(self.attempts[-1], **values)))

    def begun(self, attempt: Attempt) -> "JobLog":
        """With one more attempt."""
        return replace(self, attempts=(*self.attempts, attempt))

    @property
    def failures(self) -> int:
        """How many attempts failed."""
        return sum(attempt.state == "failed" for attempt in self.attempts)


def read_log(path: Path, number: int) -> JobLog:
    """The log of a job; an empty one if nothing was written yet.

    Raises:
        QbellError: the file is no such log.
    """
    if not path.exists():
        return JobLog(number)
    record = read_record(path)
    problem = f"{path} is not the log of job {number}; restore this file"
    attempts = record.get("attempts")
    if record.get("number") != number or not isinstance(attempts, list) or not attempts:
        raise QbellError(problem)
    return JobLog(number, tuple(_attempt(one, problem) for one in attempts))


def write_log(path: Path, log: JobLog) -> None:
    """Write the log atomically."""
    write_text(path, to_json(asdict(log)) + "\n")


def _attempt(record: object, problem: str) -> Attempt:
    names = {each.name for each in fields(Attempt)}
    if not isinstance(record, Mapping) or set(record) - names:
        raise QbellError(problem)
    for key in names - {"reserved", "usage", "estimated"}:
        value = record.get(key)
        optional = value is None and key not in ("tag", "state", "began")
        if not optional and (not isinstance(value, str) or not value):
            raise QbellError(problem)
    for key in ("reserved", "usage", "estimated"):
        value = record.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise QbellError(problem)
    attempt = Attempt(**record)
    sent = attempt.state in ("sending", "landed", "failed") or attempt.job_id is not None
    if attempt.state not in STATES or not sent or not _is_time(attempt.began):
        raise QbellError(problem)
    return attempt


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
