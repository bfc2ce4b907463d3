"""Tables with other names, letters and orders: what is refused, with the row of the file."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import qbell
from tests.support.foreign import refused

GOOD = pd.DataFrame(
    {"basis": ["XX", "XY", "YX", "YY"], "word": ["01", "00", "11", "10"], "n": [5, 5, 5, 5]}
)
NAMES = {"setting": "basis", "bitstring": "word", "count": "n"}
PER_QUBIT = pd.DataFrame(
    {"s0": [0, 1, 0, 1], "s1": [0, 0, 1, 1], "q0": [1, -1, 1, 1], "q1": [-1, -1, 1, 1]}
)
LISTED: dict[str, Any] = {"setting": ["s0", "s1"], "bitstring": ["q0", "q1"], "count": None}


def read(table: Any = GOOD, columns: Any = NAMES, **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from(table, columns=columns, **how)


def changed(column: str, value: Any, table: pd.DataFrame = GOOD) -> pd.DataFrame:
    other = table.astype({column: object})
    other.loc[2, column] = value
    return other


MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    # the ten most likely
    "names not mapped": (read(columns=None), "no column setting, bitstring, count in the header"),
    "no such column": (
        read(columns={**NAMES, "count": "shots"}),
        "no column 'shots' in the",
    ),
    "mapped the wrong way": (read(columns={"basis": "setting"}), "columns: 'basis' is none of"),
    "leading zeros lost": (read(changed("word", 1)), "row 4: bitstring '1' has not the 2 bits"),
    "letters in small": (
        read(changed("basis", "yx")),
        "row 4: setting 'yx' is not made of",
    ),
    "letters as numbers": (
        read(changed("basis", "10"), letters="paulis"),
        "row 4: setting '10' is not made of X, Y, Z (letters = 'paulis')",
    ),
    "a 2 among outcomes": (
        read(changed("q0", 2, PER_QUBIT), LISTED, letters="0/1"),
        "row 4: outcome '2' is not 1 or -1",
    ),
    "fractional counts": (read(changed("n", 4.5)), "row 4: count '4.5' is not a whole number"),
    "missing counts": (read(changed("n", None)), "is not a whole number from 0 on"),
    "rows repeated": (read(pd.concat([GOOD, GOOD])), "row 6 repeats row 2"),
    # hostile
    "below 0": (read(changed("n", -5)), "row 4: count '-5' is not a whole number"),
    "a column for two things": (
        read(columns={**NAMES, "count": "word"}),
        "columns: 'word' is used for two things",
    ),
    "a column named twice": (
        read(GOOD.set_axis(["basis", "word", "word"], axis=1)),
        "column 'word' is named twice",
    ),
    "count of several columns": (
        read(columns={**NAMES, "count": ["n", "word"]}),
        "columns: count = ['n', 'word']; give the name of a column",
    ),
    "no names": (read(columns={**NAMES, "setting": []}), "columns: setting = []"),
    "columns a list": (read(columns=["basis"]), "columns = ['basis']; map setting"),
    "no rows": (read(GOOD[:0]), "no rows under the header"),
    "codes not said": (read(PER_QUBIT, LISTED), "row 2: '0' is none of X, Y, Z; say how settings"),
    "code out of range": (
        read(changed("s1", 2, PER_QUBIT), LISTED, letters="0/1"),
        "row 4: '2' is none of 0, 1",
    ),
    "outcomes all 1": (
        read(PER_QUBIT.assign(q0=1, q1=1), LISTED, letters="0/1"),
        "every outcome is 1, which may stand for either; say outcomes =",
    ),
    "outcome missing": (
        read(changed("q1", None, PER_QUBIT), LISTED, letters="0/1"),
        "row 4: outcome",
    ),
    "first setting missing": (
        read(GOOD.assign(basis=[None, "XY", "YX", "YY"])),
        "row 2: setting 'nan' is not made of",
    ),
    "digits of another script": (read(changed("n", "٣")), "row 4: count '٣' is not a whole number"),
    "settings beside": (read(settings=["XX"]), "settings = is not for tables"),
    "codes of a word": (read(outcomes="+1/-1"), "is for one column a qubit"),
    "job twice": (read(GOOD.assign(job=1), job=2), "the table has a column job"),
    "a row that is no outcome": (
        read(changed("word", "0x"), {**NAMES, "count": None}),
        "row 4: bitstring '0x' is not made of 0 and 1",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    call, says = MISTAKES[mistake]
    assert says in refused(call)


def test_further_columns_are_kept_and_names_may_be_exchanged() -> None:
    table = GOOD.assign(run="a").rename(columns={"basis": "bitstring", "word": "setting"})
    columns = {"setting": "bitstring", "bitstring": "setting", "count": "n"}
    shots = qbell.shots_from(table, columns=columns)
    assert list(shots.frame) == ["setting", "bitstring", "count", "run"]
    assert shots.frame["setting"].tolist() == ["XX", "XY", "YX", "YY"]


def test_a_row_a_shot() -> None:
    table = pd.concat([PER_QUBIT, PER_QUBIT[:2]], ignore_index=True)
    counted = qbell.shots_from(table, columns=LISTED, letters="0/1", design="full")
    assert counted.frame["setting"].tolist() == ["XX", "XY", "YX", "YY"]
    assert counted.frame["bitstring"].tolist() == ["10", "11", "00", "00"]
    assert counted.counts.tolist() == [2, 2, 1, 1]
    drawn = qbell.shots_from(table, columns=LISTED, letters="0/1", design="random")
    assert drawn.draws is not None
    assert drawn.draws.tolist() == [0, 1, 2, 3, 4, 5]
    assert drawn.counts.tolist() == [1] * 6


def test_columns_may_begin_with_the_last_qubit() -> None:
    how: dict[str, Any] = {"letters": "0/1", "design": "full"}
    shots = qbell.shots_from(PER_QUBIT, columns=LISTED, **how)
    columns = {"setting": ["s1", "s0"], "bitstring": ["q1", "q0"], "count": None}
    how |= {"bit_order": "last", "word_order": "last"}
    assert qbell.shots_from(PER_QUBIT, columns=columns, **how).frame.equals(shots.frame)
