"""Limits of means: exact for counts, and Student's for others."""

import numpy as np
import pytest
from scipy import stats

from qbell.estimator.intervals.mean_interval import BinomialMean, ScatteredMean


@pytest.mark.parametrize("count", [0, 1, 7, 20])
def test_counts_as_clopper_and_pearson(count: int) -> None:
    exact = stats.binomtest(count, 20).proportion_ci(0.9, method="exact")
    assert BinomialMean(count, 20).limits(0.05) == pytest.approx((exact.low, exact.high))
    below, above = BinomialMean(count, 20, low=-1.0).limits(0.05)
    assert (below, above) == pytest.approx((2 * exact.low - 1, 2 * exact.high - 1))


def test_each_limit_holds_at_every_probability() -> None:
    limits = np.array([BinomialMean(count, 30).limits(0.05) for count in range(31)])
    for chance in np.linspace(0, 1, 41):
        law = stats.binom.pmf(np.arange(31), 30, chance)
        assert law[limits[:, 0] > chance + 1e-12].sum() <= 0.05 + 1e-12
        assert law[limits[:, 1] < chance - 1e-12].sum() <= 0.05 + 1e-12


def test_variance_is_unbiased_and_never_zero() -> None:
    law = stats.binom.pmf(np.arange(101), 100, 0.3)
    means = [BinomialMean(count, 100) for count in range(101)]
    assert law @ [one.value for one in means] == pytest.approx(0.3)
    assert law @ [one.variance for one in means] == pytest.approx(0.3 * 0.7 / 100)
    assert means[0].variance > 0
    assert means[0].conservative
    assert not means[30].conservative


def test_numbers_as_student() -> None:
    values = np.array([0.2, 0.4, 0.1, 0.9])
    mean = ScatteredMean(values, 0.0)
    expected = stats.t.interval(0.9, 3, values.mean(), stats.sem(values))
    found = mean.limits(0.05)
    assert found == pytest.approx((max(expected[0], -1), min(expected[1], 1)))
    assert not mean.conservative
    assert ScatteredMean(np.ones(4), 0.01).conservative
    assert ScatteredMean(np.ones(4), 0.01).limits(0.05)[1] == 1.0
