"""Lower limits from phase scans: below F_Q in 95 % or more, on states that nothing was tuned on."""

import math

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.estimator.phase_scan.bures import (
    bures_limit,
    bures_value,
    clopper_pearson,
    distances,
    pair_limits,
)
from qbell.estimator.phase_scan.hellinger import hellinger_fit
from qbell.estimator.phase_scan.mqc import coherences, covers_a_turn
from qbell.estimator.phase_scan.scan_qfi import ALL, FIXED, LEARNT, scan_qfi
from qbell.shots.phase_scan import PhaseScan

Matrix = NDArray[np.complex128]
Floats = NDArray[np.float64]

CONFIDENCE = 0.95
SIGMAS = 4.0  # of a share of repetitions: a false alarm in 30,000 tests


def random_state(num_qubits: int, rank: int, rng: np.random.Generator) -> Matrix:
    shape = (2**num_qubits, rank)
    root = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    matrix = root @ root.conj().T
    return matrix / np.trace(matrix).real


def random_effect(num_qubits: int, rng: np.random.Generator) -> Matrix:
    """0 <= E <= 1 of any kind: what a bad undoing, or a noisy readout, makes of a read-out."""
    values = rng.uniform(size=2**num_qubits)
    shape = (2**num_qubits,) * 2
    vectors, _ = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
    return (vectors * values) @ vectors.conj().T


def parity(num_qubits: int) -> Matrix:
    """(1 + X...X) / 2."""
    size = 2**num_qubits
    return (np.eye(size) + np.eye(size)[::-1]) / 2 + 0j


def noisy_ghz(num_qubits: int, noise: float) -> Matrix:
    vector = qbell.ghz(num_qubits).statevector()
    size = 2**num_qubits
    return (1 - noise) * np.outer(vector, vector.conj()) + noise * np.eye(size) / size


def shares_of(matrix: Matrix, effect: Matrix, angles: Floats) -> Floats:
    """Tr[E rho_theta], by brute force."""
    size = len(matrix)
    h = size.bit_length() - 1
    levels = h / 2 - np.bitwise_count(np.arange(size))
    turns = np.exp(-1j * np.outer(angles, levels))
    found = np.einsum("ka,ab,kb,ba->k", turns, matrix, turns.conj(), effect, optimize=True)
    return np.clip(found.real, 0, 1)


def cases() -> dict[str, tuple[Matrix, Matrix, Floats]]:
    rng = np.random.default_rng(11)
    plus = qbell.plus(4).statevector()
    own = np.outer(plus, plus.conj())
    pure = random_state(4, 1, rng)
    near = np.linspace(0.0, 0.6, 6)
    return {
        "ghz parity": (noisy_ghz(4, 0.0), parity(4), np.linspace(0.05, 0.7, 6)),
        "noisy ghz parity": (noisy_ghz(4, 0.2), parity(4), np.linspace(0.05, 0.7, 6)),
        "noisy ghz echo": (noisy_ghz(3, 0.1), noisy_ghz(3, 0.3), near),
        "plus echo": (own, own, np.array([0.0, 0.05, 0.1, 0.2, 0.4, 0.8])),
        "mixed": (np.eye(8) / 8 + 0j, parity(3), near),
        "random pure echo": (pure, pure, near),
        "random mixed": (random_state(3, 8, rng), random_effect(3, rng), near),
        "random rank two": (random_state(4, 2, rng), random_effect(4, rng), near),
    }


def drawn(shares: Floats, shots: int, times: int, seed: int) -> Floats:
    return np.random.default_rng(seed).binomial(shots, shares, size=(times, len(shares)))


def allowed(times: int) -> float:
    """Most limits above F_Q in so many repetitions of a test that is right."""
    rate = 1 - CONFIDENCE
    return rate * times + SIGMAS * math.sqrt(rate * (1 - rate) * times)


@pytest.mark.parametrize("name", cases())
@pytest.mark.parametrize("shots", [30, 1000])
def test_limit_lies_above_the_qfi_in_5_percent_at_most(name: str, shots: int) -> None:
    matrix, effect, angles = cases()[name]
    qfi = exact.qfi(matrix, "z")
    times = 2000
    counts = drawn(shares_of(matrix, effect, angles), shots, times, seed=shots)
    best = pair_limits(angles, counts, np.full(len(angles), shots), CONFIDENCE).max(axis=(1, 2))
    assert (best > qfi * (1 + 1e-9)).sum() <= allowed(times)
    pair = [0, 3]
    fixed = pair_limits(angles[pair], counts[:, pair], np.full(2, shots), CONFIDENCE)
    assert (fixed.max(axis=(1, 2)) > qfi * (1 + 1e-9)).sum() <= allowed(times)


