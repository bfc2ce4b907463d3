"""Error bars by job: slow twins, drift that shot-wise intervals miss, and what is refused."""

import cmath
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact
from qbell.conventions.axes import parse_axis
from qbell.conventions.labels import all_labels
from qbell.estimator.covering import low_orders
from qbell.estimator.drift import drift_p, neighbours_p
from qbell.estimator.intervals.job_deviations import deviations_by_job
from qbell.estimator.intervals.student import widening
from qbell.estimator.jobs import FEWEST, jobs_of
from qbell.estimator.strata import strata_of
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.estimator.test_designs_estimated import draw_shots, pure, random_state, schedule_of
from tests.support import slow_designs as slow
from tests.support.job_values import intervals_of
from tests.support.limits import least, most
from tests.support.simulated import full_shots, probabilities, random_shots, white_noise_ghz

Matrix = NDArray[np.complex128]


def merged(parts: Sequence[Shots]) -> Shots:
    """One data set of many jobs; draws are numbered on."""
    draws, first = [], 0
    for part in parts:
        if part.draws is not None:
            draws.append(part.draws + first)
            first += int(part.draws.max()) + 1
    jobs = np.repeat(np.arange(len(parts)), [len(part.counts) for part in parts])
    return replace(
        parts[0],
        directions=np.concatenate([part.directions for part in parts]),
        bits=np.concatenate([part.bits for part in parts]),
        counts=np.concatenate([part.counts for part in parts]),
        draws=np.concatenate(draws) if draws else None,
        extra=pd.DataFrame({"job": [f"job {job:02}" for job in jobs]}),
    )


def by_design(design: str, matrix: Matrix, rng: np.random.Generator, scale: int = 1) -> Shots:
    order = 2 if design == "covering" else None
    schedule = schedule_of(design, len(matrix).bit_length() - 1, order)
    draws = {"random": 12 * scale, "random3": 15 * scale}.get(design, 0)
    return draw_shots(matrix, schedule, 1 if draws else 4 * scale, rng, draws)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["random", "random3"])
def test_drawn_designs_pair_draws_of_different_jobs(design: str, rng: np.random.Generator) -> None:
    matrix = random_state(2, rng)
    shots = merged([by_design(design, matrix, rng, 1 + j % 2) for j in range(10)])
    jobs = [int(name[4:]) for name in shots.extra["job"]]
    result = qbell.estimate(shots, resamples=40, by_jobs=True)
    assert any("by job" in note for note in result.notes)
    np.testing.assert_allclose(
        result.bound_by_order["value"], slow.drawn_bound(shots, jobs), rtol=1e-8, atol=1e-9
    )
    if design == "random3":  # one label at a time: weights of jobs as of the bound
        return
    for row in result.correlators.itertuples():
        if row.order:
            assert row.value == pytest.approx(slow.drawn_square(shots, row.label, jobs), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["full", "covering"])
def test_fixed_settings_pair_estimates_of_different_jobs(
    design: str, rng: np.random.Generator
) -> None:
    """Each job's c_hat_s by itself, weighted by its shots; |c|^2 from a != b."""
    matrix = random_state(4 if design == "covering" else 2, rng)
    parts = [by_design(design, matrix, rng, 1 + j % 3) for j in range(10)]
    sizes = np.array([part.total for part in parts], dtype=float)
    values = np.array([job_values(part) for part in parts])
    weights = np.outer(sizes, sizes)
    np.fill_diagonal(weights, 0)
    expected = np.einsum("ab,as,bs->s", weights, values, values.conj()).real / weights.sum()
    result = qbell.estimate(merged(parts), resamples=40)
    table = result.correlators
    table = table[table["order"] > 0]
    np.testing.assert_allclose(table["value"], expected, atol=1e-10)
    charge = table["n_plus"] - table["n_minus"]
    size = len(matrix).bit_length() - 1
    factor = 2.0 * charge**2 * 2.0 ** (table["order"] - size)
    assert result.bound.value == pytest.approx(float(factor @ expected), abs=1e-10)


def job_values(shots: Shots) -> list[complex]:
    """c_hat_s of every label in the order of the table, by loops."""
    size = shots.num_qubits
    if shots.design == "full":
        names = [label for label in all_labels(size).tolist() if set(label) != {"0"}]
    else:
        table = qbell.estimate(replace(shots, extra=pd.DataFrame()), resamples=40).correlators
        names = table["label"].tolist()
    return [job_value(shots, label) for label in names]


