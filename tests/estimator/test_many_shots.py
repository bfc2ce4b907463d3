"""Data sets of very many shots: faster ways, which have to say the same."""

import hashlib
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import qbell
from qbell.estimator.k1.bundles import bundled, split
from qbell.estimator.moments.algebra import SPANS, algebra_of
from qbell.estimator.moments.dealt import dealt
from qbell.estimator.moments.word_means import rows_of
from qbell.shots.shots import Shots

ESTIMATE = import_module("qbell.estimator.estimate")
MOMENTS = import_module("qbell.estimator.moments.moment_bound")


def full(num_qubits: int, shots: int, seed: int) -> Shots:
    state = qbell.ising(num_qubits, -1.0)
    return qbell.sample(state, qbell.schedule(num_qubits), shots=shots, seed=seed)


def test_dealt_shots_are_bundled() -> None:
    """In one bundle the same numbers; in several each shot is in one, as evenly as can be."""
    shots = full(4, 301, 2)
    rng = np.random.default_rng(1)
    algebras = [algebra_of(span, 4, 2) for span in SPANS if span.order < 3]
    for count in (1, 7):
        cards = dealt(shots, algebras, count, np.random.SeedSequence(3))
        rows = rows_of(shots, bundled(shots, count, rng))
        for algebra in algebras:
            (sums, seen), (others, also) = cards.sums_of(algebra), rows.sums_of(algebra)
            np.testing.assert_allclose(seen, also, atol=1e-12)
            spread = 0.0 if count == 1 else 5 * 7 / (43 * 4.0)
            np.testing.assert_allclose(sums, others, atol=1e-12 + spread)
            # Bundles of 43 and no more shots: their mean is that of all.
            np.testing.assert_allclose(sums.mean(axis=0), others.mean(axis=0), atol=1e-12 + spread)
            values = rng.normal(size=len(algebra.x)) * (rng.random(len(algebra.x)) < 0.7)
            some = np.arange(count) % 2 == 0
            flips = (each.flips_of(algebra, values, some) for each in (cards, rows))
            np.testing.assert_allclose(*flips, rtol=1e-10 if count == 1 else 0.2)
        again = dealt(shots, algebras, count, np.random.SeedSequence(3))
        np.testing.assert_array_equal(cards.sums_of(algebras[0])[0], again.sums_of(algebras[0])[0])


def test_the_bound_of_dealt_shots(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same estimate, but for which shots were held out."""
    shots = full(4, 4000, 4)
    one = qbell.estimate(shots, resamples=60, seed=1).moments.bound
    monkeypatch.setattr("qbell.estimator.moments.dealt.MANY_SHOTS", 1)
    other = qbell.estimate(shots, resamples=60, seed=1).moments.bound
    assert one is not None
    assert other is not None
    assert one.value != other.value
    assert abs(one.value - other.value) < 5 * one.standard_error
    assert 0.7 < one.standard_error / other.standard_error < 1.4


def test_split_shots_are_those_of_a_shuffled_pile() -> None:
    """Means, variances and covariances of what a bundle gets; 5 standard errors, 12 numbers."""
    counts, bundles, runs = np.array([700, 200, 101]), 4, 4000
    rng = np.random.default_rng(5)
    numbers = np.array([split(rng, counts, bundles) for _ in range(runs)])
    np.testing.assert_array_equal(numbers.sum(axis=1), np.tile(counts, (runs, 1)))
    np.testing.assert_array_equal(numbers.sum(axis=2), np.tile([251, 250, 250, 250], (runs, 1)))
    share, total = counts / 1001, 1001
    for bundle, size in ((0, 251), (3, 250)):
        got = numbers[:, bundle]
        known = size * (total - size) / (total - 1) * (np.diag(share) - np.outer(share, share))
        error = np.sqrt(np.diag(known) / runs)
        assert (abs(got.mean(axis=0) - size * share) < 5 * error).all()
        np.testing.assert_allclose(np.cov(got.T), known, atol=5 * known.max() * np.sqrt(2 / runs))


def test_counts_of_millions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same from both ways; 2 % below the state, as penalties hold operators back."""
    state = qbell.ising(3, -1.0)
    truth = qbell.exact.moment_bound(state, order=2)
    shots = qbell.sample(state, qbell.schedule(3), shots=2 * 10**6, seed=7)
    values = []
    for dealing in (True, False):
        monkeypatch.setattr(MOMENTS, "deals", lambda _, dealing=dealing: dealing)
        bound = qbell.estimate(shots, resamples=60, seed=1).moments.bound
        assert bound is not None
        assert bound.standard_error < 0.01
        assert 0.97 * truth < bound.value < truth
        values.append(bound.value)
    assert 0 < abs(values[0] - values[1]) < 0.05  # which shots were held out
    more = replace(shots, counts=shots.counts * 600)
    notes = qbell.estimate(more, resamples=60, seed=1).moments.notes
    said = "no moment bound: a setting has 1,200,000,000 shots, and fewer than 1,000,000,000 can"
    assert any(note.startswith(said) for note in notes)


def seed_of_rows(shots: Shots) -> int:
    """The naive twin: all rows sorted, column by column."""
    rows = np.concatenate([shots.directions, shots.bits], axis=1)
    draws = np.zeros(len(rows), dtype=np.int64) if shots.draws is None else shots.draws
    order = np.lexsort((*rows.T, draws))
    rows, draws, counts = rows[order], draws[order], shots.counts[order]
    new = (rows[1:] != rows[:-1]).any(axis=1) | (draws[1:] != draws[:-1])
    first = np.flatnonzero(np.concatenate([[True], new]))
    digest = hashlib.sha256()
    for part in (rows[first], draws[first], np.add.reduceat(counts, first)):
        digest.update(np.ascontiguousarray(part).astype("<i8").tobytes())
    return int.from_bytes(digest.digest()[:8], "little")


def test_the_order_of_rows_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in small data sets nor in those that are put in order first."""
    monkeypatch.setattr(ESTIMATE, "HASHED", 5)
    how: dict[str, Any] = {"draws": 30, "seed": 1}
    for num_qubits, design in ((3, "random"), (3, "random3"), (40, "even")):
        settings = qbell.schedule(num_qubits, design, **how)
        shots = qbell.sample(qbell.ghz(num_qubits), settings, shots=3, seed=2)
        assert ESTIMATE.data_seed(shots) == seed_of_rows(shots)
    shots = full(3, 40, 3)
    assert ESTIMATE.data_seed(shots) == seed_of_rows(shots)
    order = np.random.default_rng(1).permutation(len(shots.counts))
    mixed = shots.frame.iloc[order]
    plain = qbell.estimate(shots)
    monkeypatch.setattr(ESTIMATE, "MANY", 1)
    again = qbell.estimate(qbell.shots_from(mixed, design="full"))
    assert again.bound == plain.bound
    assert again.correlators.equals(plain.correlators)
    assert again.shots.total == shots.total


def test_files_are_written_in_parts(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shots = full(3, 40, 3)
    whole = shots.frame.assign(job=np.arange(len(shots.counts)) % 3)
    shots = qbell.shots_from(whole, design="full")
    monkeypatch.setattr("qbell.shots.shots.WRITTEN", 7)
    shots.to_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == whole.to_csv(index=False)
