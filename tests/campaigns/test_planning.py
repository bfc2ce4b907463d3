"""Plans against simulated campaigns, closed forms and goals. Limits are four standard deviations
of the comparison unless said otherwise: a false alarm in about 16,000, with fixed seeds."""

import json
import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell.campaigns.jobs.job_plan import make_plan
from qbell.campaigns.planning import Forecast, plan
from qbell.campaigns.planning.cost import QpuCost, cost
from qbell.campaigns.planning.effort import Effort
from qbell.campaigns.planning.pilot import measure
from qbell.campaigns.planning.scaling import Scatter
from qbell.campaigns.planning.table import plan_table
from qbell.campaigns.spec import Spec, parse_spec, read_spec
from qbell.campaigns.spec_tables import Hardware
from qbell.certificates import TestedCorrelator, certify, local_limit, local_realism
from qbell.certificates.registry import DEPTHS
from qbell.designs import DESIGNS
from qbell.designs.schedule import Schedule
from qbell.devices.backends import find_backend
from qbell.devices.qpu_time import job_seconds, time_limit
from qbell.errors import QbellError
from qbell.estimator.dispatch import Task, find
from qbell.shots.shots import Shots
from qbell.simulation.draw_outcomes import prepare_vector
from qbell.states.base import preparation_of
from tests.conftest import Repeats, Start
from tests.support.paths import ROOT
from tests.support.simulated import law, white_noise_ghz

ALARM = 4.0  # standard deviations


def spec_of(**tables: Any) -> Spec:
    """A GHZ campaign of four qubits unless said otherwise."""
    data = {"seed": 7, "state": {"family": "ghz", "n": 4}, **tables}
    return parse_spec(data, "text", name="test", folder=Path())


def data_sets(
    matrix: NDArray[np.complex128], spec: Spec, count: int, rng: np.random.Generator
) -> Iterator[Shots]:
    """Campaigns on a known state, drawn without qbell's sampling."""
    num_qubits = len(matrix).bit_length() - 1
    drawn, letters = DESIGNS[spec.design].drawn, DESIGNS[spec.design].letters
    if drawn:
        grid = np.indices((letters,) * num_qubits).reshape(num_qubits, -1).T.astype(np.uint8)
        grid = np.ascontiguousarray(grid)
        grid = grid[~DESIGNS[spec.design].misfits(grid)]
        every = Schedule(spec.design, qbell.schedule(2).axis, grid)
    else:
        every = qbell.schedule(num_qubits, spec.design, order=spec.order)
    chances = np.full(len(every), 1 / len(every))
    if spec.design == "ghz":  # a quarter of the draws along xi
        along = (every.directions == 2).all(axis=1)
        chances = np.where(along, 0.25, 0.75 / (len(every) - 1))
    table = law(matrix, every)
    for _ in range(count):
        rows = np.arange(len(every))
        if drawn:
            rows = rng.choice(len(every), spec.draws, p=chances)
        counts = rng.multinomial(spec.shots, table[rows])
        index, outcomes = np.nonzero(counts)
        yield Shots(
            directions=every.directions[rows[index]],
            bits=(outcomes[:, None] >> np.arange(num_qubits) & 1).astype(np.uint8),
            counts=counts[index, outcomes].astype(np.int64),
            draws=index.astype(np.int64) if drawn else None,
            design=spec.design,
            axis=every.axis,
            order=every.order,
        )


def estimates(spec: Spec, sets: Iterator[Shots]) -> dict[str, NDArray[np.float64]]:
    """(sets,) estimates of the bound, E_{N,0} and F0."""
    found: dict[str, list[float]] = {"bound": [], "e_n": [], "f0": []}
    for number, shots in enumerate(sets):
        top = "+" * shots.num_qubits
        one = find(Task(shots, 0.5, 4, np.random.SeedSequence(number), (top,)))
        found["bound"].append(float(one.deviations.values.sum()))
        places = np.flatnonzero(one.correlators.labels == top)
        if len(places):
            found["e_n"].append(float(one.correlators.squares[places[0]]))
        if one.f0 is not None:
            found["f0"].append(one.f0.value)
    return {name: np.array(values) for name, values in found.items()}


