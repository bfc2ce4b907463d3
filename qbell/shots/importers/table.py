"""Tables with other column names, letters, orders or one row a shot, as qbell's own table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS, JOB
from qbell.shots.importers.asked import Order, listed, short
from qbell.shots.importers.letters import Letters, code_text, letter_table
from qbell.shots.importers.outcome_codes import CODES
from qbell.shots.importers.settings import translated_word, why_no_word
from qbell.shots.validate_counts import REQUIRED
from qbell.util.table_cells import refuse
from qbell.util.unique_rows import pair_numbers
from qbell.util.words import ROW, Words, codes_of

if TYPE_CHECKING:
    import pandas as pd

SETTING, BITSTRING, COUNT = REQUIRED
DRAW = "draw"
OWN = (*REQUIRED, DRAW, JOB, FLAGS)

Columns = Mapping[str, str | Sequence[str] | None]


def is_table(data: Any) -> bool:
    """True for a DataFrame."""
    return hasattr(data, "columns") and hasattr(data, "iloc") and hasattr(data, "to_numpy")


def own_table(
    table: pd.DataFrame,
    *,
    name: str,
    axis: Axis,
    drawn: bool,
    columns: Columns | None = None,
    letters: Letters | None = None,
    outcomes: str | None = None,
    bit_order: Order | None = None,
    word_order: Order | None = None,
    times: NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """The table with columns setting, bitstring and count in qbell's letters and order.

    Args:
        table: of any columns.
        name: in messages, which count rows from 2, as in a file with a header.
        axis: of the run.
        drawn: whether settings were drawn: a table without counts, one row a shot, then has a draw
            a row.
        columns: our name -> the name there; for setting and bitstring also a list of names, one
            column a qubit, qubit 0 first. ``"count": None`` says that each row is one shot.
        letters: how settings are written.
        outcomes: how the outcomes in one column a qubit are written.
        bit_order, word_order: which end of bitstrings and settings is qubit 0.
        times: (rows,) how many rows of a file, one a shot, each stands for; one if None.

    Raises:
        QbellError: a column that is not there, or cells that are none of the letters or outcomes.
    """
    table = table.rename(columns=lambda column: str(column).strip())
    if table.index.name != ROW:
        table = table.reset_index(drop=True)
    asked = _checked_columns(columns, table, name)
    if len(table) == 0:
        raise QbellError(f"{name}: no rows under the header; give measured counts")
    if COUNT not in asked or SETTING not in asked or BITSTRING not in asked:
        return _renamed(table, asked)  # validation names what is missing
    settings = _settings(table, asked[SETTING], name, axis, letters, word_order)
    bitstrings = _bitstrings(table, asked[BITSTRING], name, outcomes, bit_order)
    used = {each for names in asked.values() if names for each in _listed(names)}
    made = table.drop(columns=[column for column in table.columns if column in used])
    made.insert(0, SETTING, settings.series())
    made.insert(1, BITSTRING, bitstrings.series())
    for ours in OWN[2:]:
        theirs = asked.get(ours)
        if theirs is not None:
            made[ours] = table[theirs]
    if asked[COUNT] is not None:
        return made
    refuse(
        bitstrings.where(lambda word: not word or word.strip("01") != ""),
        name,
        bitstrings,
        "bitstring {found} is not made of 0 and 1; write one bit a qubit",
    )
    if COUNT in made:
        counts = Words.of(made.pop(COUNT))
        refuse(
            counts.where(lambda word: word != "1"),
            name,
            counts,
            "count {found}, but each row is to be one shot and there is a column count, too; "
            "rename or drop it",
        )
    return _counted(made, drawn, times)


def columns_of_shots(table: pd.DataFrame, columns: Any, name: str) -> list[str] | None:
    """Columns by which equal rows of a table of one row a shot are counted; None of another table.

    Where settings were drawn rows are not counted: each is a draw.
    """
    if not isinstance(columns, Mapping) or columns.get(COUNT, "") is not None:
        return None
    table = table.rename(columns=lambda column: str(column).strip())
    asked = _checked_columns(columns, table, name)
    if SETTING not in asked or BITSTRING not in asked:
        return None
    used = [each for names in asked.values() if names for each in _listed(names)]
    return [*used, COUNT] if COUNT in table else used


def _checked_columns(columns: Columns | None, table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Our names -> theirs, of all columns that are used."""
    found: dict[str, Any] = {ours: ours for ours in OWN if ours in table.columns}
    if columns is None:
        return found
    if not isinstance(columns, Mapping):
        raise QbellError(f"columns = {short(columns)}; map setting, bitstring, count to names")
    for ours, theirs in columns.items():
        if ours not in OWN:
            raise QbellError(
                f"columns: {short(ours)} is none of {', '.join(OWN)}; map one of these"
            )
        if theirs is None and ours == COUNT:
            found[ours] = None
            continue
        several = ours in (SETTING, BITSTRING) and not isinstance(theirs, str)
        names = _listed(theirs) if several else [theirs]
        if not names or not all(isinstance(each, str) for each in names):
            raise QbellError(f"columns: {ours} = {short(theirs)}; give the name of a column")
        missing = [each for each in names if each not in table.columns]
        if missing:
            there = listed(table.columns) or "none"
            raise QbellError(
                f"{name}: no column {short(missing[0])} in the header (found: {there})"
            )
        twice = [each for each in names if (table.columns == each).sum() > 1]
        if twice or len(set(names)) < len(names):
            raise QbellError(
                f"{name}: column {short((twice or names)[0])} is named twice; rename one"
            )
        found[ours] = theirs
    for ours, theirs in columns.items():
        if theirs is None:  # that all are 1 is seen when rows are read
            continue
        if ours in table.columns and not any(ours in _listed(each) for each in columns.values()):
            raise QbellError(
                f"{name}: {ours} is to be {short(theirs)}, but there is a column {ours}, too; "
                "rename or drop it"
            )
    taken = [each for names in found.values() if names for each in _listed(names)]
    again = [each for each in taken if taken.count(each) > 1]
    if again:
        raise QbellError(
            f"columns: {short(again[0])} is used for two things; name each column once"
        )
    return found


