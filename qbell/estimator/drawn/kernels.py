"""Compiled loop over the shots of a drawn design, for one correlator."""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.pairs.kernels import popcount
from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Planes = NDArray[np.uint64]


@compiled
def label_moments(
    letters: Bytes,
    directions: Bytes,
    bits: Bytes,
    shares: Floats,
    weights: Floats,
    starts: Integers,
    three: bool,
) -> Floats:
    """Sums over draws of c_hat_s: its real and imaginary part, their squares and their product.

    Args:
        letters: (N,) the label: 0, + = 1, - = 2.
        directions, bits: (N, rows) of each qubit.
        shares: (rows,) share of a row in its draw.
        weights: (draws,) how many alike draws each stands for.
        starts: (draws + 1,) first row of each draw.
        three: three directions: 3/2 for each qubit, and 0 along the third.
    """
    inside = np.flatnonzero(letters)
    size = 1.5 ** len(inside) if three else 1.0
    sums = np.zeros(5)
    for draw in range(len(starts) - 1):
        real, imaginary = 0.0, 0.0
        for row in range(starts[draw], starts[draw + 1]):
            turns = 0  # of a right angle in the plane: an outcome -1 is two, +-i is one or three
            seen = True
            for qubit in inside:
                direction = directions[qubit, row]
                turns += 2 * bits[qubit, row]
                if direction == 1:
                    turns += 1 if letters[qubit] == 1 else 3
                elif direction == 2:
                    seen = False
            if not seen:
                continue
            quarter = turns % 4
            if quarter == 0:
                real += shares[row]
            elif quarter == 1:
                imaginary += shares[row]
            elif quarter == 2:
                real -= shares[row]
            else:
                imaginary -= shares[row]
        real *= size
        imaginary *= size
        sums[0] += weights[draw] * real
        sums[1] += weights[draw] * imaginary
        sums[2] += weights[draw] * real * real
        sums[3] += weights[draw] * imaginary * imaginary
        sums[4] += weights[draw] * real * imaginary
    return sums


@compiled
def packed_moments(
    letters: Bytes, second: Planes, third: Planes, bits: Planes, rows: int, three: bool
) -> Floats:
    """`label_moments` of single shots, 64 at a time: planes (N + 1, words) of bits of shots.

    The number of right angles modulo 4 is kept in two bits, ``high`` and ``low``, of each shot.
    """
    inside = np.flatnonzero(letters)
    words = bits.shape[1]
    sums = np.zeros(5)
    for word in range(words):
        low, high = np.uint64(0), np.uint64(0)
        seen = ~np.uint64(0)
        if word == words - 1 and rows % 64 != 0:
            seen = (np.uint64(1) << np.uint64(rows % 64)) - np.uint64(1)
        for qubit in inside:
            turned = second[qubit, word]
            high ^= bits[qubit, word] ^ (low & turned)
            low ^= turned
            if letters[qubit] == 2:
                high ^= turned
            seen &= ~third[qubit, word]
        sums[0] += popcount(seen & ~low & ~high) - np.float64(popcount(seen & ~low & high))
        sums[1] += popcount(seen & low & ~high) - np.float64(popcount(seen & low & high))
        sums[2] += popcount(seen & ~low)
        sums[3] += popcount(seen & low)
    if three:
        size = 1.5 ** len(inside)
        for i in range(2):
            sums[i] *= size
            sums[i + 2] *= size * size
    return sums
