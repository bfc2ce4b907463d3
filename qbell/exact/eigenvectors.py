"""Eigenvectors of a Hermitian matrix of thousands of rows, by its blocks and in few large products.

A matrix that leaves sets of basis states to themselves (charge conserved, GHZ with dephasing) is
solved set by set; one that commutes with X on every qubit (thermal states of Eq. (29)) is solved
among even and odd states; a real one in real numbers. What remains complex is reduced to a real
tridiagonal matrix, whose eigenvectors LAPACK finds by divide and conquer and turns back: twice
as fast as its driver zheevd for the same, which does that step in complex numbers.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.exact.read_state import real_if_possible

Array = NDArray[Any]
Index = NDArray[np.int64]
Solved = tuple[NDArray[np.float64], Array]

LEAST = 64  # rows below which no structure is looked for
DENSE = 0.6  # share of elements that are not 0, above which there are no blocks worth a search
TOGETHER, BESIDE = 32, 65 * 64  # columns LAPACK works on together, and numbers it needs for that
SMALL = 4e-15  # norm of what may break the symmetry, of that of the matrix: LAPACK's own rounding


class Part(NamedTuple):
    """A matrix on a space of its own.

    Attributes:
        matrix: in that space.
        rows: basis states on which it lies.
        parity: 1 or -1 if its vectors keep or change sign as ``rows`` are read backwards, of which
            ``matrix`` has the first half; 0 if it has all of them.
    """

    matrix: Array
    rows: Index
    parity: int


def eigenvectors(matrix: Array) -> Solved:
    """Eigenvalues (d,) and eigenvectors as rows (d, d), part by part.

    Args:
        matrix: (d, d), Hermitian.

    >>> p, rows = eigenvectors(np.diag([0.25, 0.75]).astype(complex))
    >>> bool(np.allclose(rows.T @ np.diag(p) @ rows, np.diag([0.25, 0.75])))
    True
    """
    values, rows, done = np.empty(len(matrix)), None, 0
    for part in parts(matrix):
        p, vectors = _dense(part.matrix)
        if len(p) == len(matrix):
            return p, vectors
        if rows is None:
            rows = np.zeros(matrix.shape, dtype=vectors.dtype)
        place = slice(done, done + len(p))
        values[place] = p
        if part.parity:
            vectors = np.hstack([vectors, part.parity * vectors[:, ::-1]]) / np.sqrt(2)
        rows[place, part.rows] = vectors
        done += len(p)
    assert rows is not None
    return values, rows


def is_positive(matrix: Array, tolerance: float) -> bool:
    """Whether no eigenvalue is below -``tolerance``; by Cholesky decompositions, part by part.

    >>> is_positive(np.eye(2) + 0j, 1e-8), is_positive(-np.eye(2) + 0j, 1e-8)
    (True, False)
    """
    try:
        for part in parts(matrix):
            np.linalg.cholesky(part.matrix + tolerance * np.eye(len(part.matrix)))
    except np.linalg.LinAlgError:
        return False
    return True


def parts(matrix: Array) -> Iterator[Part]:
    """The matrix in parts that do not touch each other, real if it is.

    >>> [part.rows.tolist() for part in parts(np.kron(np.eye(64), np.ones((2, 2))) + 0j)][:2]
    [[0, 1], [2, 3]]
    """
    numbers = real_if_possible(matrix)
    for rows in _blocks(numbers):
        block = numbers if len(rows) == len(numbers) else numbers[np.ix_(rows, rows)]
        if not _reads_backwards(block):
            yield Part(block, rows, 0)
            continue
        half = len(rows) // 2
        same, crossed = block[:half, :half], block[:half, half:][:, ::-1]
        yield Part(same + crossed, rows, 1)
        yield Part(same - crossed, rows, -1)


def _blocks(matrix: Array) -> Iterator[Index]:
    """Sets of rows that no element joins: only zeros count that are exact."""
    size = len(matrix)
    if size < LEAST or np.count_nonzero(matrix) > DENSE * size**2:
        yield np.arange(size)
        return
    graph = scipy.sparse.csr_matrix(matrix != 0)
    count, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable").astype(np.int64)
    ends = np.searchsorted(label[order], np.arange(count + 1))
    for first, last in pairwise(ends):
        yield order[first:last]


def _reads_backwards(matrix: Array) -> bool:
    """Whether reversing the order of rows and columns changes nothing: X on every qubit."""
    if len(matrix) < LEAST or len(matrix) % 2:
        return False
    most = SMALL * math.sqrt(np.vdot(matrix, matrix).real)
    if abs(matrix[0, 1] - matrix[-1, -2]) > 2 * most:  # most matrices end here
        return False
    return bool(np.linalg.norm(matrix - matrix[::-1, ::-1]) <= 2 * most)


def _dense(matrix: Array) -> Solved:
    """Without looking for structure."""
    if len(matrix) >= LEAST and np.iscomplexobj(matrix):
        found = _by_tridiagonal(matrix)
        if found is not None:
            return found
    values, vectors = np.linalg.eigh(matrix)
    return values, np.ascontiguousarray(vectors.T)


def _by_tridiagonal(matrix: Array) -> Solved | None:
    """Q^+ A Q = T, real and tridiagonal; its eigenvectors times Q. None if LAPACK gives up.

    LAPACK reads a matrix column by column, and so A^T = A*: its eigenvectors are those of A*.
    """
    lapack: Any = scipy.linalg.lapack
    size = len(matrix)
    space = TOGETHER * size + BESIDE
    kept, diagonal, off, tau, failed = lapack.zhetrd(matrix.T, lower=1, lwork=space)
    if failed:
        return None
    values, inner, failed = lapack.dstevd(diagonal, off)
    if failed:
        return None
    # Q is kept as reflectors below the diagonal, and acts on all rows but the first. Arrays that
    # begin one number later have these rows on top, with nothing copied: below them stands the
    # first row of the next column, which reflectors leave alone that end with a 0.
    kept[0, 1:] = 0
    reflectors = _column_wise(kept.ravel(order="K")[1:], size, size - 1)
    numbers = np.empty(size * size + 1, dtype=complex)
    numbers[-1] = 0
    vectors, below = _column_wise(numbers, size, size), _column_wise(numbers[1:], size, size)
    vectors[:] = inner
    turned, _, failed = lapack.zunmqr("L", "N", reflectors, tau, below, space, overwrite_c=1)
    if not np.may_share_memory(turned, numbers):  # a copy was made after all
        below[:] = turned
    return None if failed else (values, np.conjugate(vectors.T, out=vectors.T))


def _column_wise(numbers: Array, rows: int, columns: int) -> Array:
    """The first of ``numbers`` as a matrix, column after column."""
    return numbers[: rows * columns].reshape((rows, columns), order="F")
