"""Does each qubit's readout err by itself? What a calibration with several words can say of it."""

from itertools import combinations

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.util.unique_rows import row_numbers


def independence_p(
    prepared: NDArray[np.uint8], bits: NDArray[np.uint8], counts: NDArray[np.int64]
) -> float:
    """P-value of "each qubit is read wrongly by itself", corrected for the number of tests.

    Two things are tested by Fisher's exact test of 2x2 tables: for each word and each pair of
    qubits, that one is read wrongly as often whether or not the other is; for each qubit and each
    word, that it is read wrongly as often there as in the other words where it is prepared alike.
    The least p-value times the number of tests (Bonferroni), at most 1.

    Args:
        prepared, bits: (rows, N) words prepared and read.
        counts: (rows,) how often.
    """
    wrong = prepared != bits
    word = np.unique(row_numbers(prepared), return_inverse=True)[1].ravel()
    tables = []
    for number in range(int(word.max()) + 1):
        inside = word == number
        share, flipped = counts[inside], wrong[inside]
        for k, j in combinations(range(prepared.shape[1]), 2):
            tables.append(_table(flipped[:, k], flipped[:, j], share))
        for k, bit in enumerate(prepared[inside][0]):
            alike = prepared[:, k] == bit
            if np.all(inside[alike]):  # no other word has it
                continue
            tables.append(_table(wrong[alike, k], inside[alike], counts[alike]))
    p_values = [scipy.stats.fisher_exact(table).pvalue for table in tables]
    return min(1.0, float(min(p_values, default=1.0)) * len(p_values))


def _table(
    first: NDArray[np.bool_], second: NDArray[np.bool_], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(2, 2) counts by two properties of rows."""
    found = np.bincount(2 * first.astype(np.int64) + second, counts, minlength=4)
    return found.astype(np.int64).reshape(2, 2)
