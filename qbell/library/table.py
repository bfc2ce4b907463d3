"""The library's table, ``circuits.csv``: one row a file."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from qbell.errors import QbellError
from qbell.util.plain_files import read_bytes

TABLE = "circuits.csv"
PAGE = "README.md"


@dataclass(frozen=True)
class Row:
    """One file of the library.

    Attributes:
        file: path in the folder.
        family, n, parameters: the state; ``key=value``, with semicolons between.
        qubits: of the circuit, ancillas included.
        depth, two_qubit_gates, two_qubit_depth: of the circuit as it stands in the file.
        fidelity: |<circuit|state>|^2, with twelve digits; 1 for every value of its inputs where
            there are any.
        inputs: names of the free parameters, with spaces between.
    """

    file: str
    family: str
    n: int
    parameters: str
    qubits: int
    depth: int
    two_qubit_gates: int
    two_qubit_depth: int
    fidelity: str
    inputs: str


COLUMNS = tuple(field.name for field in fields(Row))
WHOLE = ("n", "qubits", "depth", "two_qubit_gates", "two_qubit_depth")
DIGITS = 18  # of a whole number


def to_csv(rows: Iterable[Row]) -> str:
    """The table as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(row) for row in rows)
    return text.getvalue()


def read_table(folder: Path) -> tuple[Row, ...]:
    """The rows of a library's table.

    Raises:
        QbellError: no table there, other columns, cells that are no numbers, or a file twice.
    """
    path = folder / TABLE
    try:
        text = read_bytes(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QbellError(
            f"{path} cannot be read; give a folder that `qbell library --out DIR` wrote"
        ) from error
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise QbellError(f"{path} is not a CSV table ({error}); write it anew") from error
    if not lines or tuple(lines[0][1]) != COLUMNS:
        raise QbellError(f"{path} has other columns than {','.join(COLUMNS)}; write it anew")
    rows = tuple(_row(f"{path}, line {number}", cells) for number, cells in lines[1:])
    files = [row.file for row in rows]
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise QbellError(f"{path} lists {twice} twice; write it anew")
    return rows


def _row(where: str, cells: list[str]) -> Row:
    if len(cells) != len(COLUMNS):
        raise QbellError(
            f"{where}: {len(cells)} cells, and {len(COLUMNS)} columns; write the table anew"
        )
    named: dict[str, str] = dict(zip(COLUMNS, cells, strict=True))
    whole = {name: _whole(where, name, named[name]) for name in WHOLE}
    try:
        known = math.isfinite(float(named["fidelity"])) and 0 <= float(named["fidelity"]) <= 1
    except ValueError:
        known = False
    if not known:
        raise QbellError(
            f"{where}: fidelity {named['fidelity']!r}; expected a number from 0 to 1: write the "
            "table anew"
        )
    return Row(**{**named, **whole})  # type: ignore[arg-type]


def _whole(where: str, name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS:
        raise QbellError(f"{where}: {name} {text!r}; expected a whole number: write the table anew")
    return int(text)