def agrees(expected: float, values: NDArray[np.float64], uncertainty: float) -> bool:
    """Whether the spread of the values is the expected one."""
    kurtosis = float(np.mean((values - values.mean()) ** 4) / values.var() ** 2)
    of_spread = math.sqrt(max(kurtosis - 1, 0.5) / len(values)) / 2
    off = math.log(float(values.std(ddof=1)) / expected)
    return abs(off) < ALARM * math.hypot(of_spread, uncertainty)


STATES = {
    "plus": {"family": "plus", "n": 3},
    "ghz": {"family": "ghz", "n": 4},
    "ising": {"family": "ising", "n": 3, "u": -1.0, "layers": 2},
}
CAMPAIGNS = [
    ("ghz", {"design": "random", "draws": 150}),  # more are post-stratified, and hardly scatter
    ("ghz", {"design": "random", "draws": 100, "shots": 5}),
    ("ghz", {"design": "equatorial", "shots": 100}),
    ("plus", {"design": "full", "shots": 10}),
    ("plus", {"design": "random", "draws": 50}),
    ("plus", {"design": "covering", "order": 2, "shots": 500}),
    ("plus", {"design": "symmetric", "shots": 100}),
    ("ising", {"design": "full", "shots": 200}),
    ("ising", {"design": "random", "draws": 2000}),
    ("ising", {"design": "random3", "draws": 400}),
    ("ising", {"design": "covering", "order": 2, "shots": 500}),
    ("ising", {"design": "equatorial", "shots": 150}),
]


@pytest.mark.first_and_last
@pytest.mark.statistics
@pytest.mark.parametrize(
    ("state", "schedule"),
    CAMPAIGNS,
    ids=[f"{s}-{d['design']}-{i}" for i, (s, d) in enumerate(CAMPAIGNS)],
)
def test_error_bars_are_the_spread_of_campaigns(state: str, schedule: dict[str, Any]) -> None:
    """150 campaigns (40 of random3); values and spreads of the bound, E_{N,0} and F0.

    Of campaigns whose error bars hold little that stands for unseen outcomes: see the next test.
    """
    spec = spec_of(state=STATES[state], schedule=schedule)
    whole = plan(spec)
    planned, record = whole.expected, whole.pilot
    assert planned is not None
    assert record is not None
    prepared = prepare_vector(spec.state().circuit())
    rng = np.random.default_rng(11)
    count = 40 if spec.design == "random3" else 150
    found = estimates(spec, data_sets(np.outer(prepared, prepared.conj()), spec, count, rng))
    assert planned.e_n is None or len(found["e_n"]) == count
    assert (planned.f0 is None) == (spec.design != "random3")
    for name, values in found.items():
        forecast = getattr(planned, name)
        if len(values) == 0:
            assert forecast is None
            continue
        error = math.hypot(values.std() / math.sqrt(len(values)), forecast.value_error)
        assert abs(values.mean() - forecast.value) < ALARM * error, name
        assert agrees(forecast.standard_error, values, max(record.uncertainty, 0.02)), name


@pytest.mark.usefixtures("no_orders")
@pytest.mark.statistics
@pytest.mark.parametrize(
    ("state", "schedule"),
    [
        ("ghz", {"design": "full", "shots": 100}),
        ("plus", {"design": "covering", "order": 2, "shots": 20}),
    ],
)
def test_error_bars_for_unseen_outcomes_are_expected_too(
    state: str, schedule: dict[str, Any], repeats: Repeats
) -> None:
    """What a run prints is wider than the spread of campaigns there, and a plan expects it."""
    spec = spec_of(state=STATES[state], schedule=schedule)
    planned = plan(spec)
    assert planned.expected is not None
    prepared = prepare_vector(spec.state().circuit())
    matrix = np.outer(prepared, prepared.conj())
    sets = list(data_sets(matrix, spec, repeats(20, 60), np.random.default_rng(12)))
    found = estimates(spec, iter(sets))["bound"]
    assert planned.expected.degenerate
    more = plan(spec_of(state=STATES[state], schedule={**schedule, "shots": 10**6})).expected
    assert more is not None
    assert state == "ghz" or not more.degenerate
    assert any("degenerate" in note for note in planned.notes)
    assert found.std() < planned.expected.bound.standard_error
    results = [qbell.estimate(shots, resamples=200) for shots in sets[: repeats(8, 20)]]
    printed = [result.bound.standard_error for result in results]
    assert np.mean(printed) == pytest.approx(planned.expected.bound.standard_error, rel=0.2)
    if state == "ghz":  # nothing in E_{N,0} scatters: its error bar falls as 1/m, not as a root
        one, other = planned.expected.e_n, more.e_n
        assert one is not None
        assert other is not None
        assert results[0].e_n is not None
        assert one.standard_error == pytest.approx(results[0].e_n.standard_error, rel=0.01)
        assert 0.9e-4 < other.standard_error / one.standard_error < 4e-4