def test_probabilities_themselves_never_exceed_the_qfi() -> None:
    """The inequality, on random states of all ranks and random read-outs; tight for GHZ states."""
    rng = np.random.default_rng(5)
    for size in (2, 3):
        for rank in range(1, 2**size + 1):
            matrix, effect = random_state(size, rank, rng), random_effect(size, rng)
            angles = rng.uniform(0, 2 * np.pi, 8)
            places = np.arcsin(np.sqrt(shares_of(matrix, effect, angles)))
            gaps = (places[:, None] - places) ** 2
            apart = distances(angles) + 2 * np.pi * np.eye(8)
            assert (4 * gaps / apart**2).max() <= exact.qfi(matrix, "z") * (1 + 1e-9)
    one, other = shares_of(noisy_ghz(4, 0.0), parity(4), np.array([0.1, 0.5]))
    value, _ = bures_value(0.4, (one, other), (10**12, 10**12))
    assert value == pytest.approx(16, rel=1e-6)


@pytest.mark.statistics
def test_best_of_many_pairs_taken_as_fixed_is_above_too_often() -> None:
    """Negative control: the same shots choose the two angles and test them."""
    angles, shots, times = np.linspace(0.0, 1.0, 40), 200, 400
    counts = drawn(np.full(40, 0.5), shots, times, seed=3)  # of the mixed state: F_Q = 0
    wrong = 0
    for row in counts:
        pair = [int(np.argmax(row)), int(np.argmin(row))]
        limit, *_ = bures_limit(angles[pair], row[pair], np.full(2, shots), CONFIDENCE)
        wrong += limit > 0
    assert wrong > 0.15 * times
    right = pair_limits(angles, counts, np.full(40, shots), CONFIDENCE).max(axis=(1, 2))
    assert (right > 0).sum() <= allowed(times)


@pytest.mark.statistics
def test_a_pair_that_held_out_shots_chose_costs_no_coverage() -> None:
    scans = [
        PhaseScan(
            tuple(np.linspace(0.0, 1.0, 40)), tuple(row), (200,) * 40, "parity", 3, parse_axis("z")
        )
        for row in drawn(np.full(40, 0.5), 200, 200, seed=4).tolist()
    ]
    found = [scan_qfi(scan, pair="learn", seed=1) for scan in scans]
    assert {one.chosen for one in found} == {LEARNT}
    assert sum(one.limit > 0 for one in found) <= allowed(200)


def test_few_held_out_shots_choose_angles_that_differ() -> None:
    """200 angles of 40 shots of a GHZ state: no pair has a limit, and the first two are alike."""
    turns = np.linspace(0.0, math.pi / 4, 200)
    counts = np.rint(40 * np.cos(2 * turns) ** 2).astype(int)
    few = PhaseScan(tuple(turns), tuple(counts.tolist()), (40,) * 200, "parity", 4, parse_axis("z"))
    found = scan_qfi(few, pair="learn", seed=1)
    assert found.pair[1] - found.pair[0] > 0.5
    assert 1 < found.limit < 16


def scan(pair: tuple[int, int] | None = None, angles: int = 5) -> PhaseScan:
    turns = np.linspace(0.0, 0.4, angles)
    counts = np.rint(1000 * shares_of(noisy_ghz(4, 0.1), parity(4), turns)).astype(int)
    return PhaseScan(
        tuple(turns), tuple(counts.tolist()), (1000,) * angles, "parity", 4, parse_axis("z"), pair
    )


def test_angles_that_were_chosen_after_looking_are_refused() -> None:
    with pytest.raises(qbell.QbellError, match="not named before the shots were taken"):
        scan_qfi(scan(), pair=(0.1, 0.4))
    with pytest.raises(qbell.QbellError, match="not named before the shots were taken"):
        scan_qfi(scan(pair=(0, 4)), pair=(0.1, 0.4))
    assert scan_qfi(scan(pair=(1, 4)), pair=(0.4, 0.1)).chosen == FIXED
    assert scan_qfi(scan(pair=(1, 4))).pair == (0.1, 0.4)
    assert scan_qfi(scan(angles=2)).chosen == FIXED
    assert scan_qfi(scan()).chosen == ALL
    # What a choice among all costs.
    assert scan_qfi(scan()).limit < scan_qfi(scan(pair=(1, 4))).limit < exact.qfi(noisy_ghz(4, 0.1))


def test_clopper_pearson_ends_have_the_tails_asked_for() -> None:
    below = scipy.special.bdtr  # P(X <= k) of n trials
    for found, total in ((3, 7), (40, 1000)):
        low, high = clopper_pearson(np.array(found), np.array(total), 0.01)
        assert 1 - below(found - 1, total, low) == pytest.approx(0.01)
        assert below(found, total, high) == pytest.approx(0.01)
    low, high = clopper_pearson(np.array([0, 7]), np.array([7, 7]), 0.01)
    assert low.tolist() == [0, pytest.approx(0.01 ** (1 / 7))]
    assert high.tolist() == [pytest.approx(1 - 0.01 ** (1 / 7)), 1]


