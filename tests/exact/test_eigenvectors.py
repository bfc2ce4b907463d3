"""Eigenvectors part by part: against NumPy's of the whole matrix."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell import exact
from qbell.exact.eigenvectors import eigenvectors, is_positive, parts
from qbell.exact.mixture import pair_weights

Matrix = NDArray[Any]
SIZE = 128  # 7 qubits: structure is looked for


def dense(rng: np.random.Generator) -> Matrix:
    rows = rng.normal(size=(SIZE, SIZE)) + 1j * rng.normal(size=(SIZE, SIZE))
    matrix = rows @ rows.conj().T
    return np.asarray(matrix / np.trace(matrix).real)


def real(rng: np.random.Generator) -> Matrix:
    return dense(rng).real.astype(complex)


def even(rng: np.random.Generator) -> Matrix:
    matrix = dense(rng)
    return (matrix + matrix[::-1, ::-1]) / 2


def charge(rng: np.random.Generator) -> Matrix:
    """States of different numbers of ones are not joined."""
    ones = np.bitwise_count(np.arange(SIZE))
    return dense(rng) * (ones[:, None] == ones)


def x_shaped(rng: np.random.Generator) -> Matrix:
    """GHZ with dephasing and flips: the two diagonals."""
    matrix = dense(rng)
    return np.diag(np.diag(matrix)) + np.diag(np.diag(matrix[:, ::-1]))[:, ::-1]


def repeated(rng: np.random.Generator) -> Matrix:
    """Eigenvalues that come eight times each, zero among them."""
    vectors = np.linalg.qr(dense(rng))[0]
    p = np.repeat(np.arange(SIZE // 8), 8)
    return np.asarray((vectors * (p / p.sum())) @ vectors.conj().T)


KINDS = (dense, real, even, charge, x_shaped, repeated)


@pytest.mark.parametrize("kind", KINDS)
def test_they_diagonalise(kind: Callable[..., Matrix], rng: np.random.Generator) -> None:
    matrix = kind(rng)
    p, rows = eigenvectors(matrix)
    assert np.allclose(np.sort(p), np.linalg.eigvalsh(matrix), rtol=0, atol=1e-15)
    assert np.allclose((rows.T * p) @ rows.conj(), matrix, rtol=0, atol=1e-15)
    assert np.allclose(rows.conj() @ rows.T, np.eye(SIZE), rtol=0, atol=1e-13)


def test_parts(rng: np.random.Generator) -> None:
    sizes = {kind: [len(part.matrix) for part in parts(kind(rng))] for kind in KINDS}
    assert sizes[dense] == sizes[repeated] == [SIZE]
    assert sizes[even] == [SIZE // 2] * 2
    assert sorted(sizes[charge]) == sorted([1, 7, 21, 35, 35, 21, 7, 1])
    assert sizes[x_shaped] == [2] * (SIZE // 2)
    assert not any(np.iscomplexobj(part.matrix) for part in parts(real(rng)))


@pytest.mark.parametrize("kind", [even, charge])
def test_little_is_not_nothing(kind: Callable[..., Matrix], rng: np.random.Generator) -> None:
    """An element of 1e-12 that breaks the structure is kept."""
    matrix = kind(rng)
    matrix[3, 4] += 1e-12
    matrix[4, 3] += 1e-12
    p, rows = eigenvectors(matrix)
    assert np.allclose((rows.T * p) @ rows.conj(), matrix, rtol=0, atol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis", ["z", "x", (1, 2, 2)])
def test_qfi(kind: Callable[..., Matrix], axis: Any, rng: np.random.Generator) -> None:
    """Eq. (8) from NumPy's eigenvectors and h as Kronecker products."""
    matrix = kind(rng)
    xi = np.array({"z": (0, 0, 1), "x": (1, 0, 0)}.get(axis, axis)) / (
        3 if axis == (1, 2, 2) else 1
    )
    one = np.tensordot(xi, [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], 1) / 2
    h = sum(np.kron(np.kron(np.eye(2**k), one), np.eye(2 ** (6 - k))) for k in range(7))
    p, vectors = np.linalg.eigh(matrix)
    p = np.where(p < 1e-14, 0, p)
    expected = np.sum(pair_weights(p) * np.abs(vectors.conj().T @ h @ vectors) ** 2)
    assert exact.qfi(matrix, axis) == pytest.approx(expected, rel=1e-9)
    assert xi @ exact.qfi_matrix(matrix) @ xi == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_positive(kind: Callable[..., Matrix], rng: np.random.Generator) -> None:
    matrix = kind(rng)
    least, vectors = np.linalg.eigh(matrix)
    below = least[0] + 2e-8
    negative = matrix - below * np.outer(vectors[:, 0], vectors[:, 0].conj())
    assert is_positive(matrix, 1e-8)
    assert not is_positive(negative, 1e-8)
