"""The whole line: spec -> state -> circuit -> schedule -> shots -> estimate -> report."""

import secrets
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from qbell.campaigns.campaign import Outcome, check_campaign, estimate_campaign, summarize_campaign
from qbell.campaigns.folder import (
    CALIBRATION_FILE,
    PLAN_FILE,
    SPEC_FILE,
    check_registered,
    plain,
    register,
    renew_spec,
    simulation_record,
    write_results,
    write_shots,
)
from qbell.campaigns.parts import PARTS, Part, parts_in
from qbell.campaigns.phase_scan.run import ScanOutcome, scan_here
from qbell.campaigns.prepared import Prepared, prepare
from qbell.campaigns.said import Said
from qbell.campaigns.seeds import seeds_of, settings_of, stars_of
from qbell.campaigns.spec import Spec, read_spec
from qbell.campaigns.spec_tables import METHODS
from qbell.circuits.preparation import Preparation
from qbell.devices.backends import find_backend, is_local
from qbell.errors import QbellError
from qbell.estimator.estimate import data_seed
from qbell.mitigation import ReadoutCalibration, read_calibration
from qbell.mitigation.calibration import SingularReadout
from qbell.report.summary import summarize
from qbell.sampling.calibrate import calibrate
from qbell.sampling.sample import sample
from qbell.shots.read_shots import COUNTS_FILE, RUN_FILE, read_record, read_shots
from qbell.shots.shots import Shots
from qbell.states import State
from qbell.util.atomic_files import to_json, write_text
from qbell.util.cluster import Cluster, connected
from qbell.util.lock import locked
from qbell.util.progress import Progress, one_step

__all__ = ["Outcome", "analyze", "run"]


def run(
    spec: Spec,
    folder: Path,
    *,
    seed: int | None = None,
    progress: Progress | None = None,
    cluster: Any = None,
) -> Outcome:
    """Prepare, measure, estimate and report one campaign into ``folder``.

    If ``folder`` already holds the shots of the same campaign they are used, and only the rest is
    done again; so a run that was stopped goes on, and another ``[estimate]`` costs no shots.
    On an IBM device it is `qbell.submit` and then `qbell.fetch` with ``wait``.

    ``cluster``: ``local``, the address of a Dask scheduler, or a `distributed.Client`, whose
    workers simulate the shots, resample them and take pairs of them. All numbers are the same.

    Raises:
        QbellError: anything wrong with the spec, a folder with another campaign's shots, or a
            cluster where shots come from a queue.
    """
    if spec.scan is not None:
        raise QbellError(
            "the spec scans a phase: it has a table [scan]; measure it with run_scan, or qbell run"
        )
    if not is_local(spec.backend) or spec.stop is not None:
        if cluster is not None:
            raise QbellError(
                f"jobs on {spec.backend} are not simulated on a cluster; leave the cluster out, "
                f"or give it to qbell analyze {folder} once the shots are there"
            )
        found = _by_jobs(spec, folder, seed, progress)
        assert isinstance(found, Outcome)
        return found
    seed = spec.seed if seed is None else seed
    state = spec.state()
    check_campaign(spec, state.num_qubits)
    with connected(cluster) as workers, locked(folder):
        return _run_here(spec, state, folder, seed, progress, workers)


def run_scan(
    spec: Spec, folder: Path, *, seed: int | None = None, progress: Progress | None = None
) -> ScanOutcome:
    """The same of a phase scan; see `qbell.campaigns.phase_scan.run.scan_here`.

    Raises:
        QbellError: anything wrong with the spec, or a folder with other shots or another
            registration.
    """
    if is_local(spec.backend):
        return scan_here(spec, folder, seed=seed)
    found = _by_jobs(spec, folder, seed, progress)
    assert isinstance(found, ScanOutcome)
    return found


def _run_here(
    spec: Spec,
    state: State | Preparation,
    folder: Path,
    seed: int | None,
    progress: Progress | None,
    cluster: Cluster | None,
) -> Outcome:
    """The campaign by a simulation in this process, which holds the folder's lock."""
    earlier = _earlier_shots(folder, spec, seed)
    prepared = None
    if earlier is None or _lacks_readout(spec, folder):
        with one_step("preparing", progress):
            prepared = prepare(spec, state, find_backend(spec.backend))
    if earlier is None:
        assert prepared is not None
        shots = _measure(spec, prepared, seed, progress, cluster)
        write_shots(shots, folder, spec, simulation_record(shots))
    else:
        shots = earlier
        renew_spec(folder, spec)
    readout, notes = _readout_or_why(spec, folder, prepared, shots.seed)
    result = estimate_campaign(shots, spec, progress, readout=readout, cluster=cluster)
    with one_step("writing the report", progress):
        summary = summarize_campaign(result, spec, state, prepared=prepared)
        summary["notes"] = [*notes, *summary["notes"]]
        write_results(result, summary, folder)
    return Outcome(result, summary, folder, resumed=earlier is not None)


