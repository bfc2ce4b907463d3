"""m-separability from coherence and population: the limit, its exact test, and false claims."""

import itertools
from functools import cache

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

from qbell.certificates.coherence_counts import CoherenceCounts, coherence_counts
from qbell.certificates.phase_test import PhaseTest
from qbell.certificates.separability import fewest_groups
from qbell.certificates.separability_test import _chernoff, separability_p
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.exact import coherence_values
from tests.support.coherent import coherent_shots
from tests.support.simulated import white_noise_ghz


def limit(groups: int, population: float) -> float:
    """min[2^(1-m), (1 - P) 2^(1-m) / (1 - 2^(1-m))], the largest C."""
    a = 2.0 ** (1 - groups)
    return min(a, (1 - population) * a / (1 - a))


def counted(ups: float, trials: int, inside: float, along_xi: int) -> CoherenceCounts:
    values = np.array([1.0, -1.0])
    counts = np.array([ups, trials - ups], dtype=float)
    test = PhaseTest(values, np.ones(2), counts, float(trials + along_xi))
    return CoherenceCounts(test, inside, along_xi, 4)


def separable_state(
    sizes: tuple[int, ...], rng: np.random.Generator, near: float
) -> NDArray[np.complex128]:
    """A product of pure states of groups; ``near`` 0...0 and 1...1 of each."""
    psi = np.ones(1, dtype=complex)
    for size in sizes:
        part = (rng.normal(size=2**size) + 1j * rng.normal(size=2**size)) * (1 - near)
        part[[0, -1]] += rng.normal(size=2) + 1j * rng.normal(size=2)
        psi = np.kron(part / np.linalg.norm(part), psi)
    return psi


@pytest.mark.parametrize("sizes", [(1, 1), (1, 2), (2, 2), (1, 1, 1), (2, 1, 1), (1, 1, 1, 1)])
def test_no_mixture_of_products_exceeds_the_limit(
    sizes: tuple[int, ...], rng: np.random.Generator
) -> None:
    """Random pure products of m groups, and mixtures of different partitions of them."""
    groups, size = len(sizes), sum(sizes)
    for near in (0.0, 0.5, 1.0) * 40:
        rho = np.zeros((2**size, 2**size), dtype=complex)
        weights = rng.dirichlet(np.ones(3))
        for weight, order in zip(weights, itertools.permutations(sizes), strict=False):
            psi = separable_state(order, rng, near)
            values = coherence_values(psi)
            # C is real along the best phase.
            c = 2 * abs(psi[0] * psi[-1].conj())
            assert c <= limit(groups, values["population"]) + 1e-12
            rho += weight * np.outer(psi, psi.conj())
        rho /= np.trace(rho).real
        population = float((rho[0, 0] + rho[-1, -1]).real)
        assert 2 * abs(rho[0, -1]) <= limit(groups, population) + 1e-12


@pytest.mark.parametrize("groups", [2, 3, 5])
def test_the_limit_is_reached(groups: int) -> None:
    """|+>^m has C = a, P = a; |0>^m has C = 0, P = 1; mixtures lie on the line between."""
    a = 2.0 ** (1 - groups)
    plus, zero = np.full(2**groups, 2 ** (-groups / 2)), np.eye(2**groups)[0]
    for weight in (0.0, 0.3, 1.0):
        rho = weight * np.outer(plus, plus) + (1 - weight) * np.outer(zero, zero)
        values = coherence_values(rho)
        assert values["coherence"] == pytest.approx(limit(groups, values["population"]))
        assert (1 - a) * values["coherence"] + a * values["population"] == pytest.approx(a)


def test_white_noise_is_where_it_should_be() -> None:
    """GHZ with white noise is biseparable exactly where the fidelity is 1/2 or less."""
    for noise in (0.2, 0.5, 0.6):
        values = coherence_values(white_noise_ghz(3, noise))
        above = values["coherence"] > limit(2, values["population"])
        assert above == (values["fidelity"] > 0.5)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("groups", [2, 3, 6])
