"""One decorator for compiled kernels: Numba, cached on disk, without the interpreter lock."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile ``function`` with Numba on its first call; threads may run it side by side.

    Division by zero gives an infinity, as in NumPy.
    """
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
