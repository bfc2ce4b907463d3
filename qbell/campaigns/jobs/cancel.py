"""`cancel`: take the jobs of a campaign that have not run out of the queue."""

from pathlib import Path
from typing import TYPE_CHECKING

from qbell.campaigns.folder import campaign_folder
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.jobs.sending import Say, Sender, campaign_tag
from qbell.campaigns.jobs.status import Status, logs_of, report_values, status_of
from qbell.campaigns.queues import open_queue
from qbell.errors import QbellError
from qbell.util.lock import locked

if TYPE_CHECKING:
    from qbell.devices.ibm import Service


def cancel(
    folder: str | Path, *, service: "Service | None" = None, say: Say = lambda _: None
) -> Status:
    """Cancel all jobs of a campaign that are queued or running; shots that landed stay.

    A job that was sent just before a crash, so that its id is not known, is found by its tag. One
    that is done stays to be fetched. `qbell.submit` on the folder sends cancelled jobs again.

    Args:
        folder: of a campaign that `qbell.submit` made.
        service: IBM's; opened from the saved account or the environment if None.
        say: called with one line about each job that is cancelled.

    Returns:
        The jobs and their states.

    Raises:
        QbellError: no campaign there, one whose jobs do not wait anywhere, or a service that
            cannot be reached.

    >>> from qbell.errors import QbellError
    >>> try:
    ...     _ = cancel("results/never_submitted")
    ... except QbellError as error:
    ...     print(str(error).split(";")[0])
    results/never_submitted holds no campaign
    """
    folder = campaign_folder(folder)
    read_plan(folder)  # no lock where no campaign is
    with locked(folder):
        plan = read_plan(folder)
        queue = open_queue(plan.where, plan.spec, folder, {"service": service})
        if queue.at_once:
            raise QbellError(f"{folder}: its jobs run here, at once; none waits to be cancelled")
        sender = Sender(plan, queue, say)
        numbers = {
            log.last.job_id: log.number for log in logs_of(plan) if log.last and log.last.job_id
        }
        tags = {log.last.tag: log.number for log in logs_of(plan) if log.last}
        for report in queue.find(campaign_tag(plan)):
            if report.status not in ("queued", "running"):
                continue
            queue.cancel(report.job_id)
            number = numbers.get(report.job_id) or next(
                (tags[tag] for tag in report.tags if tag in tags), None
            )
            say(f"job {'?' if number is None else number} ({report.job_id}) is cancelled")
            if number is not None and sender.read(number).state == "sending":
                log = sender.read(number)
                sender.record(log.changed(state="sent", job_id=report.job_id, seen="queued"))
        for log in logs_of(plan):
            last = log.last
            if last is None or last.state != "sent" or last.job_id is None:
                continue
            report = queue.status(last.job_id)
            values = report_values(report)
            if report.status == "cancelled":
                values["state"] = "cancelled"
            sender.record(log.changed(**values))
        return status_of(plan, logs_of(plan))