def _listed(names: Any) -> list[Any]:
    if isinstance(names, str):
        return [names]
    return list(names) if isinstance(names, Sequence | np.ndarray) else [names]


def _renamed(table: pd.DataFrame, asked: dict[str, Any]) -> pd.DataFrame:
    return table.rename(columns={v: k for k, v in asked.items() if isinstance(v, str)})


def _codes(values: pd.Series) -> Words:
    """Cells of a column a qubit as text; of truth values as 0 and 1."""
    return Words.of(values.astype(int) if values.dtype.kind == "b" else values, code_text)


def _settings(
    table: pd.DataFrame,
    names: Any,
    name: str,
    axis: Axis,
    letters: Letters | None,
    word_order: Order | None,
) -> Words:
    """Words in qbell's letters, qubit 0 last."""
    known = letter_table(letters, axis)
    if not isinstance(names, str):
        cells = [_codes(table[each]) for each in names]
        for each in cells:
            refuse(
                each.where(lambda word: word not in known),
                name,
                each,
                f"{{found}} is none of {', '.join(known)}; say how settings are written, letters =",
            )
        return _joined([each.mapped(lambda word: known[word]) for each in cells], word_order)
    given = Words.of(table[names])
    if letters is not None:
        found = {word: translated_word(word, known) for word in given.words}
        wrong = given.where(lambda word: found[word] is None)
        if wrong.any():
            row = int(np.argmax(wrong))
            why = why_no_word(given[row], known, letters)
            raise QbellError(f"{name}: row {given.place(row) + 2}: {why}")
        given = given.mapped(lambda word: str(found[word]))
    if word_order == "first":
        given = given.mapped(lambda word: word if "/" in word else word[::-1])
    return given


def _bitstrings(
    table: pd.DataFrame, names: Any, name: str, outcomes: str | None, bit_order: Order | None
) -> Words:
    """Words of 0 and 1, qubit 0 last."""
    if isinstance(names, str):
        if outcomes is not None and outcomes != "0/1":
            raise QbellError(
                f"{name}: outcomes = {outcomes!r} is for one column a qubit; a bitstring is made "
                "of 0 and 1"
            )
        back = -1 if bit_order == "first" else 1
        # Spaces stand between registers.
        return Words.of(table[names]).mapped(lambda word: word.replace(" ", "")[::back])
    cells = [_codes(table[each]) for each in names]
    there = set().union(*(each.words for each in cells))
    fitting = [code for code, pair in CODES.items() if there <= {str(each) for each in pair}]
    if outcomes is None and len(fitting) > 1:
        raise QbellError(
            f"{name}: every outcome is 1, which may stand for either; say outcomes = "
            f"{' or '.join(map(repr, fitting))}"
        )
    code = outcomes or (fitting[0] if fitting else _nearest(cells))
    zero, one = (str(each) for each in CODES[code])
    for each in cells:
        wrong = each.where(lambda word: word not in (zero, one))
        refuse(wrong, name, each, f"outcome {{found}} is not {zero} or {one}")
    return _joined([each.mapped(lambda word: "01"[word == one]) for each in cells], bit_order)


def _nearest(cells: list[Words]) -> str:
    """The code that most cells fit: what does not is then named."""
    fits = {code: tuple(map(str, CODES[code])) for code in CODES}
    return max(
        CODES,
        key=lambda code: sum(each.where(lambda word: word in fits[code]).sum() for each in cells),
    )


def _joined(cells: list[Words], order: Order | None) -> Words:
    """Words with qubit 0 last, of one column a qubit, the first of which is qubit 0 if ``order``
    is not last."""
    return Words.joined(cells if order == "last" else cells[::-1])


def _counted(made: pd.DataFrame, drawn: bool, times: NDArray[np.int64] | None) -> pd.DataFrame:
    """Rows that are single shots: each a draw, or equal ones counted."""
    import pandas as pd

    if drawn:
        if DRAW not in made:
            made[DRAW] = np.arange(len(made))
        keys = list(made.columns)
    else:
        keys = [column for column in made.columns if column in OWN]
    numbers = pd.factorize(pair_numbers([codes_of(made[each]) for each in keys]))[0]
    first = np.flatnonzero(~pd.Series(numbers).duplicated().to_numpy())
    counts = np.zeros(len(first), dtype=np.int64)
    np.add.at(counts, numbers, 1 if times is None else times)
    places = made.index[first] if made.index.name == ROW else first
    counted = made.iloc[first][keys].set_axis(pd.Index(places, name=ROW), axis=0)
    return counted.assign(**{COUNT: counts})
