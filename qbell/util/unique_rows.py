"""Equal rows of an array found fast, for any number of qubits."""

import numpy as np
from numpy.typing import NDArray

WORD = 62  # bits of an integer that are used


def row_numbers(values: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(rows,) a number for each row of ``values`` (rows, N): the same for equal rows only.

    Columns are packed into integers; where one integer cannot hold a row, the integers of a part
    are replaced by their ranks and the next part is added.

    >>> row_numbers(np.array([[0, 1], [1, 1], [0, 1]], dtype=np.uint8)).tolist()
    [2, 3, 2]
    """
    bits = max(1, int(values.max(initial=0)).bit_length())
    numbers = np.zeros(len(values), dtype=np.int64)
    used = 0
    for column in range(values.shape[1]):
        if used + bits > WORD:
            numbers = np.unique(numbers, return_inverse=True)[1].astype(np.int64).ravel()
            used = int(numbers.max(initial=0)).bit_length()
        numbers |= values[:, column].astype(np.int64) << used
        used += bits
    return numbers
