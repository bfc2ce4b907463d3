"""The tables of what was measured: rows with seconds and memory, as CSV."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_rows(path: Path, fields: tuple[str, ...], rows: Iterable[Any]) -> None:
    """Named tuples that hold ``seconds`` and ``memory``, with the digits that mean something."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            numbers = {"seconds": f"{row.seconds:.4g}", "memory": f"{row.memory:.1f}"}
            writer.writerow({**row._asdict(), **numbers})
