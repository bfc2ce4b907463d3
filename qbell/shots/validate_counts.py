"""Validation of a counts table: every row is checked, and the one that is wrong is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import BIT_LETTERS, SETTING_LETTERS, columns
from qbell.designs import find_design
from qbell.designs.common_angles import MOST_ANGLES, angle_of, is_angle
from qbell.designs.equatorial import MAX_EQUATORIAL_QUBITS
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS, JOB
from qbell.shots.flagged import check_flags
from qbell.util.table_cells import as_text, refuse, whole_numbers
from qbell.util.unique_rows import pair_numbers
from qbell.util.words import ROW, Words, codes_of

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("setting", "bitstring", "count")
UNITS = ("draw", JOB, FLAGS)
FRACTION = re.compile(r"(0|[1-9][0-9]{0,2})/([1-9][0-9]{0,2})")


@dataclass(frozen=True)
class CheckedTable:
    """The columns of a valid table, rows with count 0 left out.

    Attributes:
        directions: (rows, N) as in `qbell.shots.shots.Shots`; column k is qubit k.
        angles: True where the settings are angles of all qubits and not letters.
        grid: these angles as written, in the order of their size, where they have a unit; then
            ``directions`` are their index. Else empty, and they are j/(N+1).
        bits: (rows, N).
        counts: (rows,) all above zero.
        draws: (rows,) or None without such a column.
        extra: the other columns.
    """

    directions: NDArray[np.uint8]
    angles: bool
    grid: tuple[str, ...]
    bits: NDArray[np.uint8]
    counts: NDArray[np.int64]
    draws: NDArray[np.int64] | None
    extra: pd.DataFrame


def check_table(
    table: pd.DataFrame, name: str, design: str | None = None, *, may_lose_draws: bool = False
) -> CheckedTable:
    """Check a table with columns setting, bitstring, count and perhaps draw, job and others.

    Draws all of whose counts are 0 are refused unless ``may_lose_draws``: to leave them out is to
    select on the outcome, the detection loophole.

    Raises:
        QbellError: names ``name``, the row (the header is row 1), what stands there and what
            ``design`` has there (None: any design that the columns allow).
    """
    table = table.rename(columns=lambda column: str(column).strip())
    if table.index.name != ROW:
        table = table.reset_index(drop=True)
    _check_columns(table, name)
    text = {column: Words.of(table[column]) for column in (*REQUIRED, "draw") if column in table}
    kind = None if design is None else find_design(design)
    first = text["setting"][0]
    angles = "/" in first or is_angle(first) if kind is None else kind.common_angle
    grid: tuple[str, ...] = ()
    if angles:
        num_qubits = _qubits_of_outcomes(text, name)
        if any(map(is_angle, text["setting"].words)):
            grid = _check_angles(text["setting"], name)
        else:
            _check_fractions(text["setting"], num_qubits, name)
    else:
        with_z = _may_have_z(text) if kind is None else kind.letters > 2
        num_qubits = _check_words(text["setting"], name, design, with_z=with_z)
    _check_bitstrings(text["bitstring"], num_qubits, name)
    counts = whole_numbers(text["count"], "count", name)
    draws = whole_numbers(text["draw"], "draw", name) if "draw" in text else None
    if FLAGS in table:
        check_flags(table[FLAGS], name)
        table[FLAGS] = as_text(table[FLAGS])
    _check_duplicates(table, text, counts, name)
    kept = np.flatnonzero(counts > 0)
    if len(kept) == 0:
        raise QbellError(f"{name}: no shots: every count is 0; give measured counts")
    settings = text["setting"].take(kept)
    if draws is not None:
        if not may_lose_draws:
            lost = ~np.isin(draws, draws[kept])
            refuse(
                lost,
                name,
                text["draw"],
                "draw {found} has no shots; leaving it out is post-selection: give its outcome, or "
                "say provenance post-selected, which makes no Bell claim",
            )
        draws = draws[kept]
        _check_draws(draws, settings, name)
    if angles:
        numbers = {word: place for place, word in enumerate(grid)}
        steps = [numbers[word] if grid else int(word.split("/")[0]) for word in settings.words]
        directions = np.repeat(settings.values(np.array(steps, np.uint8))[:, None], num_qubits, 1)
    else:
        directions = settings.values(columns(settings.words, SETTING_LETTERS))
    if kind is not None:
        refuse(kind.misfits(directions), name, settings, f"setting {{found}} {kind.misfit_says}")
    bits = text["bitstring"].take(kept)
    return CheckedTable(
        directions=directions,
        angles=angles,
        grid=grid,
        bits=bits.values(columns(bits.words, BIT_LETTERS)),
        counts=counts[kept],
        draws=draws,
        extra=_extra(table, kept),
    )


def _extra(table: pd.DataFrame, kept: NDArray[np.intp]) -> pd.DataFrame:
    """The other columns, in the rows that are kept."""
    import pandas as pd

    other = table[[column for column in table.columns if column not in (*REQUIRED, "draw")]]
    extra = other.iloc[kept].reset_index(drop=True)
    for column in extra:
        if isinstance(extra[column].dtype, pd.CategoricalDtype):
            extra[column] = extra[column].astype(extra[column].cat.categories.dtype)
    return extra


def _check_columns(table: pd.DataFrame, name: str) -> None:
    missing = [column for column in REQUIRED if column not in table.columns]
    if missing:
        found = ", ".join(table.columns)[:80] or "none"
        raise QbellError(
            f"{name}: no column {', '.join(missing)} in the header (found: {found!r}); "
            "the first line must name setting,bitstring,count"
        )
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise QbellError(f"{name}: column {twice[0]} is named twice in the header; rename one")
    if len(table) == 0:
        raise QbellError(f"{name}: no rows under the header; give measured counts")


def _may_have_z(text: dict[str, Words]) -> bool:
    """Whether a table of no design said may have the letter Z: it was drawn, or all words are."""
    words = text["setting"].words
    return "draw" in text or len(words) == 3 ** len(text["setting"][0])


def _check_words(settings: Words, name: str, design: str | None, *, with_z: bool) -> int:
    """Settings of letters; returns N."""
    num_qubits = len(settings[0])
    if not with_z:
        reading = (
            f"design {design} has X and Y"
            if design is not None
            else "say --design random3 if X, Y and Z were drawn for every shot, or measure all 3^N "
            "words for pauli"
        )
        refuse(
            settings.where(lambda word: "Z" in word and not word.strip("XYZ")),
            name,
            settings,
            "setting {found} has the letter Z, which only designs ghz, random3 and pauli have; "
            + reading,
        )
    refuse(
        settings.where(lambda word: "/" in word),
        name,
        settings,
        "setting {found} is an angle of the equatorial design, where words of X and Y are "
        "expected; give a table of one design",
    )
    letters = "X, Y and Z" if with_z else "X and Y"
    known = "XYZ" if with_z else "XY"
    refuse(
        settings.where(lambda word: not word or word.strip(known) != ""),
        name,
        settings,
        f"setting {{found}} is not made of {letters}; write one letter a qubit, qubit 0 last, or "
        "an angle of all qubits with its unit, as 0.25pi or 0.785rad",
    )
    refuse(
        settings.where(lambda word: len(word) != num_qubits),
        name,
        settings,
        f"setting {{found}} has another length than {settings[0][:40]} ({num_qubits} qubits) "
        "in row 2; all rows must have the same qubits",
    )
    _check_size(num_qubits, "settings", name)
    return num_qubits


def _qubits_of_outcomes(text: dict[str, Words], name: str) -> int:
    """N, from the bitstrings: settings are angles of all qubits."""
    num_qubits = len(text["bitstring"][0])
    _check_bitstrings(text["bitstring"].take(np.array([0])), num_qubits, name)
    _check_size(num_qubits, "bitstrings", name)
    if num_qubits > MAX_EQUATORIAL_QUBITS:
        raise QbellError(
            f"{name}: an equatorial design of n = {num_qubits}; this version has up to "
            f"{MAX_EQUATORIAL_QUBITS} qubits in it"
        )
    return num_qubits


def _check_angles(settings: Words, name: str) -> tuple[str, ...]:
    """Angles with a unit; returns the different ones in the order of their size."""
    refuse(
        settings.where(lambda word: not is_angle(word)),
        name,
        settings,
        "setting {found} is no angle with a unit, as others are; write 0.25pi, 1/4pi or 0.785rad",
    )
    if len(settings.words) > MOST_ANGLES:
        raise QbellError(
            f"{name}: {len(settings.words)} different common angles; expected {MOST_ANGLES} at "
            "most, put those that are meant to be equal together"
        )
    first = np.argsort(np.unique(settings.codes, return_index=True)[1])  # one angle written twice
    return tuple(sorted((settings.words[code] for code in first), key=angle_of))


def _check_fractions(settings: Words, num_qubits: int, name: str) -> None:
    """Settings j/(N+1)."""
    steps = num_qubits + 1
    refuse(
        settings.where(lambda word: not _is_step(word, steps)),
        name,
        settings,
        f"setting {{found}} is not j/{steps} with j from 0 to {num_qubits}: the angle, in units of "
        f"pi, of an equatorial design of {num_qubits} qubits, not reduced; other angles need their "
        "unit: 0.25pi, 1/4pi or 0.785rad",
    )


def _is_step(word: str, steps: int) -> bool:
    match = FRACTION.fullmatch(word)
    return match is not None and int(match[2]) == steps and int(match[1]) < steps


def _check_size(num_qubits: int, what: str, name: str) -> None:
    if num_qubits < 2:
        raise QbellError(f"{name}: the {what} have 1 qubit; Bell correlations need 2 or more")


def _check_bitstrings(bitstrings: Words, num_qubits: int, name: str) -> None:
    refuse(
        bitstrings.where(lambda word: not word or word.strip("01") != ""),
        name,
        bitstrings,
        "bitstring {found} is not made of 0 and 1; write one bit a qubit, qubit 0 last",
    )
    refuse(
        bitstrings.where(lambda word: len(word) != num_qubits),
        name,
        bitstrings,
        f"bitstring {{found}} has not the {num_qubits} bits of its setting; if leading zeros were "
        "lost, read and write the column as text (dtype=str)",
    )


def _check_duplicates(
    table: pd.DataFrame, text: dict[str, Words], counts: NDArray[np.int64], name: str
) -> None:
    import pandas as pd

    keys = [(text[each].codes, len(text[each].words)) for each in ("setting", "bitstring")]
    units = [column for column in UNITS if column in table]
    keys += [codes_of(table[column]) for column in units]
    numbers = pair_numbers(keys)
    again = pd.Series(numbers).duplicated().to_numpy()
    if again.any():
        row = int(np.argmax(again))
        first = int(np.argmax(numbers == numbers[row]))
        words = text["setting"]
        shown = [words[row], text["bitstring"][row], *(table[each].iloc[row] for each in units)]
        found = ", ".join(str(key)[:40] for key in shown)
        single = "; or say that each row is one shot: --column count=" if counts.max() == 1 else ""
        raise QbellError(
            f"{name}: row {words.place(row) + 2} repeats row {words.place(first) + 2} ({found})"
            "; add their counts up, or number separate runs in a column job" + single
        )


def _check_draws(draws: NDArray[np.int64], settings: Words, name: str) -> None:
    order = np.argsort(draws, kind="stable")
    same_draw = draws[order][1:] == draws[order][:-1]
    codes = settings.codes[order]
    clash = np.flatnonzero(same_draw & (codes[1:] != codes[:-1]))
    if len(clash):
        position = int(order[clash[0] + 1])
        raise QbellError(
            f"{name}: row {settings.place(position) + 2}: draw {draws[position]} has two settings; "
            "one draw is one random choice of a setting, number them apart"
        )