def job_value(shots: Shots, label: str) -> complex:
    inside = [k for k in range(len(label)) if label[len(label) - 1 - k] != "0"]
    sums: dict[tuple[int, ...], list[float]] = {}
    for _, directions, bits in slow.single_shots(shots):
        parity = math.prod(1 - 2 * bits[k] for k in inside)
        sums.setdefault(tuple(directions[k] for k in inside), []).append(parity)
    total = 0j
    for pattern, parities in sums.items():
        factor = 2.0 ** -len(inside) + 0j
        for k, letter in zip(inside, pattern, strict=True):
            factor *= (1j if label[len(label) - 1 - k] == "+" else -1j) ** letter
        total += factor * sum(parities) / len(parities)
    return total


def turned_ghz(num_qubits: int, phase: float) -> Matrix:
    vector = np.zeros(2**num_qubits, dtype=complex)
    vector[0], vector[-1] = math.sqrt(0.5), math.sqrt(0.5) * cmath.exp(1j * phase)
    return np.outer(vector, vector.conj())


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("design", ["full", "random"])
def test_drift_is_covered_by_job_and_not_by_shot(
    design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """GHZ whose phase drifts: data sets of 20 jobs; truth: the mean state of all jobs to come.

    False alarm 3e-5 at 95 %. Shot by shot they are far fewer.
    """
    spread = 0.7
    mean = turned_ghz(2, 0.0)
    mean[0, -1] *= math.exp(-(spread**2) / 2)
    mean[-1, 0] = mean[0, -1].conj()
    bound, e_n = exact.bound(mean), abs(exact.correlator_of_all(mean)) ** 2
    hits, p_values = np.zeros((2, 2)), []
    runs = repeats(18, 50)
    for _ in range(runs):
        tables = [probabilities(turned_ghz(2, phase)) for phase in rng.normal(0, spread, 20)]
        parts = [
            full_shots(table, 60, rng) if design == "full" else random_shots(table, 240, rng)
            for table in tables
        ]
        shots = merged(parts)
        for place, by_jobs in enumerate((True, False)):
            result = qbell.estimate(shots, resamples=100, by_jobs=by_jobs)
            hits[place] += [
                result.bound.low <= bound <= result.bound.high,
                result.e_n.low <= e_n <= result.e_n.high,
            ]
        assert result.drift_p is not None
        p_values.append(result.drift_p)
        assert any("jobs differ" in note for note in result.notes)
    assert (hits[0] >= least(runs, 0.95, 3e-5)).all(), hits
    assert (hits[1] < 0.72 * runs).all(), hits
    assert max(p_values) < 1e-3


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
def test_without_drift_both_cover_and_agree(rng: np.random.Generator, repeats: Repeats) -> None:
    """Data sets of 12 jobs of noisy GHZ; false alarm 1e-4 at 95 %."""
    matrix = white_noise_ghz(2, 0.3)
    table, bound = probabilities(matrix), exact.bound(matrix)
    e_n = abs(exact.correlator_of_all(matrix)) ** 2
    hits, widths = np.zeros((2, 2)), np.zeros(2)
    runs = repeats(30, 80)
    for _ in range(runs):
        shots = merged([full_shots(table, 40, rng) for _ in range(12)])
        for place, by_jobs in enumerate((None, False)):
            result = qbell.estimate(shots, resamples=100, by_jobs=by_jobs)
            hits[place] += [
                result.bound.low <= bound <= result.bound.high,
                result.e_n.low <= e_n <= result.e_n.high,
            ]
            widths[place] += result.bound.high - result.bound.low
    assert (hits >= least(runs, 0.95, 1e-4)).all(), hits
    assert 0.9 < widths[0] / widths[1] < 1.6  # few jobs know their scatter less well


CASES = {
    "full": lambda table, rng, job: full_shots(table, 40, rng),
    "random": lambda table, rng, job: random_shots(table, 400, rng),
    # Within a number of letters Y modulo 4 settings have different
    # parities; where jobs hold them in different shares (several shots of each draw, or more shots
    # of some settings) that must not look like drift.
    "random, 200 shots a draw": lambda table, rng, job: random_shots(table, 10, rng, shots=200),
    "full, one job with more shots of one setting": lambda table, rng, job: full_shots_of(
        table, np.where((np.arange(16) == 0) & (job == 0), 400, 30), rng
    ),
}


def full_shots_of(table: NDArray[np.float64], sizes: object, rng: np.random.Generator) -> Shots:
    counts = np.stack([rng.multinomial(n, row) for n, row in zip(sizes, table, strict=True)])  # type: ignore[call-overload]
    rows, outcomes = np.nonzero(counts)
    bits = np.arange(4)
    return Shots(
        (rows[:, None] >> bits & 1).astype(np.uint8),
        (outcomes[:, None] >> bits & 1).astype(np.uint8),
        counts[rows, outcomes].astype(np.int64),
        None,
        "full",
        parse_axis("z"),
    )


@pytest.mark.statistics
@pytest.mark.parametrize("case", CASES)
def test_no_drift_is_seen_where_there_is_none(
    case: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Data sets of 12 jobs: p < 0.05 in a twentieth; false alarm 2e-4."""
    table = probabilities(pure(qbell.ising(4, -1.0)))
    found = []
    runs = repeats(30, 80)
    for _ in range(runs):
        shots = merged([CASES[case](table, rng, job) for job in range(12)])
        jobs = jobs_of(shots)
        assert jobs is not None
        found.append(drift_p(shots, jobs))
    assert all(p is not None for p in found)
    assert np.count_nonzero(np.array(found, dtype=float) < 0.05) <= most(runs, 0.05, 2e-4)


def test_too_few_or_incomplete_jobs(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(2, 0.3))
    few = merged([full_shots(table, 20, rng) for _ in range(FEWEST - 1)])
    result = qbell.estimate(few, resamples=40)
    assert not any("by job" in note for note in result.notes)
    with pytest.raises(QbellError, match="too few"):
        qbell.estimate(few, resamples=40, by_jobs=True)
    whole = full_shots(table, 20, rng)
    half = [
        replace(
            whole,
            directions=whole.directions[rows],
            bits=whole.bits[rows],
            counts=whole.counts[rows],
        )
        for job in range(12)
        for rows in [whole.setting_index % 2 == job % 2]
    ]
    split = merged(half)
    assert qbell.estimate(split, resamples=40).drift_p is None
    assert any("different settings" in n for n in qbell.estimate(split, resamples=40).notes)
    with pytest.raises(QbellError, match="not all the settings"):
        qbell.estimate(split, resamples=40, by_jobs=True)
    single = replace(whole, extra=pd.DataFrame({"job": ["a"] * len(whole.counts)}))
    assert qbell.estimate(single, resamples=40).drift_p is None


# What is learnt on held-out shots is tested with error bars by job too: shot-wise ones would claim
# in half of the data sets.
@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize("phase", [0.0, "learn"])
def test_the_certificate_keeps_error_bars_by_job(
    phase: object, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Phase drift of GHZ_3 with E = 1/8 of the mean state, the local limit: data sets of 12 jobs.

    A claim of 3 qubits is false in each, and may be made in 2.5 %; false alarm 6e-6.
    """
    spread = math.sqrt(math.log(2.0))  # E = exp(-spread^2) / 4
    claims = 0
    runs = repeats(15, 40)
    for _ in range(runs):
        tables = [probabilities(turned_ghz(3, p)) for p in rng.normal(0, spread, 12)]
        shots = merged([full_shots(table, 60, rng) for table in tables])
        result = qbell.estimate(shots, resamples=40, phase=phase, seed=1)  # type: ignore[arg-type]
        claims += result.certificate.nonlocality_depth == 3
    assert claims <= most(runs, 0.025, 6e-6)


def test_features_of_jobs_are_those_of_the_whole(rng: np.random.Generator) -> None:
    """The plain mean of jobs with equal shots is the estimate of all shots."""
    matrix = random_state(3, rng)
    parts = [by_design("full", matrix, rng, 3) for _ in range(10)]
    whole = replace(merged(parts), design="covering", order=3)
    strata = strata_of(whole)
    all_values = low_orders.low_orders(strata, 3).values
    each = [
        low_orders.values_of(strata_of(replace(p, design="covering", order=3)), s)
        for p in parts
        for s in [low_orders.supports_up_to(3, 3)]
    ]
    np.testing.assert_allclose(np.mean(each, axis=0), all_values, atol=1e-12)


# One-sided drift: E is that of the mean state, |mean c|^2, and c of the jobs is skewed. Rates as
# measured with this many jobs are in docs/statistics.md, "Jobs".


def noisy(values: object, noise: float, rng: np.random.Generator) -> NDArray[np.complex128]:
    exact_values = np.asarray(values, dtype=complex)
    real, imaginary = rng.normal(0, noise, (2, *exact_values.shape))
    return exact_values + real + 1j * imaginary


@pytest.mark.statistics
def test_lower_limits_under_drift_of_the_phase(rng: np.random.Generator) -> None:
    """Phase N(0, 0.5) of GHZ in 40 jobs, 2000 data sets: Student's t alone is wrong in 0.06."""
    phases = rng.normal(0, 0.5, (40, 2000))
    ends = intervals_of(noisy(np.exp(1j * phases) / 2, 0.02, rng), 0.02)
    truth = math.exp(-0.25) / 4
    assert np.mean(ends[:, 0] > truth) < 0.04
    assert 0.94 < np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])) < 0.985


