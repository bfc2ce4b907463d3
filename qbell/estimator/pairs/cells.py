"""Shots packed into bits for the pair loops: rows by unit, and equal rows of a block merged.

A unit is what was drawn independently: a shot, or a draw of several shots in one setting. Weights
are whole numbers wherever they can be: a row counts (size of its unit) / (shots of the row) up to
the common factor ``scale``.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.grouping import group_by

Integers = NDArray[np.int64]
Planes = NDArray[np.uint32]

MOST_SCALE = 10**6  # above it, unequal draws have fractional weights
MOST_MERGED_QUBITS = 20  # beyond, settings hardly coincide; and taking off would lose digits
MERGED_COST = 1.5  # of a pair of weighted rows, in pairs of single shots
LARGEST_SUM = 2**62  # of whole-number weights times the largest value of a pair


@dataclass(frozen=True)
class UnitRows:
    """Rows ordered by unit.

    Attributes:
        row: (rows,) which row of the data.
        starts: (units + 1,) first of each unit.
        weights: (rows,) share of the row in its unit, times ``scale``; whole numbers (int64), or
            shares themselves (float64) where the sizes of draws have no small common multiple.
        scale: the sum of each unit's weights.
    """

    row: Integers
    starts: Integers
    weights: NDArray[Any]
    scale: int

    @property
    def num_units(self) -> int:
        """Number of units."""
        return len(self.starts) - 1

    @property
    def unit(self) -> Integers:
        """(rows,) the unit of each."""
        return np.repeat(np.arange(self.num_units), np.diff(self.starts))

    def rows_in(self, chosen: Integers) -> int:
        """Rows of the ``chosen`` units."""
        return int((self.starts[chosen + 1] - self.starts[chosen]).sum())

    def rows_of(self, chosen: Integers) -> tuple[Integers, Integers]:
        """Positions of the rows of the ``chosen`` units, and where each of these units starts."""
        sizes = self.starts[chosen + 1] - self.starts[chosen]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        rows = np.arange(starts[-1]) + np.repeat(self.starts[chosen] - starts[:-1], sizes)
        return rows, starts


@dataclass(frozen=True)
class Cells:
    """Rows ordered by block, equal ones merged where that saves time.

    Attributes:
        row: (cells,) a row of the data that is this cell.
        weights: (cells,) total weight.
        starts: (blocks + 1,) first of each block.
        after: (cells,) the first cell that makes a pair with this one in its own block, so that
            every pair is taken once: the first of the next unit, or if merged the next cell.
        merged: cells can hold rows of several units, so that pairs within units are among those of
            cells and have to be taken off. Otherwise cells are ordered by unit in each block.
        ones: all weights are 1.
    """

    row: Integers
    weights: NDArray[Any]
    starts: Integers
    after: Integers
    merged: bool
    ones: bool


def pack(directions: NDArray[np.uint8], bits: NDArray[np.uint8], three: bool) -> Planes:
    """Bit planes (2 or 3, words, rows): along sigma_2, outcome -1, along sigma_xi.

    >>> pack(np.array([[0, 1, 2]], dtype=np.uint8), np.array([[1, 1, 0]], dtype=np.uint8), True)
    array([[[2]],
    <BLANKLINE>
           [[3]],
    <BLANKLINE>
           [[4]]], dtype=uint32)
    """
    rows, num_qubits = directions.shape
    words = -(-num_qubits // 32)
    columns = [directions == 1, bits == 1] + [directions == 2] * three
    planes = np.zeros((len(columns), words, rows), dtype=np.uint32)
    for plane, column in zip(planes, columns, strict=True):
        octets = np.zeros((rows, 4 * words), dtype=np.uint8)
        packed = np.packbits(column, axis=1, bitorder="little")
        octets[:, : packed.shape[1]] = packed
        plane[:] = octets.view("<u4").T
    return planes


def identify(planes: Planes) -> Integers:
    """(rows,) equal numbers for equal rows, from 0."""
    keys = planes.reshape(-1, planes.shape[2])
    order = np.lexsort(keys)
    changes = np.zeros(len(order), dtype=bool)
    for key in keys:
        changes[1:] |= np.diff(key[order]) != 0
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = np.cumsum(changes)
    return numbers


def unit_rows(counts: Integers, draws: Integers | None, largest: int) -> UnitRows:
    """Units are single shots in the order of the rows, or draws in the order of their numbers.

    ``largest`` is the largest value of a pair that is summed: int64 must hold the sum of all.

    Raises:
        QbellError: fewer than two units.
    """
    if draws is None:
        row = np.repeat(np.arange(len(counts)), counts)
        starts = np.arange(len(row) + 1)
        weights: NDArray[Any] = np.ones(len(row), dtype=np.int64)
        scale = 1
    else:
        groups = group_by(draws)
        row, starts, sizes = groups.order, groups.starts, groups.sums(counts)
        scale = math.lcm(*np.unique(sizes).tolist())
        each = np.repeat(sizes, np.diff(starts))
        if scale <= MOST_SCALE and (scale * len(sizes)) ** 2 * largest < LARGEST_SUM:
            weights = counts[row] * (scale // each)
        else:
            weights, scale = counts[row] / each, 1
    if len(starts) < 3:
        raise QbellError(
            f"pairs of different draws need 2 or more of them; the data have {len(starts) - 1}"
        )
    if draws is None and len(row) ** 2 * largest >= LARGEST_SUM:
        weights = weights.astype(float)
    return UnitRows(row, starts, weights, scale)


def cells_of(
    units: UnitRows, identity: Integers, blocks: Integers, num_blocks: int, num_qubits: int
) -> Cells:
    """The rows of each block; ``blocks`` is (units,)."""
    unit = units.unit
    block = blocks[unit]
    single = units.weights.dtype == np.int64 and bool(np.all(units.weights == 1))
    if num_qubits <= MOST_MERGED_QUBITS:
        key = block * (int(identity.max()) + 1) + identity[units.row]
        distinct, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        if len(distinct) ** 2 * (MERGED_COST if single else 1.0) < len(key) ** 2:
            weights = np.zeros(len(distinct), dtype=units.weights.dtype)
            np.add.at(weights, inverse, units.weights)
            starts = np.searchsorted(block[first], np.arange(num_blocks + 1))
            after = np.arange(1, len(first) + 1)
            return Cells(units.row[first], weights, starts, after, True, False)
    order = np.argsort(block, kind="stable")
    starts = np.searchsorted(block[order], np.arange(num_blocks + 1))
    last = np.append(np.flatnonzero(np.diff(unit[order])) + 1, len(order))
    after = np.repeat(last, np.diff(last, prepend=0))
    return Cells(units.row[order], units.weights[order], starts, after, False, single)
