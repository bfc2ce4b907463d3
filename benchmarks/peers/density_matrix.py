"""QFI of a density matrix, Eq. (8): of full rank, complex, without any structure."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.case import Case, Tool, Work

Matrix = NDArray[np.complex128]


def matrix_of(n: int, rank: int) -> Matrix:
    """A random one."""
    rng = np.random.default_rng(n)
    rows = rng.normal(size=(2**n, rank)) + 1j * rng.normal(size=(2**n, rank))
    matrix = rows @ rows.conj().T
    return np.asarray(matrix / np.trace(matrix).real)


def charges(n: int) -> NDArray[np.float64]:
    """Eigenvalues of J_z."""
    return np.asarray(n / 2 - np.bitwise_count(np.arange(2**n)))


def full(work: Callable[[Matrix], float]) -> Callable[[int], Work]:
    """Of full rank."""

    def prepare(n: int) -> Work:
        matrix = matrix_of(n, 2**n)
        return lambda: work(matrix)

    return prepare


def qbell(matrix: Matrix) -> float:
    from qbell import exact

    return exact.qfi(matrix)


def of_eigenvectors(p: NDArray[np.float64], vectors: Matrix) -> float:
    """Eq. (8) as it stands; terms with p_i + p_j = 0 left out."""
    elements = vectors.conj().T @ (charges(len(p).bit_length() - 1)[:, None] * vectors)
    total = p[:, None] + p
    kept = total > 1e-14
    weights = np.where(kept, 2 * (p[:, None] - p) ** 2 / np.where(kept, total, 1), 0)
    return float(np.sum(weights * np.abs(elements) ** 2))


def numpy(matrix: Matrix) -> float:
    return of_eigenvectors(*np.linalg.eigh(matrix))


def qutip(matrix: Matrix) -> float:
    tool: Any = import_module("qutip")
    p, kets = tool.Qobj(matrix).eigenstates()
    return of_eigenvectors(p, np.hstack([ket.full() for ket in kets]))


def quimb(matrix: Matrix) -> float:
    tool: Any = import_module("quimb")
    p, vectors = tool.eigh(tool.qarray(matrix))
    return of_eigenvectors(np.asarray(p), np.asarray(vectors))


CASE = Case(
    title="QFI of a density matrix of full rank, Eq. (8)",
    says="Random and complex, without structure; checked (Hermitian, positive) by qbell alone. "
    "Others make the matrix elements of h by hand.",
    sizes=(6, 8, 10),
    tools=(
        Tool("qbell", "qbell", full(qbell)),
        Tool("NumPy eigh", "numpy", full(numpy)),
        Tool("QuTiP eigenstates", "qutip", full(qutip)),
        Tool("quimb eigh", "quimb", full(quimb)),
    ),
    close=1e-8,
    warm=3,
)
