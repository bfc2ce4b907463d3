"""Intervals for a sum of squares: closed forms, the split of the tails, and coverage."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from qbell.estimator.intervals import correlator_interval as squared_modulus
from qbell.estimator.intervals.bound_interval import (
    Deviations,
    SamplingDistribution,
    distribution_of,
    linear_slope,
    rate,
    tail_split,
)
from tests.conftest import Repeats

Floats = NDArray[np.float64]


def normal_law(value: float, slope: float, size: int = 20_001) -> SamplingDistribution:
    """Variance slope B around B, nothing quadratic; the unit normal by its quantiles."""
    unit = norm.ppf((np.arange(size) + 0.5) / size)
    return SamplingDistribution(value, unit / unit.std(), np.zeros(size), slope)


def tails_by_hand(m: float, confidence: float, step: float = 2e-4) -> float:
    """Feldman and Cousins by brute force: take x by likelihood ratio until they hold enough."""
    x = np.arange(m - 9, m + 9, step)
    ratio = np.where(x > 0, -0.5 * (x - m) ** 2, x * m - 0.5 * m**2)
    order = np.argsort(-ratio)
    chance = norm.pdf(x - m) * step
    taken = order[: 1 + int(np.searchsorted(np.cumsum(chance[order]), confidence))]
    return float(norm.cdf(x[taken].min() - m))


@pytest.mark.parametrize("confidence", [0.68, 0.95, 0.999])
def test_tails_are_those_of_feldman_and_cousins(confidence: float) -> None:
    grid, tails = tail_split(confidence)
    for m in (0.1, 0.4, 1.0, 1.6, 3.0):
        expected = tails_by_hand(m, confidence)
        assert np.interp(m, grid, tails) == pytest.approx(expected, abs=3e-4)


def test_far_from_zero_it_is_the_normal_interval_with_its_own_variance() -> None:
    """B_0 with |U - B_0| = z sqrt(slope B_0): a quadratic equation."""
    value, slope = 16.0, 0.01
    low, high = normal_law(value, slope).interval(0.95)
    z = norm.ppf(0.975)
    half = z * math.sqrt(slope) / 2
    assert low == pytest.approx((math.sqrt(value + half**2) - half) ** 2, rel=1e-4)
    assert high == pytest.approx((math.sqrt(value + half**2) + half) ** 2, rel=1e-4)
    assert normal_law(value, slope).standard_error == pytest.approx(0.4, rel=1e-6)
    limits = (
        normal_law(value, slope).lower_limit(0.975),
        normal_law(value, slope).upper_limit(0.975),
    )
    assert limits == pytest.approx((low, high), rel=1e-6)


# At the least value, -1, the interval would be [0, 0] without its edge, in 0.5 to 3 % of the data
# sets of a maximally mixed state.
def test_nothing_below_zero_and_never_a_point() -> None:
    rng = np.random.default_rng(1)
    second = rng.chisquare(2, 4000) * 0.5 - 1  # one correlator of no signal, both variances 1/2
    for value in (0.7, 0.0, -0.5, -0.9, -1.0):
        law = SamplingDistribution(value, rng.normal(size=4000), second, 2.0)
        low, high = law.interval(0.95)
        assert low == 0.0
        assert law.upper_limit(0.95) > 3.0
        assert high > 3.0, value


@pytest.mark.parametrize("modulus", [0.0, 1.0, 3.0, 10.0])
def test_one_correlator_agrees_with_its_exact_law(modulus: float) -> None:
    """U = |c_hat|^2 - 2, c_hat normal around c with variance 1 in each direction.

    Told the slope and the unit scatter; then what is left is the split of tails, which is that of a
    normal estimate and not quite that of this law.
    """
    rng = np.random.default_rng(2)
    shift = rng.normal(size=(20_000, 2))
    second = (shift**2).sum(axis=1) - 2
    law = SamplingDistribution(modulus**2 + 1.0 - 0.5, shift[:, 0], second, 4.0)
    seen = law.value + 2
    one = np.ones(1)
    expected = squared_modulus.intervals(np.array([seen]), one, one, 0.95)[0]
    assert law.interval(0.95) == pytest.approx(tuple(expected), abs=0.6, rel=0.03)
    below, above = squared_modulus.limits(np.array([seen]), one, one, 0.95)[0]
    assert law.lower_limit(0.95) == pytest.approx(below, abs=0.1, rel=0.03)
    if modulus > 1:
        assert law.upper_limit(0.95) == pytest.approx(above, rel=0.03)


def resampled(
    found: Floats, weights: Floats, sigma: Floats, rng: np.random.Generator
) -> SamplingDistribution:
    """What the bootstrap sees: c_hat shifted again by noise of the same law; 400 resamples."""
    shift = rng.normal(size=(400, len(found))) * sigma
    plug_in = float(weights @ found**2)
    first = 2 * shift @ (weights * found)
    second = shift**2 @ weights - float(weights @ sigma**2)
    return distribution_of(plug_in - float(weights @ sigma**2), first - first.mean(), second)


SHAPES = {
    "one": ([1.0], [1.0]),  # a single real number: less than any correlator, which has two parts
    "two alike": ([1.0, 1.0], [1.0, 1.0]),
    "many alike": ([1.0] * 30, [1.0] * 30),
    "many, one large": ([1.0] * 30, [5.0] + [0.5] * 29),
}


@pytest.mark.statistics
@pytest.mark.parametrize("scale", [0.0, 0.5, 1.5, 5.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_coverage_of_sums_of_squares(
    shape: str, scale: float, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Many data sets; 0.95 less 3.5 standard errors: a false alarm in 1 of 2000.

    Of one real number alone the two-sided interval holds the truth in 0.90 only, near its error.
    """
    size = len(SHAPES[shape][0])
    weights, sigma = np.ones(size), np.array(SHAPES[shape][1])
    truth = np.zeros(size)
    truth[0] = scale * sigma[0]
    truth[1:] = scale * sigma[1:] / math.sqrt(size)
    bound = float(weights @ truth**2)
    hits = np.zeros(3)
    runs = repeats(120, 400)
    for _ in range(runs):
        law = resampled(truth + rng.normal(size=size) * sigma, weights, sigma, rng)
        low, high = law.interval(0.95)
        hits += [
            low <= bound <= high,
            law.lower_limit(0.95) <= bound,
            bound <= law.upper_limit(0.95),
        ]
    chances = np.array([0.90 if shape == "one" else 0.95, 0.95, 0.95])
    lowest = chances - 3.5 * np.sqrt(chances * (1 - chances) / runs)
    assert (hits / runs > lowest).all(), hits / runs


