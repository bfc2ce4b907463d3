"""Compiled kernels on all cores."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Result = TypeVar("Result")


def in_threads(
    todo: Index, work: Callable[[Index], Result], *, serial: bool = False
) -> list[Result]:
    """Call ``work`` on pieces of ``todo``, side by side; the results in the order of the pieces.

    For kernels that release the interpreter's lock and write to places of their own. ``serial`` is
    for small work, where starting threads takes longer than they save.
    """
    if serial:
        return [work(todo)]
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = available or 1
    pieces = [piece for piece in np.array_split(todo, 8 * threads) if len(piece)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, pieces))
