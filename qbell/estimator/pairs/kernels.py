"""Compiled loops over pairs of shots: which class each pair falls in, and how many fall in each.

What the kernel of a pair needs (see `qbell.estimator.pairs.terms`) is found by a few bit operations
and population counts on packed shots. A shot is a column of ``planes`` (planes, words, shots):
plane 0 has a 1 where a qubit is measured along sigma_2, plane 1 where its outcome is -1, plane 2
(three directions only) where it is measured along sigma_xi. Bits beyond the last qubit are 0.

For a pair let, among the qubits measured along the same of sigma_1 and sigma_2, ``minus`` be those
whose outcomes differ; ``others`` all qubits not among these; ``mixed`` those of which one is
measured along sigma_1 and the other along sigma_2, and ``delta`` the sum of +-1 over ``mixed``: the
product of the outcomes, with its sign changed where the first shot is along sigma_2. Then

    class of the orders   (others, minus),     summed: 1, and excess = delta^2 - mixed
    class of F0           (different, minus),  summed: 36 plus + 45 minus - 3240 excess

where for F0 ``different`` are the qubits with different directions, and ``minus`` in the class
those with the same one, sigma_xi included, and different outcomes.

Sums over pairs are integers, so the order in which pairs are taken does not matter.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled, intrinsic

Planes = NDArray[np.uint32]
Classes = NDArray[np.uint32]
Values = NDArray[np.int32]
Packed = NDArray[np.uint64]
Sums = NDArray[Any]  # int64, or float64 where weights are not whole numbers

CHUNK = 512  # pairs classified at a time: their classes stay in the first cache
COUNT = 40  # bits below the count of a packed sum; N (N + 1) < 2^18 leaves room for 2^21 pairs
MOST_PACKED = 1 << 20


@intrinsic
def popcount(_typing: Any, word: Any) -> Any:
    """Number of set bits, by the instruction of the processor (or of its vectors)."""
    from numba import types

    if not isinstance(word, types.Integer):
        return None

    def build(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), build


@compiled
def _classify_word(
    query: Planes,
    i: int,
    planes: Planes,
    first: int,
    size: int,
    num_qubits: int,
    classes: Classes,
    values: Values,
) -> None:
    """Classes of shot i with shots first, first + 1, ...: two directions, one word.

    The casts keep all of it in 32 bits, and so twice as many pairs in a vector.
    """
    index, excess = classes[0], values[0]
    directions, outcomes = planes[0, 0, first : first + size], planes[1, 0, first : first + size]
    direction, outcome = query[0, 0, i], query[1, 0, i]
    stride = np.uint32(num_qubits + 1)
    for k in range(size):
        mixed = np.uint32(directions[k] ^ direction)
        product = np.uint32(outcomes[k] ^ outcome)
        num_mixed = popcount(mixed)
        delta = np.int32(2 * popcount(np.uint32(mixed & (product ^ direction))) - num_mixed)
        index[k] = popcount(np.uint32(product & ~mixed)) + np.uint32(stride * num_mixed)
        excess[k] = np.int32(delta * delta) - np.int32(num_mixed)


@compiled
def _classify(
    query: Planes,
    i: int,
    planes: Planes,
    first: int,
    size: int,
    num_qubits: int,
    classes: Classes,
    values: Values,
) -> None:
    """The same for any number of words and for three directions.

    Rows of ``classes``: that of the orders, that of F0; of ``values``: excess, that of F0, delta.
    """
    index, f0_index = classes[0], classes[1]
    excess, f0_value, delta = values[0], values[1], values[2]
    classes[:, :size] = 0
    values[:, :size] = 0
    stride = np.uint32(num_qubits + 1)
    for word in range(planes.shape[1]):
        directions = planes[0, word, first : first + size]
        outcomes = planes[1, word, first : first + size]
        direction, outcome = query[0, word, i], query[1, word, i]
        if len(planes) == 2:
            for k in range(size):
                mixed = np.uint32(directions[k] ^ direction)
                product = np.uint32(outcomes[k] ^ outcome)
                num_mixed = popcount(mixed)
                index[k] += popcount(np.uint32(product & ~mixed)) + np.uint32(stride * num_mixed)
                signs = popcount(np.uint32(mixed & (product ^ direction)))
                delta[k] += np.int32(2 * signs - num_mixed)
                excess[k] -= np.int32(num_mixed)
            continue
        axes, axis = planes[2, word, first : first + size], query[2, word, i]
        for k in range(size):
            product = np.uint32(outcomes[k] ^ outcome)
            any_axis = np.uint32(axes[k] | axis)
            different = np.uint32((directions[k] ^ direction) | (axes[k] ^ axis))
            mixed = np.uint32(different & ~any_axis)
            others = popcount(np.uint32(different | any_axis))
            minus = popcount(np.uint32(product & ~(different | any_axis)))
            num_mixed = popcount(mixed)
            index[k] += minus + np.uint32(stride * others)
            signs = popcount(np.uint32(mixed & (product ^ direction)))
            delta[k] += np.int32(2 * signs - num_mixed)
            excess[k] -= np.int32(num_mixed)
            f0_minus = popcount(np.uint32(product & ~different))
            f0_index[k] += f0_minus + np.uint32(stride * popcount(different))
            f0_value[k] += np.int32(9 * minus) - np.int32(36 * others)
    for k in range(size):
        excess[k] += np.int32(delta[k] * delta[k])
    if len(planes) == 3:
        for k in range(size):
            # 36 plus + 45 minus - 3240 excess, where plus + minus + others = N.
            f0_value[k] += np.int32(36 * num_qubits) - np.int32(3240 * excess[k])


@compiled
def _tally(
    query: Planes,
    i: int,
    weight: Any,
    planes: Planes,
    weights: Sums,
    first: int,
    last: int,
    num_qubits: int,
    classes: Classes,
    values: Values,
    packed: Packed,
    sums: Sums,
) -> None:
    """Add the pairs of shot i with shots first ... last - 1 to ``sums`` (parts, classes).

    If ``packed`` has a place for each class, all weights are 1 and go there, count and excess + N
    (never negative) in one number: one memory access a pair. `_unpack` must follow in time.
    """
    one_word = planes.shape[0] == 2 and planes.shape[1] == 1
    index, f0_index = classes[0], classes[1]
    excess, f0_value = values[0], values[1]
    one = np.uint64((1 << COUNT) + num_qubits)
    for start in range(first, last, CHUNK):
        size = min(CHUNK, last - start)
        if one_word:
            _classify_word(query, i, planes, start, size, num_qubits, classes, values)
        else:
            _classify(query, i, planes, start, size, num_qubits, classes, values)
        if len(packed) > 0:
            for k in range(size):
                packed[index[k]] += one + np.uint64(excess[k])
        else:
            others = weights[start : start + size]
            counts, excesses = sums[0], sums[1]
            for k in range(size):
                product = weight * others[k]
                counts[index[k]] += product
                excesses[index[k]] += product * excess[k]
        if len(sums) == 3:
            f0_sums = sums[2]
            if len(packed) > 0:
                for k in range(size):
                    f0_sums[f0_index[k]] += f0_value[k]
            else:
                others = weights[start : start + size]
                for k in range(size):
                    f0_sums[f0_index[k]] += weight * others[k] * f0_value[k]


@compiled
def _unpack(packed: Packed, num_qubits: int, sums: Sums) -> None:
    """Add packed counts and excesses to ``sums`` and set them to 0."""
    for c in range(len(packed)):
        value = packed[c]
        if value != 0:
            count = np.int64(value >> np.uint64(COUNT))
            low = np.int64(value & np.uint64((1 << COUNT) - 1))
            sums[0, c] += count
            sums[1, c] += low - num_qubits * count
            packed[c] = 0


@compiled
def tally_tiles(
    planes: Planes,
    weights: Sums,
    ones: bool,
    begin: int,
    end: int,
    after: NDArray[np.int64],
    starts: NDArray[np.int64],
    num_qubits: int,
    sums: Sums,
) -> None:
    """Sums over pairs (i, j) of cells: i from begin to end, j from after[i] in each block.

    Block b is cells starts[b] to starts[b + 1] and adds to sums[b] (blocks, parts, classes).
    ``ones`` says that all weights are 1.
    """
    classes = (num_qubits + 1) ** 2
    work = np.zeros((2, CHUNK), dtype=np.uint32), np.zeros((3, CHUNK), dtype=np.int32)
    packed = np.zeros(classes if ones else 0, dtype=np.uint64)
    for b in range(len(starts) - 1):
        pending = 0
        for i in range(begin, end):
            for start in range(max(starts[b], after[i]), starts[b + 1], MOST_PACKED):
                stop = min(starts[b + 1], start + MOST_PACKED)
                pending += stop - start
                if pending > MOST_PACKED:
                    _unpack(packed, num_qubits, sums[b])
                    pending = stop - start
                _tally(
                    planes, i, weights[i], planes, weights, start, stop, num_qubits, *work, packed,
                    sums[b],
                )  # fmt: skip
        _unpack(packed, num_qubits, sums[b])


@compiled
def tally_own(
    query: Planes,
    query_weights: Sums,
    unit_starts: NDArray[np.int64],
    num_qubits: int,
    sums: Sums,
) -> None:
    """Sums over pairs of rows r < s of the same unit, added to ``sums`` (parts, classes)."""
    work = np.zeros((2, CHUNK), dtype=np.uint32), np.zeros((3, CHUNK), dtype=np.int32)
    packed = np.zeros(0, dtype=np.uint64)
    for u in range(len(unit_starts) - 1):
        for r in range(unit_starts[u], unit_starts[u + 1]):
            _tally(
                query, r, query_weights[r], query, query_weights, r + 1, unit_starts[u + 1],
                num_qubits, *work, packed, sums,
            )  # fmt: skip


@compiled
def tally_units(
    query: Planes,
    query_weights: Sums,
    unit_starts: NDArray[np.int64],
    planes: Planes,
    weights: Sums,
    ones: bool,
    own: NDArray[np.int64],
    num_qubits: int,
    sums: Sums,
) -> None:
    """For each unit the sums over its pairs with all cells, less those with its own rows.

    Unit u is rows unit_starts[u] to unit_starts[u + 1] of ``query`` and adds to sums[u] (units,
    parts, classes). Its rows are cells own[u] onwards; or, where ``own`` is empty, they are merged
    with others into cells, and their pairs are taken off again.
    """
    classes = (num_qubits + 1) ** 2
    work = np.zeros((2, CHUNK), dtype=np.uint32), np.zeros((3, CHUNK), dtype=np.int32)
    none = np.zeros(0, dtype=np.uint64)
    packed = np.zeros(classes if ones else 0, dtype=np.uint64)
    cells = planes.shape[2]
    for u in range(len(unit_starts) - 1):
        first, last = unit_starts[u], unit_starts[u + 1]
        gap = own[u] if len(own) > 0 else cells
        gap_end = gap + last - first if len(own) > 0 else cells
        for r in range(first, last):
            for begin, end in ((0, gap), (gap_end, cells)):
                for start in range(begin, end, MOST_PACKED):
                    stop = min(end, start + MOST_PACKED)
                    _tally(
                        query, r, query_weights[r], planes, weights, start, stop, num_qubits, *work,
                        packed, sums[u],
                    )  # fmt: skip
                    _unpack(packed, num_qubits, sums[u])
            if len(own) == 0:
                _tally(
                    query, r, -query_weights[r], query, query_weights, first, last, num_qubits,
                    *work, none, sums[u],
                )  # fmt: skip
