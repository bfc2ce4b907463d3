"""Tables with other column names, letters, orders or one row a shot, as qbell's own table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS, JOB
from qbell.shots.importers.asked import Order, listed, short
from qbell.shots.importers.letters import Letters, code_text, letter_table
from qbell.shots.importers.outcome_codes import CODES
from qbell.shots.importers.settings import translated_word, why_no_word
from qbell.shots.validate_counts import REQUIRED
from qbell.util.table_cells import as_text, refuse

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

    Raises:
        QbellError: a column that is not there, or cells that are none of the letters or outcomes.
    """
    table = table.rename(columns=lambda column: str(column).strip()).reset_index(drop=True)
    asked = _checked_columns(columns, table, name)
    if len(table) == 0:
        raise QbellError(f"{name}: no rows under the header; give measured counts")
    if COUNT not in asked or SETTING not in asked or BITSTRING not in asked:
        return _renamed(table, asked)  # validation names what is missing
    settings = _settings(table, asked[SETTING], name, axis, letters, word_order)
    bitstrings = _bitstrings(table, asked[BITSTRING], name, outcomes, bit_order)
    used = {each for names in asked.values() if names for each in _listed(names)}
    made = table.drop(columns=[column for column in table.columns if column in used])
    made.insert(0, SETTING, settings)
    made.insert(1, BITSTRING, bitstrings)
    for ours in OWN[2:]:
        theirs = asked.get(ours)
        if theirs is not None:
            made[ours] = table[theirs]
    if asked[COUNT] is not None:
        return made
    return _counted(made, drawn, name)


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


def _codes(values: pd.Series) -> pd.Series:
    """Cells of a column a qubit as text; of truth values as 0 and 1."""
    plain = values.astype(int) if values.dtype.kind == "b" else values
    return plain.astype(object).map(code_text)


def _settings(
    table: pd.DataFrame,
    names: Any,
    name: str,
    axis: Axis,
    letters: Letters | None,
    word_order: Order | None,
) -> pd.Series:
    """Words in qbell's letters, qubit 0 last."""
    known = letter_table(letters, axis)
    if not isinstance(names, str):
        cells = [_codes(table[each]) for each in names]
        for each in cells:
            refuse(
                ~each.isin(known),
                name,
                each,
                f"{{found}} is none of {', '.join(known)}; say how settings are written, letters =",
            )
        return _joined([each.map(known) for each in cells], word_order)
    given = as_text(table[names])
    if letters is not None:
        found = {word: translated_word(word, known) for word in given.unique()}
        for place, word in enumerate(given):
            if found[word] is None:
                raise QbellError(f"{name}: row {place + 2}: {why_no_word(word, known, letters)}")
        given = given.map(found)
    if word_order == "first":
        given = given.where(given.str.contains("/", regex=False), given.str[::-1])
    return given


def _bitstrings(
    table: pd.DataFrame, names: Any, name: str, outcomes: str | None, bit_order: Order | None
) -> pd.Series:
    """Words of 0 and 1, qubit 0 last."""
    if isinstance(names, str):
        if outcomes is not None and outcomes != "0/1":
            raise QbellError(
                f"{name}: outcomes = {outcomes!r} is for one column a qubit; a bitstring is made "
                "of 0 and 1"
            )
        words = as_text(table[names]).str.replace(" ", "", regex=False)  # between registers
        return words.str[::-1] if bit_order == "first" else words
    cells = [_codes(table[each]) for each in names]
    there = set().union(*(set(each.unique()) for each in cells))
    fitting = [code for code, pair in CODES.items() if there <= {str(each) for each in pair}]
    if outcomes is None and len(fitting) > 1:
        raise QbellError(
            f"{name}: every outcome is 1, which may stand for either; say outcomes = "
            f"{' or '.join(map(repr, fitting))}"
        )
    code = outcomes or (fitting[0] if fitting else _nearest(cells))
    zero, one = (str(each) for each in CODES[code])
    for each in cells:
        refuse(~each.isin((zero, one)), name, each, f"outcome {{found}} is not {zero} or {one}")
    return _joined([each.map({zero: "0", one: "1"}) for each in cells], bit_order)


def _nearest(cells: list[pd.Series]) -> str:
    """The code that most cells fit: what does not is then named."""
    return max(
        CODES, key=lambda code: sum(each.isin(map(str, CODES[code])).sum() for each in cells)
    )


def _joined(cells: list[pd.Series], order: Order | None) -> pd.Series:
    """Words with qubit 0 last, of one column a qubit, the first of which is qubit 0 if ``order``
    is not last."""
    words: pd.Series = cells[0] if order == "last" else cells[-1]
    for each in cells[1:] if order == "last" else cells[-2::-1]:
        words = words + each
    return words


def _counted(made: pd.DataFrame, drawn: bool, name: str) -> pd.DataFrame:
    """Rows that are single shots: each a draw, or equal ones counted."""
    if drawn:
        if DRAW not in made:
            made[DRAW] = np.arange(len(made))
        keys = list(made.columns)
    else:
        keys = [column for column in made.columns if column in OWN]
    refuse(
        ~made[BITSTRING].str.fullmatch("[01]+"),
        name,
        made[BITSTRING],
        "bitstring {found} is not made of 0 and 1; write one bit a qubit",
    )
    counts = made.groupby(keys, sort=False, dropna=False).size()
    return counts.rename(COUNT).reset_index()
