"""The even design: its settings, its local limit, (Re c)^2 without bias, and what it refuses."""

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell.certificates import TestedCorrelator, certify, local_limit, local_realism, settings_p
from qbell.certificates.held_out import correlator_of_all, learn
from qbell.certificates.p_value_bounds import hoeffding_p, ratio_p
from qbell.designs import find_design
from qbell.designs.schedule import Schedule, schedule
from qbell.estimator.routes.real_part import real_part
from qbell.shots.read_shots import read_shots
from qbell.shots.shots import Shots, from_frame
from tests.certificates.test_held_out import correlator
from tests.certificates.test_local_realism import (
    all_words,
    best_adversary,
    strategy_products,
)
from tests.conftest import Repeats
from tests.support.limits import least, most
from tests.support.simulated import law, shots_of_schedule, white_noise_ghz

EVEN = find_design("even")


def even_words(num_qubits: int) -> NDArray[np.int64]:
    words = all_words(num_qubits)
    return words[words.sum(axis=1) % 2 == 0]


def as_shots(directions: NDArray[np.uint8], bits: NDArray[np.uint8]) -> Shots:
    """One shot a draw."""
    template = schedule(directions.shape[1], "even", draws=2, seed=0)
    return Shots(
        directions=directions.astype(np.uint8),
        bits=bits.astype(np.uint8),
        counts=np.ones(len(bits), dtype=np.int64),
        draws=np.arange(len(bits)),
        design="even",
        axis=template.axis,
    )


def random_density(num_qubits: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    size = 2**num_qubits
    root = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    matrix = root @ root.conj().T
    return matrix / np.trace(matrix).real


# Settings


@pytest.mark.parametrize("num_qubits", [2, 3, 9])
def test_settings_are_even_and_otherwise_uniform(num_qubits: int) -> None:
    """Every letter is fair, and every setting of few qubits comes as often as any other."""
    made = schedule(num_qubits, "even", draws=6000, seed=5)
    assert not (made.directions.sum(axis=1) % 2).any()
    assert made.frame.columns.tolist() == ["setting", "draw"]
    again = schedule(num_qubits, "even", draws=6000, seed=5)
    np.testing.assert_array_equal(made.directions, again.directions)
    p = settings_p(as_shots(made.directions, made.directions * 0))
    assert p is not None
    assert p > 1e-3


@pytest.mark.slow
def test_a_thousand_qubits() -> None:
    made = schedule(1000, "even", draws=50, seed=1)
    assert made.directions.shape == (50, 1000)
    result = qbell.estimate(as_shots(made.directions, made.directions * 0), resamples=100)
    y = 1 - made.directions.sum(axis=1, dtype=np.int64) % 4  # all outcomes +1: i^(number of Y)
    expected = (y.sum() ** 2 - 50) / (50 * 49) / 4
    assert result.e_n is not None
    assert result.e_n.value == pytest.approx(expected, abs=1e-15)
    assert result.bound.value == pytest.approx(4e6 * expected, rel=1e-12, abs=1e-6)


def test_uneven_settings_are_seen(rng: np.random.Generator) -> None:
    directions = schedule(4, "even", draws=400, seed=2).directions.copy()
    p = settings_p(as_shots(directions[directions[:, 0] == 0][:150], directions[:150] * 0))
    assert p is not None
    assert p < 1e-12


# Tables


def test_a_table_goes_out_and_comes_back(tmp_path: Path) -> None:
    shots = qbell.sample(qbell.ghz(3), schedule(3, "even", draws=40, seed=1), seed=2)
    path = tmp_path / "shots.csv"
    shots.to_csv(path)
    for design in (None, "even"):
        again = read_shots(path, design)
        assert again.design == "even"
        np.testing.assert_array_equal(again.directions, shots.directions)


def test_few_even_draws_are_not_guessed_to_be_of_this_design() -> None:
    table = pd.DataFrame({"setting": ["XX", "YY"], "bitstring": "00", "count": 1, "draw": [0, 1]})
    assert from_frame(table).design == "random"
    many = pd.concat([table.assign(draw=table["draw"] + 2 * k) for k in range(10)])
    assert from_frame(many).design == "even"
    odd = pd.concat([many, table.assign(setting=["XY", "XX"], draw=[20, 21])])
    assert from_frame(odd).design == "random"


def test_an_odd_setting_is_refused_with_its_row() -> None:
    table = pd.DataFrame(
        {"setting": ["XX", "XY"], "bitstring": "00", "count": [3, 1], "draw": [0, 1]}
    )
    with pytest.raises(qbell.QbellError, match="row 3: setting 'XY' has an odd number"):
        from_frame(table, "even")


def test_odd_settings_from_python_are_refused() -> None:
    shots = qbell.sample(qbell.ghz(3), schedule(3, "random", draws=60, seed=1), seed=2)
    with pytest.raises(qbell.QbellError, match="has an odd number of letters Y"):
        qbell.estimate(dataclasses.replace(shots, design="even"))


def test_even_settings_are_no_uniform_ones() -> None:
    """Said to be random, they would double every correlator of all qubits: caught."""
    shots = qbell.sample(qbell.ghz(4), schedule(4, "even", draws=60, seed=1), seed=2)
    certificate = qbell.estimate(dataclasses.replace(shots, design="random")).certificate
    assert certificate.settings_p is not None
    assert certificate.settings_p < 1e-12
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0


# Local realism


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 5, 6])
def test_the_limit_is_the_best_deterministic_strategy(num_qubits: int) -> None:
    """All strategies, all labels: the largest mean over the even settings is 2 beta."""
    words = even_words(num_qubits)
    even = all_words(num_qubits).sum(axis=1) % 2 == 0
    signs = 1 - 2 * all_words(num_qubits)
    factors = 1j ** (words @ signs.T)
    means = (strategy_products(num_qubits)[:, even] @ factors) / len(words)
    np.testing.assert_allclose(means.imag, 0, atol=1e-12)
    limit = 2 * local_limit(num_qubits)
    np.testing.assert_allclose(means.real.max(axis=0), limit, atol=1e-14)
    np.testing.assert_allclose(means.real.min(axis=0), -limit, atol=1e-14)  # phase pi


