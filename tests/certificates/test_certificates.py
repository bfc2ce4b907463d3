"""What goes with which data: claims by design, alarms, and the tests of the settings."""

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import qbell
from qbell.certificates import TestedCorrelator, certify, no_signalling_p, settings_p
from qbell.certificates.fisher import exact_p
from qbell.certificates.no_signalling import no_signalling_p_values
from qbell.certificates.observed_settings import observed_settings, pair_sums
from qbell.certificates.settings.binomial import binomial_tails
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import schedule
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support.limits import most
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    shots_of,
    shots_of_schedule,
    white_noise_ghz,
)

FALSE_ALARM = 1e-5  # of each new statistical check below, by binomial tails


def most_alarms(runs: int, alpha: float) -> float:
    """More than so many alarms have probability 1e-5 if each comes with probability alpha."""
    return float(stats.binom.isf(FALSE_ALARM, runs, alpha))


def made(
    directions: NDArray[np.integer],
    bits: NDArray[np.integer],
    design: str,
    shots: int = 1,
) -> Shots:
    """Every row so many shots."""
    return Shots(
        directions=directions.astype(np.uint8),
        bits=bits.astype(np.uint8),
        counts=np.full(len(bits), shots, dtype=np.int64),
        draws=np.arange(len(bits)) if design in ("random", "random3") else None,
        design=design,
        axis=parse_axis("z"),
    )


def covering_rows(num_qubits: int) -> NDArray[np.integer]:
    """Six settings in which any two of up to ten qubits see all four patterns."""
    triples = itertools.islice(itertools.combinations(range(1, 6), 3), num_qubits)
    return np.array([[row in triple for row in range(6)] for triple in triples], dtype=int).T


# Claims by design and provenance.


@pytest.mark.slow
def test_each_design_claims_what_it_may(rng: np.random.Generator) -> None:
    """The same lower limit 0.2 of E for four qubits: 4, 4, 2 and 4 where all is allowed.

    Where settings are drawn, the depths come from the shots themselves, of a GHZ state.
    """
    full = full_shots(probabilities(white_noise_ghz(4, 0.0)), 50, rng)
    drawn = random_shots(probabilities(white_noise_ghz(4, 0.0)), 500, rng)
    everything, witness, nothing = (4, 4, 2, 4), (0, 1, 1, 4), (0, 1, 1, 1)
    three = schedule(4, "random3", draws=2000, seed=1)
    expected = {
        "full": (full, everything),
        "covering": (dataclasses.replace(full, design="covering", order=4), (4, 4, 2, 4)),
        "random": (drawn, (4, 4, 2, 4)),
        "random3": (shots_of_schedule(white_noise_ghz(4, 0.0), three, 1, rng), witness),
        "equatorial": (
            shots_of_schedule(white_noise_ghz(4, 0.0), schedule(4, "equatorial"), 50, rng),
            witness,
        ),
        "symmetric": (made(np.tri(5, 4, -1), np.zeros((5, 4)), "symmetric", 50), nothing),
    }
    for design, (shots, numbers) in expected.items():
        certificate = certify(shots, 0.2, 0.95)
        assert (
            certificate.bell_qubits,
            certificate.nonlocality_depth,
            certificate.no_signalling_depth,
            certificate.entanglement_depth,
        ) == numbers, design
        claims = certificate.claims
        bell = "bell" if numbers[0] else "none"
        assert claims.bell_qubits == claims.nonlocality_depth == bell
        assert claims.no_signalling_depth == bell
        assert claims.entanglement_depth == ("witness" if numbers[3] > 1 else "none")
        assert claims.p_value == ("bell" if design == "random" else "none")
        assert claims.provenance == "raw"
        assert (certificate.p_value is None) == (certificate.p_value_ratio is None)
        assert (certificate.p_value is None) == (design != "random")
        assert certificate.notes if design != "random" else certificate.notes == ()


def test_a_correlator_that_was_not_measured_certifies_nothing(rng: np.random.Generator) -> None:
    """Only a p-value needs no estimate of E."""
    shots = random_shots(probabilities(white_noise_ghz(4, 0.0)), 1000, rng)
    certificate = certify(shots, None, 0.95)
    assert (certificate.bell_qubits, certificate.entanglement_depth) == (0, 1)
    assert certificate.claims.bell_qubits == certificate.claims.entanglement_depth == "none"
    assert certificate.claims.p_value == "bell"
    assert certificate.p_value is not None
    assert certificate.p_value < 1e-4
    assert any("not measured" in note for note in certificate.notes)
    partly = made(covering_rows(6), np.zeros((6, 6)), "covering", 9)
    for e_low in (None, 0.2):
        certificate = certify(partly, e_low, 0.95)
        assert (certificate.bell_qubits, certificate.entanglement_depth) == (0, 1)
        assert any("not measured" in note for note in certificate.notes)


