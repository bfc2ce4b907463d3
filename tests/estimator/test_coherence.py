"""Coherence, population, fidelity and N^2 C^2/P: values, coverage, and the edges."""

import numpy as np
import pytest

import qbell
from qbell.estimator.coherence import CoherenceEstimates
from qbell.estimator.intervals.mean_interval import BinomialMean
from qbell.exact import coherence_values, qfi
from tests.designs.test_even import random_density
from tests.support.simulated import white_noise_ghz

KEYS = ("coherence", "population", "fidelity", "qfi_ghz")


def estimates(
    ups: float, trials: int, inside: float, along_xi: int, charge: int = 4
) -> dict[str, qbell.Estimate]:
    coherence = BinomialMean(ups, trials, low=-1.0)
    return CoherenceEstimates(coherence, BinomialMean(inside, along_xi), charge, 0.95).estimates()


def test_the_bound_never_exceeds_the_qfi(rng: np.random.Generator) -> None:
    """Random density matrices, and mixtures with GHZ; tight for GHZ with white noise."""
    for noise in (0.0, 0.3, 0.9, 1.0):
        for size in (2, 3):
            mixed = noise * random_density(size, rng) + (1 - noise) * white_noise_ghz(size, 0)
            assert coherence_values(mixed)["qfi_ghz"] <= qfi(mixed) + 1e-9
    white = white_noise_ghz(4, 0.4)
    assert coherence_values(white)["qfi_ghz"] == pytest.approx(qfi(white))


def test_values_of_given_counts() -> None:
    found = estimates(750, 1000, 400, 500)
    assert found["coherence"].value == pytest.approx(0.5)
    assert found["population"].value == pytest.approx(0.8)
    assert found["fidelity"].value == pytest.approx(0.65)
    assert found["qfi_ghz"].value == pytest.approx(16 * 0.25 / 0.8, rel=0.005)
    for one in found.values():
        assert one.low < one.lower_limit < one.value < one.upper_limit < one.high
        assert not one.degenerate


def test_population_enters_from_above_and_from_below() -> None:
    """More shots of P alone: the fidelity's lower end rises, and so does that of the QFI bound."""
    few, many = estimates(750, 1000, 40, 50), estimates(750, 1000, 40_000, 50_000)
    for key in ("fidelity", "qfi_ghz"):
        assert many[key].lower_limit > few[key].lower_limit
    less, more = estimates(750, 1000, 350, 500), estimates(750, 1000, 450, 500)
    assert more["fidelity"].lower_limit > less["fidelity"].lower_limit
    assert more["qfi_ghz"].lower_limit < less["qfi_ghz"].lower_limit


@pytest.mark.parametrize("inside", [0, 3, 100])
@pytest.mark.parametrize("ups", [0, 1, 50, 100])
def test_edges_are_finite(ups: int, inside: int) -> None:
    for one in estimates(ups, 100, inside, 100).values():
        numbers = (one.value, one.standard_error, one.low, one.high, one.lower_limit)
        assert np.isfinite([*numbers, one.upper_limit]).all()
        assert one.low <= one.high
    found = estimates(ups, 100, inside, 100)["qfi_ghz"]
    assert 0 <= found.low <= found.high <= 16
    if ups <= 50:  # not above 0 along the phase that was fixed
        assert found.lower_limit == found.low == 0


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("size", "coherence", "population"),
    [(4, 0.7, 0.7375), (6, 0.6, 0.8), (60, 0.4, 0.62), (120, 0.125, 0.335), (4, 0.125, 0.125)],
)
def test_coverage(size: int, coherence: float, population: float, rng: np.random.Generator) -> None:
    """Both kinds of intervals, and limits, 1500 data sets each; more in docs/coverage.md."""
    truth = {
        "coherence": coherence,
        "population": population,
        "fidelity": (coherence + population) / 2,
        "qfi_ghz": size**2 * coherence**2 / population,
    }
    repeats, draws = 1500, 2000
    held = dict.fromkeys(KEYS, 0)
    above = dict.fromkeys(KEYS, 0)
    for _ in range(repeats):
        along_xi = int(rng.binomial(draws, 0.25))
        trials = draws - along_xi
        ups = rng.binomial(trials, (1 + coherence) / 2)
        found = estimates(ups, trials, rng.binomial(along_xi, population), along_xi, size)
        for key in KEYS:
            held[key] += found[key].low <= truth[key] <= found[key].high
            above[key] += found[key].lower_limit > truth[key]
    for key in KEYS:
        assert 0.93 <= held[key] / repeats <= 0.985, key
        assert above[key] / repeats <= 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5, key
