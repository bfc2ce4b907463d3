"""Depths from drawn settings: no model with smaller groups passes, however few the draws."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from qbell.certificates import TestedCorrelator, certify
from qbell.certificates.bell_qubits import BELL_QUBITS
from qbell.certificates.deepest import deepest
from qbell.certificates.nonlocality_depth import NONLOCALITY_DEPTH
from qbell.certificates.p_value_bounds import binomial_p
from qbell.certificates.phase_test import PhaseTest, phase_test
from qbell.certificates.svetlichny_depth import SVETLICHNY_DEPTH, svetlichny_limit
from qbell.designs.schedule import schedule
from tests.certificates.test_local_realism import all_words, best_adversary, ghz_shots, shots_from
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    shots_of_schedule,
    white_noise_ghz,
)

FALSE_ALARM = 1e-5  # of each statistical check, by binomial tails
ALPHA = 0.025
PHASES = (0.0, np.pi / 2, np.pi / 4, -np.pi / 4, 0.3, 2.0)


def boxes(size: int) -> NDArray[np.int64]:
    """(2^(2^size), 2^size): every product of outcomes as a function of the group's settings."""
    return np.array(list(itertools.product((1, -1), repeat=2**size)))


def products(groups: tuple[int, ...]) -> NDArray[np.int64]:
    """(models, 2^N): product of all outcomes in each setting, groups answering by themselves."""
    words = all_words(sum(groups))
    found = np.ones((1, len(words)), dtype=np.int64)
    first = 0
    for size in groups:
        place = words[:, first : first + size] @ (1 << np.arange(size))
        found = (found[:, None] * boxes(size)[None, :, place]).reshape(-1, len(words))
        first += size
    return found


def correlators(groups: tuple[int, ...]) -> NDArray[np.complex128]:
    """(models,) c of each model."""
    factors = 1j ** all_words(sum(groups)).sum(axis=1)
    return products(groups) @ factors / len(factors)


@pytest.mark.parametrize(
    ("num_qubits", "size", "partitions"),
    [
        (3, 1, [(1, 1, 1)]),
        (3, 2, [(2, 1), (1, 1, 1)]),
        (4, 2, [(2, 2), (2, 1, 1), (1, 1, 1, 1)]),
        (4, 3, [(3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)]),
        (5, 3, [(3, 2), (2, 2, 1), (3, 1, 1)]),
    ],
)
def test_the_limit_of_any_boxes_is_that_of_all_models(
    num_qubits: int, size: int, partitions: list[tuple[int, ...]]
) -> None:
    """Every function of a group's settings, signalling ones included: the largest of all."""
    means = np.concatenate([np.unique(correlators(groups).round(12)) for groups in partitions])
    for phase in PHASES:
        largest = (np.exp(1j * phase) * means).real.max()
        assert svetlichny_limit(num_qubits, size, phase) == pytest.approx(largest, abs=1e-12)


def test_the_limit_at_a_quarter_of_a_right_angle() -> None:
    """Two and three groups reach sqrt(1/8), quantum mechanics 1/2; at phase 0 two groups do too."""
    for num_qubits, size in [(2, 1), (6, 3), (6, 5), (24, 23)]:
        for phase in (np.pi / 4, -np.pi / 4):
            assert svetlichny_limit(num_qubits, size, phase) == pytest.approx(math.sqrt(1 / 8))
        assert svetlichny_limit(num_qubits, size, 0.0) == pytest.approx(0.5)


@pytest.mark.parametrize(("ups", "trials", "chance"), [(30, 40, 0.6), (50, 50, 0.9), (3, 3, 0.5)])
def test_the_binomial_tail_against_scipy(ups: int, trials: int, chance: float) -> None:
    assert binomial_p(ups, trials, chance) == pytest.approx(
        stats.binom.sf(ups - 1, trials, chance), rel=1e-9
    )
    assert binomial_p(math.floor(trials * chance), trials, chance) == 1.0


# No model with memory passes.


def laws_of(correlator: complex, phase: float) -> tuple[list[float], list[float]]:
    """Values of x and their chances in one random setting, where c is known."""
    values: list[float] = []
    chances: list[float] = []
    parts = ((math.cos(phase), correlator.real), (-math.sin(phase), correlator.imag))
    for factor, part in parts:
        for sign in (1, -1):
            values.append(round(factor * sign, 12))
            chances.append((1 + sign * 2 * part) / 4)
    return values, chances


def best_chance(
    models: list[complex], limit: float, phase: float, trials: int, alpha: float
) -> float:
    """Largest chance of p <= alpha over all that choose one of the models anew for every shot."""
    values = np.array(laws_of(0, phase)[0])
    laws = np.array([laws_of(model, phase)[1] for model in models])
    kept = np.abs(values) > 1e-9
    if not kept.all():  # the two values 0 as one
        laws = np.column_stack([laws[:, kept], laws[:, ~kept].sum(axis=1)])
    says = values[kept]

    def p_value(counts: NDArray[np.float64]) -> float:
        counts = counts[: len(says)]
        return PhaseTest(says, np.abs(says), counts, float(trials)).p_value(limit)

    return best_adversary(p_value, laws, trials, alpha)


