"""Sending jobs so that none is lost and none counts twice, wherever the process dies.

Before a job is posted its tag is on disk (``sending``); after it, its id (``sent``). If a process
finds it in the state ``sending``, it looks for the tag in the queue: a job that is there is
adopted, else it is sent again under the same tag. A second job of one tag, should both have arrived
after all, is never fetched, and cancelled when seen. Where jobs run at once, their shots are on
disk instead of an id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING

import numpy as np

from qbell.campaigns.jobs.job_log import Attempt, JobLog, read_log, write_log
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.outcomes import pubs_of, table_of, write_table
from qbell.campaigns.jobs.status import fits, logs_of
from qbell.campaigns.jobs.stopping import must_wait
from qbell.campaigns.queues import Queue, Request
from qbell.devices.record import age_of
from qbell.util.times import now

if TYPE_CHECKING:
    from qbell.devices.ibm import JobReport

SETTLED = 10.0  # s after which a queue surely lists a job that it took
LOOK_AGAIN = 2.0  # s
TRIES = 3  # of a job of which it stays unknown whether it arrived
TAG = "qbell"
OLD_PLAN = 86_400.0  # s: devices are calibrated anew every day

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
        queue: where its jobs run.
        say: told what happened that is worth a line.
        progress: called with the number of jobs just sent or measured.
        told_old: whether it was said that the calibration is old.
    """

    plan: JobPlan
    queue: Queue
    say: Say = lambda _: None
    progress: Callable[[int], None] = lambda _: None
    told_old: bool = False

    def send_all(self, *, again: bool) -> None:
        """Send what is to be sent, in order, as far as the budget surely allows.

        Args:
            again: also jobs that were cancelled, or failed as often as the spec allows.
        """
        logs = logs_of(self.plan)
        if not self.queue.at_once:
            for place, job in enumerate(self.plan.jobs):
                if logs[place].state == "sending":
                    logs[place] = self._settle(job, logs[place])
        for place, job in enumerate(self.plan.jobs):
            if not self._to_be_sent(logs[place], again):
                continue
            if logs[place].state == "waiting" and must_wait(self.plan, logs, job.number):
                return
            if self.queue.charged and not fits(self.plan, logs, job):
                self._say_held(logs)
                return
            logs[place] = self._send(job, logs[place])
            self.progress(1)

    def _to_be_sent(self, log: JobLog, again: bool) -> bool:
        if log.state == "waiting":
            return True
        if log.state == "sending":  # elsewhere it has been settled
            return self.queue.at_once
        if log.state == "failed":
            return again or log.failures < self.plan.spec.hardware.attempts
        return log.state == "cancelled" and again

    def _say_held(self, logs: list[JobLog]) -> None:
        on_their_way = sum(log.state in ("sent", "sending") for log in logs)
        hint = (
            "qbell fetch sends them when earlier jobs have finished"
            if on_their_way
            else "no job is in progress: raise the budget, or use fetch --partial"
        )
        left = sum(self._to_be_sent(log, False) for log in logs)
        jobs = f"{left} jobs are" if left != 1 else "1 job is"
        self.say(f"{jobs} held back by the budget: {hint}")

    def _send(self, job: Job, log: JobLog) -> JobLog:
        """Write the intention, submit, write what came of it."""
        if log.state != "sending":
            self._say_old(log)
            tag = job_tag(self.plan, job, len(log.attempts) + 1)
            log = self.record(log.begun(Attempt(tag, "sending", now(), reserved=self._limit(job))))
        return self._submit(job, log)

    def _say_old(self, log: JobLog) -> None:
        """Once, where a job is sent again long after the plan: the device has changed since."""
        planned = datetime.fromisoformat(self.plan.created)
        old = (datetime.now(UTC) - planned).total_seconds() > OLD_PLAN
        if self.queue.charged and old and not self.told_old:
            self.told_old = True
            age = age_of(self.plan.device())
            if age is not None:
                self.say(
                    f"job {log.number} is sent late: its circuit was compiled for a calibration "
                    f"that is {age} old"
                )

    def _limit(self, job: Job) -> float | None:
        """Seconds of the processor that a job may take."""
        return float(self.plan.reserved(job)) if self.queue.charged else None

    def _submit(self, job: Job, log: JobLog, tries: int = TRIES) -> JobLog:
        from qbell.devices.ibm import Uncertain

        try:
            job_id = self.queue.submit(self._request(job, log.attempts[-1].tag))
        except Uncertain:
            if tries == 1:
                raise
            return self._settle(job, log, tries - 1)
        if self.queue.at_once:
            table = table_of(self.plan, job, self.queue.result(job_id))
            check = write_table(self.plan.job_file(job.number, "csv"), table)
            return self.record(log.changed(state="landed", finished=now(), sha256=check))
        sent = self.record(log.changed(state="sent", job_id=job_id, seen="queued"))
        self._cancel_twins(sent)
        return sent

    def _request(self, job: Job, tag: str) -> Request:
        """What a queue is told of a job; equal jobs of equal plans have equal seeds."""
        from qbell.devices.ibm import JobOptions

        plan = self.plan
        seed = np.random.SeedSequence([plan.seed, job.number]).generate_state(1)[0]
        options = JobOptions(
            tags=(
                *(TAG, campaign_tag(plan), tag, f"job-{job.number:04d}"),
                *plan.spec.hardware.tags,
            ),
            max_execution_time=plan.reserved(job),
            dynamical_decoupling=plan.decoupling,
            twirling=plan.twirling,
            randomizations=job.randomizations,
            private=plan.spec.hardware.private,
            seed=int(seed),
        )
        return Request(job.number, pubs_of(plan, job), job.shots, options)

    def _cancel_twins(self, log: JobLog) -> None:
        """The client itself posts again after some errors: the first may have arrived, too."""
        from qbell.devices.ibm import ServiceError

        try:
            found = self.queue.find(log.attempts[-1].tag)
        except ServiceError:
            return  # it will be seen when the campaign ends
        for report in found:
            if report.job_id != log.attempts[-1].job_id:
                self.cancel_spare(report)

    def _settle(self, job: Job, log: JobLog, tries: int = TRIES) -> JobLog:
        """Adopt a job of which only the tag is known; send it if the queue does not have it."""
        attempt = log.attempts[-1]
        age = (datetime.now(UTC) - datetime.fromisoformat(attempt.began)).total_seconds()
        # A clock that was set back makes ages negative: then the whole time is waited.
        end = monotonic() + (SETTLED - age if 0 <= age < SETTLED else SETTLED * (age < 0))
        while True:
            found = self.queue.find(attempt.tag)
            if found:
                return self._adopt(log, found)
            if monotonic() >= end:
                break
            sleep(LOOK_AGAIN)
        self.say(f"job {job.number} did not arrive: it is sent again")
        # The clock of its tag starts anew.
        log = self.record(log.changed(began=now(), reserved=self._limit(job)))
        return self._submit(job, log, tries)

    def _adopt(self, log: JobLog, found: "tuple[JobReport, ...]") -> JobLog:
        """The oldest of the jobs found counts, or the oldest that is not cancelled; any other is
        cancelled."""
        first = next((report for report in found if report.status != "cancelled"), found[0])
        for other in found:
            if other.job_id != first.job_id:
                self.cancel_spare(other)
        return self.record(
            log.changed(state="sent", job_id=first.job_id, seen=first.status, created=first.created)
        )

    def cancel_spare(self, report: "JobReport") -> None:
        """Cancel a job that nothing counts on."""
        if report.status in ("queued", "running"):
            self.queue.cancel(report.job_id)
            self.say(f"job {report.job_id} had arrived twice: the second was cancelled")

    def read(self, number: int) -> JobLog:
        """The log of a job as it is on disk."""
        return read_log(self.plan.job_file(number, "json"), number)

    def record(self, log: JobLog) -> JobLog:
        """Write a log, and hand it back."""
        write_log(self.plan.job_file(log.number, "json"), log)
        return log
