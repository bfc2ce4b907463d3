"""`submit`: plan a campaign, or find its plan, and send what was not sent yet."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbell.campaigns.folder import PLAN_FILE, campaign_folder, plain
from qbell.campaigns.jobs.job_plan import (
    BY_IBM,
    LIMITS,
    JobPlan,
    is_same,
    make_plan,
    read_plan,
    with_limits,
)
from qbell.campaigns.jobs.sending import Say, Sender
from qbell.campaigns.jobs.status import Status, logs_of, status_of
from qbell.campaigns.phase_scan.files import refuse_changed
from qbell.campaigns.queues import Queue, SamplerQueue, open_queue, queue_kind, queue_serving
from qbell.campaigns.spec import Spec, read_spec
from qbell.campaigns.spec_tables import checked_budget
from qbell.devices.backends import backend_name, backend_of, find_backend
from qbell.devices.record import age_of
from qbell.errors import QbellError
from qbell.sampling.run_sampler import reliable
from qbell.util.checks import whole_number
from qbell.util.lock import locked
from qbell.util.progress import Progress

if TYPE_CHECKING:
    from qbell.devices.ibm import Service


def submit(
    spec: "Spec | str | Path | None" = None,
    folder: str | Path | None = None,
    *,
    backend: Any = None,
    sampler: Any = None,
    seed: int | None = None,
    budget: float | None = None,
    service: "Service | None" = None,
    say: Say = lambda _: None,
    progress: Progress | None = None,
) -> Status:
    """Send a campaign to a device; repeated on the same folder, continue where it stopped.

    The plan is written whole before the first job is sent; of each job the intention before it is
    posted and its id after. So a crash at any point loses nothing and doubles nothing. On ``aer``
    and on ``fake_*`` devices jobs are simulated at once, and land at once.

    Args:
        spec: the campaign, or the path of its TOML; may be left out where the folder has it.
        folder: of the campaign; it holds everything that is known of it.
        backend: instead of the spec's: a name, or any Qiskit BackendV2.
        sampler: any SamplerV2; its jobs are waited for, one after the other.
        seed: instead of the spec's.
        budget: seconds of the processor at most, instead of the spec's.
        service: IBM's; opened from the saved account or the environment if None.
        say: called with one line about each event, such as a job that is sent again.
        progress: called with what is being done, how much was just done, and of how much.

    Returns:
        The jobs and their states, and the seconds of the processor used and reserved.

    Raises:
        QbellError: anything wrong with the spec, a folder with another campaign, no account, an
            unknown device, or a service that cannot be reached.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sent = submit("experiments/ghz_aer.toml", folder)
    ...     sent.landed, len(sent.jobs), sent.complete
    (13, 13, True)
    """
    if isinstance(spec, str | Path):
        spec = read_spec(spec)
    if not isinstance(spec, Spec | None):
        raise QbellError(f"spec = {spec!r}; expected the path of a TOML file")
    folder = campaign_folder(folder)
    if isinstance(backend, str) and not backend.strip():
        raise QbellError("the backend's name is empty; give aer, fake_* or an IBM device")
    if sampler is not None:
        reliable(sampler)
    if budget is not None:
        budget = checked_budget(budget, "budget")
    if seed is not None:
        seed = whole_number("seed", seed, least=0)
    tell: Progress = progress or (lambda *_: None)
    ours = backend if sampler is None and hasattr(backend, "target") else sampler
    given = {"service": service, "sampler": ours}
    device = None
    with locked(folder):
        if (folder / PLAN_FILE).exists():
            plan = _planned(folder, spec, backend, sampler, seed)
            if spec is not None:
                plan = with_limits(plan, _stated_limits(spec))
            queue = open_queue(plan.where, plan.spec, folder, given)
        elif spec is None:
            raise QbellError(f"{folder} holds no campaign; give a spec")
        else:
            tell("planning", 0, 1)
            queue, device = _queue(spec, folder, backend, sampler, given)
            plan = make_plan(queue.spec, folder, device, where=queue.where, seed=seed)
            tell("planning", 1, 1)
        if budget is not None:
            plan = with_limits(plan, {"budget": budget})
        check_budget(plan)
        _say_first(plan, device, queue.charged, say)

        def step(jobs: int) -> None:
            tell("measuring" if queue.at_once else "sending", jobs, len(plan.jobs))

        step(0)
        Sender(plan, queue, say, step).send_all(again=True)
        return status_of(plan, logs_of(plan))


def _say_first(plan: JobPlan, device: Any, charged: bool, say: Say) -> None:
    """What takes hours, and how old the calibration is that the circuit was compiled for."""
    for note in plan.notes:
        if note.startswith(BY_IBM):
            say(note)
    age = None if device is None or not charged else age_of(device)
    if age is not None:
        say(f"compiled for a calibration that is {age} old")


def _queue(
    spec: Spec, folder: Path, backend: Any, sampler: Any, given: Mapping[str, Any]
) -> tuple[Queue, Any]:
    """Where a new campaign runs, its spec then being for that backend, and the device to compile
    for."""
    if sampler is None and isinstance(backend, str | None):
        name = spec.backend if backend is None else backend
        kind = queue_serving(name)
        queue = kind(spec_on(spec, name), folder, given.get(kind.where))
        return queue, queue.device()
    device = find_backend(backend) if backend is not None else backend_of(sampler)
    name = backend_name(device) if device is not None else type(sampler).__name__
    return SamplerQueue(spec_on(spec, name), folder, given[SamplerQueue.where]), device


def spec_on(spec: Spec, backend: str) -> Spec:
    """The spec for another backend: its text says so too, for the copy in the folder."""
    if spec.backend == backend:
        return spec
    return replace(spec, backend=backend, text=_text_on(spec, backend))


def _text_on(spec: Spec, backend: str) -> str:
    """The TOML with another ``name`` in ``[backend]``."""
    line = f"name = {json.dumps(backend)}"
    table = re.compile(r"(?m)^[ \t]*\[[ \t]*backend[ \t]*\][ \t]*(#.*)?$")
    head = table.search(spec.text)
    if head is None:
        text = f"{spec.text.rstrip()}\n\n[backend]\n{line}\n"
    else:
        start = head.end()
        following = re.search(r"(?m)^[ \t]*\[", spec.text[start:])
        end = len(spec.text) if following is None else start + following.start()
        body, many = re.subn(r"(?m)^[ \t]*name[ \t]*=.*$", lambda _: line, spec.text[start:end])
        text = spec.text[:start] + (body if many else f"\n{line}{body}") + spec.text[end:]
    try:
        wanted = {**tomllib.loads(spec.text), "backend": {"name": backend}}
        if tomllib.loads(text) == wanted:
            return text
    except tomllib.TOMLDecodeError:
        pass
    raise QbellError(
        f"the spec's backend cannot be replaced in its text; write [backend] name = {backend!r} "
        "into the spec"
    )


def _planned(
    folder: Path, spec: Spec | None, backend: Any, sampler: Any, seed: int | None
) -> JobPlan:
    """The plan that is there, if it is the one that is asked for."""
    plan = read_plan(folder)
    name = plan.spec.backend
    if backend is not None:
        name = backend if isinstance(backend, str) else backend_name(backend)
    elif spec is not None and sampler is None and queue_kind(plan.where).has_name:
        name = spec.backend
    same = name == plan.spec.backend
    if same and spec is not None:
        asked = spec_on(spec, name)
        if plan.spec.scan is not None and asked.scan is not None:
            refuse_changed(folder, plain(plan.spec.sampling()), plain(asked.sampling()))
        same = is_same(plan, asked, seed)
    elif same and seed is not None:
        same = seed == plan.seed
    if not same:
        raise QbellError(
            f"{folder} holds another campaign, seed or backend ({plan.spec.backend}); give another "
            "folder with --out"
        )
    return plan


def _stated_limits(spec: Spec) -> dict[str, Any]:
    """Those that the spec's text states: what it leaves out stays as it was, above all a budget."""
    stated = tomllib.loads(spec.text).get("hardware", {})
    return {key: getattr(spec.hardware, key) for key in LIMITS if key in stated}


def check_budget(plan: JobPlan) -> None:
    """Refuse a budget that no job surely keeps within.

    Raises:
        QbellError: one job may take more.
    """
    budget = plan.spec.hardware.budget
    if not queue_kind(plan.where).charged or budget is None:
        return
    largest = max(plan.reserved(job) for job in plan.jobs)
    if largest > budget:
        raise QbellError(
            f"a budget of {budget:g} s, but one job may take up to {largest} s of the processor; "
            "raise the budget, take more [hardware] jobs or fewer shots, or set max_execution_time"
        )
