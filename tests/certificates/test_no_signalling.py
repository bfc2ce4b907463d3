"""Signalling that shows in no single qubit: pairs, parities, numbers of sigma_2."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from qbell.certificates import certify, no_signalling_p
from qbell.certificates.no_signalling import no_signalling_p_values
from qbell.certificates.observed_settings import observed_settings
from qbell.certificates.signalling_groups import groups_p, near_pairs, rest_p
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import schedule
from qbell.shots.shots import Shots

Integers = NDArray[np.integer]


def made(directions: Integers, bits: Integers, design: str, per_draw: int = 1) -> Shots:
    """A shot each row; ``per_draw`` rows are of one draw where settings are drawn."""
    drawn = design in ("random", "random3", "even")
    return Shots(
        directions=np.asarray(directions, dtype=np.uint8),
        bits=np.asarray(bits, dtype=np.uint8),
        counts=np.ones(len(bits), dtype=np.int64),
        draws=np.arange(len(bits)) // per_draw if drawn else None,
        design=design,
        axis=parse_axis("z"),
    )


def rows_of(design: str, num_qubits: int, shots: int, rng: np.random.Generator) -> Integers:
    """The setting of each of so many shots."""
    if design in ("full", "symmetric"):
        settings = schedule(num_qubits, design).directions
        return settings[np.arange(shots) % len(settings)]
    return schedule(num_qubits, design, draws=shots, seed=int(rng.integers(2**31))).directions


@pytest.mark.parametrize("design", ["random", "random3", "full", "symmetric"])
def test_signalling_in_a_pair_alone_is_found(design: str, rng: np.random.Generator) -> None:
    """N = 3, 1000 shots: outcomes of 0 and 1 are equal if qubit 2 is along Y, else opposite."""
    settings = rows_of(design, 3, 1000, rng)
    bits = rng.integers(0, 2, settings.shape)
    bits[:, 1] = bits[:, 0] ^ (settings[:, 2] != 1)
    shots = made(settings, bits, design)
    p_values = no_signalling_p_values(shots)
    assert p_values["outcomes of single qubits"] > 1e-4
    assert p_values["parities of pairs"] < 1e-12
    certificate = certify(shots, 0.1, 0.95)
    assert certificate.bell_qubits == 0
    assert any("signalling found" in note for note in certificate.notes) or design == "symmetric"


@pytest.mark.slow
def test_a_pair_is_found_among_many_qubits(rng: np.random.Generator) -> None:
    """Twenty qubits, 8000 random shots; qubits 4 and 17 agree by 20 % more if 9 is along Y."""
    settings = rows_of("random", 20, 8000, rng)
    bits = rng.integers(0, 2, settings.shape)
    told = (settings[:, 9] == 1) & (rng.random(8000) < 0.2)
    bits[told, 17] = bits[told, 4]
    assert no_signalling_p_values(made(settings, bits, "random"))["parities of pairs"] < 1e-6


@pytest.mark.parametrize("num_qubits", [4, 12])
def test_a_rest_that_knows_one_setting_is_found(num_qubits: int, rng: np.random.Generator) -> None:
    """All but qubit 0 give the GHZ sign of all settings; smaller groups show nothing."""
    settings = rows_of("random", num_qubits, 1500, rng)
    bits = rng.integers(0, 2, settings.shape)
    turned = settings.sum(axis=1) % 4
    wrong = bits[:, 1:].sum(axis=1) % 2 != turned // 2
    bits[wrong & (turned % 2 == 0), 1] ^= 1
    p_values = no_signalling_p_values(made(settings, bits, "random"))
    assert p_values["the parity of all qubits but one, all settings together"] < 1e-12
    assert p_values["outcomes of single qubits"] > 1e-4
    assert p_values["parities of pairs"] > 1e-4


def test_a_rest_that_knows_two_settings_is_found(rng: np.random.Generator) -> None:
    """Ten of twelve qubits give the GHZ sign of all settings, those of 0 and 1 included."""
    settings = rows_of("random", 12, 1500, rng)
    bits = rng.integers(0, 2, settings.shape)
    turned = settings.sum(axis=1) % 4
    wrong = bits[:, 2:].sum(axis=1) % 2 != turned // 2
    bits[wrong & (turned % 2 == 0), 2] ^= 1
    p_values = no_signalling_p_values(made(settings, bits, "random"))
    assert p_values["the parity of all qubits but two"] < 1e-12


def test_an_outcome_that_follows_two_settings_jointly(rng: np.random.Generator) -> None:
    """Of twelve qubits, 3 leans by 20 % where 7 and 11 are along the same direction."""
    settings = rows_of("random", 12, 2000, rng)
    bits = rng.random(settings.shape) < 0.5
    bits[:, 3] = rng.random(2000) < 0.4 + 0.2 * (settings[:, 7] == settings[:, 11])
    p_values = no_signalling_p_values(made(settings, bits, "random"))
    assert p_values["outcomes of single qubits by two directions"] < 1e-8


def test_larger_groups_of_few_qubits(rng: np.random.Generator) -> None:
    """The parity of qubits 0 to 2 of five follows the setting of qubit 4."""
    settings = rows_of("full", 5, 3200, rng)
    bits = rng.integers(0, 2, settings.shape)
    bits[:, 2] = bits[:, 0] ^ bits[:, 1] ^ (settings[:, 4] == 1)
    p_values = no_signalling_p_values(made(settings, bits, "full"))
    assert min(p_values, key=lambda kind: p_values[kind]) == "parities of larger groups"
    assert p_values["parities of larger groups"] < 1e-12


def test_an_outcome_that_follows_the_number_of_sigma_2(rng: np.random.Generator) -> None:
    """The clock's qubit 0 gives the sign of the correlator; no setting comes often enough."""
    settings = rows_of("random", 10, 1000, rng)
    bits = np.zeros(settings.shape, dtype=int)
    turned = settings.sum(axis=1) % 4
    bits[:, 0] = np.where(turned % 2 == 0, turned // 2, rng.integers(0, 2, 1000))
    p_values = no_signalling_p_values(made(settings, bits, "random"))
    assert p_values["outcomes of single qubits"] < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("letters", [2, 3])
def test_tables_of_pairs_by_scipy(letters: int, rng: np.random.Generator) -> None:
    settings = rng.integers(0, letters, (900, 4))
    bits = rng.random((900, 4)) < np.array([0.5, 0.3, 0.8])[settings]
    shots = made(settings, bits, "random3")
    twos = (settings == 1).sum(axis=1) % 4
    expected = []
    for j, k in itertools.combinations(range(4), 2):
        others = [q for q in range(4) if q not in (j, k)]
        names = [0] if letters == 2 else range(3)
        where = [settings[:, q] == name for q, name in itertools.product(others, names)]
        where += [twos < 2, (twos == 1) | (twos == 2), twos % 2 == 0]
        for condition in where:
            each = []
            for a, b in itertools.product(range(letters), repeat=2):
                mine = (settings[:, j] == a) & (settings[:, k] == b)
                odd = shots.bits[:, j] != shots.bits[:, k]
                table = [
                    [int((mine & x & y).sum()) for x in (condition, ~condition)]
                    for y in (odd, ~odd)
                ]
                sides = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]
                each.append(min(1.0, 2 * min(sides)))
            expected += [*each, stats.combine_pvalues(each).pvalue]
    observed = observed_settings(shots)
    pairs = near_pairs(observed)
    assert len(pairs) == 6
    found = groups_p(observed, letters, pairs)
    np.testing.assert_allclose(np.sort(found), np.sort(expected), rtol=1e-6)


