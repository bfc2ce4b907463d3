"""The directions of each qubit that make the correlator of all qubits largest."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.local_axes import Pair, best_pair, best_plane, climbed
from qbell.exact.frames import StateLike, num_qubits_of
from qbell.exact.vectors import vectors_of

MAX_QUBITS = 12
STARTS, MOST_SWEEPS, SETTLED = 24, 400, 1e-13
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclass(frozen=True)
class BestAxes:
    """Local directions and the correlator along them.

    Attributes:
        sigma_1, sigma_2: (N, 3) unit vectors, one row a qubit, orthogonal unless asked otherwise.
        e_n: E_{N,0} = |<prod_k (sigma_1 + i sigma_2)/2>|^2 along them.
        q: log2(2^N E_{N,0}); above 0, the state is nonlocal.

    >>> best_axes(np.array([1, 0, 0, 1]) / np.sqrt(2)).sigma_1.shape
    (2, 3)
    """

    sigma_1: NDArray[np.float64]
    sigma_2: NDArray[np.float64]
    e_n: float
    q: float


def best_axes(state: StateLike, *, orthogonal: bool = True) -> BestAxes:
    """The largest E_{N,0} over all choices of two orthogonal directions on each qubit.

    With the directions of all other qubits fixed, <prod sigma_+> = m . t / 2 with m = e_1 + i e_2
    and t_a = <sigma_a prod' sigma_+>: largest for the plane and the order in which the real 3 x 2
    matrix (Re t, Im t) is largest, |m . t| = s_1 + s_2, the sum of its singular values. The qubits
    are taken in turn until nothing grows, from 24 starts that are the same every time. A local
    maximum may still be missed: the value is one that is reached, not proved to be the largest.

    Local realism allows 2^-N for any two directions. With ``orthogonal=False`` they may have any
    angle, and |m . t| is sqrt(2) |t| at best. Then E is no coherence of the state and Q never
    negative, as both directions may be one; W states are nonlocal along such directions alone, with
    Q = 2 + N log2(1 - 1/N).

    The directions differ from qubit to qubit, so that this E says how nonlocal the state is; it
    must not be put into the bound of Eq. (24), whose h is the same for all qubits.

    Args:
        state: as in `qfi`, of up to 12 qubits.
        orthogonal: False to allow any two directions on each qubit.

    Returns:
        The directions, E_{N,0} and Q.

    Raises:
        QbellError: not a state, or more qubits.

    >>> round(best_axes(np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2)).q, 9)
    1.0
    """
    vectors = vectors_of(state, most=MAX_QUBITS, what="best_axes")
    size = num_qubits_of(vectors[0])
    best, chosen = climbed(
        lambda planes: _sweep(vectors, planes, size, best_plane if orthogonal else best_pair),
        size,
        starts=STARTS,
        most_sweeps=MOST_SWEEPS,
        settled=SETTLED,
    )
    e_n = best**2
    q = size + np.log2(e_n) if e_n > 0 else -np.inf
    return BestAxes(chosen.real.copy(), chosen.imag.copy(), float(e_n), float(q))


def _sweep(
    vectors: NDArray[np.complex128], m: NDArray[np.complex128], size: int, pair: Pair
) -> float:
    """Every qubit once, in place; returns |<prod sigma_+>|."""
    # right[k]: the operators of qubits k, k + 1, ... applied to the vectors.
    right = [vectors]
    for qubit in reversed(range(size)):
        right.append(_applied(right[-1], m[qubit], qubit))
    right.reverse()
    value, left = 0.0, vectors.conj()  # times the operators of qubits before, from the left
    for qubit in range(size):
        ket = right[qubit + 1]
        rows = ket.reshape(len(ket), -1, 2, 2**qubit)
        bras = left.reshape(len(ket), -1, 2, 2**qubit)
        block = np.einsum("raib,rajb->ij", bras, rows)  # <...|i><j|...>
        t = np.einsum("aij,ij->a", PAULI, block)
        m[qubit], value = pair(t)
        left = _applied_left(left, m[qubit], qubit)
    return value / 2


def _matrix(m: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(np.einsum("a,aij->ij", m, PAULI) / 2)


def _applied(
    rows: NDArray[np.complex128], m: NDArray[np.complex128], qubit: int
) -> NDArray[np.complex128]:
    """m . sigma / 2 on one qubit of each row."""
    parts = rows.reshape(len(rows), -1, 2, 2**qubit)
    return np.asarray(np.einsum("ij,rajb->raib", _matrix(m), parts).reshape(rows.shape))


def _applied_left(
    rows: NDArray[np.complex128], m: NDArray[np.complex128], qubit: int
) -> NDArray[np.complex128]:
    """Bras times m . sigma / 2."""
    parts = rows.reshape(len(rows), -1, 2, 2**qubit)
    return np.asarray(np.einsum("raib,ij->rajb", parts, _matrix(m)).reshape(rows.shape))
