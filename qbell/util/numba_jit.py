"""Compiled kernels: Numba, loaded when the first of them is called, and cached on disk.

A kernel is a stand-in until then, so that importing qbell does not load Numba. Kernels that call
kernels meet stand-ins, too: Numba asks an object it does not know for its ``_numba_type_``.
"""

import functools
import os
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

_LOADING = threading.RLock()  # kernels are called from several threads


def compiled(function: Function) -> Function:
    """Compile ``function`` with Numba on its first call; threads may run it side by side.

    Division by zero gives an infinity, as in NumPy.
    """
    return cast(Function, _Kernel(function, _dispatcher))


def interpreted(kernel: Function) -> Function:
    """What a kernel was compiled from: for work so small that loading Numba takes longer."""
    return cast(Function, kernel.__wrapped__)  # type: ignore[attr-defined]


def intrinsic(function: Callable[..., Any]) -> Any:
    """A function in LLVM's words, for use in kernels only; see `numba.extending.intrinsic`."""
    return _Kernel(function, _intrinsic)


class _Kernel:
    """Stands for what Numba makes of ``function``, and makes it when it is first needed."""

    def __init__(self, function: Callable[..., Any], make: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self._make = functools.partial(make, function)
        self._made: Any = None

    def __call__(self, *arguments: Any) -> Any:
        return (self._made or self._get())(*arguments)

    @property
    def _numba_type_(self) -> Any:
        from numba.core.registry import cpu_target

        made = self._get()
        cpu_target.typing_context.refresh()  # takes notice of a new intrinsic
        return cpu_target.typing_context.resolve_value_type(made)

    def _get(self) -> Any:
        with _LOADING:
            if self._made is None:
                self._made = self._make()
        return self._made


def _dispatcher(function: Callable[..., Any]) -> Any:
    """Numba's dispatcher, with a cache wherever one can be: else it compiles in every process."""
    numba = _numba()
    options = {"nogil": True, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # neither the package nor the user's cache folder can be written to
        folder = _temporary_folder()
    if folder is None:
        return numba.njit(**options)(function)
    usual, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder)
    try:
        return numba.njit(cache=True, **options)(function)
    finally:
        numba.config.CACHE_DIR = usual


def _intrinsic(function: Callable[..., Any]) -> Any:
    _numba()
    from numba.extending import intrinsic

    return intrinsic(function)


def _numba() -> Any:
    """Numba, also where NUMBA_NUM_THREADS is no number of threads; qbell has threads of its own."""
    try:
        least = int(os.environ.get("NUMBA_NUM_THREADS", "1"))
    except ValueError:
        least = 0
    if least < 1:
        del os.environ["NUMBA_NUM_THREADS"]
    import numba

    return numba


def _temporary_folder() -> Path | None:
    """A folder of this user's alone: what is in it gets run. None if there can be none."""
    try:
        folder = Path(tempfile.gettempdir()) / f"qbell-numba-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except (AttributeError, OSError):
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if own and not found.st_mode & 0o077 else None
