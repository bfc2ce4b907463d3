"""All correlators of a state vector, or only the sums of their squares, from the kernels."""

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import exchanged, signs
from qbell.exact import kernels
from qbell.util.checks import require_memory
from qbell.util.threads import in_threads, pieces

Array = NDArray[np.inexact]
Index = NDArray[np.int64]

_LOW = 8  # low qubits at most: two rows of 3^8 complex numbers stay in the cache
_SERIAL = 12  # below so many qubits threads do not pay
_HELD = 16  # when only sums are wanted, 3^16 numbers are held at a time


def all_correlators(vector: Array) -> Array:
    """c_s of all 3^N labels of a state vector (2^N,); real if the vector is."""
    num_qubits = len(vector).bit_length() - 1
    if num_qubits < 2:
        return _unblocked(vector)
    top, low = _split(num_qubits)
    require_memory(
        vector.itemsize * (3.0**num_qubits + 2 * 3.0**top * 2.0**low),
        f"all 3^{num_qubits} correlators",
    )
    expanded = _expand_top(vector.reshape(1, -1), top)
    swapped, partners = exchanged(top), exchanged(low - 2)
    values = np.empty((3**top, 3**low), dtype=vector.dtype)
    slots = _first_of_two(swapped)  # these rows are filled, the others follow by conjugation
    serial = num_qubits < _SERIAL
    in_threads(
        lambda part: kernels.fill_rows(expanded, _PAIR, part, part, swapped, values),
        pieces(slots, serial=serial),
    )
    row_of = np.full(3**top, -1)
    row_of[slots] = slots
    in_threads(
        lambda part: kernels.write_blocks(values, row_of, swapped, partners, part),
        pieces(_first_of_two(partners), serial=serial),
    )
    return values.reshape(-1)


def sums_of_squares(vector: Array) -> NDArray[np.float64]:
    """Array (N + 1, N + 1): entry (n_+, n_-) is the sum of E_s = |c_s|^2 over these labels.

    Above 16 qubits the labels of the highest qubits are taken one by one, so that no more than 3^16
    numbers are held. A zero in such a label sums two pairs of sub-vectors: work (4/3)^k for k
    qubits.
    """
    num_qubits = len(vector).bit_length() - 1
    sums = np.zeros((num_qubits + 1, num_qubits + 1))
    if num_qubits < 2:
        np.add.at(sums, signs(num_qubits), np.abs(_unblocked(vector)) ** 2)
        return sums
    fixed = max(0, num_qubits - _HELD)
    top, low = _split(num_qubits - fixed)
    rows = 3**top if fixed else (3**top + 1) // 2
    require_memory(
        vector.itemsize * (rows * 3.0**low + 2 * 3.0**top * 2.0 ** (low + fixed)),
        f"the sums over 3^{num_qubits} correlators",
    )
    expanded = _expand_top(vector.reshape(2**fixed, -1), top)
    filled = np.empty((rows, 3**low), dtype=vector.dtype)
    for letters in product((0, 1, 2), repeat=fixed):
        first = next((letter for letter in letters if letter), 0)
        if first == 2:
            continue  # the exchanged label had its turn
        part = _sums_of_pairs(expanded, _pairs(letters), filled, not fixed)
        plus, minus = letters.count(1), letters.count(2)
        placed = np.zeros_like(sums)
        placed[plus : plus + len(part), minus : minus + len(part)] = part
        sums += placed + placed.T if first else placed
    return sums


_PAIR = np.array([[0, 0]])
# (bra, ket) bits of one qubit: the identity, sigma_+ = |0><1|, sigma_-.
_BITS = (((0, 0), (1, 1)), ((0, 1),), ((1, 0),))


def _pairs(letters: tuple[int, ...]) -> Index:
    """Which (bra, ket) sub-vectors a label of the highest qubits joins, highest first."""
    pairs = [(0, 0)]
    for letter in letters:
        pairs = [(2 * bra + i, 2 * ket + j) for bra, ket in pairs for i, j in _BITS[letter]]
    return np.array(pairs)


def _sums_of_pairs(
    expanded: Array, pairs: Index, filled: Array, symmetric: bool
) -> NDArray[np.float64]:
    """Sums of squares of sum_pairs <bra|prod sigma_s|ket> by (n_+, n_-).

    If ``symmetric``, exchanging + and - gives the complex conjugate.
    """
    slots, columns = expanded.shape[1], filled.shape[1]
    top, low = _digits_of(slots), _digits_of(columns)
    serial = top + low < _SERIAL
    swapped, partners = exchanged(top), exchanged(low - 2)
    every, blocks = np.arange(slots), np.arange(len(partners))
    taken = _first_of_two(swapped) if symmetric else every
    row_of = np.full(slots, -1)
    row_of[taken] = np.arange(len(taken))
    in_threads(
        lambda part: kernels.fill_rows(expanded, pairs, part, row_of[part], swapped, filled),
        pieces(taken, serial=serial),
    )
    top_signs, low_signs = np.stack(signs(top), axis=1), np.stack(signs(low), axis=1)
    size = top + low + 1

    def add(part: Index) -> NDArray[np.float64]:
        sums = np.zeros((size, size))
        kernels.sum_blocks(filled, row_of, swapped, partners, part, top_signs, low_signs, sums)
        return sums

    def total(chosen: Index) -> NDArray[np.float64]:
        return sum(in_threads(add, pieces(chosen, serial=serial)), start=np.zeros((size, size)))

    if not symmetric:
        return total(blocks)
    paired = total(blocks[partners > blocks])
    return total(blocks[partners == blocks]) + paired + paired.T


def _unblocked(vector: Array) -> Array:
    """All correlators in one go: for a single qubit, and the kernels' plainest use."""
    slots = 3 ** (len(vector).bit_length() - 1)
    bra = np.empty((2, slots), dtype=vector.dtype)
    ket = np.empty((2, slots), dtype=vector.dtype)
    kernels.expand(vector, False, bra)
    kernels.expand(vector, True, ket)
    values: Array = bra[0].conj() * ket[0]
    kernels.reduce(values)
    return values


def _split(num_qubits: int) -> tuple[int, int]:
    low = min(_LOW, max(2, num_qubits // 2))
    return num_qubits - low, low


def _expand_top(vectors: Array, top: int) -> Array:
    """(vectors, 2^n) to (vectors, 3^top, 2^(n - top)): slots (sum, 0, 1) for each top qubit."""
    count = len(vectors)
    for qubit in range(top):
        parts = vectors.reshape(count, 3**qubit, 2, -1)
        vectors = np.stack([parts.sum(axis=2), parts[:, :, 0], parts[:, :, 1]], axis=2)
    return np.ascontiguousarray(vectors.reshape(count, 3**top, -1))


def _first_of_two(partner: Index) -> Index:
    return np.flatnonzero(np.arange(len(partner)) <= partner)


def _digits_of(slots: int) -> int:
    return round(math.log(slots, 3))
