"""What a report on some of a campaign's jobs lacks, and what that means for its claims."""

from typing import Any

from qbell.campaigns.jobs.job_log import JobLog
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.jobs import Job

GIVEN_UP = ("failed", "cancelled")
SHOWN = 5  # jobs named one by one


def missing_jobs(plan: JobPlan, logs: list[JobLog]) -> list[dict[str, Any]]:
    """The jobs whose shots are not here, as plain data: number, kind, state and reason."""
    return [
        {
            "number": job.number,
            "kind": job.kind,
            "state": log.state,
            "reason": None if log.last is None else log.last.reason,
        }
        for job, log in zip(plan.jobs, logs, strict=True)
        if log.state != "landed"
    ]


def missing_notes(plan: JobPlan, landed: tuple[Job, ...], logs: list[JobLog]) -> list[str]:
    """Sentences on what a report from the jobs ``landed`` lacks."""
    missing = missing_jobs(plan, logs)
    notes = [_how_many(plan, landed)]
    lost = [job for job in missing if job["state"] in GIVEN_UP]
    if lost:
        notes.append(f"missing for good: {_listed(lost)}; qbell submit {plan.folder} tries again")
    if any(job["kind"] == "data" for job in missing):
        notes.append(_meaning(plan, [job for job in missing if job["kind"] == "data"]))
    if any(job["kind"] == "reference" for job in missing):
        there = sum(job.kind == "reference" for job in landed)
        notes.append(
            f"reference jobs: {there} of {sum(job.kind == 'reference' for job in plan.jobs)} are "
            "here, and drift is tested between these alone"
            if there > 1
            else "drift is not tested: fewer than two reference jobs are here"
        )
    return notes


def reason_of(log: JobLog) -> str:
    """``failed (why)`` or ``was cancelled``, of a job that will not come by itself."""
    how = "was cancelled" if log.state == "cancelled" else "failed"
    reason = None if log.last is None else log.last.reason
    return f"{how} ({reason})" if reason else how


def _how_many(plan: JobPlan, landed: tuple[Job, ...]) -> str:
    data = [job for job in landed if job.kind == "data"]
    every = [job for job in plan.jobs if job.kind == "data"]
    shots, of = (sum(job.executions for job in jobs) for jobs in (data, every))
    return f"from {len(data)} of {len(every)} data jobs, {shots:,} of {of:,} shots"


def _listed(jobs: list[dict[str, Any]]) -> str:
    told = [
        f"job {job['number']} ({job['kind']}, {job['state']}"
        + (f": {job['reason']})" if job["reason"] else ")")
        for job in jobs[:SHOWN]
    ]
    return ", ".join(told) + (f" and {len(jobs) - SHOWN} more" if len(jobs) > SHOWN else "")


def _meaning(plan: JobPlan, missing: list[dict[str, Any]]) -> str:
    """What the missing data jobs do to estimates and p-values."""
    share = "a share of the draws" if plan.measured.drawn else f"every {plan.measured.column}"
    if all(job["state"] == "failed" for job in missing):
        return (
            f"each data job measures {share}, and nobody saw the outcomes of those that failed: "
            "the estimates stay unbiased, with larger error bars, and limits and p-values are "
            "those of this smaller campaign, if it ends because of the failures and not because "
            "of a result"
        )
    return (
        "if you continue or stop because of this result, you may not quote its p-values and limits "
        "as those of the whole campaign"
    )
