"""What was added to a campaign: one record a part, written whole before any of its jobs is sent.

``parts/2.json`` holds the jobs of part 2 and names the record before it by its checksum, so that
none can be exchanged or taken out afterwards; ``parts/2.csv`` says which job measures which setting
in which order. The plan of the campaign itself stays as it was written.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.campaigns.folder import JOBS_FOLDER, PARTS_FOLDER, plain
from qbell.campaigns.jobs.jobs import Job
from qbell.campaigns.jobs.plan_record import check_of, jobs_in, table_in
from qbell.campaigns.parts import Part
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.errors import QbellError
from qbell.shots.read_shots import read_record
from qbell.util.atomic_files import to_json, write_atomically, write_text
from qbell.util.digests import digest

VERSION = 1


@dataclass(frozen=True)
class Added:
    """A part that was added to a campaign.

    Attributes:
        part: its number, its jobs and when it was registered.
        jobs: in the order of sending.
        orders: of each data job, its rows of the schedule in their order.
        directions: (rows, N) that it adds to the schedule; none where settings are listed.
        seed: of its settings and of their order in each job.
        check: checksum of its record.
    """

    part: Part
    jobs: tuple[Job, ...]
    orders: tuple[NDArray[np.int64], ...]
    directions: NDArray[np.uint8]
    seed: int
    check: str


def record_part(
    folder: Path, added: Added, schedule: Schedule, after: str, known: Mapping[str, str]
) -> None:
    """Write a part; its record, written last, marks it as registered.

    Args:
        folder: of the campaign.
        added: the part; its ``check`` is not looked at.
        schedule: with the rows that the part adds.
        after: checksum of the record before it.
        known: checksums of the shots that had landed, by the names of their files.
    """
    table_path, record_path = _paths(folder, added.part.number)
    parts = []
    data = (job for job in added.jobs if job.kind == "data")
    for job, rows in zip(data, added.orders, strict=True):
        words = schedule.rules.spell(schedule.directions[rows])
        parts.append(pd.DataFrame({"job": job.number, "row": rows, "setting": words}))
    table = pd.concat(parts)
    write_atomically(table_path, lambda path: table.to_csv(path, index=False))
    record = {
        "version": VERSION,
        **added.part.record,
        "after": after,
        "seed": added.seed,
        "jobs": [asdict(job) for job in added.jobs],
        "landed": dict(known),
        "sha256": digest(table_path),
    }
    record["check"] = check_of(plain(record))
    write_text(record_path, to_json(record) + "\n")


def added_to(folder: Path, after: str, last: int, schedule: Schedule) -> list[Added]:
    """The parts that were added to a campaign, in their order.

    Args:
        folder: of the campaign.
        after: checksum of its plan.
        last: number of the last job in it.
        schedule: of the campaign as it was planned.

    Raises:
        QbellError: a record that was changed, or is missing while its jobs are there.
    """
    found: list[Added] = []
    while _paths(folder, len(found) + 2)[1].exists():
        one = _read(folder, len(found) + 2, after, last, schedule)
        schedule = with_rows(schedule, one.directions)
        found.append(one)
        after, last = one.check, one.part.last
    for path in sorted((folder / JOBS_FOLDER).glob("*.json")):
        if path.stem.isdigit() and int(path.stem) > last:
            raise QbellError(
                f"{path} is of no part of this campaign; restore "
                f"{_paths(folder, len(found) + 2)[1]}"
            )
    return found


def with_rows(schedule: Schedule, directions: NDArray[np.uint8]) -> Schedule:
    """The schedule with further rows."""
    if not len(directions):
        return schedule
    return replace(schedule, directions=np.concatenate([schedule.directions, directions]))


def _read(folder: Path, number: int, after: str, last: int, schedule: Schedule) -> Added:
    table_path, path = _paths(folder, number)
    record = read_record(path)
    changed = f"was changed after part {number} was registered; restore it"
    try:
        if record["version"] != VERSION or record["part"] != number:
            raise QbellError(f"{path} is not the record of part {number}; restore it")
        if record.get("check") != check_of(record):
            raise QbellError(f"{path} {changed}")
        if record["after"] != after:
            raise QbellError(f"{path} belongs to another campaign; restore it")
        if not table_path.is_file() or digest(table_path) != record["sha256"]:
            raise QbellError(f"{table_path} {changed}")
        jobs = jobs_in(record["jobs"], last + 1)
        if type(record["seed"]) is not int or not isinstance(record["registered"], str):
            raise ValueError("its seed or its time is another kind of value")
        drawn = find_design(schedule.design).drawn
        start = len(schedule) if drawn else 0
        owners, rows, words = table_in(table_path, jobs, "setting", drawn=drawn, start=start)
        if not drawn and rows.max(initial=0) != len(schedule) - 1:
            raise ValueError(f"{table_path.name} has other settings")
        directions = np.zeros((0, schedule.num_qubits), dtype=np.uint8)
        if drawn:
            parse = find_design(schedule.design).parse
            directions = parse(words.tolist(), schedule.num_qubits)
        return Added(
            part=Part(number, jobs[0].number, jobs[-1].number, record["registered"]),
            jobs=jobs,
            orders=tuple(rows[owners == job.number] for job in jobs if job.kind == "data"),
            directions=directions,
            seed=record["seed"],
            check=record["check"],
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, QbellError):
            raise
        reason = " ".join(str(error).split())
        raise QbellError(f"{path} is damaged ({reason}); restore this file") from error


def _paths(folder: Path, number: int) -> tuple[Path, Path]:
    """The schedule of a part, and its record."""
    home = folder / PARTS_FOLDER
    return home / f"{number}.csv", home / f"{number}.json"
