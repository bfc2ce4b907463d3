"""Ground state of the double well, Eq. (30), with every coefficient right to rounding, in logs."""

from functools import lru_cache
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

_STEPS = 20


@lru_cache(maxsize=64)
def ground_state(num_qubits: int, u: float) -> tuple[float, NDArray[np.float64]]:
    """Energy and ln c_0 ... ln c_N, the coefficients on Dicke states, all positive.

    Solved in the sector even under m -> N - m: there the ground state keeps a gap, while deep in
    U < -1 the whole space holds an odd state as good as degenerate with it, and an eigensolver
    returns some mixture of the two. A library eigenvector is also wrong wherever it is small: its
    errors are of the order 1e-16 absolute, and c_0 falls far below. So the library gives the
    energy only. The coefficients come from ratios of neighbours, run from both ends of the half
    chain to where they meet, always in the direction in which the state grows; there rounding
    stays relative. What is left over where they meet corrects the energy.

    The ratios are positive for the ground state and for no other, so a success proves which state
    it is. The array is read-only.
    """
    diagonal, hopping, shift = _half_chain(num_qubits, u)
    symmetric = hopping.copy()
    if num_qubits % 2 == 0:
        symmetric[-1] *= np.sqrt(2)
    # Dividing a large |U| out keeps the solver's arithmetic in range.
    scale = max(1.0, float(np.abs(diagonal).max()))
    start = _least(diagonal / scale, -symmetric / scale)
    energy, half = _refine(diagonal, hopping, start * scale, num_qubits % 2 == 0)
    log_coefficients = np.empty(num_qubits + 1)
    log_coefficients[: len(half)] = half
    log_coefficients[::-1][: len(half)] = half
    log_coefficients -= 0.5 * _log_sum(2 * log_coefficients)
    log_coefficients.setflags(write=False)
    return energy + shift, log_coefficients


def _least(diagonal: NDArray[np.float64], off: NDArray[np.float64]) -> float:
    """The least eigenvalue: `scipy.linalg.eigh_tridiagonal` without its checks, which take long."""
    lapack: Any = scipy.linalg.lapack
    found, values, _, _, failed = lapack.dstebz(diagonal, off, 2, 0.0, 0.0, 1, 1, 0.0, "E")
    if failed or found != 1:  # cannot be: bisection finds every eigenvalue
        raise ArithmeticError("LAPACK found no ground-state energy of the double well")
    return float(values[0])


def _log_sum(logs: NDArray[np.float64]) -> float:
    """ln sum exp: SciPy's takes longer than all the rest of a small state."""
    largest = float(logs.max())
    return largest + float(np.log(np.sum(np.exp(logs - largest))))


def _half_chain(
    num_qubits: int, u: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Diagonal and hopping of H - shift on m = 0 ... N // 2, with c_m = c_(N-m) put in.

    The shift takes away the lowest diagonal element, and without a difference of large numbers:
    (U/N) [(N/2 - m)^2 - (N/2)^2] = -(U/N) m (N - m).
    """
    half = num_qubits // 2
    m = np.arange(half + 1, dtype=float)
    hopping = 0.5 * np.sqrt((m[:-1] + 1) * (num_qubits - m[:-1]))
    if u < 0:
        diagonal, shift = -u / num_qubits * m * (num_qubits - m), u * num_qubits / 4
    else:
        diagonal, shift = u / num_qubits * (num_qubits / 2 - m) ** 2, 0.0
    if num_qubits % 2:
        diagonal[half] -= 0.5 * np.sqrt((half + 1) * (num_qubits - half))
    return diagonal, hopping, shift


def _refine(
    diagonal: NDArray[np.float64], hopping: NDArray[np.float64], energy: float, even_size: bool
) -> tuple[float, NDArray[np.float64]]:
    """The energy and ln c on the half chain, from an energy that is right to rounding of H."""
    for step in range(_STEPS):
        log_half, correction, positive = _ratios(diagonal, hopping, energy, even_size)
        if positive and step > 0 and abs(correction) <= 1e-15 * abs(energy):
            break
        energy += correction
    if not positive:  # cannot be: the ground state has no node
        raise ArithmeticError("the ratios of the double well's ground state are not positive")
    return energy, log_half


@compiled
def _ratios(
    diagonal: NDArray[np.float64], hopping: NDArray[np.float64], energy: float, even_size: bool
) -> tuple[NDArray[np.float64], float, bool]:
    """ln c up to a constant, what is missing of the energy E, and whether all are > 0.

    (d_m - E) c_m = t_(m-1) c_(m-1) + t_m c_(m+1). ``left`` and ``right`` are the pivots of the
    elimination from either end; c_m / c_(m+1) = t_m / left_m, c_(m+1) / c_m = t_m / right_(m+1).
    The energy is corrected by <c|H - E|c> / <c|c>: where the two runs meet H - E leaves a residual.
    """
    size = len(diagonal)
    left = np.empty(size)
    right = np.empty(size)
    mirror = np.ones(size)  # the last hopping counts twice: c_(h+1) = c_(h-1)
    if even_size:
        mirror[size - 1] = 2.0
    for m in range(size):
        left[m] = diagonal[m] - energy
        if m > 0:
            left[m] -= mirror[m] * hopping[m - 1] ** 2 / left[m - 1]
    for m in range(size - 1, -1, -1):
        right[m] = diagonal[m] - energy
        if m < size - 1:
            right[m] -= mirror[m + 1] * hopping[m] ** 2 / right[m + 1]
    meeting = 0
    for m in range(size):
        if abs(left[m] + right[m] - diagonal[m] + energy) < abs(
            left[meeting] + right[meeting] - diagonal[meeting] + energy
        ):
            meeting = m
    log_c = np.zeros(size)
    positive = True
    for m in range(meeting - 1, -1, -1):
        positive = positive and left[m] > 0
        log_c[m] = log_c[m + 1] + np.log(abs(hopping[m] / left[m]))
    for m in range(meeting, size - 1):
        positive = positive and right[m + 1] > 0
        log_c[m + 1] = log_c[m] + np.log(abs(mirror[m + 1] * hopping[m] / right[m + 1]))
    residual = left[meeting] + right[meeting] - diagonal[meeting] + energy
    largest = log_c.max()
    norm = 0.0
    for m in range(size):
        norm += np.exp(2 * (log_c[m] - largest)) * (1 if even_size and m == size - 1 else 2)
    # The middle state of an even number is its own mirror image.
    pairs = 1 if even_size and log_c[size - 1] == largest else 2
    return log_c, residual * pairs / norm, positive
