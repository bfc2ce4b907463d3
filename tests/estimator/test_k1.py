"""K1 from shots: slow twins, the mean over many data sets, limits, and tau from the same shots."""

from dataclasses import replace
from functools import reduce
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.estimator.k1 import bundles
from qbell.estimator.k1.k1 import k1_of
from qbell.estimator.k1.triples import Moments, moments_of
from qbell.report.rows import quantity_rows
from qbell.report.summary import known_values, summarize
from qbell.shots.shots import Shots
from tests.support import naive
from tests.support.simulated import PAULIS, law, shots_of_schedule, white_noise_ghz

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]

DATA_SETS = 200
PLUS = np.full((8, 8), 1 / 8, dtype=complex)
STATES: dict[str, tuple[Matrix, int]] = {
    "noisy GHZ of 2": (white_noise_ghz(2, 0.3), 400),
    "noisy GHZ of 3": (white_noise_ghz(3, 0.3), 1000),
    "plus of 3": (PLUS, 1000),
    "mixed": (white_noise_ghz(3, 1.0), 1000),
    "rank 2 of 2": (naive.random_matrix(2, 2, np.random.default_rng(1)), 400),
    "rank 2 of 3": (naive.random_matrix(3, 2, np.random.default_rng(2)), 1000),
}


def single_shots(matrix: Matrix, draws: int, rng: np.random.Generator, table: Floats) -> Shots:
    """Shots in random words; ``table`` is the law of all words."""
    num_qubits = len(matrix).bit_length() - 1
    counts = rng.multinomial(draws, table.ravel() / table.sum())
    cells = np.flatnonzero(counts)
    words, qubits = cells // 2**num_qubits, np.arange(num_qubits)
    return Shots(
        directions=(words[:, None] // 3**qubits % 3).astype(np.uint8),
        bits=(cells[:, None] % 2**num_qubits >> qubits & 1).astype(np.uint8),
        counts=counts[cells].astype(np.int64),
        draws=None,
        design="random3",
        axis=parse_axis("z"),
    )


def law_of_words(matrix: Matrix) -> Floats:
    """(3^N, 2^N) by digit: word i has the direction i // 3^k % 3 on qubit k."""
    return law(matrix, qbell.schedule(len(matrix).bit_length() - 1, "pauli"))


def operator_of(directions: NDArray[np.uint8], bits: NDArray[np.uint8]) -> Matrix:
    """Product over qubits of 3|s><s| - 1; qubit 0 is the last factor."""
    factors = []
    for direction, bit in zip(reversed(directions), reversed(bits), strict=True):
        projector = (np.eye(2) + (1 - 2 * int(bit)) * PAULIS["XYZ"[direction]]) / 2
        factors.append(3 * projector - np.eye(2))
    return reduce(np.kron, factors)


def naive_moments(operators: Matrix) -> tuple[float, float]:
    """F0 and b, pair by pair and triple by triple, as they are defined."""
    h = naive.generator(naive.qubits_of(operators[0]), (0, 0, 1))
    f0 = [np.trace(a @ b @ h @ h) - np.trace(a @ h @ b @ h) for a, b in permutations(operators, 2)]
    b = [
        np.trace(x @ y @ z @ h @ h) - np.trace(x @ y @ h @ z @ h)
        for x, y, z in permutations(operators, 3)
    ]
    return 4 * float(np.mean(f0).real), 4 * float(np.mean(b).real)


# --- slow twins ----------------------------------------------------------------------------------


@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_moments_are_those_of_all_triples(num_qubits: int) -> None:
    rng = np.random.default_rng(num_qubits)
    shape = (6, 2**num_qubits, 2**num_qubits)
    some = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    operators = some + some.conj().swapaxes(1, 2)
    found = moments_of(operators)
    assert (found.f0, found.b) == pytest.approx(naive_moments(operators), rel=1e-9)
    for place in range(len(operators)):
        without = naive_moments(np.delete(operators, place, axis=0))
        assert (found.f0_without[place], found.b_without[place]) == pytest.approx(without, rel=1e-9)


def test_moments_of_a_state_are_those_of_its_exact_k1() -> None:
    matrix = naive.random_matrix(3, 3, np.random.default_rng(4))
    found = moments_of(np.stack([matrix] * 5))
    assert found.f0 == pytest.approx(exact.f0(matrix))
    assert found.f0**2 / found.b == pytest.approx(exact.k1(matrix))
    value, without = found.tangent(found.b / found.f0)
    assert value == pytest.approx(exact.k1(matrix))
    np.testing.assert_allclose(without, value)


@pytest.mark.parametrize(
    ("design", "per_draw"), [("random3", 1), ("random3", 3), ("pauli", 4)], ids=str
)
def test_a_bundle_is_the_mean_of_its_shots(design: str, per_draw: int) -> None:
    rng = np.random.default_rng(7)
    draws, seed = (12, 1) if design == "random3" else (None, None)
    schedule = qbell.schedule(2, design, draws=draws, seed=seed)
    shots = shots_of_schedule(naive.random_matrix(2, 2, rng), schedule, per_draw, rng)
    parts = bundles.bundled(shots, 4, rng)
    used = np.zeros(len(shots.counts))
    np.testing.assert_allclose(np.bincount(parts.bundle, parts.weights), 1)
    for place, found in enumerate(bundles.operators(shots, parts)):
        mine = parts.bundle == place
        expected = sum(
            weight * operator_of(shots.directions[row], shots.bits[row])
            for row, weight in zip(parts.rows[mine], parts.weights[mine], strict=True)
        )
        np.testing.assert_allclose(found, expected, atol=1e-12)
        used[parts.rows[mine]] += parts.weights[mine]
    # Each draw, and each word, counts alike, however it is split.
    np.testing.assert_allclose(used, 4 * shots.counts / shots.total, atol=1e-12)


def test_no_draw_is_in_two_bundles() -> None:
    rng = np.random.default_rng(8)
    schedule = qbell.schedule(2, "random3", draws=30, seed=1)
    shots = shots_of_schedule(PLUS[:4, :4] * 2, schedule, 5, rng)
    parts = bundles.bundled(shots, 7, rng)
    assert shots.draws is not None
    pairs = np.stack([shots.draws[parts.rows], parts.bundle])
    assert np.unique(pairs, axis=1).shape[1] == 30


@pytest.mark.slow
def test_jobs_are_bundles() -> None:
    rng = np.random.default_rng(9)
    shots = shots_of_schedule(
        white_noise_ghz(2, 0.2), qbell.schedule(2, "random3", draws=480, seed=2), 1, rng
    )
    assert shots.draws is not None
    jobs = shots.draws % 48
    shots = replace(shots, extra=pd.DataFrame({"job": jobs}))
    found = bundles.by_job(shots, jobs)
    assert found.count == 48
    np.testing.assert_allclose(np.bincount(found.bundle, found.weights), 1)
    result = qbell.estimate(shots, resamples=100)
    assert result.k1 is not None
    few = replace(shots, extra=pd.DataFrame({"job": jobs % 12}))
    result = qbell.estimate(few, resamples=100)
    assert result.k1 is None
    assert any("no K1: error bars by job need 40 jobs" in note for note in result.notes)


# --- in results ----------------------------------------------------------------------------------


def ghz_shots(design: str, **sizes: int) -> Shots:
    shots = sizes.pop("shots", 1)
    schedule = qbell.schedule(2, design, seed=1 if sizes else None, **sizes)
    return shots_of_schedule(white_noise_ghz(2, 0.2), schedule, shots, np.random.default_rng(3))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "sizes"),
    [
        ("random3", {"draws": 400}),
        ("random3", {"draws": 100, "shots": 20}),
        ("pauli", {"shots": 50}),
    ],
    ids=["single shots", "several shots a draw", "pauli"],
)
def test_results_have_it_below_f0(design: str, sizes: dict[str, int]) -> None:
    shots = ghz_shots(design, **sizes)
    result = qbell.estimate(shots, resamples=100)
    assert result.k1 is not None
    assert 0 < result.k1.tau <= 1
    assert result.k1.low <= result.k1.lower_limit <= result.k1.value <= result.k1.upper_limit
    assert qbell.estimate(shots, resamples=100).k1 == result.k1
    found = summarize(result, known=known_values(qbell.ghz(2), parse_axis("z")))
    assert found["k1"]["value"] == result.k1.value
    assert found["exact"]["k1"] == pytest.approx(4)
    names = [row[0] for row in quantity_rows(found)]
    assert names[names.index("F0, Eq. 12") + 1] == "K1 = F0^2 / b, tangent"
    assert "K1, 95 %" in dict(result.shown()[1])