def even_laws(num_qubits: int) -> NDArray[np.float64]:
    """(laws, 2): chances of x = -1 and +1 under each strategy, those with equal chances once."""
    even = all_words(num_qubits).sum(axis=1) % 2 == 0
    turns = all_words(num_qubits)[even].sum(axis=1)
    x = (1j**turns * strategy_products(num_qubits)[:, even]).real.round()
    return np.unique([(x == value).mean(axis=1) for value in (-1, 1)], axis=1).T


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hoeffding", "ratio"])
@pytest.mark.parametrize(("num_qubits", "trials"), [(2, 30), (3, 60)])
def test_no_model_with_memory_beats_the_p_value(kind: str, num_qubits: int, trials: int) -> None:
    """Exactly, by dynamic programming over all local models that remember all that was."""
    values, laws = np.array([-1.0, 1.0]), even_laws(num_qubits)
    limit = 2 * local_limit(num_qubits)

    def p_value(counts: NDArray[np.float64], limit: float = limit) -> float:
        if kind == "ratio":
            return ratio_p(values, counts, limit)
        return hoeffding_p(float(values @ counts) / trials, limit, trials)

    for alpha in (0.5, 0.2, 0.05, 0.01):
        assert best_adversary(p_value, laws, trials, alpha) <= alpha
    # The check can fail: half the limit, that of uniform settings, is too low.
    wrong = [
        best_adversary(lambda counts: p_value(counts, limit / 2), laws, trials, alpha) / alpha
        for alpha in (0.5, 0.2, 0.05)
    ]
    assert max(wrong) > 1