def test_error_rate_and_direction_are_recorded(rng: np.random.Generator) -> None:
    shots = random_shots(probabilities(white_noise_ghz(3, 0.0)), 200, rng)
    found = certify(shots, 0.1, 0.9, direction=TestedCorrelator("+-+", 0.5), learned=True)
    assert found.alpha == pytest.approx(0.05)
    assert (found.label, found.phase, found.learned) == ("+-+", 0.5, True)
    assert found.p_value_method == "hoeffding"
    short = certify(shots, 0.1, 0.9, phase=0.5)
    assert short == certify(shots, 0.1, 0.9, direction=TestedCorrelator("+++", 0.5))
    assert certify(shots, 0.1, 0.9) == certify(shots, 0.1, 0.9, phase=0.0)
    assert not short.learned
    with pytest.raises(qbell.QbellError, match="one of them"):
        certify(shots, 0.1, 0.9, direction=TestedCorrelator("+++"), phase=0.0)
    with pytest.raises(qbell.QbellError, match="3 qubits"):
        certify(shots, 0.1, 0.9, direction=TestedCorrelator("++"))


def test_several_shots_a_draw_keep_the_depths(rng: np.random.Generator) -> None:
    """A model with memory spoils the p-value; the depths take shots as independent."""
    shots = random_shots(probabilities(white_noise_ghz(3, 0.0)), 200, rng, shots=5)
    found = certify(shots, 0.2, 0.95)
    assert found.p_value is None
    assert found.p_value_ratio is None
    assert found.claims.p_value == "none"
    assert found.claims.bell_qubits == "bell"
    assert found.bell_qubits == 3


@pytest.mark.parametrize("provenance", ["mitigated", "post-selected"])
def test_treated_data_make_no_bell_claim(provenance: str, rng: np.random.Generator) -> None:
    raw = full_shots(probabilities(white_noise_ghz(4, 0.0)), 100, rng)
    assert certify(raw, 0.2, 0.95).bell_qubits == 4
    certificate = certify(dataclasses.replace(raw, provenance=provenance), 0.2, 0.95)
    assert certificate.bell_qubits == 0
    assert certificate.nonlocality_depth == 1
    assert certificate.no_signalling_depth == 1
    assert certificate.entanglement_depth == 4
    assert any(provenance in note for note in certificate.notes)
    assert certificate.claims.entanglement_depth == "witness"
    assert certificate.claims.bell_qubits == certificate.claims.no_signalling_depth == "none"
    assert certificate.claims.nonlocality_depth == certificate.claims.p_value == "none"
    assert certificate.claims.provenance == provenance


@pytest.mark.statistics
def test_no_signalling_p_is_conservative_on_honest_data(rng: np.random.Generator) -> None:
    """300 honest data sets: p < 0.1 in at most 10 %; over 47 would have probability 5e-4."""
    vector = qbell.double_well(3, -1.0).statevector()
    table = probabilities(np.outer(vector, vector.conj()))
    alarms = sum(no_signalling_p(full_shots(table, 40, rng)) < 0.1 for _ in range(300))
    assert alarms <= 47


def test_signalling_is_found_and_voids_the_bell_statements(rng: np.random.Generator) -> None:
    """Qubit 2 leans to 0 by 10 % whenever qubit 0 is measured along sigma_2."""
    table = probabilities(white_noise_ghz(3, 0.0))
    for setting in range(8):
        if setting & 1:
            moved = 0.2 * table[setting, 4:]
            table[setting, :4] += moved
            table[setting, 4:] -= moved
    shots = full_shots(table, 1000, rng)
    assert no_signalling_p(shots) < 1e-6
    certificate = qbell.estimate(shots).certificate
    assert any("signal" in note for note in certificate.notes)
    assert certificate.bell_qubits == 0
    assert certificate.nonlocality_depth == certificate.no_signalling_depth == 1
    assert certificate.entanglement_depth > 1


def test_outcomes_that_never_vary_do_not_alarm(rng: np.random.Generator) -> None:
    vector = qbell.plus(3).statevector()
    shots = full_shots(probabilities(np.outer(vector, vector.conj())), 200, rng)
    assert no_signalling_p(shots) > 1e-3