def _by_jobs(
    spec: Spec, folder: Path, seed: int | None, progress: Progress | None
) -> Outcome | ScanOutcome:
    """Send the campaign and wait for all of it."""
    from qbell.campaigns.jobs import Status, fetch, submit

    submit(spec, folder, seed=seed, progress=progress)
    found = fetch(folder, wait=True, progress=progress)
    if isinstance(found, Status):
        raise QbellError(
            f"{folder}: {found.held} jobs are held back by the budget; raise it, or use the shots "
            "that are there: qbell fetch --partial"
        )
    return found


def analyze(
    path: Path,
    *,
    design: str | None = None,
    axis: str | None = None,
    provenance: str | None = None,
    order: int | None = None,
    reading: Mapping[str, Any] | None = None,
    confidence: float | None = None,
    resamples: int | None = None,
    label: str | None = None,
    phase: float | str | None = None,
    held_out: float | None = None,
    by_jobs: bool | None = None,
    calibration: Path | None = None,
    mitigation: str | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
    cluster: Any = None,
) -> Outcome:
    """Estimate and report from a table of counts, a job in JSON, or a run's folder.

    A run's folder brings its spec, and with it the exact values and the settings of the estimate;
    its tables and report are written anew. For a bare file nothing is written without ``out``.
    ``reading`` are further arguments of `qbell.read_shots`, ``cluster`` is as for `run`.

    Raises:
        QbellError: see `qbell.read_shots`; or ``out`` holds other shots.
    """
    if (path / PLAN_FILE).exists() and not (path / COUNTS_FILE).exists():
        raise QbellError(
            f"{path} is a campaign whose shots are not all here; qbell fetch {path} brings them, "
            f"and qbell fetch {path} --partial reports on those that are there"
        )
    shots = read_shots(
        path, design, order=order, axis=axis, provenance=provenance, **(reading or {})
    )
    home = path if path.is_dir() else path.parent if path.name == COUNTS_FILE else None
    spec = None if home is None else _spec_of(home)
    parts = _parts_of(home)
    folder = out if out is not None else path if path.is_dir() else None
    if mitigation is not None and mitigation not in METHODS:
        raise QbellError(f"mitigation {mitigation!r} is unknown; use {' or '.join(METHODS)}")
    with connected(cluster) as workers, nullcontext() if folder is None else locked(folder):
        notes: list[str] = []
        if calibration is not None:
            readout: ReadoutCalibration | None = read_calibration(calibration)
        elif spec is not None and home is not None:
            readout, notes = _readout_or_why(spec, home, None, None)
        else:
            readout, mitigation = _kept_readout(home, mitigation)
        if mitigation is not None and readout is None:
            raise QbellError(
                "mitigation needs a calibration; give its CSV, or leave mitigation out"
            )
        result = estimate_campaign(
            shots,
            spec,
            progress,
            confidence=confidence,
            resamples=resamples,
            said=Said(label, phase, held_out, by_jobs),
            readout=readout,
            mitigation=mitigation,
            parts=parts,
            cluster=workers,
        )
        if out is not None and not _holds(out, shots):
            more = {PARTS: [part.record for part in parts]} if parts else None
            write_shots(shots, out, spec, more)
        if out is not None and calibration is not None and readout is not None:
            # What corrected these numbers stays with them, so that the folder gives them again.
            readout.to_csv(out / CALIBRATION_FILE)
            register(out, CALIBRATION_FILE)
            record = {**read_record(out / RUN_FILE), "mitigation": mitigation or METHODS[0]}
            write_text(out / RUN_FILE, to_json(record) + "\n")
        with one_step("writing the report", progress if folder is not None else None):
            summary = (
                summarize(result)
                if spec is None
                else summarize_campaign(result, spec, spec.state(), home)
            )
            summary["notes"] = [*notes, *summary["notes"]]
            if folder is not None:
                write_results(result, summary, folder)
        return Outcome(result, summary, folder)


def _parts_of(home: Path | None) -> tuple[Part, ...]:
    """Those of a campaign whose run.json lists them."""
    if home is None or not (home / RUN_FILE).exists():
        return ()
    return parts_in(read_record(home / RUN_FILE), str(home / RUN_FILE))


def _spec_of(folder: Path) -> Spec | None:
    """The spec of a run's folder, if it is still the one that its shots were taken for."""
    if not (folder / SPEC_FILE).exists() or not (folder / RUN_FILE).exists():
        return None
    spec = read_spec(folder / SPEC_FILE)
    if read_record(folder / RUN_FILE).get("sampling") != plain(spec.sampling()):
        raise QbellError(
            f"{folder / SPEC_FILE} is not the campaign that {folder / RUN_FILE} was measured for; "
            "restore it, or remove it to analyse the shots alone"
        )
    return spec