def test_the_test_uses_twice_the_limit(rng: np.random.Generator) -> None:
    shots = shots_of_schedule(
        white_noise_ghz(4, 0.3), schedule(4, "even", draws=300, seed=3), 1, rng
    )
    test, reason = local_realism(shots)
    assert reason == ""
    assert test is not None
    assert test.limit == pytest.approx(2 * 0.25)
    assert test.mean == pytest.approx(4 * real_part(shots, "++++")[0] / 2, abs=1e-12)


def test_other_phases_are_refused(rng: np.random.Generator) -> None:
    shots = shots_of_schedule(
        white_noise_ghz(3, 0.0), schedule(3, "even", draws=30, seed=3), 1, rng
    )
    for phase in (0.3, math.pi / 2, -1.0):
        with pytest.raises(qbell.QbellError, match="real part"):
            certify(shots, 0.1, 0.95, direction=TestedCorrelator("+++", phase))
    negative = certify(shots, 0.1, 0.95, direction=TestedCorrelator("+++", math.pi))
    assert negative.p_value == 1.0


def test_several_shots_a_draw_leave_no_p_value(rng: np.random.Generator) -> None:
    shots = shots_of_schedule(
        white_noise_ghz(3, 0.0), schedule(3, "even", draws=30, seed=3), 4, rng
    )
    certificate = qbell.estimate(shots).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 3


# Estimates


@pytest.mark.parametrize("label", ["++", "+-"])
def test_unbiased_over_all_data_sets(label: str, rng: np.random.Generator) -> None:
    """Two draws, N = 2: every pair of settings and outcomes with its probability."""
    matrix = random_density(2, rng)
    words = even_words(2).astype(np.uint8)
    once = Schedule("even", schedule(2, "even", draws=2, seed=0).axis, words)
    table = law(matrix, once) / len(words)
    cells = list(np.ndindex(table.shape))
    mean = mean_c = 0.0
    for (t, a), (u, b) in itertools.product(cells, repeat=2):
        bits = np.array([[a & 1, a >> 1], [b & 1, b >> 1]])
        value, square, _, _ = real_part(as_shots(words[[t, u]], bits), label)
        mean += table[t, a] * table[u, b] * square
        mean_c += table[t, a] * table[u, b] * value
    expected = correlator(matrix, label).real
    assert mean_c == pytest.approx(expected, abs=1e-14)
    assert mean == pytest.approx(expected**2, abs=1e-14)


def test_labels_bit_order_and_learning(rng: np.random.Generator) -> None:
    """An asymmetric state: qubit 0 is the last character; the best label and sign are learnt."""
    vector = np.zeros(8, dtype=complex)
    vector[[0b011, 0b100]] = np.array([1.0, -1.0]) / np.sqrt(2)  # c of "+--" is -1/2
    matrix = np.outer(vector, vector.conj())
    shots = shots_of_schedule(matrix, schedule(3, "even", draws=400, seed=6), 1, rng)
    labels = ["+++", "++-", "+-+", "+--"]
    for label in labels:
        value = real_part(shots, label)[0]
        assert value == pytest.approx(correlator(matrix, label).real, abs=0.12)
        assert correlator_of_all(shots, TestedCorrelator(label)).real == pytest.approx(value)
    direction = learn(shots)
    assert direction.label == "+--"
    assert abs(direction.phase) == pytest.approx(math.pi)
    result = qbell.estimate(shots, label="learn", phase="learn")
    assert result.certificate.label == "+--"
    assert result.certificate.bell_qubits == 3
    with pytest.raises(qbell.QbellError, match="all qubits"):
        qbell.estimate(shots, labels=["0++"])


@pytest.mark.statistics
@pytest.mark.parametrize("noise", [0.0, 0.4, 1.0])
def test_intervals_cover(noise: float, rng: np.random.Generator, repeats: Repeats) -> None:
    """Data sets of 100 draws: nominal 95 % for E and the bound; false alarm below 1e-5."""
    matrix, runs = white_noise_ghz(3, noise), repeats(50, 150)
    truth = (1 - noise) ** 2 / 4
    inside = above = 0
    for run in range(runs):
        shots = shots_of_schedule(matrix, schedule(3, "even", draws=100, seed=run), 1, rng)
        result = qbell.estimate(shots, resamples=200)
        assert result.e_n is not None
        inside += result.e_n.low - 1e-12 <= truth <= result.e_n.high + 1e-12
        above += result.bound.lower_limit is not None and result.bound.lower_limit > 36 * truth
    assert inside >= least(runs, 0.95)
    assert above <= most(runs, 0.05, 0.003)