@pytest.mark.first_and_last
@pytest.mark.parametrize(
    ("phase", "trials"), [(0.0, 16), (np.pi / 2, 12), (-np.pi / 4, 9), (0.4, 7)]
)
@pytest.mark.parametrize("kind", ["quantum groups of N = 3", "any boxes in groups of 2 and 1"])
def test_no_model_with_memory_beats_the_depths(kind: str, phase: float, trials: int) -> None:
    """Exactly, backwards from the last shot: groups of quantum systems reach any phase of c."""
    if kind.startswith("quantum"):
        limit = 2 ** (-NONLOCALITY_DEPTH.limit(3, 2) / 2)
        models = [complex(limit * np.exp(1j * angle)) for angle in np.pi / 8 * np.arange(16)]
    else:
        limit = svetlichny_limit(3, 2, phase)
        models = [complex(c) for c in np.unique(correlators((2, 1)).round(12))]
    for alpha in (0.5, 0.1, 0.025):
        assert best_chance(models, limit, phase, trials, alpha) <= alpha * (1 + 1e-9)
    # The check can fail: against a limit that is too low there are models that get through.
    wrong = [best_chance(models, -limit, phase, trials, alpha) / alpha for alpha in (0.5, 0.1)]
    assert max(wrong) > 1


# Models that reach the limits, at few draws.


def ghz_beside_a_strategy(num_qubits: int) -> NDArray[np.float64]:
    """(settings, outcomes): a GHZ state of all qubits but the last, which always answers +1.

    c = (1/2) (1 + i)/2: the largest |c| of groups that leave one qubit out, at phase -pi/4.
    """
    inner = probabilities(white_noise_ghz(num_qubits - 1, 0.0))
    table = np.zeros((2**num_qubits, 2**num_qubits))
    table[:, : len(inner)] = np.tile(inner, (2, 1))
    return table


@pytest.mark.slow
@pytest.mark.parametrize(("draws", "shots"), [(20, 1), (60, 1), (100, 1), (300, 1), (60, 10)])
def test_depths_err_no_more_often_than_they_say(
    draws: int, shots: int, rng: np.random.Generator
) -> None:
    """A GHZ state of 3 beside a fixed answer, 300 runs at 2.5 %.

    Depths from the interval of E erred in 4.1 % at 100 draws.
    """
    table, runs, phase = ghz_beside_a_strategy(4), 300, -np.pi / 4
    false = 0
    for _ in range(runs):
        data = random_shots(table, draws, rng, shots=shots)
        test = phase_test(data, TestedCorrelator("++++", phase))
        found = {
            **BELL_QUBITS.of_test(test, 4, ALPHA),
            **NONLOCALITY_DEPTH.of_test(test, 4, ALPHA),
            **SVETLICHNY_DEPTH.of_test(test, 4, phase, ALPHA),
        }
        false += max(found[depth.key] for depth in (BELL_QUBITS, NONLOCALITY_DEPTH)) > 3
        false += found["svetlichny_depth"] > 3 and found["nonlocality_depth"] <= 3
    assert false <= stats.binom.isf(FALSE_ALARM, runs, ALPHA)


def test_the_lower_limit_of_e_is_of_no_account_where_settings_are_drawn(
    rng: np.random.Generator,
) -> None:
    direction = TestedCorrelator("++++", -np.pi / 4)
    shots = random_shots(ghz_beside_a_strategy(4), 100, rng)
    found = [certify(shots, low, 0.95, direction=direction) for low in (0.0, 0.25)]
    assert found[0].nonlocality_depth == found[1].nonlocality_depth <= 3


def test_groups_that_signal_are_not_taken_for_larger_ones(rng: np.random.Generator) -> None:
    """The best boxes of 2 and of 1 at phase pi/4, 60 draws: the largest group is one of 2."""
    phase, runs = np.pi / 4, 200
    models, means = products((2, 1)), correlators((2, 1))
    best = models[np.argmax((np.exp(1j * phase) * means).real)]
    words, false = all_words(3), 0
    for _ in range(runs):
        places = rng.integers(0, 8, 60)
        bits = rng.integers(0, 2, (60, 3))
        bits[:, 2] = bits[:, :2].sum(axis=1) % 2 ^ (best[places] < 0)
        test = phase_test(shots_from(words[places], bits), TestedCorrelator("+++", phase))
        false += SVETLICHNY_DEPTH.of_test(test, 3, phase, ALPHA)["svetlichny_depth"] > 2
    assert false <= stats.binom.isf(FALSE_ALARM, runs, ALPHA)


# Who passes.


