"""Correlations in time of Z_i and Y_i, strings of Majorana operators, in thermal states."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qbell.states.free_fermions.pfaffians import leading_pfaffians

Floats = NDArray[np.float64]


def sum_of_strings(
    modes: tuple[Floats, Floats],
    energies: Floats,
    occupied: Floats,
    sign: int,
    time: float | None,
    mirrored: bool = False,
) -> float:
    """Re sum_ij <Z_i(t) Z_j> of an open chain, or with Y in place of Z.

    A ``time`` of None stands for t = -i beta / 2, beta the inverse temperature of the state, where
    <Z_i(t) Z_j> = Tr[rho^(1/2) Z_i rho^(1/2) Z_j].

    With the Majorana operators a and b of `qbell.states.free_fermions.chain`, Z_j = i^j a_0 b_0 ...
    a_(j-1) b_(j-1) a_j. Wick's theorem makes <Z_i(t) Z_j> a Pfaffian of the contractions of 2 (i +
    j) + 2 operators. They are put in the order c_0(t) c_0 c_1(t) c_1 ..., as far as the shorter
    string goes; then the longer one goes on alone, and one elimination gives all j >= i. H and Z
    are real, and so <Z_i(t) Z_j> = <Z_j(t) Z_i>. Y_j is the same with a and b exchanged.

    Args:
        modes: W and V (N, N) of M = W S V^T; exchanged for Y.
        energies: S (N,); a mode alpha_k, beta_k turns by the angle 2 S_k t.
        occupied: (N,) <i alpha_k beta_k>, tanh(S_k / T).
        sign: 1 for Z, -1 for Y.
        time: t.
        mirrored: the chain is its own mirror image: half of the pairs are enough.
    """
    size = len(energies)
    now = _contractions(modes, energies, occupied, sign, 0.0)
    if time is None:
        later = _halfway(modes, occupied)
    else:
        later = _contractions(modes, energies, occupied, sign, time)
    total = 0.0
    for i in range((size + 1) // 2 if mirrored else size):
        far = size - 1 - i if mirrored else size - 1  # the last j
        place, is_later = _order(i, far)
        kept = np.ix_(place, place)
        across = later[kept]
        matrix = np.where(is_later[:, None], across, -across.T)
        matrix = np.where(is_later[:, None] == is_later, now[kept], matrix)
        matrix = np.triu(matrix, 1)
        found = leading_pfaffians(matrix - matrix.T)[2 * i :]
        # i^(i + j), and (-1)^i for the order of the operators.
        values = (found * (1j * sign) ** np.arange(2 * i, i + far + 1) * (-1) ** i).real
        weights = np.full(len(values), 2.0)
        weights[0] = 1.0
        if mirrored:
            weights[:-1] *= 2  # i + j < N - 1: its mirror image is another pair
        total += float(weights @ values)
    return total


def _contractions(
    modes: tuple[Floats, Floats], energies: Floats, occupied: Floats, sign: int, time: float
) -> NDArray[np.complex128]:
    """(2N, 2N) <c_p(t) c_q> of c = (a_0, b_0, a_1, b_1, ...)."""
    left, right = modes
    cosine, sine = np.cos(2 * energies * time), np.sin(2 * energies * time)
    same = cosine - 1j * occupied * sine
    other = sign * (-1j * occupied * cosine - sine)
    table = np.empty((2 * len(left), 2 * len(left)), dtype=complex)
    table[0::2, 0::2] = (left * same) @ left.T
    table[1::2, 1::2] = (right * same) @ right.T
    table[0::2, 1::2] = (left * other) @ right.T
    table[1::2, 0::2] = -(right * other) @ left.T
    return table


def _halfway(modes: tuple[Floats, Floats], occupied: Floats) -> NDArray[np.complex128]:
    """`_contractions` at t = -i beta / 2: cos and sin are cosh and -i sinh of 2 S_k beta / 2, whose
    tanh is ``occupied``, so that 1 / cosh is left of a with a and b with b, and nothing else."""
    left, right = modes
    table = np.zeros((2 * len(left), 2 * len(left)), dtype=complex)
    inverse = np.sqrt(1 - occupied**2)
    table[0::2, 0::2] = (left * inverse) @ left.T
    table[1::2, 1::2] = (right * inverse) @ right.T
    return table


@lru_cache(maxsize=512)
def _order(i: int, far: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Which c_p each row is, and whether it is at the time t; for the strings of i and ``far``."""
    shorter, longer = 2 * i + 1, 2 * far + 1
    place = np.concatenate([np.repeat(np.arange(shorter), 2), np.arange(shorter, longer)])
    is_later = np.zeros(len(place), dtype=bool)
    is_later[0 : 2 * shorter : 2] = True
    return place, is_later
