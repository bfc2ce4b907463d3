"""Drawn designs: label by label, by pairs beyond 12 qubits, learnt and named labels."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.conventions.labels import all_labels
from qbell.estimator.drawn import drawn
from qbell.estimator.tensor.moments import cells_of, moments
from qbell.estimator.tensor.units import group
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.estimator.test_designs_estimated import draw_shots, pure, random_state, schedule_of
from tests.support import slow_designs as slow
from tests.support.limits import most
from tests.support.simulated import (
    full_shots,
    law,
    probabilities,
    random_shots,
    shots_of,
    white_noise_ghz,
)


def ghz_shots(num_qubits: int, draws: int, noise: float, rng: np.random.Generator) -> Shots:
    """GHZ with white noise in random settings, any number of qubits.

    The parity of all qubits has mean cos(m pi/2) (1 - p), m the number along sigma_2; all outcomes
    of one parity are alike.
    """
    directions = rng.integers(0, 2, (draws, num_qubits), dtype=np.uint8)
    bits = rng.integers(0, 2, (draws, num_qubits), dtype=np.uint8)
    mean = np.array([1.0, 0.0, -1.0, 0.0])[directions.sum(axis=1) % 4] * (1 - noise)
    odd = rng.random(draws) > (1 + mean) / 2
    bits[:, 0] ^= (bits.sum(axis=1) % 2 != odd).astype(np.uint8)
    return Shots(
        directions,
        bits,
        np.ones(draws, dtype=np.int64),
        np.arange(draws),
        "random",
        parse_axis("z"),
    )


def test_the_sampler_of_ghz_agrees_with_its_table(rng: np.random.Generator) -> None:
    """20,000 shots of 3 qubits: every cell within 5 standard errors."""
    shots = ghz_shots(3, 20_000, 0.2, rng)
    seen = np.zeros((8, 8))
    np.add.at(seen, (shots.setting_index, shots.outcome_index), shots.counts)
    expected = probabilities(white_noise_ghz(3, 0.2)) * seen.sum(axis=1, keepdims=True)
    assert (np.abs(seen - expected) < 5 * np.sqrt(expected + 1)).all()


@pytest.mark.parametrize("per_draw", [1, 4])
def test_single_labels_agree_with_the_tensor(per_draw: int, rng: np.random.Generator) -> None:
    """Values, squares and scatter; and E of a label is that of the one with all signs turned."""
    shots = draw_shots(random_state(3, rng), schedule_of("random", 3), per_draw, rng, draws=300)
    names = [label for label in all_labels(3).tolist() if set(label) != {"0"}]
    found = drawn.correlators_of(drawn.drawn_units(shots), names)
    units = group(shots)
    tensor = moments(units, cells_of(units, 3), 3).correlators(3)
    np.testing.assert_allclose(found.values, tensor.values[1:], atol=1e-12)
    np.testing.assert_allclose(found.squares, tensor.squares[1:], atol=1e-12)
    np.testing.assert_allclose(found.along, tensor.along[1:], rtol=0.02)
    np.testing.assert_allclose(found.across, tensor.across[1:], rtol=0.02)
    assert len(found.distinct) == 13
    swapped = [name.translate(str.maketrans("+-", "-+")) for name in names]
    turned = [names.index(name) for name in swapped]
    np.testing.assert_allclose(found.squares, found.squares[turned], atol=1e-14)
    assert (found.like == found.like[turned]).all()


def test_rows_that_stand_for_many_draws_are_as_single_rows(rng: np.random.Generator) -> None:
    table = probabilities(random_state(2, rng))
    single = random_shots(table, 200, rng)
    keys = single.setting_index * 4 + single.outcome_index
    cells, counts = np.unique(keys, return_counts=True)
    bits = np.arange(2)
    merged = Shots(
        (cells[:, None] >> 2 >> bits & 1).astype(np.uint8),
        (cells[:, None] >> bits & 1).astype(np.uint8),
        counts.astype(np.int64),
        None,
        "random",
        single.axis,
    )
    one, other = (qbell.estimate(shots, resamples=40) for shots in (single, merged))
    assert one.bound.value == pytest.approx(other.bound.value, abs=1e-12)
    np.testing.assert_allclose(
        one.correlators[["value", "low", "high"]],
        other.correlators[["value", "low", "high"]],
        atol=1e-12,
    )
    names = slow.labels(2)
    pair = [drawn.correlators_of(drawn.drawn_units(shots), names) for shots in (single, merged)]
    np.testing.assert_allclose(pair[0].squares, pair[1].squares, atol=1e-12)
    np.testing.assert_allclose(pair[0].along, pair[1].along, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("num_qubits", "draws"), [(13, 3000), (16, 3000), (20, 4000)])
def test_more_than_12_qubits_from_pairs(
    num_qubits: int, draws: int, rng: np.random.Generator
) -> None:
    """GHZ with p = 0.1: within 4.5 standard errors of the exact values."""
    noise = 0.1
    shots = ghz_shots(num_qubits, draws, noise, rng)
    result = qbell.estimate(shots, resamples=100)
    truth = num_qubits**2 * (1 - noise) ** 2
    assert abs(result.bound.value - truth) < 4.5 * result.bound.standard_error
    assert result.bound.standard_error < 0.4 * truth
    assert result.bound.low < truth * 1.3
    assert result.bound.high > truth * 0.7
    assert result.e_n is not None
    e_n = 0.25 * (1 - noise) ** 2
    assert abs(result.e_n.value - e_n) < 4.5 * result.e_n.standard_error
    assert result.bound_by_order["value"].sum() == pytest.approx(result.bound.value, rel=1e-9)
    labels = result.correlators["label"].tolist()
    assert labels[-1] == "+" * num_qubits
    assert len(labels) <= 5001
    assert len(set(labels)) == len(labels)
    assert any("too many" in note for note in result.notes)
    assert result.certificate.p_value is not None
    assert result.certificate.p_value < 1e-6


def test_labels_that_were_asked_for(rng: np.random.Generator) -> None:
    shots = ghz_shots(13, 60, 0.0, rng)
    wanted = ["+" * 12 + "0", "-" * 13, "+-" + "0" * 11]
    result = qbell.estimate(shots, resamples=40, labels=wanted)
    assert result.correlators["label"].tolist() == [*wanted, "+" * 13]
    for row in result.correlators.itertuples():
        assert row.value == pytest.approx(slow.drawn_square(shots, row.label), abs=1e-12)
    last = result.correlators.iloc[-1]
    assert last["value"] == pytest.approx(result.correlators.iloc[1]["value"], abs=1e-14)
    assert result.significance.tests == 3


@pytest.mark.slow
def test_pairs_and_tensor_agree_where_both_go(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bound and nearly the same interval, whichever way is thought to be faster.

    So few shots that the settings do not all repeat: those would be post-stratified.
    """
    shots = random_shots(probabilities(white_noise_ghz(6, 0.3)), 800, rng)
    found = {}
    for name, cost in (("tensor", math.inf), ("pairs", 0.0)):
        monkeypatch.setattr(
            "qbell.estimator.routes.drawn.pair_cost", lambda *_, cost=cost, **__: cost
        )
        found[name] = qbell.estimate(shots, resamples=2000)
        assert name in found[name].route
    one, other = found["tensor"].bound, found["pairs"].bound
    assert one.value == pytest.approx(other.value, abs=1e-9)
    width = one.high - one.low
    assert other.standard_error == pytest.approx(one.standard_error, rel=0.1)
    assert abs(one.low - other.low) < 0.12 * width
    assert abs(one.high - other.high) < 0.12 * width
    np.testing.assert_allclose(
        found["tensor"].correlators["low"], found["pairs"].correlators["low"]
    )