def test_a_turn_by_two_pi_changes_nothing() -> None:
    assert distances([0.0, 6.2])[0, 1] == pytest.approx(2 * math.pi - 6.2)
    assert distances([-0.1, 2 * math.pi])[0, 1] == pytest.approx(0.1)


@pytest.mark.parametrize("extra", [0, 1, 3])
def test_components_of_a_turn_are_those_of_the_state(extra: int) -> None:
    rng = np.random.default_rng(8)
    matrix = random_state(3, 3, rng)
    angles = 2 * np.pi * np.arange(6 + extra) / (6 + extra)
    million = [10**6] * len(angles)
    counts = np.rint(10**6 * shares_of(matrix, matrix, angles)).astype(int)
    found = coherences(angles.tolist(), counts.tolist(), million, 3, 0.95)
    levels = np.bitwise_count(np.arange(8)).astype(int)
    differ = levels[:, None] - levels
    for m in range(4 if extra else 3):  # E = rho: S_m = Tr[rho_(m)+ rho_(m)]
        block = float((np.abs(matrix[differ == m]) ** 2).sum())
        assert found.table["intensity"][m] == pytest.approx(block, abs=2e-6)
    assert found.qfi_if_equal == pytest.approx(exact.f0(matrix, "z"), abs=1e-4)
    assert found.coherence_if_equal == pytest.approx(2 * abs(matrix[0, -1]), abs=1e-3)
    assert found.coherence_limit <= 2 * abs(matrix[0, -1])


@pytest.mark.statistics
def test_coherence_limit_holds_whatever_the_read_out_is() -> None:
    """C >= 4 |S_N| for random effects; 2 sqrt(S_N), which assumes equal noise, does not hold."""
    rng = np.random.default_rng(9)
    angles = 2 * np.pi * np.arange(7) / 7
    above = 0
    for _ in range(40):
        matrix, effect = random_state(3, int(rng.integers(1, 9)), rng), random_effect(3, rng)
        found = coherences(
            angles.tolist(),
            rng.binomial(2000, shares_of(matrix, effect, angles)).tolist(),
            [2000] * 7,
            3,
            0.99,
        )
        coherence = 2 * abs(matrix[0, -1])
        assert found.coherence_limit <= coherence
        assert found.qfi_limit <= exact.qfi(matrix, "z")
        above += found.coherence_if_equal > coherence + 0.05
    assert above > 0
    assert not covers_a_turn(angles[:-1].tolist(), 3)


@pytest.mark.statistics
def test_hellinger_curve_estimates_the_classical_information() -> None:
    """F_C = p'^2 / (p q) of a noisy GHZ state's parity, in the middle of a fringe."""
    angles = np.pi / 8 + np.linspace(0.0, 0.3, 7)
    shares = shares_of(noisy_ghz(4, 0.2), parity(4), angles)
    rng = np.random.default_rng(2)
    found = [
        hellinger_fit(angles.tolist(), rng.binomial(4000, shares).tolist(), [4000] * 7)
        for _ in range(300)
    ]
    values = np.array([one.value for one in found])
    error = values.std() / math.sqrt(len(values))
    # The polynomial ends at x^4: what lies beyond adds half a percent.
    assert abs(values.mean() - (0.8 * 4) ** 2) < 4 * error + 0.1
    assert np.mean([one.standard_error for one in found]) == pytest.approx(values.std(), rel=0.2)


def test_bad_scans_are_one_line() -> None:
    axis = parse_axis("z")
    for message, arguments in {
        "same turn": ((0.0, 2 * math.pi), (1, 1), (2, 2), "echo", 3, axis),
        "unknown": ((0.0, 1.0), (1, 1), (2, 2), "fidelity", 3, axis),
        "give one of each": ((0.0, 1.0), (1,), (2, 2), "echo", 3, axis),
        "successes in": ((0.0, 1.0), (3, 1), (2, 2), "echo", 3, axis),
        "2 or more": ((0.0,), (1,), (2,), "echo", 3, axis),
        "places of two": ((0.0, 1.0), (1, 1), (2, 2), "echo", 3, axis, (0, 2)),
    }.items():
        with pytest.raises(qbell.QbellError, match=message):
            PhaseScan(*arguments)
    with pytest.raises(qbell.QbellError, match="leaves a part without any"):
        scan_qfi(PhaseScan((0.0, 1.0), (1, 1), (1, 2), "echo", 3, axis), pair="learn")
    with pytest.raises(qbell.QbellError, match="give 'learn'"):
        scan_qfi(scan(), pair="best")
    for pair in ((0.1,), 5, {0.1, 0.4}):
        with pytest.raises(qbell.QbellError, match="expected two of the angles"):
            scan_qfi(scan(), pair=pair)  # type: ignore[arg-type]
    with pytest.raises(qbell.QbellError, match="3 or more"):
        hellinger_fit([0.0, 1.0], [1, 1], [2, 2])
    with pytest.raises(qbell.QbellError, match="2 pi j/K"):
        coherences([0.0, 1.0], [1, 1], [2, 2], 2, 0.95)