def test_the_rest_in_each_setting_by_scipy(rng: np.random.Generator) -> None:
    settings, bits = rng.integers(0, 2, (2, 400, 3))
    expected = []
    for qubit in range(3):
        others = [q for q in range(3) if q != qubit]
        odd = bits[:, others].sum(axis=1) % 2 == 1
        along, each = settings[:, qubit] == 0, []
        for word in itertools.product((0, 1), repeat=2):
            mine = (settings[:, others] == word).all(axis=1)
            table = [[int((mine & x & y).sum()) for x in (along, ~along)] for y in (odd, ~odd)]
            sides = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]
            each.append(min(1.0, 2 * min(sides)))
        expected += [*each, stats.combine_pvalues(each).pvalue]
    found = rest_p(observed_settings(made(settings, bits, "random")), 2)
    np.testing.assert_allclose(np.sort(found), np.sort(expected), rtol=1e-6)


def test_many_qubits_test_neighbours_alone(rng: np.random.Generator) -> None:
    settings, bits = rng.integers(0, 2, (2, 2000, 60))
    observed = observed_settings(made(settings, bits, "random"))
    assert near_pairs(observed) == [(k, k + 1) for k in range(59)]


def ghz(settings: Integers, rng: np.random.Generator) -> Integers:
    """Outcomes of a GHZ state with asymmetric readout errors."""
    shots, num_qubits = settings.shape
    bits = rng.integers(0, 2, settings.shape)
    turned, along_axis = (settings == 1).sum(axis=1), settings == 2
    signed = ~along_axis.any(axis=1) & (turned % 2 == 0)
    wrong = bits.sum(axis=1) % 2 != turned // 2 % 2
    bits[signed & wrong, 0] ^= 1
    common = rng.integers(0, 2, (shots, 1)).repeat(num_qubits, axis=1)
    bits[along_axis] = common[along_axis]
    return bits ^ (rng.random(settings.shape) < np.where(bits == 1, 0.06, 0.02))


def plus(settings: Integers, rng: np.random.Generator) -> Integers:
    return rng.random(settings.shape) < np.where(settings == 0, 0.02, 0.5)


@pytest.mark.statistics
@pytest.mark.parametrize("outcomes", [ghz, plus])
def test_honest_data_rarely_alarm(
    outcomes: Callable[[Integers, np.random.Generator], Integers], rng: np.random.Generator
) -> None:
    """At most 2 of 240 below 0.001 and 14 below 0.01 (probability 2e-3, 1e-6 at these rates)."""
    p_values = []
    designs = ("random", "random3", "full", "even")
    for num_qubits, design in itertools.product((3, 4, 5), designs):
        for shots in 10 * (64, 320):
            settings = rows_of(design, num_qubits, shots, rng)
            p_values.append(no_signalling_p(made(settings, outcomes(settings, rng), design)))
    found = np.array([p for p in p_values if p is not None])
    assert len(found) == 240
    assert (found <= 1e-3).sum() <= 2
    assert (found <= 1e-2).sum() <= 14


def test_settings_shared_by_many_shots_do_not_alarm(rng: np.random.Generator) -> None:
    """300 draws of 50 shots: the parity of the rest depends on its settings, not on the one."""
    settings = np.repeat(rows_of("random", 4, 300, rng), 50, axis=0)
    p = no_signalling_p(made(settings, ghz(settings, rng), "random", per_draw=50))
    assert p is not None
    assert p > 1e-3