# --- learnt and fixed directions --------------------------------------------------------------


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("design", ["full", "random"])
def test_what_is_learnt_claims_no_more_than_it_may(
    design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Noisy GHZ of 3 turned by a phase, with E = 1/8, the local limit itself.

    A claim of 3 qubits is false, and may be made in 2.5 % of data sets; false alarm 2e-4.
    """
    matrix = white_noise_ghz(3, 1 - math.sqrt(0.5)).copy()
    matrix[0, -1] *= np.exp(-0.8j)
    matrix[-1, 0] *= np.exp(0.8j)
    assert abs(exact.correlator_of_all(matrix)) ** 2 == pytest.approx(1 / 8)
    table = probabilities(matrix)
    claims = 0
    runs = repeats(35, 100)
    for _ in range(runs):
        shots = full_shots(table, 40, rng) if design == "full" else random_shots(table, 400, rng)
        result = qbell.estimate(shots, resamples=40, phase="learn", label="learn", seed=3)
        claims += result.certificate.nonlocality_depth == 3
    assert claims <= most(runs, 0.025, 2e-4)


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("state", ["mixed", "plus"])
def test_learning_from_nothing_refutes_nothing(
    state: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """p < 0.05 in a twentieth; false alarm 5e-4."""
    matrix = white_noise_ghz(3, 1.0) if state == "mixed" else pure(qbell.plus(3))
    table = probabilities(matrix)
    small = 0
    runs = repeats(35, 100)
    for _ in range(runs):
        shots = random_shots(table, 300, rng)
        result = qbell.estimate(shots, resamples=40, phase="learn", label="learn", seed=3)
        p_value = result.certificate.p_value
        small += p_value is not None and p_value < 0.05  # None: 1 in 1000 raises another alarm
        assert result.certificate.nonlocality_depth <= 2
    assert small <= most(runs, 0.05, 5e-4)


def antiparallel() -> NDArray[np.complex128]:
    """(|0011> + |1100>) / sqrt 2: E of ++-- is 1/4, E of ++++ is 0."""
    vector = np.zeros(16, dtype=complex)
    vector[[0b0011, 0b1100]] = math.sqrt(0.5)
    return np.outer(vector, vector.conj())


@pytest.mark.parametrize("label", ["++--", "--++", "learn"])
@pytest.mark.parametrize("design", ["full", "random"])
def test_a_state_whose_signs_differ(design: str, label: str, rng: np.random.Generator) -> None:
    table = probabilities(antiparallel())
    shots = full_shots(table, 200, rng) if design == "full" else random_shots(table, 3000, rng)
    result = qbell.estimate(shots, resamples=40, label=label)
    assert result.certificate.nonlocality_depth == 4
    assert result.certificate.bell_qubits == 4
    if design == "random":
        assert result.certificate.p_value is not None
        assert result.certificate.p_value < 1e-9
    without = qbell.estimate(shots, resamples=40)
    assert without.certificate.nonlocality_depth == 1
    assert without.certificate.bell_qubits == 0
    values = dict(zip(without.correlators["label"], without.correlators["value"], strict=True))
    assert values["++--"] == pytest.approx(0.25, abs=0.05)
    assert values["++++"] == pytest.approx(0.0, abs=0.02)
    assert without.q is not None


def test_values_of_every_label_by_hand(rng: np.random.Generator) -> None:
    """Five draws of three directions of two qubits, term by term."""
    shots = draw_shots(random_state(2, rng), schedule_of("random3", 2), 1, rng, draws=5)
    units = drawn.drawn_units(shots)
    data = slow.single_shots(shots)
    for letters in itertools.product("0+-", repeat=2):
        label = "".join(letters)
        terms = np.array([slow.drawn_term(label, shot, three=True) for shot in data])
        x, y = terms.real, terms.imag
        expected = [np.mean(part) for part in (x, y, x**2, y**2, x * y)]
        np.testing.assert_allclose(units.moments(label), expected, atol=1e-12)


# --- few draws --------------------------------------------------------------------------------


def test_limits_hold_together_where_a_setting_came_too_seldom(rng: np.random.Generator) -> None:
    """|+>^3, E = 1/64, from the draws that have X on all qubits: 12 of 100 expected, here 2 or 3.

    That has a probability of 0.0018, so limits of 364 correlators, 0.05 / 364 each, must allow it.
    The scatter of such draws is too small as well: without unobserved draws the limit was 0.007.
    """
    table = probabilities(np.full((8, 8), 1 / 8, dtype=complex))
    level = 1 - 0.05 / 364
    for few in (2, 3):
        settings = np.concatenate([np.zeros(few, dtype=int), rng.integers(1, 8, 100 - few)])
        counts = rng.multinomial(20, table[settings])
        rows, outcomes = np.nonzero(counts)
        shots = shots_of(settings[rows], outcomes, counts[rows, outcomes], draws=rows)
        found = drawn.correlators_of(drawn.drawn_units(shots), ["+++"])
        low, high = found.intervals(level, together=True)[0]
        assert low <= 1 / 64 <= high


@pytest.mark.statistics
def test_the_upper_limit_of_a_label_of_few_draws(rng: np.random.Generator) -> None:
    """GHZ N = 4 in three directions, 100 draws of 10 shots, 20 of them in the plane: E = 1/4.

    400 data sets; at 95 % fewer than 363 hold with probability 0.0003. It was 352.
    """
    settings = schedule_of("random3", 4)
    table = law(white_noise_ghz(4, 0.0), settings)
    hits = 0
    for _ in range(400):
        chosen = rng.integers(0, len(table), 100)
        counts = rng.multinomial(10, table[chosen])
        rows, outcomes = np.nonzero(counts)
        shots = Shots(
            settings.directions[chosen[rows]],
            (outcomes[:, None] >> np.arange(4) & 1).astype(np.uint8),
            counts[rows, outcomes].astype(np.int64),
            rows.astype(np.int64),
            "random3",
            settings.axis,
        )
        found = drawn.correlators_of(drawn.drawn_units(shots), ["++++"])
        hits += found.estimate(0, 0.95, "raw").upper_limit >= 0.25
    assert hits >= 363
