"""The law of |c|^2 behind the intervals of single correlators."""

import numpy as np
import pytest
from scipy.stats import ncx2, norm

from qbell.estimator.squared_modulus import (
    FACTORS,
    NODES,
    squared_modulus_below,
    squared_modulus_intervals,
)


@pytest.mark.parametrize("modulus", [0.0, 0.02, 0.1, 0.5])
@pytest.mark.parametrize("square", [1e-6, 0.004, 0.04, 0.3])
def test_equal_scatter_is_noncentral_chi_squared(modulus: float, square: float) -> None:
    sigma = 0.05
    found = squared_modulus_below(square, modulus, sigma, sigma, NODES, FACTORS)
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
    found = squared_modulus_below(square, modulus, along, across, NODES, FACTORS)
    assert abs(found - expected) < 5 * 0.5 / np.sqrt(200_000)


def interval(square: float, along: float, across: float) -> tuple[float, float]:
    ends = squared_modulus_intervals(
        np.array([square]), np.array([along]), np.array([across]), 0.95, NODES, FACTORS
    )
    return float(ends[0, 0]), float(ends[0, 1])


def test_far_from_zero_it_is_the_normal_interval() -> None:
    low, high = interval(0.25, 1e-4, 1e-4)
    width = norm.ppf(0.975) * 1e-4
    assert low == pytest.approx((0.5 - width) ** 2, abs=3e-8)
    assert high == pytest.approx((0.5 + width) ** 2, abs=3e-8)


def test_near_zero_it_starts_at_zero_and_never_shrinks_to_a_point() -> None:
    for square in (0.0, 1e-9, 1e-5):
        low, high = interval(square, 0.01, 0.01)
        assert low == 0.0
        assert high > 2e-4


def test_coverage_at_all_distances_from_zero(rng: np.random.Generator) -> None:
    """2000 draws a case; 0.95 less 4.1 standard errors is 0.93."""
    for modulus, along, across in [(0, 1, 1), (1, 1, 1), (2.5, 1, 1), (6, 1, 0.2), (2, 0.3, 1)]:
        x = rng.normal(modulus, along, 2000)
        y = rng.normal(0, across, 2000)
        ends = squared_modulus_intervals(
            x**2 + y**2,
            np.full(2000, along * 1.0),
            np.full(2000, across * 1.0),
            0.95,
            NODES,
            FACTORS,
        )
        coverage = np.mean((ends[:, 0] <= modulus**2) & (modulus**2 <= ends[:, 1]))
        assert 0.93 < coverage <= 0.99, (modulus, along, across)
