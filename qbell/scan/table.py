"""The tables of a scan: their columns, their files, and the same as plain data."""

import io
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from qbell.errors import QbellError
from qbell.scan.grid import Grid, Point, Value
from qbell.util.atomic_files import write_atomically
from qbell.util.plain_files import read_bytes

WHOLE = ("bell_qubits", "nonlocality_depth", "entanglement_depth")
REAL = ("energy", "qfi", "qfi_per_n", "f0", "bound", "e_n", "log_e_n", "q")
TYPES = {
    "family": "object",
    "n": "int64",
    "u": "float64",
    "axis": "object",
    **dict.fromkeys(REAL, "float64"),
    **dict.fromkeys(WHOLE, "Int64"),
    "method": "object",
    "notes": "object",
    "version": "object",
}
"""Columns of the table, in their order."""
BY_ORDER_TYPES = {
    "family": "object",
    "n": "int64",
    "u": "float64",
    "order": "int64",
    "value": "float64",
}
ERRORS = ("qfi", "bound", "q")
"""Of which quantities means over disorder have a column of standard errors, NAME_error."""
BEHIND = "u"
"""The column behind which further parameters of the family stand."""


@dataclass(frozen=True)
class Scan:
    """A finished scan.

    Attributes:
        frame: one row a point, sorted by n and u.
        by_order: the bound of Eq. (24) split by order, columns family, n, u, order, value; None
            if it was not asked for.
        files: what was written, or was there already.
        resumed: how many points were there already, from an earlier call.
    """

    frame: pd.DataFrame
    by_order: pd.DataFrame | None
    files: tuple[Path, ...]
    resumed: int = 0


def assemble(
    grid: Grid, finished: list[dict[str, Any]], files: tuple[Path, ...], resumed: int = 0
) -> Scan:
    """The tables from the records of `qbell.scan.run.compute_point`, in whatever order."""
    by_key = {point_of(record): record for record in finished}
    rows = [
        {
            "family": grid.family,
            "version": metadata.version("qbell"),
            **dict(zip(grid.names, point[2:], strict=True)),
            **by_key[point],
        }
        for point in grid.points
    ]
    types = _with_others(grid, TYPES)
    frame = pd.DataFrame({name: [row[name] for row in rows] for name in types}).astype(types)
    by_order = None
    if grid.by_order:
        parts = [
            (grid.family, row["n"], row["u"], *row["others"], order, value)
            for row in rows
            for order, value in enumerate(row["by_order"] or ())
        ]
        types = _with_others(grid, BY_ORDER_TYPES)
        by_order = pd.DataFrame(parts, columns=list(types)).astype(types)
    return Scan(frame, by_order, files, resumed)


def to_record(grid: Grid, found: Scan) -> dict[str, Any]:
    """A scan as plain data, for ``--json``: the rows, each with its bound by order."""
    key = ("n", "u", *grid.names)
    parts: dict[Any, list[float]] = {}
    if found.by_order is not None:
        for row in _rows(found.by_order):
            parts.setdefault(tuple(row[name] for name in key), []).append(row["value"])
    rows = [
        {**row, "bound_by_order": parts.get(tuple(row[name] for name in key))}
        for row in _rows(found.frame)
    ]
    return {
        **grid.record(),
        "resumed": found.resumed,
        "files": [str(path) for path in found.files],
        "points": rows,
    }


RECORD = frozenset(
    {"n", "u", "others", "axis", *REAL, *WHOLE, "method", "notes", "by_order"}
    | {f"{name}_error" for name in ERRORS}
)
"""Keys of one point's record, as in the journal."""


def point_of(record: dict[str, Any]) -> Point:
    """Where in the grid a record belongs."""
    return (record["n"], record["u"], *record["others"])


def _with_others(grid: Grid, types: dict[str, str]) -> dict[str, str]:
    """The columns with those of the further parameters."""
    found = {}
    disordered = "disorder" in grid.names
    for name, kind in types.items():
        found[name] = kind
        if disordered and name in ERRORS:
            found[f"{name}_error"] = "float64"
        if name == BEHIND:
            found.update({other: _kind(values) for other, values in grid.others})
    return found


def _kind(values: tuple[Value, ...]) -> str:
    if all(isinstance(value, int) for value in values):
        return "int64"
    return "object" if any(isinstance(value, str) for value in values) else "float64"


def files_of(grid: Grid, out: Path) -> tuple[Path, ...]:
    """The table, and the bound by order if there is to be one."""
    if out.suffix != ".csv":
        raise QbellError(f"--out {out}; expected a file name that ends in .csv")
    files = (out, out.with_name(f"{out.stem}_by_order.csv"))
    for path in files:
        if path.is_dir():
            raise QbellError(f"{path} is a folder; give another file with --out")
    return files if grid.by_order else files[:1]


def read_earlier(grid: Grid, out: Path) -> Scan | None:
    """The finished scan in ``out`` if it is this one, None if there is none; others are refused."""
    second = out.with_name(f"{out.stem}_by_order.csv")
    if not out.exists() and not second.exists():
        return None
    other = QbellError(
        f"{out if out.exists() else second} holds other results; give another file with --out, or "
        "remove it"
    )
    if not out.exists() or second.exists() != grid.by_order:
        raise other
    try:
        frame = _read(out, _with_others(grid, TYPES))
        types = _with_others(grid, BY_ORDER_TYPES)
        by_order = _read(second, types) if grid.by_order else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise other from error
    if set(frame["version"]) != {metadata.version("qbell")}:
        raise QbellError(
            f"{out} was written by another version of qbell than {metadata.version('qbell')}; give "
            "another file with --out, or remove it"
        )
    there = [tuple(row.values()) for row in _rows(frame[["family", "n", "u", *grid.names]])]
    axes = frame["axis"].str.split(" ").str[0] if grid.axis is None else frame["axis"]
    if there != [(grid.family, *point) for point in grid.points] or {*axes} != {grid.axis_name}:
        raise other
    return Scan(frame, by_order, files_of(grid, out), resumed=len(frame))


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write one table atomically; floats keep every digit."""
    write_atomically(path, lambda temporary: frame.to_csv(temporary, index=False))


def _read(path: Path, types: dict[str, str]) -> pd.DataFrame:
    # As text first: what pandas makes of decimals is not always the closest float.
    texts = pd.read_csv(io.BytesIO(read_bytes(path)), dtype=str, keep_default_na=False)
    if list(texts.columns) != list(types):
        raise ValueError("other columns")
    columns = {
        name: [_value(name, text, kind) for text in texts[name].tolist()]
        for name, kind in types.items()
    }
    return pd.DataFrame(columns).astype(types)


def _value(name: str, text: str, kind: str) -> str | int | float | None:
    if not text:
        return "" if name == "notes" else None
    return text if kind == "object" else float(text) if kind == "float64" else int(text)


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values, None for what is missing."""
    columns = [
        [None if pd.isna(value) else value for value in frame[name].tolist()]
        for name in frame.columns
    ]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]
