"""Estimates: against slow twins, exactly unbiased by enumeration, intervals that cover."""

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact
from qbell.conventions.eq24 import bound_weights
from qbell.estimator.tensor import kernels
from qbell.estimator.tensor.moments import cells_of, correlator_means, moments, raw_levels
from qbell.estimator.tensor.tensor import gradient
from qbell.estimator.tensor.units import group
from qbell.shots.shots import Shots
from qbell.util import threads
from tests.conftest import Repeats
from tests.support import slow_estimator
from tests.support.limits import least, most
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    shots_by,
    shots_of,
    white_noise_ghz,
)


def random_state(num_qubits: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    """A state without any symmetry: it would show a wrong qubit order or a lost phase."""
    raw = rng.normal(size=(2**num_qubits, 2)) + 1j * rng.normal(size=(2**num_qubits, 2))
    matrix = raw @ raw.conj().T
    return matrix / np.trace(matrix)


def squares(shots: Shots) -> NDArray[np.float64]:
    units = group(shots)
    return moments(units, cells_of(units, shots.num_qubits), shots.num_qubits).squares(
        shots.num_qubits
    )


def data_sets(rng: np.random.Generator) -> dict[str, Shots]:
    table = probabilities(random_state(3, rng))
    uneven = full_shots(table, 5, rng)
    more = full_shots(table[:, ::-1], 2, rng)
    return {
        "full": full_shots(table, 4, rng),
        "full, uneven": shots_of(
            np.concatenate([uneven.setting_index, more.setting_index[:9]]),
            np.concatenate([uneven.outcome_index, more.outcome_index[:9]]),
            np.concatenate([uneven.counts, more.counts[:9]]),
        ),
        "random": random_shots(table, 25, rng),
        "random, several shots": random_shots(table, 12, rng, shots=3),
    }


def test_single_random_shots_agree_with_the_pair_kernel(rng: np.random.Generator) -> None:
    shots = data_sets(rng)["random"]
    expected = slow_estimator.bound_from_pair_kernel(shots)
    assert qbell.estimate(shots, resamples=40).bound.value == pytest.approx(expected, rel=1e-6)


def test_diagonal_of_the_pair_kernel_is_the_known_constant() -> None:
    # physics: one shot paired with itself gives 1.6 N 2.5^N, whatever it is.
    for num_qubits in (2, 3, 6):
        assert bound_weights(num_qubits).sum() == pytest.approx(1.6 * num_qubits * 2.5**num_qubits)


def enumerate_full(table: NDArray[np.float64], shots: int) -> list[tuple[float, Shots]]:
    """Every data set of a full design, with its probability."""
    settings = len(table)
    splits = [
        np.array(counts)
        for counts in itertools.product(range(shots + 1), repeat=settings)
        if sum(counts) == shots
    ]

    def weight(counts: NDArray[np.int64], row: NDArray[np.float64]) -> float:
        ways = math.factorial(shots) / math.prod(map(math.factorial, counts.tolist()))
        return float(ways * np.prod(row**counts))

    found = []
    for choice in itertools.product(splits, repeat=settings):
        probability = math.prod(weight(c, row) for c, row in zip(choice, table, strict=True))
        counts = np.stack(choice)
        found.append((probability, shots_of(*np.nonzero(counts), counts[counts > 0])))
    return found


def enumerate_random(table: NDArray[np.float64], draws: int) -> list[tuple[float, Shots]]:
    """Every data set of single shots in random settings, with its probability."""
    cells = [(s, x) for s in range(len(table)) for x in range(len(table))]
    found = []
    for choice in itertools.product(cells, repeat=draws):
        settings, outcomes = (np.array(column) for column in zip(*choice, strict=True))
        probability = float(np.prod(table[settings, outcomes] / len(table)))
        ones = np.ones(draws, dtype=np.int64)
        found.append(
            (probability, shots_of(settings, outcomes, ones, draws=np.arange(draws), num_qubits=2))
        )
    return found


@pytest.mark.slow
@pytest.mark.parametrize("design", [pytest.param("full", marks=pytest.mark.nightly), "random"])
def test_exactly_unbiased_over_all_possible_data(design: str, rng: np.random.Generator) -> None:
    """No simulation: the mean over every data set there is, of two qubits and very few shots."""
    matrix = random_state(2, rng)
    table = probabilities(matrix)
    truth = np.abs(exact.correlator_values(matrix)) ** 2
    every = enumerate_full(table, 2) if design == "full" else enumerate_random(table, 3)
    weights = np.array([weight for weight, _ in every])
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    mean = weights @ np.array([squares(shots) for _, shots in every])
    np.testing.assert_allclose(mean[1:], truth[1:], atol=1e-12)
    plug_in = sum(
        weight * slow_estimator.plug_in_squared_correlator(shots, "++")
        for weight, shots in every
        if weight > 0
    )
    assert plug_in > truth[4] + 0.05  # the same check fails |mean|^2


@pytest.mark.statistics
@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("design", ["full", "random", "random, several shots"])
def test_bound_is_unbiased_and_the_plug_in_is_not(
    noise: float, design: str, rng: np.random.Generator
) -> None:
    """400 data sets; 4 standard errors, a false alarm in 1 of 16,000."""
    matrix = white_noise_ghz(4, noise)
    table = probabilities(matrix)
    weights = bound_weights(4)
    estimates, plugged = [], []
    for _ in range(400):
        shots = shots_by(design, table, rng, per_setting=10, draws=160, blocks=40, per_block=4)
        units = group(shots)
        found = moments(units, cells_of(units, 4), 4)
        estimates.append(weights @ found.squares(4))
        plugged.append(weights @ np.abs(found.values) ** 2)
    truth = exact.bound(matrix)
    assert truth == pytest.approx(16 * (1 - noise) ** 2, abs=1e-9)
    assert abs(np.mean(estimates) - truth) < 4 * np.std(estimates) / np.sqrt(400) + 1e-9
    assert abs(np.mean(plugged) - truth) > 5 * np.std(plugged) / np.sqrt(400)


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("design", ["full", "random", "random, several shots"])
@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
def test_intervals_cover(
    noise: float, design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """At 95 % coverage; false alarm 1e-4.

    Above 95 % is allowed: degenerate cases are conservative, and flagged.
    """
    matrix = white_noise_ghz(3, noise)
    table = probabilities(matrix)
    bound, e_n = exact.bound(matrix), abs(exact.correlator_of_all(matrix)) ** 2
    hits = np.zeros(2)
    flagged = 0
    runs = repeats(30, 80)
    for _ in range(runs):
        shots = shots_by(design, table, rng, per_setting=60, draws=500, blocks=100, per_block=5)
        result = qbell.estimate(shots, resamples=200, seed=int(rng.integers(2**31)))
        hits += [
            result.bound.low - 1e-9 <= bound <= result.bound.high + 1e-9,
            result.e_n.low - 1e-9 <= e_n <= result.e_n.high + 1e-9,
        ]
        flagged += result.bound.degenerate
    assert hits.min() >= least(runs, 0.95, 1e-4)
    if noise == 0.0:  # also at random: post-stratified
        assert flagged > 2 / 3 * runs
    else:
        assert flagged < runs / 10


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("design", ["full", "random"])
@pytest.mark.parametrize("state", ["plus", "mixed", "w"])
def test_controls_certify_nothing(
    state: str, design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """No Bell claim in data sets of 5 qubits; the local limits are far from these states."""
    if state == "mixed":
        matrix = np.eye(32) / 32 + 0j
    else:
        vector = (qbell.plus(5) if state == "plus" else qbell.w(5)).statevector()
        matrix = np.outer(vector, vector.conj())
    table = probabilities(matrix)
    claims = 0
    for _ in range(repeats(15, 40)):
        shots = full_shots(table, 30, rng) if design == "full" else random_shots(table, 1000, rng)
        certificate = qbell.estimate(shots, resamples=40).certificate
        claims += certificate.bell_qubits > 0 or certificate.nonlocality_depth > 1
        if design == "random":
            assert certificate.p_value is not None
            claims += certificate.p_value < 1e-3
    assert claims == 0


def test_data_of_one_outcome_are_flagged_and_claim_nothing() -> None:
    """All bits 0 in every setting: the local strategy that reaches 2^-N exactly, without noise."""
    settings = np.arange(16)
    shots = shots_of(settings, np.zeros(16, dtype=int), np.full(16, 500), num_qubits=4)
    result = qbell.estimate(shots)
    assert result.e_n.value == pytest.approx(2**-4)
    assert result.e_n.low < 2**-4 < result.e_n.high
    assert result.certificate.bell_qubits == 0
    assert result.bound.degenerate
    assert result.bound.low < result.bound.value < result.bound.high


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize(("num_qubits", "shots"), [(2, 10), (2, 1000), (3, 100), (4, 100)])
def test_rare_flips_are_covered(
    num_qubits: int, shots: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """GHZ with so little noise that about one flip is expected, and often none is seen.

    False alarm 2e-4 at the 97.5 % that these intervals, which are conservative, reach at least.
    """
    matrix = white_noise_ghz(num_qubits, 4 / (2**num_qubits * shots))
    table, bound = probabilities(matrix), exact.bound(matrix)
    e_n = abs(exact.correlator_of_all(matrix)) ** 2
    hits = np.zeros(2)
    runs = repeats(35, 100)
    for _ in range(runs):
        result = qbell.estimate(full_shots(table, shots, rng), resamples=100)
        hits += [
            result.bound.low <= bound <= result.bound.high,
            result.e_n.low <= e_n <= result.e_n.high,
        ]
    assert hits.min() >= least(runs, 0.975, 2e-4)


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("fewest", [2, 5, 10, 30])
def test_a_setting_with_few_shots_is_not_taken_as_known(
    fewest: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Product state and noisy GHZ, 1000 shots a setting but one; false alarms 1.3e-4 and 6e-4."""
    plus = np.array([1, np.exp(0.4j)]) / np.sqrt(2)
    runs = repeats(15, 40)
    product = np.outer(np.kron(plus, plus), np.kron(plus, plus).conj())
    for matrix in (product, white_noise_ghz(2, 0.2), white_noise_ghz(3, 0.31)):
        table, bound = probabilities(matrix), exact.bound(matrix)
        e_n = abs(exact.correlator_of_all(matrix)) ** 2
        hits, claims = np.zeros(2), 0
        for _ in range(runs):
            counts = rng.multinomial(1000, table)
            counts[0] = rng.multinomial(fewest, table[0])
            shots = shots_of(*np.nonzero(counts), counts[np.nonzero(counts)])
            result = qbell.estimate(shots, resamples=100)
            hits += [
                result.bound.low <= bound <= result.bound.high,
                result.e_n.low <= e_n <= result.e_n.high,
            ]
            claims += result.certificate.bell_qubits > 0
        assert hits.min() >= least(runs, 0.95, 1.3e-4)
        assert claims <= most(runs, 0.025, 6e-4)


def test_no_part_of_the_bound_is_printed_without_error() -> None:
    shots = shots_of(np.arange(8), np.zeros(8, dtype=int), np.full(8, 50), num_qubits=3)
    table = qbell.estimate(shots).bound_by_order.iloc[1:]
    assert (table["standard_error"] > 0).all()
    assert (table["low"] < table["high"]).all()


def test_the_gradient_is_the_derivative(rng: np.random.Generator) -> None:
    cells = rng.random(4**3)
    cells /= cells.sum()
    weights = bound_weights(3)

    def value(at: NDArray[np.float64]) -> float:
        return float(weights @ np.abs(correlator_means(at, 3)) ** 2)

    step = 1e-6
    slope = [
        (value(cells + step * unit) - value(cells - step * unit)) / (2 * step)
        for unit in np.eye(4**3)
    ]
    np.testing.assert_allclose(gradient(correlator_means(cells, 3), 3), slope, atol=1e-7)


def test_kernels_agree_with_exact_correlators(rng: np.random.Generator) -> None:
    for num_qubits in (2, 3, 4):
        matrix = random_state(num_qubits, rng)
        cells = probabilities(matrix).ravel() / 2**num_qubits
        np.testing.assert_allclose(
            correlator_means(cells, num_qubits), exact.correlator_values(matrix), atol=1e-13
        )


def test_walsh_hadamard_against_its_matrix(rng: np.random.Generator) -> None:
    row = rng.random(16)
    signs = [[(-1) ** (a & x).bit_count() for x in range(16)] for a in range(16)]
    expected = np.array(signs) @ row
    kernels.walsh_hadamard(row, raw_levels(4))
    np.testing.assert_allclose(row, expected, atol=1e-12)
    assert [kernels.is_odd(mask) for mask in (0, 1, 3, 7, 2**40, 2**62 + 1)] == [0, 1, 0, 1, 1, 0]


@pytest.mark.slow
def test_the_same_data_give_the_same_numbers_and_another_seed_others(
    rng: np.random.Generator,
) -> None:
    shots = full_shots(probabilities(white_noise_ghz(3, 0.3)), 100, rng)
    assert qbell.estimate(shots).bound == qbell.estimate(shots).bound
    one, other = qbell.estimate(shots, seed=1).bound, qbell.estimate(shots, seed=2).bound
    assert one.value == other.value
    assert one.low != other.low


def test_progress_adds_up(rng: np.random.Generator) -> None:
    shots = full_shots(probabilities(white_noise_ghz(2, 0.3)), 20, rng)
    steps: list[tuple[str, int, int]] = []
    qbell.estimate(shots, resamples=130, progress=lambda *step: steps.append(step))
    assert sum(done for _, done, _ in steps) == 130
    assert {(what, of) for what, _, of in steps} == {("resampling", 130)}


def test_what_cannot_be_estimated_is_refused(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(2, 0.3))
    with pytest.raises(QbellError, match="1 shot in a setting"):
        qbell.estimate(full_shots(table, 1, rng))
    with pytest.raises(QbellError, match="one draw alone"):
        qbell.estimate(random_shots(table, 1, rng, shots=9))
    shots = full_shots(table, 10, rng)
    with pytest.raises(QbellError, match="give 40 or more"):
        qbell.estimate(shots, resamples=39)
    with pytest.raises(QbellError, match="confidence"):
        qbell.estimate(shots, confidence=95)
    with pytest.raises(QbellError, match="phase"):
        qbell.estimate(shots, phase=math.nan)
    wide, axis = np.zeros((40, 13), dtype=np.uint8), shots.axis
    once = np.full(40, 2, dtype=np.int64)
    with pytest.raises(QbellError, match="n = 13"):
        qbell.estimate(Shots(wide, wide, once, None, "full", axis))
    with pytest.raises(QbellError, match="19 draws"):
        qbell.estimate(Shots(wide[:19], wide[:19], once[:19], np.arange(19), "random", axis))
    angles = np.repeat(np.arange(3, dtype=np.uint8)[:, None], 2, axis=1)
    with pytest.raises(QbellError, match="1 shot in a setting"):
        qbell.estimate(Shots(angles, wide[:3, :2], once[:3] - 1, None, "equatorial", axis))
    with pytest.raises(QbellError, match="label"):
        qbell.estimate(shots, labels=["+0+"])
    with pytest.raises(QbellError, match="no qubit"):
        qbell.estimate(shots, labels=["00"])
    with pytest.raises(QbellError, match="job"):
        qbell.estimate(shots, by_jobs=True)


def test_correlators_above_a_limit_are_counted_as_in_the_table() -> None:
    shots = qbell.sample(
        qbell.ghz(4), qbell.schedule(4, "random", draws=2000, seed=1), shots=1, seed=2
    )
    result = qbell.estimate(shots)
    rows = result.correlators.iloc[result.estimates.distinct].query("order > 0")
    low = rows["simultaneous_low"]
    assert result.significance.tests == len(rows) == (3**4 - 1) // 2
    assert result.significance.above_zero == (low > 0).sum() > 0
    assert result.significance.above_local == (low > rows["local_bound"]).sum() > 0


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("num_qubits", [4, 12, 13])
def test_results_do_not_depend_on_the_number_of_cores(
    num_qubits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The route through the data is chosen, and sums are taken, alike everywhere."""
    schedule = qbell.schedule(num_qubits, "random", draws=300, seed=1)
    shots = qbell.sample(qbell.ghz(num_qubits), schedule, shots=1, seed=2)
    found = []
    for count in (1, 2, 4, 64):
        monkeypatch.setattr(threads, "cores", lambda count=count: count)
        result = qbell.estimate(shots, resamples=100)
        found.append((result.route, result.bound, result.e_n, result.certificate))
    assert found == [found[0]] * 4
