"""Compiled kernels: from relative frequencies of (setting, outcome) to the 3^N correlators.

`cells` is an array (2^N settings, 2^N outcomes): how large a share of the data is setting theta
with outcome x. One qubit contributes four cells, (sigma_1, +-1) and (sigma_2, +-1), and three
numbers: the share as a whole, and the mean of x along sigma_1 and along sigma_2. Contracting one
qubit after the other turns 4^N cells into the 3^N real correlations t_P, P in {1, X, Y}^N; and
sigma_+- = (sigma_1 +- i sigma_2) / 2, where the 1/2 is the probability of the direction and so
already in t_P, turns those into the c_s.
"""

import math

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def contract(cells: Floats, num_qubits: int, work: Floats) -> Floats:
    """Real correlations t_P (3^N) of ``cells`` (4^N, flat).

    ``work`` is scratch space, (2, 3 * 4^(N-1)); the result is a view of it.
    """
    source = cells
    for level in range(num_qubits):
        rest = 1 << (num_qubits - 1 - level)
        half = rest * rest
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
                    target[out + half + j] = x_up - x_down
                    target[out + 2 * half + j] = y_up - y_down
        source = target
    return source[: 3**num_qubits]


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
def walsh_hadamard(row: Floats) -> None:
    """In place: entry A becomes sum_x row[x] (-1)^|x and A|, the mean parity of the qubits in A."""
    size = len(row)
    step = 1
    while step < size:
        for block in range(0, size, 2 * step):
            for i in range(block, block + step):
                a, b = row[i], row[i + step]
                row[i] = a + b
                row[i + step] = a - b
        step *= 2


@numba.njit(cache=True, nogil=True)
def is_odd(mask: int) -> int:
    """1 if ``mask`` has an odd number of set bits, else 0."""
    mask ^= mask >> 32
    mask ^= mask >> 16
    mask ^= mask >> 8
    mask ^= mask >> 4
    mask ^= mask >> 2
    mask ^= mask >> 1
    return mask & 1


@numba.njit(cache=True, nogil=True)
def sum_squared_parities(
    settings: Integers,
    starts: Integers,
    outcomes: Integers,
    shares: Floats,
    weights: Floats,
    num_qubits: int,
) -> Floats:
    """Weighted sums of squares of parities over units (a setting, or a draw of shots).

    Unit u holds rows starts[u] to starts[u+1], outcomes with shares that add up to 1; its parity
    m_u(A) is the mean of prod_{k in A} x_k. The array (2 sums, 2 parts, 2^N masks A) holds
    sum_u weights[u] (1 - m_u(A)^2) and sum_u weights[u] m_u(A)^2, each split by whether an even or
    an odd number of the qubits in A are measured along sigma_2: the unit's term of c_s is then
    real or imaginary.
    """
    size = 1 << num_qubits
    sums = np.zeros((2, 2, size))
    parity = np.empty(size)
    for unit in range(len(settings)):
        parity[:] = 0.0
        for row in range(starts[unit], starts[unit + 1]):
            parity[outcomes[row]] += shares[row]
        walsh_hadamard(parity)
        for mask in range(size):
            part = is_odd(settings[unit] & mask)
            square = parity[mask] ** 2
            sums[0, part, mask] += weights[unit] * (1.0 - square)
            sums[1, part, mask] += weights[unit] * square
    return sums


@numba.njit(cache=True, nogil=True)
def squares_by_order(
    correlations: Floats, weights: Floats, orders: Integers, num_qubits: int
) -> Floats:
    """sum over labels of order n of weights[s] |c_s|^2, for n = 0 ... N."""
    values = combine_signs(correlations, num_qubits)
    sums = np.zeros(num_qubits + 1)
    for i in range(len(values)):
        sums[orders[i]] += weights[i] * (values[i].real ** 2 + values[i].imag ** 2)
    return sums


