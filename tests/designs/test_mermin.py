"""All words with an even number of Y, listed: (Re c)^2 without bias, and none may be missing."""

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell.certificates.held_out import correlator_of_all
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.designs.schedule import schedule
from qbell.estimator.routes.real_part import real_part
from qbell.shots.read_shots import read_shots
from qbell.shots.shots import Shots, from_frame
from tests.certificates.test_held_out import correlator
from tests.conftest import Repeats
from tests.designs.test_even import random_density
from tests.designs.test_pauli import pure
from tests.support.limits import least, most
from tests.support.simulated import PAULIS, law, shots_of_schedule, white_noise_ghz


def of_counts(counts: NDArray[np.int64], num_qubits: int) -> Shots:
    """Shots of (words, outcomes) counts."""
    settings = schedule(num_qubits, "mermin")
    rows, outcomes = np.nonzero(counts)
    bits = (outcomes[:, None] >> np.arange(num_qubits) & 1).astype(np.uint8)
    axis, directions = settings.axis, settings.directions[rows]
    return Shots(directions, bits, counts[rows, outcomes], None, "mermin", axis)


@pytest.mark.parametrize("num_qubits", [2, 3, 6])
def test_its_words_are_all_even_ones(num_qubits: int) -> None:
    found = schedule(num_qubits, "mermin").frame["setting"].tolist()
    every = map("".join, itertools.product("XY", repeat=num_qubits))
    assert found == sorted(word for word in every if word.count("Y") % 2 == 0)
    with pytest.raises(qbell.QbellError, match=r"n = 14 has 2\^13 settings.*use design even"):
        schedule(14, "mermin")


@pytest.mark.parametrize("missing", range(4))
def test_no_word_can_be_left_out(missing: int) -> None:
    """Two states with the same outcomes in all other words, of which Re c differs by 1/8."""
    settings = schedule(3, "mermin")
    letters = settings.frame["setting"][missing]
    product = np.kron(np.kron(*(PAULIS[letter] for letter in letters[:2])), PAULIS[letters[2]])
    one, other = (np.eye(8) + sign * product / 2 for sign in (1, -1))
    laws = [law(state / 8, settings) for state in (one, other)]
    kept = np.arange(4) != missing
    np.testing.assert_allclose(laws[0][kept], laws[1][kept], atol=1e-15)
    real = [correlator(state / 8, "+++").real for state in (one, other)]
    assert abs(real[0] - real[1]) == pytest.approx(1 / 8)


@pytest.mark.slow
@pytest.mark.parametrize("label", ["++", "+-"])
def test_unbiased_over_all_data_sets(label: str, rng: np.random.Generator) -> None:
    """Two words, three shots of the one and two of the other: all 200 data sets."""
    matrix = random_density(2, rng)
    table = law(matrix, schedule(2, "mermin"))
    mean = mean_c = 0.0
    for first in itertools.combinations_with_replacement(range(4), 3):
        for second in itertools.combinations_with_replacement(range(4), 2):
            counts = np.array([np.bincount(part, minlength=4) for part in (first, second)])
            chance = 1.0
            for row, shares in zip(counts, table, strict=True):
                ways = math.factorial(row.sum()) / math.prod(map(math.factorial, row.tolist()))
                chance *= ways * float(np.prod(shares**row))
            shots = of_counts(counts, 2)
            value, square, _, _ = real_part(shots, label)
            mean, mean_c = mean + chance * square, mean_c + chance * value
            learnt = correlator_of_all(shots, TestedCorrelator(label))
            assert learnt == pytest.approx(value, abs=1e-15)
    expected = correlator(matrix, label).real
    assert mean_c == pytest.approx(expected, abs=1e-14)
    assert mean == pytest.approx(expected**2, abs=1e-14)