@pytest.mark.device
def test_error_bars_under_a_devices_noise() -> None:
    """200 campaigns on a fake device, sampled in one go."""
    spec = spec_of(
        state={"family": "ghz", "n": 3},
        schedule={"design": "full", "shots": 100},
        backend={"name": "fake_manila"},
    )
    planned = plan(spec)
    assert planned.expected is not None
    assert planned.pilot is not None
    once = qbell.schedule(3)
    tiled = replace(once, directions=np.tile(once.directions, (200, 1)))
    every = qbell.sample(spec.state(), tiled, shots=100, seed=5, backend="fake_manila")
    campaign = (np.cumsum(every.counts) - 1) // (100 * len(once))
    sets = (
        replace(
            every,
            directions=every.directions[campaign == number],
            bits=every.bits[campaign == number],
            counts=every.counts[campaign == number],
        )
        for number in range(200)
    )
    found = estimates(spec, sets)
    for name in ("bound", "e_n"):
        forecast = getattr(planned.expected, name)
        error = math.hypot(found[name].std() / math.sqrt(200), forecast.value_error)
        assert abs(found[name].mean() - forecast.value) < ALARM * error
        assert agrees(forecast.standard_error, found[name], planned.pilot.uncertainty)
    assert planned.expected.bound.value < 9 - 5 * planned.expected.bound.value_error


def random_variance(num_qubits: int, noise: float, draws: int) -> float:
    """Variance of the bound of a GHZ state with white noise, random design, in closed form."""
    size, kept = num_qubits, (1 - noise) ** 2
    first = 4 * size**4 * kept * (0.5 - kept / 4)
    moment = sum(math.comb(size, k) * k**2 * (size - k) ** 2 for k in range(size + 1)) / 2**size
    second = 4 * (2 * size * 2.25 ** (size - 1) + 12 * size * (size - 1) * 2.25 ** (size - 2))
    second += 2 * kept * moment - size**4 * kept**2
    return float((4 * (draws - 2) * first + 2 * second) / (draws * (draws - 1)))


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.4, 1.0])
def test_closed_form_with_white_noise(noise: float) -> None:
    """Var U = [4(M-2) zeta1 + 2 zeta2] / (M(M-1)), from pilots of another size than M."""
    spec = spec_of(schedule={"design": "random", "draws": 2000})
    sets = data_sets(white_noise_ghz(4, noise), spec, 8, np.random.default_rng(3))
    pilots = measure(spec, tuple(sets), Effort(8, 2000, 1, 200), 1)
    for draws in (50, 405, 2000, 50_000):
        expected = math.sqrt(random_variance(4, noise, draws))
        if noise == 1 and draws == 50_000:
            continue  # nothing linear is left: below the pilots' own resolution
        found = pilots.bound_scatter.standard_error(draws)
        allowed = ALARM * max(pilots.bound_scatter.uncertainty(draws), 0.02)
        assert abs(math.log(found / expected)) < allowed, draws


@pytest.mark.slow
def test_errors_without_signal_do_not_fall_as_the_square_root() -> None:
    """Control: the usual 1/sqrt(M) is refused by the check above, where squares are all noise."""
    spec = spec_of(schedule={"design": "random", "draws": 2000})
    sets = data_sets(white_noise_ghz(4, 1.0), spec, 8, np.random.default_rng(3))
    scatter = measure(spec, tuple(sets), Effort(8, 2000, 1, 200), 1).bound_scatter
    naive = scatter.standard_error(2000) * math.sqrt(2000 / 50)
    expected = math.sqrt(random_variance(4, 1.0, 50))
    assert abs(math.log(naive / expected)) > 10 * max(scatter.uncertainty(50), 0.02)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(("num_qubits", "draws"), [(4, 191), (6, 414), (8, 440), (10, 515)])
