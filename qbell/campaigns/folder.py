"""The files of a run's folder, and how they are written."""

import json
import platform
from collections.abc import Mapping
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from qbell.campaigns.spec import Spec
from qbell.errors import QbellError
from qbell.estimator import Result
from qbell.report.page import html_page
from qbell.report.provenance import ABOUT, Provenance
from qbell.shots.read_shots import (
    COUNTS_FILE,
    DIGESTS,
    RUN_FILE,
    SIMULATION,
    read_record,
    run_record,
)
from qbell.shots.shots import Shots
from qbell.util.atomic_files import to_json, write_atomically, write_bytes, write_text
from qbell.util.digests import check_digest, digest

SPEC_FILE = "spec.toml"
PLAN_FILE = "campaign.json"  # of a campaign in jobs
BATCH_FILE = "batch.json"  # and the batch that they are in
CALIBRATION_FILE = "calibration.csv"
DEVICE_FILE = "device.json"  # of a campaign on a device: its calibration
NOISE_FILE = "noise.json"  # and the noise reference
SCHEDULE_FILE = "schedule.csv"  # and which job measures what
SCAN_FILE = "scan.json"  # of a phase scan: what was registered
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
    DEVICE_FILE,
    NOISE_FILE,
    SCHEDULE_FILE,
    PLAN_FILE,
    BATCH_FILE,
)
COMPILED_FOLDER, JOBS_FOLDER, PARTIAL_FOLDER = "compiled", "jobs", "partial"
PARTS_FOLDER = "parts"  # plans of what was added to a campaign
OWN_FOLDERS = (COMPILED_FOLDER, JOBS_FOLDER, PARTIAL_FOLDER, PARTS_FOLDER)
VERSIONS_OF = ("qbell", "qiskit", "qiskit-aer", "numpy", "scipy", "pandas", "numba", "stim")


def plain(record: dict[str, Any]) -> Any:
    """As it reads back from JSON, for comparison."""
    return json.loads(to_json(record))


def write_shots(
    shots: Shots, folder: Path, spec: Spec | None, more: Mapping[str, Any] | None = None
) -> None:
    """Counts, run.json, and the spec with the files that it names; ``more`` goes into run.json."""
    record: dict[str, Any] = {"versions": versions()}
    if spec is not None:
        write_spec(spec, folder)
        record = {**record, "sampling": spec.sampling(), "spec": spec.portable_text()}
    # run.json goes last: with it there, the counts are known to be whole.
    shots.to_csv(folder / COUNTS_FILE)
    record[DIGESTS] = {COUNTS_FILE: digest(folder / COUNTS_FILE)}
    write_text(folder / RUN_FILE, to_json(run_record(shots, {**record, **(more or {})})) + "\n")


def simulation_record(shots: Shots) -> dict[str, Any]:
    """What run.json keeps of how shots were simulated: the notes of `qbell.sample`, if any."""
    return {SIMULATION: list(shots.notes)} if shots.notes else {}


def write_spec(spec: Spec, folder: Path) -> None:
    """A copy of the spec, with the circuit and the calibration that it names beside it."""
    write_text(folder / SPEC_FILE, spec.portable_text())
    if spec.circuit is not None:
        write_bytes(folder / spec.circuit.name, spec.circuit.read_bytes())
    copy_calibration(spec, folder)


def campaign_folder(folder: object) -> Path:
    """The path of a campaign's folder.

    Raises:
        QbellError: no path, or that of a file.
    """
    if not isinstance(folder, str | Path) or not str(folder):
        raise QbellError(
            f"folder = {folder!r}; expected the path of a folder for this campaign alone"
        )
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise QbellError(f"{path} is a file; give the folder of a campaign")
    return path


def register(folder: Path, name: str) -> None:
    """Add the checksum of one more file to run.json."""
    record = read_record(folder / RUN_FILE)
    known = record.get(DIGESTS)
    digests = {**(known if isinstance(known, dict) else {}), name: digest(folder / name)}
    write_text(folder / RUN_FILE, to_json({**record, DIGESTS: digests}) + "\n")


def check_registered(folder: Path, name: str) -> None:
    """Refuse a file of a run that was changed after it was measured.

    Raises:
        QbellError: its checksum is not that in run.json.
    """
    _check_listed(folder, name, RUN_FILE, "the shots were measured")


def check_planned(folder: Path, name: str) -> None:
    """Refuse a file of a campaign that was changed after it was planned.

    Raises:
        QbellError: its checksum is not that in campaign.json.
    """
    _check_listed(folder, name, PLAN_FILE, "the campaign was planned")


def refuse_links(folder: Path) -> None:
    """Refuse a folder whose own folders lead elsewhere: what is written must stay in it.

    Raises:
        QbellError: one of them is a link.
    """
    for name in OWN_FOLDERS:
        if (folder / name).is_symlink():
            raise QbellError(f"{folder / name} is a link to another place; remove it")


def _check_listed(folder: Path, name: str, listing: str, when: str) -> None:
    known = read_record(folder / listing).get(DIGESTS) if (folder / listing).exists() else None
    if isinstance(known, dict) and (folder / name).exists():
        check_digest(folder / name, known.get(name), when)


def renew_spec(folder: Path, spec: Spec) -> None:
    """Another [estimate] for the same shots: keep the spec that the new results come from."""
    text = spec.portable_text()
    record = read_record(folder / RUN_FILE)
    if record.get("spec") != text:
        copy_calibration(spec, folder)
        write_text(folder / SPEC_FILE, text)
        write_text(folder / RUN_FILE, to_json({**record, "spec": text}) + "\n")


def copy_calibration(spec: Spec, folder: Path) -> None:
    """Keep the calibration that a spec names beside its copy."""
    if spec.mitigation is not None and spec.mitigation.calibration is not None:
        source = spec.mitigation.calibration
        write_bytes(folder / source.name, source.read_bytes())


def write_results(result: Result, summary: dict[str, Any], folder: Path) -> None:
    """Tables, page and summary."""
    tables = {
        CORRELATORS_FILE: result.correlators,
        OSCILLATION_FILE: result.oscillation,
        HARMONICS_FILE: result.harmonics,
    }
    for name, table in tables.items():
        if table is not None:
            write_atomically(folder / name, partial(table.to_csv, index=False))
    write_text(folder / SUMMARY_FILE, to_json(summary) + "\n")
    write_text(folder / REPORT_FILE, html_page(result, summary, provenance(folder)))


def provenance(folder: Path) -> Provenance:
    """Where the numbers of a folder come from, with the checksums of its files as they are."""
    record = read_record(folder / RUN_FILE) if (folder / RUN_FILE).exists() else {}
    spec, said = record.get("spec"), record.get("versions")
    files = tuple(name for name in ABOUT if (folder / name).is_file())
    return Provenance(
        spec if isinstance(spec, str) else None,
        {str(name): str(one) for name, one in said.items()} if isinstance(said, dict) else {},
        {name: digest(folder / name) for name in files},
        files,
    )


def versions() -> dict[str, str]:
    """Of Python and the packages that matter."""
    found = {"python": platform.python_version()}
    for name in VERSIONS_OF:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