def test_the_variance_of_a_parity_falls_as_it_nears_one(rng: np.random.Generator) -> None:
    """B = c^2 of a parity of mean c: L = 4 B (1 - B) / 200 of 200 shots, dL/dB = 4 (1 - 2 B) / 200.

    5 standard errors of a third moment from 100,000 resamples.
    """
    for c in (0.3, 0.8, 0.95):
        shift = 2 * rng.binomial(200, (1 + c) / 2, 100_000) / 200 - 1 - c
        first, second = 2 * c * shift, shift**2 - shift.var()
        expected = 4 * (1 - 2 * c**2) / 200
        noise = 2 * c * math.sqrt(6e-5 * (1 - c**2) / 200)
        assert rate(first, second) == pytest.approx(expected, abs=6 * noise)


@pytest.mark.statistics
def test_the_limit_holds_where_the_error_follows_the_estimate(rng: np.random.Generator) -> None:
    """Noise in heavy directions, signal in light ones: 700 data sets, 4 standard errors from 0.

    There the variance goes with the estimate. The upper limit held the truth in 0.87; now 0.95 less
    3.6 standard errors is 0.92.
    """
    weights, sigma = np.repeat([8.0, 1.0], [3, 27]), np.ones(30)
    truth = np.repeat([0.0, 2.122], [3, 27])
    bound = float(weights @ truth**2)
    hits = np.zeros(2)
    for _ in range(700):
        law = resampled(truth + rng.normal(size=30), weights, sigma, rng)
        hits += [law.quantile(bound, 0.05) < law.value, law.value < law.quantile(bound, 0.95)]
    assert (hits / 700 > 0.92).all(), hits / 700


def test_the_error_goes_with_the_estimate_at_the_rate_that_is_allowed_for(
    rng: np.random.Generator,
) -> None:
    """The regression of the linear variance on the estimate, 4000 data sets in closed form."""
    weights = np.repeat([8.0, 1.0], [3, 27])
    truth = np.repeat([0.0, 2.122], [3, 27])
    found = truth + rng.normal(size=(4000, 30))
    value = found**2 @ weights - weights.sum()
    linear = 4 * (found**2 @ weights**2 - (weights**2).sum())
    slope = np.cov(linear, value)[0, 1] / value.var()
    shift = rng.normal(size=(20_000, 30))
    seen = 2 * shift @ (weights * found[0]), shift**2 @ weights - weights.sum()
    assert rate(*seen) == pytest.approx(slope, rel=0.15)


def test_the_slope_of_one_correlator_is_four_variances(rng: np.random.Generator) -> None:
    """With and without signal: U = c^2 + 2 c d + d^2 - v has linear variance 4 v B."""
    shift = rng.normal(size=200_000)
    for c in (0.0, 3.0, 30.0):
        seen = c if c else 1.0  # no signal: |c_hat| is of the size of the noise
        found = linear_slope(c**2, 2 * seen * shift, shift**2 - 1)
        assert found == pytest.approx(4.0, rel=0.3 if c else 1.01)


def test_laws_of_orders_add_up_to_that_of_all(rng: np.random.Generator) -> None:
    first, second = rng.normal(size=(2, 400, 4))
    deviations = Deviations(np.arange(4.0), np.arange(4.0) + 0.1, first, second, 0.3)
    whole, parts = deviations.distribution(), [deviations.distribution(order) for order in range(4)]
    assert whole.value == pytest.approx(sum(part.value for part in parts))
    np.testing.assert_allclose(whole.second, sum(part.second for part in parts))
    assert deviations.degenerate


def test_nothing_that_scatters_gives_a_point() -> None:
    law = distribution_of(2.0, np.zeros(50), np.zeros(50))
    assert law.interval(0.95) == pytest.approx((2.0, 2.0))
    assert law.standard_error == 0.0