def test_draws_for_ten_percent_of_a_ghz_state(num_qubits: int, draws: int) -> None:
    """Known numbers; a relative error d of the error bar is one of about 2 d in the draws.

    Of 4 qubits it would be 405, but 191 are post-stratified, and then GHZ hardly scatters.
    """
    spec = spec_of(
        state={"family": "ghz", "n": num_qubits}, schedule={"design": "random", "draws": 2000}
    )
    planned = plan(spec)
    assert planned.needed is not None
    assert planned.needed.draws is not None
    assert planned.needed.total_shots == planned.needed.draws
    assert abs(planned.needed.draws / draws - 1) < 0.1


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "schedule", "precision"),
    [
        ("ising", {"design": "random", "draws": 200}, 0.05),
        ("ising", {"design": "full", "shots": 1000}, 0.02),
        ("plus", {"design": "symmetric", "shots": 50}, 0.1),
        ("plus", {"design": "covering", "order": 2, "shots": 500}, 0.03),
        ("ghz", {"design": "full", "shots": 1000}, 0.01),  # degenerate: no scatter in the data
    ],
)
def test_the_shots_needed_reach_the_precision(
    state: str, schedule: dict[str, Any], precision: float
) -> None:
    """A plan of as many shots as a plan asks for expects the precision, by other pilots."""
    goal = {"precision": precision}
    needed = plan(spec_of(state=STATES[state], schedule=schedule, plan=goal)).needed
    assert needed is not None
    key = "draws" if "draws" in schedule else "shots"
    again = {**schedule, key: getattr(needed, key)}
    planned = plan(spec_of(seed=8, state=STATES[state], schedule=again, plan=goal))
    assert planned.expected is not None
    assert planned.total_shots == needed.total_shots
    assert planned.expected.bound.relative is not None
    # Whole shots of a setting: a few fewer would not have been enough.
    assert 0.6 * precision < planned.expected.bound.relative < 1.15 * precision


@pytest.mark.slow
def test_p_value_is_the_median_of_campaigns() -> None:
    """400 campaigns: half of the p-values are below the expected one, within four sigma.

    A generic phase, so that the p-value takes many different values.
    """
    spec = spec_of(schedule={"design": "random", "draws": 150}, estimate={"phase": 0.3})
    planned = plan(spec).expected
    assert planned is not None
    sets = data_sets(white_noise_ghz(4, 0.0), spec, 400, np.random.default_rng(4))
    tests = [local_realism(shots, TestedCorrelator("++++", 0.3))[0] for shots in sets]
    for expected, name in ((planned.p_value, "hoeffding"), (planned.p_value_ratio, "ratio")):
        assert expected is not None
        share = np.mean([getattr(test, name) < expected for test in tests])
        assert abs(share - 0.5) < ALARM * 0.5 / math.sqrt(400) + 0.03, name


@pytest.mark.slow
def test_shots_for_a_p_value_in_closed_form() -> None:
    """An ideal GHZ state has x = 1 in the half of the draws that counts, each worth the factor
    (1 + 2 beta)/2, as KL(1 || q) = ln(1/q)."""
    spec = spec_of(
        state={"family": "ghz", "n": 10},
        schedule={"design": "random", "draws": 100},
        plan={"p_value": 1e-6},
    )
    needed = plan(spec).needed
    assert needed is not None
    decay = -math.log((1 + 2 * local_limit(10)) / 2)
    exact = math.ceil(6 * math.log(10) / decay * 2)
    assert needed.shots_for_p_value is not None
    assert needed.shots_for_p_value_ratio is not None
    assert abs(needed.shots_for_p_value / exact - 1) < 0.08  # 16,000 draws: 4 sigma of the mean
    # The mixture of bets costs a factor 15 at most, and the largest stake is 0.998 of all.
    dearer = (6 * math.log(10) + math.log(15)) / (decay - 0.003) * 2
    assert exact < needed.shots_for_p_value_ratio < 1.08 * dearer


@pytest.mark.slow
def test_shots_for_a_p_value_reach_it() -> None:
    """And one shot fewer does not, by the same pilots."""
    tables = {"estimate": {"phase": 0.1}, "plan": {"p_value": 1e-4}}
    first = plan(spec_of(schedule={"design": "random", "draws": 500}, **tables)).needed
    assert first is not None
    count = first.shots_for_p_value
    assert count is not None
    for draws, reached in ((count, True), (count - 1, False)):
        again = plan(spec_of(schedule={"design": "random", "draws": draws}, **tables)).expected
        assert again is not None
        assert again.p_value is not None
        assert (again.p_value <= 1e-4) == reached


