"""Which job measured what."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots

Integers = NDArray[np.int64]

FEWEST = 10  # jobs: with fewer, their scatter is not known well enough
ENOUGH = 40  # jobs: with fewer, nor is how skewed it is; docs/statistics.md, "Jobs", has the rates
COLUMN = "job"


@dataclass(frozen=True)
class Jobs:
    """Which job every row belongs to.

    Attributes:
        codes: (rows,) 0 to count - 1, in the order of the numbers in their names.
        count: number of jobs.
        whole: every job by itself measures all that the design measures.
    """

    codes: Integers
    count: int
    whole: bool

    @property
    def usable(self) -> bool:
        """True if error bars can come from the scatter between jobs."""
        return self.whole and self.count >= FEWEST


def jobs_of(shots: Shots) -> Jobs | None:
    """The jobs of a data set; None if it names none, or one."""
    if COLUMN not in shots.extra.columns:
        return None
    names, codes = np.unique(shots.extra[COLUMN].astype(str), return_inverse=True)
    count = len(names)
    places = np.empty(count, dtype=np.int64)
    places[sorted(range(count), key=lambda job: _numbers_in(str(names[job])))] = np.arange(count)
    codes = places[codes]
    if count < 2:
        return None
    if shots.drawn:
        whole = True
        if shots.draws is not None:  # a draw that two jobs share makes them depend on each other
            whole = len(group_by(shots.draws, codes)) == len(group_by(shots.draws))
        # Draws of another kind alone say nothing of a correlator.
        whole &= len(np.unique(codes[shots.rules.uniform(shots.directions)])) == count
    else:
        settings = by_setting(shots.directions)
        whole = len(group_by(settings.index, codes)) == count * len(settings)
    return Jobs(codes, count, whole)


def _numbers_in(name: str) -> list[object]:
    """Text and numbers in turn: "job 10" comes after "job 9"."""
    key: list[object] = []
    for place, part in enumerate(re.split(r"(\d+)", name)):
        digits = part.lstrip("0")
        key.append((len(digits), digits) if place % 2 else part)
    return key
