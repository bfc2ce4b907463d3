"""Which jobs belong to which part of a campaign, as run.json says it beside the shots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.estimator.jobs import COLUMN
from qbell.shots.shots import Shots

PARTS = "parts"  # in run.json


@dataclass(frozen=True)
class Part:
    """A part of a campaign.

    Attributes:
        number: 1 for the campaign as it was planned, 2, 3, ... for what was added.
        first, last: numbers of its jobs.
        registered: when, ISO 8601 in UTC.
    """

    number: int
    first: int
    last: int
    registered: str

    @property
    def record(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "part": self.number,
            "first_job": self.first,
            "last_job": self.last,
            "registered": self.registered,
        }


def parts_in(record: Mapping[str, Any], where: str) -> tuple[Part, ...]:
    """The parts that a run.json lists; none of a campaign that nothing was added to.

    Raises:
        QbellError: something else stands there.
    """
    listed = record.get(PARTS, [])
    problem = f"{where}: {PARTS} does not list parts and their jobs; restore this file"
    if not isinstance(listed, list):
        raise QbellError(problem)
    parts: list[Part] = []
    for number, one in enumerate(listed, start=1):
        before = parts[-1].last if parts else 0
        if not isinstance(one, Mapping):
            raise QbellError(problem)
        first, last, registered = (one.get(k) for k in ("first_job", "last_job", "registered"))
        if type(first) is not int or type(last) is not int or not isinstance(registered, str):
            raise QbellError(problem)
        if one.get("part") != number or first != before + 1 or not first <= last < 2**31:
            raise QbellError(problem)
        parts.append(Part(number, first, last, registered))
    return tuple(parts)


def codes_of(shots: Shots, parts: Sequence[Part]) -> NDArray[np.int64]:
    """(rows,) the number of the part that each row belongs to; 1 where there is one alone.

    Raises:
        QbellError: shots of no part's jobs.
    """
    if not parts:
        return np.ones(len(shots.counts), dtype=np.int64)
    problem = QbellError(
        f"these shots are of jobs that run.json lists in none of its {PARTS}; restore both files"
    )
    if COLUMN not in shots.extra.columns:
        raise problem
    names = shots.extra[COLUMN].astype(str)
    if not names.str.fullmatch(r"\d{1,9}").all():
        raise problem
    jobs = names.to_numpy().astype(np.int64)
    codes = np.zeros(len(jobs), dtype=np.int64)
    for part in parts:
        codes[(jobs >= part.first) & (jobs <= part.last)] = part.number
    if not codes.all():
        raise problem
    return codes
