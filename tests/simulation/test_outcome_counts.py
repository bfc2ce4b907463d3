"""Outcomes counted as they are drawn: one by one by another route, by their law, and at the ends.

Seeds are fixed; a statistical test would fail by chance in 1 of 10,000.
"""

import itertools
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest
from qiskit.quantum_info import Statevector
from scipy.stats import chi2, norm

import qbell
from qbell.simulation import outcome_counts
from qbell.simulation.draw_outcomes import draw_outcomes
from qbell.simulation.outcome_counts import OutcomeCounts, count_outcomes, draw_counts
from qbell.util.unique_rows import packed, row_numbers
from tests.support.laws import chi_squared_p, counts_of, scrambled

BELOW_ONE = 1 - 2.0**-53  # the largest that a Generator gives


def slow_counts(
    tables: np.ndarray, rows_of: list[np.ndarray], shots: int, seed: int
) -> OutcomeCounts:
    """Shot by shot, listed in the order of the schedule, and then counted."""
    generator = np.random.default_rng(seed)
    num_rows = sum(len(rows) for rows in rows_of)
    num_qubits = tables.shape[1].bit_length() - 1
    listed = np.zeros((num_rows, shots, num_qubits), dtype=np.uint8)
    for table, rows in zip(tables, rows_of, strict=True):
        ends = np.cumsum(table)
        for row in rows:
            for shot in range(shots):
                outcome = int(np.searchsorted(ends, generator.random() * ends[-1], side="right"))
                listed[row, shot] = outcome >> np.arange(num_qubits) & 1
    return count_outcomes(listed)


@pytest.mark.parametrize("shots", [1, 7, 40])
@pytest.mark.parametrize("at_once", [1, 16, 2**18])
def test_every_shot_is_that_of_the_slow_way(
    shots: int, at_once: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With rare outcomes, impossible ones, rows that repeat, and work in pieces of any size."""
    monkeypatch.setattr(outcome_counts, "AT_ONCE", at_once)
    table = rng.random((5, 128)) ** 9 * (rng.random((5, 128)) < 0.4)
    step = int(rng.integers(1, 6))
    rows_of = np.split(rng.permutation(12), [3, 4, 8, 11])
    steps: list[int] = []
    found = draw_counts(
        lambda some: table[some], 7, rows_of, shots, 4, step=step, progress=steps.append
    )
    expected = slow_counts(table, rows_of, shots, 4)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert sum(steps) == 12


def law_of(vector: np.ndarray) -> np.ndarray:
    """(2^N settings, 2^N outcomes) of a state vector, by a Kronecker product for each setting."""
    turns = [np.array([[1, phase], [1, -phase]]) / np.sqrt(2) for phase in (1, -1j)]
    n = len(vector).bit_length() - 1
    words = itertools.product(turns, repeat=n)  # the last is qubit 0
    return np.array([abs(reduce(np.kron, word) @ vector) ** 2 for word in words])


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_an_asymmetric_state_follows_its_law(n: int) -> None:
    """chi^2 over all settings and outcomes, against Qiskit's state and Kronecker products."""
    circuit = scrambled(n, layers=3, reach=2)
    table = law_of(Statevector(circuit).data)
    shots = qbell.sample(circuit, qbell.schedule(n), shots=3000, seed=n)
    assert chi_squared_p(counts_of(shots), table) > 1e-4
    reversed_qubits = table.reshape((2,) * (2 * n)).transpose(
        *range(n - 1, -1, -1), *range(2 * n - 1, n - 1, -1)
    )
    with pytest.raises(AssertionError):  # a mirror image is seen
        assert chi_squared_p(counts_of(shots), reversed_qubits.reshape(2**n, 2**n)) > 1e-4


def test_what_cannot_happen_never_does() -> None:
    """With an even number of Y the parity of a GHZ state is certain."""
    shots = qbell.sample(qbell.ghz(5), qbell.schedule(5), shots=30_000, seed=1)
    ys = np.bitwise_count(shots.setting_index).astype(int)
    odd = np.bitwise_count(shots.outcome_index).astype(int) % 2
    certain = ys % 2 == 0
    assert certain.any()
    np.testing.assert_array_equal(odd[certain], (ys[certain] // 2) % 2)


@pytest.mark.parametrize("chance", [0.0, 2.0**-53, 0.5, BELOW_ONE])
@pytest.mark.parametrize("scale", [0.7, 1.0, 1 + 2.0**-52, 3.0])
def test_the_ends_of_random_numbers_meet_no_impossible_outcome(
    chance: float, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Impossible outcomes at the beginning, in the middle and at the end."""

    class Fixed:
        def random(self, shape: tuple[int, int]) -> np.ndarray:
            return np.full(shape, chance)

    table = np.array([[0, 0, 1e-17, 0.3, 0, 0.2, 0, 0.5 - 1e-17, 0, 0, 1e-300, 0, 0, 0, 0, 0]])
    monkeypatch.setattr(outcome_counts, "generator_at", lambda *_: Fixed())
    found = draw_counts(lambda _: scale * table, 4, [np.array([0])], 3, 0, step=1)
    assert found.counts.tolist() == [3]
    assert table[0, packed(found.bits)].all()


def test_mean_and_variance_of_e_n_0() -> None:
    """GHZ: sum_s i^(Ys) <x_s> / 2^N is 1/2 + i w, w of mean 0 and variance 1 / (2^(N+1) shots)."""
    n, shots, times = 3, 20, 2000
    schedule = qbell.schedule(n)
    many = replace(schedule, directions=np.tile(schedule.directions, (times, 1)))
    data = draw_outcomes(qbell.ghz(n).circuit(), many, shots, seed=1)
    signed = (1 - 2.0 * (data.bits.sum(axis=1) % 2)) * data.counts
    ys = many.directions.sum(axis=1)
    means = 1j**ys * np.bincount(data.rows, signed) / shots
    found = means.reshape(times, 2**n).mean(axis=1)
    np.testing.assert_allclose(found.real, 0.5, atol=1e-12)
    scaled = found.imag * np.sqrt(2 ** (n + 1) * shots)
    assert 2 * norm.sf(abs(scaled.sum()) / np.sqrt(times)) > 1e-4
    square = float(scaled @ scaled)
    assert 2 * min(chi2.sf(square, times), chi2.cdf(square, times)) > 1e-4


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_packed_columns_are_digits(bits: int, rng: np.random.Generator) -> None:
    for columns in (1, 3, 8, 62 // bits):
        values = rng.integers(0, 2**bits, (20, columns)).astype(np.uint8)
        slow = [sum(int(v) << bits * k for k, v in enumerate(row)) for row in values]
        assert packed(values, bits).tolist() == slow
        assert len(set(row_numbers(values).tolist())) == len(set(slow))
