"""Compiled kernels of the covering design: parities of few qubits, 64 shots at a time."""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.pairs.kernels import popcount
from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Planes = NDArray[np.uint64]


@compiled
def pack(shots: NDArray[np.uint8]) -> Planes:
    """(N + 1, words) bits of one setting's shots (S, N), 64 shots a word; the last row is 0."""
    size, num_qubits = shots.shape
    planes = np.zeros((num_qubits + 1, (size + 63) // 64), dtype=np.uint64)
    for shot in range(size):
        word, place = shot >> 6, np.uint64(shot & 63)
        for qubit in range(num_qubits):
            planes[qubit, word] |= np.uint64(shots[shot, qubit]) << place
    return planes


@compiled
def parity_means(planes: Planes, size: int, qubits: Integers) -> Floats:
    """(A,) mean over ``size`` shots of prod_k x_k over each set of qubits (A, K)."""
    count, most = qubits.shape
    words = planes.shape[1]
    means = np.empty(count)
    for row in range(count):
        odd = np.int64(0)
        for word in range(words):
            parity = planes[qubits[row, 0], word]
            for place in range(1, most):
                parity ^= planes[qubits[row, place], word]
            odd += np.int64(popcount(parity))
        means[row] = 1.0 - 2.0 * odd / size
    return means


@compiled
def _pattern(directions: NDArray[np.uint8], setting: int, qubits: Integers, size: int) -> int:
    """Which pattern of sigma_1 (0) and sigma_2 (1) a setting shows on some qubits."""
    pattern = 0
    for place in range(size):
        pattern |= int(directions[setting, qubits[place]]) << place
    return pattern


@compiled
def pool(
    means: Floats,
    variances: Floats,
    shots: Floats,
    directions: NDArray[np.uint8],
    qubits: Integers,
    sizes: Integers,
) -> tuple[Floats, Floats, Floats]:
    """Means of parities by pattern, over all settings that show it, weighted by their shots.

    From (settings, A) means and their variances: (A, 2^K) pooled means, their variances, and the
    shots in them.
    """
    count, most = qubits.shape
    patterns = np.zeros((count, 1 << most))
    spread = np.zeros((count, 1 << most))
    pooled = np.zeros((count, 1 << most))
    for row in range(count):
        for setting in range(len(means)):
            p = _pattern(directions, setting, qubits[row], sizes[row])
            patterns[row, p] += shots[setting] * means[setting, row]
            spread[row, p] += shots[setting] ** 2 * variances[setting, row]
            pooled[row, p] += shots[setting]
        for p in range(1 << sizes[row]):
            if pooled[row, p] > 0.0:
                patterns[row, p] /= pooled[row, p]
                spread[row, p] /= pooled[row, p] ** 2
    return patterns, spread, pooled


@compiled
def combine(patterns: Floats, sizes: Integers) -> NDArray[np.complex128]:
    """c_s (A, 2^K) from the means by pattern; bit j of the column: sign - of the set's qubit j."""
    values = patterns.astype(np.complex128)
    for row in range(len(values)):
        for place in range(sizes[row]):
            step = 1 << place
            for block in range(0, 1 << sizes[row], 2 * step):
                for i in range(block, block + step):
                    x, y = values[row, i], 1j * values[row, i + step]
                    values[row, i] = 0.5 * (x + y)
                    values[row, i + step] = 0.5 * (x - y)
    return values


@compiled
def _by_order(
    values: NDArray[np.complex128],
    found: NDArray[np.complex128],
    weights: Floats,
    sizes: Integers,
    squares: Floats,
    cross: Floats,
) -> None:
    for row in range(len(values)):
        n = sizes[row]
        for i in range(1 << n):
            a, b, weight = values[row, i], found[row, i], weights[row, i]
            squares[n] += weight * (a.real * a.real + a.imag * a.imag)
            cross[n] += weight * (a.real * b.real + a.imag * b.imag)


@compiled
def resample(
    generator: np.random.Generator,
    resamples: int,
    starts: Integers,
    shots: NDArray[np.uint8],
    directions: NDArray[np.uint8],
    qubits: Integers,
    sizes: Integers,
    unseen: float,
    found: NDArray[np.complex128],
    weights: Floats,
    order: int,
) -> tuple[Floats, Floats, Floats]:
    """Bootstrap within settings, one shot fewer than there are, as in the full design.

    Setting t holds shots starts[t] to starts[t+1]. A Poisson number of shots with mean ``unseen``
    is exchanged for outcomes drawn uniformly.

    Returns, per resample and order 0 .. K: sums of weights |c*_s|^2, of weights Re(c*_s
    conj(found_s)), and what the exchange alone adds to twice the latter, over all orders.
    """
    num_settings, num_qubits = directions.shape
    plug_in = np.zeros((resamples, order + 1))
    cross = np.zeros((resamples, order + 1))
    shifts = np.zeros(resamples)
    means = np.empty((num_settings, len(sizes)))
    ones = np.ones(num_settings)
    nothing = np.zeros_like(means)
    for t in range(num_settings):
        ones[t] = starts[t + 1] - starts[t]
    for r in range(resamples):
        exchanged = generator.poisson(unseen)
        places = np.empty(exchanged, dtype=np.int64)
        for i in range(exchanged):
            places[i] = int(generator.random() * num_settings)
        shift = np.zeros_like(means) if exchanged > 0 else nothing
        for t in range(num_settings):
            first, size = starts[t], starts[t + 1] - starts[t]
            drawn = np.empty((size - 1, num_qubits), dtype=np.uint8)
            for i in range(size - 1):
                drawn[i] = shots[first + int(generator.random() * size)]
            means[t] = parity_means(pack(drawn), size - 1, qubits)
            for i in range(exchanged):
                if places[i] != t:
                    continue
                pair = np.empty((1, num_qubits), dtype=np.uint8)
                pair[0] = shots[first + int(generator.random() * size)]
                gone = parity_means(pack(pair), 1, qubits)
                for qubit in range(num_qubits):
                    pair[0, qubit] = np.uint8(generator.random() < 0.5)
                come = parity_means(pack(pair), 1, qubits)
                shift[t] += (come - gone) / size
        if exchanged > 0:
            means += shift
            added = np.zeros(order + 1)
            alone = combine(pool(shift, nothing, ones, directions, qubits, sizes)[0], sizes)
            _by_order(alone, found, weights, sizes, np.zeros(order + 1), added)
            shifts[r] = 2.0 * added.sum()
        patterns = pool(means, nothing, ones, directions, qubits, sizes)[0]
        _by_order(combine(patterns, sizes), found, weights, sizes, plug_in[r], cross[r])
    return plug_in, cross, shifts
