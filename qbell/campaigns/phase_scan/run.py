"""The run of a phase scan: registered, measured, estimated and written, once in a folder."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from qbell.campaigns.folder import (
    SCAN_FILE,
    SPEC_FILE,
    SUMMARY_FILE,
    plain,
    versions,
    write_spec,
)
from qbell.campaigns.phase_scan.spec import SCAN, ScanSpec, is_scan, read_scan
from qbell.circuits.measurement import checked
from qbell.conventions.axes import parse_axis
from qbell.designs import DEFAULT
from qbell.devices.backends import find_backend
from qbell.errors import QbellError
from qbell.estimator.phase_scan.scan_qfi import ScanResult, scan_qfi
from qbell.report.phase_scan import summarize_scan
from qbell.report.summary import known_values
from qbell.sampling.phase_scan import phase_scan
from qbell.shots.phase_scan import PhaseScan, angles_of
from qbell.shots.read_shots import DIGESTS, RUN_FILE, read_record
from qbell.simulation.draw_outcomes import check_noisy_size
from qbell.states.base import preparation_of
from qbell.util.atomic_files import to_json, write_atomically, write_text
from qbell.util.checks import whole_number
from qbell.util.digests import check_digest, digest
from qbell.util.lock import locked

COUNTS_OF_SCAN = "scan.csv"
HELLINGER_FILE, COHERENCES_FILE = "hellinger.csv", "coherences.csv"


@dataclass(frozen=True)
class ScanOutcome:
    """A finished scan.

    Attributes:
        result: the limit and the estimates beside it.
        summary: everything worth printing, as plain data; what ``--json`` shows.
        folder: where the files are.
        resumed: True if the shots were already there.
    """

    result: ScanResult
    summary: dict[str, Any]
    folder: Path
    resumed: bool


def run_scan(spec: ScanSpec, folder: Path, *, seed: int | None = None) -> ScanOutcome:
    """Measure a phase scan into ``folder`` and estimate; again, if its shots are there, only that.

    Angles and pair are registered before the first shot: in a folder that holds shots they cannot
    be changed.

    Raises:
        QbellError: anything wrong with the state, or a folder with other shots or another
            registration.
    """
    with locked(folder):
        seed = spec.campaign.seed if seed is None else seed
        state = spec.campaign.state()
        device = find_backend(spec.campaign.backend)
        check_noisy_size(state.num_qubits, device)
        preparation = checked(preparation_of(state, device, measured=True))
        earlier = _earlier(spec, folder, seed)
        if earlier is None:
            write_spec(spec.campaign, folder)
            scan = phase_scan(
                preparation,
                spec.angles,
                spec.read_out,
                shots=spec.shots,
                axis=spec.axis,
                pair=None if spec.learns else spec.pair,
                backend=device,
                seed=secrets.randbits(32) if seed is None else seed,
            )
            scan = replace(scan, backend=spec.campaign.backend)
            _write(scan, spec, folder)
        else:
            scan = earlier
            write_text(folder / SPEC_FILE, spec.campaign.portable_text())
        result = scan_qfi(
            scan,
            spec.campaign.confidence,
            pair="learn" if spec.learns else None,
            held_out=spec.held_out,
            seed=scan.seed or 0,
        )
        known = known_values(state, scan.axis, device, DEFAULT, preparation)
        family = spec.campaign.family or getattr(spec.campaign.circuit, "name", None)
        summary = summarize_scan(
            result, family=family, u=spec.campaign.parameters.get("u"), known=known
        )
        _write_results(result, summary, folder)
    return ScanOutcome(result, summary, folder, resumed=earlier is not None)


def holds_scan(folder: Path) -> bool:
    """Whether a folder holds the shots of a scan."""
    return (folder / SCAN_FILE).is_file()


def analyze_scan(folder: Path) -> ScanOutcome:
    """The estimates of the scan in a folder once more, as its own spec says.

    Raises:
        QbellError: its spec is not there, or its files were changed.
    """
    if not is_scan(folder / SPEC_FILE):
        raise QbellError(
            f"{folder / SPEC_FILE} is not the spec of the scan that {SCAN_FILE} records; restore it"
        )
    return run_scan(read_scan(folder / SPEC_FILE), folder)


def _earlier(spec: ScanSpec, folder: Path, seed: int | None) -> PhaseScan | None:
    """The scan already in ``folder``, if it was registered as this spec says."""
    path, wanted = folder / SCAN_FILE, plain(spec.registered())
    stopped = folder / SPEC_FILE  # of a run that has no record yet
    other = (folder / RUN_FILE).exists() or (stopped.exists() and not is_scan(stopped))
    if other:
        raise QbellError(f"{folder} holds another campaign; give another folder with --out")
    if not path.exists() and not stopped.exists():
        return None
    record = read_record(path) if path.exists() else None
    known = plain(read_scan(stopped).registered()) if record is None else record.get("registered")
    if known != wanted:
        raise QbellError(
            f"{folder} holds a scan that was registered with other {_differs(known, wanted)}; what "
            "is chosen after shots were seen needs new shots: give another folder with --out"
        )
    if record is None:
        return None
    if seed is not None and record.get("seed") != seed:
        raise QbellError(
            f"{folder} holds the scan of seed {record.get('seed')}; give another folder with --out"
        )
    counts = folder / COUNTS_OF_SCAN
    digests = record.get(DIGESTS)
    if not isinstance(digests, Mapping) or not isinstance(digests.get(COUNTS_OF_SCAN), str):
        raise QbellError(f"{path} has no checksum of {COUNTS_OF_SCAN}; restore this file")
    check_digest(counts, digests[COUNTS_OF_SCAN], "it was measured")
    table = pd.read_csv(counts)
    turns = angles_of(spec.angles)
    pair = None if spec.learns or spec.pair is None else angles_of(spec.pair)
    return PhaseScan(
        angles=turns,
        successes=tuple(table["successes"].tolist()),
        shots=tuple(table["shots"].tolist()),
        read_out=spec.read_out,
        num_qubits=whole_number(f"{path}: n", record.get("n"), least=2),
        axis=parse_axis(spec.axis),
        pair=None if pair is None else (_nearest(pair[0], turns), _nearest(pair[1], turns)),
        backend=record.get("backend"),
        seed=whole_number(f"{path}: seed", record.get("seed"), least=0),
    )


def _nearest(angle: float, turns: tuple[float, ...]) -> int:
    return min(range(len(turns)), key=lambda place: abs(turns[place] - angle))


def _differs(known: object, wanted: dict[str, Any]) -> str:
    """What is not as it was registered, in words."""
    if not isinstance(known, Mapping):
        return "settings"
    tables = {key: (known.get(key), wanted[key]) for key in wanted if known.get(key) != wanted[key]}
    before, now = tables.pop(SCAN, (None, None))
    names = list(tables)
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        names += [key for key in now if before.get(key) != now[key]]
    return ", ".join(names) or "settings"


def _write(scan: PhaseScan, spec: ScanSpec, folder: Path) -> None:
    """Counts, then the record: with it there, the counts are known to be whole."""
    scan.to_csv(folder / COUNTS_OF_SCAN)
    record = {
        "n": scan.num_qubits,
        "seed": scan.seed,
        "backend": scan.backend,
        "registered": spec.registered(),
        "spec": spec.campaign.portable_text(),
        "versions": versions(),
        DIGESTS: {COUNTS_OF_SCAN: digest(folder / COUNTS_OF_SCAN)},
    }
    write_text(folder / SCAN_FILE, to_json(record) + "\n")


def _write_results(result: ScanResult, summary: dict[str, Any], folder: Path) -> None:
    """Tables, where there are any, and the summary."""
    tables = {
        HELLINGER_FILE: None if result.hellinger is None else result.hellinger.curve,
        COHERENCES_FILE: None if result.coherences is None else result.coherences.table,
    }
    for name, table in tables.items():
        if table is not None:
            write_atomically(folder / name, partial(table.to_csv, index=False))
    write_text(folder / SUMMARY_FILE, to_json(summary) + "\n")
