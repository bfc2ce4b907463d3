"""Sending jobs so that none is lost and none counts twice, wherever the process dies.

Before a job is posted its tag is on disk (``sending``); after it, its id (``sent``). If a process
finds it in the state ``sending``, it looks for the tag at the service: a job that is there is
adopted, else it is sent again under the same tag. A second job of one tag, should both have arrived
after all, is never fetched, and cancelled when seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from qbell.campaigns.jobs.job_log import Attempt, JobLog, now, read_log, write_log
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.outcomes import pubs_of, table_of, write_table
from qbell.campaigns.jobs.plan import JobPlan
from qbell.campaigns.jobs.runners import run_here
from qbell.campaigns.jobs.status import fits, logs_of
from qbell.errors import QbellError
from qbell.shots.shots import read_record
from qbell.util.atomic_files import to_json, write_text

if TYPE_CHECKING:
    from qbell.devices.ibm import JobReport, Service

BATCH_FILE = "batch.json"
SETTLED = 10.0  # s after which the service surely lists a job that it took
LOOK_AGAIN = 2.0  # s
TRIES = 3  # of a job of which it stays unknown whether it arrived
TAG = "qbell"

Say = Callable[[str], None]


def campaign_tag(plan: JobPlan) -> str:
    """The tag of all jobs of a campaign."""
    return f"{TAG}-{plan.campaign}"


def job_tag(plan: JobPlan, job: Job, attempt: int) -> str:
    """The tag of one attempt at one job."""
    return f"{campaign_tag(plan)}-{job.number:04d}-{attempt}"


@dataclass
class Sender:
    """Sends the jobs of one campaign, one after the other.

    Attributes:
        plan: of the campaign.
        service: IBM's; None where jobs run here.
        sampler: of a campaign on a sampler object.
        say: told what happened that is worth a line.
        progress: called with the number of jobs just sent or measured.
    """

    plan: JobPlan
    service: "Service | None" = None
    sampler: Any = None
    say: Say = lambda _: None
    progress: Callable[[int], None] = lambda _: None

    def __post_init__(self) -> None:
        self._device: Any = None

    def send_all(self, *, again: bool) -> None:
        """Send what is to be sent, in order, as far as the budget surely allows.

        Args:
            again: also jobs that were cancelled, or failed as often as the spec allows.
        """
        logs = logs_of(self.plan)
        if self.plan.where == "service" and any(log.state == "sending" for log in logs):
            for place, job in enumerate(self.plan.jobs):
                if logs[place].state == "sending":
                    logs[place] = self._settle(job, logs[place])
        for place, job in enumerate(self.plan.jobs):
            if not self._to_be_sent(logs[place], again):
                continue
            if self.plan.where != "service":
                self._measure(job, logs[place])
            else:
                if not fits(self.plan, logs, job):
                    self._say_held(logs)
                    return
                logs[place] = self._send(job, logs[place])
            self.progress(1)

    def _to_be_sent(self, log: JobLog, again: bool) -> bool:
        if log.state == "waiting":
            return True
        if log.state == "sending":  # only of runs here: a service has settled it
            return self.plan.where != "service"
        if log.state == "failed":
            return again or log.failures < self.plan.spec.hardware.attempts
        return log.state == "cancelled" and again

    def _say_held(self, logs: list[JobLog]) -> None:
        on_their_way = sum(log.state in ("sent", "sending") for log in logs)
        hint = (
            "qbell fetch sends them when those before have finished"
            if on_their_way
            else "none is on its way: raise the budget, or fetch --partial"
        )
        left = sum(self._to_be_sent(log, False) for log in logs)
        jobs = f"{left} jobs are" if left != 1 else "1 job is"
        self.say(f"{jobs} held back by the budget: {hint}")

    def _measure(self, job: Job, log: JobLog) -> None:
        """Run a job here and land its shots."""
        if log.state != "sending":
            tag = job_tag(self.plan, job, len(log.attempts) + 1)
            log = self._write(log.begun(Attempt(tag, "sending", now())))
        table = table_of(self.plan, job, run_here(self.plan, job, self.sampler))
        write_table(self.plan.job_file(job.number, "csv"), table)
        self._write(log.changed(state="landed", finished=now()))

    def _send(self, job: Job, log: JobLog) -> JobLog:
        """Write the intention, post, write the id."""
        tag = job_tag(self.plan, job, len(log.attempts) + 1)
        attempt = Attempt(tag, "sending", now(), reserved=float(self.plan.reserved(job)))
        log = self._write(log.begun(attempt))
        return self._post(job, log)

    def _post(self, job: Job, log: JobLog, tries: int = TRIES) -> JobLog:
        from qbell.devices.ibm import JobOptions, ServiceError, Uncertain

        service, plan = self.needed(), self.plan
        attempt = log.attempts[-1]
        options = JobOptions(
            tags=(TAG, campaign_tag(plan), attempt.tag, f"job-{job.number:04d}"),
            max_execution_time=plan.reserved(job),
            dynamical_decoupling=plan.decoupling,
            twirling=plan.twirling,
            randomizations=job.randomizations,
            private=plan.spec.hardware.private,
        )
        pubs = pubs_of(plan, job)
        for renewed in (False, True):
            batch = self._batch(renew=renewed) if plan.spec.hardware.mode == "batch" else None
            try:
                job_id = service.submit(self._the_device(), pubs, job.shots, options, batch)
            except Uncertain:
                if tries == 1:
                    raise
                return self._settle(job, log, tries - 1)
            except ServiceError as error:
                if getattr(error, "batch_closed", False) and not renewed:
                    continue
                raise
            sent = self._write(log.changed(state="sent", job_id=job_id, seen="queued"))
            self._cancel_twins(sent)
            return sent
        raise QbellError("a new batch was closed at once; use [hardware] mode = 'job'")

    def _cancel_twins(self, log: JobLog) -> None:
        """The client itself posts again after some errors: the first may have arrived, too."""
        from qbell.devices.ibm import ServiceError

        try:
            found = self.needed().find(log.attempts[-1].tag)
        except ServiceError:
            return  # it will be seen when the campaign ends
        for report in found:
            if report.job_id != log.attempts[-1].job_id:
                self.cancel_spare(report)

    def _settle(self, job: Job, log: JobLog, tries: int = TRIES) -> JobLog:
        """Adopt a job of which only the tag is known; send it if the service does not have it."""
        service = self.needed()
        attempt = log.attempts[-1]
        age = (datetime.now(UTC) - datetime.fromisoformat(attempt.began)).total_seconds()
        # A clock that was set back makes ages negative: then the whole time is waited.
        end = monotonic() + (SETTLED - age if 0 <= age < SETTLED else SETTLED * (age < 0))
        while True:
            found = service.find(attempt.tag)
            if found:
                return self._adopt(log, found)
            if monotonic() >= end:
                break
            sleep(LOOK_AGAIN)
        self.say(f"job {job.number} did not arrive: it is sent again")
        # The clock of its tag starts anew.
        log = self._write(log.changed(began=now(), reserved=float(self.plan.reserved(job))))
        return self._post(job, log, tries)

    def _adopt(self, log: JobLog, found: "tuple[JobReport, ...]") -> JobLog:
        """The oldest of the jobs found counts, or the oldest that is not cancelled; any other is
        cancelled."""
        first = next((report for report in found if report.status != "cancelled"), found[0])
        for other in found:
            if other.job_id != first.job_id:
                self.cancel_spare(other)
        return self._write(
            log.changed(state="sent", job_id=first.job_id, seen=first.status, created=first.created)
        )

    def cancel_spare(self, report: "JobReport") -> None:
        """Cancel a job that nothing counts on."""
        if report.status in ("queued", "running"):
            self.needed().cancel(report.job_id)
            self.say(f"job {report.job_id} had arrived twice: the second was cancelled")

    def _batch(self, *, renew: bool) -> str:
        path = self.plan.folder / BATCH_FILE
        if path.exists() and not renew:
            known = read_record(path).get("batch")
            if not isinstance(known, str) or not known:
                raise QbellError(f"{path} names no batch; remove it, and another is opened")
            return known
        batch = self.needed().open_batch(self._the_device())
        write_text(path, to_json({"batch": batch, "opened": now()}) + "\n")
        return batch

    def close_batch(self) -> None:
        """Tell the service that no more jobs come."""
        path = self.plan.folder / BATCH_FILE
        record = read_record(path) if path.exists() else {}
        if "batch" in record and "closed" not in record:
            self.needed().close_batch(str(record["batch"]), self._the_device())
            write_text(path, to_json({**record, "closed": now()}) + "\n")

    def needed(self) -> "Service":
        if self.service is None:
            from qbell.devices.ibm import Service

            self.service = Service()
        return self.service

    def _the_device(self) -> Any:
        if self._device is None:
            self._device = self.needed().device(self.plan.spec.backend)
        return self._device

    def _write(self, log: JobLog) -> JobLog:
        write_log(self._path(log.number), log)
        return log

    def _path(self, number: int) -> Path:
        return self.plan.job_file(number, "json")

    def read(self, number: int) -> JobLog:
        """The log of a job as it is on disk."""
        return read_log(self._path(number), number)

    def record(self, log: JobLog) -> JobLog:
        """Write a log, and hand it back."""
        return self._write(log)
