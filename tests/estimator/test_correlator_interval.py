"""The law of |c|^2 behind the intervals of single correlators."""

import numpy as np
import pytest
from scipy.stats import ncx2, norm

from qbell.estimator.intervals import correlator_interval as squared_modulus
from qbell.estimator.intervals.correlator_interval import (
    exceed,
    intervals,
    squared_modulus_below,
)


@pytest.mark.parametrize("modulus", [0.0, 0.02, 0.1, 0.5])
@pytest.mark.parametrize("square", [1e-6, 0.004, 0.04, 0.3])
def test_equal_scatter_is_noncentral_chi_squared(modulus: float, square: float) -> None:
    sigma = 0.05
    found = squared_modulus_below(square, modulus, sigma, sigma)
    expected = ncx2.cdf(square / sigma**2, 2, (modulus / sigma) ** 2)
    assert found == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize(("along", "across"), [(0.1, 0.02), (0.02, 0.1), (0.003, 0.2), (0.2, 1e-4)])
def test_unequal_scatter_by_simulation(
    along: float, across: float, rng: np.random.Generator
) -> None:
    """200,000 draws, 5 standard errors: a false alarm in 2 million."""
    modulus, square = 0.3, 0.11
    draws = rng.normal(modulus, along, 200_000) ** 2 + rng.normal(0, across, 200_000) ** 2
    expected = np.mean(draws <= square)
    found = squared_modulus_below(square, modulus, along, across)
    assert abs(found - expected) < 5 * 0.5 / np.sqrt(200_000)


def interval(square: float, along: float, across: float) -> tuple[float, float]:
    ends = squared_modulus.intervals(
        np.array([square]), np.array([along]), np.array([across]), 0.95
    )
    return float(ends[0, 0]), float(ends[0, 1])


def test_far_from_zero_it_is_the_normal_interval() -> None:
    low, high = interval(0.25, 1e-4, 1e-4)
    width = norm.ppf(0.975) * 1e-4
    assert low == pytest.approx((0.5 - width) ** 2, abs=3e-8)
    assert high == pytest.approx((0.5 + width) ** 2, abs=3e-8)


# Without an edge, where chance brings c_hat to 0, the interval would shrink to [0, 0.08 sigma^2]:
# the lower tail allowed near zero is almost none, as is the probability of so small a |c_hat|^2.
def test_near_zero_it_starts_at_zero_and_never_shrinks_to_a_point() -> None:
    for square in (0.0, 1e-9, 1e-5):
        low, high = interval(square, 0.01, 0.01)
        assert low == 0.0
        assert high > 2e-4


DISTANCES = [(0, 1, 1), (0.3, 1, 1), (1, 1, 1), (2.5, 1, 1), (6, 1, 0.2), (2, 0.3, 1), (1.5, 1, 3)]


@pytest.mark.statistics
@pytest.mark.parametrize(("modulus", "along", "across"), DISTANCES)
def test_coverage_at_all_distances_from_zero(
    modulus: float, along: float, across: float, rng: np.random.Generator
) -> None:
    """4000 draws: 0.95 less 4.4 standard errors is 0.935, for each limit by itself too."""
    x = rng.normal(modulus, along, 4000)
    y = rng.normal(0, across, 4000)
    errors = np.full(4000, along * 1.0), np.full(4000, across * 1.0)
    ends = squared_modulus.intervals(x**2 + y**2, *errors, 0.95)
    coverage = np.mean((ends[:, 0] <= modulus**2) & (modulus**2 <= ends[:, 1]))
    assert 0.935 < coverage <= 0.985
    below, above = squared_modulus.limits(x**2 + y**2, *errors, 0.95).T
    assert np.mean(below <= modulus**2) > 0.935
    assert np.mean(modulus**2 <= above) > 0.935
    if modulus > 0:  # at 0 every upper limit holds, and may
        assert np.mean(below <= modulus**2) < 0.965


def test_limits_of_no_signal_stay_above_zero() -> None:
    """Chance that brings c_hat to 0 must not bring its upper limit there."""
    below, above = squared_modulus.limits(np.zeros(1), np.full(1, 0.01), np.full(1, 0.01), 0.95)[0]
    assert below == 0.0
    assert above > 1e-4


def test_one_sided_limits_are_tighter_than_the_interval_far_from_zero() -> None:
    low, high = interval(0.25, 0.01, 0.01)
    errors = np.full(1, 0.01), np.full(1, 0.01)
    below, above = squared_modulus.limits(np.array([0.25]), *errors, 0.95)[0]
    assert low < below < 0.25 < above < high
    same = squared_modulus.limits(np.array([0.25]), *errors, 0.975)[0]
    assert same == pytest.approx((low, high), rel=1e-6)  # equal tails


def test_intervals_of_higher_confidence_hold_those_of_lower(rng: np.random.Generator) -> None:
    squares = rng.exponential(1e-4, 50)
    along, across = rng.uniform(0.002, 0.02, (2, 50))
    before = squared_modulus.intervals(squares, along, across, 0.5)
    for confidence in (0.8, 0.95, 0.999, 1 - 1e-7):
        ends = squared_modulus.intervals(squares, along, across, confidence)
        assert (ends[:, 0] <= before[:, 0] + 1e-15).all()
        assert (ends[:, 1] >= before[:, 1] - 1e-15).all()
        before = ends


def test_exceed_is_where_the_lower_end_exceeds(rng: np.random.Generator) -> None:
    """One integral each instead of the end itself; near and far from 0, scatter of any shape."""
    along = 10 ** rng.uniform(-2, 0, 400)
    across = along * 10 ** rng.uniform(-1, 1, 400)
    away = rng.choice([0.0, 1.0, 3.0, 10.0], 400)
    noise = rng.normal(size=(2, 400))
    squares = (away * along + along * noise[0]) ** 2 + (across * noise[1]) ** 2
    for confidence in (0.5, 0.95, 1 - 1e-6):
        low = intervals(squares, along, across, confidence)[:, 0]
        for values in (np.zeros(400), low * (1 - 1e-6), low * (1 + 1e-6), squares / 2, squares):
            found = exceed(squares, along, across, values, confidence)
            assert found.tolist() == (low > values).tolist()
