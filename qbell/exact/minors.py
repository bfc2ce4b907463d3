"""Determinants of all contiguous principal blocks of a matrix, in O(N^3) work."""

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled
from qbell.util.threads import one_blas_thread

_LEAF = 16
LEAST = -700.0  # ln of a determinant; below, blocks that hold this one are zero in doubles

Matrix = NDArray[np.float64]


def contiguous_minors(matrix: Matrix) -> Matrix:
    """Array (L, L): entry i <= j is det A[i..j, i..j], ends included; zero below the diagonal.

    One elimination for every first row i would cost O(L^4). Here the range is halved again and
    again. For i in the left part and j in the right one, det A[i..j] = det(middle) det(what is
    left of A after the middle is eliminated); and when the two parts are halved, each quarter
    eliminates a little more of the middle, which it does once for all its i and j.

    For positive principal minors, which is what a ferromagnet's correlations are (Griffiths), no
    elimination meets a small pivot. Results below 1e-308 are returned as zero, and so is the
    determinant of a block with a singular block in its middle: correlations that rounding has
    brought to zero do not come back at a larger distance.

    >>> contiguous_minors(np.array([[2.0, 1.0], [1.0, 3.0]])).round(12).tolist()
    [[2.0, 5.0], [0.0, 3.0]]
    """
    size = len(matrix)
    minors = np.zeros((size, size))
    with one_blas_thread(size):
        _within(np.ascontiguousarray(matrix), 0, minors)
    return minors


def _within(matrix: Matrix, first: int, minors: Matrix) -> None:
    """All i <= j inside ``matrix``, whose first row is row ``first`` of the whole."""
    size = len(matrix)
    if size <= _LEAF:
        _leaf(matrix, 0, 1.0, 0.0, first, first, minors)
        return
    half = size // 2
    _within(matrix[:half, :half], first, minors)
    _within(matrix[half:, half:], first + half, minors)
    _across(matrix, half, 1.0, 0.0, first, first + half, minors)


def _across(
    rest: Matrix, width: int, sign: float, log_middle: float, left: int, right: int, minors: Matrix
) -> None:
    """All i in the first ``width`` rows of ``rest`` and j in the others.

    These are rows ``left``... and ``right``... of the whole; the middle is eliminated, and sign and
    log_middle are its determinant.
    """
    other = len(rest) - width
    if width <= _LEAF and other <= _LEAF:
        _leaf(np.ascontiguousarray(rest), width, sign, log_middle, left, right, minors)
        return
    near, far = width // 2, other // 2  # rows that start at these are I2 and J2
    for begin, stop, first in ((near, width, left + near), (0, near, left)):
        for start, end, second in (
            (width, width + far, right),
            (width + far, width + other, right + far),
        ):
            if begin < stop and start < end:
                reduced, s, log = _eliminate(rest, begin, stop, start, end)
                if s != 0:
                    _across(
                        reduced, stop - begin, sign * s, log_middle + log, first, second, minors
                    )


def _eliminate(
    matrix: Matrix, begin: int, stop: int, start: int, end: int
) -> tuple[Matrix, float, float]:
    """Schur complement on the rows begin...stop and start...end, the rows between eliminated.

    With the determinant of the block that is gone; its sign is 0 if that block is singular.
    """
    if stop == start:
        return matrix[begin:end, begin:end], 1.0, 0.0
    lu, pivots, _ = scipy.linalg.lapack.dgetrf(matrix[stop:start, stop:start])
    diagonal = lu.diagonal()
    with np.errstate(divide="ignore"):
        log = float(np.log(np.abs(diagonal)).sum())
    near, far = matrix[begin:stop], matrix[start:end]
    block = np.concatenate([near, far])
    kept = np.concatenate([block[:, begin:stop], block[:, start:end]], axis=1)
    if not log > LEAST:
        return kept, 0.0, log
    odd = np.count_nonzero(diagonal < 0) + np.count_nonzero(pivots != np.arange(len(pivots)))
    across = matrix[stop:start]
    coupling, _ = scipy.linalg.lapack.dgetrs(
        lu, pivots, np.concatenate([across[:, begin:stop], across[:, start:end]], axis=1)
    )
    return kept - block[:, stop:start] @ coupling, float(1 - 2 * (odd % 2)), log


@compiled
def _leaf(
    rest: Matrix,
    width: int,
    sign: float,
    log_middle: float,
    left: int,
    right: int,
    minors: Matrix,
) -> None:
    """Eliminate row by row; the product of the pivots so far is the determinant.

    With width 0, ``rest`` is one range by itself and holds both i and j.
    """
    size = len(rest)
    starts = width if width > 0 else size
    for start in range(starts):
        work = rest[start:, start:].copy()
        determinant_sign = sign
        log = log_middle
        for k in range(size - start):
            pivot = work[k, k]
            if pivot == 0.0:
                break  # a zero minor; those behind it count as zero too
            if pivot < 0.0:
                determinant_sign = -determinant_sign
            log += np.log(abs(pivot))
            column = start + k
            if column >= width:
                minors[left + start, right + column - width] = determinant_sign * np.exp(log)
            for i in range(k + 1, size - start):
                factor = work[i, k] / pivot
                for j in range(k + 1, size - start):
                    work[i, j] -= factor * work[k, j]