@pytest.mark.statistics
def test_error_bars_by_job(rng: np.random.Generator) -> None:
    shots = shots_of_schedule(
        white_noise_ghz(3, 0.3), schedule(3, "even", draws=1200, seed=4), 1, rng
    )
    jobs = pd.DataFrame({"job": np.asarray(shots.draws) // 100})
    whole = qbell.estimate(shots)
    by_job = qbell.estimate(dataclasses.replace(shots, extra=jobs), by_jobs=True)
    assert whole.e_n is not None
    assert by_job.e_n is not None
    assert by_job.e_n.value == pytest.approx(whole.e_n.value, abs=3 * whole.e_n.standard_error)
    assert 0.4 < by_job.bound.standard_error / whole.bound.standard_error < 2.5


@pytest.mark.parametrize("repeats", [5, 15])
def test_the_bound_is_as_uncertain_as_e(repeats: int) -> None:
    """A mean of exactly 0: the bound is 4 N^2 times E, and so are its ends, to a tenth."""
    table = pd.DataFrame(
        {
            "setting": ["XXX", "YYX", "YXY", "XYY"] * repeats,
            "bitstring": ["000", "110", "101", "001"] * repeats,
            "count": 1,
            "draw": range(4 * repeats),
        }
    )
    result = qbell.estimate(from_frame(table, "even"))
    assert result.e_n is not None
    assert real_part(result.shots, "+++")[0] == 0
    for name in ("standard_error", "high", "upper_limit"):
        expected = 36 * getattr(result.e_n, name)
        assert getattr(result.bound, name) == pytest.approx(expected, rel=0.1)


def test_few_even_draws_and_numbered_lists_are_asked_about() -> None:
    rows = pd.DataFrame({"setting": ["XXX", "YYX", "YXY", "XYY"], "bitstring": "000", "count": 1})
    few = pd.concat([rows] * 3, ignore_index=True)
    with pytest.raises(qbell.QbellError, match="all of 12 draws have an even number of Y"):
        from_frame(few.assign(draw=range(12)))
    words = ["".join(word) for word in itertools.product("XY", repeat=3)]
    listed = pd.DataFrame({"setting": words, "bitstring": "000", "count": 9, "draw": range(8)})
    with pytest.raises(qbell.QbellError, match="all settings, each once"):
        from_frame(listed)
    said = from_frame(listed, "random")
    assert any("listed and numbered rather than drawn" in note for note in said.notes)


@pytest.mark.parametrize(
    ("design", "size", "times"),
    [("random", 3, 2), ("random3", 2, 1), ("random3", 2, 3), ("even", 5, 2)],
)
def test_lists_of_every_design_are_asked_about(design: str, size: int, times: int) -> None:
    letters = "XYZ" if design == "random3" else "XY"
    words = ["".join(word) for word in itertools.product(letters, repeat=size)]
    if design == "even":
        words = [word for word in words if word.count("Y") % 2 == 0]
    table = pd.DataFrame({"setting": words * times, "bitstring": "0" * size, "count": 9})
    with pytest.raises(qbell.QbellError, match="draws are all settings, each"):
        from_frame(table.assign(draw=range(len(table))))
    more = pd.concat([table, table[:3]], ignore_index=True)
    assert from_frame(more.assign(draw=range(len(more)))).design == design


def test_few_draws_may_well_be_all_settings() -> None:
    """20 draws of the 4 settings of two qubits are 5 of each in 1.2 % of tables."""
    words = ["XX", "XY", "YX", "YY"] * 5
    table = pd.DataFrame({"setting": words, "bitstring": "00", "count": 1, "draw": range(20)})
    assert from_frame(table).design == "random"
