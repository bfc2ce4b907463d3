"""Whether an array of settings covers: every subset of columns, every pattern, exhaustively.

A column is kept as a set of rows, one bit a row. For the first k columns of a subset, the rows are
split into 2^k sets, one a pattern; one more column splits each in two. A pattern is missing where a
set is empty. A subset of K columns costs 2^K operations on words of 64 rows, and no memory.
"""

from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.errors import QbellError
from qbell.util.checks import whole_number
from qbell.util.numba_jit import compiled
from qbell.util.threads import in_threads

Rows = NDArray[np.uint8]
Words = NDArray[np.uint64]

MAX_WORK = 4e10  # operations on 64 rows: about a minute on two cores
MAX_ORDER = 20
SERIAL_WORK = 2e6  # below this, threads take longer than they save


def missing_pattern(rows: ArrayLike, order: int) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The first pattern that ``rows`` do not show on some ``order`` qubits, or None.

    Args:
        rows: (M, N) of 0 and 1: M settings of N qubits, column k for qubit k.
        order: K, from 1 to N.

    Returns:
        None if every K qubits see all 2^K patterns. Else (qubits, pattern): qubits ascending,
        pattern[i] is the letter wanted on qubit qubits[i]. Of the subsets that lack a pattern
        it is the first.

    Raises:
        QbellError: not a table of 0 and 1, or more subsets than can be looked through.

    >>> missing_pattern([[0, 0], [0, 1], [1, 0]], 2)
    ((0, 1), (1, 1))
    """
    table = checked_rows(rows)
    order = whole_number("order", order, least=1, most=table.shape[1])
    require_time(len(table), table.shape[1], order)
    columns = packed(table)
    starts = list(range(table.shape[1] - order + 1))

    def look(start: int) -> tuple[tuple[int, ...], int] | None:
        subset = np.zeros(order, dtype=np.int64)
        count, pattern = _missing(columns, len(table), order, start, 1, subset)
        return (tuple(subset.tolist()), int(pattern)) if count else None

    serial = work(len(table), table.shape[1], order) < SERIAL_WORK
    found = map(look, starts) if serial else iter(in_threads(look, starts))
    first = next((place for place in found if place is not None), None)
    if first is None:
        return None
    subset, pattern = first
    return subset, tuple(pattern >> place & 1 for place in range(order))


def strength(rows: ArrayLike, most: int | None = None) -> int:
    """The largest K, up to ``most``, such that all K qubits see all 2^K patterns; 0 if none.

    Args:
        rows: (M, N) of 0 and 1, column k for qubit k.
        most: where to stop; N if None. (M rows never reach K > log2 M.)

    Raises:
        QbellError: not a table of 0 and 1, or more subsets than can be looked through.

    >>> strength([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
    2
    """
    table = checked_rows(rows)
    num_qubits = table.shape[1]
    most = num_qubits if most is None else whole_number("most", most, least=0)
    most = min(most, num_qubits, len(table).bit_length() - 1)
    for order in range(1, most + 1):
        if missing_pattern(table, order) is not None:
            return order - 1
    return max(most, 0)


def unneeded_row(rows: Rows, order: int) -> int | None:
    """The last row that can be left out of a covering array of this ``order``, or None.

    A row is needed if some pattern is seen in it alone.
    """
    columns = packed(rows)
    starts = list(range(rows.shape[1] - order + 1))

    def look(start: int) -> Words:
        return _needed(columns, len(rows), order, start)

    serial = work(len(rows), rows.shape[1], order) < SERIAL_WORK
    found = map(look, starts) if serial else in_threads(look, starts)
    needed = np.bitwise_or.reduce(np.array(list(found)), axis=0)
    spare = [row for row in range(len(rows)) if not int(needed[row // 64]) >> row % 64 & 1]
    return spare[-1] if spare else None


def count_missing(rows: Rows, order: int) -> int:
    """How many patterns, over all subsets of ``order`` columns, no row shows."""
    columns, subset = packed(rows), np.zeros(order, dtype=np.int64)
    starts = range(rows.shape[1] - order + 1)
    most = np.iinfo(np.int64).max
    return sum(_missing(columns, len(rows), order, start, most, subset)[0] for start in starts)


def work(num_rows: int, num_qubits: int, order: int) -> float:
    """Operations on words of 64 rows that a full check takes."""
    return float(comb(num_qubits, order) * 2**order * (num_rows // 64 + 1))


def require_time(num_rows: int, num_qubits: int, order: int) -> None:
    """Refuse what a full check would take minutes or hours for, before it begins.

    Raises:
        QbellError: too many subsets.
    """
    if order > MAX_ORDER or work(num_rows, num_qubits, order) > MAX_WORK:
        raise QbellError(
            f"order = {order} of n = {num_qubits} qubits: {comb(num_qubits, order):.2g} subsets "
            f"with 2^{order} patterns each are too many to check; take a lower order or fewer "
            "qubits, or a random design"
        )


def checked_rows(rows: ArrayLike) -> Rows:
    """``rows`` as an (M, N) table of 0 and 1, or a `QbellError`."""
    try:
        table = np.asarray(rows)
        good = table.ndim == 2 and table.size > 0 and bool(np.isin(table, (0, 1)).all())
    except (ValueError, TypeError):
        good = False
    if not good:
        raise QbellError(
            "the rows of a covering array must be a table of 0 and 1, one row a setting and one "
            "column a qubit, with at least one of each"
        )
    return table.astype(np.uint8)


def packed(rows: Rows) -> Words:
    """(N, W) words: bit r % 64 of word r // 64 is row r of that column."""
    num_rows, num_qubits = rows.shape
    padded = np.zeros((num_qubits, -(-num_rows // 64) * 64), dtype=np.uint8)
    padded[:, :num_rows] = rows.T
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


@compiled
def _fill_rows(full: Words, num_rows: int) -> None:
    """Set the bits of all rows in ``full``, which is 0."""
    for row in range(num_rows):
        full[row // 64] |= np.uint64(1) << np.uint64(row % 64)


@compiled
def _split(sets: Words, level: int, column: Words) -> None:
    """Split the 2^level sets of a level by one more column, into the next level."""
    half = 1 << level
    for pattern in range(half):
        for word in range(column.size):
            rows = sets[level, pattern, word]
            sets[level + 1, pattern, word] = rows & ~column[word]
            sets[level + 1, pattern + half, word] = rows & column[word]


@compiled
def _next_subset(subset: NDArray[np.int64], size: int, num_qubits: int, spare: int) -> int:
    """Advance the ascending ``subset`` with its first entry fixed; the first place that changed.

    ``spare`` entries are still to come behind it. Returns 0 at the end.
    """
    place = size - 1
    while place > 0 and subset[place] == num_qubits - size - spare + place:
        place -= 1
    if place > 0:
        subset[place] += 1
        for later in range(place + 1, size):
            subset[later] = subset[later - 1] + 1
    return place


@compiled
def _missing(
    columns: Words, num_rows: int, order: int, start: int, most: int, found: NDArray[np.int64]
) -> tuple[int, int]:
    """Count missing patterns of the subsets whose first column is ``start``, up to ``most``.

    Returns the count and the last missing pattern seen (bit i: column i of the subset, which is
    left in ``found``), or -1.
    """
    num_qubits, num_words = columns.shape
    sets = np.zeros((order + 1, 1 << (order - 1), num_words), dtype=np.uint64)
    _fill_rows(sets[0, 0], num_rows)
    head = order - 1  # columns of the subset before the last one
    subset = np.arange(start, start + order)
    count, last = 0, -1
    changed = 0
    while True:
        for level in range(changed, head):
            _split(sets, level, columns[subset[level]])
        # The last column is not split into sets: only whether one is empty matters.
        first = subset[head - 1] + 1 if head else start
        end = num_qubits if head else start + 1
        for column in range(first, end):
            for pattern in range(1 << head):
                ones, zeros = np.uint64(0), np.uint64(0)
                for word in range(num_words):
                    rows = sets[head, pattern, word]
                    ones |= rows & columns[column, word]
                    zeros |= rows & ~columns[column, word]
                if zeros == 0 or ones == 0:
                    count += (zeros == 0) + (ones == 0)
                    last = pattern if zeros == 0 else pattern + (1 << head)
                    for i in range(head):
                        found[i] = subset[i]
                    found[head] = column
                    if count >= most:
                        return count, last
        changed = _next_subset(subset, head, num_qubits, 1)
        if changed <= 0:
            return count, last


@compiled
def _needed(columns: Words, num_rows: int, order: int, start: int) -> Words:
    """Rows that alone show some pattern of the subsets whose first column is ``start``."""
    num_qubits, num_words = columns.shape
    sets = np.zeros((order + 1, 1 << order, num_words), dtype=np.uint64)
    _fill_rows(sets[0, 0], num_rows)
    needed = np.zeros(num_words, dtype=np.uint64)
    subset = np.arange(start, start + order)
    changed = 0
    while True:
        for level in range(changed, order):
            _split(sets, level, columns[subset[level]])
        for pattern in range(1 << order):
            single, several = np.uint64(0), False
            place = -1
            for word in range(num_words):
                rows = sets[order, pattern, word]
                if rows:
                    several = several or place >= 0 or (rows & (rows - np.uint64(1))) != 0
                    place, single = word, rows
            if place >= 0 and not several:
                needed[place] |= single
        changed = _next_subset(subset, order, num_qubits, 0)
        if changed <= 0:
            return needed
