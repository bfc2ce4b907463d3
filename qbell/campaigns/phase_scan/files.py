"""The files of a phase scan: counts with the record of what was registered, and what they say."""

import io
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from qbell.campaigns.folder import (
    PLAN_FILE,
    SCAN_FILE,
    SPEC_FILE,
    SUMMARY_FILE,
    plain,
    versions,
)
from qbell.campaigns.scan_table import differs
from qbell.campaigns.spec import Spec, read_spec
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.estimator.phase_scan.scan_qfi import ScanResult
from qbell.shots.phase_scan import SAME, PhaseScan
from qbell.shots.read_shots import DIGESTS, RUN_FILE, read_record
from qbell.util.atomic_files import to_json, write_atomically, write_text
from qbell.util.checks import whole_number
from qbell.util.digests import check_digest, digest
from qbell.util.plain_files import read_bytes

COUNTS_OF_SCAN = "scan.csv"
HELLINGER_FILE, COHERENCES_FILE = "hellinger.csv", "coherences.csv"
NUMBER = re.compile(r"\d{1,15}")


def write_scan(
    scan: PhaseScan, spec: Spec, folder: Path, more: Mapping[str, Any] | None = None
) -> None:
    """Counts, then the record: with it there, the counts are known to be whole.

    Args:
        scan: the counts.
        spec: that registered them.
        folder: where to.
        more: of the record: how the device was used, and checksums of further files.
    """
    scan.to_csv(folder / COUNTS_OF_SCAN)
    more = dict(more or {})
    digests = {COUNTS_OF_SCAN: digest(folder / COUNTS_OF_SCAN), **more.pop(DIGESTS, {})}
    record = {
        "n": scan.num_qubits,
        "seed": scan.seed,
        "backend": scan.backend,
        "registered": spec.sampling(),
        "spec": spec.portable_text(),
        "versions": versions(),
        **more,
        DIGESTS: digests,
    }
    write_text(folder / SCAN_FILE, to_json(record) + "\n")


def write_results(result: ScanResult, summary: dict[str, Any], folder: Path) -> None:
    """Tables, where there are any, and the summary."""
    tables = {
        HELLINGER_FILE: None if result.hellinger is None else result.hellinger.curve,
        COHERENCES_FILE: None if result.coherences is None else result.coherences.table,
    }
    for name, table in tables.items():
        if table is not None:
            write_atomically(folder / name, partial(table.to_csv, index=False))
    write_text(folder / SUMMARY_FILE, to_json(summary) + "\n")


def holds_scan(folder: Path) -> bool:
    """Whether a folder holds the shots of a scan."""
    return (folder / SCAN_FILE).is_file()


def earlier_scan(spec: Spec, folder: Path, seed: int | None) -> PhaseScan | None:
    """The scan already in ``folder``, if it was registered as this spec says; None if none is.

    Raises:
        QbellError: another campaign, another registration, or files that were changed.
    """
    assert spec.scan is not None
    path, wanted = folder / SCAN_FILE, plain(spec.sampling())
    stopped = folder / SPEC_FILE  # of a run that has no record yet
    other = (folder / RUN_FILE).exists()
    if other or (stopped.exists() and read_spec(stopped).scan is None):
        raise QbellError(f"{folder} holds another campaign; give another folder with --out")
    if not path.exists() and not stopped.exists():
        return None
    record = read_record(path) if path.exists() else None
    known = plain(read_spec(stopped).sampling()) if record is None else record.get("registered")
    refuse_changed(folder, known, wanted)
    if record is None:
        if (folder / PLAN_FILE).exists():
            raise QbellError(
                f"{folder} is a scan in jobs whose shots are not all here; bring them with: qbell "
                f"fetch {folder}"
            )
        return None
    if seed is not None and record.get("seed") != seed:
        raise QbellError(
            f"{folder} holds the scan of seed {record.get('seed')}; give another folder with --out"
        )
    check_scanned(folder, COUNTS_OF_SCAN, needed=True)
    turns = spec.scan.turns
    successes, shots = _counts_in(folder / COUNTS_OF_SCAN, turns, spec.scan.shots)
    backend = record.get("backend")
    if backend is not None and not isinstance(backend, str):
        raise QbellError(f"{path}: backend is {str(backend)[:40]!r}, expected a name; restore it")
    return PhaseScan(
        angles=turns,
        successes=successes,
        shots=shots,
        read_out=spec.scan.read_out,
        num_qubits=whole_number(f"{path}: n", record.get("n"), least=2),
        axis=parse_axis(spec.scan.axis),
        pair=spec.scan.places,
        backend=backend,
        seed=whole_number(f"{path}: seed", record.get("seed"), least=0),
    )


def refuse_changed(folder: Path, known: object, wanted: Mapping[str, Any]) -> None:
    """Refuse angles, a pair or anything else that was registered otherwise.

    Raises:
        QbellError: names what differs.
    """
    if known != wanted:
        raise QbellError(
            f"{folder} holds a scan that was registered with other {differs(known, wanted)}; what "
            "is chosen after shots were seen needs new shots: give another folder with --out"
        )


def check_scanned(folder: Path, name: str, *, needed: bool = False) -> None:
    """Refuse a file of a scan that was changed after it was measured.

    Raises:
        QbellError: its checksum is not that in scan.json, or is not there though ``needed``.
    """
    digests = read_record(folder / SCAN_FILE).get(DIGESTS)
    known = digests.get(name) if isinstance(digests, Mapping) else None
    if needed and not isinstance(known, str):
        raise QbellError(f"{folder / SCAN_FILE} has no checksum of {name}; restore this file")
    if needed or (folder / name).exists():
        check_digest(folder / name, known, "it was measured")


def _counts_in(
    path: Path, turns: tuple[float, ...], most: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Successes and shots of each angle."""
    problem = QbellError(
        f"{path} does not hold successes and shots of the {len(turns)} angles that were "
        "registered; restore it"
    )
    try:
        table = pd.read_csv(io.BytesIO(read_bytes(path)), dtype=str, keep_default_na=False)
        angles = [float(word) for word in table["angle"]]
        columns = table["successes"].tolist(), table["shots"].tolist()
    except (OSError, ValueError, KeyError) as error:
        raise problem from error
    whole = all(NUMBER.fullmatch(word) for column in columns for word in column)
    same = len(angles) == len(turns) and all(
        abs(angle - turn) < SAME for angle, turn in zip(angles, turns, strict=True)
    )
    if not whole or not same:
        raise problem
    successes, shots = (tuple(map(int, column)) for column in columns)
    if max(shots) > most:
        raise problem
    return successes, shots
