"""How the jobs of a campaign stand, in one line, while it is waited for."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from qbell.campaigns.jobs.job_log import JobLog

ORDER = ("landed", "done", "running", "queued", "sending", "waiting", "failed", "cancelled", "lost")


def standing(logs: list[JobLog], places: Mapping[int, int | None], pause: float) -> str:
    """``3 of 13 jobs here, 1 running, 9 queued (first is 4. in the queue), next look at 14:02:10``.

    Args:
        logs: of all jobs.
        places: in the device's queue, by number of the job, where the service tells.
        pause: seconds to the next look.
    """
    states = Counter(_state(log) for log in logs)
    told = [f"{states.pop('landed', 0)} of {len(logs)} jobs here"]
    told += [f"{states[name]} {name}" for name in ORDER if states.get(name)]
    known = [place for place in places.values() if place is not None]
    text = ", ".join(told)
    if known:
        text += f" (the first is {min(known)}. in the queue)"
    return f"{text}, next look at {(datetime.now() + timedelta(seconds=pause)):%H:%M:%S}"


def _state(log: JobLog) -> str:
    return log.attempts[-1].seen or "queued" if log.state == "sent" else log.state
