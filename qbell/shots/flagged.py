"""Shots with flags: those accepted, all flags 0, are the data; those rejected stay beside them.

No estimate uses rejected shots. They are kept to say how many there were, and to test whether
acceptance depends on the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import BIT_LETTERS, columns, strings
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS, Columns
from qbell.util.table_cells import refuse
from qbell.util.words import Words

if TYPE_CHECKING:
    import pandas as pd

Bits = NDArray[np.uint8]

RAW, HERALDED, MITIGATED, POST_SELECTED = "raw", "heralded", "mitigated", "post-selected"
PROVENANCES = (RAW, HERALDED, MITIGATED, POST_SELECTED)
FOR_BELL = (RAW, HERALDED)  # what may support a Bell claim
OF_FLAGS = (HERALDED, POST_SELECTED)  # what shots with flags may be


@dataclass(frozen=True)
class Flagged:
    """All shots of a data set that was selected by flags.

    Attributes:
        accepted: the rows with all flags 0.
        rejected: the others.
        words: (rejected rows, F) their flags; column f is flag f.
        num_flags: F.
    """

    accepted: Columns
    rejected: Columns
    words: Bits
    num_flags: int

    def __post_init__(self) -> None:
        self.words.setflags(write=False)

    @property
    def kept(self) -> int:
        """Number of accepted shots."""
        return int(self.accepted.counts.sum())

    @property
    def lost(self) -> int:
        """Number of rejected shots."""
        return int(self.rejected.counts.sum())

    @property
    def raised(self) -> NDArray[np.int64]:
        """(F,) in how many shots each flag was 1."""
        return self.rejected.counts @ self.words.astype(np.int64)

    @property
    def whole(self) -> Columns:
        """All rows, accepted ones first, with the flags as a further column."""
        import pandas as pd

        both = (self.accepted, self.rejected)
        words = strings(self.words, BIT_LETTERS)
        none = np.full(len(self.accepted.counts), "0" * self.num_flags)
        extra = pd.concat([each.extra for each in both], ignore_index=True)
        if not len(extra.columns):
            extra = pd.DataFrame(index=range(len(none) + len(words)))
        draws = [each.draws for each in both if each.draws is not None]
        return Columns(
            np.concatenate([each.directions for each in both]),
            np.concatenate([each.bits for each in both]),
            np.concatenate([each.counts for each in both]),
            np.concatenate(draws) if draws else None,
            extra.assign(**{FLAGS: np.concatenate([none, words])}),
        )


def split_by_flags(rows: Columns, name: str) -> Flagged:
    """The rows of a table with a column ``flags``, apart by what stands in it.

    Raises:
        QbellError: a cell that is not made of 0 and 1, or of another length, or no accepted shot.
    """
    words = columns(rows.extra[FLAGS].tolist(), BIT_LETTERS)
    found = split_rows(replace(rows, extra=rows.extra.drop(columns=FLAGS)), words)
    if not found.kept:
        raise QbellError(
            f"{name}: no shot was accepted, every row has a flag of 1; expected flags 0 where "
            "nothing was detected: take fewer flags, or turn the column's bits if 1 means accepted"
        )
    return found


def split_rows(rows: Columns, words: Bits) -> Flagged:
    """The rows apart by their flags ``words`` (rows, F)."""
    kept = np.asarray(~words.any(axis=1))
    return Flagged(rows.take(kept), rows.take(~kept), words[~kept], words.shape[1])


def check_flags(flags: pd.Series, name: str) -> None:
    """Refuse a column of flags that is not of 0 and 1, as many in each row.

    Raises:
        QbellError: with the row.
    """
    text = Words.of(flags)
    refuse(
        text.where(lambda word: not word or word.strip("01") != ""),
        name,
        text,
        "flags {found} are not made of 0 and 1; write one bit a flag, 0 where nothing was detected",
    )
    refuse(
        text.where(lambda word: len(word) != len(text[0])),
        name,
        text,
        f"flags {{found}} have another length than {text[0][:40]} in row 2; if leading zeros "
        "were lost, read and write the column as text (dtype=str)",
    )


def provenance_of(provenance: str | None, name: str, *, flags: bool) -> str:
    """The provenance that a table is said to have; of none, raw, and with flags post-selected.

    Raises:
        QbellError: an unknown one, or one that shots with flags cannot have.
    """
    if provenance is None:
        return POST_SELECTED if flags else RAW
    if provenance not in PROVENANCES:
        raise QbellError(f"provenance {provenance!r} in {name}; use {', '.join(PROVENANCES)}")
    if flags and provenance not in OF_FLAGS:
        raise QbellError(
            f"provenance {provenance!r}, but {name} has a column {FLAGS}: rejected shots are left "
            f"out; say {' or '.join(OF_FLAGS)}, or drop the column to use all shots"
        )
    return provenance