@pytest.mark.parametrize(("trials", "along_xi"), [(20, 6), (9, 15)])
def test_the_p_value_holds_exactly(groups: int, trials: int, along_xi: int) -> None:
    """P(p <= alpha) <= alpha at every point that the hypothesis allows, over all data sets."""
    p = np.array(
        [
            [separability_p(counted(u, trials, v, along_xi), groups) for v in range(along_xi + 1)]
            for u in range(trials + 1)
        ]
    )
    a = 2.0 ** (1 - groups)
    for population in np.linspace(0, 1, 12):
        edge = (1 - a * population) / (2 * (1 - a))
        for up in (edge, 0.8 * edge):
            law = np.outer(
                scipy.stats.binom.pmf(np.arange(trials + 1), trials, up),
                scipy.stats.binom.pmf(np.arange(along_xi + 1), along_xi, population),
            )
            for alpha in (0.2, 0.05, 0.025, 0.001):
                assert law[p <= alpha].sum() <= alpha + 1e-12
    assert p.min() < 0.01  # and it does reject


def test_chernoff_is_above_the_exact_tail() -> None:
    for ups, inside in ((450, 90), (480, 99), (430, 95)):
        counts = counted(ups, 600, inside, 100)
        a = 0.5
        found = 2 * (1 - a) * ups / 600 + a * inside / 100
        exact = separability_p(counts, 2)
        assert exact <= _chernoff(found, a, 600, 100) <= max(40 * exact, 1e-300)


@pytest.mark.slow
def test_groups_follow_from_the_numbers() -> None:
    """Of data at expectation: as few groups as C and P exclude, and all beyond."""
    for coherence, population, expected in ((0.7, 0.8, 2), (0.4, 0.5, 3), (0.15, 0.3, 4)):
        trials, along_xi = 40_000, 20_000
        counts = counted(
            round(trials * (1 + coherence) / 2), trials, round(along_xi * population), along_xi
        )
        fewest, p_value = fewest_groups(counts, 60, 0.025)
        assert fewest == expected
        assert p_value <= 0.025
        assert coherence > limit(expected, population)
        assert expected == 2 or coherence <= limit(expected - 1, population)


def test_labels_choose_the_words(rng: np.random.Generator) -> None:
    """(|01> + |10>)/sqrt(2): C and P are those of the label +-."""
    shots = coherent_shots(2, 1.0, 1.0, 200, rng)
    bits, twos = shots.bits.copy(), shots.directions == 1
    bits[:, 0] ^= 1  # X on qubit 0: flips outcomes of Y and Z
    bits[:, 0] ^= (shots.directions[:, 0] == 0).astype(np.uint8)
    assert twos.any()
    flipped = type(shots)(
        directions=shots.directions,
        bits=bits,
        counts=shots.counts,
        draws=shots.draws,
        design=shots.design,
        axis=shots.axis,
    )
    found = coherence_counts(flipped, TestedCorrelator("+-"))
    assert found.inside == found.along_xi
    assert found.ups == found.test.trials
    assert found.charge == 0
    assert coherence_counts(flipped, TestedCorrelator("++")).inside == 0


@cache
def p_of(ups: int, inside: int, groups: int) -> float:
    return separability_p(counted(ups, 24, inside, 6), groups)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("coherence", "population", "groups"),
    [
        (0.125, 0.125, 4),  # |+>^4
        (0.0, 1.0, 4),  # |0000>
        (0.0, 0.125, 4),  # mixed
        (0.25, 0.25, 3),  # three pairs, each (|00> + |11>)/sqrt(2)
        (0.5, 0.5, 2),
        (0.3, 0.7, 2),  # a mixture on the line
    ],
)
def test_false_claims(coherence: float, population: float, groups: int) -> None:
    """States that are separable into ``groups``: as few are claimed in 10 % at most, exactly."""
    false = 0.0
    for ups, inside in itertools.product(range(25), range(7)):
        rejected = all(p_of(ups, inside, m) <= 0.1 for m in range(4, groups - 1, -1))
        chance = scipy.stats.binom.pmf(ups, 24, (1 + coherence) / 2)
        false += rejected * chance * scipy.stats.binom.pmf(inside, 6, population)
        if ups == 24 and inside == 6:
            assert rejected
    assert false <= 0.1