@pytest.mark.statistics
def test_lower_limits_where_one_job_in_ten_is_dead(rng: np.random.Generator) -> None:
    """40 jobs, 2000 data sets: Student's t alone is wrong in 0.08; in 0.015 no dead one is seen."""
    alive = rng.random((40, 2000)) > 0.1
    ends = intervals_of(noisy(alive / 2, 0.02, rng), 0.02)
    assert np.mean(ends[:, 0] > 0.81 / 4) < 0.035


@pytest.mark.statistics
def test_lower_limits_hold_for_these_jobs_however_they_drift(rng: np.random.Generator) -> None:
    """A ramp of the phase, the same in 2000 data sets of 10 jobs: E of the mean of these jobs."""
    values = np.exp(1j * np.linspace(-1.0, 0.5, 10)) / 2
    ends = intervals_of(noisy(np.tile(values[:, None], 2000), 0.05, rng), 0.05)
    assert np.mean(ends[:, 0] > abs(values.mean()) ** 2) < 0.035


@pytest.mark.statistics
def test_the_bound_under_drift_of_the_phase(rng: np.random.Generator) -> None:
    """300 data sets of 20 jobs: lower ends from Student's t alone are wrong in 0.10, these 0.04."""
    shares, truth = np.full(20, 0.05), math.exp(-0.25) / 4
    wrong = 0
    for _ in range(300):
        values = noisy(np.exp(1j * rng.normal(0, 0.5, 20)) / 2, 0.02, rng)
        means = np.outer(values, values.conj()).real[None]
        selfs = np.diagonal(means, axis1=1, axis2=2)
        found = deviations_by_job(means, selfs, shares, widening(20, 0.025), 200, rng)
        wrong += found.distribution().interval(0.95)[0] > truth
    assert wrong < 23, wrong


