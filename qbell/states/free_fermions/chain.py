"""The Ising chain, Eq. (29), as free fermions: its even ground state at any size."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.states.free_fermions.bidiagonal import bidiagonal_svd
from qbell.util.checks import require_memory
from qbell.util.threads import one_blas_thread

MAX_FERMIONS = 5000
LEAST_SECOND = 1e-7  # of the energy of the second mode, relative to the largest


@dataclass(frozen=True)
class FermionChain:
    """Ground state of H = U sum Z_j Z_(j+1) - sum X_j, even under flipping all spins.

    With Majorana operators a_j = (prod_(k<j) X_k) Z_j and b_j = (prod_(k<j) X_k) Y_j up to signs,
    H is the bilinear form of the bidiagonal matrix M = 1 + U S, S the unit subdiagonal: its
    singular values are the energies of the modes. The state is Gaussian, and all its expectation
    values follow from the orthogonal N x N matrix G = W V^T, where M = W diag(values) V^T:
    <X_j> = G_jj and <Z_j Z_(j+1)> = -G_(j+1)j.

    Attributes:
        u: U; NaN where the couplings differ.
        energy: of the ground state.
        correlations: G, read-only.
    """

    u: float
    energy: float
    correlations: NDArray[np.float64]


@lru_cache(maxsize=2)
def chain(num_qubits: int, u: float) -> FermionChain:
    """Solve the chain of N spins at interaction ``u``, O(N^3).

    Deep in the ordered phase the lowest mode falls below rounding, and the signs of its two
    singular vectors become independent: half of the times that is the odd state. The even one
    has det G = det M / |det M| = +1, and is restored by flipping that mode.

    Raises:
        QbellError: N above 5000, or less memory free than a dozen N x N matrices take.
    """
    require_size(num_qubits)
    # A large |U| only sets the scale of the modes.
    scale = max(1.0, abs(u))
    fields = np.full(num_qubits, 1 / scale)
    correlations, values = _solved(fields, np.full(num_qubits - 1, u / scale))
    return FermionChain(u, -float(values.sum()) * scale, correlations)


def solve(couplings: NDArray[np.float64], fields: NDArray[np.float64]) -> FermionChain:
    """The same with a coupling (N - 1,) for each bond and a field (N,) above 0 for each spin.

    Where the chain falls into parts that hardly touch, two modes may fall below rounding, and two
    signs are lost.

    Raises:
        QbellError: as `chain`, or two such modes: G would be off by more than about 1e-9.
    """
    require_size(len(fields))
    scale = float(max(np.abs(couplings).max(), fields.max()))
    correlations, values = _solved(fields / scale, couplings / scale)
    if values[-2] < LEAST_SECOND * values[0]:
        raise QbellError(
            f"two modes of the chain have energies below {LEAST_SECOND:g} of the largest, and "
            "rounding hides which state is the ground state; use a shorter chain, or stronger "
            "fields in its ordered parts"
        )
    return FermionChain(math.nan, -float(values.sum()) * scale, correlations)


def solve_ring(
    couplings: NDArray[np.float64], fields: NDArray[np.float64], closing: float
) -> FermionChain:
    """The same with ends that are joined: H has the term ``closing`` Z_(N-1) Z_0 as well.

    Among even states Z_(N-1) Z_0 = i a_0 b_(N-1), where all other bonds are -i a_(j+1) b_j: the
    fermions are antiperiodic. As all fields are above 0 the ground state is even (Perron and
    Frobenius). If the ring is frustrated the fermions' own ground state may be odd; the lowest even
    one then has one mode filled.

    Raises:
        QbellError: as `solve`, or two modes so near that rounding hides which is to be filled.
    """
    size = len(fields)
    require_size(size)
    scale = float(max(np.abs(couplings).max(), fields.max(), abs(closing)))
    matrix = np.diag(fields) + np.diag(couplings, -1)
    matrix[0, -1] -= closing
    with one_blas_thread(size):
        left, values, right = np.linalg.svd(matrix / scale)
        correlations = left @ right
        filled = np.linalg.slogdet(correlations)[0] < 0
        if filled:
            left[:, -1] *= -1
            correlations = left @ right
    # The polar factor is right up to rounding over the sum of the two lowest energies; with one of
    # them turned, over their difference.
    apart = values[-2] - values[-1] if filled else values[-2]
    if apart < LEAST_SECOND * values[0]:
        raise QbellError(
            f"two modes of the ring are nearer to each other than {LEAST_SECOND:g} of the largest "
            "energy, and rounding hides which state is the ground state; use a shorter ring, or "
            "stronger fields in its ordered parts"
        )
    correlations.setflags(write=False)
    energy = -float(values.sum() - (2 * values[-1] if filled else 0.0)) * scale
    return FermionChain(math.nan, energy, correlations)


def require_size(num_qubits: int) -> None:
    """Refuse chains whose dense matrices would take hours or all memory.

    Raises:
        QbellError: N above 5000, or less memory free than a dozen N x N matrices take.
    """
    if num_qubits > MAX_FERMIONS:
        raise QbellError(
            f"n = {num_qubits}: Ising chains are solved up to n = {MAX_FERMIONS}, with dense "
            "matrices of n^2 numbers"
        )
    require_memory(12 * 8.0 * num_qubits**2, f"an Ising chain of {num_qubits} qubits")


def _solved(
    fields: NDArray[np.float64], couplings: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """G of the even ground state, and the energies of its modes, descending."""
    with one_blas_thread(len(fields)):
        left, values, right = bidiagonal_svd(fields, couplings)
        correlations = left @ right
        if np.linalg.slogdet(correlations)[0] < 0:
            left[:, -1] *= -1
            correlations = left @ right
    correlations.setflags(write=False)
    return correlations, values
