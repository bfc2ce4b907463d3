"""The whole line: spec -> state -> circuit -> schedule -> shots -> estimate -> report."""

import json
import platform
import secrets
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from qbell.backends import find_backend
from qbell.calibrating import calibrate
from qbell.designs import DESIGNS
from qbell.errors import QbellError
from qbell.estimator import Result, check_mitigation, check_size, estimate
from qbell.estimator.estimate import data_seed
from qbell.files import to_json, write_atomically, write_text
from qbell.held_out import MAX_LABEL_QUBITS
from qbell.mitigation import ReadoutCalibration, read_calibration
from qbell.progress import Progress
from qbell.report import html_page
from qbell.sampling import sample
from qbell.settings import schedule
from qbell.shots import COUNTS_FILE, RUN_FILE, Shots, read_record, read_shots, run_record
from qbell.spec import Spec, read_spec
from qbell.spec_tables import METHODS
from qbell.summary import known_values, summarize

SPEC_FILE = "spec.toml"
CALIBRATION_FILE = "calibration.csv"
SUMMARY_FILE = "summary.json"
CORRELATORS_FILE = "correlators.csv"
OSCILLATION_FILE = "oscillation.csv"
HARMONICS_FILE = "harmonics.csv"
REPORT_FILE = "report.html"
OWN_FILES = (
    COUNTS_FILE,
    RUN_FILE,
    SPEC_FILE,
    SUMMARY_FILE,
    CORRELATORS_FILE,
    OSCILLATION_FILE,
    HARMONICS_FILE,
    REPORT_FILE,
    CALIBRATION_FILE,
)
VERSIONS_OF = ("qbell", "qiskit", "qiskit-aer", "numpy", "scipy", "pandas", "numba")


@dataclass(frozen=True)
class Outcome:
    """A finished run or analysis.

    Attributes:
        result: the estimates.
        summary: everything worth printing, as plain data; what ``--json`` shows.
        folder: where the files are; None if nothing was written.
        resumed: True if the shots were already there.
    """

    result: Result
    summary: dict[str, Any]
    folder: Path | None
    resumed: bool = False


def run(
    spec: Spec, folder: Path, *, seed: int | None = None, progress: Progress | None = None
) -> Outcome:
    """Prepare, measure, estimate and report one campaign into ``folder``.

    If ``folder`` already holds the shots of the same campaign they are used, and only the rest is
    done again; so a run that was stopped goes on, and another ``[estimate]`` costs no shots.

    Raises:
        QbellError: anything wrong with the spec, or a folder with another campaign's shots.
    """
    seed = spec.seed if seed is None else seed
    state = spec.state()
    _check(spec, state.num_qubits)
    earlier = _earlier_shots(folder, spec, seed)
    if earlier is None:
        shots = _measure(spec, state, seed, progress)
        _write_shots(shots, folder, spec)
    else:
        shots = earlier
        _renew_spec(folder, spec)
    readout = _readout(spec, folder, state, shots.seed)
    result = _estimate(shots, spec, progress, readout=readout)
    summary = _summary(result, spec, state)
    _write_results(result, summary, folder)
    return Outcome(result, summary, folder, resumed=earlier is not None)