@pytest.mark.slow
def test_a_direction_to_be_learnt_costs_the_shots_held_out() -> None:
    schedule = {"design": "random", "draws": 400}
    fixed = plan(spec_of(schedule=schedule))
    learnt = plan(spec_of(schedule=schedule, estimate={"phase": "learn", "held_out": 0.5}))
    assert fixed.expected is not None
    assert learnt.expected is not None
    assert fixed.needed is not None
    assert learnt.needed is not None
    one, other = fixed.expected.p_value, learnt.expected.p_value
    assert one is not None
    assert other is not None
    assert abs(math.log(other) / math.log(one) - 0.5) < 0.1
    assert learnt.needed.shots_for_p_value is not None
    assert fixed.needed.shots_for_p_value is not None
    assert 1.7 < learnt.needed.shots_for_p_value / fixed.needed.shots_for_p_value < 2.3
    assert learnt.expected.e_n_low is not None
    assert fixed.expected.e_n_low is not None
    assert learnt.expected.e_n_low < fixed.expected.e_n_low


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("design", [name for name in DESIGNS if name != "stars"])  # of its family
def test_depths_are_those_that_a_certificate_gives(design: str) -> None:
    """From the expected lower limit, by the rules of each design."""
    schedule: dict[str, Any] = {"design": design, "shots": 300}
    if DESIGNS[design].drawn:
        schedule = {"design": design, "draws": 3000}
    if design == "covering":
        schedule["order"] = 4
    spec = spec_of(schedule=schedule)
    planned = plan(spec).expected
    assert planned is not None
    shots = next(data_sets(white_noise_ghz(4, 0.0), spec, 1, np.random.default_rng(9)))
    certificate = certify(shots, planned.e_n_low, spec.confidence)
    names = [depth.key for depth in DEPTHS]
    assert [getattr(planned, name) for name in names] == [
        getattr(certificate, name) for name in names
    ]
    assert (planned.p_value is None) == (design not in ("random", "even", "ghz"))


@pytest.mark.slow
def test_what_has_no_correlations_is_expected_to_certify_nothing() -> None:
    spec = spec_of(state={"family": "plus", "n": 6}, schedule={"design": "random", "draws": 3000})
    planned = plan(spec)
    assert planned.expected is not None
    assert planned.needed is not None
    assert planned.expected.p_value == 1.0
    assert planned.expected.bell_qubits == 0
    assert planned.expected.nonlocality_depth == planned.expected.entanglement_depth == 1
    assert planned.needed.shots_for_p_value is None
    assert any("local limit" in note for note in planned.notes)


@pytest.mark.slow
def test_a_bound_of_zero_has_no_relative_precision() -> None:
    """A W state has no correlators in the plane."""
    spec = spec_of(state={"family": "w", "n": 3}, schedule={"design": "random", "draws": 500})
    planned = plan(spec)
    assert planned.expected is not None
    assert planned.needed is not None
    assert planned.expected.bound.relative is None
    assert planned.needed.total_shots is None
    assert any("not clearly above 0" in note for note in planned.notes)


def ghz_on(device: str, *, n: int = 3, **tables: Any) -> Spec:
    return spec_of(state={"family": "ghz", "n": n}, backend={"name": device}, **tables)


def priced(spec: Spec, rows: int = 8) -> tuple[QpuCost, list[str]]:
    """Costs and the notes on them alone: pilots take most of a plan's time."""
    device = find_backend(spec.backend)
    _, qpu, notes = cost(spec, preparation_of(spec.state(), device, measured=True), device, rows)
    return qpu, notes


@pytest.mark.device
def test_costs_on_a_device() -> None:
    """Jobs, executions and parameter sets counted by hand; the seconds from them."""
    planned = plan(ghz_on("fake_manila", schedule={"shots": 1000}))
    qpu = planned.qpu
    # 10 data jobs of 8 settings x 100 shots, twirled 5 times (4 does not use the 8 allowed);
    # 3 reference jobs of 4 words and 2 settings x 1000 shots, twirled 8 times.
    assert (qpu.jobs, qpu.reference_jobs) == (13, 3)
    assert qpu.executions == 10 * 8 * 100 + 3 * 6 * 1000
    assert qpu.parameter_sets == 10 * 8 * 5 + 3 * 6 * 8
    assert qpu.duration is not None
    assert 1e-6 < qpu.duration < 1e-4
    once = 26_000 * (qpu.duration + 250e-6)
    assert qpu.seconds_low == pytest.approx(once + 13 * 2)
    assert qpu.seconds == pytest.approx(once + 13 * 2 + 544 * 3e-3)
    assert qpu.loading == pytest.approx(544 * 3e-3)
    assert qpu.seconds_high == pytest.approx(26_000 * 350e-6 + 13 * 5 + 544 * 30e-3)
    assert (qpu.budget, qpu.jobs_sure, qpu.jobs_likely) == (None, None, None)
    assert planned.circuit.two_qubit_gates == 2


