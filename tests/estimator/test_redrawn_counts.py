"""Counts drawn anew are multinomial, exactly, on both ways."""

import numpy as np
import pytest
from scipy.stats import chi2, multinomial, poisson

from qbell.estimator.intervals.redrawn_counts import Counts, _poisson, prepare, redraw
from tests.util.test_alias_tables import probabilities


def redrawn(counts: Counts, setting: int, times: int, rng: np.random.Generator) -> np.ndarray:
    rows = np.zeros((times, counts.starts[setting + 1] - counts.starts[setting]), dtype=np.int64)
    for row in rows:
        redraw(rng, counts, setting, row)
    return rows


def test_poisson_tables_hold_scipys_probabilities() -> None:
    means = np.array([1e-3, 0.3, 0.96, 7.5, 99.2, 961.0])
    starts, own, values = _poisson(means)
    for mean, first, end in zip(means, starts[:-1], starts[1:], strict=True):
        numbers = values[2 * first : 2 * end]
        found = probabilities(own[first:end], numbers - numbers[0])
        k = numbers[0] + np.arange(end - first)
        assert np.abs(found - poisson.pmf(k, mean)).max() < 1e-14 * max(1.0, mean)
        assert poisson.cdf(k[0] - 1, mean) + poisson.sf(k[-1], mean) < 1e-17


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("observed", [(4, 3, 1), (6, 2), (1, 1, 1, 1)])
def test_small_counts_have_the_multinomial_distribution(
    observed: tuple[int, ...], at_once: bool, rng: np.random.Generator
) -> None:
    given = np.array([2, 9, *observed])  # as a second setting
    counts = prepare(given, np.array([0, 2, len(given)]))
    counts = counts._replace(at_once=np.array([at_once, at_once]))
    times, shots = 6_000, sum(observed) - 1
    rows = redrawn(counts, 1, times, rng)
    assert (rows.sum(axis=1) == shots).all()
    different, found = np.unique(rows, axis=0, return_counts=True)
    expected = times * multinomial.pmf(different, shots, np.array(observed) / sum(observed))
    # Outcomes that come seldom or never are one class.
    often = expected > 10
    rest = times - expected[often].sum()
    parts = (found[often] - expected[often]) ** 2 / expected[often]
    distance = parts.sum() + (times - found[often].sum() - rest) ** 2 / max(rest, 1e-9)
    assert chi2.sf(distance, often.sum()) > 1e-6


def test_large_counts_have_its_means_and_covariances(rng: np.random.Generator) -> None:
    given = np.array([5, 4000, 1, 2500, 700])  # 4000 and 2500 in pieces
    counts = prepare(given, np.array([0, len(given)]))
    assert counts.at_once.all()
    times, shots = 6_000, given.sum() - 1
    rows = redrawn(counts, 0, times, rng)
    shares = given / given.sum()
    covariances = shots * (np.diag(shares) - np.outer(shares, shares))
    errors = np.sqrt(np.diag(covariances) / times)
    assert (rows.sum(axis=1) == shots).all()
    assert (np.abs(rows.mean(axis=0) - shots * shares) <= 6 * errors).all()
    scale = np.sqrt(np.outer(np.diag(covariances), np.diag(covariances)))
    assert (np.abs(np.cov(rows.T) - covariances) <= 6 * scale * np.sqrt(2 / times)).all()


def test_many_shots_are_few_pieces() -> None:
    given = np.array([10**12, 1, 3 * 10**12])
    counts = prepare(given, np.array([0, 3]))
    assert len(counts.outcomes) < 2 * 10**6
    drawn = np.zeros(3, dtype=np.int64)
    redraw(np.random.default_rng(1), counts, 0, drawn)
    assert drawn.sum() == given.sum() - 1
    assert abs(drawn[0] - 1e12) < 1e7
