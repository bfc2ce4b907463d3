"""Pure Gaussian states of the chain through their modes, and what can be read off them."""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.states.free_fermions.chain import chain
from qbell.states.free_fermions.kernels import Modes
from qbell.states.free_fermions.pfaffians import window_pfaffians

STARTS = ("plus", "ghz")
Matrix = NDArray[np.float64]


def modes_of(correlations: Matrix) -> Modes:
    """(2N, N) orthonormal annihilation operators of the real state with <i a_j b_k> = G_jk.

    The covariance M = <i c_p c_q> is [[0, G], [-G^T, 0]]; modes v obey i M v = v.
    """
    size = len(correlations)
    return np.asarray(np.concatenate([np.eye(size), -1j * correlations.T]) / math.sqrt(2))


def ghz_correlations(num_qubits: int) -> Matrix:
    """G of (|0...0> + |1...1>) / sqrt(2): <Z_j Z_(j+1)> = 1, and even under flipping all spins."""
    matrix = -np.eye(num_qubits, k=-1)
    matrix[0, -1] = 1.0
    return matrix


def start_modes(num_qubits: int, start: str) -> Modes:
    """Modes of |+>^N (``plus``) or of the GHZ state (``ghz``)."""
    return modes_of(np.eye(num_qubits) if start == "plus" else ghz_correlations(num_qubits))


def target_modes(num_qubits: int, u: float) -> Modes:
    """Modes of the chain's even ground state."""
    return modes_of(chain(num_qubits, u).correlations)


def log_fidelity(first: Modes, second: Modes) -> float:
    """ln |<first|second>|^2 = ln |det(first^+ second)|; -inf for states of different parity."""
    return float(np.linalg.slogdet(first.conj().T @ second)[1])


def covariance(modes: Modes) -> Matrix:
    """(2N, 2N) M_pq = <i c_p c_q> for p != q, antisymmetric and real: iM = 2 V V^+ - 1.

    The modes V are the eigenvectors of iM with eigenvalue 1, their conjugates those with -1.
    """
    return np.asarray(2 * (modes @ modes.conj().T).imag)


def energy_of(modes: Modes, u: float) -> float:
    """<U sum Z_j Z_(j+1) - sum X_j>."""
    size = modes.shape[1]
    matrix = covariance(modes)
    site = np.arange(size)
    field = float(matrix[site, size + site].sum())
    bonds = float(matrix[size + site[:-1], site[1:]].sum())
    return u * bonds - field


def zz_of(modes: Modes) -> Matrix:
    """(N, N) <Z_i Z_j>, ones on the diagonal.

    Z_i Z_j = prod_(k=i)^(j-1) (i b_k a_(k+1)): the Pfaffian of the covariance of b_i, a_(i+1),
    b_(i+1) ... a_j, Wick's theorem.
    """
    size = modes.shape[1]
    order = np.empty(2 * size - 2, dtype=np.int64)
    order[0::2] = size + np.arange(size - 1)
    order[1::2] = np.arange(1, size)
    matrix = np.eye(size)
    matrix[:-1, 1:] += window_pfaffians(covariance(modes)[np.ix_(order, order)])
    return matrix + np.triu(matrix, 1).T


def log_e_n_of(modes: Modes) -> float:
    """ln E_{N,0} = 2 ln F - ln 4 for axis z, F the fidelity of an even state with GHZ."""
    return 2 * log_fidelity(start_modes(modes.shape[1], "ghz"), modes) - math.log(4)


def flipped(modes: Modes) -> Modes:
    """After X on qubits 1, 3, ...: their a_j and b_j change sign."""
    size = modes.shape[1]
    signs = 1.0 - 2.0 * (np.arange(size) % 2)
    return np.asarray(np.concatenate([signs, signs])[:, None] * modes)