@numba.njit(cache=True, nogil=True)
def resample(
    generator: np.random.Generator,
    resamples: int,
    strata: Integers,
    unit_starts: Integers,
    row_cells: Integers,
    row_shares: Floats,
    unit_diagonals: Floats,
    gradient: Floats,
    weights: Floats,
    orders: Integers,
    num_qubits: int,
) -> tuple[Floats, Floats, Floats]:
    """Bootstrap: draw units with replacement within each stratum, one fewer than there are.

    Stratum t holds units strata[t] to strata[t+1]; unit u holds rows unit_starts[u] to
    unit_starts[u+1], each a cell and its share of the unit. Every stratum has the same weight in
    the total, and the total is 1. One unit fewer makes the variance of a stratum's mean unbiased.

    Returns, per resample: the sums of weights |c*_s|^2 by order (resamples, N+1), the mean of
    unit_diagonals (resamples, N+1; zeros where that array is empty), and gradient . cells*.
    """
    num_strata = len(strata) - 1
    plug_in = np.empty((resamples, num_qubits + 1))
    diagonals = np.zeros((resamples, num_qubits + 1))
    slopes = np.empty(resamples)
    cells = np.empty(4**num_qubits)
    work = np.empty((2, 3 * 4 ** (num_qubits - 1)))
    for r in range(resamples):
        cells[:] = 0.0
        for t in range(num_strata):
            first, size = strata[t], strata[t + 1] - strata[t]
            scale = 1.0 / (num_strata * (size - 1))
            for _ in range(size - 1):
                unit = first + int(generator.random() * size)
                for row in range(unit_starts[unit], unit_starts[unit + 1]):
                    cells[row_cells[row]] += scale * row_shares[row]
                if len(unit_diagonals) > 0:
                    for n in range(num_qubits + 1):
                        diagonals[r, n] += scale * unit_diagonals[unit, n]
        slope = 0.0
        for i in range(len(cells)):
            slope += gradient[i] * cells[i]
        slopes[r] = slope
        plug_in[r] = squares_by_order(
            contract(cells, num_qubits, work), weights, orders, num_qubits
        )
    return plug_in, diagonals, slopes


NODES, FACTORS = np.polynomial.legendre.leggauss(48)


@numba.njit(cache=True, nogil=True)
def _normal_below(z: float) -> float:
    return 0.5 * math.erfc(-z * 0.7071067811865476)


@numba.njit(cache=True, nogil=True)
def squared_modulus_below(
    square: float, modulus: float, along: float, across: float, nodes: Floats, factors: Floats
) -> float:
    """P(|z|^2 <= square), z normal in the plane around a point at distance ``modulus`` from 0.

    ``along`` and ``across`` are the standard deviations in the direction of that point and
    perpendicular to it. One Gauss-Legendre integral over the perpendicular part, with
    y = sqrt(square) sin(u), which removes the square root at the ends.
    """
    radius = math.sqrt(square)
    reach = 1.0 if radius <= 8.0 * across else 8.0 * across / radius
    limit = math.asin(reach)
    total = 0.0
    for i in range(len(nodes)):
        angle = limit * nodes[i]
        y = radius * math.sin(angle) / across
        x = radius * math.cos(angle)
        density = math.exp(-0.5 * y * y) / 2.5066282746310002
        inside = _normal_below((x - modulus) / along) - _normal_below((-x - modulus) / along)
        total += factors[i] * density * inside * x
    return total * limit / across


@numba.njit(cache=True, nogil=True)
def _solve(
    target: float,
    start: float,
    square: float,
    along: float,
    across: float,
    nodes: Floats,
    factors: Floats,
) -> float:
    """The modulus at which squared_modulus_below falls to ``target``; it decreases from modulus 0.

    ``start`` brackets it from above. Bisection with false-position steps (Illinois).
    """
    low, high = 0.0, start
    f_low = squared_modulus_below(square, low, along, across, nodes, factors) - target
    if f_low <= 0.0:
        return 0.0
    f_high = squared_modulus_below(square, high, along, across, nodes, factors) - target
    side = 0
    for _ in range(200):
        if high - low <= 1e-10 * (high + along):
            break
        middle = (low * f_high - high * f_low) / (f_high - f_low)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        f = squared_modulus_below(square, middle, along, across, nodes, factors) - target
        if f > 0.0:
            low, f_low = middle, f
            if side == 1:
                f_high *= 0.5
            side = 1
        elif f < 0.0:
            high, f_high = middle, f
            if side == -1:
                f_low *= 0.5
            side = -1
        else:
            return middle
    return 0.5 * (low + high)


@numba.njit(cache=True, nogil=True)
def squared_modulus_intervals(
    squares: Floats,
    along: Floats,
    across: Floats,
    confidence: float,
    nodes: Floats,
    factors: Floats,
) -> Floats:
    """Confidence intervals (n, 2) for |c|^2, given |c_hat|^2 and the two standard deviations."""
    tail = 0.5 * (1.0 - confidence)
    intervals = np.zeros((len(squares), 2))
    for i in range(len(squares)):
        square, a, b = squares[i], along[i], across[i]
        top = math.sqrt(square) + 9.0 * max(a, b)
        at_zero = squared_modulus_below(square, 0.0, a, b, nodes, factors)
        low = _solve(1.0 - tail, top, square, a, b, nodes, factors)
        high = _solve(tail * at_zero, top, square, a, b, nodes, factors)
        intervals[i, 0] = low * low
        intervals[i, 1] = high * high
    return intervals
