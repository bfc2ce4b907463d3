"""Few vectors that make up a density matrix, found by pivoted Cholesky decomposition.

rho = sum_i |w_i><w_i| + R. Each step takes the largest diagonal element of what is left,
|w> = rho|p> / sqrt(<p|rho|p>): r steps for rank r. What is left is looked at as a whole
before it is called rounding, so no weight is dropped silently. Source: G. H. Golub and C. F. Van
Loan, Matrix Computations, Section 4.2.8.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]

SMALL = 1e-12  # norm of what may be left; its trace is at most a tenth of it
SHARE = 8  # a rank up to 2^N / 8 is worth it
LEAST = 64  # below so many dimensions eigenvectors cost nothing
LEAST_NOISY = 512  # and less than the iteration that looks for white noise
BLOCK = 256  # rows looked at in one go
STEPS = 40  # of the Lanczos iteration that looks for white noise


def few_vectors(matrix: Matrix, small: float = SMALL, *, most: int | None = None) -> Matrix | None:
    """Rows (r, 2^N) w_i with rho = sum_i |w_i><w_i| + R, or None if r is above ``most``.

    R has a norm |R|, the root of the sum of its squares, of at most ``small``, and a trace of at
    most a tenth of that. With the QFI as a maximum, max_X Tr[rho (2i [h, X] - X^2)], and convex, a
    QFI from the vectors differs from that of rho by at most tr R (2 N |L| + |L|^2); the
    logarithmic derivative L is of the order of N.

    Args:
        matrix: (2^N, 2^N), Hermitian as far as it goes: R holds what is not.
        small: 1e-12, or what the numbers in ``matrix`` are known to.
        most: 2^N / 8 if left out, and none below 64 dimensions.
    """
    dimension = len(matrix)
    if most is None:
        most = dimension // SHARE if dimension >= LEAST else 0
    left = matrix.diagonal().real.copy()
    if most == 0 or not left.min() > -small:
        return None
    # The rank is at least (Tr rho)^2 / Tr rho^2.
    trace = float(left.sum())
    if float(np.vdot(matrix, matrix).real) * most < trace**2 * (1 - 1e-6):
        return None
    rows = np.empty((most, dimension), dtype=complex)
    count = 0
    left = left.clip(0)
    while left.sum() > small / 10:
        pivot = int(left.argmax())
        if count == most or left[pivot] <= 0:
            return None
        done = rows[:count]
        column = matrix[:, pivot] - done[:, pivot].conj() @ done
        rows[count] = column / np.sqrt(left[pivot])
        left = np.clip(left - np.abs(rows[count]) ** 2, 0, None)
        left[pivot] = 0.0
        count += 1
    found = rows[:count].copy()
    return found if _rest(matrix, found) <= small else None


def white_noise(matrix: Matrix, small: float = SMALL) -> tuple[Matrix, float] | None:
    """Rows w_i and c > 0 with rho = sum_i |w_i><w_i| + c 1 + R, or None if there are none so few.

    Few pure states in white noise have few eigenvalues but c, which the Lanczos iteration finds in
    as many steps; others it does not, and is given up. R is looked at as in `few_vectors`.
    """
    dimension = len(matrix)
    if dimension < LEAST_NOISY or not _may_have_floor(matrix, small):
        return None
    start = np.random.default_rng(dimension).normal(size=(2, dimension))
    try:
        least = scipy.sparse.linalg.eigsh(
            matrix, k=1, which="SA", ncv=STEPS, maxiter=1, tol=1e-14,
            v0=start[0] + 1j * start[1], return_eigenvectors=False,
        )  # fmt: skip
    except scipy.sparse.linalg.ArpackError:  # no convergence, or a space without a second vector
        return None
    floor = float(least[0])
    if not floor * dimension > 100 * small:
        return None
    found = few_vectors(matrix - floor * np.eye(dimension), small)
    return None if found is None else (found, floor)


def _may_have_floor(matrix: Matrix, small: float) -> bool:
    """Whether the least eigenvalue of a part of the matrix comes twice, as it must.

    On two more basis states than there are vectors, two directions are orthogonal to all of these.
    """
    dimension = len(matrix)
    rows = np.random.default_rng(dimension).choice(dimension, dimension // SHARE + 2, replace=False)
    least = np.linalg.eigvalsh(matrix[np.ix_(rows, rows)])[:2]
    return bool(least[1] - least[0] <= 4 * small)


def _rest(matrix: Matrix, rows: Matrix) -> float:
    """|rho - sum_i |w_i><w_i||, the root of the sum of the squares."""
    total = 0.0
    for start in range(0, len(matrix), BLOCK):
        part = slice(start, start + BLOCK)
        rest = matrix[part] - rows[:, part].T @ rows.conj()
        total += float(np.vdot(rest, rest).real)
    return float(np.sqrt(total))