def _measure(
    spec: Spec,
    prepared: Prepared,
    seed: int | None,
    progress: Progress | None,
    cluster: Cluster | None,
) -> Shots:
    if seed is None:
        seed = secrets.randbits(32)
    settings = settings_of(
        spec, prepared.preparation.num_qubits, seed, stars_of(spec, prepared.preparation)
    )

    def step(rows: int) -> None:
        if progress is not None:
            progress("measuring", rows, len(settings))

    shots = sample(
        prepared.preparation,
        settings,
        shots=spec.shots,
        seed=seeds_of(seed).shots,
        backend=prepared.device,
        progress=step,
        cluster=cluster,
    )
    return replace(shots, seed=seed, backend=spec.backend)


def _kept_readout(
    home: Path | None, mitigation: str | None
) -> tuple[ReadoutCalibration | None, str | None]:
    """The calibration that an analysis left in a folder without a spec, and its method."""
    if home is None or not (home / RUN_FILE).exists():
        return None, mitigation
    method = read_record(home / RUN_FILE).get("mitigation")
    if method is None:
        return None, mitigation
    if method not in METHODS:
        raise QbellError(f"{home / RUN_FILE}: mitigation {method!r} is unknown; restore this file")
    check_registered(home, CALIBRATION_FILE)
    return read_calibration(home / CALIBRATION_FILE), mitigation or method


def _lacks_readout(spec: Spec, folder: Path) -> bool:
    """True if a calibration is still to be taken."""
    asked = spec.mitigation is not None and spec.mitigation.calibration is None
    return asked and not (folder / CALIBRATION_FILE).exists()


def _readout_or_why(
    spec: Spec, folder: Path, prepared: Prepared | None, seed: int | None
) -> tuple[ReadoutCalibration | None, list[str]]:
    """As `_readout`; none, with a note, where the campaign's own shows a qubit that cannot be
    corrected."""
    try:
        return _readout(spec, folder, prepared, seed), []
    except SingularReadout as error:
        if spec.mitigation is None or spec.mitigation.calibration is not None:
            raise
        if not (folder / CALIBRATION_FILE).exists():
            error.to_csv(folder / CALIBRATION_FILE)
            register(folder, CALIBRATION_FILE)
        return None, [error.note]


def _readout(
    spec: Spec, folder: Path, prepared: Prepared | None, seed: int | None
) -> ReadoutCalibration | None:
    """The calibration that a spec names; or the one in ``folder``, taken now if it is not there."""
    if spec.mitigation is None:
        return None
    if spec.mitigation.calibration is not None:
        return read_calibration(spec.mitigation.calibration)
    path = folder / CALIBRATION_FILE
    if not path.exists():
        if prepared is None:
            raise QbellError(
                f"{path} is missing: the calibration that {folder / SPEC_FILE} asks for; restore it"
            )
        calibrate(
            prepared.preparation,
            shots=spec.mitigation.shots,
            seed=seeds_of(seed).calibration,
            backend=prepared.device,
            axis=spec.axis,
            design=spec.design,
        ).to_csv(path)
        register(folder, CALIBRATION_FILE)
    check_registered(folder, CALIBRATION_FILE)
    return read_calibration(path)


def _earlier_shots(folder: Path, spec: Spec, seed: int | None) -> Shots | None:
    """The shots already in ``folder``, if they are this campaign's; None if there are none."""
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    other = QbellError(
        f"{folder} holds the files of another campaign or seed; give another folder with --out, "
        "or remove it"
    )
    sampling = plain(spec.sampling())
    if not (folder / RUN_FILE).exists():
        # A run that was stopped before it had all its shots leaves its spec, and perhaps counts.
        stopped = (folder / SPEC_FILE).exists()
        if stopped and plain(read_spec(folder / SPEC_FILE).sampling()) != sampling:
            raise other
        if not stopped and (folder / COUNTS_FILE).exists():
            raise other
        return None
    record = read_record(folder / RUN_FILE)
    if record.get("sampling") != sampling or (seed is not None and record.get("seed") != seed):
        raise other
    if not (folder / COUNTS_FILE).exists():
        return None
    return read_shots(folder)


def _holds(folder: Path, shots: Shots) -> bool:
    """True if ``folder`` holds just these shots already, False if none; others are refused."""
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    names = (COUNTS_FILE, RUN_FILE, SPEC_FILE)
    if not any((folder / name).exists() for name in names):
        return False
    if (folder / COUNTS_FILE).exists():
        bare = not _recorded(folder)
        there = read_shots(
            folder / COUNTS_FILE,
            shots.design if bare else None,
            order=shots.order if bare else None,
        )
        same = there.axis == shots.axis and there.provenance == shots.provenance
        if same and there.design == shots.design and _same_table(there, shots):
            return True
    raise QbellError(
        f"{folder / COUNTS_FILE} or what is beside it holds other shots; give another folder with "
        "--out"
    )


def _recorded(folder: Path) -> bool:
    return (folder / RUN_FILE).exists()


def _same_table(one: Shots, other: Shots) -> bool:
    return bool(data_seed(one) == data_seed(other) and one.total == other.total)