@pytest.mark.slow
def test_a_ghz_state_excludes_any_boxes_at_a_turned_phase(rng: np.random.Generator) -> None:
    """One qubit turned by pi/4: all 6 qubits, where phase 0 excludes groups of at most 2."""
    vector = np.zeros(64, dtype=complex)
    vector[0], vector[63] = np.sqrt(0.5), np.exp(0.25j * np.pi) * np.sqrt(0.5)
    turned = probabilities(np.outer(vector, vector.conj()))
    shots = random_shots(turned, 300, rng)
    found = certify(shots, 0.25, 0.95, direction=TestedCorrelator("++++++", -np.pi / 4))
    assert (found.svetlichny_depth, found.nonlocality_depth, found.no_signalling_depth) == (6, 6, 3)
    assert found.claims.svetlichny_depth == "bell"
    assert found.svetlichny_depth_p < 1e-3
    straight = certify(ghz_shots(6, 300, 1.0, rng), 0.25, 0.95)
    assert straight.svetlichny_depth == 3


@pytest.mark.slow
def test_the_test_loses_nothing_against_the_interval(rng: np.random.Generator) -> None:
    """Noisy GHZ, N = 4: the exact tail at 300 draws is that of c's own lower limit.

    2 c = 0.8 along phase 0 in half of the shots: the limit is 2 standard errors of 0.05 below, and
    groups of 3 reach 0.71.
    """
    depths = [
        certify(ghz_shots(4, 2000, 0.8, rng), 0.25, 0.95).nonlocality_depth for _ in range(10)
    ]
    assert depths.count(4) >= 9  # 5 standard errors above the limit


def test_a_correlator_along_another_phase_is_pointed_out(rng: np.random.Generator) -> None:
    shots = ghz_shots(4, 600, 1.0, rng)
    found = certify(shots, 0.2, 0.95, direction=TestedCorrelator("++++", np.pi / 2))
    assert (found.bell_qubits, found.entanglement_depth) == (0, 1)
    assert any("does not lie along phase 1.57" in note for note in found.notes)
    assert found.depth_method == "test"
    assert not certify(shots, 0.2, 0.95).notes


# The test itself.


def test_draws_of_several_shots_are_the_sample(rng: np.random.Generator) -> None:
    """x of a draw is its mean; settings with an odd number of sigma_2 say nothing at phase 0."""
    shots = random_shots(probabilities(white_noise_ghz(3, 0.4)), 40, rng, shots=5)
    test = phase_test(shots, TestedCorrelator("+++"))
    turns = TestedCorrelator("+++").quarter_turns(shots.directions, shots.bits)
    x = np.array([1, 0, -1, 0])[turns] * shots.counts
    means = [x[shots.draws == draw].sum() / 5 for draw in range(40)]
    even = [not shots.directions[shots.draws == draw][0].sum() % 2 for draw in range(40)]
    assert test.trials == sum(even)
    assert test.mean == pytest.approx(np.sum(means) / sum(even))
    assert test.p_value(0.1) == min(1.0, 2 * min(test.hoeffding(0.1), test.ratio(0.1)))
    assert not test.single


def test_draws_along_the_axis_say_nothing(rng: np.random.Generator) -> None:
    """Design random3: the draws in the plane are a random design."""
    three = schedule(3, "random3", draws=400, seed=2)
    shots = shots_of_schedule(white_noise_ghz(3, 0.2), three, 1, rng)
    plane = (shots.directions < 2).all(axis=1)
    test = phase_test(shots, TestedCorrelator("+++"))
    inner = phase_test(
        dataclasses.replace(shots.take(plane), design="random"), TestedCorrelator("+++")
    )
    np.testing.assert_array_equal(test.counts, inner.counts)
    assert (test.total, inner.total) == (400, plane.sum())


def test_no_draw_in_the_plane_certifies_nothing() -> None:
    shots = shots_from(np.zeros((20, 3)), np.zeros((20, 3)))
    shots = dataclasses.replace(shots, directions=shots.directions + 2, design="random3")
    test = phase_test(shots, TestedCorrelator("+++"))
    assert test.trials == 0
    assert test.p_value(0.1) == 1.0
    assert deepest(test, lambda k: 0.1 * k, 3, ALPHA) == (0, None)


def test_all_settings_equally_often_test_any_boxes(rng: np.random.Generator) -> None:
    """Independent shots of the full design; not where some settings have more of them."""
    table = probabilities(white_noise_ghz(4, 0.0))
    shots = full_shots(table, 30, rng)
    found = certify(shots, 0.2, 0.95)
    assert (found.svetlichny_depth, found.depth_method) == (2, "interval")
    assert found.bell_qubits_p is None
    assert found.svetlichny_depth_p < 1e-9
    uneven = dataclasses.replace(shots, counts=shots.counts + (np.arange(len(shots.counts)) == 0))
    missing = certify(uneven, 0.2, 0.95)
    assert (missing.svetlichny_depth, missing.claims.svetlichny_depth) == (1, "none")
    assert any("as many shots of each" in note for note in missing.notes)


def test_smaller_groups_are_rejected_first() -> None:
    """A size that is not rejected ends the list; the p-value is the largest of those before it."""
    test = PhaseTest(np.array([1.0, -1.0]), np.ones(2), np.array([40.0, 10.0]), 100.0)
    limits = {1: 0.1, 2: 0.15, 3: 0.4, 4: 0.01}
    rejected, p_value = deepest(test, limits.__getitem__, 5, ALPHA)
    assert rejected == 2
    assert p_value == test.p_value(0.15) == pytest.approx(stats.binom.sf(39, 50, 0.65))
