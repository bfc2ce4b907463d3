"""Cells of a table of counts: read from text, and the first row that is wrong is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.util.words import Words

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 10**12  # of a count or a number
MOST_DIGITS = len(str(LARGEST))
WHOLE = re.compile(r"[0-9]+(\.0+)?")


def refuse(
    bad: pd.Series | NDArray[np.bool_], name: str, values: pd.Series | Words, problem: str
) -> None:
    """Refuse the first row that is marked; ``{found}`` in the problem becomes what stands there.

    Raises:
        QbellError: names ``name`` and the row; the header is row 1.
    """
    marks = np.asarray(bad, dtype=bool)
    if marks.any():
        row = int(np.argmax(marks))
        words = values if isinstance(values, Words) else None
        found = repr(str(values.iloc[row] if words is None else words[row])[:40])  # type: ignore
        place = row if words is None else words.place(row)
        raise QbellError(f"{name}: row {place + 2}: {problem.format(found=found)}")


def as_text(values: pd.Series) -> pd.Series:
    """The cells as text without spaces around it, whatever their type; a missing one is ``nan``."""
    return values.astype(str).fillna("nan").str.strip()


def _number(word: str) -> int:
    """Of digits; above the largest all numbers are one."""
    if len(word) <= MOST_DIGITS and "." not in word:
        return int(word)
    digits = word.partition(".")[0].lstrip("0") or "0"
    return int(digits) if len(digits) <= MOST_DIGITS else LARGEST + 1


def whole_numbers(values: pd.Series | Words, column: str, name: str) -> NDArray[np.int64]:
    """The whole numbers from 0 on that a column of texts holds.

    Raises:
        QbellError: names the first row that holds something else, or a number above 10^12.
    """
    words = values if isinstance(values, Words) else Words.of(values)
    # pandas writes whole numbers of a float column as 12.0: the same number, so accepted.
    refuse(
        words.where(lambda word: WHOLE.fullmatch(word) is None),
        name,
        words,
        f"{column} {{found}} is not a whole number from 0 on",
    )
    numbers = [_number(word) for word in words.words]
    whole = words.values(np.array(numbers, dtype=np.int64))
    refuse(whole > LARGEST, name, words, f"{column} {{found}} is above {LARGEST}; check it")
    return whole
