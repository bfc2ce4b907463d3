"""A table from its chunks: all its rows, or its different rows and how often each came.

Texts are numbered as they come, so that a row is a few small integers; see `Words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.util.checks import require_memory
from qbell.util.numba_jit import compiled
from qbell.util.words import ROW

if TYPE_CHECKING:
    import pandas as pd

Integers = NDArray[np.int64]

SMALLEST = 1 << 12  # places of a table of pairs
FILLED = 0.6  # of them, at most


class _Texts:
    """The different cells of a column, numbered in the order in which they come."""

    def __init__(self, kind: Any) -> None:
        self.numbers: dict[Any, int] = {}
        self.kind = kind

    def codes(self, cells: pd.Series) -> NDArray[Any]:
        """(rows,) the number of each cell, -1 of a missing one."""
        codes, words = cells.cat.codes.to_numpy(), cells.cat.categories.tolist()
        there = np.zeros(len(words) + 1, dtype=bool)
        there[codes] = True  # -1: the last place
        new = np.full(len(there), -1, dtype=np.int64)
        for place in np.flatnonzero(there[:-1]).tolist():
            new[place] = self.numbers.setdefault(words[place], len(self.numbers))
        found: NDArray[Any] = new.astype(np.min_scalar_type(-max(len(self.numbers), 1)))[codes]
        return found

    def categories(self, codes: NDArray[Any]) -> pd.Categorical:
        """The cells again."""
        import pandas as pd

        return pd.Categorical.from_codes(codes, pd.Index(list(self.numbers), dtype=self.kind))


def gather(chunks: Iterable[pd.DataFrame], name: str) -> pd.DataFrame:
    """All rows of all chunks.

    Raises:
        QbellError: more of them than memory holds.
    """
    import pandas as pd

    texts: dict[int, _Texts] = {}
    parts: list[list[Any]] = []
    header: Any = None
    used = 0.0
    for chunk in chunks:
        if header is None:
            header = chunk.columns
            parts = [[] for _ in header]
        for place, column in enumerate(parts):
            cells: Any = chunk.iloc[:, place]
            if isinstance(cells.dtype, pd.CategoricalDtype):
                kind = cells.cat.categories.dtype
                if not column:
                    texts[place] = _Texts(kind)
                elif place not in texts:  # what did not repeat before
                    cells = cells.astype(kind)
            if place in texts:
                cells = texts[place].codes(cells.astype("category"))
            column.append(cells)
            used += cells.nbytes
        require_memory(used, f"{name}: a table of so many rows")  # once more, when it is whole
    made: dict[int, Any] = {}
    for place, column in enumerate(parts):
        if place in texts:
            made[place] = texts[place].categories(np.concatenate(column))
        else:
            made[place] = pd.concat(column, ignore_index=True)
        column.clear()
    return pd.DataFrame(made).set_axis(header, axis=1)


def tally(
    chunks: Iterable[pd.DataFrame], keys: Sequence[str], name: str
) -> tuple[pd.DataFrame, Integers]:
    """The different rows of some columns, in the order in which they come first, and how often.

    Args:
        chunks: of a table.
        keys: names of two columns or more.
        name: of the table, in errors.

    Returns:
        The rows, with an index `ROW` that says where each stood first; (rows,) how often each came.

    Raises:
        QbellError: more different rows than memory holds.
    """
    import pandas as pd

    texts: list[_Texts] = []
    pairs = [_Pairs(name) for _ in keys[1:]]
    rows = 0
    for part in chunks:
        chunk = part.rename(columns=lambda column: str(column).strip())
        cells = [chunk[key] for key in keys]
        cells = [
            each if isinstance(each.dtype, pd.CategoricalDtype) else each.astype("category")
            for each in cells
        ]
        texts = texts or [_Texts(each.cat.categories.dtype) for each in cells]
        codes = [text.codes(each) for text, each in zip(texts, cells, strict=True)]
        numbers = codes[0].astype(np.int64)
        for pair, right in zip(pairs, codes[1:], strict=True):
            numbers = pair.numbers(numbers, right.astype(np.int64), rows)
        rows += len(chunk)
    count = pairs[-1].used
    left = np.arange(count)
    columns = []
    for pair in reversed(pairs):
        left, right = pair.parts(left)
        columns.append(right)
    columns.append(left)
    made = {
        key: text.categories(codes)
        for key, text, codes in zip(keys, texts, reversed(columns), strict=True)
    }
    index = pd.Index(pairs[-1].first[:count].copy(), name=ROW)
    return pd.DataFrame(made, index=index), pairs[-1].rows[:count, 1].copy()


class _Pairs:
    """Pairs of numbers, numbered in the order in which they come: a hash table that grows.

    Attributes:
        used: how many different pairs came.
        rows: (places, 2) of each the pair, as left 2^32 + right, and how often it came.
        first: (places,) the row in which it came first.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.used = 0
        self.rows = np.zeros((0, 2), np.int64)
        self.first = np.zeros(0, np.int64)
        self._room(SMALLEST)

    def _room(self, slots: int) -> None:
        """Places for more pairs."""
        places = int(FILLED * slots)
        require_memory(28.0 * places, f"{self.name}: a table of so many different rows")
        rows, first = np.zeros((places, 2), np.int64), np.zeros(places, np.int64)
        rows[: self.used] = self.rows[: self.used]
        first[: self.used] = self.first[: self.used]
        self.rows, self.first = rows, first
        self.slots = np.zeros(slots, dtype=np.int32)  # 1 + the number of a pair; 0 if empty
        _put(self.slots, self.rows, self.used)

    def numbers(self, left: Integers, right: Integers, start: int) -> Integers:
        """(rows,) the number of each pair; the first row is row ``start``."""
        slots = len(self.slots)
        while FILLED * slots < self.used + len(left) + 1:
            slots *= 2
        if slots > len(self.slots):
            self._room(slots)
        keys = (left << 32) | (right + 1)  # a missing cell is -1
        self.used = _count(self.slots, self.rows, self.first, self.used, keys, start)
        return keys

    def parts(self, numbers: Integers) -> tuple[Integers, Integers]:
        """Left and right of pairs."""
        keys = self.rows[numbers, 0]
        return keys >> 32, (keys & 0xFFFFFFFF) - 1


@compiled
def _slot(slots: NDArray[np.int32], rows: Integers, key: int) -> int:
    """Where a pair stands, or the empty place that it would take."""
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)  # Knuth, TAOCP 6.4: 2^64 by golden ratio
    place = np.int64((mixed >> np.uint64(32)) & np.uint64(len(slots) - 1))
    while slots[place] != 0 and rows[slots[place] - 1, 0] != key:
        place = (place + 1) & (len(slots) - 1)
    return int(place)


@compiled
def _put(slots: NDArray[np.int32], rows: Integers, used: int) -> None:
    for number in range(used):
        slots[_slot(slots, rows, rows[number, 0])] = number + 1


@compiled
def _count(
    slots: NDArray[np.int32], rows: Integers, first: Integers, used: int, keys: Integers, start: int
) -> int:
    """Count each of ``keys``, which become the numbers of the pairs; returns how many there are."""
    for row in range(len(keys)):
        place = _slot(slots, rows, keys[row])
        if slots[place] == 0:
            slots[place] = used + 1
            rows[used, 0], rows[used, 1] = keys[row], 0
            first[used] = start + row
            used += 1
        number = slots[place] - 1
        rows[number, 1] += 1
        keys[row] = number
    return used
