"""Linear relations between successive settings: shift registers, parities, shifted copies."""

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.settings.drawn import DrawnSettings
from qbell.util.numba_jit import compiled

MOST_COLUMNS = 160
MARGIN = 40  # rows beyond the columns, at most
LEAST_MARGIN = 20  # at least: p = D^-20 where a relation is found


def relations_p(drawn: DrawnSettings) -> float:
    """P-value of letters obeying a linear equation modulo D with what came before, all the time.

    A row of the matrix holds a 1, the letters of w - 1 draws, the outcomes of the last two of these
    and the letters of the next draw. Whatever came before, a given combination of columns in which
    a letter of the next draw enters is uniform anew in each row, so it vanishes in all R rows with
    probability D^-R. There are fewer than D^C combinations of the C columns, so that letters of the
    next draw depend on columns before them with probability D^(C - R) at most. Those of a counter
    or of a linear shift register (of up to about 150 cells, with few qubits) do, and those that
    copy another qubit's past, or the parity of some letters and outcomes.

    Only the first draws are used, which does not matter for a relation that always holds.
    """
    letters = drawn.directions[:, : min(drawn.independent, MOST_COLUMNS - 1)]
    base, (size, new) = drawn.letters, letters.shape
    outcomes = drawn.directions[:, :0] if drawn.outcomes is None else drawn.outcomes
    for span in range(MOST_COLUMNS // new, 0, -1):  # w
        results = min(2, span - 1)
        columns = 1 + span * new + results * outcomes.shape[1]
        rows = min(size - span + 1, columns + MARGIN)
        if columns <= MOST_COLUMNS and rows >= columns + LEAST_MARGIN:
            break
    else:
        return 1.0
    parts = [np.ones((rows, 1), dtype=np.uint8)]
    parts += [letters[step : step + rows] for step in range(span - 1)]
    parts += [outcomes[step : step + rows] for step in range(span - 1 - results, span - 1)]
    parts += [letters[span - 1 : span - 1 + rows]]
    if _independent(np.concatenate(parts, axis=1), base)[-new:].all():
        return 1.0
    return float(float(base) ** (columns - rows))


@compiled
def _independent(matrix: NDArray[np.uint8], prime: int) -> NDArray[np.bool_]:
    """(columns,) whether each is no combination of those before it modulo ``prime``, 2 or 3.

    By elimination, in place; numbers but 0 are their own inverses.
    """
    rows, columns = matrix.shape
    found = np.zeros(columns, dtype=np.bool_)
    rank = 0
    for column in range(columns):
        pivot = rank
        while pivot < rows and matrix[pivot, column] == 0:
            pivot += 1
        if pivot == rows:
            continue
        found[column] = True
        inverse = matrix[pivot, column]
        for k in range(column, columns):
            held = matrix[pivot, k]
            matrix[pivot, k] = matrix[rank, k]
            matrix[rank, k] = held * inverse % prime
        for row in range(rank + 1, rows):
            factor = prime - matrix[row, column]
            if factor == prime:
                continue
            if prime == 2:  # a fixed prime is divided by many times faster
                for k in range(column, columns):
                    matrix[row, k] ^= matrix[rank, k]
            else:
                for k in range(column, columns):
                    matrix[row, k] = (
                        matrix[row, k] + np.uint8(factor) * matrix[rank, k]
                    ) % np.uint8(3)
        rank += 1
    return found