@pytest.mark.slow
def test_what_error_bars_by_job_leave_out_is_said(rng: np.random.Generator) -> None:
    tables = [probabilities(turned_ghz(2, phase)) for phase in rng.normal(0, 0.7, 40)]
    for count, drifting in ((12, True), (40, False)):
        shots = merged([full_shots(table, 60, rng) for table in tables[:count]])
        notes = " ".join(qbell.estimate(shots, resamples=40).notes)
        assert f"fewer than {1 - 0.025 ** (1 / count):.0%} of jobs" in notes
        assert "these jobs prepared" in notes
        assert ("jobs differ by more than chance" in notes) == drifting


def test_drift_is_seen_where_one_outcome_is_rare(rng: np.random.Generator) -> None:
    """One dead job of ten of a GHZ state: no single setting has five wrong parities a job."""
    alive, dead = (probabilities(white_noise_ghz(3, noise)) for noise in (0.0, 1.0))
    shots = merged([full_shots(dead if job == 4 else alive, 60, rng) for job in range(10)])
    result = qbell.estimate(shots, resamples=40, by_jobs=False)
    assert result.drift_p is not None
    assert result.drift_p < 1e-6
    assert any("jobs differ" in note for note in result.notes)


@pytest.mark.statistics
def test_rare_outcomes_alone_alarm_no_more_often_than_stated(rng: np.random.Generator) -> None:
    """300 data sets of 10 jobs with wrong parities in 0.03: p < 0.05 in more than 27: 1e-3."""
    table = probabilities(white_noise_ghz(2, 0.06))
    alarms = 0
    for _ in range(300):
        shots = merged([full_shots(table, 60, rng) for _ in range(10)])
        jobs = jobs_of(shots)
        assert jobs is not None
        found = drift_p(shots, jobs)
        assert found is not None
        alarms += found < 0.05
    assert alarms <= 27


def test_slow_drift_is_seen_in_the_order_of_jobs(rng: np.random.Generator) -> None:
    """A ramp of the phase over 12 jobs; numbered 1 to 12, where text order would begin 1, 10."""
    tables = [probabilities(turned_ghz(2, phase)) for phase in np.linspace(-1, 1, 12)]
    said = []
    for order in (np.arange(12), rng.permutation(12)):
        shots = merged([full_shots(tables[place], 100, rng) for place in order])
        numbers = [str(int(name[4:]) + 1) for name in shots.extra["job"]]
        shots = replace(shots, extra=pd.DataFrame({"job": numbers}))
        said.append(
            any("neighbouring jobs" in n for n in qbell.estimate(shots, resamples=40).notes)
        )
    assert said == [True, False]


@pytest.mark.slow
def test_neighbours_of_independent_jobs_are_not_alike(rng: np.random.Generator) -> None:
    """400 data sets: p < 0.05 in more than 36 has a chance of 5e-4."""
    found = []
    for _ in range(400):
        values = rng.exponential(size=10)
        found.append(neighbours_p(np.outer(values, values), rng))
    assert np.count_nonzero(np.array(found) < 0.05) <= 36
    assert neighbours_p(np.ones((10, 10)), rng) == 1.0
