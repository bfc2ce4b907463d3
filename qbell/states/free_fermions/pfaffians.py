"""Pfaffians of all even contiguous windows of an antisymmetric matrix."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

MAX_GROWTH = 1e5  # of entries during an elimination; beyond, its windows are taken one by one

Matrix = NDArray[np.float64]
Number = TypeVar("Number", bound=np.inexact)


def window_pfaffians(matrix: Matrix) -> Matrix:
    """Array (L, L) for a (2L, 2L) matrix: entry i <= j is Pf A[2i..2j+1, 2i..2j+1], else zero.

    One elimination for each first row i gives all j, O(L^4) in all. It divides by the ratio of one
    Pfaffian to the one before; where such a ratio is so small that errors would grow, the windows
    that begin at i are computed one at a time with pivoting.

    >>> window_pfaffians(np.array([[0.0, 3.0], [-3.0, 0.0]])).tolist()
    [[3.0]]
    """
    half = len(matrix) // 2
    found = np.zeros((half, half))
    for i in range(half):
        found[i, i:] = leading_pfaffians(matrix[2 * i :, 2 * i :])
    return found


def leading_pfaffians(matrix: NDArray[Number]) -> NDArray[Number]:
    """(L,) for a real or complex antisymmetric (2L, 2L) matrix: entry j is Pf A[..2j+1, ..2j+1].

    By one elimination, or one at a time with pivoting where errors would grow.

    >>> leading_pfaffians(np.array([[0.0, 2j], [-2j, 0.0]])).tolist()
    [2j]
    """
    found = np.zeros(len(matrix) // 2, dtype=matrix.dtype)
    if _leading(np.array(matrix, order="C"), found) > MAX_GROWTH:
        for j in range(len(found)):
            found[j] = pfaffian(matrix[: 2 * j + 2, : 2 * j + 2])
    return found


def pfaffian(matrix: NDArray[Number]) -> Number:
    """Of a real or complex antisymmetric matrix of even size, with pivoting (Parlett and Reid)."""
    kind: type[Number] = matrix.dtype.type
    return kind(_pivoted(np.array(matrix, order="C")))


@compiled
def _leading(work: NDArray[Number], found: NDArray[Number]) -> float:
    """Pfaffians of the leading blocks of 2, 4, ... rows; returns the growth of the entries."""
    size = len(work)
    product, growth = 1.0, 1.0
    for k in range(0, size, 2):
        pivot = work[k, k + 1]
        product *= pivot
        found[k // 2] = product
        if k + 2 == size:
            break
        if pivot == 0.0:
            return np.inf
        for p in range(k + 2, size):
            up, down = work[k, p] / pivot, work[k + 1, p] / pivot
            for q in range(p + 1, size):
                # Schur complement of the 2 x 2 block [[0, pivot], [-pivot, 0]].
                work[p, q] += down * work[k, q] - up * work[k + 1, q]
                growth = max(growth, abs(work[p, q]))
    return growth


@compiled
def _pivoted(work: NDArray[Number]) -> Any:
    size = len(work)
    product = 1.0
    for k in range(0, size, 2):
        best = k + 1
        for p in range(k + 2, size):
            if abs(work[k, p]) > abs(work[k, best]):
                best = p
        if work[k, best] == 0.0:
            return 0.0
        if best != k + 1:
            for q in range(size):
                work[k + 1, q], work[best, q] = work[best, q], work[k + 1, q]
            for q in range(size):
                work[q, k + 1], work[q, best] = work[q, best], work[q, k + 1]
            product = -product
        pivot = work[k, k + 1]
        product *= pivot
        for p in range(k + 2, size):
            up, down = work[k, p] / pivot, work[k + 1, p] / pivot
            for q in range(k + 2, size):
                work[p, q] += down * work[k, q] - up * work[k + 1, q]
    return product