def analyze(
    path: Path,
    *,
    design: str | None = None,
    axis: str | None = None,
    provenance: str | None = None,
    order: int | None = None,
    confidence: float | None = None,
    resamples: int | None = None,
    calibration: Path | None = None,
    mitigation: str | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Estimate and report from a counts CSV or a run's folder.

    A run's folder brings its spec, and with it the exact values and the settings of the estimate;
    its tables and report are written anew. For a bare CSV nothing is written without ``out``.

    Raises:
        QbellError: see `qbell.read_shots`; or ``out`` holds other shots.
    """
    shots = read_shots(path, design, order=order, axis=axis, provenance=provenance)
    home = path if path.is_dir() else path.parent if path.name == COUNTS_FILE else None
    spec = None if home is None else _spec_of(home)
    folder = out if out is not None else path if path.is_dir() else None
    if mitigation is not None and mitigation not in METHODS:
        raise QbellError(f"mitigation {mitigation!r} is unknown; use {' or '.join(METHODS)}")
    if calibration is not None:
        readout: ReadoutCalibration | None = read_calibration(calibration)
    elif spec is not None and home is not None:
        readout = _readout(spec, home, None, None)
    else:
        readout, mitigation = _kept_readout(home, mitigation)
    if mitigation is not None and readout is None:
        raise QbellError("mitigation needs a calibration; give its CSV, or leave mitigation out")
    result = _estimate(
        shots,
        spec,
        progress,
        confidence=confidence,
        resamples=resamples,
        readout=readout,
        mitigation=mitigation,
    )
    if out is not None and not _holds(out, shots):
        _write_shots(shots, out, spec)
    if out is not None and calibration is not None and readout is not None:
        # What corrected these numbers stays with them, so that the folder gives them again.
        readout.to_csv(out / CALIBRATION_FILE)
        record = {**read_record(out / RUN_FILE), "mitigation": mitigation or METHODS[0]}
        write_text(out / RUN_FILE, to_json(record) + "\n")
    summary = summarize(result) if spec is None else _summary(result, spec, spec.state())
    if folder is not None:
        _write_results(result, summary, folder)
    return Outcome(result, summary, folder)


def _spec_of(folder: Path) -> Spec | None:
    """The spec of a run's folder, if it is still the one that its shots were taken for."""
    if not (folder / SPEC_FILE).exists() or not (folder / RUN_FILE).exists():
        return None
    spec = read_spec(folder / SPEC_FILE)
    if read_record(folder / RUN_FILE).get("sampling") != _plain(spec.sampling()):
        raise QbellError(
            f"{folder / SPEC_FILE} is not the campaign that {folder / RUN_FILE} was measured for; "
            "restore it, or remove it to analyse the shots alone"
        )
    return spec


def _plain(record: dict[str, Any]) -> Any:
    """As it reads back from JSON, for comparison."""
    return json.loads(to_json(record))


def _check(spec: Spec, num_qubits: int) -> None:
    """Refuse before any shot what could not be estimated after it."""
    try:
        check_size(spec.design, num_qubits, spec.draws)
        if spec.mitigation is not None:
            check_mitigation(spec.design, num_qubits)
            _check_calibration(spec.mitigation.calibration, num_qubits)
        _check_learning(spec, num_qubits)
        if spec.label not in (None, "learn") and len(spec.label) != num_qubits:
            raise QbellError(
                f"[estimate] label = {spec.label!r} names {len(spec.label)} qubits, not the "
                f"{num_qubits} of the state; give + or - for each"
            )
    except QbellError as error:
        raise QbellError(f"{spec.family or spec.circuit}: {error}") from error


def _check_calibration(path: Path | None, num_qubits: int) -> None:
    """Refuse a calibration file that cannot be used, or would be lost among the results."""
    if path is None:
        return
    if path.name in OWN_FILES:
        raise QbellError(
            f"[mitigation] calibration: the results have a file {path.name} of their own; rename it"
        )
    found = read_calibration(path).num_qubits
    if found != num_qubits:
        raise QbellError(f"{path} calibrates {found} qubits, and the state has {num_qubits}")


def _check_learning(spec: Spec, num_qubits: int) -> None:
    """Refuse to learn what the design does not measure."""
    partial = spec.design == "covering" and (spec.order or 0) < num_qubits
    if spec.learns and partial:
        raise QbellError(
            "[estimate] learn: the covering design does not measure correlators of all qubits; "
            "give order = n, or leave it out"
        )
    if spec.label == "learn" and spec.design in ("equatorial", "symmetric"):
        raise QbellError(
            f"[estimate] label = 'learn': the {spec.design} design measures the label of all + "
            "only; leave it out"
        )
    if spec.label == "learn" and num_qubits > MAX_LABEL_QUBITS:
        raise QbellError(
            f"[estimate] label = 'learn': this version learns it up to n = {MAX_LABEL_QUBITS}; "
            "give the label"
        )


def _measure(spec: Spec, state: Any, seed: int | None, progress: Progress | None) -> Shots:
    if seed is None:
        seed = secrets.randbits(32)
    # Independent streams for the choice of settings and for the outcomes, both from one seed.
    for_settings, for_shots = np.random.SeedSequence(seed).generate_state(2).tolist()
    settings = schedule(
        state.num_qubits,
        spec.design,
        draws=spec.draws,
        order=spec.order,
        axis=spec.axis,
        seed=for_settings if DESIGNS[spec.design].drawn else None,
    )

    def step(rows: int) -> None:
        if progress is not None:
            progress("measuring", rows, len(settings))

    shots = sample(
        state, settings, shots=spec.shots, seed=for_shots, backend=spec.backend, progress=step
    )
    return replace(shots, seed=seed)


def _estimate(
    shots: Shots,
    spec: Spec | None,
    progress: Progress | None,
    *,
    confidence: float | None = None,
    resamples: int | None = None,
    readout: ReadoutCalibration | None = None,
    mitigation: str | None = None,
) -> Result:
    """The estimate as a spec asks for it; as by default without one."""
    confidence = confidence if confidence is not None else spec.confidence if spec else 0.95
    count = resamples if resamples is not None else spec.resamples if spec else 1000
    how: dict[str, Any] = {}
    if spec is not None:
        how = {"phase": spec.phase, "label": spec.label, "held_out": spec.held_out}
        if mitigation is None and spec.mitigation is not None:
            mitigation = spec.mitigation.method
    if readout is not None:
        how = {**how, "readout": readout, "mitigation": mitigation or METHODS[0]}

    return estimate(shots, confidence, count, progress=progress, **how)


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
    return read_calibration(home / CALIBRATION_FILE), mitigation or method


def _readout(spec: Spec, folder: Path, state: Any, seed: int | None) -> ReadoutCalibration | None:
    """The calibration that a spec names; or the one in ``folder``, taken now if it is not there."""
    if spec.mitigation is None:
        return None
    if spec.mitigation.calibration is not None:
        return read_calibration(spec.mitigation.calibration)
    path = folder / CALIBRATION_FILE
    if not path.exists():
        if state is None:
            raise QbellError(
                f"{path} is missing: the calibration that {folder / SPEC_FILE} asks for; restore it"
            )
        drawn = np.random.SeedSequence(seed).generate_state(3)[2]
        calibrate(
            state,
            shots=spec.mitigation.shots,
            seed=int(drawn),
            backend=spec.backend,
            axis=spec.axis,
            design=spec.design,
        ).to_csv(path)
    return read_calibration(path)


def _summary(result: Result, spec: Spec, state: Any) -> dict[str, Any]:
    try:
        device = find_backend(spec.backend)
    except QbellError:  # data can be analysed where their device is not at hand
        device = None
    known = known_values(state, result.shots.axis, device)
    name = spec.family if spec.circuit is None else spec.circuit.name
    return summarize(result, family=name, u=spec.parameters.get("u"), known=known)


def _earlier_shots(folder: Path, spec: Spec, seed: int | None) -> Shots | None:
    """The shots already in ``folder``, if they are this campaign's; None if there are none."""
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    other = QbellError(
        f"{folder} holds the files of another campaign or seed; give another folder with --out, "
        "or remove it"
    )
    sampling = _plain(spec.sampling())
    if not (folder / RUN_FILE).exists():
        # A run that was stopped before it had all its shots leaves its spec, and perhaps counts.
        stopped = (folder / SPEC_FILE).exists()
        if stopped and _plain(read_spec(folder / SPEC_FILE).sampling()) != sampling:
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


def _write_shots(shots: Shots, folder: Path, spec: Spec | None) -> None:
    more: dict[str, Any] = {"versions": _versions()}
    if spec is not None:
        write_text(folder / SPEC_FILE, spec.portable_text())
        if spec.circuit is not None:
            content = spec.circuit.read_bytes()
            write_atomically(folder / spec.circuit.name, lambda path: _write_bytes(path, content))
        _copy_calibration(spec, folder)
        more = {**more, "sampling": spec.sampling(), "spec": spec.portable_text()}
    # run.json goes last: with it there, the counts are known to be whole.
    shots.to_csv(folder / COUNTS_FILE)
    write_text(folder / RUN_FILE, to_json(run_record(shots, more)) + "\n")


def _renew_spec(folder: Path, spec: Spec) -> None:
    """Another [estimate] for the same shots: keep the spec that the new results come from."""
    text = spec.portable_text()
    record = read_record(folder / RUN_FILE)
    if record.get("spec") != text:
        _copy_calibration(spec, folder)
        write_text(folder / SPEC_FILE, text)
        write_text(folder / RUN_FILE, to_json({**record, "spec": text}) + "\n")


def _copy_calibration(spec: Spec, folder: Path) -> None:
    """Keep the calibration that a spec names beside its copy."""
    if spec.mitigation is not None and spec.mitigation.calibration is not None:
        source = spec.mitigation.calibration
        content = source.read_bytes()
        write_atomically(folder / source.name, lambda path: _write_bytes(path, content))


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _write_results(result: Result, summary: dict[str, Any], folder: Path) -> None:
    tables = {
        CORRELATORS_FILE: result.correlators,
        OSCILLATION_FILE: result.oscillation,
        HARMONICS_FILE: result.harmonics,
    }
    for name, table in tables.items():
        if table is not None:
            write_atomically(folder / name, partial(table.to_csv, index=False))
    write_text(folder / REPORT_FILE, html_page(result, summary))
    write_text(folder / SUMMARY_FILE, to_json(summary) + "\n")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in VERSIONS_OF:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
