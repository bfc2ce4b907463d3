"""`fetch`: take the shots that are ready, send again what failed, and end with the report."""

from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

from qbell.campaigns.campaign import Outcome
from qbell.campaigns.folder import campaign_folder
from qbell.campaigns.jobs.finish import finish
from qbell.campaigns.jobs.finish_scan import finish_scan
from qbell.campaigns.jobs.job_log import JobLog
from qbell.campaigns.jobs.job_plan import JobPlan, read_plan
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.missing import GIVEN_UP, reason_of
from qbell.campaigns.jobs.outcomes import table_of, write_table
from qbell.campaigns.jobs.sending import Say, Sender, campaign_tag
from qbell.campaigns.jobs.standing import standing
from qbell.campaigns.jobs.status import Status, logs_of, report_values, status_of
from qbell.campaigns.jobs.stopping import is_enough
from qbell.campaigns.phase_scan.run import ScanOutcome
from qbell.campaigns.queues import open_queue
from qbell.errors import QbellError
from qbell.sampling.run_sampler import HalfAResult
from qbell.util.digests import digest
from qbell.util.lock import locked
from qbell.util.progress import Progress

if TYPE_CHECKING:
    from qbell.devices.ibm import Service

POLL = 10.0  # s between two looks
LONGEST_PAUSE = 300.0  # s, while the service cannot be reached
READINGS = 3  # of a result that came in half


def fetch(
    folder: str | Path,
    *,
    wait: bool = False,
    partial: bool = False,
    poll: float = POLL,
    sampler: Any = None,
    service: "Service | None" = None,
    say: Say = lambda _: None,
    stands: Say = lambda _: None,
    progress: Progress | None = None,
) -> Outcome | ScanOutcome | Status:
    """Fetch what is ready; when all shots are there, estimate and report as `qbell run` does.

    Jobs that failed are sent again, as often as ``[hardware] attempts`` says; jobs that the budget
    held back are sent when it surely allows. Cancelled jobs are not: `qbell.submit` sends them.

    Args:
        folder: of a campaign that `qbell.submit` made.
        wait: look again until all shots are there, also if the network is away for a while.
        partial: estimate from the data jobs that landed so far, into ``folder/partial``, also
            where others failed for good or cannot be asked for; notes say what is missing.
        poll: seconds between two requests to the service.
        sampler: of a campaign on a sampler object.
        service: IBM's; opened from the saved account or the environment if None.
        say: called with one line about each event, such as a job that is sent again.
        stands: called before each pause with one line on how the jobs stand: how many are in which
            state, the place in the queue, and when the next look is.
        progress: called with what is being done, how much was just done, and of how much.

    Returns:
        The outcome if all shots are there (or ``partial``), of settings or of a phase scan; else
        the status.

    Raises:
        QbellError: no campaign there, jobs that failed for good, or a service that cannot be
            reached.

    >>> import tempfile
    >>> import qbell
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = qbell.submit("experiments/plus_aer.toml", folder)
    ...     fetch(folder).result.certificate.bell_qubits
    0
    """
    folder = campaign_folder(folder)
    read_plan(folder)  # no lock where no campaign is
    with locked(folder):
        plan = read_plan(folder)
        given = {"service": service, "sampler": sampler}
        sender = Sender(plan, open_queue(plan.where, plan.spec, folder, given), say)
        found = _Progress(plan, progress)
        pause = poll
        while True:
            try:
                _round(sender, found)
                logs = logs_of(plan)
                if all(log.state == "landed" for log in logs):
                    _tidy(sender, logs)
                    return _finished(plan, None, progress)
                if _is_over(plan, logs):
                    _tidy(sender, logs)
                    return finish(plan, landed=_landed(plan, logs), early=True, progress=progress)
                pause = poll
            except QbellError as error:
                if partial:  # what is here is reported, whatever keeps the rest away
                    say(f"{error}; the report is on the jobs that are here")
                    return _partial(plan, logs_of(plan), progress)
                # A laptop that wakes up, a service in maintenance: not the end of a wait.
                if not (wait and getattr(error, "passing", False)):
                    raise
                say(f"{error}; trying again in {pause:.0f} s")
                stands(standing(logs_of(plan), found.places, pause))
                sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if partial:
                return _partial(plan, logs, progress)
            _refuse_hopeless(plan, logs)
            if not wait:
                return status_of(plan, logs)
            if not any(log.state == "sent" for log in logs):
                return status_of(plan, logs)  # held back by the budget for good
            stands(standing(logs, found.places, poll))
            sleep(poll)


def _finished(
    plan: JobPlan, landed: tuple[Job, ...] | None, progress: Progress | None
) -> Outcome | ScanOutcome:
    """The report on all jobs, or on those that ``landed``."""
    if plan.spec.scan is not None:
        return finish_scan(plan, landed)
    return finish(plan, landed=landed, progress=progress)


def _partial(plan: JobPlan, logs: list[JobLog], progress: Progress | None) -> Outcome | ScanOutcome:
    """The report on the jobs that landed."""
    return _finished(plan, _landed(plan, logs), progress)


def _landed(plan: JobPlan, logs: list[JobLog]) -> tuple[Job, ...]:
    return tuple(job for job, log in zip(plan.jobs, logs, strict=True) if log.state == "landed")


