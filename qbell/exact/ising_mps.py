"""Ground state of the open Ising chain, Eq. (29), of hundreds of spins as a matrix product.

After Jordan and Wigner the chain is free fermions, so nothing has to be searched for: at each cut
the Schmidt vectors are products of fermionic modes, known from singular vectors of an N x N
matrix, and the tensor of a site holds the overlaps of two such bases, which are Pfaffians. There is
no iteration that could settle on a state of broken symmetry, as DMRG
without parity does below U = -1.

With a_j = X_1 .. X_(j-1) Z_j and b_j = X_1 .. X_(j-1) Y_j, which square to 1 and anticommute,
H = -i sum_jk a_j M_jk b_k. A mode c = (a - i b) / 2 is empty where i a b = 1; of a site that is
X = 1. All transformations below mix a's with a's and b's with b's, so all numbers are real.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qbell.exact.matrix_product import MatrixProduct, right_canonical
from qbell.states.free_fermions.chain import chain
from qbell.util.checks import finite_number, whole_number
from qbell.util.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUTOFF = 1e-10
CUTOFF_OF_SHORT = 1e-13  # up to SHORT qubits, where it costs nothing
SHORT = 24


@lru_cache(maxsize=2)
@one_blas_thread()
def ground_state(num_qubits: int, u: float, *, cutoff: float | None = None) -> MatrixProduct:
    """The even ground state of H = U sum_j Z_j Z_(j+1) - sum_j X_j, as for `qbell.ising`.

    Args:
        num_qubits: N >= 2. Near U = -1 the bond grows slowly with N: 95 at N = 100, 200 at 400.
        u: U in units of the field, any finite number of either sign.
        cutoff: smallest Schmidt coefficient that is kept; 1e-10, and 1e-13 up to 24 qubits.

    Returns:
        A state in real numbers at a distance of about sqrt(``discarded``) from the exact one.

    Raises:
        QbellError: N below 2, or U not finite.

    Source: Eq. (29) of PRL 126, 210506; Schmidt vectors of free fermions: I. Peschel, J. Phys. A
    36, L205 (2003); tensors from their overlaps: G. Petrica et al., arXiv:2009.00064.
    """
    size = whole_number("num_qubits", num_qubits, least=2)
    strength = finite_number("u", u)
    correlations = chain(size, -abs(strength)).correlations
    # The chain is its own mirror image. For U > 0 every other spin of it is flipped.
    flipped = np.arange(size) % 2 == 1
    return product_of_chain(correlations, flipped & (strength > 0), cutoff)


@one_blas_thread()
def product_of_chain(
    mirrored: Floats, flipped: NDArray[np.bool_], cutoff: float | None
) -> MatrixProduct:
    """The even ground state of a ferromagnetic chain with some spins flipped.

    Args:
        mirrored: (N, N) correlations G of the chain read from its other end: what comes out
            left-canonical from there is right-canonical.
        flipped: (N,) qubits that are flipped then.
        cutoff: as for `ground_state`.
    """
    if cutoff is None:
        cutoff = CUTOFF_OF_SHORT if len(mirrored) <= SHORT else CUTOFF
    tensors, discarded = _left_canonical(mirrored, cutoff)
    hadamard = np.array([[1.0, 1.0], [1.0, -1.0]]) / math.sqrt(2)  # from X = 1, -1 to Z = 1, -1
    turned = [np.einsum("asb,st->bta", tensor, hadamard) for tensor in reversed(tensors)]
    turned = [t[:, ::-1] if flipped[k] else t for k, t in enumerate(turned)]
    return right_canonical(turned, discarded)


@dataclass(frozen=True)
class _Modes:
    """Modes of the left part of a cut that are entangled with the right part.

    Attributes:
        a, b: what they are made of: arrays (sites on the left, modes).
        patterns: occupations of the Schmidt vectors kept, ascending; bit k = mode k.
    """

    a: Floats
    b: Floats
    patterns: Integers


def middle_bond(g: Floats) -> int:
    """The bond in the middle of the chain, from its correlations alone."""
    half = len(g) // 2
    with one_blas_thread(half):
        cosine = np.linalg.svd(g[:half, :half], compute_uv=False)[::-1].clip(0, 1)
        sine = np.linalg.svd(g[half:, :half], compute_uv=False)[:half].clip(0, 1)
    sine = np.where(cosine > 0.7, sine, np.sqrt(1 - cosine**2))  # cf. `_turn`
    empty = (1 + np.sqrt(1 - sine**2)) / 2
    full = sine**2 / (4 * empty)
    cutoff = CUTOFF_OF_SHORT if len(g) <= SHORT else CUTOFF
    return len(_schmidt_patterns(empty, full, cutoff)[0])


def _left_canonical(g: Floats, cutoff: float) -> tuple[list[Floats], float]:
    """Tensors (left, X = +-1, right) of the state with <i a_j b_k> = g_jk; the weight discarded."""
    modes = _Modes(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(1, dtype=np.int64))
    tensors = []
    discarded = 0.0
    for _ in g:
        count = modes.a.shape[1]
        old = np.concatenate([modes.patterns, modes.patterns | 1 << count])
        a, b = _and_site(modes.a), _and_site(modes.b)
        turn_a, turn_b, empty, full = _turn(g, a, b)
        patterns, kept, lost = _schmidt_patterns(empty, full, cutoff)
        overlaps = _overlaps(old, patterns, turn_a, turn_b)
        tensors.append(overlaps.reshape(2, len(modes.patterns), -1).transpose(1, 0, 2))
        discarded += lost
        modes = _Modes(a @ turn_a[:, :kept], b @ turn_b[:, :kept], patterns)
    return tensors, discarded


def _and_site(modes: Floats) -> Floats:
    sites, count = modes.shape
    extended = np.zeros((sites + 1, count + 1))
    extended[:sites, :count] = modes
    extended[sites, count] = 1
    return extended


def _turn(g: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The rotations of the modes ``a``, ``b`` of a left part to its Schmidt modes.

    Returns two matrices of determinant 1 (old mode, new mode), and the weights with which the new
    modes are empty and full, the most entangled mode first. In the new modes the correlations are
    diagonal: cos(theta) within the left part, sin(theta) across the cut, weights cos^2(theta / 2)
    and sin^2(theta / 2).
    """
    sites = len(a)
    within = a.T @ g[:sites, :sites] @ b
    turn_a, cosine, rows = np.linalg.svd(within)
    turn_b = rows.T
    sine = np.sqrt(np.clip(1 - cosine**2, 0, 1))
    # cos(theta) does not resolve small angles: sort these modes by sin(theta).
    near = cosine > 0.7
    across = g[sites:, :sites] @ (b @ turn_b[:, near])
    small, rows = np.linalg.svd(across)[1:]
    turn_b[:, near] = turn_b[:, near] @ rows.T
    images = within @ turn_b[:, near]
    turn_a[:, near] = images / np.linalg.norm(images, axis=0)
    sine[near] = np.concatenate([small, np.zeros(len(rows) - len(small))])
    cosine[near] = np.sqrt(np.clip(1 - sine[near] ** 2, 0, 1))
    order = np.argsort(-sine, kind="stable")
    turn_a, turn_b = _orthogonal(turn_a[:, order]), _orthogonal(turn_b[:, order])
    # Both determinants are of one sign: <X_1 .. X_j>, their product's sign, is positive as all
    # amplitudes are. Where it is 0 to rounding, so is the cosine of the first mode, and its sign
    # does not matter.
    turn_a[:, 0] *= np.sign(np.linalg.det(turn_a))
    turn_b[:, 0] *= np.sign(np.linalg.det(turn_b))
    empty = (1 + cosine[order]) / 2
    return turn_a, turn_b, empty, sine[order] ** 2 / (4 * empty)