@pytest.mark.slow
def test_the_order_of_rows_does_not_matter() -> None:
    shots = ghz_shots("random3", draws=400)
    shots = replace(shots, draws=None)
    turned = shots.take(np.arange(len(shots.counts))[::-1])
    assert qbell.estimate(turned, resamples=100).k1 == qbell.estimate(shots, resamples=100).k1


@pytest.mark.parametrize(
    ("design", "sizes", "provenance", "why"),
    [
        ("random3", {"draws": 39}, "raw", "it needs 40 draws"),
        ("pauli", {"shots": 39}, "raw", "it needs 40 shots in each setting"),
        ("random3", {"draws": 400}, "mitigated", "the counts are mitigated"),
    ],
    ids=["few draws", "few shots", "mitigated"],
)
def test_no_k1_says_why(design: str, sizes: dict[str, int], provenance: str, why: str) -> None:
    shots = replace(ghz_shots(design, **sizes), provenance=provenance)
    result = qbell.estimate(shots, resamples=100)
    assert result.k1 is None
    assert f"no K1: {why}" in result.notes
    assert summarize(result)["k1"] is None


def test_too_many_qubits() -> None:
    rng = np.random.default_rng(5)
    shots = Shots(
        directions=rng.integers(0, 3, (50, 9), dtype=np.uint8),
        bits=rng.integers(0, 2, (50, 9), dtype=np.uint8),
        counts=np.ones(50, dtype=np.int64),
        draws=np.arange(50),
        design="random3",
        axis=parse_axis("z"),
    )
    found, notes = k1_of(shots, 0.95, np.random.SeedSequence(1), None)
    assert found is None
    assert notes == ("no K1: it is estimated up to 8 qubits",)


