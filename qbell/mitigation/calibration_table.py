"""Validation of a calibration table: every row is checked, and the one that is wrong is named."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.conventions.labels import BIT_LETTERS, columns
from qbell.errors import QbellError
from qbell.util.checks import MAX_MEASURED_QUBITS
from qbell.util.table_cells import refuse, whole_numbers

REQUIRED = ("prepared", "bitstring", "count")

Checked = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]


def read(path: Path) -> pd.DataFrame:
    """The cells of a CSV as text.

    Raises:
        QbellError: it does not exist, or is no CSV.
    """
    if not path.is_file():
        raise QbellError(f"no file {path}; give a CSV with {','.join(REQUIRED)}")
    try:
        # The header is read as a row like the others: so no row may have more fields than it.
        rows = pd.read_csv(
            path, dtype=str, header=None, keep_default_na=False, encoding="utf-8-sig"
        ).fillna("")
    except (OSError, UnicodeDecodeError, ValueError) as error:  # pandas' own are ValueErrors
        reason = (str(error).splitlines() or ["unreadable"])[0]
        raise QbellError(
            f"{path} is not a CSV table ({reason}); give UTF-8 text with {','.join(REQUIRED)}"
        ) from error
    return rows.iloc[1:].set_axis(rows.iloc[0].tolist(), axis=1)


def check(table: pd.DataFrame, name: str) -> Checked:
    """``prepared`` and ``bits`` (rows, N) and ``counts`` (rows,) of the rows with counts above 0.

    Raises:
        QbellError: names ``name``, the row (the header is row 1) and what stands there.
    """
    table = table.rename(columns=lambda column: str(column).strip()).reset_index(drop=True)
    missing = [column for column in REQUIRED if column not in table.columns]
    if missing:
        found = ", ".join(table.columns)[:80] or "none"
        raise QbellError(
            f"{name}: no column {', '.join(missing)} in the header (found: {found!r}); the first "
            f"line must name {','.join(REQUIRED)}"
        )
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise QbellError(f"{name}: column {twice[0]} is named twice in the header; rename one")
    if len(table) == 0:
        raise QbellError(f"{name}: no rows under the header; give calibration counts")
    text = {column: table[column].astype(str).str.strip() for column in REQUIRED}
    num_qubits = len(text["prepared"].iloc[0])
    for column in ("prepared", "bitstring"):
        words = text[column]
        refuse(
            ~words.str.fullmatch("[01]+"),
            name,
            words,
            f"{column} {{found}} is not made of 0 and 1; write one bit a qubit, qubit 0 last",
        )
        refuse(
            words.str.len() != num_qubits,
            name,
            words,
            f"{column} {{found}} has not the {num_qubits} bits of row 2; if leading zeros were "
            "lost, read and write the column as text (dtype=str)",
        )
    if not 2 <= num_qubits <= MAX_MEASURED_QUBITS:
        raise QbellError(
            f"{name}: words of {num_qubits} bits; expected 2 to {MAX_MEASURED_QUBITS} qubits"
        )
    counts = whole_numbers(text["count"], "count", name)
    again = pd.DataFrame({key: text[key] for key in ("prepared", "bitstring")}).duplicated()
    refuse(again, name, text["bitstring"], "{found} repeats an earlier row; add the counts up")
    kept = counts > 0
    if not kept.any():
        raise QbellError(f"{name}: every count is 0; give calibration counts")
    return (
        columns(text["prepared"][kept].tolist(), BIT_LETTERS),
        columns(text["bitstring"][kept].tolist(), BIT_LETTERS),
        counts[kept],
    )
