"""Counts of outcomes by setting, and by pairs of qubits: what the tests of the data compare."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.shots.grouping import by_setting
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

CHUNK = 8192  # rows expanded at a time, so that memory stays small


@dataclass(frozen=True)
class ObservedSettings:
    """Each different setting once.

    Attributes:
        directions: (settings, N) of 0 = sigma_1, 1 = sigma_2, 2 = sigma_xi.
        totals: (settings,) shots.
        ones: (settings, N) how many of these had outcome 1 (-1) on each qubit.
        bits: (N, rows) outcomes of the data, rows of one setting next to each other.
        counts: (rows,) how often each came.
        starts: (settings,) where each setting begins in ``bits``.
    """

    directions: NDArray[np.uint8]
    totals: Floats
    ones: Floats
    bits: NDArray[np.uint8]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]

    def odd(self, qubits: Sequence[int]) -> Floats:
        """(settings,) how many shots had an odd number of outcomes 1 on ``qubits``."""
        parity = functools.reduce(np.bitwise_xor, (self.bits[qubit] for qubit in qubits))
        sums: Floats = np.add.reduceat(self.counts * parity, self.starts).astype(float)
        return sums


def observed_settings(shots: Shots) -> ObservedSettings:
    """Add up the rows of each setting."""
    settings = by_setting(shots.directions)
    bits = np.ascontiguousarray(shots.bits.T[:, settings.order])
    counts, starts = shots.counts[settings.order], settings.starts[:-1]
    ones = np.array([np.add.reduceat(counts * column, starts) for column in bits]).T
    totals = settings.sums(shots.counts).astype(float)
    directions = shots.directions[settings.first]
    return ObservedSettings(directions, totals, ones.astype(float), bits, counts, starts)


def pair_sums(directions: NDArray[np.uint8], values: Floats, letters: int) -> Floats:
    """(letters, N, letters, N): [a, k, b, j] sums values[:, k] of rows with k along a, j along b.

    Args:
        directions: (rows, N) of 0 to letters - 1.
        values: (rows, N), or (rows, 1) for the same of all qubits.
    """
    num_qubits = directions.shape[1]
    size = letters * num_qubits
    sums = np.zeros((size, size))
    names = np.arange(letters, dtype=np.uint8)[:, None]
    for start in range(0, len(directions), CHUNK):
        block = slice(start, start + CHUNK)
        along = (directions[block, None, :] == names).astype(float)  # (rows, letters, N)
        weighted = along * values[block, None, :]
        sums += weighted.reshape(-1, size).T @ along.reshape(-1, size)
    return sums.reshape(letters, num_qubits, letters, num_qubits)
