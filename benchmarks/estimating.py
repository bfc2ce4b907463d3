"""Seconds from shots to all 3^N correlators with intervals: qbell beside a plain NumPy bootstrap.

python benchmarks/estimating.py [--sizes 6,8,10] [--shots 1000] [--resamples 1000] [--numpy 50]

The data are all 2^N settings of a GHZ state with white noise. NumPy resamples the outcomes of each
setting. ``plain`` multiplies out the signs of all parities and combines the settings for one set of
qubits after the other; ``contracted`` goes qubit by qubit, the fastest way without compiled code.
As many resamples as ``--numpy`` says are timed, and scaled to all of them. These percentile
intervals are of |mean|^2 and biased: only the time is compared. All in one run, on the same data.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

import qbell

Floats = NDArray[np.float64]


def noisy_ghz(num_qubits: int, shots: int, seed: int) -> qbell.Shots:
    """Shots of all settings, a tenth of them replaced by white noise."""
    pure = qbell.sample(qbell.ghz(num_qubits), qbell.schedule(num_qubits), shots=shots, seed=seed)
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(pure.counts)), pure.counts)
    bits = pure.bits[rows].copy()
    noisy = rng.random(len(rows)) < 0.1
    bits[noisy] = rng.integers(0, 2, size=(int(noisy.sum()), num_qubits), dtype=np.uint8)
    ones = np.ones(len(rows), dtype=np.int64)
    return replace(pure, directions=pure.directions[rows], bits=bits, counts=ones)


def squares(frequencies: Floats, num_qubits: int) -> Floats:
    """|c_s|^2 of all labels from (2^N settings, 2^N outcomes) relative frequencies."""
    values = frequencies.reshape((2,) * (2 * num_qubits)) / 2**num_qubits
    matrix = np.zeros((3, 2, 2), dtype=complex)  # (label, direction, outcome)
    matrix[0] = 1
    matrix[1, 0], matrix[1, 1] = [1, -1], [1j, -1j]
    matrix[2, 0], matrix[2, 1] = [1, -1], [-1j, 1j]
    for qubit in range(num_qubits):
        # The next direction is first; its outcome follows the directions that are left.
        values = np.tensordot(values, matrix, axes=([0, num_qubits - qubit], [1, 2]))
    found: Floats = np.abs(values.reshape(-1)) ** 2
    return found


def plain_squares(frequencies: Floats, num_qubits: int) -> Floats:
    """The same, set of qubits by set of qubits (the labels in another order)."""
    size = 2**num_qubits
    index = np.arange(size)
    signs = 1.0 - 2.0 * (np.bitwise_count(index[:, None] & index) % 2)
    parities = frequencies @ signs  # (settings, sets of qubits)
    combined = [np.ones((1, 1), dtype=complex)]
    for _ in range(num_qubits):
        combined.append(np.kron(np.array([[1, 1j], [1, -1j]]) / 2, combined[-1]))
    found = []
    for qubits in range(size):
        inside = [qubit for qubit in range(num_qubits) if qubits >> qubit & 1]
        pattern = sum((index >> qubit & 1) << place for place, qubit in enumerate(inside))
        number = 2 ** len(inside)
        means = np.bincount(pattern + 0 * index, parities[:, qubits], number) * number / size
        found.append(np.abs(combined[len(inside)] @ means) ** 2)
    return np.concatenate(found)


def bootstrap_seconds(
    shots: qbell.Shots, resamples: int, way: Callable[[Floats, int], Floats]
) -> float:
    """Seconds of so many resamples of all settings in NumPy."""
    size = 2**shots.num_qubits
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (shots.setting_index, shots.outcome_index), shots.counts)
    totals = counts.sum(axis=1)
    rng = np.random.default_rng(0)
    start = time.perf_counter()
    found = np.empty((resamples, 3**shots.num_qubits))
    for row in range(resamples):
        drawn = rng.multinomial(totals, counts / totals[:, None])
        found[row] = way(drawn / totals[:, None], shots.num_qubits)
    np.quantile(found, [0.025, 0.975], axis=0)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="6,8,10")
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--numpy", type=int, default=50)
    arguments = parser.parse_args()
    qbell.estimate(noisy_ghz(2, 10, 0), resamples=100)  # compile the kernels
    print("N  qbell [s]  plain NumPy [s]  ratio  contracted NumPy [s]  ratio")
    for num_qubits in map(int, arguments.sizes.split(",")):
        shots = noisy_ghz(num_qubits, arguments.shots, 1)
        start = time.perf_counter()
        result = qbell.estimate(shots, resamples=arguments.resamples)
        ours = time.perf_counter() - start
        assert len(result.correlators) == 3**num_qubits
        timed = min(arguments.numpy, arguments.resamples)
        scale = arguments.resamples / timed
        plain, contracted = (
            scale * bootstrap_seconds(shots, timed, way) for way in (plain_squares, squares)
        )
        print(
            f"{num_qubits}  {ours:.2f}  {plain:.1f}  {plain / ours:.0f}  "
            f"{contracted:.1f}  {contracted / ours:.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
