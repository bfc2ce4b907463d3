"""Cells of a column as text, each different one kept once: of few words in many million rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.util.unique_rows import row_numbers

if TYPE_CHECKING:
    import pandas as pd

ROW = "qbell: row of the file"  # name of an index that says where in a file each row of it stood


@dataclass(frozen=True)
class Words:
    """The texts in the cells of a column.

    Attributes:
        codes: (rows,) position in ``words``.
        words: the different ones that occur, in any order.
        places: (rows,) place in the file, the first row under its header being 0; None if it is the
            row itself.

    >>> import pandas as pd
    >>> words = Words.of(pd.Series(["XY", " XX", "XY"]))
    >>> [words[row] for row in range(3)], words.where(lambda word: "Y" in word).tolist()
    (['XY', 'XX', 'XY'], [True, False, True])
    """

    codes: NDArray[np.integer[Any]]
    words: Sequence[str]
    places: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, values: pd.Series, spell: Callable[[Any], str] | None = None) -> Words:
        """The cells as text without spaces around it, whatever their type; a missing one is nan.

        ``spell`` makes the text of a cell, if it is another one.
        """
        import pandas as pd

        places = values.index.to_numpy() if values.index.name == ROW else None
        codes: NDArray[Any]
        kinds: Any
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes, kinds = values.cat.codes.to_numpy(), values.cat.categories
        elif _repeats_safely(values):
            codes, kinds = pd.factorize(values)
        else:
            text = values.astype(str) if spell is None else values.astype(object).map(spell)
            (codes, kinds), spell = pd.factorize(text), None
        kinds = pd.Series(kinds)
        if spell is None:
            texts = [text.strip() for text in kinds.astype(str).fillna("nan").tolist()]
            missing = "nan"
        else:
            texts, missing = kinds.astype(object).map(spell).tolist(), spell(float("nan"))
        if len(codes) and codes.min() < 0:
            codes = np.where(codes < 0, len(texts), codes)
            texts.append(missing)
        return _named(codes, texts, places)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return str(self.words[self.codes[row]])

    def place(self, row: int) -> int:
        """Where in the file a row stood; see ``places``."""
        return row if self.places is None else int(self.places[row])

    def where(self, holds: Callable[[str], object]) -> NDArray[np.bool_]:
        """(rows,) whether ``holds`` of the word there."""
        flags = np.array(list(map(holds, self.words)), dtype=bool)
        found: NDArray[np.bool_] = flags[self.codes]
        return found

    def mapped(self, change: Callable[[str], str]) -> Words:
        """Each word changed."""
        return _named(self.codes, [change(word) for word in self.words], self.places)

    def values(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """(rows, ...) what ``numbers`` (words, ...) says of the word in each row."""
        found: NDArray[Any] = numbers[self.codes]
        return found

    def take(self, rows: NDArray[np.integer[Any]]) -> Words:
        """The words in some rows."""
        places = rows if self.places is None else self.places[rows]
        return _named(self.codes[rows], self.words, places.astype(np.int64))

    def series(self) -> pd.Series:
        """As categories; `of` gives these words again."""
        import pandas as pd

        index = None if self.places is None else pd.Index(self.places, name=ROW)
        words: Any = pd.Index(list(self.words), dtype=object)
        made = pd.Categorical.from_codes(self.codes, words)
        return pd.Series(made, index=index)

    @classmethod
    def joined(cls, parts: Sequence[Words]) -> Words:
        """Words put together, the first part in front."""
        rows = np.stack([part.codes for part in parts], axis=1)
        if max(len(part.words) for part in parts) > 256:  # of cells that are no letters
            raise ValueError("these are words, not letters")
        numbers = row_numbers(rows.astype(np.uint8))
        _, first, codes = np.unique(numbers, return_index=True, return_inverse=True)
        spelt = ["".join(part[row] for part in parts) for row in first]
        return _named(codes, spelt, parts[0].places)


def codes_of(values: pd.Series) -> tuple[NDArray[np.integer[Any]], int]:
    """(rows,) numbers from 0 on, equal where cells are; and how many there can be."""
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, size = values.cat.codes.to_numpy(), len(values.cat.categories)
    else:
        codes, kinds = pd.factorize(values)
        size = len(kinds)
    return (np.where(codes < 0, size, codes), size + 1) if (codes < 0).any() else (codes, size)


def _repeats_safely(values: pd.Series) -> bool:
    """True if equal cells have equal texts: of objects, 1 and True are equal."""
    import pandas as pd

    plain = isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub"
    return plain or isinstance(values.dtype, pd.StringDtype)


def _named(codes: NDArray[Any], texts: Sequence[str], places: NDArray[np.int64] | None) -> Words:
    """Those texts that occur, each once."""
    there = np.zeros(len(texts), dtype=bool)
    there[codes] = True
    if there.all() and len(set(texts)) == len(texts):
        return Words(
            codes.astype(np.min_scalar_type(-max(len(texts), 1)), copy=False), texts, places
        )
    numbers: dict[str, int] = {}
    new = [
        numbers.setdefault(text, len(numbers)) if occurs else 0
        for text, occurs in zip(texts, there.tolist(), strict=True)
    ]
    size = np.min_scalar_type(-max(len(numbers), 1))
    return Words(np.array(new, dtype=size)[codes], list(numbers), places)
