"""Linear relations between successive settings: shift registers, parities, shifted copies."""

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.settings.drawn import DrawnSettings
from qbell.util.numba_jit import compiled

MOST_COLUMNS = 160
MARGIN = 40  # rows beyond the columns, at most
LEAST_MARGIN = 20  # at least: p = D^-20 where a relation is found


def relations_p(drawn: DrawnSettings) -> float:
    """P-value of letters of w successive draws obeying a linear equation modulo D all the time.

    A row of the matrix holds the letters of draws t to t + w - 1 and a 1. In a given combination of
    its columns, the last draw that enters makes each new row uniform whatever came before, so it
    vanishes in all R rows with probability D^-R. There are fewer than D^C combinations of the C
    columns, so the rank is below C with probability D^(C - R) at most. A linear shift register of
    up to about 150 cells, a counter, qubits that copy each other's past have such a relation.

    Only the first draws are used, which does not matter for a relation that always holds.
    """
    letters = drawn.directions[:, : min(drawn.independent, MOST_COLUMNS - 1)]
    base, (size, num_qubits) = drawn.letters, letters.shape
    span = min((size - LEAST_MARGIN) // (num_qubits + 1), (MOST_COLUMNS - 1) // num_qubits)
    if span < 1:
        return 1.0
    columns = span * num_qubits + 1
    rows = min(size - span + 1, columns + MARGIN)
    windows = np.lib.stride_tricks.sliding_window_view(letters, span, axis=0)[:rows]
    matrix = np.ones((rows, columns), dtype=np.uint8)
    matrix[:, 1:] = windows.reshape(rows, -1)
    if _rank(matrix, base) == columns:
        return 1.0
    return float(float(base) ** (columns - rows))


@compiled
def _rank(matrix: NDArray[np.uint8], prime: int) -> int:
    """Rank modulo ``prime``, 2 or 3, whose numbers but 0 are their own inverses; by elimination."""
    rows, columns = matrix.shape
    rank = 0
    for column in range(columns):
        pivot = rank
        while pivot < rows and matrix[pivot, column] == 0:
            pivot += 1
        if pivot == rows:
            continue
        inverse = matrix[pivot, column]
        for k in range(column, columns):
            held = matrix[pivot, k]
            matrix[pivot, k] = matrix[rank, k]
            matrix[rank, k] = held * inverse % prime
        for row in range(rank + 1, rows):
            factor = prime - matrix[row, column]
            if factor < prime:
                for k in range(column, columns):
                    matrix[row, k] = (matrix[row, k] + factor * matrix[rank, k]) % prime
        rank += 1
    return rank
