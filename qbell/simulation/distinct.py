"""Equal settings of a schedule, simulated once."""

import numpy as np
from numpy.typing import NDArray

from qbell.util.unique_rows import row_numbers


def distinct_settings(
    directions: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], list[NDArray[np.int64]]]:
    """The different rows of settings (rows, N), and of each the rows where it stands, ascending.

    Sorted by the direction of qubit 0, then of qubit 1, and so on: neighbours begin alike.
    """
    # Numbers of which qubit 0 is the highest digit sort as the rows do.
    numbers = row_numbers(directions[:, ::-1])
    order = np.argsort(numbers, kind="stable")
    values = numbers[order]
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    return directions[order[starts]], np.split(order, starts[1:])
