"""Settings that were said beside data, as words: whatever holds them, and however written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.conventions.labels import SETTING_LETTERS, strings
from qbell.designs.schedule import Schedule
from qbell.errors import QbellError
from qbell.shots.importers.asked import Order, short
from qbell.shots.importers.letters import SIGMA, Letters, code_text, letter_table
from qbell.shots.table_files import read_table

SETTING = "setting"


def settings_words(
    settings: Any,
    letters: Letters | None,
    word_order: Order | None,
    axis: Axis,
    where: str = "settings",
) -> list[str]:
    """The words of the settings in qbell's letters, qubit 0 last.

    Args:
        settings: a `qbell.Schedule`; a file with a column ``setting``; one word; a list of words;
            or (settings, N) letters or codes, column k for qubit k.
        letters: how they are written; see `letter_table`.
        word_order: which end of a word is qubit 0; None is the last of words and the first column.
        axis: of the run.
        where: their name in messages.

    Raises:
        QbellError: names the first setting that cannot be read.
    """
    if isinstance(settings, Schedule):
        if letters is not None or word_order is not None:
            raise QbellError("a qbell.Schedule has its own letters and order; leave them out")
        return [str(word) for word in settings.rules.spell(settings.directions)]
    if isinstance(settings, os.PathLike):
        where = str(settings)
        table = read_table(Path(settings))
        table.columns = table.columns.str.strip()
        if list(table.columns).count(SETTING) != 1:
            raise QbellError(
                f"{where}: no column {SETTING}, or more than one; qbell schedule -o writes one"
            )
        settings = table[SETTING].str.strip().tolist()
    if isinstance(settings, str):
        settings = [settings]
    table_of_letters = letter_table(letters, axis)
    if letters is not None and isinstance(settings, np.ndarray) and settings.dtype.kind in "iu":
        found = _of_codes(settings, table_of_letters, word_order)
        if found is not None:
            return found
    rows = _rows(settings, where)
    return _translated(rows, table_of_letters, word_order, where, letters)


def translated_word(word: str, table: dict[str, str]) -> str | None:
    """A word in qbell's letters; an angle j/(N+1) as it is; None if it has another letter."""
    if "/" in word:
        return word
    found = [table.get(letter) for letter in word]
    return None if not word or None in found else "".join(map(str, found))


def why_no_word(word: str, table: dict[str, str], letters: Letters | None) -> str:
    """What is wrong with a setting."""
    written = ", ".join(table)
    if letters is None and word and not set(word) - set("0123456789+-. "):
        return (
            f"setting {short(word)} is made of numbers; say which letters they stand for, such as "
            "letters = '0/1' or 'pennylane'"
        )
    if "I" in word:
        return f"setting {short(word)} has I, a qubit not measured; each must be, along {written}"
    if "." in word:
        return f"setting {short(word)} is not made of {written}; give a file as a pathlib.Path"
    name = "" if letters is None or letters == SIGMA else f" (letters = {short(letters)})"
    return f"setting {short(word)} is not made of {written}{name}; write one letter a qubit"


def _of_codes(
    codes: NDArray[Any], table: dict[str, str], word_order: Order | None
) -> list[str] | None:
    """The words of whole numbers (circuits, N), all at once; None if one is none of the codes."""
    values, places = np.unique(codes, return_inverse=True)
    letters = [table.get(code_text(value)) for value in values.tolist()]
    if codes.ndim != 2 or codes.size == 0 or None in letters:
        return None
    numbers = [SETTING_LETTERS.index(str(letter)) for letter in letters]
    columns = np.array(numbers, dtype=np.uint8)[places.reshape(codes.shape)]
    if word_order == "last":
        columns = columns[:, ::-1]
    words: list[str] = strings(columns, SETTING_LETTERS).tolist()
    return words


def _rows(settings: Any, where: str) -> list[Any]:
    """Words, or lists of codes."""
    if isinstance(settings, np.ndarray) or hasattr(settings, "to_numpy"):
        settings = np.asarray(settings).tolist()
    if not isinstance(settings, Iterable) or isinstance(settings, dict | set | frozenset):
        raise QbellError(
            f"{where} = {short(settings)}; give a word a circuit, such as ['XX', 'XY'], or an "
            "array (circuits, qubits)"
        )
    rows = [row.tolist() if isinstance(row, np.ndarray) else row for row in settings]
    if not rows:
        raise QbellError(f"{where}: none given; give one for each circuit")
    return rows


def _translated(
    rows: list[Any],
    table: dict[str, str],
    word_order: Order | None,
    where: str,
    letters: Letters | None,
) -> list[str]:
    words: list[str] = []
    known: dict[Any, str] = {}
    size = None
    for place, row in enumerate(rows):
        at = f"{where}[{place}]"
        key = tuple(row) if isinstance(row, list) else row
        try:
            word = known.get(key)
        except TypeError:  # a list in the list
            raise QbellError(f"{at}: {short(row)} is no setting; give one letter a qubit") from None
        if word is None:
            word = known[key] = _word(row, table, word_order, at, letters)
        size = len(word) if size is None else size
        if len(word) != size:
            raise QbellError(
                f"{at}: setting {short(row)} has {len(word)} letters, and {where}[0] has {size}; "
                "all settings must have the same qubits"
            )
        words.append(word)
    return words


def _word(
    row: Any,
    table: dict[str, str],
    word_order: Order | None,
    at: str,
    letters: Letters | None,
) -> str:
    if isinstance(row, str):
        word = translated_word(row.strip(), table)
        if word is None:
            raise QbellError(f"{at}: {why_no_word(row.strip(), table, letters)}")
        return word[::-1] if word_order == "first" and "/" not in word else word
    if not isinstance(row, list | tuple):
        raise QbellError(f"{at}: {short(row)} is no setting; give one letter a qubit")
    codes = [code_text(code) for code in row]
    if letters is None and codes and not set("".join(codes)) - set("0123456789+-."):
        raise QbellError(f"{at}: {why_no_word(''.join(codes), table, letters)}")
    wrong = [code for code in codes if code not in table]
    if wrong or not codes:
        said = "" if letters is None else f" (letters = {short(letters)})"
        raise QbellError(
            f"{at}: {short(wrong[0] if wrong else row)} is none of {', '.join(table)}{said}; give "
            "one a qubit"
        )
    word = "".join(table[code] for code in codes)
    return word if word_order == "last" else word[::-1]
