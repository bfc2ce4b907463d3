"""The moment bound from shots: matrices, the mean over many data sets, limits, M from the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.designs import DESIGNS
from qbell.estimator.interval_estimate import MomentBound, Squeezing
from qbell.estimator.jobs import jobs_of
from qbell.estimator.k1 import bundles
from qbell.estimator.moments.algebra import SPANS, Span, algebra_of
from qbell.estimator.moments.learn import Operator, _candidates
from qbell.estimator.moments.moment_bound import NOTHING_RESPONDS, Moments, _Tested
from qbell.estimator.moments.word_means import measure, rows_of
from qbell.report.rows import quantity_rows
from qbell.report.summary import known_values, summarize
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support import naive
from tests.support.limits import most
from tests.support.simulated import law, shots_of_schedule, white_noise_ghz

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]
PAULI = {"I": naive.ONE, "X": naive.X, "Y": naive.Y, "Z": naive.Z}


def ising(num_qubits: int, u: float, noise: float) -> Matrix:
    """A ground state in white noise."""
    psi = qbell.ising(num_qubits, u).statevector()
    size = len(psi)
    return (1 - noise) * np.outer(psi, psi.conj()) + noise * np.eye(size) / size


def thermal(num_qubits: int, u: float, temperature: float) -> Matrix:
    """The Ising chain in equilibrium."""
    energies, vectors = np.linalg.eigh(naive.ising_hamiltonian(num_qubits, u))
    weights = np.exp(-(energies - energies[0]) / temperature)
    found: Matrix = (vectors * weights / weights.sum()) @ vectors.conj().T
    return found


def tilted(num_qubits: int, seed: int) -> Matrix:
    """A product of different pure states."""
    rng = np.random.default_rng(seed)
    return naive.projector(
        naive.tensor([naive.random_vector(1, rng)[:, None] for _ in range(num_qubits)])[:, 0]
    )


STATES: dict[str, Matrix] = {
    "GHZ of 2 in noise": white_noise_ghz(2, 0.3),
    "plus of 3": np.full((8, 8), 1 / 8, dtype=complex),
    "mixed": white_noise_ghz(3, 1.0),
    "Ising": ising(4, -1.0, 0.1),
    # Not looked at when M's choice was made.
    "GHZ of 2 in hardly any noise": white_noise_ghz(2, 0.001),
    "GHZ of 3 in noise": white_noise_ghz(3, 0.3),
    "random pure": naive.projector(naive.random_vector(3, np.random.default_rng(1))),
    "random of rank 2": naive.random_matrix(3, 2, np.random.default_rng(2)),
    "thermal": thermal(4, -0.8, 0.7),
    "tilted product": tilted(3, 3),
}
FEW = 10  # values, of which a standard error is none
SIZES = {"random3": 1000, "pauli": 60, "random": 500, "covering": 60}


def table_of(matrix: Matrix, design: str) -> tuple[NDArray[np.uint8], Floats]:
    """The settings of a design and their laws."""
    size = naive.qubits_of(matrix)
    every = {"random3": "pauli", "random": "full"}.get(design, design)
    order = min(4, size) if every == "covering" else None
    schedule = qbell.schedule(size, every, order=order)
    return schedule.directions, law(matrix, schedule)


def drawn(
    settings: NDArray[np.uint8], table: Floats, design: str, size: int, rng: np.random.Generator
) -> Shots:
    """``size`` single shots in settings that are drawn, or so many of each."""
    if DESIGNS[design].drawn:
        counts = rng.multinomial(size, table.ravel() / len(table)).reshape(table.shape)
    else:
        counts = rng.multinomial(size, table)
    rows, outcomes = np.nonzero(counts)
    num_qubits = settings.shape[1]
    return Shots(
        directions=settings[rows],
        bits=(outcomes[:, None] >> np.arange(num_qubits) & 1).astype(np.uint8),
        counts=counts[rows, outcomes].astype(np.int64),
        draws=None,
        design=design,
        axis=parse_axis("z"),
        order=min(4, num_qubits) if design == "covering" else None,
    )


def tangent(found: MomentBound, matrix: Matrix) -> float:
    """Tr rho (2 i [M, h] - (M - M_0)^2) by Kronecker products."""
    terms = zip(found.words, found.coefficients, strict=True)
    m = sum(c * naive.tensor([PAULI[k] for k in reversed(word)]) for word, c in terms)
    h = naive.generator(naive.qubits_of(matrix), (0, 0, 1))
    away = m - found.offset * np.eye(len(matrix))
    return float(np.trace(matrix @ (2j * (m @ h - h @ m) - away @ away)).real)


def wineland(found: Squeezing, matrix: Matrix) -> float:
    """N Var(J across the angle) / (J along the angle)^2."""
    size, angle = naive.qubits_of(matrix), found.angle
    along = naive.generator(size, (np.cos(angle), np.sin(angle), 0))
    across = naive.generator(size, (-np.sin(angle), np.cos(angle), 0))
    mean = np.trace(matrix @ across).real
    variance = np.trace(matrix @ across @ across).real - mean**2
    spin = np.trace(matrix @ along).real
    return float(size * variance / spin**2) if abs(spin) > 1e-12 else np.inf


def moments(shots: Shots, place: int = 0, held_out: float = 0.25) -> Moments:
    return Moments(shots, 0.95, np.random.SeedSequence(place), held_out)


# --- against matrices ----------------------------------------------------------------------------


@pytest.mark.parametrize("letters", [2, 3])
@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.name)
def test_words_are_matrices(span: Span, letters: int) -> None:
    size, rng = 3, np.random.default_rng(4)
    algebra = algebra_of(span, size, letters)
    kinds = "IZXY"
    words = [
        naive.tensor([PAULI[kinds[2 * (x >> k & 1) + (z >> k & 1)]] for k in range(size)])
        for x, z in zip(algebra.x.tolist(), algebra.z.tolist(), strict=True)
    ]
    assert letters == 3 or not np.any(algebra.z & ~algebra.x)
    np.testing.assert_array_equal(words[0], np.eye(8))
    coefficients = rng.normal(size=(2, len(algebra.own)))
    h, rho = naive.generator(size, (0, 0, 1)), naive.random_matrix(size, 3, rng)
    means = np.array([np.trace(rho @ word).real for word in words])
    response, square = (
        algebra.of_response(coefficients),
        algebra.of_square(coefficients, np.ones(2)),
    )
    for m, of_response, of_square in zip(coefficients, response, square, strict=True):
        operator = sum(c * words[own] for c, own in zip(m, algebra.own, strict=True))
        turned, away = 1j * (operator @ h - h @ operator), operator - np.eye(8)
        np.testing.assert_allclose(np.tensordot(of_response, words, 1), turned, atol=1e-12)
        np.testing.assert_allclose(np.tensordot(of_square, words, 1), away @ away, atol=1e-12)
        assert m @ algebra.response(means) == pytest.approx(np.trace(rho @ turned).real)
        variance = np.trace(rho @ operator @ operator).real - np.trace(rho @ operator).real ** 2
        assert m @ algebra.covariance(means) @ m == pytest.approx(variance)


def test_alike_are_those_at_equal_distances() -> None:
    algebra = algebra_of(Span(2, False), 4, 3)
    assert np.linalg.matrix_rank(algebra.alike) == 4  # Y, and YX at distance 1, 2, 3
    np.testing.assert_allclose(algebra.alike @ algebra.alike, algebra.alike, atol=1e-12)


@pytest.mark.parametrize("size", [60, 20])
def test_long_chains_have_few_operators(size: int) -> None:
    assert len(algebra_of(Span(2, False), size, 2).own) <= 250
    assert len(algebra_of(SPANS[-1], size, 3).own) <= 250


@pytest.mark.slow
@pytest.mark.parametrize("design", ["random3", "pauli", "covering"])
def test_means_of_words_are_those_of_shots(design: str) -> None:
    """Of the word that is measured least, shot by shot."""
    rng = np.random.default_rng(5)
    shots = drawn(*table_of(STATES["random pure"], design), design, 60, rng)
    algebra = algebra_of(Span(2, False), 3, shots.rules.letters)
    parts = bundles.bundled(shots, 4, rng)
    found = measure(algebra, rows_of(shots, parts), 3 if shots.drawn else None)
    place = int(np.argmin(found.shares))
    x, z = int(algebra.x[place]), int(algebra.z[place])
    expected, seen = np.zeros((2, 4))
    for row, bundle, weight in zip(parts.rows, parts.bundle, parts.weights, strict=True):
        letters = [2 * (x >> k & 1) + (z >> k & 1) for k in range(3)]
        measured = [(2, 3, 1)[direction] for direction in shots.directions[row]]
        pairs = zip(letters, measured, strict=True)
        if all(letter in (0, other) for letter, other in pairs):
            on = np.array(letters) > 0
            expected[bundle] += weight * (-1.0) ** shots.bits[row, on].sum()
            seen[bundle] += weight
    np.testing.assert_allclose(found.values[:, place] * found.shares[place], expected)
    np.testing.assert_allclose(found.seen[:, place] * found.shares[place], seen)
    exact_share = 1 / 27 if design == "random3" else seen[0]
    assert found.shares[place] == pytest.approx(exact_share)


# --- in results ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_in_results() -> None:
    """The same again, in the summary and in tables; above the part of Eq. (24) that it beats."""
    state = qbell.ising(5, -1.0)
    shots = qbell.sample(state, qbell.schedule(5, "covering", order=4), shots=2000, seed=1)
    result = qbell.estimate(shots, resamples=100)
    found, squeezing = result.moment_bound, result.squeezing
    assert found is not None
    assert squeezing is not None
    assert result.bound.high < found.lower_limit < exact.qfi(state)
    assert found == qbell.estimate(shots, resamples=100).moment_bound
    assert found.lower_limit < found.value < found.upper_limit
    matrix = naive.projector(state.statevector())
    assert abs(found.value - tangent(found, matrix)) < 4 * found.standard_error
    assert squeezing.upper_limit > squeezing.value > squeezing.lower_limit
    assert abs(squeezing.value - wineland(squeezing, matrix)) < 4 * squeezing.standard_error
    known = known_values(state, shots.axis, words=found.words)
    best = exact.moment_bound(state, words=found.words)
    assert tangent(found, matrix) < best < exact.qfi(state) + 1e-6
    assert known["exact"]["moment_bound"] == pytest.approx(best)
    assert known["exact"]["squeezing"] == pytest.approx(exact.squeezing(state))
    summary = summarize(result, known=known)
    assert summary["moment_bound"]["value"] == found.value
    assert summary["squeezing"]["value"] == squeezing.value
    rows = {row[0]: row[1:] for row in quantity_rows(summary)}
    # Of a tangent only one end is a limit of what it lies below, or above.
    least, most = (
        rows[name][1].split() for name in ("moment bound, few-body M", "spin squeezing xi^2")
    )
    assert (least[0], most[0]) == (">=", "<=")
    assert 0 <= found.lower_limit - float(least[1]) < 0.01
    assert 0 <= float(most[1]) - squeezing.upper_limit < 0.001
    assert rows["moment bound, few-body M"][2] == f"{best:.5g}"
    assert {"moment bound, 95 %", "spin squeezing, 95 %"} < set(dict(result.shown()[1]))


def test_the_order_of_rows_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    shots = drawn(*table_of(STATES["plus of 3"], "random3"), "random3", 1000, rng)
    turned = shots.take(np.arange(len(shots.counts))[::-1])
    assert moments(shots).bound == moments(turned).bound


@pytest.mark.parametrize(
    ("design", "words"),
    [
        *((name, 5) for name in ("random", "random3", "full", "pauli")),
        *((name, 4) for name in ("even", "mermin")),
        ("covering", 3),
        *((name, 0) for name in ("ghz", "equatorial", "symmetric", "stars")),
    ],
)
def test_which_designs_have_words(design: str, words: int) -> None:
    """All designs; and where they have, all words of so many qubits, equally often if drawn."""
    kind = DESIGNS[design]
    assert kind.word_qubits(5, 3) == words
    if words and kind.drawn:
        settings = kind.directions(5, draws=4000, order=0, rng=np.random.default_rng(3))
        numbers = settings[:, :words] @ kind.letters ** np.arange(words)
        counts = np.bincount(numbers, minlength=kind.letters**words)
        assert counts.min() > 0
        assert counts.std() < 1.3 * np.sqrt(counts.mean())
    elif words:
        settings = kind.directions(5, draws=0, order=3, rng=np.random.default_rng(7))
        for some in ([0, 1, 2], [4, 2, 0]):
            assert len(np.unique(settings[:, some], axis=0)) == kind.letters**3


@pytest.mark.parametrize(
    ("design", "size", "changes", "why"),
    [
        ("random3", 39, {}, "it needs 40 draws"),
        ("random3", 100, {}, "too few draws have the words of two qubits"),
        ("pauli", 39, {}, "it needs 40 shots in each setting"),
        ("random3", 1000, {"provenance": "mitigated"}, "the counts are mitigated"),
    ],
    ids=["few draws", "few words", "few shots", "mitigated"],
)
def test_no_bound_says_why(design: str, size: int, changes: dict[str, str], why: str) -> None:
    shots = drawn(*table_of(STATES["plus of 3"], design), design, size, np.random.default_rng(8))
    found = moments(replace(shots, **changes))
    assert found.bound is None
    assert found.squeezing is None
    assert why in found.notes[0]


def test_shares_that_leave_too_few() -> None:
    shots = drawn(*table_of(STATES["plus of 3"], "full"), "full", 60, np.random.default_rng(9))
    for share in (0.1, 0.9):
        assert "too few to learn from or to test with" in moments(shots, held_out=share).notes[0]


def test_other_designs_say_nothing_of_it() -> None:
    shots = qbell.sample(qbell.ghz(3), qbell.schedule(3, "equatorial"), shots=100, seed=1)
    found = moments(shots)
    assert (found.bound, found.squeezing, found.notes) == (None, None, ())


def test_nothing_responds() -> None:
    """Of a GHZ state i [M, h] has the mean 0 for all M of few qubits: no bound."""
    shots = qbell.sample(qbell.ghz(5), qbell.schedule(5, "covering", order=4), shots=200, seed=1)
    assert moments(shots).bound is None
    assert moments(shots).notes == (NOTHING_RESPONDS,)


def test_exact_values_that_are_out_of_reach_have_a_note() -> None:
    known = known_values(qbell.plus(15), parse_axis("z"), words=("Y" + "I" * 14,))
    assert known["exact"]["squeezing"] == pytest.approx(1)
    assert known["exact"]["moment_bound"] is None
    said = "no exact moment bound: not computed for this state at this size"
    assert known["notes"] == [said]


def test_order_two_has_single_qubits_alone() -> None:
    shots = qbell.sample(qbell.plus(5), qbell.schedule(5, "covering", order=2), shots=200, seed=1)
    found = moments(shots).bound
    assert found is not None
    assert found.span == "X, Y"
    assert 0 < found.lower_limit < 5


def test_jobs_are_bundles() -> None:
    rng = np.random.default_rng(10)
    schedule = qbell.schedule(2, "random", draws=960, seed=2)
    shots = shots_of_schedule(STATES["GHZ of 2 in noise"], schedule, 1, rng)
    assert shots.draws is not None
    for count, note in ((48, ""), (12, "error bars by job need 40 jobs")):
        jobs = replace(shots, extra=pd.DataFrame({"job": shots.draws % count}))
        found = replace(moments(jobs), jobs=jobs_of(jobs))
        assert (found.bound is None) == bool(note)
        assert note in " ".join(found.notes)


def test_limits_of_a_first_part() -> None:
    rng = np.random.default_rng(11)
    table = table_of(STATES["plus of 3"], "full")
    whole, first = (moments(drawn(*table, "full", size, rng)) for size in (500, 100))
    limited = replace(whole, limited=True, first=first)
    assert limited.bound is not None
    assert first.bound is not None
    assert whole.bound is not None
    assert limited.bound.lower_limit == first.bound.lower_limit
    assert limited.bound.value == whole.bound.value
    alone = replace(whole, limited=True).bound
    assert alone is not None
    assert alone.lower_limit == 0


# --- over many data sets -------------------------------------------------------------------------


CASES = [
    ("GHZ of 2 in noise", "random3"),
    ("plus of 3", "random"),
    ("Ising", "covering"),
]
MORE = [(name, design) for name in STATES for design in SIZES if (name, design) not in CASES]


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("name", "design"), CASES + [pytest.param(*case, marks=pytest.mark.nightly) for case in MORE]
)
def test_mean_and_limits(name: str, design: str, repeats: Repeats) -> None:
    """The mean is that of the tangent, which the QFI exceeds, as it does the lower limit."""
    matrix = STATES[name]
    runs, table = repeats(40, 300), table_of(matrix, design)
    qfi, rng = exact.qfi(matrix), np.random.default_rng(12)
    away, above, missed, loose, squeezed = [], 0, 0, 0, 0
    for place in range(runs):
        found = moments(drawn(*table, design, SIZES[design], rng), place)
        if found.squeezing is not None:
            squeezed += found.squeezing.upper_limit < wineland(found.squeezing, matrix)
        bound = found.bound
        if bound is None:
            continue
        truth = tangent(bound, matrix)
        assert truth <= qfi + 1e-9
        away.append(bound.value - truth)
        above += bound.lower_limit > qfi
        missed += bound.lower_limit > max(truth, 0.0)
        loose += not bound.low <= max(truth, 0.0) <= bound.high
    if len(away) > FEW:  # of a mixed state hardly ever an operator seems to be worth it
        assert abs(np.mean(away)) < 4 * np.std(away, ddof=1) / np.sqrt(len(away))
    assert above <= most(runs, 0.05)
    assert missed <= most(runs, 0.06)
    assert loose <= most(runs, 0.07)
    assert squeezed <= most(runs, 0.06)


@pytest.mark.statistics
@pytest.mark.parametrize("name", ["mixed", pytest.param("Ising", marks=pytest.mark.nightly)])
def test_an_operator_from_the_same_shots_is_too_good(name: str, repeats: Repeats) -> None:
    """Negative control: M = Gamma^-1 C of one half, tested on the same and on the other half.

    Of the state with as many shots that it says something, and of a mixed one, without any QFI,
    where `learn` would find nothing that it dares to take.
    """
    matrix, rng = STATES[name], np.random.default_rng(13)
    size, table, qfi = naive.qubits_of(matrix), table_of(matrix, "random"), exact.qfi(matrix)
    runs, half = repeats(60, 400), np.arange(100) < 50
    away: dict[bool, list[float]] = {True: [], False: []}
    above = {True: 0, False: 0}
    for _ in range(runs):
        shots = drawn(*table, "random", 1500, rng)
        rows = rows_of(shots, bundles.bundled(shots, 100, rng))
        algebra = algebra_of(SPANS[2], size, 2)
        means = measure(algebra, rows, 2)
        known = means.pooled(half)
        m = _candidates(algebra, known)[0]
        guess = means.guessed(half, 750.0)
        operator = Operator(algebra, m, float(m @ known[algebra.own]), guess, 0.0)
        for same in (True, False):
            tested = _Tested(rows, half if same else ~half, 750.0, 0.95, shots)
            found = tested.bound(operator, means)
            away[same].append(found.value - tangent(found, matrix))
            above[same] += found.lower_limit > qfi
    errors = {same: np.std(away[same], ddof=1) / np.sqrt(runs) for same in away}
    assert np.mean(away[True]) > 4 * errors[True]
    assert abs(np.mean(away[False])) < 4 * errors[False]
    if name == "mixed":  # else the tangent is too far below the QFI
        assert above[True] > most(runs, 0.05)
    assert above[False] <= most(runs, 0.05)
