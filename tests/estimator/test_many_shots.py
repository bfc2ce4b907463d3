"""Data sets of very many shots: faster ways, which have to say the same."""

import hashlib
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import qbell
from qbell.estimator.k1.bundles import bundled
from qbell.estimator.moments.algebra import SPANS, algebra_of
from qbell.estimator.moments.dealt import dealt
from qbell.estimator.moments.word_means import rows_of
from qbell.shots.shots import Shots

ESTIMATE = import_module("qbell.estimator.estimate")


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
