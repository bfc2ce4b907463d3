"""From the shots of a phase scan's jobs to the files that `qbell run` leaves of one."""

from dataclasses import asdict
from typing import Any

from qbell.campaigns.folder import (
    DEVICE_FILE,
    NOISE_FILE,
    PARTIAL_FOLDER,
    write_spec,
)
from qbell.campaigns.jobs.angles import Angles
from qbell.campaigns.jobs.device_use import data_jobs, device_use
from qbell.campaigns.jobs.job_plan import JobPlan
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.missing import missing_notes
from qbell.campaigns.jobs.outcomes import tables_of
from qbell.campaigns.jobs.status import logs_of
from qbell.campaigns.phase_scan.files import write_scan
from qbell.campaigns.phase_scan.run import ScanOutcome, conclude
from qbell.devices.backends import reports_errors
from qbell.errors import QbellError
from qbell.noise_reference import scan_reference
from qbell.report.summary import known_values
from qbell.shots.read_shots import DIGESTS
from qbell.util.atomic_files import to_json, write_text
from qbell.util.digests import digest


def finish_scan(plan: JobPlan, landed: tuple[Job, ...] | None = None) -> ScanOutcome:
    """Estimate and report a phase scan from its jobs.

    Args:
        plan: of the scan.
        landed: the jobs to use, for a report before all are there; None for all.

    Raises:
        QbellError: no data job among ``landed``, or a job's file that is not whole.
    """
    assert isinstance(plan.measured, Angles)
    jobs = plan.jobs if landed is None else landed
    logs = logs_of(plan)
    data = data_jobs(plan, jobs, logs)
    folder = plan.folder if landed is None else plan.folder / PARTIAL_FOLDER
    scan = plan.measured.in_all(tables_of(plan, data), plan.spec.backend, plan.seed)
    about = device_use(plan, jobs)
    noise, notes = _noise(plan)
    notes = [*plan.notes, *notes]
    if landed is not None:
        notes = [*missing_notes(plan, landed, logs), *notes]
    if folder != plan.folder:
        write_spec(plan.spec, folder)
        if (plan.folder / DEVICE_FILE).exists():
            text = (plan.folder / DEVICE_FILE).read_text(encoding="utf-8")
            write_text(folder / DEVICE_FILE, text)
    more: dict[str, Any] = {"device": about, "notes": notes}
    if noise is not None:
        write_text(folder / NOISE_FILE, to_json(noise) + "\n")
        more[DIGESTS] = {NOISE_FILE: digest(folder / NOISE_FILE)}
    write_scan(scan, plan.spec, folder, more)
    known = {**known_values(plan.spec.state(), scan.axis, plan.device()), "noise": noise}
    return conclude(scan, plan.spec, folder, known, device=about, notes=tuple(notes))


def _noise(plan: JobPlan) -> tuple[dict[str, Any] | None, list[str]]:
    """The noise reference as plain data; or why there is none."""
    device = plan.device()
    if device is None:
        return None, []
    if not reports_errors(device):
        return None, ["no noise reference: the device reports no errors to compute it from"]
    try:
        found = scan_reference(
            plan.circuits()[0],
            device,
            plan.measured.axis,
            decoupling=plan.decoupling,
            waiting=plan.waiting,
            twirled=plan.twirling,
        )
    except QbellError as error:
        return None, [f"no noise reference: {error}"]
    return {**asdict(found), "assumptions": list(found.assumptions)}, []