def _is_over(plan: JobPlan, logs: list[JobLog]) -> bool:
    """Whether the spec's rule to stop holds, and no job is on its way."""
    return {log.state for log in logs} <= {"landed", "waiting"} and is_enough(plan, logs)


class _Progress:
    """Tells how many jobs have landed; and knows the places of the others in the queue."""

    def __init__(self, plan: JobPlan, progress: Progress | None) -> None:
        self._tell, self._total, self._told = progress, len(plan.jobs), 0
        self.places: dict[int, int | None] = {}

    def landed(self, count: int) -> None:
        if self._tell is not None and count > self._told:
            self._tell("fetching", count - self._told, self._total)
            self._told = count


class _Unread(Exception):
    """A result that is there but could not be read, for a reason that may pass."""

    def __init__(self, why: QbellError) -> None:
        super().__init__(str(why))
        self.why = why


def _round(sender: Sender, found: _Progress) -> None:
    """One look at every job on its way, then send what is to be sent.

    A result that cannot be read now does not keep the others away: its error comes last.
    """
    unread: QbellError | None = None
    for job in sender.plan.jobs:
        log = sender.read(job.number)
        if log.state == "landed" and not sender.plan.job_file(job.number, "csv").exists():
            log = sender.record(log.changed(state="sent" if log.attempts[-1].job_id else "failed"))
        if log.state == "sent":
            try:
                _take(sender, job, log, found)
            except _Unread as error:
                unread = unread or error.why
        found.landed(sum(log.state == "landed" for log in logs_of(sender.plan)))
    if sender.plan.spec.hardware.budget is not None:
        _learn_usage(sender)
    sender.send_all(again=False)
    found.landed(sum(log.state == "landed" for log in logs_of(sender.plan)))
    if unread is not None:
        raise unread


def _take(sender: Sender, job: Job, log: JobLog, found: _Progress) -> None:
    """Look at a job on its way; land its shots if it is done."""
    job_id = log.attempts[-1].job_id
    if job_id is None:
        raise QbellError(f"{sender.plan.job_file(job.number, 'json')}: no id; restore this file")
    report = sender.queue.status(job_id)
    found.places[job.number] = report.queue_place if report.status == "queued" else None
    values = report_values(report)
    if report.status in ("queued", "running"):
        if values["seen"] != log.attempts[-1].seen:
            sender.record(log.changed(**values))
        return
    if report.status == "cancelled":
        sender.record(log.changed(**{**values, "state": "cancelled"}))
        sender.say(f"job {job.number} ({job_id}) was cancelled")
        return
    reason = report.reason
    if report.status == "done":
        reason = _land(sender, job, job_id)
        if reason is None:
            check = digest(sender.plan.job_file(job.number, "csv"))
            sender.record(log.changed(**{**values, "state": "landed", "sha256": check}))
            return
    elif report.status == "lost":
        reason = "the service does not know it"
    sender.record(log.changed(**{**values, "state": "failed", "reason": reason}))
    sender.say(f"job {job.number} ({job_id}) failed: {reason or 'no reason was given'}")


def _land(sender: Sender, job: Job, job_id: str) -> str | None:
    """Put the shots of a finished job on disk; or why that is not possible."""
    if sender.plan.job_file(job.number, "csv").exists():
        return None  # written whole just before a crash; a private result cannot be read again
    reason: str | None = None
    for _ in range(READINGS):
        try:
            table = table_of(sender.plan, job, sender.queue.result(job_id))
        except HalfAResult as error:
            reason = str(error)
            continue
        except QbellError as error:
            if getattr(error, "passing", False):
                raise _Unread(error) from error
            return str(error)
        write_table(sender.plan.job_file(job.number, "csv"), table)
        return None
    return reason


def _learn_usage(sender: Sender) -> None:
    """What finished jobs took, where the service did not know it yet when they were fetched.

    As long as it does not, a job counts with all that it may have taken.
    """
    for log in logs_of(sender.plan):
        last = log.last
        if last is None or last.job_id is None or last.usage is not None:
            continue
        if last.state in ("landed", "failed", "cancelled"):
            report = sender.queue.status(last.job_id)
            if report.usage_seconds is not None:
                sender.record(log.changed(usage=report.usage_seconds))


def _tidy(sender: Sender, logs: list[JobLog]) -> None:
    """Learn what the jobs took, cancel what is of no use, close the queue; none of it is vital."""
    try:
        _learn_usage(sender)
        ours = {attempt.job_id for log in logs for attempt in log.attempts}
        for report in sender.queue.find(campaign_tag(sender.plan)):
            if report.job_id not in ours:
                sender.cancel_spare(report)
        sender.queue.close()
    except QbellError as error:
        sender.say(f"all shots are here, but: {error}")


def _refuse_hopeless(plan: JobPlan, logs: list[JobLog]) -> None:
    """An error that names jobs that will not come by themselves, once no other is on its way."""
    if any(log.state in ("sent", "sending", "waiting") for log in logs):
        return
    lost = [log for log in logs if log.state in GIVEN_UP]
    if lost:
        more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise QbellError(
            f"{plan.folder}: job {lost[0].number} {reason_of(lost[0])}{more}; send again with: "
            f"qbell submit {plan.folder}; or report on the others with: "
            f"qbell fetch {plan.folder} --partial"
        )
