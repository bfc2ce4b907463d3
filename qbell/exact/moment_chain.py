"""The moment bound of Ising chains of hundreds of spins: covariances of few-body operators.

With a_j = X_1 .. X_(j-1) Z_j and b_j = X_1 .. X_(j-1) Y_j every word of X, Y, Z with an even number
of Y's and Z's is a product of these Majorana operators, up to a power of i: an X is i a b, and
between the first Y or Z and the second, the third and the fourth, and so on, every site has a
string X of its own. In a state with <i a_j b_k> = G_jk and no other contractions Wick's theorem
makes of it the determinant of G on the rows of its a's and the columns of its b's.

The words here are products of two operators around two sites; what lies between both is a string,
whatever the operators are. So the block of G between two sites is eliminated once, and each pair of
operators is left with a determinant of a dozen rows.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.few_body import MOST_LETTERS, Operators, X, Y
from qbell.errors import QbellError
from qbell.util.numba_jit import compiled
from qbell.util.threads import one_blas_thread

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST = 1e-5  # of the determinant of what is eliminated: below, too many digits are lost


def covariances(correlations: Floats, operators: Operators, reach: int) -> tuple[Floats, Floats]:
    """Gamma_ab = Re <M_a M_b> (K, K), as <M_a> = 0 by parity, and C_a = <i [M_a, h]> (K,).

    Args:
        correlations: G of an even or odd Gaussian state of real amplitudes.
        operators: from `operators_within`.
        reach: of these.

    Raises:
        QbellError: in a disordered chain, correlators that are lost in rounding.
    """
    size = len(correlations)
    count = len(operators.sites)
    gamma = np.zeros((count, count))
    response = np.zeros(count)
    given = (operators.sites, operators.letters, operators.starts)
    with one_blas_thread():
        by_pairs = _is_ordered(correlations)
        for left in range(size):
            for way in (by_pairs, not by_pairs):
                if _sweep(correlations, left, reach, way, *given, gamma) >= LEAST:
                    break
            else:
                for right in range(left, size):
                    core = _between(correlations, left + reach + 1, right - reach - 1)
                    if abs(core[1]) < LEAST:
                        raise QbellError(
                            f"moment_bound: correlators of qubits {left} and {right} are lost in "
                            "rounding, as the chain is ordered on some of the way and not on the "
                            "rest"
                        )
                    _pairs(correlations, *core, left, right, *given, gamma)
        whole = _between(correlations, 0, -1)
        _responses(correlations, *whole, operators.sites, operators.letters, response)
    return np.triu(gamma) + np.triu(gamma, 1).T, response


Core = tuple[Floats, float, int, int, int, int]


def _between(g: Floats, first: int, last: int) -> Core:
    """What is left of G after most rows and columns of the sites ``first`` .. ``last`` are gone.

    One row and one column of them stay, at either end, where the block without them is farther from
    singular: <X .. X> of the whole block is exponentially small in an ordered chain, <Z_first
    Z_last>, which has neither the row of ``first`` nor the column of ``last``, in a disordered one.

    Returns:
        The matrix that is left (N, N), the determinant of the block, the first site, the number of
        its sites, and the row and the column that stay, -1 if none.
    """
    length = last - first + 1
    if length < 2:
        return g, 1.0, 0, 0, -1, -1
    inside = np.arange(first, last + 1)
    best: tuple[float, Integers, Integers, int, int] | None = None
    for row, column in ((-1, -1), (first, last), (last, first)):
        rows, columns = inside[inside != row], inside[inside != column]
        block = g[np.ix_(rows, columns)]
        size = abs(float(np.linalg.det(block)))
        if best is None or size > best[0]:
            best = size, rows, columns, row, column
    assert best is not None
    _, rows, columns, row, column = best
    block = g[np.ix_(rows, columns)]
    rest = g - g[:, columns] @ np.linalg.solve(block, g[rows])
    return np.ascontiguousarray(rest), float(np.linalg.det(block)), first, length, row, column


def _is_ordered(g: Floats) -> bool:
    """Whether <Z Z> is larger than <X .. X> over the middle half of the chain."""
    inside = np.arange(len(g) // 4, max(3 * len(g) // 4, len(g) // 4 + 2))
    of_pairs = np.linalg.slogdet(g[np.ix_(inside[1:], inside[:-1])])[1]
    return bool(of_pairs > np.linalg.slogdet(g[np.ix_(inside, inside)])[1])


@compiled
def _sweep(
    g: Floats,
    left: int,
    reach: int,
    by_pairs: bool,
    sites: Integers,
    letters: Integers,
    starts: Integers,
    gamma: Floats,
) -> float:
    """Gamma of the operators around ``left`` with all further right.

    As `_between`, but site by site: the block grows by the row and the column of one site or, if
    ``by_pairs``, by the row of one and the column of the one before. Its determinant is <X .. X>,
    or <Z Z>; it breaks off where that is small, and returns the smallest.
    """
    size = len(g)
    first = left + reach + 1
    low = max(left - reach, 0)
    rest = g.copy()
    determinant = least = 1.0
    for right in range(left, size):
        last = right - reach - 1
        if last >= first and not by_pairs:
            determinant *= rest[last, last]
            _eliminate(rest, last, last, low, first)
        if last > first and by_pairs:
            determinant *= rest[last, last - 1]
            _eliminate(rest, last, last - 1, low, first)
        least = min(least, abs(determinant))
        if least < LEAST:
            break
        if last <= first:
            _pairs(g, g, 1.0, 0, 0, -1, -1, left, right, sites, letters, starts, gamma)
        else:
            row, column = (first, last) if by_pairs else (-1, -1)
            _pairs(
                g, rest, determinant, first, last - first + 1, row, column,
                left, right, sites, letters, starts, gamma,
            )  # fmt: skip
    return least


@compiled
def _eliminate(matrix: Floats, row: int, column: int, low: int, first: int) -> None:
    """Take ``row`` and ``column`` out of what is still to be read: ``low`` .. ``first``, and on."""
    size = len(matrix)
    for i in range(low, size):
        if i == row or first < i < row:
            continue
        factor = matrix[i, column] / matrix[row, column]
        for j in range(low, first + 1):
            matrix[i, j] -= factor * matrix[row, j]
        for j in range(max(column, first) + 1, size):
            matrix[i, j] -= factor * matrix[row, j]


@compiled
def _pairs(
    g: Floats,
    rest: Floats,
    determinant: float,
    first: int,
    length: int,
    row: int,
    column: int,
    left: int,
    right: int,
    sites: Integers,
    letters: Integers,
    starts: Integers,
    gamma: Floats,
) -> None:
    """Gamma of the operators around site ``left`` with those around ``right``."""
    size = len(g)
    word = np.zeros(size, dtype=np.int64)
    for a in range(starts[left], starts[left + 1]):
        for b in range(max(a, starts[right]), starts[right + 1]):
            phase = 0
            low, high = size, -1
            for place in range(MOST_LETTERS):
                if letters[a, place]:
                    site = sites[a, place]
                    word[site] = letters[a, place]
                    low, high = min(low, site), max(high, site)
            for place in range(MOST_LETTERS):
                if letters[b, place]:
                    site = sites[b, place]
                    one, other = word[site], letters[b, place]
                    word[site] = one ^ other  # 1, 2, 3 as X, Y, Z
                    if one and one != other:
                        phase += 1 if other == one % 3 + 1 else 3
                    low, high = min(low, site), max(high, site)
            if phase % 2 == 0:  # they commute
                gamma[a, b] = _value(
                    rest, determinant, first, length, row, column, word, low, high, phase
                )
            word[low : high + 1] = 0


@compiled
def _responses(
    g: Floats,
    rest: Floats,
    determinant: float,
    first: int,
    length: int,
    row: int,
    column: int,
    sites: Integers,
    letters: Integers,
    response: Floats,
) -> None:
    """<i [M, h]>: i [Y, Z / 2] = -X and i [X, Z / 2] = Y on each letter in turn."""
    size = len(g)
    word = np.zeros(size, dtype=np.int64)
    for a in range(len(sites)):
        for turned in range(MOST_LETTERS):
            letter = letters[a, turned]
            if letter not in (X, Y):
                continue
            low, high = size, -1
            for place in range(MOST_LETTERS):
                if letters[a, place]:
                    word[sites[a, place]] = letters[a, place]
                    low, high = min(low, sites[a, place]), max(high, sites[a, place])
            word[sites[a, turned]] = X if letter == Y else Y
            value = _value(rest, determinant, first, length, row, column, word, low, high, 0)
            response[a] += -value if letter == Y else value
            word[low : high + 1] = 0


@compiled
def _value(
    rest: Floats,
    determinant: float,
    first: int,
    length: int,
    row: int,
    column: int,
    word: Integers,
    low: int,
    high: int,
    phase: int,
) -> float:
    """i^phase <word>, real.

    Of the sites ``first`` .. ``first + length - 1``, each with a string only, the row and the
    column are left that `_between` kept; the others are in ``determinant``.
    """
    room = high - low + 3
    rows = np.empty(room, dtype=np.int64)
    columns = np.empty(room, dtype=np.int64)
    gone = length - 1 if row >= 0 else length
    behind = 0  # b's on the left that are in the block that is gone
    odd = 0  # Y's and Z's from here to the right: each brings a string X to this site
    for site in range(low, high + 1):
        odd += word[site] >= Y
    count_a = count_b = inversions = moved = 0
    site = low
    while site <= high:
        if length > 0 and site == first:
            # i a b on each site: its a's pass the b's on the left, also of each other.
            phase += length
            inversions += length * count_b + length * (length - 1) // 2
            # What is gone goes to the front: past the rows and columns that stand before it.
            moved = gone * (count_a + count_b + (row == first) + (column == first))
            if row >= 0:
                rows[count_a], columns[count_b] = row, column
                count_a += 1
                count_b += 1
            behind = gone
            site += length
            continue
        letter = word[site]
        odd -= letter >= Y
        string = odd % 2 == 1
        if letter <= X:
            if string == (letter == 0):  # i a b
                phase += 1
                inversions += count_b + behind
                rows[count_a], columns[count_b] = site, site
                count_a += 1
                count_b += 1
        elif string == (letter == Y):  # Z, or Y X = -i Z
            phase += 3 if string else 0
            inversions += count_b + behind
            rows[count_a] = site
            count_a += 1
        else:  # Y, or Z X = i Y
            phase += 1 if string else 0
            columns[count_b] = site
            count_b += 1
        site += 1
    if count_a != count_b:
        return 0.0
    total = count_a + gone
    # <a_1 .. a_n b_1 .. b_n> = (-1)^(n (n - 1) / 2) (-i)^n det G.
    phase += 3 * total + 2 * (inversions + moved + total * (total - 1) // 2)
    value = determinant * _determinant(rest, rows[:count_a], columns[:count_b])
    return value if phase % 4 == 0 else -value


@compiled
def _determinant(matrix: Floats, rows: Integers, columns: Integers) -> float:
    """Of the matrix on these rows and columns, by elimination with pivots."""
    size = len(rows)
    work = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            work[i, j] = matrix[rows[i], columns[j]]
    value = 1.0
    for k in range(size):
        best = k
        for i in range(k + 1, size):
            if abs(work[i, k]) > abs(work[best, k]):
                best = i
        if work[best, k] == 0.0:
            return 0.0
        if best != k:
            value = -value
            for j in range(k, size):
                work[k, j], work[best, j] = work[best, j], work[k, j]
        value *= work[k, k]
        for i in range(k + 1, size):
            factor = work[i, k] / work[k, k]
            for j in range(k + 1, size):
                work[i, j] -= factor * work[k, j]
    return value
