"""From the shots of all jobs to the files that `qbell run` leaves: counts, estimates, report.

Of a phase scan see `qbell.campaigns.jobs.finish_scan`.
"""

from dataclasses import replace
from typing import Any

from qbell.campaigns.campaign import Outcome, estimate_campaign, summarize_campaign
from qbell.campaigns.folder import (
    CALIBRATION_FILE,
    DEVICE_FILE,
    NOISE_FILE,
    PARTIAL_FOLDER,
    register,
    write_results,
    write_shots,
)
from qbell.campaigns.jobs.device_use import data_jobs, device_use
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.missing import missing_notes
from qbell.campaigns.jobs.outcomes import calibration_of, shots_of
from qbell.campaigns.jobs.status import logs_of
from qbell.campaigns.parts import PARTS
from qbell.circuits.flags import num_flags
from qbell.devices.backends import reports_errors
from qbell.errors import QbellError
from qbell.mitigation import ReadoutCalibration, read_calibration
from qbell.mitigation.calibration import SingularReadout
from qbell.noise_reference import large_reference, noise_reference
from qbell.report.summary import noise_values
from qbell.sampling.large_noise import SIMULATED, is_large, large_state
from qbell.shots.read_shots import SIMULATION
from qbell.util.atomic_files import to_json, write_text
from qbell.util.progress import Progress, one_step


def finish(
    plan: JobPlan,
    *,
    landed: tuple[Job, ...] | None = None,
    early: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Estimate and report a campaign from its jobs.

    Args:
        plan: of the campaign.
        landed: the jobs to use, for a report before all are there; None for all.
        early: they are all that will be, by the spec's rule to stop.
        progress: see `qbell.estimate`.

    Raises:
        QbellError: no data job among ``landed``, or a job's file that is not whole.
    """
    jobs = plan.jobs if landed is None else landed
    logs = logs_of(plan)
    data = data_jobs(plan, jobs, logs)
    folder = plan.folder if landed is None or early else plan.folder / PARTIAL_FOLDER
    shots = replace(shots_of(plan, data), backend=plan.spec.backend, seed=plan.seed)
    readout, singular = None, None
    try:
        readout = calibration_of(plan, jobs)
    except SingularReadout as error:  # ends the mitigation, not the report
        singular = error
    found = readout if singular is None else singular
    if found is not None:
        found.to_csv(folder / CALIBRATION_FILE)
    if folder != plan.folder and (plan.folder / DEVICE_FILE).exists():
        write_text(folder / DEVICE_FILE, (plan.folder / DEVICE_FILE).read_text(encoding="utf-8"))
    noise, reason = _noise(plan)
    if noise is not None:
        write_text(folder / NOISE_FILE, to_json(noise) + "\n")
    more: dict[str, Any] = {"device": device_use(plan, jobs)}
    if len(plan.parts) > 1:
        more[PARTS] = [part.record for part in plan.parts]
    said = [note for note in plan.notes if note.startswith(SIMULATED)]
    if said:
        more[SIMULATION] = said
    write_shots(shots, folder, plan.spec, more)
    if found is not None:
        register(folder, CALIBRATION_FILE)
    if noise is not None:
        register(folder, NOISE_FILE)
    if singular is None or _is_given(plan):
        readout = _chosen(plan, readout)
    parts = plan.parts if len(plan.parts) > 1 else ()
    result = estimate_campaign(shots, plan.spec, progress, readout=readout, parts=parts)
    with one_step("writing the report", progress):
        summary = summarize_campaign(result, plan.spec, plan.spec.state(), folder)
        notes = [*plan.notes, *reason, *summary["notes"]]
        if singular is not None:
            notes.insert(0, singular.note)
        if landed is not None:
            said_first = [_held(plan, data)] if early else missing_notes(plan, landed, logs)
            notes = [*said_first, *notes]
        summary = {**summary, "notes": notes}
        write_results(result, summary, folder)
    return Outcome(result, summary, folder)


def _held(plan: JobPlan, data: tuple[Job, ...]) -> str:
    """Where the rule to stop held."""
    every = sum(job.kind == "data" for job in plan.jobs)
    shots = sum(job.executions for job in data)
    return f"[stop] held after {len(data)} of {every} data jobs, {shots:,} shots"


def _is_given(plan: JobPlan) -> bool:
    """Whether the readout is mitigated by another calibration than the reference jobs'."""
    return plan.spec.mitigation is not None and plan.spec.mitigation.calibration is not None


def _chosen(plan: JobPlan, readout: ReadoutCalibration | None) -> ReadoutCalibration | None:
    """The calibration that corrects the estimates; None where the spec asks for none."""
    mitigation = plan.spec.mitigation
    if mitigation is None:
        return None
    if mitigation.calibration is not None:
        return read_calibration(mitigation.calibration)
    if readout is None:
        raise QbellError(f"{plan.folder}: no reference job has landed to calibrate the readout")
    return readout


def _noise(plan: JobPlan) -> tuple[dict[str, Any] | None, list[str]]:
    """The noise reference as plain data; or why there is none."""
    device = plan.device()
    if device is None:
        return None, []
    if not reports_errors(device):
        return None, ["no noise reference: the device reports no errors to compute it from"]
    compiled, kind = plan.circuits()[0], plan.schedule.rules
    try:
        if kind.measures_stars or is_large(len(plan.wires), device):
            state, says = large_state(
                compiled,
                device,
                plan.schedule.design,
                decoupling=plan.decoupling,
                twirled=plan.twirling,
            )
            of_many = large_reference(state, device, kind, says)
            none = ["no noise reference: not of this design at this size"]
            return of_many, none if of_many is None else []
        found = noise_reference(
            compiled,
            device,
            plan.schedule.axis,
            plan.schedule.design,
            decoupling=plan.decoupling,
            waiting=plan.waiting or num_flags(compiled) > 0,  # as they are simulated
            twirled=plan.twirling,
        )
    except QbellError as error:
        return None, [f"no noise reference: {error}"]
    return noise_values(found), []
