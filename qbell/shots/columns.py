"""The columns of a counts table: taking rows, and appending another table of the same experiment.

What they mean as shots of a design is said in `qbell.shots.shots.Shots`, whose `take` and `+` are
made of this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.errors import QbellError
from qbell.shots.grouping import group_by
from qbell.util.table_cells import LARGEST
from qbell.util.unique_rows import row_numbers

if TYPE_CHECKING:
    import pandas as pd

Integers = NDArray[np.int64]

JOB = "job"
FLAGS = "flags"  # of ancillas; rows where one is 1 are rejected
NUMBER = r"\d{1,12}"
SURELY_REPEATED = 40  # letters of settings that agree: by chance once in 2^40


@dataclass(frozen=True)
class Columns:
    """One row is one (setting, outcome), or one per draw or job; see `qbell.shots.shots.Shots`.

    Attributes:
        directions, bits: (rows, N); column k is qubit k.
        counts: (rows,) how often.
        draws: (rows,) number of the draw; None without.
        extra: further columns; empty if there are none.
    """

    directions: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    counts: Integers
    draws: Integers | None
    extra: pd.DataFrame

    def take(self, chosen: NDArray[np.bool_]) -> Columns:
        """The rows where ``chosen`` (rows,) is True, in their order."""
        return Columns(
            self.directions[chosen],
            self.bits[chosen],
            self.counts[chosen],
            None if self.draws is None else self.draws[chosen],
            self.extra[chosen].reset_index(drop=True) if len(self.extra.columns) else self.extra,
        )

    def keys(self, *, outcomes: bool, only: tuple[str, ...] | None = None) -> list[Integers]:
        """(rows,) numbers that are equal where rows agree in setting, draw and further columns.

        Args:
            outcomes: whether they have to agree in the outcome too.
            only: names of further columns that count; None for all.
        """
        keys = [row_numbers(self.directions)]
        if outcomes:
            keys.append(row_numbers(self.bits))
        if self.draws is not None:
            keys.append(self.draws)
        for name in self.extra.columns:
            if only is None or name in only:
                import pandas as pd

                keys.append(pd.factorize(self.extra[name].astype(str))[0].astype(np.int64))
        return keys

    def append(self, other: Columns) -> Columns:
        """These rows, then those of ``other``, equal ones added up; see `Shots.__add__`.

        Raises:
            QbellError: both hold the same shots, or their rows cannot be told apart.
        """
        if self.same_as(other):
            raise QbellError(
                "both data sets hold the same rows: added up, every shot would count twice; leave "
                "one out, or number them apart in a column job if they were measured separately"
            )
        draws = self.draws
        if draws is not None and other.draws is not None:
            draws = np.concatenate([draws, _draws_after(self, other, draws, other.draws)])
        extra = other.extra
        if JOB in extra:
            extra = extra.assign(**{JOB: _jobs_after(self.extra[JOB], extra[JOB])})
        if len(extra.columns):
            import pandas as pd

            extra = pd.concat([self.extra, extra[list(self.extra.columns)]], ignore_index=True)
        return Columns(
            np.concatenate([self.directions, other.directions]),
            np.concatenate([self.bits, other.bits]),
            np.concatenate([self.counts, other.counts]),
            draws,
            extra,
        ).added_up()

    def added_up(self) -> Columns:
        """Equal rows as one, with the sum of their counts; the first of them keeps its place."""
        groups = group_by(*self.keys(outcomes=True))
        units = group_by(*self.keys(outcomes=True, only=("draw", JOB, FLAGS)))
        if len(units) < len(groups):
            names = [name for name in self.extra.columns if name not in ("draw", JOB, FLAGS)]
            raise QbellError(
                "the data sets have equal settings and outcomes that differ in column "
                f"{' or '.join(map(str, names))} alone; number them apart in a column job"
            )
        counts = groups.sums(self.counts)
        if counts.max() > LARGEST:
            raise QbellError(f"a setting's outcome came more than {LARGEST} times in all; check it")
        place = np.argsort(groups.first)
        chosen = np.zeros(len(self.counts), dtype=bool)
        chosen[groups.first] = True
        return replace(self.take(chosen), counts=counts[place])

    def same_as(self, other: Columns) -> bool:
        """True if all rows but their draws are equal, in whatever order they stand."""
        if len(self.counts) != len(other.counts):
            return False
        ours, theirs = (table.sorted_text() for table in (self, other))
        return ours.equals(theirs)

    def overlaps(self, other: Columns) -> bool:
        """True if both have a draw number in common; without draws, a setting (of one job)."""
        if self.draws is not None and other.draws is not None:
            return bool(np.isin(self.draws, other.draws).any())
        jobs = [
            table.extra[JOB].astype(str).to_numpy() if JOB in table.extra else None
            for table in (self, other)
        ]
        ours, theirs = (
            {(row.tobytes(), None if job is None else job[place]) for place, row in enumerate(rows)}
            for rows, job in zip((self.directions, other.directions), jobs, strict=True)
        )
        return bool(ours & theirs)

    def sorted_text(self) -> pd.DataFrame:
        """Settings, outcomes, counts and further columns as one sorted table, without draws."""
        import pandas as pd

        table = pd.DataFrame(
            {
                "setting": [row.tobytes() for row in self.directions],
                "bitstring": [row.tobytes() for row in self.bits],
                "count": self.counts,
            }
        )
        for name in self.extra.columns:
            table[f"extra {name}"] = self.extra[name].astype(str).to_numpy()
        return table.sort_values(list(table.columns), ignore_index=True)


def chosen_rows(rows: ArrayLike, count: int) -> NDArray[np.bool_]:
    """``rows`` as a mask (count,), from a mask or from positions.

    Raises:
        QbellError: neither of them, or no row; positions out of range or named twice.
    """
    given = np.asarray(rows)
    if given.ndim != 1 or given.dtype.kind not in "biu" or len(given) == 0:
        raise QbellError(
            f"rows to take: expected a mask of {count} True or False, or positions of rows; got "
            f"an array of shape {given.shape} and type {given.dtype}"
        )
    chosen = np.zeros(count, dtype=bool)
    if given.dtype.kind == "b":
        if len(given) != count:
            raise QbellError(f"a mask of {len(given)} for {count} rows; give one value a row")
        chosen = given.copy()
    else:
        outside = given[(given < 0) | (given >= count)]
        if len(outside):
            raise QbellError(f"row {outside[0]} of {count} rows; give positions 0 to {count - 1}")
        chosen[given] = True
        if chosen.sum() < len(given):
            raise QbellError("a row is named twice, and would count twice; name each row once")
    if not chosen.any():
        raise QbellError("no row is taken; choose one or more")
    return chosen


def _draws_after(first: Columns, second: Columns, ours: Integers, theirs: Integers) -> Integers:
    """Draws of ``second`` by numbers that are none of ``first``; kept if they are so already."""
    shared, mine, others = np.intersect1d(ours, theirs, return_indices=True)
    if len(shared) == 0:
        return theirs
    settings = first.directions[mine]
    if settings.size >= SURELY_REPEATED and np.array_equal(settings, second.directions[others]):
        raise QbellError(
            f"the {len(shared)} draws that both data sets number alike have the same settings: "
            "they were not drawn anew, and draws that repeat bias the estimates; measure with "
            "another seed"
        )
    shift = int(ours.max()) + 1 - int(theirs.min())
    if int(theirs.max()) + shift > LARGEST:
        raise QbellError(f"draws would be numbered above {LARGEST}; number them from 0 in both")
    return theirs + shift


def _jobs_after(ours: pd.Series, theirs: pd.Series) -> Any:
    """Jobs of the second data set by labels that are none of the first."""
    mine, others = ours.astype(str), theirs.astype(str)
    shared = sorted(set(mine) & set(others))
    if not shared:
        return theirs.to_numpy()
    if not (mine.str.fullmatch(NUMBER).all() and others.str.fullmatch(NUMBER).all()):
        raise QbellError(
            f"job {shared[0][:40]!r} is in both data sets, and its shots would count twice; leave "
            "it out of one of them, or name the jobs apart"
        )
    numbers = others.astype(int)
    numbers += int(mine.astype(int).max()) + 1 - int(numbers.min())
    import pandas as pd

    return (numbers if pd.api.types.is_integer_dtype(ours) else numbers.astype(str)).to_numpy()
