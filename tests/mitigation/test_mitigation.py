"""Readout correction: unbiased by enumeration, intervals that cover, and what it refuses."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.primitives import BackendSamplerV2, StatevectorSampler
from qiskit_aer import AerSimulator

import qbell
from qbell import QbellError
from qbell.certificates import certify
from qbell.conventions.labels import label_index
from qbell.devices.backends import find_backend
from qbell.estimator.dispatch import Task, find
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.readout import readout_mthree as quasi
from qbell.estimator.readout.mitigate import as_mitigated, mitigate
from qbell.estimator.readout.readout_inverse import calibration_noise
from qbell.estimator.tensor.moments import cells_of, correlator_means, moments
from qbell.estimator.tensor.units import group
from qbell.mitigation import ReadoutCalibration, read_calibration
from qbell.mitigation.levels import levels_of, slopes_of, unbiased_levels_of
from qbell.sampling.calibrate import calibrate, device_rates, measured_wires
from qbell.shots.shots import Shots
from qbell.simulation.noisy_state import prepare_noisy
from tests.conftest import Repeats
from tests.support.laws import DEVICE, asymmetric
from tests.support.limits import least, most
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    shots_of,
    white_noise_ghz,
)

Floats = NDArray[np.float64]


def errors_of(num_qubits: int) -> Floats:
    """(N, 2) error rates p, q: all different, so that a wrong order of qubits would show."""
    return np.array([[0.02 + 0.015 * k, 0.11 - 0.02 * k] for k in range(num_qubits)])


def read_with(table: Floats, rates: Floats) -> Floats:
    """What is read where ``table`` (settings, 2^N outcomes) is true; by a Kronecker product."""
    matrices = [np.array([[1 - p, q], [p, 1 - q]]) for p, q in rates]
    return table @ reduce(np.kron, reversed(matrices)).T


def calibration_of(rates: Floats, shots: int, rng: np.random.Generator) -> ReadoutCalibration:
    """``shots`` of all 0 and of all 1."""
    num_qubits = len(rates)
    laws = read_with(np.eye(2**num_qubits)[[0, -1]], rates)
    counts = {
        word * num_qubits: {
            f"{outcome:0{num_qubits}b}": int(times)
            for outcome, times in enumerate(rng.multinomial(shots, law))
            if times
        }
        for word, law in zip("01", laws, strict=True)
    }
    return ReadoutCalibration.from_counts(counts)


def asymmetric_state(rng: np.random.Generator, num_qubits: int) -> NDArray[np.complex128]:
    raw = rng.normal(size=(2**num_qubits, 2)) + 1j * rng.normal(size=(2**num_qubits, 2))
    matrix = raw @ raw.conj().T
    return matrix / np.trace(matrix)


def true_values(table: Floats) -> NDArray[np.complex128]:
    """(3^N,) correlators from the law of the outcomes (2^N settings, 2^N outcomes)."""
    return correlator_means((table / len(table)).ravel(), len(table).bit_length() - 1)


def task_of(shots: Shots, resamples: int = 300, seed: int = 1) -> Task:
    return Task(shots, 0.95, resamples, np.random.SeedSequence(seed))


# --- the correction itself -----------------------------------------------------------------------


def test_levels_undo_the_readout_error_on_average() -> None:
    rates = errors_of(4)
    up, down = levels_of(rates).T
    p, q = rates.T
    np.testing.assert_allclose((1 - p) * up + p * down, 1, atol=1e-12)
    np.testing.assert_allclose(q * up + (1 - q) * down, -1, atol=1e-12)


def test_slopes_are_derivatives() -> None:
    rates, step = errors_of(3), 1e-6
    for column in (0, 1):
        moved = np.zeros(2)
        moved[column] = step
        slope = (levels_of(rates + moved) - levels_of(rates - moved)) / (2 * step)
        np.testing.assert_allclose(slopes_of(rates)[:, column], slope, rtol=1e-6)


@pytest.mark.statistics
@pytest.mark.parametrize("rates", [(0.1, 0.06), (0.02, 0.2)])
def test_bias_of_the_ratio_is_removed(rates: tuple[float, float]) -> None:
    """Exactly, over all outcomes of a calibration of 200 shots each."""
    shots = 200
    seen = np.arange(101)  # of 200 more errors than 100 have no probability worth the name
    weights = [
        np.array([math.comb(shots, int(k)) * r**k * (1 - r) ** (shots - k) for k in seen.tolist()])
        for r in rates
    ]
    p, q = np.meshgrid(seen / shots, seen / shots, indexing="ij")
    estimated = np.stack([p, q], axis=-1)[:-1, :-1]
    weight = np.outer(*weights)[:-1, :-1]
    variances = estimated * (1 - estimated) / (shots - 1)
    true = levels_of(np.array(rates))
    plain = np.einsum("ij,ijx->x", weight, levels_of(estimated)) - true
    better = np.einsum("ij,ijx->x", weight, unbiased_levels_of(estimated, variances)) - true
    assert np.abs(plain).max() > 7e-4  # and so the test could fail
    assert np.abs(better).max() < 1e-4


def data_of_full(table: Floats, shots: int) -> Iterator[tuple[float, Shots]]:
    """Every data set of a full design, with its probability."""
    splits = [
        np.array(counts)
        for counts in itertools.product(range(shots + 1), repeat=len(table))
        if sum(counts) == shots
    ]
    for choice in itertools.product(splits, repeat=len(table)):
        probability = 1.0
        for counts, row in zip(choice, table, strict=True):
            ways = math.factorial(shots) / math.prod(map(math.factorial, counts.tolist()))
            probability *= float(ways * np.prod(row**counts))
        both = np.stack(choice)
        yield probability, shots_of(*np.nonzero(both), both[both > 0], num_qubits=2)


def data_of_random(table: Floats, draws: int) -> Iterator[tuple[float, Shots]]:
    """Every data set of single shots in random settings, with its probability."""
    cells = list(itertools.product(range(len(table)), repeat=2))
    for choice in itertools.product(cells, repeat=draws):
        settings, outcomes = (np.array(column) for column in zip(*choice, strict=True))
        probability = float(np.prod(table[settings, outcomes] / len(table)))
        ones = np.ones(draws, dtype=np.int64)
        yield (
            probability,
            shots_of(settings, outcomes, ones, draws=np.arange(draws), num_qubits=2),
        )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "data"),
    [
        pytest.param("full", data_of_full, id="full", marks=pytest.mark.nightly),
        pytest.param("random", data_of_random, id="random"),
    ],
)
def test_known_errors_are_undone_exactly(
    design: str,
    data: Callable[[Floats, int], Iterator[tuple[float, Shots]]],
    rng: np.random.Generator,
) -> None:
    """No simulation: the mean over every data set there is, two qubits, two shots."""
    table = probabilities(asymmetric_state(rng, 2))
    rates = errors_of(2)
    values = np.zeros(9, dtype=complex)
    squares, raw = np.zeros((2, 9))
    for probability, shots in data(read_with(table, rates), 2):
        units = group(shots)
        cells = cells_of(units, 2)
        found = moments(units, cells, 2, levels_of(rates))
        values += probability * found.values
        squares += probability * found.squares(2)
        raw += probability * moments(units, cells, 2).squares(2)
    true = true_values(table)
    np.testing.assert_allclose(values, true, atol=1e-10)
    np.testing.assert_allclose(squares[1:], np.abs(true[1:]) ** 2, atol=1e-10)
    assert np.abs(raw[1:] - np.abs(true[1:]) ** 2).max() > 0.003, design


@pytest.mark.statistics
def test_bias_from_the_calibration_is_taken_off(rng: np.random.Generator, repeats: Repeats) -> None:
    """Very many shots, so that the calibration alone is random; 600 of them (fewer: less sharp).

    Without the corrections the mean lies 1.2 % too high, 2.3 of the standard errors here, and with
    the variance alone left in 0.4 %; an independent run of 6000 gave -0.14 +- 0.16 %. False alarm
    1 in 1000.
    """
    rates = np.array([[0.03, 0.08], [0.04, 0.07], [0.05, 0.06]])
    table = read_with(probabilities(white_noise_ghz(3, 0.1)), rates)
    shots = shots_of(*np.nonzero(table), np.round(table * 1e9).astype(np.int64).ravel())
    place = label_index("+++")
    units = group(shots)
    cells = cells_of(units, 3)
    corrected, deviations = [], []
    for _ in range(repeats(150, 600)):
        calibration = calibration_of(rates, 100, rng)
        found = moments(units, cells, 3, calibration.unbiased_levels()).squares(3)[place]
        noise = calibration_noise(shots, calibration)
        corrected.append(found - noise.bias[place])
        deviations.append(4 * found * (noise.real + noise.imaginary)[place])
    error = np.std(corrected) / np.sqrt(len(corrected))
    assert np.mean(corrected) == pytest.approx(0.2025, abs=3.3 * error)
    # What the noise is said to be is what it is; a variance of n values is known to sqrt(2 / n).
    spread = np.sqrt(2 / len(corrected))
    assert np.mean(deviations) == pytest.approx(np.var(corrected), rel=4.3 * spread)


# --- intervals -----------------------------------------------------------------------------------


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("noise", "calibration_shots", "method"),
    [
        (0.1, 3000, "tensored"),
        (0.1, 150, "tensored"),
        (1.0, 300, "tensored"),
        # Agrees with the inverse, see below.
        pytest.param(0.1, 150, "mthree", marks=pytest.mark.nightly),
    ],
    ids=str,
)
def test_intervals_cover(
    method: str,
    noise: float,
    calibration_shots: int,
    rng: np.random.Generator,
    repeats: Repeats,
) -> None:
    """Bound and E_N,0, at 95 % coverage; false alarm 1 in 7,000."""
    runs = repeats(20, 60 if method == "tensored" else 40)
    resamples = 200 if method == "tensored" else 80
    num_qubits = 3 if method == "tensored" else 2
    rates = errors_of(num_qubits)
    table = read_with(probabilities(white_noise_ghz(num_qubits, noise)), rates)
    e_n, bound = (1 - noise) ** 2 / 4, num_qubits**2 * (1 - noise) ** 2
    place = label_index("+" * num_qubits)
    hits = np.zeros(2)
    raw_hits, raw, corrected = 0, [], []
    for seed in range(runs):
        shots = full_shots(table, 400, rng)
        task = task_of(shots, resamples, seed)
        found = mitigate(task, calibration_of(rates, calibration_shots, rng), method)
        estimate = found.correlators.estimate(place, 0.95, "mitigated")
        low, high = found.deviations.distribution().interval(0.95)
        hits += [low - 1e-9 <= bound <= high, estimate.low - 1e-9 <= e_n <= estimate.high]
        corrected.append(found.deviations.values.sum())
        if noise < 1:
            uncorrected = find(replace(task, resamples=100))
            low, high = uncorrected.deviations.distribution().interval(0.95)
            raw_hits += low - 1e-9 <= bound <= high
            raw.append(uncorrected.deviations.values.sum())
    assert hits.min() >= least(runs, 0.95, 1 / 7000)
    if noise < 1:
        assert np.mean(raw) < 0.8 * bound  # the raw estimate is low, and its interval misses
        assert raw_hits < runs / 2
        error = np.std(corrected) / np.sqrt(runs)
        assert np.mean(corrected) == pytest.approx(bound, abs=4 * error)


@pytest.mark.statistics
def test_random_design_covers(rng: np.random.Generator, repeats: Repeats) -> None:
    """At 95 % coverage; false alarm 1 in 30,000."""
    runs = repeats(40, 120)
    rates = errors_of(3)
    table = read_with(probabilities(white_noise_ghz(3, 0.3)), rates)
    hits = 0
    for seed in range(runs):
        task = task_of(random_shots(table, 1500, rng), 200, seed)
        found = mitigate(task, calibration_of(rates, 200, rng))
        low, high = found.deviations.distribution().interval(0.95)
        hits += low <= 9 * 0.49 <= high
    assert hits >= least(runs, 0.95, 1 / 30_000)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["full", "random"])
def test_few_calibration_shots_widen_the_error_bars(design: str, rng: np.random.Generator) -> None:
    rates = errors_of(3)
    table = read_with(probabilities(white_noise_ghz(3, 0.1)), rates)
    shots = full_shots(table, 800, rng) if design == "full" else random_shots(table, 4000, rng)
    errors, variances = [], []
    for calibration_shots in (10**6, 200):
        calibration = calibration_of(rates, calibration_shots, rng)
        found = mitigate(task_of(shots, 600), calibration)
        place = label_index("+++")
        variances.append(found.correlators.along[place])
        errors.append(found.deviations.distribution().standard_error)
    assert errors[0] < errors[1]
    # The calibration's part, from how the bound moves with each rate; resampled errors are known
    # to 4 %.
    steps = calibration_noise(shots, calibration).steps.sum(axis=2)
    assert errors[1] ** 2 - errors[0] ** 2 == pytest.approx((steps**2).sum(), rel=0.25)
    # Of a GHZ state, B = 4 N^2 E and Var E = 4 E Var c.
    added = 4 * (1 - 0.1) ** 2 / 4 * (variances[1] - variances[0])
    assert (steps**2).sum() == pytest.approx((4 * 9) ** 2 * added, rel=0.25)


@pytest.mark.statistics
def test_noise_of_the_shots_does_not_scatter_with_the_calibration(rng: np.random.Generator) -> None:
    """A maximally mixed state has no correlators whose size a calibration could get wrong.

    But its plug-in sum of squares is far above 0, and moves with the levels.
    """
    rates = errors_of(4)
    table = read_with(np.full((16, 16), 1 / 16), rates)
    plain, widened = [], []
    for _ in range(20):
        shots = full_shots(table, 10, rng)
        calibration = calibration_of(rates, 500, rng)
        noise = calibration_noise(shots, calibration)
        widened.append(noise.draws(calibration, 500, rng).sum(axis=1).std())
        plain.append(mitigate(task_of(shots), calibration).deviations.plug_in.sum())
    relative = 2 * np.sqrt(4 * calibration.variances.sum(axis=1).mean())
    assert np.mean(widened) < 0.7 * relative * np.mean(plain)


# --- mthree --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_mthree_agrees_with_the_inverse_where_all_outcomes_were_seen(
    rng: np.random.Generator,
) -> None:
    rates = errors_of(3)
    table = read_with(probabilities(0.5 * asymmetric_state(rng, 3) + np.eye(8) / 16), rates)
    shots = full_shots(table, 3000, rng)
    assert len(shots.counts) == 64
    calibration = calibration_of(rates, 2000, rng)
    found = mitigate(task_of(shots, 40), calibration, "mthree")
    cells = cells_of(group(shots), 3)
    expected = correlator_means(cells, 3, calibration.levels())
    np.testing.assert_allclose(found.correlators.values, expected, atol=2e-5)
    uncorrected = correlator_means(cells, 3)
    assert np.abs(uncorrected - expected).max() > 0.02
    turned = correlator_means(cells, 3, calibration.levels()[::-1])  # qubits in the wrong order
    assert np.abs(turned - expected).max() > 1e-3
    tensored = mitigate(task_of(shots, 40), calibration)
    np.testing.assert_allclose(found.correlators.squares, tensored.correlators.squares, atol=3e-3)
    assert found.deviations.values.sum() == pytest.approx(
        tensored.deviations.values.sum(), rel=0.05
    )


@pytest.mark.slow
def test_mthree_is_refused_where_too_few_outcomes_were_seen(rng: np.random.Generator) -> None:
    """It would give half of the bound here, with an error bar of a tenth."""
    rates = np.full((5, 2), 0.06)
    table = read_with(probabilities(white_noise_ghz(5, 0.0)), rates)
    shots = full_shots(table, 30, rng)
    calibration = calibration_of(rates, 5000, rng)
    with pytest.raises(QbellError, match="too few were observed with 30 shots"):
        mitigate(task_of(shots, 40), calibration, "mthree")
    low, high = mitigate(task_of(shots), calibration).deviations.distribution().interval(0.999)
    assert low < 25 < high


def test_mthree_says_what_it_cannot_do(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = np.full((4, 4), 0.25)
    calibration = calibration_of(errors_of(2), 500, rng)
    shots = full_shots(table, 50, rng)
    with pytest.raises(QbellError, match="full design"):
        mitigate(task_of(random_shots(table, 50, rng)), calibration, "mthree")
    with pytest.raises(QbellError, match="give 25000 or fewer"):
        mitigate(task_of(shots, 30_000), calibration, "mthree")

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(quasi.importlib, "import_module", missing)
    with pytest.raises(QbellError, match=r"pip install 'qbell\[mitigation\]'"):
        mitigate(task_of(shots), calibration, "mthree")


# --- labels --------------------------------------------------------------------------------------


def findings(shots: Shots, calibration: ReadoutCalibration) -> Findings:
    return mitigate(task_of(shots), calibration)


def test_mitigated_numbers_make_no_bell_claim(rng: np.random.Generator) -> None:
    """Even of a perfect GHZ state, whose raw shots would make one."""
    table = probabilities(white_noise_ghz(3, 0.0))
    shots = full_shots(table, 1000, rng)
    calibration = calibration_of(np.full((3, 2), 1e-9), 5000, rng)
    found = findings(shots, calibration)
    low = found.correlators.lower_limit(label_index("+++"), 0.975)
    assert certify(shots, min(low, 0.25), 0.95).bell_qubits == 3
    certificate = certify(as_mitigated(shots), min(low, 0.25), 0.95)
    assert certificate.bell_qubits == 0
    assert certificate.nonlocality_depth == 1
    assert certificate.p_value is None
    assert certificate.entanglement_depth == 3
    assert any("no Bell claim" in note for note in found.notes)
    assert found.linear is None  # jobs of raw features would be another estimate
    with pytest.raises(QbellError, match="mitigated already"):
        as_mitigated(as_mitigated(shots))


@pytest.mark.statistics
def test_a_state_without_correlations_gets_none_from_the_correction(
    rng: np.random.Generator, repeats: Repeats
) -> None:
    """At 0 an interval misses upwards only, in 5 %; false alarm 1 in 1300."""
    runs = repeats(25, 60)
    rates = errors_of(3) * 2
    table = read_with(np.full((8, 8), 1 / 8), rates)
    above = 0
    for _ in range(runs):
        found = findings(full_shots(table, 100, rng), calibration_of(rates, 200, rng))
        above += found.deviations.distribution().interval(0.95)[0] > 0
    assert above <= most(runs, 0.05, 1 / 1300)


def test_same_seed_same_numbers(rng: np.random.Generator) -> None:
    shots = full_shots(probabilities(white_noise_ghz(2, 0.2)), 100, rng)
    calibration = calibration_of(errors_of(2), 300, rng)
    ends = [
        mitigate(task_of(shots, 60, seed), calibration).deviations.distribution().interval(0.95)
        for seed in (4, 4, 5)
    ]
    assert ends[0] == ends[1] != ends[2]


@pytest.mark.parametrize(
    ("method", "message"),
    [("inverse", "use tensored or mthree"), ("tensored", "has 3 qubits and the shots have 2")],
)
def test_what_does_not_fit_is_refused(method: str, message: str, rng: np.random.Generator) -> None:
    shots = full_shots(np.full((4, 4), 0.25), 50, rng)
    with pytest.raises(QbellError, match=message):
        mitigate(task_of(shots), calibration_of(errors_of(3), 300, rng), method)


def test_other_designs_are_refused(rng: np.random.Generator) -> None:
    shots = qbell.sample(qbell.ghz(3), qbell.schedule(3, "random3", draws=50, seed=1), seed=1)
    with pytest.raises(QbellError, match="designs full and random"):
        mitigate(task_of(shots), calibration_of(errors_of(3), 300, rng))


# --- the calibration -----------------------------------------------------------------------------


def test_counts_per_qubit_are_collected_over_all_words(tmp_path: Path) -> None:
    calibration = ReadoutCalibration.from_counts(
        {
            "000": {"000": 90, "001": 7, "110": 3},
            "111": {"111": 80, "011": 20},
            "100": {"100": 50, "101": 1, "000": 4, "010": 0},
        }
    )
    # By hand; qubit 0 is the last character.
    assert calibration.shots.tolist() == [[155, 100], [155, 100], [100, 155]]
    assert calibration.wrong.tolist() == [[8, 0], [3, 0], [3, 24]]
    path = tmp_path / "calibration.csv"
    calibration.to_csv(path)
    assert path.read_text().splitlines()[:2] == ["prepared,bitstring,count", "000,000,90"]
    again = read_calibration(path)
    np.testing.assert_array_equal(again.wrong, calibration.wrong)
    np.testing.assert_array_equal(again.counts, calibration.counts)
    assert list(tmp_path.iterdir()) == [path]


def test_no_error_seen_is_not_no_error(rng: np.random.Generator) -> None:
    calibration = ReadoutCalibration.from_counts({"00": {"00": 500}, "11": {"11": 500}})
    assert calibration.rates.max() == 0
    drawn = calibration.resampled_rates(4000, rng)
    # The posterior of Jeffreys: 97.5 % of it lies below 2.5 / n.
    assert np.quantile(drawn, 0.975) == pytest.approx(2.5 / 500, rel=0.1)
    levels = calibration.resampled(4000, rng)
    assert levels.shape == (4000, 2, 2)
    np.testing.assert_allclose(levels.mean(axis=0), calibration.unbiased_levels(), atol=1e-12)
    assert levels.std(axis=0).min() > 1e-4


@pytest.mark.statistics
def test_resampled_levels_scatter_as_calibrations_do(
    rng: np.random.Generator, repeats: Repeats
) -> None:
    """Standard deviations of n calibrations are known to 1 / sqrt(2 n): 5.7 of these."""
    runs = repeats(150, 400)
    rates = errors_of(2)
    many = np.stack([calibration_of(rates, 800, rng).levels() for _ in range(runs)])
    said = np.mean(
        [calibration_of(rates, 800, rng).resampled(300, rng).std(0) for _ in range(10)], 0
    )
    np.testing.assert_allclose(said, many.std(axis=0), rtol=5.7 / np.sqrt(2 * runs))


@pytest.mark.slow
def test_dependent_readout_is_seen(rng: np.random.Generator) -> None:
    """False alarms at most 1 in 1000 each of 20."""
    rates = errors_of(3)
    p_values = [calibration_of(rates, 500, rng).p_value for _ in range(20)]
    assert min(p_values) > 1e-4
    together = {"000": {"000": 900, "011": 100}, "111": {"111": 1000}}  # qubits 0 and 1 at once
    assert ReadoutCalibration.from_counts(together).p_value < 1e-6
    swayed = {  # qubit 0 errs where its neighbour is 1
        "00": {"00": 1000},
        "11": {"11": 1000},
        "10": {"10": 900, "11": 100},
    }
    calibration = ReadoutCalibration.from_counts(swayed)
    assert calibration.p_value < 1e-6
    shots = full_shots(np.full((4, 4), 0.25), 50, rng)
    notes = " ".join(mitigate(task_of(shots), calibration).notes)
    assert "not read independently" in notes


def test_the_result_says_what_the_correction_assumes(rng: np.random.Generator) -> None:
    """Readout that errs together would pass for entanglement: it is said first, not certified."""
    shots = full_shots(probabilities(white_noise_ghz(2, 0.0)), 400, rng)
    alone = ReadoutCalibration.from_counts({"00": {"00": 1000}, "11": {"11": 1000}})
    result = qbell.estimate(shots, resamples=40, readout=alone)
    assert result.certificate.entanglement_depth == 2
    assert "2 words, 2000 shots, p = 1" in " ".join(result.notes)
    assert "in no error bar" in " ".join(result.notes)
    together = ReadoutCalibration.from_counts({"00": {"00": 980, "11": 20}, "11": {"11": 1000}})
    result = qbell.estimate(shots, resamples=40, readout=together)
    assert "not read independently" in result.notes[0]
    assert "not valid" in result.notes[0]
    assert result.certificate.entanglement_depth == 1  # of any state
    assert result.certificate.claims.entanglement_depth == "none"
    assert any("nothing is certified" in note for note in result.certificate.notes)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"00": {"00": 100}}, "qubit 0 was never prepared in 1"),
        ({"00": {"00": 100}, "01": {"01": 100}}, "qubit 1 was never prepared in 1"),
        (
            {"00": {"00": 500, "10": 500}, "11": {"11": 500, "01": 500}},
            r"qubit 1 has the contrast 1 - p - q = 0 .*too near 0",
        ),
        ({"00": {"00": 2}, "11": {"11": 2}}, "take more calibration shots"),
        ({"00": {"11": 100}, "11": {"00": 100}}, "qubit 0 has the contrast 1 - p - q = -1"),
        ({"00": {"00": -1}, "11": {"11": 100}}, "-1"),
        ({"00": {"00": 1.5}, "11": {"11": 100}}, "1.5"),
        ({"00": {"000": 100}, "11": {"11": 100}}, "row 2: bitstring '000' has not the 2 bits"),
        ({"0x": {"00": 100}}, "row 2: prepared '0x'"),
        ({"0": {"0": 100}, "1": {"1": 100}}, "2 to 1000 qubits"),
        ({}, "no rows"),
        ({"00": {"00": 0}}, "every count is 0"),
    ],
)
def test_counts_that_are_no_calibration_are_refused(
    counts: dict[str, dict[str, int]], message: str
) -> None:
    with pytest.raises(QbellError, match=message):
        ReadoutCalibration.from_counts(counts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a CSV table"),
        ("setting,bitstring,count\n00,00,5\n", "no column prepared"),
        ("prepared,bitstring,count\n", "no rows"),
        ("prepared,bitstring,count,count\n00,00,5,5\n", "count is named twice"),
        ("prepared,bitstring,count\n00,00,5\n11,11,x\n", "row 3: count 'x'"),
        ("prepared,bitstring,count\n00,00,5\n11,1,7\n", "row 3: bitstring '1'.*dtype=str"),
        ("prepared,bitstring,count\n00,00,5\n00,00,7\n", "row 3: '00' repeats"),
        ("prepared,bitstring,count\n00,00,5,9\n", "is not a CSV table"),
        ("prepared,bitstring,count\n00,00,99999999999999\n", "row 2: count"),
    ],
)
def test_bad_files_are_refused_with_their_row(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "calibration.csv"
    path.write_text(text)
    with pytest.raises(QbellError, match=message) as refused:
        read_calibration(path)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QbellError, match=r"no file .*; give a CSV"):
        read_calibration(tmp_path / "none.csv")


# --- taking it -----------------------------------------------------------------------------------


@pytest.mark.device
def test_calibration_uses_the_qubits_of_the_experiment() -> None:
    """And the simulated rates are the device's readout errors, with an X gate's error for 1."""
    device = find_backend(DEVICE)
    circuit = asymmetric()
    noisy = prepare_noisy(circuit, qbell.schedule(5).axis, device)
    wires = measured_wires(circuit, device, "z", "full")
    compiled = noisy.compiled
    read = {
        compiled.find_bit(item.clbits[0]).index: compiled.find_bit(item.qubits[0]).index
        for item in compiled.data
        if item.operation.name == "measure"
    }
    assert wires == [read[k] for k in range(5)]
    rates = device_rates(device, wires)
    expected = np.array([device.target["measure"][(wire,)].error for wire in wires])
    np.testing.assert_allclose(rates[:, 0], expected, atol=1e-12)
    extra = np.array([device.target["x"][(wire,)].error for wire in wires])
    assert np.all(rates[:, 1] > expected)
    np.testing.assert_array_less(rates[:, 1], expected + 2 * extra + 1e-9)
    assert len(set(expected.tolist())) > 1  # another choice of qubits would show


@pytest.mark.device
@pytest.mark.parametrize("local", [True, False])
def test_calibrations_show_the_rates_of_the_device(local: bool) -> None:
    """Locally and by a sampler: within 4.5 standard errors, false alarm 1 in 10,000."""
    device = find_backend(DEVICE)
    circuit = asymmetric()
    rates = device_rates(device, measured_wires(circuit, device, "z", "full"))
    if local:
        calibration = calibrate(circuit, backend=DEVICE, shots=4000, seed=5)
    else:
        simulator = AerSimulator.from_backend(device)
        sampler = BackendSamplerV2(backend=simulator, options={"seed_simulator": 7})
        calibration = calibrate(circuit, sampler, shots=4000)
    assert calibration.shots.tolist() == [[8000, 8000]] * 5
    errors = np.sqrt(rates * (1 - rates) / 8000)
    assert (np.abs(calibration.rates - rates) / errors).max() < 4.5
    assert calibration.p_value > 1e-4


@pytest.mark.slow
def test_mitigation_brings_back_what_a_devices_readout_takes() -> None:
    """Bell pair on a noisy device: what is missing then is the gates' doing, a few per cent."""
    circuit = qbell.ghz(2).circuit()
    shots = qbell.sample(circuit, qbell.schedule(2), shots=20_000, seed=2, backend=DEVICE)
    calibration = calibrate(circuit, shots=20_000, seed=3, backend=DEVICE)
    found = mitigate(task_of(shots, 100), calibration)
    raw = find(task_of(shots, 100)).deviations.values.sum()
    corrected = found.deviations.values.sum()
    assert raw < 3.85
    assert raw + 0.05 < corrected < 4.05


def test_ideal_calibrations_have_no_errors() -> None:
    for calibration in (
        calibrate(qbell.ghz(3), shots=50, seed=1),
        calibrate(qbell.ghz(3), StatevectorSampler(seed=1), shots=50),
    ):
        assert calibration.wrong.sum() == 0
        assert sorted(set(calibration.frame["prepared"])) == ["000", "010", "101", "111"]


def test_words_of_ones_own_keep_the_order_of_qubits() -> None:
    calibration = calibrate(
        qbell.ghz(3), StatevectorSampler(seed=1), shots=50, words=["001", "110"]
    )
    assert calibration.frame.to_numpy().tolist() == [["001", "001", 50], ["110", "110", 50]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"words": ["00", "11"]}, "not 3 characters"),
        ({"words": ["000", "011"]}, "qubit 2 in one state only"),
        ({"words": []}, "one state only"),
        ({"words": ["000", "111", "000"]}, "named twice"),
        ({"shots": 0}, "shots = 0"),
        ({"backend": "nothing"}, "nothing"),
        ({"sampler": StatevectorSampler(), "seed": 1}, "seed"),
    ],
)
def test_calibrate_refuses(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        calibrate(qbell.ghz(3), **arguments)  # type: ignore[arg-type]
