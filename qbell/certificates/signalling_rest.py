"""Does the parity of all qubits but one depend on the freshly drawn setting of that one?"""

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.fisher import exact_p
from qbell.certificates.settings.drawn import DrawnSettings
from qbell.shots.grouping import Groups, group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]


def fresh_rest_p(shots: Shots, drawn: DrawnSettings) -> Floats:
    """P-values of parities of the rest, with the signs of a Bell correlator, by the one's setting.

    A freshly drawn direction of one qubit is independent of the settings of the others and, without
    signalling, of their outcomes, so of every function of both. Functions looked at: the parity of
    the others' outcomes (of most shots of the draw), times 1, times sqrt(2) cos or sin of
    (m pi/2 + pi/4), where m of the others are measured along sigma_2. Fisher's exact test for each
    qubit and direction.
    """
    directions, weights = drawn.directions, drawn.weights
    turned = directions == 1
    twos = turned.sum(axis=1)
    all_odd = np.bitwise_xor.reduce(shots.bits, axis=1)
    draws = None if shots.draws is None else group_by(shots.draws)
    tables = []
    for qubit in range(directions.shape[1]):
        parity = _most(all_odd ^ shots.bits[:, qubit], shots.counts, draws)
        number = (twos - turned[:, qubit]) % 4
        sines, cosines = number >= 2, (number == 1) | (number == 2)
        functions = np.array([parity, parity ^ sines, parity ^ cosines])
        for letter in range(1 if drawn.letters == 2 else drawn.letters):
            along = directions[:, qubit] == letter
            good = functions @ weights
            tables.append(
                np.broadcast_arrays(
                    functions @ (weights * along), weights @ along, good, weights.sum()
                )
            )
    found, some, good, total = (
        np.concatenate(part).astype(float) for part in zip(*tables, strict=True)
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
