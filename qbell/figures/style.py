"""What the figures share: fonts, widths, greys, and files that come out the same every time."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import rc_context, rcParamsDefault
from matplotlib.figure import Figure

from qbell.util.atomic_files import write_bytes

COLUMN, PAGE = 3.4, 7.0  # inches: one column of the journal, and both
RED = "#C8102E"  # darker than signal red: also seen in a grey print
FAINT = "#777777"

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine has it
    "font.size": 7,
    "axes.labelsize": 7.5,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "mathtext.fontset": "dejavusans",
    "lines.linewidth": 0.9,
    "svg.hashsalt": "qbell",  # the same names inside on every run
    "svg.fonttype": "path",
    "path.simplify": False,
    "figure.dpi": 100,
}

_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
}


@dataclass(frozen=True)
class Drawing:
    """A figure and what is in it.

    Attributes:
        figure: to be saved within `styled`.
        tables: what is plotted, by the ending of the file's name ("" for the main table).
        notes: what the reader should know and does not see.
    """

    figure: Figure
    tables: dict[str, pd.DataFrame]
    notes: list[str] = field(default_factory=list)


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save in here: nothing of the reader's own matplotlib settings comes in."""
    # Without the backend: to touch it would start one, and files need none.
    defaults: dict[Any, Any] = {k: v for k, v in rcParamsDefault.items() if k != "backend"}
    with rc_context(defaults | _STYLE):
        yield


def save(drawing: Drawing, stem: Path) -> list[Path]:
    """Write STEM.png (300 dpi), STEM.svg and the tables as STEM.csv, each atomically.

    The bytes depend on what is drawn and on the version of matplotlib only.

    Raises:
        QbellError: the folder cannot be written to.
    """
    contents: dict[Path, bytes] = {}
    for kind, metadata in _METADATA.items():
        buffer = io.BytesIO()
        drawing.figure.savefig(buffer, format=kind, dpi=300, metadata=metadata)
        contents[stem.with_name(f"{stem.name}.{kind}")] = buffer.getvalue()
    for name, table in drawing.tables.items():
        text = table.to_csv(index=False, lineterminator="\n")
        contents[stem.with_name(f"{stem.name}{name}.csv")] = text.encode()
    for path, content in contents.items():  # only now, so that they belong together
        write_bytes(path, content)
    return list(contents)