def _orthogonal(matrix: Floats) -> Floats:
    """The orthogonal matrix nearest to one that is so up to rounding."""
    left, _, right = np.linalg.svd(matrix)
    return np.asarray(left @ right)


def _schmidt_patterns(empty: Floats, full: Floats, cutoff: float) -> tuple[Integers, int, float]:
    """Occupations with a Schmidt coefficient above ``cutoff``, ascending.

    Also the number of modes that are ever full, and the weight of all other occupations. With a
    pattern every pattern that lacks some of its particles is kept, which `_overlaps` relies on.
    """
    modes = int(np.count_nonzero(full > cutoff**2))
    patterns, weights = np.zeros(1, dtype=np.int64), np.ones(1)
    lost = float(full[modes:].sum())
    for mode in range(modes):
        patterns = np.concatenate([patterns, patterns | 1 << mode])
        weights = np.concatenate([weights * empty[mode], weights * full[mode]])
        kept = weights > cutoff**2
        lost += float(weights[~kept].sum())
        patterns, weights = patterns[kept], weights[kept]
    return np.sort(patterns), modes, lost


def _overlaps(old: Integers, new: Integers, turn_a: Floats, turn_b: Floats) -> Floats:
    """<n| R |n'> of occupations n in ``old`` and n' in ``new``, with R a R^+ = a turn_a, and b so.

    With P, Q = (turn_a +- turn_b) / 2, R c_k^+ R^+ = sum_i (P_ik c_i^+ + Q_ik c_i), and R|0> is
    sqrt(det P) exp(1/2 sum_ij T_ij c_i^+ c_j^+)|0> with T = Q P^-1. So by Wick's theorem
    <0| .. c_j c_i R c_k^+ c_l^+ ..|0> is sqrt(det P) times a Pfaffian of the contractions T_ji of
    c_i c_j, (P^-T)_ik of c_i R c_k^+ and -(P^-1 Q)_kl of R c_k^+ c_l^+. Each Pfaffian is expanded
    in smaller ones, which are here anyway.
    """
    p, q = (turn_a + turn_b) / 2, (turn_a - turn_b) / 2
    inverse = np.linalg.inv(p)
    among_old, between, among_new = q @ inverse, inverse.T, -inverse @ q
    size = len(p)
    values = np.zeros((len(old), len(new)))
    values[0, 0] = math.sqrt(abs(np.linalg.det(p)))
    for last in range(size):  # <0|R|n'> by the last particle of n'
        for other in range(last):
            at = np.flatnonzero((new >> last == 1) & (new >> other & 1 == 1))
            less = np.searchsorted(new, new[at] ^ (1 << last) ^ (1 << other))
            values[0, at] += among_new[other, last] * _sign(new[at], 0, other) * values[0, less]
    for first in range(size):  # <n|R|n'> by the last particle of n, whose operator stands first
        at = np.flatnonzero(old >> first == 1)
        step = np.zeros((len(new), len(new)))
        for other in range(size):
            to = np.flatnonzero(new >> other & 1 == 1)
            less = np.searchsorted(new, new[to] ^ (1 << other))
            step[less, to] = between[first, other] * _sign(new[to], 0, other)
        less = np.searchsorted(old, old[at] ^ (1 << first))
        values[at] = _sign(old[at], 0, first)[:, None] * (values[less] @ step)
        for other in range(first):
            pair = at[old[at] >> other & 1 == 1]
            less = np.searchsorted(old, old[pair] ^ (1 << first) ^ (1 << other))
            sign = _sign(old[pair], other + 1, first)
            values[pair] += (among_old[other, first] * sign)[:, None] * values[less]
    return values


def _sign(patterns: Integers, start: int, stop: int) -> Floats:
    """-1 to the number of particles in the modes ``start`` .. ``stop`` - 1."""
    between = patterns & ((1 << stop) - (1 << start))
    return np.asarray(1.0 - 2.0 * (np.bitwise_count(between) % 2))
