"""Cells of a table of counts: read from text, and the first row that is wrong is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 10**12  # of a count or a number


def refuse(bad: pd.Series | NDArray[np.bool_], name: str, values: pd.Series, problem: str) -> None:
    """Refuse the first row that is marked; ``{found}`` in the problem becomes what stands there.

    Raises:
        QbellError: names ``name`` and the row; the header is row 1.
    """
    marks = np.asarray(bad, dtype=bool)
    if marks.any():
        row = int(np.argmax(marks))
        found = repr(str(values.iloc[row])[:40])
        raise QbellError(f"{name}: row {row + 2}: {problem.format(found=found)}")


def as_text(values: pd.Series) -> pd.Series:
    """The cells as text without spaces around it, whatever their type; a missing one is ``nan``."""
    return values.astype(str).fillna("nan").str.strip()


def whole_numbers(values: pd.Series, column: str, name: str) -> NDArray[np.int64]:
    """The whole numbers from 0 on that a column of texts holds.

    Raises:
        QbellError: names the first row that holds something else, or a number above 10^12.
    """
    # pandas writes whole numbers of a float column as 12.0: the same number, so accepted.
    refuse(
        ~values.str.fullmatch(r"[0-9]+(\.0+)?"),
        name,
        values,
        f"{column} {{found}} is not a whole number from 0 on",
    )
    digits = values.str.split(".").str[0].str.lstrip("0").str.zfill(1)
    digits = digits.where(digits.str.len() <= len(str(LARGEST)), str(LARGEST + 1))
    whole: NDArray[np.int64] = digits.to_numpy(dtype=str).astype(np.int64)
    refuse(whole > LARGEST, name, values, f"{column} {{found}} is above {LARGEST}; check it")
    return whole
