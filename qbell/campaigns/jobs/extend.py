"""`extend`: add a part to a campaign, registered whole before any of its shots is taken."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qbell.campaigns.campaign import check_campaign
from qbell.campaigns.folder import campaign_folder
from qbell.campaigns.jobs.added import Added, record_part, with_rows
from qbell.campaigns.jobs.job_plan import JobPlan, read_plan, with_limits
from qbell.campaigns.jobs.jobs import jobs_of, row_order
from qbell.campaigns.jobs.sending import Say, Sender
from qbell.campaigns.jobs.status import Status, logs_of, status_of
from qbell.campaigns.jobs.submit import check_budget
from qbell.campaigns.parts import Part
from qbell.campaigns.queues import open_queue
from qbell.campaigns.seeds import seeds_of, settings_of
from qbell.campaigns.spec import Spec
from qbell.campaigns.spec_tables import MOST_JOBS, checked_budget
from qbell.designs import find_design
from qbell.designs.schedule import MAX_SHOTS
from qbell.errors import QbellError
from qbell.util.checks import whole_number
from qbell.util.lock import locked
from qbell.util.progress import Progress
from qbell.util.times import now

if TYPE_CHECKING:
    from qbell.devices.ibm import Service

MOST_PARTS = 8  # more would need intervals of a confidence that nothing can show
REFERENCES = 2  # of a part at most: at its start and its end


def extend(
    folder: str | Path,
    *,
    draws: int | None = None,
    shots: int | None = None,
    jobs: int | None = None,
    seed: int | None = None,
    budget: float | None = None,
    sampler: Any = None,
    service: "Service | None" = None,
    say: Say = lambda _: None,
    progress: Progress | None = None,
) -> Status:
    """Add shots to a campaign, as a new part of it, and send its jobs.

    The part, its jobs and settings, is written to the folder before any of its shots is taken. It
    uses the circuit and the options that the campaign was compiled with. Whether it is added may
    depend on everything seen before: `qbell.certificates.parts` says what p-values then mean.

    Args:
        folder: of a campaign that `qbell.submit` made, whose jobs have all been sent.
        draws: random settings to add, where settings are drawn.
        shots: of each setting to add, where they are listed.
        jobs: data jobs of the part; as large as those before if None.
        seed: of the part; follows from the campaign's where its spec has one, else drawn.
        budget: seconds of the processor at most, for all parts; as it was if None.
        sampler: of a campaign on a sampler object.
        service: IBM's; opened from the saved account or the environment if None.
        say: called with one line about each event.
        progress: called with what is being done, how much was just done, and of how much.

    Returns:
        The jobs of all parts and their states.

    Raises:
        QbellError: no campaign there, jobs that were not sent yet, numbers that do not fit, or too
            many parts.

    >>> import tempfile
    >>> import qbell
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = qbell.submit("experiments/plus_aer.toml", folder)
    ...     before = len(qbell.status(folder).jobs)
    ...     len(extend(folder, shots=400, jobs=4).jobs) - before  # with two reference jobs
    6
    """
    folder = campaign_folder(folder)
    if budget is not None:
        budget = checked_budget(budget, "budget")
    if seed is not None:
        seed = whole_number("seed", seed, least=0)
    read_plan(folder)  # no lock where no campaign is
    with locked(folder):
        plan = read_plan(folder)
        if plan.spec.scan is not None:
            raise QbellError(
                f"{folder}: a phase scan takes no parts; give it more shots from the start, or "
                "measure another scan"
            )
        if plan.spec.stop is not None:  # before all else: it may have stopped with jobs not sent
            raise QbellError(
                f"{folder}: a campaign with [stop] takes no parts; give it more draws from the "
                "start"
            )
        logs = logs_of(plan)
        waiting = [log.number for log in logs if log.state in ("waiting", "sending")]
        if waiting:
            raise QbellError(
                f"{folder}: job {waiting[0]} was not sent yet, and a part is added once all before "
                f"it were; send them with: qbell submit {folder}"
            )
        if len(plan.parts) >= MOST_PARTS:
            raise QbellError(
                f"{folder} has {MOST_PARTS} parts, the most that share an error rate; start "
                "another campaign"
            )
        queue = open_queue(plan.where, plan.spec, folder, {"service": service, "sampler": sampler})
        if budget is not None:
            plan = with_limits(plan, {"budget": budget})
        added, rows = _planned(plan, draws=draws, shots=shots, jobs=jobs, seed=seed)
        grown = replace(plan, jobs=(*plan.jobs, *added.jobs))
        check_budget(grown)
        known = {f"{log.number:04d}.csv": log.last.sha256 or "" for log in logs if log.last}
        record_part(folder, added, rows, plan.check, known)
        plan = read_plan(folder)
        if not plan.spec.extendable:
            say(
                "this campaign was not registered as extendable: p-values and depths stay those of "
                "its first part, but for p-values that hold at any time"
            )

        def step(count: int) -> None:
            if progress is not None:
                name = "measuring" if queue.at_once else "sending"
                progress(name, count, len(added.jobs))

        step(0)
        Sender(plan, queue, say, step).send_all(again=False)
        return status_of(plan, logs_of(plan))


def _planned(
    plan: JobPlan, *, draws: int | None, shots: int | None, jobs: int | None, seed: int | None
) -> tuple[Added, Any]:
    """The part, and the schedule with its rows."""
    spec = plan.spec
    number = len(plan.parts) + 1
    first = plan.jobs[-1].number + 1
    if seed is None:
        known = np.random.SeedSequence([plan.seed, number]).generate_state(1)[0]
        seed = int(known) if spec.seed is not None else secrets.randbits(32)
    if seed == plan.seed:
        raise QbellError(f"seed = {seed} is the campaign's own; give a part another")
    small = _spec_of_part(spec, draws=draws, shots=shots, jobs=jobs)
    check_campaign(small, plan.schedule.num_qubits)
    schedule = plan.schedule
    if find_design(spec.design).drawn:
        fresh = settings_of(small, schedule.num_qubits, seed, schedule.stars)
        schedule = with_rows(schedule, fresh.directions)
        count, offset = len(fresh), len(plan.schedule)
    else:
        count, offset = len(schedule), 0
    made = jobs_of(small, count, twirling=plan.twirling)
    orders = row_order(small, count, made, seeds_of(seed).order)
    part = Part(number, first, first + len(made) - 1, now())
    return Added(
        part=part,
        jobs=tuple(replace(job, number=first - 1 + job.number) for job in made),
        orders=tuple(rows + offset for rows in orders),
        directions=schedule.directions[len(plan.schedule) :],
        seed=seed,
        check="",
    ), schedule


def _spec_of_part(spec: Spec, *, draws: int | None, shots: int | None, jobs: int | None) -> Spec:
    """The spec of a campaign as small as the part."""
    drawn = find_design(spec.design).drawn
    unit, size, other = ("draws", draws, shots) if drawn else ("shots", shots, draws)
    if other is not None or size is None:
        kind = "random settings" if drawn else "shots of each setting"
        raise QbellError(
            f"a part of a {spec.design} design is given by {unit} =, its number of {kind}, and by "
            "nothing else"
        )
    size = whole_number(unit, size, least=2, most=MAX_SHOTS)
    whole = (spec.draws if drawn else spec.shots) or size
    if jobs is None:
        jobs = max(1, round(spec.hardware.jobs * size / whole))
    jobs = whole_number("jobs", min(jobs, MOST_JOBS), least=1, most=MOST_JOBS)
    reference = min(spec.hardware.reference, REFERENCES)
    hardware = replace(spec.hardware, jobs=jobs, reference=reference)
    if drawn:
        return replace(spec, hardware=hardware, draws=size)
    return replace(spec, hardware=hardware, shots=size)
