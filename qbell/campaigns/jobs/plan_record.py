"""The record of a plan as it stands in a file: every value checked before it is used.

Checksums find what was changed by accident. These checks find what was changed with them.
"""

import hashlib
import io
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.campaigns.jobs.jobs import Job
from qbell.devices.decoupling import SEQUENCES
from qbell.util.atomic_files import to_json
from qbell.util.plain_files import read_bytes

Table = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]
LARGEST = 2**53
NUMBER = r"\d{1,15}"


def check_of(record: Mapping[str, Any], *free: str) -> str:
    """Checksum of what must not change in a record: all but ``check`` and the ``free`` keys."""
    settled = {key: value for key, value in record.items() if key not in ("check", *free)}
    return hashlib.sha256(to_json(settled).encode()).hexdigest()


def check_record(record: Mapping[str, Any]) -> None:
    """Refuse values of campaign.json that are of another kind than a plan's.

    Raises:
        ValueError: names the value.
    """
    tests: dict[str, Callable[[Any], bool]] = {
        "campaign": _is_text,
        "created": _is_time,
        "n": lambda value: _is_whole(value) and value >= 1,
        "seed": _is_whole,
        "settings_seed": lambda value: value is None or _is_whole(value),
        "order": lambda value: value is None or _is_whole(value),
        "wires": lambda value: isinstance(value, list) and all(map(_is_whole, value)),
        "duration": _is_length,
        "delay": _is_length,
        "dynamical_decoupling": lambda value: value is None or value in list(SEQUENCES),
        "twirling": lambda value: isinstance(value, bool),
        "notes": lambda value: isinstance(value, list) and all(map(_is_text, value)),
        "where": _is_text,
        "hardware": lambda value: isinstance(value, Mapping),
        "sha256": lambda value: isinstance(value, Mapping) and all(map(_is_text, value.values())),
    }
    for key, test in tests.items():
        if not test(record[key]):
            raise ValueError(f"{key} is {str(record[key])[:40]!r}")
    if not isinstance(record.get("waiting", True), bool):
        raise ValueError(f"waiting is {str(record['waiting'])[:40]!r}")


def jobs_in(listed: Any, first: int = 1) -> tuple[Job, ...]:
    """The jobs of a record, numbered from ``first`` on.

    Raises:
        ValueError: other numbers, or a value of another kind.
    """
    if not isinstance(listed, list) or not listed:
        raise ValueError("no list of jobs")
    jobs = []
    for number, one in enumerate(listed, start=first):
        job = Job(**one)
        sizes = (job.circuits, job.shots, job.randomizations)
        whole = all(_is_whole(size) and size >= 1 for size in sizes) and _is_whole(job.number)
        if not whole or job.number != number or job.kind not in ("data", "reference"):
            raise ValueError(f"job {number} is {str(one)[:60]}")
        jobs.append(job)
    if not any(job.kind == "data" for job in jobs):
        raise ValueError("no job with data")
    return tuple(jobs)


def table_in(
    path: Path, jobs: tuple[Job, ...], column: str, *, drawn: bool, start: int = 0
) -> Table:
    """Which job measures which row: job, row and word of each line.

    Args:
        path: of the CSV.
        jobs: all that it may name.
        column: with the words: settings, or angles.
        drawn: each row is measured by one job alone; else by every job.
        start: number of the first row; rows of drawn settings then follow each other.

    Raises:
        ValueError: a row, job or word that does not fit the jobs.
    """
    try:
        table = pd.read_csv(io.BytesIO(read_bytes(path)), dtype=str, keep_default_na=False)
    except ValueError as error:
        raise ValueError(f"{path.name}: {' '.join(str(error).split())}") from error
    for name in ("job", "row"):
        if not table[name].str.fullmatch(NUMBER).all():
            raise ValueError(f"{path.name}: column {name} holds no whole numbers")
    owners, rows = (table[name].to_numpy().astype(np.int64) for name in ("job", "row"))
    words = table[column].to_numpy()
    expected = np.repeat(
        [job.number for job in jobs if job.kind == "data"],
        [job.circuits for job in jobs if job.kind == "data"],
    )
    if not np.array_equal(owners, expected):
        raise ValueError(f"{path.name} names other jobs, or another number of {column}s")
    count = len(np.unique(rows))
    wanted = np.arange(start, start + count)
    each = [rows] if drawn else [rows[owners == number] for number in np.unique(owners)]
    if not all(np.array_equal(np.sort(part), wanted) for part in each):
        raise ValueError(f"{path.name}: rows are missing, or come twice")
    if len(set(zip(rows.tolist(), words.tolist(), strict=True))) != count:
        raise ValueError(f"{path.name}: a row has two {column}s")
    return owners, rows, words


def _is_whole(value: Any) -> bool:
    return type(value) is int and 0 <= value < LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_length(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value < LARGEST


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
