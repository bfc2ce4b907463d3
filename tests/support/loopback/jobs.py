"""Jobs of the server: what was sent, where it stands, what came of it."""

import threading
import time
import traceback
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.support.loopback import execution
from tests.support.loopback.faults import JobFault

FINAL = ("Completed", "Failed", "Cancelled")
SECONDS_EACH = 250e-6  # of the device, for one shot
SECONDS_JOB = 2.0


def now() -> str:
    """As the service writes times."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass
class Job:
    """One accepted job."""

    job_id: str
    device: str
    program: str
    params: dict[str, Any] = field(repr=False)
    tags: list[str]
    session: str | None
    private: bool
    cost: int | None
    fate: JobFault | None = None
    status: str = "Queued"
    reason: str | None = None
    reason_code: int | None = None
    result: str | None = field(default=None, repr=False)
    executions: int = 0
    reads: int = 0
    created: str = field(default_factory=now)
    running: str | None = None
    finished: str | None = None

    @property
    def final(self) -> bool:
        return self.status in FINAL

    @property
    def usage(self) -> float:
        """Seconds of the device that it is charged."""
        if self.status == "Cancelled" and self.running is None:
            return 0.0
        return SECONDS_JOB + self.executions * SECONDS_EACH

    def record(self, with_params: bool) -> dict[str, Any]:
        """What GET /jobs/ID answers."""
        state = {"status": self.status, "reason": self.reason, "reason_code": self.reason_code}
        record: dict[str, Any] = {
            "id": self.job_id,
            "backend": self.device,
            "status": self.status,
            "state": {key: value for key, value in state.items() if value is not None},
            "program": {"id": self.program},
            "created": self.created,
            "tags": self.tags,
            "private": self.private,
            "estimated_running_time_seconds": SECONDS_JOB + self.executions * SECONDS_EACH,
        }
        if self.session:
            record["session_id"] = self.session
        if self.cost:
            record["cost"] = self.cost
        if with_params and not self.private:
            record["params"] = self.params
        return record

    def metrics(self, place: int | None) -> dict[str, Any]:
        """What GET /jobs/ID/metrics answers."""
        stamps = {"created": self.created, "running": self.running, "finished": self.finished}
        usage: dict[str, Any] = {"status": "done" if self.final else "pending"}
        if self.final:
            usage |= {"quantum_seconds": self.usage, "seconds": self.usage}
            usage |= {"qpu_charge_time_seconds": self.usage}
        return {"timestamps": stamps, "usage": usage, "position_in_queue": place}


class Queue:
    """Runs jobs one after the other in a thread of its own, as a device does."""

    def __init__(self, simulators: Any, seconds: float, number: Any) -> None:
        self._simulators, self._seconds, self._number = simulators, seconds, number
        self.jobs: dict[str, Job] = {}
        self.errors: list[str] = []
        self.open = threading.Event()
        self.open.set()
        self._stop = threading.Event()
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def accept(self, sent: dict[str, Any], fate: JobFault | None) -> Job:
        """A new job from the body of POST /jobs."""
        job = Job(
            job_id="d" + uuid.uuid4().hex[:19],
            device=sent["backend"],
            program=sent["program_id"],
            params=sent["params"],
            tags=list(sent.get("tags", [])),
            session=sent.get("session_id"),
            private=bool(sent.get("private", False)),
            cost=sent.get("cost"),
            fate=fate,
        )
        job.executions = execution.executions(execution.decode(job.params))
        with self._wake:
            self.jobs[job.job_id] = job
            self._wake.notify_all()
        return job

    def cancel(self, job: Job) -> bool:
        """Cancel; False if it is too late."""
        with self._wake:
            if job.final:
                return False
            job.status, job.finished = "Cancelled", now()
            return True

    def place(self, job: Job) -> int | None:
        """Its place in the queue, from 1."""
        waiting = [other.job_id for other in self.jobs.values() if other.status == "Queued"]
        return waiting.index(job.job_id) + 1 if job.job_id in waiting else None

    def pending(self, device: str) -> int:
        """How many jobs of a device are not final."""
        return sum(job.device == device and not job.final for job in list(self.jobs.values()))

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self.open.set()
        with self._wake:
            self._wake.notify_all()
        self._thread.join(timeout=30)

    def _next(self) -> Job | None:
        with self._wake:
            while not self._stop.is_set():
                if self.open.is_set():
                    for job in self.jobs.values():
                        if job.status == "Queued":
                            return job
                self._wake.wait(timeout=0.05)
        return None

    def _work(self) -> None:
        while (job := self._next()) is not None:
            time.sleep(self._seconds / 2)
            with self._wake:
                if job.final:
                    continue
                job.status, job.running = "Running", now()
            try:
                self._run(job)
            except Exception:
                self.errors.append(traceback.format_exc())
                self._finish(job, "Failed", "the loopback server failed")

    def _run(self, job: Job) -> None:
        kind = job.fate.kind if job.fate else None
        if job.fate and kind == "fail":
            return self._finish(job, "Failed", job.fate.reason, job.fate.reason_code)
        if kind == "cancel":
            return self._finish(job, "Cancelled", None)
        program = execution.decode(job.params)
        seed = execution.seed_of(program, self._number(job.tags))
        started = time.monotonic()
        result = execution.run(program, self._simulators(job.device), seed)
        time.sleep(max(0.0, self._seconds / 2 - (time.monotonic() - started)))
        if kind != "gone":
            job.result = execution.encode(result, kind)
        return self._finish(job, "Completed", None)

    def _finish(self, job: Job, status: str, reason: str | None, code: int | None = None) -> None:
        with self._wake:
            if not job.final:
                job.reason, job.reason_code, job.finished = reason, code, now()
                job.status = status
