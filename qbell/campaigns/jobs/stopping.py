"""Stop when it is enough: the rule that a spec registers, looked at after each job in its order.

Jobs of such a campaign are sent one after the other. Before the next one is sent for the first
time, the rule is looked at on all draws so far, in the order in which they were registered, and
only once all jobs before it have landed. A job that failed is sent again whatever was seen, so
whether its shots count never depends on outcomes; and nothing else is looked at.
"""

from collections.abc import Sequence

from qbell.campaigns.jobs.job_log import JobLog
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.outcomes import shots_of
from qbell.certificates.anytime import anytime_p
from qbell.certificates.sequence import anytime_values, is_precise
from qbell.certificates.tested_correlator import TestedCorrelator


def must_wait(plan: JobPlan, logs: Sequence[JobLog], number: int) -> bool:
    """Whether a job is not to be sent for the first time: another is on its way, or it is enough.

    Args:
        plan: of the campaign.
        logs: of its jobs, in the order of sending.
        number: of the job.
    """
    if plan.spec.stop is None:
        return False
    before = [log for log in logs if log.number < number]
    return any(log.state != "landed" for log in before) or is_enough(plan, logs)


def is_enough(plan: JobPlan, logs: Sequence[JobLog]) -> bool:
    """Whether the rule holds on the jobs that landed, up to the first that has not."""
    rule = plan.spec.stop
    if rule is None:
        return False
    landed = []
    for job, log in zip(plan.jobs, logs, strict=True):
        if log.state != "landed":
            break
        landed += [job] if job.kind == "data" else []
    if not landed:
        return False
    shots = shots_of(plan, tuple(landed))
    label = plan.spec.label or "+" * shots.num_qubits
    direction = TestedCorrelator(label, float(plan.spec.phase))
    if rule.p_value is not None:
        return anytime_p(shots, direction) <= rule.p_value
    assert rule.precision is not None
    found = anytime_values(shots, direction, plan.spec.confidence)
    return is_precise(found.get(rule.quantity), rule.precision)