def test_what_it_claims(rng: np.random.Generator) -> None:
    """As design even, but without a p-value; words of Y and X count alike, whatever their shots."""
    table = law(white_noise_ghz(3, 0.1), schedule(3, "mermin"))
    shots = of_counts(rng.multinomial([400, 90, 100, 110], table), 3)
    result = qbell.estimate(shots)
    assert result.e_n is not None
    assert result.e_n.low < 0.81 / 4 < result.e_n.high
    assert result.bound.value == pytest.approx(36 * result.e_n.value)
    certificate = result.certificate
    assert certificate.p_value is None
    assert certificate.claims.bell_qubits == "bell"
    assert certificate.nonlocality_depth == certificate.bell_qubits == 3
    with pytest.raises(qbell.QbellError, match="the mermin design measures the real part"):
        qbell.estimate(shots, phase=0.3)
    with pytest.raises(qbell.QbellError, match="leaves qubits out, and the mermin design"):
        qbell.estimate(shots, labels=["0++"])
    learnt = qbell.estimate(shots, label="learn", phase="learn").certificate
    assert (learnt.label, learnt.phase) == ("+++", 0.0)


@pytest.mark.statistics
@pytest.mark.parametrize("state", ["noisy", "plus", "mixed"])
def test_intervals_cover_and_nothing_is_claimed_in_vain(
    state: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Data sets of 30 shots a word: 95 % intervals of (Re c)^2, depths by chance below 5 %."""
    runs = repeats(50, 150)
    matrix = {
        "ghz": lambda: white_noise_ghz(3, 0.0),
        "noisy": lambda: white_noise_ghz(3, 0.3),
        "plus": lambda: pure(qbell.plus(3).statevector()),
        "w": lambda: pure(qbell.w(3).statevector()),
        "mixed": lambda: white_noise_ghz(3, 1.0),
    }[state]()
    truth = correlator(matrix, "+++").real ** 2
    inside = deep = 0
    for _ in range(runs):
        shots = shots_of_schedule(matrix, schedule(3, "mermin"), 30, rng)
        result = qbell.estimate(shots, resamples=100)
        assert result.e_n is not None
        inside += result.e_n.low - 1e-12 <= truth <= result.e_n.high + 1e-12
        deep += max(result.certificate.nonlocality_depth, result.certificate.svetlichny_depth) > 1
    assert inside >= least(runs, 0.95)
    if state not in ("ghz", "noisy"):
        assert deep <= most(runs, 0.025, 1e-3)


def test_tables(tmp_path: Path) -> None:
    shots = qbell.sample(qbell.ghz(3), schedule(3, "mermin"), shots=20, seed=1)
    shots.to_csv(tmp_path / "shots.csv")
    for design in (None, "mermin"):
        again = read_shots(tmp_path / "shots.csv", design)
        assert again.design == "mermin"
        np.testing.assert_array_equal(again.directions, shots.directions)
    uneven = shots.frame.assign(count=shots.frame["count"] + (shots.frame["setting"] == "XXX"))
    with pytest.raises(qbell.QbellError, match="--design mermin"):
        from_frame(uneven)
    assert from_frame(uneven, "mermin").total > shots.total
    some = shots.frame[~shots.frame["setting"].isin(["XYY", "YYX"])]
    with pytest.raises(qbell.QbellError, match=r"2 of the 2\^2 words.*measure XYY, YYX, or"):
        from_frame(some, "mermin")
    with pytest.raises(qbell.QbellError, match=r"setting 'YXX' has an odd number.*say design full"):
        from_frame(shots.frame.replace({"setting": {"XXX": "YXX"}}), "mermin")
    single = shots.frame.drop_duplicates("setting").assign(count=1)
    with pytest.raises(qbell.QbellError, match="a mermin design with 1 shot in a setting"):
        qbell.estimate(from_frame(single, "mermin"))
    few = dataclasses.replace(shots, directions=shots.directions * 0)
    with pytest.raises(qbell.QbellError, match=r"these shots: 1 of the 2\^2 words"):
        qbell.estimate(few)
