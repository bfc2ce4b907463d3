"""The search behind the stored arrays: simulated annealing over arrays with a given symmetry.

An array is described by fewer free bits than it has entries: entry (r, c) is free bit
``index[r, c]``, turned over where ``flip[r, c]`` is 1. A cyclic group that moves rows and columns
together makes blocks of circulants; rows that come with their complements halve the array. Both
make the search space small enough to look through, and many optimal arrays have such a symmetry.

``python -m qbell.covering`` finds the stored arrays again and compares.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.covering.verify import Rows, Words, _missing
from qbell.util.numba_jit import compiled

Index = NDArray[np.int64]

MAX_COST = 2**62


@dataclass(frozen=True)
class Shape:
    """Which entries of an array are the same free bit.

    Attributes:
        index: (M, N) number of the free bit of each entry.
        flip: (M, N) 1 where the entry is that bit's complement.
    """

    index: Index
    flip: Rows

    @property
    def num_bits(self) -> int:
        """Number of free bits."""
        return int(self.index.max()) + 1

    def fill(self, bits: Sequence[int] | Rows) -> Rows:
        """The array with these free bits."""
        return np.asarray(bits, dtype=np.uint8)[self.index] ^ self.flip


def circulants(
    period: int, row_blocks: int, column_blocks: int, fixed_rows: int, fixed_columns: int
) -> Shape:
    """Blocks of ``period`` x ``period`` circulants, bordered by rows and columns that do not move.

    Rows and columns of a block are moved on together by a cyclic group of order ``period``; a
    fixed row is constant on each block of columns, a fixed column on each block of rows. Period 1
    has no symmetry: each entry is free.
    """
    num_rows = period * row_blocks + fixed_rows
    num_columns = period * column_blocks + fixed_columns
    rows, columns = np.indices((num_rows, num_columns))
    row_block = np.where(rows < period * row_blocks, rows // period, rows)
    column_block = np.where(columns < period * column_blocks, columns // period, columns)
    moving = (rows < period * row_blocks) & (columns < period * column_blocks)
    shift = np.where(moving, (columns - rows) % period, 0)
    names = (row_block * (num_columns + num_rows) + column_block) * period + shift
    _, index = np.unique(names, return_inverse=True)
    return Shape(index.reshape(names.shape), np.zeros(names.shape, dtype=np.uint8))


def with_complements(shape: Shape) -> Shape:
    """Each row of ``shape``, and behind them the complement of each."""
    index = np.concatenate([shape.index, shape.index])
    return Shape(index, np.concatenate([shape.flip, 1 - shape.flip]))


def anneal(shape: Shape, order: int, seed: int, steps: int, hot: float = 2.0) -> Rows | None:
    """Look for a covering array of this shape, of up to 64 rows: one free bit turned at a time.

    The cost is the number of missing patterns; a rise by d is accepted with probability
    exp(-d / T), with T falling from ``hot`` to ``hot`` / 20 in equal ratios over ``steps`` steps.
    The same seed gives the same array. Returns None if none was found.
    """
    bits = np.zeros(shape.num_bits, dtype=np.uint8)
    found = _anneal(shape.index, shape.flip, order, seed, steps, hot, bits)
    return shape.fill(bits) if found else None


@compiled
def _draw(state: Words) -> float:
    """A uniform number from the generator xorshift64* (Vigna 2016)."""
    word = state[0]
    word ^= word >> np.uint64(12)
    word ^= word << np.uint64(25)
    word ^= word >> np.uint64(27)
    state[0] = word
    return float((word * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def _cost(columns: Words, num_rows: int, order: int, most: int) -> int:
    found = np.zeros(order, dtype=np.int64)
    count = 0
    for start in range(columns.shape[0] - order + 1):
        count += _missing(columns, num_rows, order, start, most - count, found)[0]
        if count >= most:
            break
    return count


@compiled
def _anneal(
    index: Index, flip: Rows, order: int, seed: int, steps: int, hot: float, bits: Rows
) -> bool:
    num_rows, num_columns = index.shape
    state = np.full(1, np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1))
    for _ in range(10):
        _draw(state)
    for place in range(bits.size):
        bits[place] = _draw(state) < 0.5
    # What turning a free bit turns in each column, one bit a row.
    turns = np.zeros((bits.size, num_columns, 1), dtype=np.uint64)
    columns = np.zeros((num_columns, 1), dtype=np.uint64)
    for row in range(num_rows):
        for column in range(num_columns):
            bit = np.uint64(1) << np.uint64(row)
            turns[index[row, column], column, 0] |= bit
            if bits[index[row, column]] != flip[row, column]:
                columns[column, 0] |= bit
    cost = _cost(columns, num_rows, order, MAX_COST)
    cooling = 0.05 ** (1.0 / steps)
    heat = hot
    for _ in range(steps):
        if cost == 0:
            return True
        place = int(_draw(state) * bits.size)
        # The rise that is accepted is drawn first, so that counting can stop beyond it.
        limit = cost - heat * math.log(1.0 - _draw(state))
        columns ^= turns[place]
        changed = _cost(columns, num_rows, order, int(limit) + 1)
        if changed <= limit:
            cost = changed
            bits[place] ^= 1
        else:
            columns ^= turns[place]
        heat *= cooling
    return cost == 0
