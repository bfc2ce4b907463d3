"""Campaigns on devices with a queue: submit, status, fetch, extend, cancel; the list of all."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.cli.app import Json, app, written
from qbell.cli.named_object import named_object
from qbell.cli.output import print_json, print_table, progress_bar, say, show
from qbell.errors import QbellError
from qbell.util.printable import printable

if TYPE_CHECKING:
    from qbell.campaigns.jobs import JobStatus, Status

Sampler = Annotated[
    str | None,
    typer.Option(
        metavar="MODULE:OBJECT",
        help="A SamplerV2 or BackendV2 of any vendor in a Python module, or a function making one.",
    ),
]
Folder = Annotated[Path, typer.Argument(help="Folder of a submitted campaign.")]


@app.command()
def submit(
    spec: Annotated[Path, typer.Argument(help="Campaign in TOML, or a submitted one's folder.")],
    backend: Annotated[
        str | None, typer.Option(help="Device, instead of the spec's: an IBM device, fake_*, aer.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            parser=written,
            metavar="PATH",
            help="Folder of the campaign; results/SPEC by default.",
        ),
    ] = None,
    budget: Annotated[
        float | None, typer.Option(help="Seconds of the processor at most, for all jobs.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed, instead of the spec's.")] = None,
    sampler: Sampler = None,
    as_json: Json = False,
) -> None:
    """Send a campaign to a device, as jobs; repeated on the same folder it continues where it
    stopped. On aer and fake_* the jobs are simulated at once. Next: qbell fetch.

    Example: qbell submit experiments/ghz_device.toml --backend fake_pittsburgh --out results/device
    """
    from qbell.campaigns.jobs import submit as submit_campaign

    folder = out
    campaign: Path | None = spec
    if spec.is_dir():
        if out is not None and out != spec:
            raise QbellError(f"{spec} is a campaign's folder: leave --out out, or give a TOML")
        campaign, folder = None, spec
    elif folder is None:
        folder = Path("results") / spec.stem
    with progress_bar() as progress:
        found = submit_campaign(
            campaign,
            folder,
            backend=backend,
            seed=seed,
            budget=budget,
            sampler=None if sampler is None else named_object(sampler),
            say=say,
            progress=progress,
        )
    _show(found, as_json)
    say(f"the campaign is in {folder}; next: {_next(found)}")


@app.command()
def status(folder: Folder, as_json: Json = False) -> None:
    """The jobs of a campaign: queued, running, done or landed, and the processor time they used.

    Example: qbell status results/device
    """
    from qbell.campaigns.jobs import status as status_of

    _show(status_of(folder), as_json)


@app.command()
def fetch(
    folder: Folder,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all shots are there.")] = False,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Report on the jobs fetched so far, into FOLDER/partial."),
    ] = False,
    poll: Annotated[
        float, typer.Option(help="Seconds between two requests to the service.")
    ] = 10.0,
    sampler: Sampler = None,
    as_json: Json = False,
) -> None:
    """Fetch the shots that are ready; once all are there, estimate and report as qbell run does.
    Failed jobs are sent again. May be repeated at any time.

    Example: qbell fetch results/device --wait
    """
    from qbell.campaigns.jobs import Status
    from qbell.campaigns.jobs import fetch as fetch_campaign

    if not 0.1 <= poll <= 3600:
        raise QbellError(f"--poll {poll:g}; give seconds from 0.1 to 3600")
    with progress_bar() as progress:
        found = fetch_campaign(
            folder,
            wait=wait,
            partial=partial,
            poll=poll,
            sampler=None if sampler is None else named_object(sampler),
            say=say,
            stands=progress.stands,
            progress=progress,
        )
    if not isinstance(found, Status):
        show(found, as_json)
        return
    _show(found, as_json)
    say(f"{found.landed} of {len(found.jobs)} jobs are here; fetch again later, or with --wait")


@app.command()
def extend(
    folder: Folder,
    draws: Annotated[
        int | None, typer.Option(help="Random settings to add, where settings are drawn.")
    ] = None,
    shots: Annotated[
        int | None, typer.Option(help="Shots of each setting to add, where they are listed.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Data jobs of the part; as large as those before.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(help="Seconds of the processor at most, for all parts.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the part.")] = None,
    sampler: Sampler = None,
    as_json: Json = False,
) -> None:
    """Add shots to a campaign, as a new part: registered before its shots, with p-values that
    allow for it. Next: qbell fetch.

    Example: qbell extend results/device --shots 500
    """
    from qbell.campaigns.jobs import extend as extend_campaign

    with progress_bar() as progress:
        found = extend_campaign(
            folder,
            draws=draws,
            shots=shots,
            jobs=jobs,
            seed=seed,
            budget=budget,
            sampler=None if sampler is None else named_object(sampler),
            say=say,
            progress=progress,
        )
    _show(found, as_json)
    say(f"part {found.jobs[-1].part} is registered; next: {_next(found)}")


@app.command()
def cancel(folder: Folder, as_json: Json = False) -> None:
    """Cancel the jobs of a campaign that are queued or running. Shots that are here stay, jobs that
    are done can be fetched, and qbell submit sends the cancelled ones again.

    Example: qbell cancel results/device
    """
    from qbell.campaigns.jobs import cancel as cancel_campaign

    _show(cancel_campaign(folder, say=say), as_json)


@app.command()
def devices(as_json: Json = False) -> None:
    """The devices of your IBM account, with queue and calibration: the shortest queue first.

    Example: qbell devices
    """
    from dataclasses import asdict

    from qbell.devices.backends import service_for

    found = service_for("devices").devices()
    if as_json:
        print_json({"devices": [asdict(one) for one in found]})
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("device", "qubits", "jobs in queue", "calibrated", ""):
        justify = "right" if name in ("qubits", "jobs in queue") else "left"
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for one in found:
        rest = "" if one.operational else "takes no jobs"
        numbers = str(one.qubits), str(one.pending_jobs)
        table.add_row(printable(one.name), *numbers, one.calibrated or "", rest)
    print_table(table)


@app.command("list")
def list_campaigns(
    folder: Annotated[Path, typer.Argument(help="Folder with campaigns.")] = Path("results"),
    as_json: Json = False,
) -> None:
    """The campaigns and runs below a folder, and how far each is. No service is asked.

    Example: qbell list results
    """
    from qbell.campaigns.jobs import campaigns_in

    found = campaigns_in(folder)
    if as_json:
        print_json({"campaigns": found})
    else:
        print_table(_listed(found))


def _listed(found: list[dict[str, Any]]) -> Group:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("folder", "state", "N", "design", "backend", "jobs here", "report"):
        table.add_column(name, justify="right" if name == "N" else "left", no_wrap=True)
    for one in found:
        jobs = "" if one["jobs"] is None else f"{one['landed']} of {one['jobs']}"
        known = (one["family"], one["n"], one["design"], one["backend"])
        words = ["" if value is None else str(value) for value in known]
        report = "damaged" if one["problem"] else "yes" if one["report"] else "no"
        table.add_row(*map(printable, (one["folder"], *words, jobs, report)))
    problems = [Text(printable(one["problem"]), style="dim") for one in found if one["problem"]]
    return Group(table, *problems)


def _next(found: "Status") -> str:
    return "qbell fetch" if found.complete else "qbell status, and qbell fetch when jobs are done"


def _show(found: "Status", as_json: bool) -> None:
    if as_json:
        print_json(found.record)
    else:
        print_table(_table(found))


def _table(found: "Status") -> Group:
    table = Table(
        title=f"{found.backend}, campaign {found.campaign}: {found.landed} of {len(found.jobs)} "
        "jobs here",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in ("job", "kind", "size", "state", "s used", "id"):
        justify = "right" if name in ("job", "size", "s used") else "left"
        table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for job in found.jobs:
        table.add_row(
            str(job.number),
            job.kind if found.jobs[-1].part == 1 else f"{job.kind}, part {job.part}",
            f"{job.circuits} x {job.shots}",
            _state(job),
            _seconds(job.usage),
            job.job_id or "",
        )
    lines = [Text(line) for line in _time(found)]
    if any(job.attempts > 1 for job in found.jobs):
        lines.append(Text("in brackets: how often a job was sent"))
    lines += [
        Text(printable(f"job {job.number}: {job.reason}"), style="dim")
        for job in found.jobs
        if job.reason and job.state != "landed"
    ]
    lines += [Text(printable(f"note: {note}"), style="dim") for note in found.notes]
    return Group(table, *lines)


def _state(job: "JobStatus") -> str:
    place = f", {job.place}." if job.place is not None and job.state == "queued" else ""
    again = f" ({job.attempts})" if job.attempts > 1 else ""
    return f"{job.state}{place}{again}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _time(found: "Status") -> list[str]:
    """Lines on the queue and on the processor's time."""
    if not found.charged:
        return []
    lines = []
    if found.ahead is not None:
        lines.append(f"the device has {found.ahead} jobs in its queue")
    if found.operational is False:
        lines.append("the device takes no jobs at the moment")
    budget = "no budget" if found.budget is None else f"of a budget of {found.budget:g} s"
    lines.append(
        f"processor: {found.used:.3g} s used, up to {found.reserved:.3g} s more by jobs in "
        f"progress, {budget}"
    )
    if found.left is not None:
        lines.append(f"the account's instance has {found.left:.4g} s left")
    if found.held:
        lines.append(f"{found.held} jobs are held back by the budget until others have finished")
    return lines
