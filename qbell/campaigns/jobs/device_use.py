"""How a campaign used its device, as run.json and scan.json keep it."""

from typing import Any

from qbell.campaigns.jobs.job_log import JobLog
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.missing import GIVEN_UP, missing_jobs, reason_of
from qbell.campaigns.jobs.outcomes import drift_p
from qbell.campaigns.jobs.status import logs_of, used
from qbell.campaigns.queues import queue_kind
from qbell.devices.record import calibrated
from qbell.errors import QbellError


def data_jobs(plan: JobPlan, jobs: tuple[Job, ...], logs: list[JobLog]) -> tuple[Job, ...]:
    """Those of some jobs that bring data.

    Raises:
        QbellError: none of them does.
    """
    data = tuple(job for job in jobs if job.kind == "data")
    if not data:
        lost = [log for log in logs if log.state in GIVEN_UP]
        why = f" (job {lost[0].number} {reason_of(lost[0])})" if lost else ""
        then = f"send again with: qbell submit {plan.folder}" if lost else "fetch again later"
        raise QbellError(f"{plan.folder}: no data job has landed yet{why}; {then}")
    return data


def device_use(plan: JobPlan, jobs: tuple[Job, ...]) -> dict[str, Any]:
    """How the device was used for some jobs of a campaign, all of which landed."""
    logs = {log.number: log for log in logs_of(plan)}
    lasts = [logs[job.number].attempts[-1] for job in jobs]
    starts = [last.started or last.began for last in lasts]
    ends = [last.finished for last in lasts if last.finished is not None]
    device = plan.device()
    return {
        "name": plan.spec.backend,
        "calibrated": None if device is None else calibrated(device),
        "started": min(starts),
        "finished": max(ends, default=None),
        "jobs": len(jobs),
        "qpu_seconds": used(list(logs.values())) if queue_kind(plan.where).charged else None,
        "dynamical_decoupling": plan.decoupling,
        "twirling": plan.twirling,
        "randomizations": max(job.randomizations for job in jobs) if plan.twirling else None,
        "reference_drift_p": drift_p(plan, jobs),
        "wires": list(plan.wires),
        "missing": missing_jobs(plan, list(logs.values())),
    }
