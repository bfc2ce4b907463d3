"""The QFI from the response of few-body operators: the method of moments."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import AxisLike, parse_axis
from qbell.exact.frames import StateLike, charges, num_qubits_of, turned_rows
from qbell.exact.vectors import vectors_of
from qbell.util.checks import require_memory, whole_number

MAX_QUBITS = 14
TINY = 1e-9  # of the largest eigenvalue: directions with hardly any scatter are left out


def moment_bound(state: StateLike, axis: AxisLike = "z", *, order: int = 3) -> float:
    """F_Q >= max_M |<i[M, h]>|^2 / Var M = C^T Gamma^-1 C over operators M of few qubits.

    In the frame of the axis, xi = z, M lies in the span of Y_i (order 1), Y_i X_j (order 2) and
    Y_i Z_j Z_k (order 3), which h moves to X_i, X_i X_j - Y_i Y_j and X_i Z_j Z_k; C_a =
    <i[M_a, h]> and Gamma the symmetrised covariance. Only correlators of at most four qubits enter,
    where Eq. (24) rests on all of them: near the critical point of long chains this bound stays
    and that one vanishes. Order 1 alone is the squeezing of Wineland along y.

    Args:
        state: as in `qfi`, of up to 14 qubits.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        order: 1, 2 or 3: how many of the three kinds M may have.

    Returns:
        The bound, without unit; at most F_Q, up to a relative error of 1e-5.

    Raises:
        QbellError: not a state, not an axis, an order that is none, or more qubits.

    Source: M. Gessner, A. Smerzi and L. Pezze, arXiv 1811.12443.

    >>> from qbell.states import Plus
    >>> round(moment_bound(Plus(3)), 9)
    3.0
    """
    order = whole_number("order", order, least=1, most=3)
    vectors = vectors_of(state, most=MAX_QUBITS, what="moment_bound")
    rows = turned_rows(vectors, parse_axis(axis))
    size = num_qubits_of(rows[0])
    operators = _operators(size, order)
    require_memory(32.0 * len(operators) * rows.size, f"the moment bound of {size} qubits")
    images = np.stack([_applied(rows, letters) for letters in operators])
    flat = images.reshape(len(operators), -1)
    means = (flat @ rows.reshape(-1).conj()).real
    gamma = (flat @ flat.conj().T).real - np.outer(means, means)
    # <i[M, h]> = 2 Im <h M>, where h is diagonal.
    response = 2 * (flat @ (rows * charges(size)).reshape(-1).conj()).imag
    return _largest(gamma, response)


def _operators(size: int, order: int) -> list[dict[int, str]]:
    """Letters by qubit of each operator."""
    found: list[dict[int, str]] = [{i: "Y"} for i in range(size)]
    if order >= 2:
        found += [{i: "Y", j: "X"} for i in range(size) for j in range(size) if i != j]
    if order >= 3:
        found += [
            {i: "Y", j: "Z", k: "Z"}
            for i in range(size)
            for j, k in combinations([q for q in range(size) if q != i], 2)
        ]
    return found


def _applied(rows: NDArray[np.complex128], letters: dict[int, str]) -> NDArray[np.complex128]:
    """A Pauli word on each row (r, 2^N)."""
    index = np.arange(rows.shape[1])
    flip = sum(1 << qubit for qubit, letter in letters.items() if letter in "XY")
    source = index ^ flip
    factor = np.ones(len(index), dtype=complex)
    for qubit, letter in letters.items():
        ones = index >> qubit & 1  # of the row that is written
        if letter == "Z":
            factor = factor * (1 - 2 * ones)
        elif letter == "Y":  # Y|0> = i|1>, Y|1> = -i|0>
            factor = factor * np.where(ones == 1, 1j, -1j)
    return np.asarray(factor * rows[:, source])


def _largest(gamma: NDArray[np.float64], response: NDArray[np.float64]) -> float:
    """C^T Gamma^-1 C over the directions that scatter at all; never too large for leaving some."""
    values, vectors = np.linalg.eigh(gamma)
    kept = values > TINY * max(float(values[-1]), 1e-300)
    parts = vectors[:, kept].T @ response
    return float(np.sum(parts**2 / values[kept]))