def test_designs_without_f0_say_nothing_of_it() -> None:
    rng = np.random.default_rng(3)
    shots = shots_of_schedule(white_noise_ghz(2, 0.2), qbell.schedule(2), 50, rng)
    result = qbell.estimate(shots, resamples=100)
    assert result.k1 is None
    assert not any("K1" in note for note in result.notes)


# --- over many data sets -------------------------------------------------------------------------


def data_sets(name: str, rng: np.random.Generator) -> list[Shots]:
    matrix, draws = STATES[name]
    table = law_of_words(matrix)
    return [single_shots(matrix, draws, rng, table) for _ in range(DATA_SETS)]


@pytest.mark.statistics
@pytest.mark.parametrize("name", STATES)
def test_mean_and_limit(name: str) -> None:
    """The mean is that of the tangent, the limits hold, and error bars are the scatter."""
    matrix = STATES[name][0]
    truth_f0, truth_k1, qfi = exact.f0(matrix), exact.k1(matrix), exact.qfi(matrix)
    b = truth_f0**2 / truth_k1 if truth_k1 > 0 else 0.0
    away, errors, above, covered = [], [], 0, 0
    for place, shots in enumerate(data_sets(name, np.random.default_rng(11))):
        found, _ = k1_of(shots, 0.95, np.random.SeedSequence(place), None)
        assert found is not None
        tangent = 2 * truth_f0 / found.tau - b / found.tau**2
        assert tangent <= truth_k1 + 1e-12
        away.append(found.value - tangent)
        errors.append(found.standard_error)
        above += found.lower_limit > qfi + 1e-12
        covered += found.low <= max(tangent, 0.0) + 1e-12 and tangent <= found.high
    spread = float(np.std(away, ddof=1))
    assert abs(np.mean(away)) < 3 * spread / np.sqrt(DATA_SETS)
    allowed = np.sqrt(0.05 * 0.95 / DATA_SETS)
    assert above / DATA_SETS < 0.05 + 2 * allowed
    assert covered / DATA_SETS > 0.95 - 3 * allowed
    # The jackknife counts what is quadratic in the noise twice: never too little.
    assert 0.9 * spread < np.sqrt(np.mean(np.square(errors))) < 1.75 * spread


@pytest.mark.statistics
def test_tau_from_the_same_shots_is_too_high() -> None:
    """Negative control: tau with the largest tangent, of the same shots and of others."""
    taus = np.geomspace(1.0, 0.25, 20)

    def largest(found: Moments) -> float:
        return float(max(taus, key=lambda tau: found.tangent(tau)[0]))

    same, others = [], []
    rng = np.random.default_rng(12)
    for shots in data_sets("mixed", rng):  # which has no QFI at all
        operators = bundles.operators(shots, bundles.bundled(shots, 40, rng))
        training, tested = moments_of(operators[:10]), moments_of(operators[10:])
        same.append(tested.tangent(largest(tested))[0])
        others.append(tested.tangent(largest(training))[0])
    assert np.mean(same) > 3 * np.std(same, ddof=1) / np.sqrt(DATA_SETS)
    assert abs(np.mean(others)) < 3 * np.std(others, ddof=1) / np.sqrt(DATA_SETS)
