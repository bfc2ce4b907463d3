"""Rows that belong together: one setting, one draw, one job. The one place where they are found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.util.unique_rows import row_numbers

Integers = NDArray[np.int64]

FEW, MOST = 2**16, 2**62  # different numbers: of 16 bits, and of an integer


@dataclass(frozen=True)
class Groups:
    """Rows of a table, group after group; groups in the order of their keys.

    Attributes:
        order: (rows,) the rows of the table, those of one group next to each other.
        starts: (groups + 1,) where each group begins in ``order``.
    """

    order: Integers
    starts: Integers

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def first(self) -> Integers:
        """(groups,) one row of the table of each group: where nothing else was said, its first."""
        return self.order[self.starts[:-1]]

    @property
    def index(self) -> Integers:
        """(rows,) the number of the group that each row of the table is in."""
        index = np.empty(len(self.order), dtype=np.int64)
        index[self.order] = self.within
        return index

    @property
    def within(self) -> Integers:
        """(rows,) the number of the group of each row in ``order``."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def sums(self, values: Integers) -> Integers:
        """(groups,) sums of ``values`` (rows,) over each group."""
        sums: Integers = np.add.reduceat(values[self.order], self.starts[:-1])
        return sums


def group_by(*keys: Integers, then: Integers | None = None) -> Groups:
    """Rows with all ``keys`` equal are a group.

    Args:
        keys: (rows,) each, the first one decides first in which order groups come; one row or more.
        then: (rows,) the order of rows within a group; by default that of the table.

    >>> groups = group_by(np.array([7, 3, 7]))
    >>> groups.first.tolist(), groups.index.tolist(), groups.sums(np.array([1, 5, 10])).tolist()
    ([1, 0], [1, 0, 1], [5, 11])
    """
    columns = keys if then is None else (*keys, then)
    whole = _as_one(columns)
    order = np.lexsort(columns[::-1]) if whole is None else np.argsort(whole, kind="stable")
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for key in keys if whole is None or then is not None else (whole,):
        ordered = key[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    starts = np.append(np.flatnonzero(new), len(order))
    return Groups(order.astype(np.int64), starts.astype(np.int64))


def _as_one(columns: Sequence[Integers]) -> NDArray[np.generic] | None:
    """One number a row that sorts as the columns do; None where it does not fit.

    The narrowest there is: numbers of 16 bits are sorted by their digits, ten times faster.
    """
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    if len(columns) == 1 and sizes[0] > FEW:
        return columns[0]  # often sorted already, which is fast
    if any(column.min(initial=0) < 0 for column in columns) or math.prod(sizes) > MOST:
        return None if len(columns) > 1 else columns[0]
    narrow = np.min_scalar_type(math.prod(sizes) - 1)
    whole = columns[0].astype(narrow)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        whole *= narrow.type(size)
        whole += column.astype(narrow)
    return whole


def by_setting(directions: NDArray[np.uint8], then: Integers | None = None) -> Groups:
    """Rows (rows, N) of one setting are a group, for any N; see `group_by`.

    >>> by_setting(np.array([[0, 1], [1, 1], [0, 1]], dtype=np.uint8)).index.tolist()
    [0, 1, 0]
    """
    return group_by(row_numbers(directions), then=then)
