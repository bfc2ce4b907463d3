"""What a draw of each setting says of all correlators at once, of two directions or of three.

A draw with outcomes x gives v_s = prod_k a x_k w_k over the qubits k of the label s, w = 1 along
sigma_1 and +-i along sigma_2, which is unbiased for c_s. a = 1 for two directions; for three
a = 3/2, and a qubit along sigma_xi gives 0. Three directions have labels with sigma_xi too, where a
qubit along it gives 3 x_k: F0 of Eq. (12) is Eq. (24) summed over these labels as well, sigma_xi
counting as 0 does (its kernel 5 or -4 is 1/2 +- 9/2). v is a product over qubits, so that maps
between (setting, set of qubits) and labels go qubit by qubit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.eq24 import weight
from qbell.estimator.tensor.kernels import walsh_hadamard
from qbell.estimator.tensor.moments import raw_levels
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class SingleDraws:
    """Draws of all settings, and their mean.

    Parities are those of sets of qubits, bit masks; of the empty set 1.

    Attributes:
        maps: (N, directions, 2, letters): the factor of a qubit in v, out of a set and in it, but
            for its outcome.
        numbers: (settings,) how many draws; qubit 0 is the last digit of a setting.
        parities: (settings, 2^N) means over the draws of each setting, 0 where there are none.
        values: (labels,) c_hat, the mean of v over draws; digits 0, +, - and sigma_xi.
    """

    maps: Complex
    numbers: Integers
    parities: Floats
    values: Complex

    @property
    def num_qubits(self) -> int:
        """N."""
        return len(self.maps)

    @property
    def directions(self) -> int:
        """Of a qubit."""
        return int(self.maps.shape[1])

    @property
    def num_draws(self) -> int:
        """M."""
        return int(self.numbers.sum())

    def weights(self, *, along_axis: bool = False) -> tuple[Floats, Integers]:
        """(labels,) weights of Eq. (24) and orders; with labels ``along_axis`` those of F0."""
        letters = self.maps.shape[3]
        n_plus, n_minus, others = (np.zeros(1, dtype=np.int64) for _ in range(3))
        for _ in range(self.num_qubits):
            n_plus = np.add.outer(n_plus, [0, 1, 0, 0][:letters]).ravel()
            n_minus = np.add.outer(n_minus, [0, 0, 1, 0][:letters]).ravel()
            others = np.add.outer(others, [0, 0, 0, 1][:letters]).ravel()
        found = weight(n_plus, n_minus, self.num_qubits)
        return found if along_axis else np.where(others == 0, found, 0.0), n_plus + n_minus

    def slopes(self, weights: Floats) -> Floats:
        """(settings, 2^N): Re c_hat W v is the sum of these times the parities of a draw."""
        slopes = _through((weights * self.values.conj()), _flat(self.maps).transpose(0, 2, 1))
        return _apart(slopes.real, self.num_qubits, self.directions)

    def pooled(self) -> tuple[Floats, NDArray[np.bool_]]:
        """(settings, 2^N) means of parities over all draws with the directions that they need.

        And whether there were any.
        """
        axes = (self.directions,) * self.num_qubits
        found, known = np.empty_like(self.parities), np.empty(self.parities.shape, dtype=bool)
        for mask in range(2**self.num_qubits):
            # Qubit 0 is the last axis.
            out = tuple(
                self.num_qubits - 1 - k for k in range(self.num_qubits) if not mask >> k & 1
            )
            sums = (
                (self.numbers * self.parities[:, mask]).reshape(axes).sum(axis=out, keepdims=True)
            )
            numbers = self.numbers.reshape(axes).sum(axis=out, keepdims=True)
            found[:, mask] = np.broadcast_to(sums / np.maximum(numbers, 1), axes).ravel()
            known[:, mask] = np.broadcast_to(numbers > 0, axes).ravel()
        return found, known

    def draws(self, settings: Integers, parities: Floats) -> Complex:
        """(m, labels) v of m settings with ``parities`` (m, 2^N)."""
        found = parities.astype(complex)
        for qubit in reversed(range(self.num_qubits)):
            factor = self.maps[qubit, settings // self.directions**qubit % self.directions]
            # Whether the qubit is in the set is the first axis left; its letters become the last.
            rest = found.shape[1] // 2  # not -1: there may be no settings
            cube = np.einsum("mor,mol->mrl", found.reshape(len(found), 2, rest), factor)
            found = cube.reshape(len(found), rest * factor.shape[2])
        return found


def single_draws(shots: Shots, levels: Floats | None = None) -> SingleDraws:
    """Of shots of a drawn design with numbered draws, each of which counts alike.

    ``levels``: (N, 2) numbers that stand for outcomes 0 and 1; +1 and -1 if None.
    """
    num_qubits, directions = shots.num_qubits, shots.rules.letters
    maps = np.zeros((num_qubits, directions, 2, directions + 1), dtype=complex)
    maps[:, :, 0, 0] = 1.0
    for direction, turn in enumerate((1, 1j)):
        # A direction has probability 1 / directions, and sigma_+- are halves.
        maps[:, direction, 1, 1:3] = directions / 2 * np.array([turn, np.conj(turn)])
    if directions > 2:
        maps[:, 2, 1, 3] = directions
    assert shots.draws is not None
    draws = group_by(shots.draws)
    settings = shots.directions.astype(np.int64) @ directions ** np.arange(num_qubits)
    numbers = np.bincount(settings[draws.first], minlength=directions**num_qubits)
    cells = np.zeros((directions**num_qubits, 2**num_qubits))
    each = shots.counts / draws.sums(shots.counts)[draws.index]
    np.add.at(cells, (settings, shots.outcome_index), each)
    cells /= np.maximum(numbers, 1)[:, None]
    levels = raw_levels(num_qubits) if levels is None else levels
    for setting in np.flatnonzero(numbers):
        walsh_hadamard(cells[setting], levels)
    shares = (numbers / len(draws))[:, None]
    values = _through(_together(shares * cells, num_qubits).astype(complex), _flat(maps))
    return SingleDraws(maps, numbers, cells, values)


def _flat(maps: Complex) -> Complex:
    """(N, directions times 2, letters)."""
    return maps.reshape(len(maps), -1, maps.shape[3])


def _through(values: Complex, maps: Complex) -> Complex:
    """(b^N,) from (a^N,): the maps (N, a, b) on the digits, qubit 0 last."""
    num_qubits, size, _ = maps.shape
    cube = values.reshape((size,) * num_qubits)
    for qubit in reversed(range(num_qubits)):
        cube = np.tensordot(cube, maps[qubit], axes=(0, 0))
    return cube.reshape(-1)


def _together(cells: Floats, num_qubits: int) -> Floats:
    """Flat, with the direction of a qubit and whether it is in the set side by side."""
    directions = round(len(cells) ** (1 / num_qubits))
    cube = cells.reshape(*(directions,) * num_qubits, *(2,) * num_qubits)
    order = np.arange(2 * num_qubits).reshape(2, num_qubits).T.ravel()
    return cube.transpose(order).reshape(-1)


def _apart(cells: Floats, num_qubits: int, directions: int) -> Floats:
    """(settings, 2^N): the inverse of `_together`."""
    cube = cells.reshape((directions, 2) * num_qubits)
    order = np.arange(2 * num_qubits).reshape(num_qubits, 2).T.ravel()
    return cube.transpose(order).reshape(directions**num_qubits, 2**num_qubits)