@pytest.mark.statistics
def test_small_tables_use_the_exact_test(rng: np.random.Generator) -> None:
    """Very few shots: the chi^2 law would not hold; over 30 alarms of 300 at 5 % has p < 5e-4."""
    table = probabilities(white_noise_ghz(2, 0.5))
    alarms = sum(no_signalling_p(full_shots(table, 4, rng)) < 0.05 for _ in range(300))
    assert alarms <= 30


def test_signalling_of_several_settings_jointly_is_found(rng: np.random.Generator) -> None:
    """Qubit 2 follows the exclusive or of the settings of 0 and 1: no pair of qubits shows it."""
    table = np.zeros((8, 8))
    for setting in range(8):
        high = (setting ^ setting >> 1) & 1
        table[setting, 4 * high : 4 * high + 4] = 0.25
    assert no_signalling_p(full_shots(table, 200, rng)) < 1e-9


@pytest.mark.statistics
def test_settings_p_is_conservative_for_honest_draws(
    rng: np.random.Generator, repeats: Repeats
) -> None:
    """Honest designs, p below 0.1 in a tenth at most; false alarm 3e-4."""
    runs = repeats(30, 100)
    for draws in (15, 100, 1000):
        table = probabilities(white_noise_ghz(3, 0.5))
        values = [settings_p(random_shots(table, draws, rng)) for _ in range(runs)]
        assert sum(value is not None and value < 0.1 for value in values) <= most(runs, 0.1, 3e-4)
    assert settings_p(full_shots(table, 20, rng)) is None


def crafted(settings: list[int], outcomes: list[int], num_qubits: int, shots: int = 1) -> Shots:
    return shots_of(
        np.array(settings),
        np.array(outcomes),
        np.full(len(settings), shots),
        draws=np.arange(len(settings)),
        num_qubits=num_qubits,
    )


def test_a_list_of_favourable_settings_certifies_nothing() -> None:
    """200 draws of XXXX with 0000 and 200 of XXYY with 0001: a local strategy, E as large as 1."""
    certificate = qbell.estimate(
        crafted([0] * 200 + [3] * 200, [0] * 200 + [1] * 200, 4)
    ).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0
    assert certificate.entanglement_depth == 1
    assert any("not drawn uniformly" in note for note in certificate.notes)
    assert any("above what quantum mechanics allows" in note for note in certificate.notes)


def test_a_biased_coin_certifies_nothing(rng: np.random.Generator) -> None:
    directions = (rng.random((3000, 6)) < 0.35).astype(np.int64)
    settings = directions @ (1 << np.arange(6))
    certificate = qbell.estimate(crafted(settings.tolist(), [0] * 3000, 6)).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0


def test_a_full_list_numbered_as_draws_is_not_taken_for_random(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(3, 0.0))
    settings = np.tile(np.arange(8), 50)
    outcomes = [int(rng.choice(8, p=table[setting])) for setting in settings]
    certificate = qbell.estimate(crafted(settings.tolist(), outcomes, 3)).certificate
    assert certificate.settings_p is not None
    assert certificate.settings_p < 1e-3
    assert certificate.p_value is None


