"""QFI and ln E_{N,0} of the ground state of the double well, Eq. (30), at three U: a scan."""

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from benchmarks.peers.case import Case, Tool, Work

US = (-3.0, -1.0, -0.5)
DIGITS = 700  # of the truth: coefficients of 1e-310 are differences of those of 1
STEPS = 40  # of its inverse iteration

Floats = NDArray[np.float64]
Solve = Callable[[int, float], list[float]]


def scan(solve: Solve) -> Callable[[int], Work]:
    """At all U."""
    return lambda n: lambda: [value for u in US for value in solve(n, u)]


def tridiagonal(n: int, u: float) -> tuple[Floats, Floats]:
    """Diagonal and neighbours of H = -J_x + (U / N) J_z^2 by the number of ones."""
    k = np.arange(n + 1.0)
    return u / n * (n / 2 - k) ** 2, -np.sqrt((k[:-1] + 1) * (n - k[:-1])) / 2


def quantities(c: Floats) -> list[float]:
    """QFI and ln |c_0 c_N|^2."""
    n = len(c) - 1
    e_n = float(c[0] * c[-1]) ** 2
    qfi = 4 * float(c**2 @ (n / 2 - np.arange(n + 1)) ** 2)
    return [qfi, math.log(e_n) if e_n > 0 else -math.inf]


def qbell(n: int, u: float) -> list[float]:
    import qbell as tool

    state = tool.double_well(n, u)
    return [tool.exact.qfi(state), tool.exact.log_e_n(state)]


def eigh_tridiagonal(n: int, u: float) -> list[float]:
    _, vectors = scipy.linalg.eigh_tridiagonal(*tridiagonal(n, u), select="i", select_range=(0, 0))
    return centred(np.asarray(vectors[:, 0], dtype=float))


def eigsh(n: int, u: float) -> list[float]:
    diagonal, off = tridiagonal(n, u)
    matrix: Any = scipy.sparse.diags([off, diagonal, off], [-1, 0, 1], format="csr")
    return centred(scipy.sparse.linalg.eigsh(matrix, k=1, which="SA")[1][:, 0])


def numpy(n: int, u: float) -> list[float]:
    diagonal, off = tridiagonal(n, u)
    matrix = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
    return centred(np.linalg.eigh(matrix)[1][:, 0])


def qutip(n: int, u: float) -> list[float]:
    tool: Any = import_module("qutip")
    x, z = tool.jmat(n / 2, "x"), tool.jmat(n / 2, "z")
    return centred(np.real((-x + u / n * z * z).groundstate()[1].full().ravel()))


def centred(c: Floats) -> list[float]:
    """With the mean taken off, as one does who does not know that it is 0."""
    n = len(c) - 1
    mean = float(c**2 @ (n / 2 - np.arange(n + 1)))
    qfi, log_e_n = quantities(c)
    return [qfi - 4 * mean**2, log_e_n]


def truth(n: int) -> list[float]:
    """In 700 digits: inverse iteration among even states, coefficients a_k = a_{N-k}."""
    return [value for u in US for value in _truth(n, u)]


def _truth(n: int, u: float) -> list[float]:
    mp: Any = import_module("mpmath").mp
    with mp.workdps(DIGITS):
        half = n // 2  # even n: 0 ... half - 1 in pairs, and half alone
        strength = mp.mpf(u) / n
        diagonal = [strength * (mp.mpf(n) / 2 - k) ** 2 for k in range(half + 1)]
        off = [-mp.sqrt((k + 1) * (n - k)) / 2 for k in range(half)]
        off[-1] *= mp.sqrt(2)
        guess = scipy.linalg.eigh_tridiagonal(
            np.array(diagonal, float), np.array(off, float), select="i", select_range=(0, 0)
        )[0][0]
        shift, vector = mp.mpf(guess) - mp.mpf(10) ** -6, [mp.mpf(1)] * (half + 1)
        for _ in range(STEPS):
            vector = _solve([d - shift for d in diagonal], off, vector)
            norm = mp.sqrt(sum(v * v for v in vector))
            vector = [v / norm for v in vector]
            image = _times(diagonal, off, vector)
            energy = sum(a * b for a, b in zip(vector, image, strict=True))
            rest = mp.sqrt(sum((a - energy * b) ** 2 for a, b in zip(image, vector, strict=True)))
            if rest < mp.mpf(10) ** (-DIGITS + 60):
                break
            shift = energy - mp.mpf(10) ** -DIGITS  # Rayleigh quotients: cubic convergence
        paired = [v * v for v in vector]
        qfi = 4 * sum(p * (mp.mpf(n) / 2 - k) ** 2 for k, p in enumerate(paired))
        return [float(qfi), float(mp.log((vector[0] ** 2 / 2) ** 2))]


def _times(diagonal: list[Any], off: list[Any], vector: list[Any]) -> list[Any]:
    image = [d * v for d, v in zip(diagonal, vector, strict=True)]
    for k, value in enumerate(off):
        image[k] += value * vector[k + 1]
        image[k + 1] += value * vector[k]
    return image


def _solve(diagonal: list[Any], off: list[Any], right: list[Any]) -> list[Any]:
    """Elimination without pivots: with so many digits none is needed."""
    pivots, values = list(diagonal), list(right)
    for k, value in enumerate(off):
        factor = value / pivots[k]
        pivots[k + 1] -= factor * value
        values[k + 1] -= factor * values[k]
    values[-1] /= pivots[-1]
    for k in reversed(range(len(off))):
        values[k] = (values[k] - off[k] * values[k + 1]) / pivots[k]
    return values


CASE = Case(
    title="Double-well scan: QFI and ln E_N,0 of the ground state of Eq. (30) at U = -3, -1, -0.5",
    says="Truth: 700 digits. Eigenvectors have absolute errors: the tails that make E_N,0 are "
    "noise, and at U = -3 the gap is below rounding.",
    sizes=(30, 100, 300, 1000),
    tools=(
        Tool("qbell", "qbell", scan(qbell)),
        Tool("SciPy eigh_tridiagonal", "scipy", scan(eigh_tridiagonal)),
        Tool("NumPy eigh", "numpy", scan(numpy)),
        Tool("SciPy eigsh", "scipy", scan(eigsh)),
        Tool("QuTiP jmat, groundstate", "qutip", scan(qutip)),
    ),
    close=1e-6,
    values=list,
    truth=truth,
    warm=20,
)
