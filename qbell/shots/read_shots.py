"""Shots of a file: a counts table, with the run.json beside it that says how they were taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qbell.conventions.axes import parse_axis
from qbell.designs import find_design
from qbell.errors import QbellError
from qbell.shots.shots import PROVENANCES, Shots, from_frame
from qbell.shots.table_files import read_csv
from qbell.util.checks import whole_number

COUNTS_FILE = "counts.csv"
RUN_FILE = "run.json"


def read_shots(
    path: str | Path,
    design: str | None = None,
    *,
    order: int | None = None,
    axis: str | None = None,
    provenance: str | None = None,
) -> Shots:
    """Read a counts table, or the folder of a run.

    A folder (or its ``counts.csv``) brings ``run.json``, which says how the shots were taken. For
    a bare CSV the design is inferred where only one reading is possible, and noted: a column
    ``draw`` means random, or random3 if a letter Z occurs; angles j/(N+1) mean equatorial; all 2^N
    settings with equal shots and no draws mean full. Otherwise say it with ``design``. In a random
    design without draws every shot counts as its own draw.

    Args:
        path: a CSV with columns setting, bitstring, count (others are kept), or a run's folder.
        design: a key of `qbell.designs.DESIGNS`.
        order: of a covering design, verified; None takes the largest that the settings cover (up
            to 4, or N if all settings are there) and notes it.
        axis: the generator's axis, ``z`` unless run.json or this says otherwise.
        provenance: ``raw``, ``mitigated`` or ``post-selected``; bare files count as raw.

    Returns:
        The shots; ``notes`` says what was inferred.

    Raises:
        QbellError: the file is not such a table, says something impossible, or contradicts
            run.json or ``design``; the message names the row (the header is row 1).

    >>> read_shots("experiments/data/ghz_n=3.csv").num_qubits
    3
    """
    path = Path(path)
    counts_path = path / COUNTS_FILE if _is_folder(path) else path
    if counts_path != path and not counts_path.is_file():
        raise QbellError(f"{path} is a folder without {COUNTS_FILE}; give a CSV or a run's folder")
    run_path = counts_path.with_name(RUN_FILE)
    table = read_csv(counts_path)
    if counts_path.name != COUNTS_FILE or not run_path.exists():
        shots = from_frame(
            table,
            design,
            order=order,
            axis=axis or "z",
            provenance=provenance or "raw",
            name=str(counts_path),
        )
        assumed = [f"axis {shots.axis.name}"] if axis is None else []
        assumed += ["raw counts"] if provenance is None else []
        if assumed:
            note = f"no run.json beside the file: {', '.join(assumed)} assumed"
            shots = replace(shots, notes=(*shots.notes, note))
        return shots
    record = read_record(run_path)
    given = {"design": design, "axis": axis, "provenance": provenance, "order": order}
    _check_record(record, run_path, given)
    shots = from_frame(
        table,
        record["design"],
        order=record.get("order"),
        axis=record["axis"],
        provenance=record["provenance"],
        name=str(counts_path),
    )
    for key, found in _content(shots).items():
        if record.get(key, found) != found:
            raise QbellError(
                f"{run_path} says {key} = {record[key]} but {counts_path} has {key} = {found}: "
                "they are not from one run; restore the one that changed, or analyse the CSV under "
                "another name"
            )
    return replace(shots, backend=record.get("backend"), seed=record.get("seed"))


def read_record(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``, or a `QbellError`."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        reason = str(error).splitlines()[0][:100]
        raise QbellError(f"{path} is not readable JSON ({reason}); restore or remove it") from error
    if not isinstance(record, dict):
        raise QbellError(f"{path} holds no JSON object; restore or remove it")
    return record


def run_record(shots: Shots, more: Mapping[str, Any]) -> dict[str, Any]:
    """What ``run.json`` says of ``shots``, followed by ``more``."""
    axis = shots.axis
    named = axis.name in ("x", "y", "z")
    return {
        **_content(shots),
        "axis": axis.name if named else list(axis.xi),
        "directions": {"X": axis.sigma_1, "Y": axis.sigma_2, "Z": axis.xi},
        "design": shots.design,
        "order": shots.order,
        "seed": shots.seed,
        "backend": shots.backend,
        "provenance": shots.provenance,
        **more,
    }


def _content(shots: Shots) -> dict[str, int | None]:
    """What both run.json says and the counts show."""
    return {
        "n": shots.num_qubits,
        "settings": shots.num_settings,
        "draws": shots.num_draws,
        "shots": shots.shots_per_setting,
        "total_shots": shots.total,
    }


def _check_record(record: dict[str, Any], path: Path, given: Mapping[str, Any]) -> None:
    """Refuse a run.json that says nothing usable, or something else than the caller."""
    try:
        if "design" not in record:
            raise QbellError("it has no design")
        kind = find_design(record["design"])
        for key in given:
            if key not in record and (key != "order" or kind.needs_order):
                raise QbellError(f"it has no {key}")
        if record["provenance"] not in PROVENANCES:
            raise QbellError(f"provenance {record['provenance']!r} is unknown")
        if kind.needs_order:
            whole_number("order", record["order"], least=1)
        elif record.get("order") is not None:
            raise QbellError(f"order = {record['order']!r}, but design {record['design']} has none")
        parse_axis(record["axis"])
    except QbellError as error:
        raise QbellError(f"{path}: {error}; restore this file, or remove it") from error
    for key, value in given.items():
        if value is not None and value != record.get(key):
            raise QbellError(
                f"--{key} {value}, but {path} says {record.get(key, 'none')}; leave --{key} out, "
                "or analyse the CSV under another name"
            )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise QbellError(f"{str(path)[:60]}...: {error.strerror}; give another path") from error
