"""Quantum Fisher information, Eq. (8), and its Hilbert-Schmidt bound F0, Eq. (12)."""

import numpy as np
from numpy.typing import ArrayLike

from qbell.axes import Axis
from qbell.exact.frames import StateLike, charges, in_frame, num_qubits_of


def qfi(state: StateLike, axis: str | ArrayLike | Axis = "z") -> float:
    """Quantum Fisher information of ``state`` for h = 1/2 sum_k sigma_xi^(k).

    Pure states: 4 Var(h). Mixed states, Eq. (8): 2 sum_ij (p_i - p_j)^2 / (p_i + p_j) |<i|h|j>|^2
    over the eigenvectors of rho, without the terms p_i + p_j = 0. At most N^2; N is shot noise.

    Args:
        state: a qbell state, a vector (2^N,) or a density matrix (2^N, 2^N).
        axis: ``x``, ``y``, ``z`` or a vector.

    Raises:
        QbellError: not a state (shape, norm, Hermitian, positive) or no axis.

    Source: PRL 126, 210506, Eq. (8).

    >>> round(qfi(np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2)), 12)
    9.0
    """
    array = in_frame(state, axis)
    h = charges(num_qubits_of(array))
    if array.ndim == 1:
        return _four_variances(array, h)
    p, vectors = np.linalg.eigh(array)
    p = np.clip(p, 0, None)  # rounding leaves zeros at -1e-17
    elements = vectors.conj().T @ (h[:, None] * vectors)
    total = p[:, None] + p[None, :]
    difference = p[:, None] - p[None, :]
    weights = np.divide(difference**2, total, out=np.zeros_like(total), where=total > 0)
    return float(2 * np.sum(weights * np.abs(elements) ** 2))


def f0(state: StateLike, axis: str | ArrayLike | Axis = "z") -> float:
    """Lower bound F0 = 4 (Tr[rho^2 h^2] - Tr[(rho h)^2]) on the QFI; equal to it for pure states.

    Computed as 2 sum_nm (h_n - h_m)^2 |rho_nm|^2 in the eigenbasis of h, Eq. (15), where it is a
    sum of terms that cannot be negative.

    Source: PRL 126, 210506, Eqs. (12) and (15). Arguments and errors as `qfi`.
    """
    array = in_frame(state, axis)
    h = charges(num_qubits_of(array))
    if array.ndim == 1:
        return _four_variances(array, h)
    return float(2 * np.sum((h[:, None] - h[None, :]) ** 2 * np.abs(array) ** 2))


def _four_variances(amplitudes: np.ndarray, h: np.ndarray) -> float:
    p = np.abs(amplitudes) ** 2
    p /= p.sum()  # takes away the rounding of the norm
    mean = float(p @ h)
    return float(4 * (p @ (h - mean) ** 2))