@pytest.mark.device
@pytest.mark.parametrize(
    ("tables", "executions", "sets", "jobs"),
    [
        # Single shots cannot be twirled twice: a set for each of them.
        ({"schedule": {"design": "random", "draws": 500}}, 500 + 18_000, 500 + 144, 13),
        ({"hardware": {"jobs": 4, "reference": 0, "twirling": False}}, 8000, 4 * 8, 4),
        ({"hardware": {"jobs": 1, "reference": 1, "randomizations": 2}}, 14_000, 28, 2),
        ({"mitigation": {"shots": 3000}}, 8000 + 18_000, 544, 13),  # in reference jobs
        # A job of the service takes 10 million executions.
        ({"schedule": {"shots": 25_000_000}}, 200_018_000, None, 23),
    ],
)
def test_what_a_campaign_sends(
    tables: dict[str, Any], executions: int, sets: int | None, jobs: int
) -> None:
    """By hand, for GHZ of three qubits: 8 settings of 1000 shots unless said otherwise."""
    spec = ghz_on("fake_manila", **tables)
    rows = 8 if spec.draws is None else spec.draws
    qpu, notes = priced(spec, rows)
    assert (qpu.executions, qpu.jobs) == (executions, jobs)
    assert sets is None or qpu.parameter_sets == sets
    assert notes == []


@pytest.mark.device
def test_the_plan_counts_the_jobs_that_are_sent(tmp_path: Path) -> None:
    """The jobs of `qbell submit`, from the campaign's folder."""
    path = tmp_path / "spec.toml"
    path.write_text(
        '[state]\nfamily = "ghz"\nn = 3\n[schedule]\ndesign = "random"\ndraws = 50\n'
        '[backend]\nname = "fake_manila"\n'
    )
    spec = read_spec(path)
    device = find_backend("fake_manila")
    sent = make_plan(spec, tmp_path / "out", device, where="local")
    _, qpu, _ = cost(spec, preparation_of(spec.state(), device, measured=True), device, 50)
    assert qpu.jobs == len(sent.jobs)
    assert qpu.executions == sum(job.executions for job in sent.jobs)
    assert qpu.parameter_sets == sum(job.parameter_sets for job in sent.jobs)
    assert qpu.duration == pytest.approx(sent.duration)
    within = ghz_on("fake_manila", hardware={"budget": sent.reserved(sent.jobs[0]) + 0.5})
    _, qpu, _ = cost(within, preparation_of(spec.state(), device, measured=True), device, 50)
    assert qpu.jobs_sure == 1  # it reserves what the plan lets it take


