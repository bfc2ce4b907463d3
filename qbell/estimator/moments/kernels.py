"""Compiled kernels of Pauli words: sums of parities over the shots whose setting has the word."""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.pairs.kernels import popcount
from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Masks = NDArray[np.uint64]


@compiled
def matching_words(x: Masks, z: Masks, at_x: int, at_z: int, matching: Integers) -> int:
    """How many words a setting has; their numbers in ``matching``."""
    count = 0
    for word in range(len(x)):
        support = x[word] | z[word]
        if ((x[word] ^ at_x) & support) == 0 and ((z[word] ^ at_z) & support) == 0:
            matching[count] = word
            count += 1
    return count


@compiled
def word_sums(
    x: Masks,
    z: Masks,
    setting_x: Masks,
    setting_z: Masks,
    starts: Integers,
    bits: Masks,
    weights: Floats,
    bundle: Integers,
    sums: Floats,
    seen: Floats,
) -> None:
    """Add weight x parity, and weight, of each row to ``sums`` and ``seen`` (bundles, P).

    Args:
        x, z: (P,) the words.
        setting_x, setting_z: (S,) the settings, as words of all qubits.
        starts: (S + 1,) the rows of each.
        bits: (rows,) outcomes, bit k of qubit k.
        weights, bundle: (rows,).
    """
    matching = np.empty(len(x), dtype=np.int64)
    for setting in range(len(setting_x)):
        count = matching_words(x, z, setting_x[setting], setting_z[setting], matching)
        for row in range(starts[setting], starts[setting + 1]):
            for place in range(count):
                word = matching[place]
                odd = np.int64(popcount(bits[row] & (x[word] | z[word]))) & 1
                sums[bundle[row], word] += weights[row] * (1.0 - 2.0 * odd)
                seen[bundle[row], word] += weights[row]


@compiled
def flip_sizes(
    x: Masks,
    z: Masks,
    values: Floats,
    setting_x: Masks,
    setting_z: Masks,
    starts: Integers,
    bits: Masks,
    weights: Floats,
    num_qubits: int,
) -> Floats:
    """(N,) weighted sum over rows of the square by which a flip of qubit k changes the row's value.

    ``values`` (P,) is what a parity of +1 adds to a row that has the word.
    """
    matching = np.empty(len(x), dtype=np.int64)
    found = np.zeros(num_qubits)
    change = np.zeros(num_qubits)
    for setting in range(len(setting_x)):
        count = matching_words(x, z, setting_x[setting], setting_z[setting], matching)
        for row in range(starts[setting], starts[setting + 1]):
            change[:] = 0.0
            for place in range(count):
                word = matching[place]
                support = x[word] | z[word]
                odd = np.int64(popcount(bits[row] & support)) & 1
                for qubit in range(num_qubits):
                    if (support >> np.uint64(qubit)) & np.uint64(1):
                        change[qubit] += values[word] * (1.0 - 2.0 * odd)
            for qubit in range(num_qubits):
                found[qubit] += weights[row] * (2.0 * change[qubit]) ** 2
    return found
