"""The counts of settings drawn anew: multinomial numbers, one shot fewer than there are.

Shot by shot that takes as long as there are shots. Instead, all outcomes of a setting get Poisson
numbers with means in proportion to their counts, and together a little fewer than the M shots to
be drawn. Given their sum T, such numbers are multinomial of T shots. So T > M is drawn again, and
M - T more shots one by one make them multinomial of M shots: exactly, whatever T was.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qbell.util.alias_tables import draw, fill
from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHORT = 1.25  # standard deviations of T by which its mean is below M: few repeats, few single shots
WORTH = 0.85  # of M, in numbers to be drawn: up to this, Poisson numbers come first
LARGEST = 1000  # count up to which one Poisson number stands for all of it
PIECES = 10**6  # of all counts together, at most
REACH = 10.0, 20.0  # standard deviations and numbers on either side: a table leaves out 1e-20


class Counts(NamedTuple):
    """Counts prepared to be drawn anew. Alias tables stand one behind the other.

    Attributes:
        starts: (settings + 1,) first outcome of each setting.
        sizes: (settings,) shots.
        own, values: alias tables of each setting's outcomes, numbered from its first.
        at_once: (settings,) whether Poisson numbers come first.
        piece_starts: (settings + 1,) first piece of each setting: an outcome, or a part of one.
        outcomes: (pieces,) the outcome, numbered from its setting's first.
        tables: (pieces,) which table has its Poisson numbers.
        table_starts, table_own, table_values: these tables.
    """

    starts: Integers
    sizes: Integers
    own: Floats
    values: Integers
    at_once: NDArray[np.bool_]
    piece_starts: Integers
    outcomes: Integers
    tables: Integers
    table_starts: Integers
    table_own: Floats
    table_values: Integers


def prepare(counts: Integers, starts: Integers) -> Counts:
    """Of outcomes with ``counts`` above 0; setting t has those from starts[t] to starts[t+1].

    >>> counts, drawn = prepare(np.array([900, 100]), np.array([0, 2])), np.zeros(2, dtype=int)
    >>> redraw(np.random.default_rng(1), counts, 0, drawn)
    >>> drawn.tolist()
    [889, 110]
    """
    sizes = np.add.reduceat(counts, starts[:-1])
    own, values = _filled(counts.astype(float), starts)
    largest = max(LARGEST, int(counts.sum()) // PIECES)
    pieces = -(-counts // largest)
    ends = np.concatenate([[0], np.cumsum(pieces)])
    outcomes = np.arange(len(counts)) - np.repeat(starts[:-1], np.diff(starts))
    # One share for all settings: equal counts then have one table.
    share = 1.0 - SHORT / math.sqrt(sizes.max())
    means, tables = np.unique(share * counts / pieces, return_inverse=True)
    table_starts, table_own, table_values = _poisson(means)
    return Counts(
        starts=starts,
        sizes=sizes,
        own=own,
        values=values,
        at_once=np.diff(ends[starts]) + SHORT * np.sqrt(sizes) <= WORTH * sizes,
        piece_starts=ends[starts],
        outcomes=np.repeat(outcomes, pieces),
        tables=np.repeat(tables, pieces),
        table_starts=table_starts,
        table_own=table_own,
        table_values=table_values,
    )


@compiled
def redraw(generator: np.random.Generator, counts: Counts, setting: int, drawn: Integers) -> None:
    """How often each outcome of the setting comes among one shot fewer, into ``drawn``."""
    first = counts.starts[setting]
    count = counts.starts[setting + 1] - first
    shots = counts.sizes[setting] - 1
    drawn[:count] = 0
    left = -1 if counts.at_once[setting] else shots
    while left < 0:
        drawn[:count] = 0
        left = shots
        for i in range(counts.piece_starts[setting], counts.piece_starts[setting + 1]):
            table = counts.tables[i]
            start, end = counts.table_starts[table], counts.table_starts[table + 1]
            number = draw(generator, counts.table_own, counts.table_values, start, end - start)
            drawn[counts.outcomes[i]] += number
            left -= number
    for _ in range(left):
        drawn[draw(generator, counts.own, counts.values, first, count)] += 1


def _poisson(means: Floats) -> tuple[Integers, Floats, Integers]:
    """Alias tables of Poisson numbers with these means."""
    width, more = REACH
    reach = width * np.sqrt(means) + more
    least = np.floor(np.clip(means - reach, 0, None)).astype(np.int64)
    lengths = np.ceil(means + reach).astype(np.int64) - least
    starts = np.concatenate([[0], np.cumsum(lengths)])
    weights = np.empty(starts[-1])
    for i, mean in enumerate(means):
        _poisson_weights(mean, least[i], weights[starts[i] : starts[i + 1]])
    own, values = _filled(weights, starts)
    return starts, own, values + np.repeat(least, 2 * lengths)


@compiled
def _poisson_weights(mean: float, least: int, weights: Floats) -> None:
    """Probabilities of ``least`` and the numbers behind it, in units of the largest."""
    peak = max(int(mean) - least, 0)
    weights[peak] = 1.0
    for i in range(peak + 1, len(weights)):
        weights[i] = weights[i - 1] * mean / (least + i)
    for i in range(peak, 0, -1):
        weights[i - 1] = weights[i] * (least + i) / mean


def _filled(weights: Floats, starts: Integers) -> tuple[Floats, Integers]:
    """Alias tables from starts[t] to starts[t+1], each of the numbers from 0 on."""
    own, values = np.empty(len(weights)), np.empty(2 * len(weights), dtype=np.int64)
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        fill(weights[first:end], own[first:end], values[2 * first : 2 * end])
    return own, values
