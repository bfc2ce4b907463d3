"""Equal rows of an array found fast, for any number of qubits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = 62  # bits of an integer that are used


def packed(values: NDArray[np.uint8], bits: int = 1) -> NDArray[np.int64]:
    """(rows,) the columns of ``values`` (rows, N), ``bits`` each, as one integer; 0 is lowest.

    >>> packed(np.array([[0, 1], [1, 1]], dtype=np.uint8)).tolist()
    [2, 3]
    """
    columns = values.shape[1]
    narrow = np.min_scalar_type((1 << bits * columns) - 1)  # a fourth of the time for 10 columns
    numbers = np.zeros(len(values), dtype=narrow)
    for column in range(columns - 1, -1, -1):
        numbers <<= narrow.type(bits)
        numbers |= values[:, column]
    return numbers.astype(np.int64)


def row_numbers(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(rows,) a number for each row of ``values`` (rows, N): the same for equal rows only.

    Columns are packed into integers; where one integer cannot hold a row, the integers of a part
    are replaced by their ranks and the next part is added.

    >>> row_numbers(np.array([[0, 1], [1, 1], [0, 1]], dtype=np.uint8)).tolist()
    [2, 3, 2]
    """
    bits = max(1, int(values.max(initial=0)).bit_length())
    first = min(values.shape[1], WORD // bits)
    numbers = packed(values[:, :first], bits)
    used = first * bits
    for column in range(first, values.shape[1]):
        if used + bits > WORD:
            numbers = np.unique(numbers, return_inverse=True)[1].astype(np.int64).ravel()
            used = int(numbers.max(initial=0)).bit_length()
        numbers |= values[:, column].astype(np.int64) << used
        used += bits
    return numbers


def pair_numbers(columns: Sequence[tuple[NDArray[np.integer[Any]], int]]) -> NDArray[np.int64]:
    """(rows,) a number for each row of several columns: the same for equal rows only.

    Args:
        columns: of each its (rows,) numbers from 0 on, and how many there can be.

    >>> ones, twos = np.array([0, 1, 0]), np.array([2, 0, 2])
    >>> pair_numbers([(ones, 2), (twos, 3)]).tolist()
    [2, 3, 2]
    """
    numbers = columns[0][0].astype(np.int64)
    most = columns[0][1]
    for codes, size in columns[1:]:
        if most * size >= 1 << WORD:
            numbers = np.unique(numbers, return_inverse=True)[1].astype(np.int64).ravel()
            most = len(numbers)
        numbers *= size
        numbers += codes
        most *= size
    return numbers
