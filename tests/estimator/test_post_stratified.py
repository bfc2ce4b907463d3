"""Random draws whose settings repeat: estimated as if the settings had been chosen so."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell.conventions.labels import all_labels
from qbell.estimator.tensor.units import repeats
from qbell.mitigation import ReadoutCalibration
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support import slow_estimator as slow
from tests.support.limits import least
from tests.support.simulated import probabilities, random_shots, white_noise_ghz


def table_of(num_qubits: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Of a random mixed state."""
    size = 2**num_qubits
    root = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    matrix = root @ root.conj().T
    return probabilities(matrix / np.trace(matrix).real)


def is_stratified(result: qbell.Result) -> bool:
    return "post-stratified" in result.route


def by_pairs(shots: Shots, label: str) -> float:
    """E_s: mean over pairs of settings, and of different draws where both are the same one."""
    draws: dict[int, list[complex]] = {}
    setting_of = {}
    for unit, setting, outcome in slow.single_shots(shots):
        draws.setdefault(unit, []).append(slow.term(label, setting, outcome))
        setting_of[unit] = setting
    settings: dict[int, list[complex]] = {}
    for unit, terms in draws.items():
        settings.setdefault(setting_of[unit], []).append(complex(np.mean(terms)))
    total = 0.0
    for a, b in itertools.product(settings, repeat=2):
        pairs = itertools.product(settings[a], settings[b])
        if a == b:
            pairs = itertools.permutations(settings[a], 2)  # type: ignore[assignment]
        total += float(np.mean([(x * y.conjugate()).real for x, y in pairs]))
    return total / len(settings) ** 2


@pytest.mark.parametrize("per_draw", [1, 3])
def test_squares_are_those_of_pairs_given_the_settings(
    per_draw: int, rng: np.random.Generator
) -> None:
    shots = random_shots(table_of(2, rng), 60, rng, shots=per_draw)
    result = qbell.estimate(shots, resamples=40)
    assert is_stratified(result)
    for row in result.correlators.itertuples():
        if row.order:
            assert row.value == pytest.approx(by_pairs(shots, str(row.label)), abs=1e-12)
    factors = 2.0 * (result.correlators["n_plus"] - result.correlators["n_minus"]) ** 2
    factors *= 2.0 ** (result.correlators["order"] - 2)
    assert result.bound.value == pytest.approx(factors @ result.correlators["value"], abs=1e-12)


def test_single_shots_are_a_full_design(rng: np.random.Generator) -> None:
    """Values and intervals; depths of drawn settings rest on a test of their own."""
    shots = random_shots(probabilities(white_noise_ghz(3, 0.2)), 400, rng)
    full = replace(shots, design="full", draws=None)
    drawn, fixed = (qbell.estimate(data, resamples=40, seed=3) for data in (shots, full))
    assert is_stratified(drawn)
    assert drawn.bound == fixed.bound
    pd.testing.assert_frame_equal(drawn.correlators, fixed.correlators)
    assert drawn.e_n == fixed.e_n


def test_the_choice_is_made_by_settings_alone(rng: np.random.Generator) -> None:
    table = table_of(3, rng)
    shots = random_shots(table, 200, rng)
    assert repeats(shots)
    assert repeats(replace(shots, bits=1 - shots.bits))
    assert repeats(replace(shots, bits=0 * shots.bits))
    # One setting drawn once is not compared with itself.
    same = shots.setting_index == 0
    once = same & (np.cumsum(same) == 1)
    assert not repeats(shots.take(~same | once))
    # So few draws that which settings repeat is a matter of luck.
    assert not any(repeats(random_shots(table, 60, rng)) for _ in range(20))
    # Draws count, not shots.
    assert not repeats(random_shots(table, 60, rng, shots=10))


