"""Tables in files, read as text: every cell is checked later, by what it should be."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qbell.errors import QbellError

if TYPE_CHECKING:
    import pandas as pd


def read_csv(path: Path) -> pd.DataFrame:
    """The cells of a CSV as text.

    Raises:
        QbellError: it does not exist, or is no CSV.
    """
    import pandas as pd

    content = _read_text(path)
    try:
        # The header is read as a row like the others: so no row may have more fields than it, and
        # a name that stands there twice is seen.
        rows = pd.read_csv(
            io.BytesIO(content),
            dtype=str,
            header=None,
            keep_default_na=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
        ).fillna("")
    except pd.errors.EmptyDataError as error:
        raise QbellError(f"{path} is empty; give a CSV with setting,bitstring,count") from error
    except (UnicodeDecodeError, pd.errors.ParserError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise QbellError(f"{path} is not a CSV table ({reason}); give UTF-8 text") from error
    filled = np.flatnonzero((rows != "").any(axis=1).to_numpy())
    end = filled[-1] + 1 if len(filled) else 1  # blank lines at the end do not count
    table = rows.iloc[1:end]
    return table.set_axis(rows.iloc[0].tolist(), axis=1)


def _read_text(path: Path) -> bytes:
    if not path.exists():
        raise QbellError(f"{path} does not exist; give a counts CSV or a run's folder")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; check the file") from error
    if b"\0" in content:
        row = content[: content.index(b"\0")].count(b"\n") + 1
        raise QbellError(f"{path} is not a CSV table (row {row} has a NUL byte); give UTF-8 text")
    return content