@pytest.mark.statistics
@pytest.mark.parametrize(("draws", "num_qubits"), [(3, 3), (6, 2), (10, 3), (20, 2)])
def test_few_draws_of_many_shots_do_not_certify(
    draws: int, num_qubits: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """The local strategy x = 1, 1000 shots a draw: draws are the sample, not shots."""
    claims, runs = 0, repeats(20, 100)
    for _ in range(runs):
        settings = rng.integers(0, 2**num_qubits, size=draws).tolist()
        shots = crafted(settings, [0] * draws, num_qubits, shots=1000)
        certificate = qbell.estimate(shots, resamples=40).certificate
        claims += certificate.bell_qubits > 0 or certificate.entanglement_depth > num_qubits - 1
    assert claims <= runs / 20


# The parts of the tests, against slow twins.


def test_exact_p_against_scipy(rng: np.random.Generator) -> None:
    """Twice the one-sided p-value of scipy.stats.fisher_exact, on the side of the deviation."""
    for largest in (6, 40, 3000):
        total = rng.integers(2, largest, 200)
        drawn, good = rng.integers(0, total + 1, (2, 200))
        found = rng.hypergeometric(good, total - good, drawn)
        p_values = exact_p(*(array.astype(float) for array in (found, drawn, good, total)))
        for x, m, k, n, p in zip(found, drawn, good, total, p_values, strict=True):
            table = [[x, m - x], [k - x, n - k - m + x]]
            side = "less" if x * n < m * k else "greater"
            twice = 2 * stats.fisher_exact(table, alternative=side).pvalue
            assert p == pytest.approx(min(1.0, twice), rel=1e-8)


def test_exact_p_of_large_tables_is_that_of_a_normal_law() -> None:
    """Half of 10^8 things drawn, half of them good; z = 1, 4 and 10 standard deviations."""
    n = 1e8
    for z in (1.0, 4.0, 10.0):
        found = np.array([np.round(n / 4 + z * np.sqrt(n / 16))])
        exact = exact_p(found, np.array([n / 2]), np.array([n / 2]), np.array([n]))[0]
        assert exact == pytest.approx(2 * stats.norm.sf(z), rel=0.01)


def test_exact_p_keeps_its_promise_exactly() -> None:
    """All tables with given margins: p <= alpha has probability alpha at most."""
    for total, drawn, good in [(12, 5, 4), (30, 15, 3), (40, 11, 29)]:
        found = np.arange(max(0, drawn + good - total), min(drawn, good) + 1.0)
        chances = stats.hypergeom.pmf(found, total, good, drawn)
        ones = np.ones_like(found)
        p_values = exact_p(found, drawn * ones, good * ones, total * ones)
        for alpha in np.concatenate([p_values, [0.05]]):
            assert chances[p_values <= alpha].sum() <= alpha * (1 + 1e-9)


@pytest.mark.parametrize("letters", [2, 3])
def test_pair_sums_by_plain_loops(letters: int, rng: np.random.Generator) -> None:
    directions = rng.integers(0, letters, (50, 4))
    values = rng.random((50, 4))
    sums = np.zeros((letters, 4, letters, 4))
    for row, value in zip(directions, values, strict=True):
        for k in range(4):
            for j in range(4):
                sums[row[k], k, row[j], j] += value[k]
    np.testing.assert_allclose(pair_sums(directions.astype(np.uint8), values, letters), sums)


def test_observed_settings_by_plain_loops(rng: np.random.Generator) -> None:
    """Also with more qubits than fit an integer."""
    for num_qubits in (3, 70):
        words = np.zeros((5, num_qubits), dtype=int)
        words[1:, [0, -1]] = [[0, 1], [1, 0], [1, 1], [2, 0]]
        shots = made(words[rng.integers(0, 5, 60)], rng.integers(0, 2, (60, num_qubits)), "full", 3)
        seen = observed_settings(shots)
        assert len(seen.totals) == 5
        for directions, total, ones in zip(seen.directions, seen.totals, seen.ones, strict=True):
            same = (shots.directions == directions).all(axis=1)
            assert total == 3 * same.sum()
            np.testing.assert_array_equal(ones, 3 * shots.bits[same].sum(axis=0))


@pytest.mark.parametrize("kind", ["pair", "joint"])
@pytest.mark.parametrize("letters", [2, 3])
def test_no_signalling_p_by_scipy_table_by_table(
    letters: int, kind: str, rng: np.random.Generator
) -> None:
    """Three qubits that signal a little: every table spelt out, and Bonferroni over all."""
    directions = rng.integers(0, letters, (6000, 3))
    odds = np.array([0.5, 0.3, 0.8])[directions]
    leans = directions[:, 2] == 1 if kind == "pair" else directions[:, [0, 2]].sum(axis=1) % 2
    odds[:, 1] += 0.1 * leans
    shots = made(directions, rng.random(odds.shape) < odds, "random3")
    bits, p_values, joint = shots.bits, [], []
    twos = (directions == 1).sum(axis=1) % 4
    halves = [twos < 2, (twos == 1) | (twos == 2), twos % 2 == 0]
    for k in range(3):
        others = [j for j in range(3) if j != k]
        theirs = [
            directions[:, j] == their
            for j, their in itertools.product(others, [0] if letters == 2 else range(3))
        ]
        for these in (*theirs, *halves):
            each = []
            for own in range(letters):
                mine = directions[:, k] == own
                table = [
                    [int((mine & where & (bits[:, k] == bit)).sum()) for bit in (1, 0)]
                    for where in (these, ~these)
                ]
                sides = [
                    stats.fisher_exact(table, alternative=side).pvalue
                    for side in ("less", "greater")
                ]
                each.append(min(1.0, 2 * min(sides)))
            p_values += [*each, stats.combine_pvalues(each).pvalue]
        for own in range(letters):
            mine = directions[:, k] == own
            cells = [
                [
                    int(
                        (
                            mine & (directions[:, others] == word).all(axis=1) & (bits[:, k] == bit)
                        ).sum()
                    )
                    for bit in (1, 0)
                ]
                for word in itertools.product(range(letters), repeat=2)
            ]
            joint.append(stats.chi2_contingency(np.array(cells), correction=False).pvalue)
    expected = {
        "outcomes of single qubits": min(p_values) * len(p_values),
        "outcomes of single qubits in all settings": min(joint) * len(joint),
    }
    found = no_signalling_p_values(shots)
    for name, value in expected.items():
        assert found[name] == pytest.approx(min(1.0, value), rel=1e-6)
    assert min(expected.values()) < 0.01
    if kind == "joint":
        assert expected["outcomes of single qubits in all settings"] < 0.01
    assert no_signalling_p(shots) == pytest.approx(
        min(1.0, min(found.values()) * len(found)), rel=1e-12
    )


# No-signalling and uniform settings, for every design.

Settings = Callable[[int, np.random.Generator], NDArray[np.integer]]


def drawn_settings(letters: int, draws: int) -> Settings:
    return lambda num_qubits, rng: rng.integers(0, letters, (draws, num_qubits))


def covering_settings(num_qubits: int, rng: np.random.Generator) -> NDArray[np.integer]:
    return np.repeat(covering_rows(num_qubits), 60, axis=0)


def symmetric_settings(num_qubits: int, rng: np.random.Generator) -> NDArray[np.integer]:
    return np.repeat(np.tri(num_qubits + 1, num_qubits, -1, dtype=int), 60, axis=0)


SETTINGS: dict[str, Settings] = {
    "random": drawn_settings(2, 400),
    "random3": drawn_settings(3, 400),
    "covering": covering_settings,
    "symmetric": symmetric_settings,
}


def outcomes(
    directions: NDArray[np.integer], rng: np.random.Generator, strength: float = 0.0
) -> NDArray[np.integer]:
    """Outcomes whose odds depend on the own direction; of qubit 1 also on that of qubit 3."""
    odds = np.array([0.5, 0.3, 0.8])[directions]
    odds[:, 1] += strength * (directions[:, 3] == 1)
    return (rng.random(directions.shape) < odds).astype(int)


@pytest.mark.statistics
@pytest.mark.parametrize("design", SETTINGS)
def test_no_signalling_p_keeps_its_promise(
    design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Honest data sets of five qubits: p <= alpha in a share alpha at most (1e-5)."""
    p_values, runs = [], repeats(100, 300)
    for _ in range(runs):
        directions = SETTINGS[design](5, rng)
        p_values.append(no_signalling_p(made(directions, outcomes(directions, rng), design)))
    for alpha in (0.5, 0.2, 0.05, 0.01):
        assert sum(p <= alpha for p in p_values) <= most_alarms(runs, alpha)


@pytest.mark.parametrize("design", SETTINGS)
def test_signalling_is_found_in_every_design(design: str, rng: np.random.Generator) -> None:
    """Qubit 1 leans by 20 % where qubit 3 is measured along sigma_2."""
    directions = np.concatenate([SETTINGS[design](5, rng) for _ in range(8)])
    shots = made(directions, outcomes(directions, rng, strength=0.2), design)
    p = no_signalling_p(shots)
    assert p is not None
    assert p < 1e-6
    certificate = certify(shots, 0.1, 0.95)
    assert certificate.bell_qubits == 0
    assert certificate.p_value is certificate.p_value_ratio is None
    assert any("signal" in note for note in certificate.notes)


def test_a_third_direction_that_signals_is_found(rng: np.random.Generator) -> None:
    """Only sigma_xi of qubit 3 matters; sigma_1 and sigma_2 have equal odds."""
    directions = rng.integers(0, 3, (4000, 5))
    odds = 0.5 + 0.2 * ((directions == 2) @ np.eye(5, dtype=int)[:, [3] * 5]) * [0, 1, 0, 0, 0]
    p = no_signalling_p(made(directions, rng.random(odds.shape) < odds, "random3"))
    assert p is not None
    assert p < 1e-6


@pytest.mark.slow
def test_signalling_of_many_qubits_is_found_among_many_tests(rng: np.random.Generator) -> None:
    """Forty qubits, more settings than can be listed: 3120 tests, and one pair signals."""
    directions = rng.integers(0, 2, (20000, 40))
    honest, loud = outcomes(directions, rng), outcomes(directions, rng, strength=0.1)
    quiet = no_signalling_p(made(directions, honest, "random"))
    found = no_signalling_p(made(directions, loud, "random"))
    assert quiet is not None
    assert found is not None
    assert quiet > 1e-5
    assert found < 1e-6


def test_where_nothing_can_be_compared_there_is_no_test() -> None:
    turns = np.repeat(np.arange(4)[:, None], 3, axis=1)
    equatorial = made(turns, np.zeros((4, 3)), "equatorial", 50)
    assert no_signalling_p(equatorial) is None
    assert any("turn together" in note for note in certify(equatorial, 0.1, 0.95).notes)
    alone = made(np.zeros((3, 3)), np.zeros((3, 3)), "random")
    assert no_signalling_p(alone) is None
    assert any("too few settings" in note for note in certify(alone, None, 0.95).notes)


@pytest.mark.statistics
def test_settings_p_of_three_directions(rng: np.random.Generator, repeats: Repeats) -> None:
    """Honest designs at each size (1e-5 each); and three that are not."""
    runs = repeats(30, 100)
    for draws in (15, 300, 3000):
        p_values = []
        for _ in range(runs):
            directions = rng.integers(0, 3, (draws, 3))
            p_values.append(settings_p(made(directions, directions % 2, "random3")))
        for alpha in (0.5, 0.1, 0.01):
            assert sum(p <= alpha for p in p_values) <= most_alarms(runs, alpha)
    # Eight qubits: too many settings to be counted one by one, so each kind of test shows alone.
    uneven = rng.choice(3, size=(2000, 8), p=[0.4, 0.3, 0.3])
    linked = rng.integers(0, 3, (2000, 8))
    linked[:, 2] = (linked[:, 0] + rng.choice(3, size=2000, p=[0.5, 0.25, 0.25])) % 3
    opposed = rng.integers(0, 3, (2000, 8))
    opposed[:, 3] = (-opposed[:, 1] + rng.choice(3, size=2000, p=[0.5, 0.25, 0.25])) % 3
    listed = np.array(np.unravel_index(np.arange(81 * 10) % 81, (3,) * 4)).T
    for directions in (uneven, linked, opposed, listed):
        shots = made(directions, np.zeros_like(directions), "random3")
        p = settings_p(shots)
        assert p is not None
        assert p < 1e-4
        assert certify(shots, 0.2, 0.95).entanglement_depth == 1


@pytest.mark.statistics
def test_settings_p_counts_draws_and_not_shots(rng: np.random.Generator) -> None:
    """Ten draws of 1000 shots are ten draws."""
    p_values = []
    for _ in range(200):
        settings = rng.integers(0, 4, size=10)
        rows = np.repeat(np.arange(10), 2)
        shots = shots_of(
            settings[rows],
            np.tile([0, 3], 10),
            np.full(20, 500),
            draws=rows,
            num_qubits=2,
        )
        p_values.append(settings_p(shots))
    assert sum(p <= 0.05 for p in p_values) <= most_alarms(200, 0.05)


def test_no_settings_p_where_settings_are_chosen(rng: np.random.Generator) -> None:
    full = full_shots(probabilities(white_noise_ghz(3, 0.0)), 20, rng)
    for design in ("full", "covering", "symmetric", "equatorial"):
        assert settings_p(dataclasses.replace(full, design=design)) is None


def test_settings_that_share_a_parity_are_no_uniform_draws(rng: np.random.Generator) -> None:
    """Each letter is fair, and so is each pair: all qubits together give it away."""
    directions = rng.integers(0, 2, (60, 5), dtype=np.uint8)
    directions[:, 4] = directions[:, :4].sum(axis=1) % 2
    p = settings_p(made(directions, directions * 0, "random"))
    assert p is not None
    assert p < 1e-12


def test_binomial_tails_are_those_of_scipy() -> None:
    for trials, chance in ((1, 0.5), (60, 0.5), (5000, 1 / 3), (10**9, 0.5)):
        counts = np.array([0, trials // 3, trials // 2, trials], dtype=float)
        lower, upper = binomial_tails(counts, np.full(4, float(trials)), np.full(4, chance))
        np.testing.assert_allclose(lower, stats.binom.cdf(counts, trials, chance), rtol=1e-9)
        np.testing.assert_allclose(upper, stats.binom.sf(counts - 1, trials, chance), rtol=1e-9)
