"""From the means of Pauli words to the bound: what a user of another tool writes beside it."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def bound_of_table(table: NDArray[np.complex128]) -> float:
    """Eq. (24) from <P> of all words, an array (3,) * N of I, X, Y; the last axis is qubit 0."""
    n = table.ndim
    for axis in range(n):
        one, x, y = (np.take(table, letter, axis) for letter in range(3))
        table = np.stack([one, (x + 1j * y) / 2, (x - 1j * y) / 2], axis)
    charge, order = np.zeros(()), np.zeros(())
    for _ in range(n):
        charge = np.add.outer(charge, [0, 1, -1])
        order = np.add.outer(order, [0, 1, 1])
    return float(2 * np.sum(charge**2 * 2.0 ** (order - n) * np.abs(table) ** 2))


def bound_of_words(words: Iterable[tuple[str, float]], n: int) -> float:
    """The same from pairs of a word of I, X, Y, qubit 0 last, and its mean; others are 0."""
    table = np.zeros((3,) * n, dtype=complex)
    for word, value in words:
        table[tuple(map("IXY".index, word))] = value
    return bound_of_table(table)
