"""The p-value at any time: valid against models with memory and any stopping rule, and quick."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell.certificates import TestedCorrelator, local_limit, local_realism
from qbell.certificates.anytime import anytime_p, wealth_p
from qbell.designs.schedule import schedule
from tests.certificates.test_local_realism import value_laws
from tests.support.coherent import coherent_shots
from tests.support.simulated import shots_of_schedule, white_noise_ghz


def largest_chance(
    values: NDArray[np.float64], laws: NDArray[np.float64], trials: int, alpha: float, limit: float
) -> float:
    """Largest chance that 1/W is ever alpha or less, over models with memory: exactly, backwards.

    The wealth follows from how often each value came. Where it has passed 1/alpha, all is over.
    """
    kinds = len(values)
    turns = {1.0: 0, 0.0: 1, -1.0: 2}

    def over(state: tuple[int, ...]) -> bool:
        order = np.repeat([turns[float(value)] for value in values], state)
        return final_p(order, limit) <= alpha

    def states(total: int) -> list[tuple[int, ...]]:
        cuts = itertools.combinations(range(total + kinds - 1), kinds - 1)
        return [tuple(np.diff([-1, *cut, total + kinds - 1]) - 1) for cut in cuts]

    chance = {state: float(over(state)) for state in states(trials)}
    steps = np.eye(kinds, dtype=int)
    for done in reversed(range(trials)):
        chance = {
            state: 1.0
            if over(state)
            else float(np.max(laws @ [chance[tuple(np.add(state, step))] for step in steps]))
            for state in states(done)
        }
    return chance[(0,) * kinds]


def final_p(turns: NDArray[np.int64], limit: float) -> float:
    """1 / W after all of ``turns``, whatever it was before: the ratio's p-value."""
    from qbell.certificates.p_value_bounds import ratio_p

    x = np.array([1.0, 0.0, -1.0, 0.0])[turns]
    if not len(x):
        return 1.0
    sizes = np.abs(x)
    return ratio_p(x, np.ones(len(x)), 2 * limit * sizes, reach=np.maximum(sizes, 1.0))


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.3, 0.05])
def test_no_model_with_memory_beats_it(alpha: float) -> None:
    """Two qubits in random settings, phase 0: every strategy anew after every shot."""
    values, laws = value_laws(2, 0.0)
    limit = local_limit(2)
    assert largest_chance(values.round(9), laws, 12, alpha, limit) <= alpha
    # The check can fail: without a limit any model wins.
    assert largest_chance(values.round(9), laws, 12, 0.3, 0.0) > 0.3


def test_it_is_the_largest_wealth(rng: np.random.Generator) -> None:
    """Of every beginning of the data, by brute force; at most the ratio's p-value."""
    direction = TestedCorrelator("++")
    turns = rng.choice([0, 0, 2, 1], size=40)
    limit = local_limit(2)
    every = [final_p(turns[:stop], limit) for stop in range(1, 41)]
    assert wealth_p(turns, direction, limit) == pytest.approx(min(1.0, *every))


@pytest.mark.parametrize("design", ["random", "even", "ghz"])
@pytest.mark.parametrize("phase", [0.0, math.pi])
def test_every_design_of_single_shots_has_it(
    design: str, phase: float, rng: np.random.Generator
) -> None:
    made = schedule(3, design, draws=300, seed=3)
    shots = shots_of_schedule(white_noise_ghz(3, 0.1), made, 1, rng)
    direction = TestedCorrelator("+++", phase)
    test, _ = local_realism(shots, direction)
    assert test is not None
    found = anytime_p(shots, direction)
    assert found <= test.ratio * (1 + 1e-9)
    assert (found < 1e-6) == (phase == 0.0)


def test_the_order_is_that_of_the_draws(rng: np.random.Generator) -> None:
    """Rows in another order are the same data; draws in another order are not."""
    shots = coherent_shots(4, 0.5, 0.7, 200, rng)
    direction = TestedCorrelator("++++")
    order = rng.permutation(200)
    assert shots.draws is not None
    mixed = dataclasses.replace(
        shots, directions=shots.directions[order], bits=shots.bits[order], draws=shots.draws[order]
    )
    assert anytime_p(mixed, direction) == anytime_p(shots, direction)


def test_where_there_is_none(rng: np.random.Generator) -> None:
    shots = coherent_shots(3, 0.9, 0.9, 100, rng)
    unnumbered = qbell.estimate(dataclasses.replace(shots, draws=None), resamples=100).certificate
    assert unnumbered.p_any is None
    assert unnumbered.p_value is not None
    assert any("order of the draws was not recorded" in note for note in unnumbered.notes)
    several = qbell.estimate(coherent_shots(3, 0.9, 0.9, 100, rng, shots=2), resamples=100)
    assert several.certificate.p_any is None
    found = qbell.estimate(shots, resamples=100).certificate
    assert found.p_any < 1e-3
    assert found.claims.p_any == "bell"


@pytest.mark.statistics
def test_looking_after_every_shot_is_allowed(rng: np.random.Generator) -> None:
    """At the limit of two qubits and of many; and stopping at 1e-6 takes 337 shots at C = 0.3."""
    for limit in (local_limit(2), local_limit(60)):
        chance = (1 + 2 * limit) / 2
        false = [
            wealth_p(2 * (rng.random(400) > chance), TestedCorrelator("++"), limit)
            for _ in range(1000)
        ]
        for alpha in (0.2, 0.05, 0.01):
            assert np.mean(np.array(false) <= alpha) <= alpha + 3 * math.sqrt(alpha / 1000)
    stops = []
    for _ in range(100):
        turns = 2 * (rng.random(2000) > 0.65)
        low, high = 1, 2000
        while low < high:
            middle = (low + high) // 2
            reached = wealth_p(turns[:middle], TestedCorrelator("++"), local_limit(60)) < 1e-6
            low, high = (low, middle) if reached else (middle + 1, high)
        stops.append(low)
    assert np.mean(stops) < 450
