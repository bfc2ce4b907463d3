"""Names of qubits' strings: THE order rule, and the labels of the correlators.

One rule holds for every string in qbell (settings, bitstrings, correlator labels), and it is
Qiskit's: **the last character is qubit 0**. Arrays are the other way round in memory: column
``k`` of an array is qubit ``k``. `strings` and `columns` are the only places where the two meet.

A correlator is named by a label ``s`` in {0, +, -}^N, e.g. ``+0-+``: which qubits enter, and
with which of sigma_+ and sigma_-. All 3^N labels are numbered by reading the label as a base-3
number with digits 0, + = 1, - = 2; so a flat array of 3^N values, reshaped to ``(3,) * N``, has
qubit N-1 on its first axis and qubit 0 on its last.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LABEL_LETTERS = "0+-"
SETTING_LETTERS = "XYZ"
BIT_LETTERS = "01"
# i^m for m = 0, 1, 2, 3, free of the rounding of exp(i pi m / 2): outcomes with real part 0 must
# have it exactly.
UNITS = np.array([1, 1j, -1, -1j])


def strings(columns: NDArray[np.uint8], letters: str) -> NDArray[np.str_]:
    """Spell each row of ``columns`` (rows, N), values indexing ``letters``, as one string.

    >>> strings(np.array([[1, 0, 0]], dtype=np.uint8), "XY")  # qubit 0 is measured along Y
    array(['XXY'], dtype='<U3')
    """
    table = np.frombuffer(letters.encode("ascii"), dtype=np.uint8)
    characters = np.ascontiguousarray(table[columns[:, ::-1]])
    width = characters.shape[1]
    return characters.view(f"S{width}")[:, 0].astype(f"U{width}")


def columns(words: Sequence[str], letters: str) -> NDArray[np.uint8]:
    """Inverse of `strings`: an array (rows, N) of positions in ``letters``, column k = qubit k.

    All words must have one length and use only ``letters``; callers that read user input check
    this first, so that they can name the row that is wrong.

    >>> columns(["XXY"], "XY")
    array([[1, 0, 0]], dtype=uint8)
    """
    packed = np.array(words, dtype=np.bytes_)
    width = packed.dtype.itemsize
    characters = packed.view(np.uint8).reshape(len(packed), width)
    lookup = np.full(256, 255, dtype=np.uint8)
    lookup[np.frombuffer(letters.encode("ascii"), dtype=np.uint8)] = np.arange(len(letters))
    values = lookup[characters][:, ::-1]
    if values.max(initial=0) == 255:
        raise ValueError(f"a word uses other letters than {letters!r}, or is shorter than the rest")
    return np.ascontiguousarray(values)


def quarter_turns(
    directions: NDArray[np.uint8], bits: NDArray[np.uint8], signs: NDArray[np.int16]
) -> NDArray[np.int64]:
    """(rows,) m = 0..3 with prod_k x_k w_k = i^m, w = 1 along sigma_1 and i times its sign along
    sigma_2.

    Args:
        directions: (rows, N) of 0 = sigma_1 and 1 = sigma_2.
        bits: (rows, N) of outcomes, bit 0 meaning +1.
        signs: (N,) of 1 and -1.
    """
    turns = directions @ signs + 2 * bits.sum(axis=1, dtype=np.int16)
    quarters: NDArray[np.int64] = (turns % 4).astype(np.int64)
    return quarters


def all_labels(num_qubits: int) -> NDArray[np.str_]:
    """All 3^N labels in the order of the flat arrays.

    >>> all_labels(2)[:5].tolist()
    ['00', '0+', '0-', '+0', '++']
    """
    return strings(_digits(num_qubits), LABEL_LETTERS)


def label_index(label: str) -> int:
    """Position of ``label`` in a flat array of 3^N values.

    >>> label_index("+0")
    3
    """
    digits = columns([label], LABEL_LETTERS)[0].astype(int)
    return int(sum(digit * 3**qubit for qubit, digit in enumerate(digits)))


def signs(num_qubits: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``(n_plus, n_minus)`` of all 3^N labels, in the order of the flat arrays."""
    n_plus = np.zeros(1, dtype=np.int64)
    n_minus = np.zeros(1, dtype=np.int64)
    for _ in range(num_qubits):
        n_plus = np.add.outer(n_plus, [0, 1, 0]).ravel()
        n_minus = np.add.outer(n_minus, [0, 0, 1]).ravel()
    return n_plus, n_minus


def orders(num_qubits: int) -> NDArray[np.int64]:
    """Order n = n_+ + n_- of all 3^N labels: how many qubits enter.

    >>> orders(2).tolist()
    [0, 1, 1, 1, 2, 2, 1, 2, 2]
    """
    n_plus, n_minus = signs(num_qubits)
    return n_plus + n_minus


def supports(num_qubits: int) -> NDArray[np.int64]:
    """For each of the 3^N labels the set of qubits that enter it, as a bit mask (bit k = qubit k).

    >>> supports(2).tolist()
    [0, 1, 1, 2, 3, 3, 2, 3, 3]
    """
    masks = np.zeros(1, dtype=np.int64)
    for _ in range(num_qubits):
        masks = np.add.outer(2 * masks, [0, 1, 1]).ravel()
    return masks


def exchanged(num_qubits: int) -> NDArray[np.int64]:
    """For each of the 3^N labels the position of the one with + and - exchanged.

    >>> exchanged(1).tolist()
    [0, 2, 1]
    """
    partner = np.zeros(1, dtype=np.int64)
    for _ in range(num_qubits):
        partner = np.add.outer(3 * partner, [0, 2, 1]).ravel()
    return partner


def sums_by(
    index: NDArray[np.int64], values: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Array (size,): entry i is the sum of the ``values`` whose ``index`` is i."""
    return np.bincount(index, weights=values, minlength=size).astype(float, copy=False)


def _digits(num_qubits: int) -> NDArray[np.uint8]:
    index = np.arange(3**num_qubits)
    return np.stack([index // 3**qubit % 3 for qubit in range(num_qubits)], axis=1).astype(np.uint8)