@pytest.mark.slow
def test_noiseless_states_are_known_as_in_a_full_design(rng: np.random.Generator) -> None:
    """GHZ N = 4, 2000 shots: a mean square error of 0.0008; of the mean over draws 0.48."""
    table = probabilities(white_noise_ghz(4, 0.0))
    found = [
        qbell.estimate(random_shots(table, 2000, rng), resamples=40).bound.value for _ in range(10)
    ]
    assert np.mean((np.array(found) - 16) ** 2) < 0.005


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize(("draws", "per_draw"), [(60, 1), (60, 5)])
def test_intervals_cover(
    draws: int, per_draw: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Data sets of noisy GHZ N = 2; false alarm 0.0005 at 95 %."""
    table = probabilities(white_noise_ghz(2, 0.3))
    hits = np.zeros(4)
    runs = repeats(60, 200)
    for _ in range(runs):
        result = qbell.estimate(random_shots(table, draws, rng, shots=per_draw), resamples=200)
        bound, e_n = result.bound, result.e_n
        assert is_stratified(result)
        assert e_n is not None
        hits += [
            bound.low <= 4 * 0.49 <= bound.high,
            e_n.low <= 0.49 / 4 <= e_n.high,
            bound.lower_limit <= 4 * 0.49,
            bound.upper_limit >= 4 * 0.49,
        ]
    assert (hits >= least(runs, 0.95, 5e-4)).all(), hits


def test_flips_not_seen_are_allowed_for_shot_by_shot(rng: np.random.Generator) -> None:
    """A draw of 20 shots in which all agree is no better known than 20 draws of one."""
    table = probabilities(white_noise_ghz(2, 0.0))
    many = qbell.estimate(random_shots(table, 2000, rng), resamples=400).bound
    few = qbell.estimate(random_shots(table, 100, rng, shots=20), resamples=400).bound
    assert few.degenerate
    assert many.degenerate
    assert 0.5 < (few.high - few.low) / (many.high - many.low) < 2


def test_readout_is_corrected_by_the_same_route(rng: np.random.Generator) -> None:
    """A readout that hardly errs changes hardly anything."""
    shots = random_shots(table_of(2, rng), 300, rng)
    readout = ReadoutCalibration.from_counts({bits: {bits: 10**7} for bits in ("00", "11")})
    raw, mitigated = (qbell.estimate(shots, resamples=40, readout=r) for r in (None, readout))
    assert is_stratified(mitigated)
    np.testing.assert_allclose(raw.correlators["value"], mitigated.correlators["value"], atol=1e-4)


def test_jobs_with_every_setting_are_post_stratified_one_by_one(rng: np.random.Generator) -> None:
    """Pairs of the means of different jobs, each the mean over settings; else over draws."""
    shots = random_shots(table_of(2, rng), 600, rng)
    assert shots.draws is not None
    names = np.array([f"{draw % 12:02}" for draw in shots.draws])
    whole = replace(shots, extra=pd.DataFrame({"job": names}))
    result = qbell.estimate(whole, resamples=40)
    assert is_stratified(result)
    labels = [label for label in all_labels(2).tolist() if set(label) != {"0"}]
    values = np.empty((12, len(labels)), dtype=complex)
    for job in range(12):
        part = shots.take(names == f"{job:02}")
        terms = pd.DataFrame(
            [
                [int(s), *(slow.term(label, int(s), int(x)) for label in labels)]
                for s, x in zip(part.setting_index, part.outcome_index, strict=True)
            ]
        )
        values[job] = terms.groupby(0).mean().mean()
    sums = np.abs(values.sum(axis=0)) ** 2 - (np.abs(values) ** 2).sum(axis=0)
    table = result.correlators.set_index("label").loc[labels]
    np.testing.assert_allclose(table["value"], sums / (12 * 11), atol=1e-12)
    lacking = (names == "03") & (shots.setting_index == 1)
    rest = replace(whole, extra=pd.DataFrame({"job": np.where(lacking, "04", names)}))
    assert not is_stratified(qbell.estimate(rest, resamples=40))