def test_an_ibm_device_is_planned_like_its_snapshot(
    loopback: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real client, of the device that a server on 127.0.0.1 has from the snapshot."""
    for name, value in loopback().environment.items():
        monkeypatch.setenv(name, value)
    there = plan(ghz_on("ibm_pittsburgh", schedule={"shots": 100}))
    here = plan(ghz_on("fake_pittsburgh", schedule={"shots": 100}))
    assert there.qpu == here.qpu
    assert there.circuit == here.circuit
    assert there.expected == here.expected
    assert there.backend == "ibm_pittsburgh"


@pytest.mark.device
def test_a_budget_reserves_what_a_job_may_take() -> None:
    """Of 13 jobs of about 3 s that may take 30 s each, 120 s surely hold 4 and likely all."""
    hardware = {"budget": 120, "max_execution_time": 30}
    qpu, notes = priced(ghz_on("fake_manila", hardware=hardware))
    assert qpu.seconds is not None
    assert 26 < qpu.seconds < 90
    assert (qpu.budget, qpu.jobs_sure, qpu.jobs_likely) == (120, 4, 13)
    assert not any("budget" in note for note in notes)
    less, notes = priced(ghz_on("fake_manila", hardware={**hardware, "budget": 45}))
    assert less.jobs_sure == 1
    assert less.jobs_likely is not None
    assert 1 < less.jobs_likely < 13
    assert any("ends the campaign after" in note for note in notes)
    nothing, _ = priced(ghz_on("fake_manila", hardware={**hardware, "budget": 20}))
    assert (nothing.jobs_sure, nothing.jobs_likely) == (0, 0)


@pytest.mark.device
def test_a_job_that_is_cancelled_by_its_own_limit_is_said() -> None:
    short = ghz_on("fake_manila", hardware={"max_execution_time": 2})
    assert any("cancelled after 2 s" in note for note in plan(short).notes)
    assert not any("cancelled" in note for note in priced(ghz_on("fake_manila"))[1])


@pytest.mark.device
def test_a_slow_device_is_dear() -> None:
    """fake_miami waits 4 ms between executions; a simulator takes nothing."""
    slow, _ = priced(ghz_on("fake_miami"))
    assert slow.executions == 26_000
    assert slow.seconds is not None
    assert slow.seconds > 26_000 * 4e-3
    assert plan(spec_of()).qpu == QpuCost()


def test_seconds_of_a_job_grow_with_all_it_has() -> None:
    least = job_seconds(0, 0, 1e-6, 250e-6)
    assert (least.low, least.likely, least.high) == (2, 2, 5)
    for more in (job_seconds(1, 0, 1e-6, 250e-6), job_seconds(1000, 1, 1e-6, 0.0)):
        assert least.low < more.low <= more.likely < more.high
    assert time_limit(least) == 15
    assert time_limit(job_seconds(10**8, 0, 1e-6, 4e-3)) == 3 * 3600  # IBM's own


@pytest.mark.device
def test_a_device_too_large_to_simulate_still_has_its_costs() -> None:
    spec = spec_of(
        state={"family": "w", "n": 14},
        schedule={"design": "random", "draws": 1000},
        backend={"name": "fake_pittsburgh"},
    )
    planned = plan(spec)
    assert (planned.expected, planned.needed, planned.pilot) == (None, None, None)
    assert any("simulates the noise" in note for note in planned.notes)
    assert planned.circuit.two_qubit_gates >= 13
    assert planned.qpu.seconds is not None


@pytest.mark.slow
def test_beyond_the_table_of_all_correlators() -> None:
    """N = 14, pairs of shots; the exact bound of a GHZ state is N^2."""
    spec = spec_of(state={"family": "ghz", "n": 14}, schedule={"design": "random", "draws": 2000})
    planned = plan(spec)
    assert planned.expected is not None
    assert planned.exact is not None
    assert planned.expected.bound.value == pytest.approx(196)
    error = math.sqrt(random_variance(14, 0.0, 2000))
    assert planned.pilot is not None
    allowed = ALARM * max(planned.pilot.uncertainty, 0.02)
    assert abs(math.log(planned.expected.bound.standard_error / error)) < allowed


@pytest.mark.slow
def test_plans_repeat_and_change_with_the_seed() -> None:
    spec = spec_of(schedule={"design": "random", "draws": 100})
    assert plan(spec) == plan(spec)
    other = plan(replace(spec, seed=8))
    assert other.expected != plan(spec).expected


@pytest.mark.slow
def test_large_campaigns_are_planned_from_small_pilots() -> None:
    """10^9 draws: nothing of that size is simulated."""
    plus = {"family": "plus", "n": 4}  # GHZ hardly scatters once draws are post-stratified
    planned = plan(spec_of(state=plus, schedule={"design": "random", "draws": 10**9}))
    assert planned.expected is not None
    assert planned.pilot is not None
    assert planned.pilot.draws is not None
    assert planned.pilot.draws < 10**6
    small = plan(spec_of(state=plus, schedule={"design": "random", "draws": 3000})).expected
    assert small is not None
    ratio = small.bound.standard_error / planned.expected.bound.standard_error
    assert ratio == pytest.approx(math.sqrt(1e9 / 3000), rel=0.05)


def test_units_for_is_the_fewest() -> None:
    scatter = Scatter(np.array([1.0, 3.0]), np.array([4.0, 2.0]), 50, True)
    for error in (0.1, 0.5, 1.0):
        units = scatter.units_for(error, 2)
        assert units is not None
        assert scatter.standard_error(units) <= error < scatter.standard_error(units - 1)
    assert scatter.units_for(1e-12, 2) is None
    assert scatter.units_for(1e12, 20) == 20


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"state": {"family": "ghz", "n": 13}}, "2\\^13 settings"),
        ({"schedule": {"design": "covering", "order": 5}}, "order"),
        ({"backend": {"name": "fake_nowhere"}}, "unknown"),
        ({"state": {"family": "ghz", "n": 6}, "backend": {"name": "fake_manila"}}, "fewer qubits"),
        (
            {"schedule": {"design": "equatorial"}, "estimate": {"label": "learn"}},
            "label of all \\+ only",
        ),
    ],
)
def test_impossible_campaigns_are_refused(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        plan(spec_of(**tables))


def test_a_spec_that_is_not_there() -> None:
    with pytest.raises(QbellError, match="cannot be read"):
        plan("nowhere.toml")


KEYS = set(Forecast.__dataclass_fields__)


@pytest.mark.slow
def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """One JSON object, a table, one line of error; nothing is written."""
    from qbell.cli import app

    path = tmp_path / "spec.toml"
    path.write_text(
        'seed = 3\n[state]\nfamily = "ghz"\nn = 3\n[schedule]\ndesign = "random"\ndraws = 200\n'
    )

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["qbell", *words])
        with pytest.raises(SystemExit) as done:
            app.run()
        shown = capsys.readouterr()
        return int(done.value.code or 0), shown.out, shown.err

    code, out, err = call("plan", str(path), "--json")
    record = json.loads(out)
    assert code == 0
    assert err == ""
    assert set(record) == KEYS
    assert record["expected"]["bound"]["value"] == pytest.approx(9)
    assert record["exact"]["qfi"] == pytest.approx(9)
    assert record["total_shots"] == record["draws"] == 200
    code, out, _ = call("plan", str(path))
    assert code == 0
    assert "QFI bound" in out
    code, out, err = call("plan", str(tmp_path / "none.toml"))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert [item.name for item in tmp_path.iterdir()] == ["spec.toml"]


@pytest.mark.slow
def test_the_table_says_what_is_missing() -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(plan_table(plan(spec_of(schedule={"design": "equatorial", "shots": 100}))))
    text = console.export_text()
    assert "QFI bound, below Eq. 24" in text
    assert "not available" in text
    assert "note: no p-value against local realism" in text


@pytest.mark.slow
def test_the_page_on_hardware_says_what_the_code_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its local boxes violate by mitigation, its spec reads, its costs are those of a plan."""
    page = (ROOT / "docs" / "hardware.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(next(block for block in blocks if "slips" in block), "hardware.md", "exec"), names)
    raw, mitigated = names["raw"], names["mitigated"]
    limit = 2.0**-6
    assert raw.e_n.low < limit < raw.e_n.high
    assert raw.certificate.bell_qubits == 0
    assert mitigated.e_n.value - limit > 6 * mitigated.e_n.standard_error
    assert mitigated.e_n.value == pytest.approx(limit / 0.94**12, rel=0.1)
    assert (mitigated.certificate.bell_qubits, mitigated.certificate.p_value) == (0, None)
    assert capsys.readouterr().out.splitlines()[-1] == "none"
    text = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)[0]
    spec = parse_spec(tomllib.loads(text), text, name="page", folder=Path())
    assert spec.hardware == Hardware(budget=120)
    rows = re.findall(r"^\| \[\w+\]\((.*?)\).*$", page, flags=re.MULTILINE)
    assert len(rows) == 2
    for name in rows:
        one = read_spec(ROOT / "docs" / name)
        (row,) = re.findall(rf"^.*\({re.escape(name)}\).*$", page, flags=re.MULTILINE)
        device = find_backend(one.backend)
        prepared = preparation_of(one.state(), device, measured=True)
        settings = one.draws or 2**prepared.num_qubits
        _, qpu, _ = cost(one, prepared, device, settings)
        assert qpu.seconds is not None
        assert qpu.seconds_low is not None
        assert qpu.loading is not None
        assert f"| {settings * one.shots:,} | {qpu.executions:,} | {qpu.parameter_sets:,} |" in row
        assert f"| {qpu.seconds:.0f} s ({qpu.seconds_low:.0f} s to " in row
        assert f"| {qpu.loading:.0f} s |" in row
