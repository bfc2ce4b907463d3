"""Does the parity of all qubits but one or two depend on the freshly drawn settings of these?"""

import itertools

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.fisher import exact_p
from qbell.certificates.settings.drawn import DrawnSettings
from qbell.shots.grouping import Groups, group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

REST_WORK = 2**23  # draws x qubits^2 for two left out; of more, none


def fresh_rest_p(shots: Shots, drawn: DrawnSettings, without: int) -> Floats:
    """P-values of parities of all qubits but ``without``, one or two, by what these are along.

    Freshly drawn directions of some qubits are independent of the settings of the others and,
    without signalling, of their outcomes, so of every function of both. Functions looked at: the
    parity of the others' outcomes (of most shots of the draw), times 1, times sqrt(2) cos or sin of
    (m pi/2 + pi/4), where m of the others are measured along sigma_2: the signs of a Bell
    correlator. Fisher's exact test against each direction of the qubits left out, and against
    whether two of them have the same.
    """
    directions, weights = drawn.directions, drawn.weights
    size, names = directions.shape[1], range(1 if drawn.letters == 2 else drawn.letters)
    if size <= without or (without > 1 and size * directions.size > REST_WORK):
        return np.zeros(0)
    turned = directions == 1
    twos = turned.sum(axis=1)
    all_odd = np.bitwise_xor.reduce(shots.bits, axis=1)
    draws = None if shots.draws is None else group_by(shots.draws)
    tables = []
    for left in map(list, itertools.combinations(range(size), without)):
        odd = all_odd ^ np.bitwise_xor.reduce(shots.bits[:, left], axis=1)
        parity = _most(odd, shots.counts, draws)
        number = (twos - turned[:, left].sum(axis=1)) % 4
        sines, cosines = number >= 2, (number == 1) | (number == 2)
        functions = np.array([parity, parity ^ sines, parity ^ cosines]) * weights
        theirs = [directions[:, qubit] == name for qubit in left for name in names]
        if without == 2:
            theirs.append(directions[:, left[0]] == directions[:, left[1]])
        along = np.array(theirs, dtype=float).T
        good, some = functions.sum(axis=1, keepdims=True), weights @ along
        tables.append(np.broadcast_arrays(functions @ along, some, good, weights.sum()))
    found, some, good, total = (
        np.concatenate([part.ravel() for part in parts]) for parts in zip(*tables, strict=True)
    )
    tested = (some > 0) & (some < total)
    return exact_p(found[tested], some[tested], good[tested], total[tested])


def _most(
    odd: NDArray[np.uint8], counts: NDArray[np.int64], draws: Groups | None
) -> NDArray[np.bool_]:
    """(draws,) whether most shots of each draw are ``odd``; None: each row is a draw."""
    if draws is None:
        return odd > 0
    return 2 * draws.sums(counts * odd) > draws.sums(counts)
