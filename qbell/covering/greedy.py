"""Covering arrays of any order, pair after pair of rows: where no better construction is at hand.

Each pair is a row and its complement, so that only half of the patterns must be looked at. The row
is the best of a few hill climbs, one bit at a time, on the number of patterns not yet seen. Like
all greedy arrays it grows as 2^K log N, with a larger constant than the best arrays known.
"""

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from qbell.covering.verify import Rows
from qbell.util.numba_jit import compiled

MAX_PATTERNS = 5e8  # patterns times qubits: some 20 seconds
CLIMBS = 4
SEED = 2021

Index = NDArray[np.int64]


def greedy_work(num_qubits: int, order: int) -> float:
    """What the time grows with: patterns times qubits."""
    return float(comb(num_qubits, order) * 2**order * num_qubits)


def greedy(num_qubits: int, order: int) -> Rows:
    """A covering array of this order; always the same one."""
    subsets = np.array(list(combinations(range(num_qubits), order)), dtype=np.int64)
    # For each qubit, the subsets that hold it, and in which place.
    members, places = [], []
    for qubit in range(num_qubits):
        subset, place = np.nonzero(subsets == qubit)
        members.append(subset)
        places.append(place)
    seen = np.zeros((len(subsets), 2**order), dtype=np.bool_)
    generator = np.random.default_rng(SEED)
    rows: list[Rows] = []
    left = seen.size
    while left:
        best, best_gain = np.zeros(num_qubits, dtype=np.uint8), -1
        for climb in range(CLIMBS):
            row = generator.integers(0, 2, num_qubits, dtype=np.uint8)
            if climb == 0:  # from a pattern that is missing: gains at least that
                first = int(np.argmin(seen.all(axis=1)))
                pattern = int(np.argmin(seen[first]))
                row[subsets[first]] = pattern >> np.arange(order) & 1
            gain = _climb(row, subsets, np.array(members), np.array(places), seen)
            if gain > best_gain:
                best, best_gain = row, gain
        _mark(best, subsets, seen)
        left -= 2 * best_gain
        rows += [best, 1 - best]
    return np.array(rows, dtype=np.uint8)


@compiled
def _patterns(row: Rows, subsets: Index) -> Index:
    patterns = np.zeros(len(subsets), dtype=np.int64)
    for subset in range(subsets.shape[0]):
        for place in range(subsets.shape[1]):
            patterns[subset] |= np.int64(row[subsets[subset, place]]) << place
    return patterns


@compiled
def _climb(
    row: Rows, subsets: Index, members: Index, places: Index, seen: NDArray[np.bool_]
) -> int:
    """Turn bits of ``row`` while that shows more new patterns; how many it then shows."""
    patterns = _patterns(row, subsets)
    idle, qubit = 0, 0
    while idle < row.size:
        change = 0
        for entry in range(members.shape[1]):
            subset = members[qubit, entry]
            turned = patterns[subset] ^ (np.int64(1) << places[qubit, entry])
            change += 1 if seen[subset, patterns[subset]] else 0
            change -= 1 if seen[subset, turned] else 0
        idle += 1
        if change > 0:
            idle = 0
            row[qubit] ^= 1
            for entry in range(members.shape[1]):
                patterns[members[qubit, entry]] ^= np.int64(1) << places[qubit, entry]
        qubit = (qubit + 1) % row.size
    gain = 0
    for subset in range(subsets.shape[0]):
        gain += 0 if seen[subset, patterns[subset]] else 1
    return gain


@compiled
def _mark(row: Rows, subsets: Index, seen: NDArray[np.bool_]) -> None:
    patterns = _patterns(row, subsets)
    last = (1 << subsets.shape[1]) - 1
    for subset in range(subsets.shape[0]):
        seen[subset, patterns[subset]] = True
        seen[subset, last - patterns[subset]] = True
