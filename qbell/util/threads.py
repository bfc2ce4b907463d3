"""Compiled kernels on all cores."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Index = NDArray[np.int64]
Item = TypeVar("Item")
Result = TypeVar("Result")

PIECES = 64
STARTING = 2e-3  # seconds that threads take to start
TINY = 64

_ONE_CORE: ContextVar[bool] = ContextVar("_ONE_CORE", default=False)


def in_threads(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """``work(item)`` of each of the ``items``, side by side; the results in their order.

    For kernels that release the interpreter's lock and write to places of their own.
    """
    if len(items) == 1 or cores() == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(work, items))


def one_by_one(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The same without threads: where each item fills the memory, or holds the lock."""
    return [work(item) for item in items]


def in_threads_if_long(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """The same for many items alike: the first shows whether threads are worth their start."""
    if len(items) == 0:
        return []
    start = time.perf_counter()
    first = work(items[0])
    rest = items[1:]
    if (time.perf_counter() - start) * len(rest) < STARTING:
        return [first, *(work(item) for item in rest)]
    return [first, *in_threads(work, rest)]


def pieces(todo: Index, *, serial: bool = False) -> list[Index]:
    """``todo`` in pieces for `in_threads`, so many that all cores end together.

    Not by the number of cores: sums over pieces would then depend on it in the last digit.
    ``serial`` leaves it in one piece: for small work, where threads take longer than they save.
    """
    if serial:
        return [todo]
    return [piece for piece in np.array_split(todo, PIECES) if len(piece)]


def cores() -> int:
    """Cores that this process may use; 1 within `on_one_core`."""
    if _ONE_CORE.get():
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def on_one_core() -> Iterator[None]:
    """Without threads: where processes beside this one have the other cores."""
    before = _ONE_CORE.set(True)
    try:
        yield
    finally:
        _ONE_CORE.reset(before)


@contextmanager
def one_blas_thread(size: int | None = None) -> Iterator[None]:
    """Linear algebra on one thread: of small matrices, thousands of times.

    There BLAS threads only wait for each other, on a busy machine fifty times longer than the work
    itself takes. Where the ``size`` of the matrices is given, up to 64 nothing is changed: the work
    takes less time than the change.
    """
    if size is not None and size <= TINY:
        yield
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield
