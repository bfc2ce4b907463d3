"""Equal settings of a schedule, simulated once."""

import numpy as np
from numpy.typing import NDArray


def distinct_settings(
    directions: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], list[NDArray[np.int64]]]:
    """The different rows of settings (rows, N), and of each the rows where it stands, ascending."""
    distinct, number = np.unique(directions, axis=0, return_inverse=True)
    order = np.argsort(number.ravel(), kind="stable")
    sizes = np.bincount(number.ravel(), minlength=len(distinct))
    return distinct, np.split(order, np.cumsum(sizes)[:-1])
