"""The library's table, ``circuits.csv``: one row a file."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from qbell.errors import QbellError

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
        QbellError: no table there, other columns, or cells that are no numbers.
    """
    path = folder / TABLE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QbellError(
            f"{path} cannot be read; give a folder that `qbell library --out DIR` wrote"
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise QbellError(f"{path} has other columns than {','.join(COLUMNS)}; write it anew")
    return tuple(_row(path, line, cells) for line, cells in enumerate(reader, start=2))


def _row(path: Path, line: int, cells: dict[str, str]) -> Row:
    try:
        float(cells["fidelity"])
        whole = ("n", "qubits", "depth", "two_qubit_gates", "two_qubit_depth")
        return Row(**{**cells, **{name: int(cells[name]) for name in whole}})  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise QbellError(f"{path}, line {line}: a number is none; write the table anew") from error
