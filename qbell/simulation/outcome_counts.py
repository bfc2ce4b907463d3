"""How often each outcome came in each row of a schedule, drawn without a list of all shots.

From the probabilities of all 2^N outcomes a shot costs a few nanoseconds: its random number is
looked up in the cumulative probabilities by a guide table (H.-C. Chen and Y. Asau, AIIE Trans. 6,
163 (1974)), and counted at once. What was drawn does not depend on how the work is split.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qbell.util.checks import require_memory
from qbell.util.cluster import Cluster, spread
from qbell.util.numba_jit import compiled
from qbell.util.random_streams import generator_at
from qbell.util.threads import one_by_one
from qbell.util.unique_rows import row_numbers

Integers = NDArray[np.int64]

AT_ONCE = 2**18  # shots whose random numbers are held
GROUP = 64  # outcomes that are passed over together where none of them came


class OutcomeCounts(NamedTuple):
    """The different outcomes of each row of a schedule, rows and outcomes ascending.

    Attributes:
        rows: (entries,) row of the schedule.
        bits: (entries, N) outcome; column k is qubit k. Flags may follow.
        counts: (entries,) how often it came in that row.
    """

    rows: Integers
    bits: NDArray[np.uint8]
    counts: Integers


def require_room(rows: int, outcomes: int, num_qubits: int) -> None:
    """Refuse rows with so many outcomes each that memory does not hold them.

    Raises:
        QbellError: too little memory.
    """
    # Bits of outcomes and of settings, and a few integers to count them by.
    each = 40.0 + 3 * num_qubits
    require_memory(each * rows * outcomes, f"{rows} settings of {outcomes} outcomes each")


def count_outcomes(outcomes: NDArray[np.uint8]) -> OutcomeCounts:
    """The counts of outcome bits (rows, shots, N) that are listed shot by shot."""
    settings, shots, num_qubits = outcomes.shape
    flat = outcomes.reshape(-1, num_qubits)
    numbers = row_numbers(flat).reshape(settings, shots)
    order = np.argsort(numbers, axis=1, kind="stable")
    values = np.take_along_axis(numbers, order, axis=1)
    new = np.ones((settings, shots), dtype=bool)
    new[:, 1:] = values[:, 1:] != values[:, :-1]
    starts = np.flatnonzero(new)
    rows = starts // shots
    bits = flat[rows * shots + order.ravel()[starts]]
    return OutcomeCounts(rows, bits, np.diff(starts, append=settings * shots))


def draw_counts(
    table_of: Callable[[slice], NDArray[np.float64]],
    num_qubits: int,
    rows_of: Sequence[Integers],
    shots: int,
    seed: int,
    *,
    step: int,
    progress: Callable[[int], None] | None = None,
    cluster: Cluster | None = None,
) -> OutcomeCounts:
    """Outcomes drawn from their probabilities, one setting after the other.

    An outcome of probability 0 is never drawn: nothing lies between two equal cumulative
    probabilities, and u < 1 gives a rounded u p below p. Each row has its place in the stream of
    random numbers: what is drawn does not depend on ``step``, or on who draws it.

    Args:
        table_of: the outcome probabilities (settings, 2^N) of some of the settings, which need not
            add up to 1.
        num_qubits: N.
        rows_of: of each setting the rows of the schedule where it stands.
        shots: of each row.
        seed: of the draws.
        step: settings whose probabilities are held at a time.
        progress: called with the number of rows just drawn.
        cluster: whose workers draw.
    """
    ends = np.cumsum([len(rows) for rows in rows_of])

    def work(first: int) -> list[_Part]:
        mine = rows_of[first : first + step]
        table = table_of(slice(first, first + step))
        generator = generator_at(seed, shots * int(ends[first - 1] if first else 0))
        numbers = np.repeat(np.arange(len(mine)), [len(rows) for rows in mine])
        rows = np.concatenate(mine)
        size = max(1, AT_ONCE // shots)
        pieces = [slice(start, start + size) for start in range(0, len(rows), size)]
        return [_part(table, numbers[some], rows[some], shots, generator) for some in pieces]

    def done(first: int) -> None:
        if progress is not None:
            progress(sum(len(rows) for rows in rows_of[first : first + step]))

    found = spread(work, range(0, len(rows_of), step), cluster, done, one_by_one)
    return _in_order([part for parts in found for part in parts], num_qubits)


class _Part(NamedTuple):
    """Of some ``rows`` of the schedule the ``entries`` of each, and all their outcomes in turn."""

    rows: Integers
    entries: Integers
    outcomes: NDArray[np.int32]
    counts: NDArray[np.int32]


def _part(
    table: NDArray[np.float64],
    numbers: Integers,
    rows: Integers,
    shots: int,
    generator: np.random.Generator,
) -> _Part:
    """Draw a few rows, or one with many shots, all from one part of the tables."""
    size = table.shape[1]
    seen = np.zeros(size, dtype=np.int32)  # of the row at work, between pieces of it
    room = len(rows) * min(shots, size) + 1
    outcomes, counts = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    entries = np.empty(len(rows), dtype=np.int64)
    for done in range(0, shots, AT_ONCE):
        piece = min(AT_ONCE, shots - done)
        chances = generator.random((len(rows), piece))
        last = done + piece == shots
        _count(table, numbers, chances, last, seen, outcomes, counts, entries)
    total = int(entries.sum())
    return _Part(rows, entries, outcomes[:total].copy(), counts[:total].copy())


def _in_order(parts: Sequence[_Part], num_qubits: int) -> OutcomeCounts:
    """All parts as one, in the order of the schedule."""
    entries = np.empty(sum(len(part.rows) for part in parts), dtype=np.int64)
    for part in parts:
        entries[part.rows] = part.entries
    starts = np.cumsum(entries) - entries
    total = int(entries.sum())
    bits, counts = np.empty((total, num_qubits), dtype=np.uint8), np.empty(total, dtype=np.int64)
    for part in parts:
        _place(*part, starts, bits, counts)
    return OutcomeCounts(np.repeat(np.arange(len(entries)), entries), bits, counts)


@compiled
def _count(
    tables: NDArray[np.float64],
    settings: Integers,
    chances: NDArray[np.float64],
    last: bool,
    seen: NDArray[np.int32],
    outcomes: NDArray[np.int32],
    counts: NDArray[np.int32],
    entries: Integers,
) -> None:
    """Count each row's outcomes in ``seen``; if ``last``, list them and clear it for the next row.

    The outcome of u is the first whose cumulative probability is above u p, p that of all. The
    search begins where that of the next lower multiple of 2^-N ends, and takes one step on average.
    """
    size = tables.shape[1]
    cumulative = np.empty(size)
    guide = np.empty(size, dtype=np.int64)
    touched = np.zeros((size + GROUP - 1) // GROUP, dtype=np.bool_)
    total, known, place = 0.0, -1, 0
    for row in range(len(settings)):
        if settings[row] != known:
            known = settings[row]
            total = 0.0
            for i in range(size):
                total += tables[known, i]
                cumulative[i] = total
            i = 0
            for step in range(size):
                while i < size - 1 and cumulative[i] <= step / size * total:
                    i += 1
                guide[step] = i
        for shot in range(chances.shape[1]):
            chance = chances[row, shot]
            i = guide[int(chance * size)]
            while i < size - 1 and cumulative[i] <= chance * total:
                i += 1
            seen[i] += 1
            touched[i // GROUP] = True
        if not last:
            continue
        before = place
        for group in range(len(touched)):
            if touched[group] or len(settings) == 1:  # which may have been counted in pieces
                touched[group] = False
                for i in range(group * GROUP, min(size, (group + 1) * GROUP)):
                    outcomes[place] = i
                    counts[place] = seen[i]
                    place += 1 if seen[i] > 0 else 0
                    seen[i] = 0
        entries[row] = place - before


@compiled
def _place(
    rows: Integers,
    entries: Integers,
    outcomes: NDArray[np.int32],
    from_counts: NDArray[np.int32],
    starts: Integers,
    bits: NDArray[np.uint8],
    counts: Integers,
) -> None:
    """Put a part where each of its rows starts; bit k of an outcome goes to column k."""
    entry = 0
    for number in range(len(rows)):
        start = starts[rows[number]]
        for place in range(start, start + entries[number]):
            counts[place] = from_counts[entry]
            for qubit in range(bits.shape[1]):
                bits[place, qubit] = outcomes[entry] >> qubit & 1
            entry += 1
