"""Singular values and vectors of a bidiagonal matrix, by LAPACK's own routine for it."""

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cython_lapack

Matrix = NDArray[np.float64]

SMALL = 200  # rows up to which the routine for any matrix takes no longer


def bidiagonal_svd(diagonal: Matrix, below: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """W, values (descending) and V^T of M = W diag(values) V^T, M lower bidiagonal.

    `numpy.linalg.svd` first makes a matrix bidiagonal, which this one is, and that takes three
    quarters of its time: 0.5 s of N = 1000. What comes then is dbdsdc, as here.

    Args:
        diagonal: (N,) of M.
        below: (N - 1,) below it.

    >>> w, values, v = bidiagonal_svd(np.array([3.0, 1.0]), np.array([4.0]))
    >>> np.round(w * values @ v, 12).tolist()
    [[3.0, 0.0], [4.0, 1.0]]
    """
    size = len(diagonal)
    routine = _dbdsdc() if size > SMALL else None
    if routine is None:
        return np.linalg.svd(np.diag(diagonal) + np.diag(below, k=-1))
    values = np.array(diagonal, dtype=float)
    rest = np.append(below, 0.0)
    left, right = np.zeros((size, size), order="F"), np.zeros((size, size), order="F")
    work, whole = np.empty(3 * size**2 + 4 * size), np.empty(8 * size, dtype=np.intc)
    unused, order = np.zeros(1), np.array([size], dtype=np.intc)
    failed = np.zeros(1, dtype=np.intc)
    letters = np.frombuffer(b"LI", dtype=np.uint8)  # lower; singular vectors wanted
    given: list[NDArray[Any]] = [letters[:1], letters[1:], order, values, rest, left, order]
    given += [right, order, unused, failed[:0], work, whole, failed]
    routine(*(array.ctypes.data for array in given))
    if failed[0]:
        return np.linalg.svd(np.diag(diagonal) + np.diag(below, k=-1))
    return left, values, right


@cache
def _dbdsdc() -> Any:
    """LAPACK's routine as SciPy passes it on for compiled code; None if its arguments differ."""
    capsule = getattr(cython_lapack, "__pyx_capi__", {}).get("dbdsdc")
    if capsule is None:
        return None
    name, pointer = ctypes.pythonapi.PyCapsule_GetName, ctypes.pythonapi.PyCapsule_GetPointer
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    signature: bytes = name(capsule)
    kinds = [part.split()[0] for part in signature.decode().partition("(")[2].split(",")]
    expected = "char char int d d d int d int d int d int int"
    if " ".join(kind.rpartition("_")[2] for kind in kinds) != expected:
        return None
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * len(kinds))
    return function(pointer(capsule, signature))
