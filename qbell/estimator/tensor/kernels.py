"""Compiled kernels: from relative frequencies of (setting, outcome) to the 3^N correlators.

`cells` is an array (2^N settings, 2^N outcomes): how large a share of the data is setting theta
with outcome x. One qubit contributes four cells, (sigma_1, +-1) and (sigma_2, +-1), and three
numbers: the share as a whole, and the mean of x along sigma_1 and along sigma_2. Contracting one
qubit after the other turns 4^N cells into the 3^N real correlations t_P, P in {1, X, Y}^N; and
sigma_+- = (sigma_1 +- i sigma_2) / 2, where the 1/2 is the probability of the direction and so
already in t_P, turns those into the c_s.

`levels` (N, 2) are the numbers that stand for outcomes 0 and 1 of each qubit: +1 and -1 for raw
counts; for a readout that errs, numbers whose mean is that of the true outcome.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.intervals.redrawn_counts import Counts, redraw
from qbell.util.alias_tables import draw
from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def contract(cells: Floats, levels: Floats, num_qubits: int, work: Floats) -> Floats:
    """Real correlations t_P (3^N) of ``cells`` (4^N, flat).

    ``work`` is scratch space, (2, 3 * 4^(N-1)); the result is a view of it.
    """
    source = cells
    for level in range(num_qubits):
        rest = 1 << (num_qubits - 1 - level)
        half = rest * rest
        up, down = levels[num_qubits - 1 - level, 0], levels[num_qubits - 1 - level, 1]
        target = work[level % 2]
        for block in range(3**level):
            a = 4 * half * block
            b = 3 * half * block
            for i in range(rest):
                first = a + 2 * rest * i
                second = first + 2 * half
                out = b + rest * i
                for j in range(rest):
                    x_up, x_down = source[first + j], source[first + rest + j]
                    y_up, y_down = source[second + j], source[second + rest + j]
                    target[out + j] = x_up + x_down + y_up + y_down
                    target[out + half + j] = up * x_up + down * x_down
                    target[out + 2 * half + j] = up * y_up + down * y_down
        source = target
    return source[: 3**num_qubits]


@compiled
def combine_signs(correlations: Floats, num_qubits: int) -> NDArray[np.complex128]:
    """c_s for all labels from the t_P: per qubit (t_0, t_X + i t_Y, t_X - i t_Y)."""
    values = correlations.astype(np.complex128)
    for qubit in range(num_qubits):
        step = 3**qubit
        for block in range(0, 3**num_qubits, 3 * step):
            for i in range(block + step, block + 2 * step):
                x, y = values[i], 1j * values[i + step]
                values[i] = x + y
                values[i + step] = x - y
    return values


@compiled
def walsh_hadamard(row: Floats, levels: Floats) -> None:
    """In place: entry A becomes sum_x row[x] prod_{k in A} levels[k, x_k].

    With levels +1 and -1 that is the mean parity of the qubits in A.
    """
    size = len(row)
    step = 1
    qubit = 0
    while step < size:
        up, down = levels[qubit, 0], levels[qubit, 1]
        for block in range(0, size, 2 * step):
            for i in range(block, block + step):
                a, b = row[i], row[i + step]
                row[i] = a + b
                row[i + step] = up * a + down * b
        step *= 2
        qubit += 1


@compiled
def is_odd(mask: int) -> int:
    """1 if ``mask`` has an odd number of set bits, else 0."""
    mask ^= mask >> 32
    mask ^= mask >> 16
    mask ^= mask >> 8
    mask ^= mask >> 4
    mask ^= mask >> 2
    mask ^= mask >> 1
    return mask & 1


@compiled
def sum_squared_parities(
    settings: Integers,
    starts: Integers,
    outcomes: Integers,
    shares: Floats,
    levels: Floats,
    noise_weights: Floats,
    square_weights: Floats,
    num_qubits: int,
) -> Floats:
    """Weighted sums of squares of parities over units (a setting, or a draw of shots).

    Unit u holds rows starts[u] to starts[u+1], outcomes with shares that add up to 1; its parity
    m_u(A) is the mean of p = prod_{k in A} levels[k, x_k]. The array (2 sums, 2 parts, 2^N masks A)
    holds sum_u noise_weights[u] (mean p^2 - m_u(A)^2) and sum_u square_weights[u] m_u(A)^2, each
    split by whether an even or an odd number of the qubits in A are measured along sigma_2: the
    unit's term of c_s is then real or imaginary.
    """
    size = 1 << num_qubits
    sums = np.zeros((2, 2, size))
    parity, second = np.empty(size), np.empty(size)
    squares = levels**2
    for unit in range(len(settings)):
        parity[:] = 0.0
        for row in range(starts[unit], starts[unit + 1]):
            parity[outcomes[row]] += shares[row]
        if noise_weights[unit] != 0.0:
            for mask in range(size):
                second[mask] = parity[mask]
            walsh_hadamard(second, squares)
        walsh_hadamard(parity, levels)
        for mask in range(size):
            part = is_odd(settings[unit] & mask)
            square = parity[mask] ** 2
            if noise_weights[unit] != 0.0:
                sums[0, part, mask] += noise_weights[unit] * (second[mask] - square)
            sums[1, part, mask] += square_weights[unit] * square
    return sums


@compiled
def squares_by_order(
    correlations: Floats,
    found: NDArray[np.complex128],
    weights: Floats,
    orders: Integers,
    num_qubits: int,
    squares: Floats,
    cross: Floats,
) -> None:
    """Add to ``squares`` the sums of weights[s] |c_s|^2 over labels of order n = 0 ... N.

    And to ``cross`` those of weights[s] Re(c_s* found[s]).
    """
    values = combine_signs(correlations, num_qubits)
    for i in range(len(values)):
        a, b = values[i], found[i]
        squares[orders[i]] += weights[i] * (a.real * a.real + a.imag * a.imag)
        cross[orders[i]] += weights[i] * (a.real * b.real + a.imag * b.imag)


@compiled
def resample(
    generator: np.random.Generator,
    resamples: int,
    strata: Integers,
    unit_starts: Integers,
    row_cells: Integers,
    row_shares: Floats,
    unit_sizes: Integers,
    unit_diagonals: Floats,
    counts: Counts | None,
    unseen: float,
    gradient: Floats,
    levels: Floats,
    found: NDArray[np.complex128],
    weights: Floats,
    orders: Integers,
    num_qubits: int,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Bootstrap: draw units with replacement within each stratum, one fewer than there are.

    Stratum t holds units strata[t] to strata[t+1]; unit u holds rows unit_starts[u] to
    unit_starts[u+1], each a cell and its share of the unit. Every stratum has the same weight in
    the total, and the total is 1. One unit fewer makes the variance of a stratum's mean unbiased.
    If ``unseen`` is not 0, a Poisson number of shots with that mean is then exchanged for outcomes
    drawn uniformly, in strata drawn uniformly (a stratum is a setting, and a unit holds
    ``unit_sizes`` shots of it): what the data have not shown, but so few of them do not exclude.
    ``levels`` (1 or resamples, N, 2): the numbers that stand for outcomes, the same each time or
    resampled too.

    ``counts``: None, or those of rows where shots are drawn: a row is an outcome, and a stratum its
    setting.

    Returns, per resample: the sums of weights |c*_s|^2 and of weights Re(c*_s conj(found_s)) by
    order (resamples, N+1), the mean of unit_diagonals (resamples, N+1; zeros where that array is
    empty), and what the exchange adds to gradient . cells* (resamples,).
    """
    num_strata = len(strata) - 1
    plug_in = np.zeros((resamples, num_qubits + 1))
    cross = np.zeros((resamples, num_qubits + 1))
    diagonals = np.zeros((resamples, num_qubits + 1))
    shifts = np.zeros(resamples)
    cells = np.empty(4**num_qubits)
    work = np.empty((2, 3 * 4 ** (num_qubits - 1)))
    drawn = np.empty(1 << num_qubits, dtype=np.int64)
    for r in range(resamples):
        cells[:] = 0.0
        for t in range(num_strata):
            first, size = strata[t], strata[t + 1] - strata[t]
            if counts is not None:
                redraw(generator, counts, t, drawn)
                scale = 1.0 / (num_strata * (counts.sizes[t] - 1))
                for row in range(size):
                    cells[row_cells[first + row]] += scale * drawn[row]
                continue
            scale = 1.0 / (num_strata * (size - 1))
            for _ in range(size - 1):
                unit = first + int(generator.random() * size)
                for row in range(unit_starts[unit], unit_starts[unit + 1]):
                    cells[row_cells[row]] += scale * row_shares[row]
                if len(unit_diagonals) > 0:
                    for n in range(num_qubits + 1):
                        diagonals[r, n] += scale * unit_diagonals[unit, n]
        size = 1 << num_qubits
        for _ in range(generator.poisson(unseen) if unseen > 0.0 else 0):
            t = int(generator.random() * num_strata)
            first, units = strata[t], strata[t + 1] - strata[t]
            if counts is not None:
                row = first + draw(generator, counts.own, counts.values, first, units)
                shots = counts.sizes[t]
            else:
                unit = first + int(generator.random() * units)
                row = unit_starts[unit]
                place = generator.random() if unit_sizes[unit] > 1 else 0.0
                while place >= row_shares[row] and row < unit_starts[unit + 1] - 1:
                    place -= row_shares[row]
                    row += 1
                shots = units * unit_sizes[unit]
            gone = row_cells[row]
            scale = 1.0 / (num_strata * shots)
            come = gone - gone % size + int(generator.random() * size)
            cells[gone] -= scale
            cells[come] += scale
            shifts[r] += scale * (gradient[come] - gradient[gone])
        squares_by_order(
            contract(cells, levels[r % len(levels)], num_qubits, work),
            found,
            weights,
            orders,
            num_qubits,
            plug_in[r],
            cross[r],
        )
    return plug_in, cross, diagonals, shifts
