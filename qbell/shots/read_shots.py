"""Shots of a file: a counts table, with the run.json beside it that says how they were taken."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import parse_axis
from qbell.designs import find_design
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS
from qbell.shots.flagged import PROVENANCES, Flagged
from qbell.shots.gather import gather, tally
from qbell.shots.importers.asked import checked_order, listed
from qbell.shots.importers.outcome_codes import checked_codes
from qbell.shots.importers.runtime_json import results_in
from qbell.shots.importers.shots_from import is_drawn, shots_from, with_job
from qbell.shots.importers.table import columns_of_shots, own_table
from qbell.shots.shots import Shots, from_frame
from qbell.shots.table_files import chunks_of, is_json, read_content, read_csv
from qbell.util.checks import whole_number
from qbell.util.digests import check_digest
from qbell.util.plain_files import read_bytes

if TYPE_CHECKING:
    import pandas as pd

COUNTS_FILE = "counts.csv"
RUN_FILE = "run.json"
DIGESTS = "sha256"  # in run.json: checksums by the name of the file
SIMULATION = "simulation"  # how the shots were simulated, in sentences
SETTINGS = "settings"
OF_STARS = "stars ="  # the argument
GRAPH = "graph"  # in run.json: the stars of a graph state


def read_shots(
    path: str | Path,
    design: str | None = None,
    *,
    order: int | None = None,
    axis: str | None = None,
    provenance: str | None = None,
    settings: Any = None,
    bit_order: Literal["last", "first"] | None = None,
    word_order: Literal["last", "first"] | None = None,
    letters: str | Mapping[Any, str] | None = None,
    outcomes: str | None = None,
    registers: str | Sequence[str] | None = None,
    columns: Mapping[str, str | Sequence[str] | None] | None = None,
    shots: int | Sequence[int] | None = None,
    kind: str | None = None,
    draws: Literal["circuits", "shots"] | None = None,
    num_qubits: int | None = None,
    job: int | str | None = None,
    stars: StarGraph | None = None,
) -> Shots:
    """Read a table of counts, the result of a job in JSON, or the folder of a run.

    A folder (or its ``counts.csv``) brings ``run.json``, which says how the shots were taken. For
    a bare table the design is inferred where only one reading is possible, and noted: a column
    ``draw`` means random, or random3 if a letter Z occurs; angles j/(N+1) mean equatorial; all 2^N
    words of X and Y with equal shots and no draws mean full, all 3^N of X, Y and Z pauli. Otherwise
    say it with ``design``. In a random design without draws every shot counts as its own draw.

    By their names, ``.csv``, ``.tsv``, ``.csv.gz``, ``.tsv.gz`` and ``.parquet`` are tables (other
    names are read as CSV), and ``.json`` is what `qiskit_ibm_runtime.RuntimeEncoder` writes of a
    result, Braket's or pytket's dictionaries, or counts; these need ``settings``, unless they say
    them themselves. How data are read is said as in `qbell.shots_from`.

    Args:
        path: a table with columns setting, bitstring, count (others are kept), a JSON file, or a
            run's folder.
        design: a key of `qbell.designs.DESIGNS`.
        order: of a covering design, verified; None takes the largest that the settings cover (up
            to 4, or N if all settings are there) and notes it.
        axis: the generator's axis, ``z`` unless run.json or this says otherwise.
        provenance: ``raw``, ``heralded``, ``mitigated`` or ``post-selected``; bare files count as
            raw, with a column ``flags`` as post-selected. ``heralded`` says that flags alone chose
            the shots, and were read before the settings acted.
        settings: of the circuits in a JSON file, as in `qbell.shots_from`, or the path of a file
            with a column ``setting``.
        bit_order: ``last`` (None) or ``first``: which bit of a bitstring is qubit 0.
        word_order: the same for the letters of settings.
        letters: how settings are written, as in `qbell.shots_from`: for example ``paulis``.
        outcomes: how outcomes in one column a qubit are written, as in `qbell.shots_from`.
        registers: to join, of results with several; that of qubit 0 first.
        columns: setting, bitstring, count, draw, job -> names in the table; lists of names for one
            column a qubit, qubit 0 first; ``"count": None`` for one row a shot.
        shots: number of shots that probabilities in a JSON file belong to.
        kind: whose result a JSON file holds, as in `qbell.shots_from`.
        draws: what one draw is, of the circuits in a JSON file, as in `qbell.shots_from`.
        num_qubits: N, where neither settings nor outcomes show it.
        job: of all these shots, as a column.
        stars: of a bare table of design stars: which qubits are centres and leaves.

    Returns:
        The shots; ``notes`` says what was inferred.

    Raises:
        QbellError: the file is not such a table or result, says something impossible, or
            contradicts run.json or ``design``; the message names the row (the header is row 1).

    >>> read_shots("experiments/data/ghz_n=3.csv").num_qubits
    3
    """
    path = Path(path)
    reading = {
        "bit_order": bit_order,
        "word_order": word_order,
        "letters": letters,
        "outcomes": outcomes,
        "columns": columns,
        "job": job,
    }
    of_results = {
        "settings": settings,
        "registers": registers,
        "shots": shots,
        "kind": kind,
        "draws": draws,
        "num_qubits": num_qubits,
    }
    counts_path = path / COUNTS_FILE if _is_folder(path) else path
    if counts_path != path and not counts_path.is_file():
        raise QbellError(f"{path} is a folder without {COUNTS_FILE}; give a CSV or a run's folder")
    run_path = counts_path.with_name(RUN_FILE)
    if counts_path.name == COUNTS_FILE and run_path.exists():
        says = f"{run_path} says how these shots are written"
        _refuse({**reading, **of_results, OF_STARS: stars}, says)
        return _of_run(counts_path, run_path, design, order, axis, provenance)
    if is_json(path):
        _refuse({OF_STARS: stars}, f"{path} is no table")
        return _of_json(path, design, order, axis, provenance, {**reading, **of_results})
    _refuse(of_results, f"{path} is a table, whose columns say it")
    made = _of_table(path, design, order, axis, provenance, reading)
    if stars is not None:
        made.rules.check_stars(stars, made.num_qubits)
        made = replace(made, stars=stars)
    assumed = [f"axis {made.axis.name}"] if axis is None else []
    assumed += ["raw counts"] if provenance is None and made.flagged is None else []
    if not assumed:
        return made
    note = f"no run.json beside the file: {', '.join(assumed)} assumed"
    return replace(made, notes=(*made.notes, note))


def _of_table(
    path: Path,
    design: str | None,
    order: int | None,
    axis: str | None,
    provenance: str | None,
    reading: dict[str, Any],
) -> Shots:
    """The shots of a bare table."""
    name, job = str(path), reading.pop("job")
    table, times = _rows(path, reading["columns"], drawn=is_drawn(design))
    if any(value is not None for value in reading.values()):
        table = own_table(
            table,
            name=name,
            axis=parse_axis(axis or "z"),
            drawn=is_drawn(design),
            columns=reading["columns"],
            letters=reading["letters"],
            outcomes=checked_codes(reading["outcomes"]),
            bit_order=checked_order(reading["bit_order"], "bit_order"),
            word_order=checked_order(reading["word_order"], "word_order"),
            times=times,
        )
    return from_frame(
        with_job(table, job),
        design,
        order=order,
        axis=axis or "z",
        provenance=provenance,
        name=name,
    )


def _rows(
    path: Path, columns: Any, *, drawn: bool
) -> tuple[pd.DataFrame, NDArray[np.int64] | None]:
    """The rows of a table; of a long one of one row a shot the different ones, and how often."""
    chunks = chunks_of(path)
    few = list(islice(chunks, 2))
    keys = None if drawn or len(few) < 2 else columns_of_shots(few[0][:0], columns, str(path))
    if keys is None:
        return gather(chain(few, chunks), str(path)), None
    return tally(chain(few, chunks), keys, str(path))


def _of_json(
    path: Path,
    design: str | None,
    order: int | None,
    axis: str | None,
    provenance: str | None,
    reading: dict[str, Any],
) -> Shots:
    """The shots of a result; a result may stand beside its settings in one object."""
    data = results_in(read_content(path), path)
    if isinstance(data, Mapping) and SETTINGS in data:
        rest = [key for key in data if key != SETTINGS]
        if len(rest) != 1 or reading["settings"] is not None:
            raise QbellError(
                f"{path}: beside {SETTINGS} expected one result and none in the call; found "
                f"{listed(rest) or 'nothing'}"
            )
        reading["settings"], data = data[SETTINGS], data[rest[0]]
    elif isinstance(reading["settings"], str) and "." in reading["settings"]:  # no word
        reading["settings"] = Path(reading["settings"])
    try:
        return shots_from(
            data, design=design, order=order, axis=axis, provenance=provenance, **reading
        )
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error


def _of_run(
    counts_path: Path,
    run_path: Path,
    design: str | None,
    order: int | None,
    axis: str | None,
    provenance: str | None,
) -> Shots:
    """The shots of a run, as run.json says."""
    record = read_record(run_path)
    given = {"design": design, "axis": axis, "provenance": provenance, "order": order}
    _check_record(record, run_path, given)
    graph = record.get(GRAPH)
    shots = from_frame(
        read_csv(counts_path),
        record["design"],
        order=record.get("order"),
        axis=record["axis"],
        provenance=record["provenance"],
        name=str(counts_path),
        stars=None if graph is None else StarGraph.of_record(graph, str(run_path)),
    )
    for key, found in _content(shots).items():
        if record.get(key, found) != found:
            raise QbellError(
                f"{run_path} says {key} = {record[key]} but {counts_path} has {key} = {found}: "
                "they are not from one run; restore the one that changed, or analyse the CSV under "
                "another name"
            )
    digests = record.get(DIGESTS)
    if isinstance(digests, Mapping):
        check_digest(counts_path, digests.get(COUNTS_FILE), "it was measured")
    simulated = tuple(map(str, record.get(SIMULATION) or ()))
    return replace(
        shots,
        backend=record.get("backend"),
        seed=record.get("seed"),
        notes=(*shots.notes, *simulated),
    )


def _refuse(given: Mapping[str, Any], reason: str) -> None:
    """Refuse arguments that do not suit a file."""
    for name, value in given.items():
        if value is not None:
            raise QbellError(f"{reason}; leave {name} out")


def read_record(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``, or a `QbellError`."""
    try:
        record = json.loads(read_bytes(path).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # a ValueError: digits without end, too
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
        **({} if shots.stars is None else {GRAPH: shots.stars.record}),
        **({} if shots.flagged is None else {FLAGS: _of_flags(shots.flagged)}),
        **more,
    }


def _of_flags(flagged: Flagged) -> dict[str, int]:
    """How many flags there are, and what they left."""
    return {"number": flagged.num_flags, "accepted": flagged.kept, "rejected": flagged.lost}


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
    """Whether it is one; what cannot be asked is an error (`Path.is_dir` hides it since 3.14)."""
    try:
        return S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise QbellError(f"{str(path)[:60]}...: {error.strerror}; give another path") from error
