"""Outcomes as keys of dictionaries and as words: bit strings, hexadecimal, numbers, tuples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import BIT_LETTERS, columns
from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, Order, short

NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0[bB][01]+", re.ASCII)
EXPECTED = (
    "expected bit strings of 0 and 1 (spaces between registers or not), hexadecimal with 0x, whole "
    "numbers, or tuples of 0 and 1"
)


def key_number(key: object, num_bits: int) -> int | None:
    """An outcome of Qiskit's kinds as a number, bit i of it being bit i; None if it is none.

    >>> [key_number(key, 3) for key in ("110", "1 10", "0x6", 6, "11", "012", True)]
    [6, 6, 6, 6, None, None, None]
    """
    value = -1
    if isinstance(key, int | np.integer) and not isinstance(key, bool):
        value = int(key)
    elif isinstance(key, str):
        word = "".join(key.split(" "))
        if NUMBER.fullmatch(word):
            value = int(word, 0)
        elif len(word) == num_bits and set(word) <= {"0", "1"}:
            value = int(word, 2)
    return value if 0 <= value < 2**num_bits else None


def bits_of_words(
    words: Sequence[Any],
    asked: Asked,
    where: str,
    order: Order = "last",
    *,
    listed: bool = False,
) -> NDArray[np.uint8]:
    """(rows, N) the bits of outcomes that are words, numbers or tuples; column k is qubit k.

    Of words and numbers the last bit is qubit 0 unless ``order`` or ``asked`` says otherwise; entry
    k of a tuple is qubit k, as column k of an array. Messages name the place of a word where they
    are ``listed``.

    Raises:
        QbellError: names the first that is no outcome of N bits.
    """
    words = list(words)
    if not words:
        raise QbellError(f"{where}: no outcomes; give measured ones")
    tuples = [isinstance(word, tuple | list | np.ndarray) for word in words]
    if all(tuples):
        return _of_tuples(words, asked, where)
    if any(tuples):
        raise QbellError(f"{where}: tuples beside other outcomes; {EXPECTED}, of one kind")
    num_qubits = asked.num_qubits
    if num_qubits is None:
        num_qubits = _common_length(words, where)
    first = asked.first(order)
    if all(isinstance(word, str) and len(word) == num_qubits for word in words) and set(
        "".join(words)
    ) <= {"0", "1"}:
        bits = columns(words, BIT_LETTERS)
    else:
        bits = np.empty((len(words), num_qubits), dtype=np.uint8)
        for row, word in enumerate(words):
            number = key_number(word, num_qubits)
            if number is None:
                at = f"{where}[{row}]" if listed else where
                raise QbellError(f"{at}: {_why(word, num_qubits)}")
            bits[row] = [number >> place & 1 for place in range(num_qubits)]
    return np.ascontiguousarray(bits[:, ::-1]) if first else bits


def _of_tuples(words: list[Any], asked: Asked, where: str) -> NDArray[np.uint8]:
    size = len(words[0]) if asked.num_qubits is None else asked.num_qubits
    for word in words:
        if np.ndim(word) != 1 or len(word) != size:
            raise QbellError(f"{where}: outcome {short(word)} has not {size} bits, one a qubit")
        for bit in word:
            if not (isinstance(bit, int | np.integer | np.bool_) and bit in (0, 1)):
                raise QbellError(
                    f"{where}: outcome {short(word)} has {short(bit)}, which is not 0 or 1"
                )
    bits = np.array([[int(bit) for bit in word] for word in words], dtype=np.uint8)
    return bits if asked.first("first") else np.ascontiguousarray(bits[:, ::-1])


def _common_length(words: list[Any], where: str) -> int:
    """N from the words themselves."""
    lengths = set()
    for word in words:
        plain = "".join(word.split(" ")) if isinstance(word, str) else ""
        if not plain or NUMBER.fullmatch(plain) or set(plain) - {"0", "1"}:
            if isinstance(word, int | np.integer) or NUMBER.fullmatch(plain):
                raise QbellError(
                    f"{where}: outcome {short(word)} does not tell the number of qubits; give "
                    "num_qubits, or settings of letters"
                )
            raise QbellError(f"{where}: {_why(word, None)}")
        lengths.add(len(plain))
    if len(lengths) > 1:
        raise QbellError(
            f"{where}: outcomes of {min(lengths)} and of {max(lengths)} bits; leading zeros may be "
            "lost: write one bit a qubit"
        )
    return lengths.pop()


def _why(word: object, num_qubits: int | None) -> str:
    """What is wrong with an outcome."""
    size = "" if num_qubits is None else f" of {num_qubits} qubits"
    if isinstance(word, str) and word.strip():
        plain = "".join(word.split(" "))
        if num_qubits is not None and set(plain) <= {"0", "1"}:
            return (
                f"outcome {short(word)} is {len(plain)} long, not {num_qubits}, one bit for each "
                "letter of its setting; if leading zeros were lost, numbers became text, or other "
                "bits are beside them, give the words as they were measured"
            )
        if plain.isascii() and plain.isdigit():
            return (
                f"outcome {short(word)} is not made of 0 and 1; if it is a number, give it as one, "
                "int(key), or as hexadecimal with 0x"
            )
    return f"{short(word)} is no outcome{size}; {EXPECTED}"
