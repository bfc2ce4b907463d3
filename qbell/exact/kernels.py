"""Compiled kernels of the O(3^N) transform from a state vector to all its Bell correlators.

c_s = sum_b conj(psi_b) (prod sigma_s psi)_b. For one qubit expand (psi_0, psi_1) to the slots
(psi_0 + psi_1, psi_0, psi_1). The conjugate of that times the same with the two amplitudes
exchanged is (all four products, <0|.|1>, <1|.|0>): the second is sigma_+ = |0><1|, the third
sigma_-, and the first minus the other two is the identity. So for N qubits: expand, multiply slot
by slot, subtract; 3^N slots and O(3^N) work.

To stay in the cache the qubits are split in two groups, ``top`` (rows) and ``low`` (columns).
`fill_rows` does everything for the low qubits, a row of 3^low slots at a time; `finish_columns`
subtracts for the top qubits, a block of columns at a time. Exchanging all + and - gives the complex
conjugate, so only one of each two rows is filled, and one of each two blocks finished.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

BLOCK = 9  # columns; a power of 3, so that exchanging + and - takes blocks to blocks
_SWAP = (0, 2, 1, 6, 8, 7, 3, 5, 4)  # the columns of a block with + and - exchanged

Array = NDArray[np.inexact]
Index = NDArray[np.int64]


@compiled
def expand(values: Array, exchange: bool, work: Array) -> None:
    """Fill ``work[0]`` (3^n,) from ``values`` (2^n,); ``exchange`` swaps the two amplitudes.

    ``work`` (2, 3^n) is used back and forth.
    """
    side = 0
    width = len(values)
    while width > 1:  # n steps, the last of which writes to work[0]
        width //= 2
        side = 1 - side
    width = len(values)
    for i in range(width):
        work[side, i] = values[i]
    groups = 1
    while width > 1:
        width //= 2
        source, target = work[side], work[1 - side]
        for group in range(groups):
            old, new = 2 * group * width, 3 * group * width
            first, second = (2, 1) if exchange else (1, 2)
            for i in range(width):
                zero, one = source[old + i], source[old + width + i]
                target[new + i] = zero + one
                target[new + first * width + i] = zero
                target[new + second * width + i] = one
        groups *= 3
        side = 1 - side


@compiled
def reduce(values: Array) -> None:
    """In place, for each base-3 digit of the index: slot 0 minus slots 1 and 2."""
    width = len(values)
    groups = 1
    while width > 1:
        width //= 3
        for group in range(groups):
            start = 3 * group * width
            for i in range(start, start + width):
                values[i] -= values[i + width] + values[i + 2 * width]
        groups *= 3


@compiled
def fill_rows(
    expanded: Array, pairs: Index, slots: Index, rows: Index, exchanged: Index, out: Array
) -> None:
    """Fill ``rows`` of ``out`` (..., 3^low) for the top ``slots``: the low qubits are done.

    ``expanded`` (vectors, 3^top, 2^low) holds vectors with their top qubits expanded; what is
    filled is the sum over ``pairs`` (bra, ket) of them. ``exchanged`` gives the slot with + and -
    exchanged.
    """
    columns = out.shape[1]
    bra = np.empty((2, columns), dtype=out.dtype)
    ket = np.empty((2, columns), dtype=out.dtype)
    for index in range(len(slots)):
        slot = slots[index]
        target = out[rows[index]]
        for pair in range(len(pairs)):
            expand(expanded[pairs[pair, 0], slot], False, bra)
            expand(expanded[pairs[pair, 1], exchanged[slot]], True, ket)
            if pair == 0:
                for i in range(columns):
                    target[i] = np.conj(bra[0, i]) * ket[0, i]
            else:
                for i in range(columns):
                    target[i] += np.conj(bra[0, i]) * ket[0, i]
        reduce(target)


@compiled
def finish_columns(
    filled: Array, row_of: Index, exchanged: Index, block: int, partner: int, out: Array
) -> None:
    """``out`` (3^top, BLOCK): the columns of one block with the top qubits' subtraction done.

    ``row_of`` (3^top,) is the row of ``filled`` that holds a slot, or -1 if it holds its exchanged
    slot instead; then the value is the conjugate of the exchanged column in block ``partner``.
    """
    slots = len(row_of)
    start, mirrored = block * BLOCK, partner * BLOCK
    for slot in range(slots):
        row = row_of[slot]
        if row >= 0:
            for i in range(BLOCK):
                out[slot, i] = filled[row, start + i]
        else:
            row = row_of[exchanged[slot]]
            for i in range(BLOCK):
                out[slot, i] = np.conj(filled[row, mirrored + _SWAP[i]])
    width = slots
    groups = 1
    while width > 1:
        width //= 3
        for group in range(groups):
            begin = 3 * group * width
            for slot in range(begin, begin + width):
                for i in range(BLOCK):
                    out[slot, i] -= out[slot + width, i] + out[slot + 2 * width, i]
        groups *= 3


@compiled
def add_squares(
    columns: Array,
    top_signs: Index,
    low_signs: Index,
    block: int,
    sums: NDArray[np.float64],
) -> None:
    """Add |c|^2 of the ``columns`` of a block to ``sums`` (N + 1, N + 1) by (n_+, n_-).

    ``top_signs`` (3^top, 2) and ``low_signs`` (3^low, 2) hold n_+ and n_- of the slots.
    """
    for slot in range(len(columns)):
        plus, minus = top_signs[slot, 0], top_signs[slot, 1]
        for i in range(BLOCK):
            column = block * BLOCK + i
            value = columns[slot, i]
            sums[plus + low_signs[column, 0], minus + low_signs[column, 1]] += (
                value.real**2 + value.imag**2
            )


@compiled
def sum_blocks(
    filled: Array,
    row_of: Index,
    exchanged: Index,
    partners: Index,
    todo: Index,
    top_signs: Index,
    low_signs: Index,
    sums: NDArray[np.float64],
) -> None:
    """`finish_columns` and `add_squares` for the blocks ``todo``."""
    columns = np.empty((len(row_of), BLOCK), dtype=filled.dtype)
    for block in todo:
        finish_columns(filled, row_of, exchanged, block, partners[block], columns)
        add_squares(columns, top_signs, low_signs, block, sums)


@compiled
def write_blocks(
    values: Array, row_of: Index, exchanged: Index, partners: Index, todo: Index
) -> None:
    """`finish_columns` for the blocks ``todo``, and their partners, in place in (3^top, 3^low).

    Row r of ``values`` is slot r; the rows whose ``row_of`` is -1 are filled here too.
    """
    columns = np.empty((len(row_of), BLOCK), dtype=values.dtype)
    for block in todo:
        finish_columns(values, row_of, exchanged, block, partners[block], columns)
        start, mirrored = block * BLOCK, partners[block] * BLOCK
        for slot in range(len(row_of)):
            for i in range(BLOCK):
                values[slot, start + i] = columns[slot, i]
        if mirrored != start:
            for slot in range(len(row_of)):
                for i in range(BLOCK):
                    values[exchanged[slot], mirrored + _SWAP[i]] = np.conj(columns[slot, i])
