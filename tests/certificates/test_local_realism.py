"""The test of local realism: its limit, its two p-values, and who must not pass it."""

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import qbell
from qbell.certificates import TestedCorrelator, certify, local_limit, local_realism
from qbell.certificates.p_value_bounds import LEAST, STAKES, hoeffding_p, ratio_p
from qbell.certificates.phase_test import PhaseTest
from qbell.conventions.axes import parse_axis
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    shots_of,
    white_noise_ghz,
)

FALSE_ALARM = 1e-5  # of each statistical check below, by binomial tails
PHASES = (0.0, 0.3, -1.0, np.pi / 4, np.pi / 2, 2.0, 100.0)


def shots_from(directions: NDArray[np.uint8], bits: NDArray[np.uint8]) -> Shots:
    """One shot a draw."""
    trials = len(bits)
    return Shots(
        directions=directions.astype(np.uint8),
        bits=bits.astype(np.uint8),
        counts=np.ones(trials, dtype=np.int64),
        draws=np.arange(trials),
        design="random",
        axis=parse_axis("z"),
    )


def ghz_shots(num_qubits: int, trials: int, coherence: float, rng: np.random.Generator) -> Shots:
    """Of a GHZ state that lost coherence: uniform outcomes, but for the parity of all of them."""
    directions = rng.integers(0, 2, (trials, num_qubits), dtype=np.uint8)
    bits = rng.integers(0, 2, (trials, num_qubits), dtype=np.uint8)
    mean = coherence * np.cos(np.pi / 2 * directions.sum(axis=1))
    odd = rng.random(trials) >= (1 + mean) / 2
    bits[:, -1] = bits[:, :-1].sum(axis=1) % 2 ^ odd
    return shots_from(directions, bits)


def strategies(num_qubits: int) -> NDArray[np.int64]:
    """(4^N, N, 2): outcome +-1 of every qubit along sigma_1 and sigma_2, all there are."""
    both = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    return np.array(list(itertools.product(both, repeat=num_qubits)))


def all_words(num_qubits: int) -> NDArray[np.int64]:
    return np.arange(2**num_qubits)[:, None] >> np.arange(num_qubits) & 1


@functools.cache
def strategy_products(num_qubits: int) -> NDArray[np.int64]:
    """(4^N, 2^N): product of all outcomes, of each strategy in each setting."""
    chosen = [strategies(num_qubits)[:, k, word] for k, word in enumerate(all_words(num_qubits).T)]
    return np.prod(chosen, axis=0)


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 4, 5, 6])
def test_the_limit_is_the_best_deterministic_strategy(num_qubits: int) -> None:
    """All strategies, all labels, several phases: the largest mean over all settings."""
    words = all_words(num_qubits)
    signs = 1 - 2 * words  # labels as signs, one a row
    factors = 1j ** (words @ signs.T)  # (settings, labels)
    means = strategy_products(num_qubits) @ factors / 2**num_qubits
    for phase in PHASES:
        best = (np.exp(1j * phase) * means).real.max(axis=0)
        np.testing.assert_allclose(best, local_limit(num_qubits, phase), atol=1e-14)


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 7, 10, 31])
def test_the_limit_lies_between_its_closed_forms(num_qubits: int) -> None:
    """At phase 0: 2^(-N/2) for even N, 2^(-(N+1)/2) for odd N; never outside of these two."""
    at_zero = 2.0 ** -((num_qubits + 1) // 2)
    assert local_limit(num_qubits) == pytest.approx(at_zero, rel=1e-12)
    for phase in np.linspace(-7, 7, 200):
        limit = local_limit(num_qubits, float(phase))
        assert 0.7071 * 2 ** (-num_qubits / 2) < limit <= 2 ** (-num_qubits / 2)


@pytest.mark.parametrize("label", ["+++", "--+", "+-+", "---"])
@pytest.mark.parametrize("phase", [0.0, 0.7])
def test_the_mean_by_hand(label: str, phase: float, rng: np.random.Generator) -> None:
    """x multiplied out qubit by qubit; the label's last character is qubit 0.

    At phase 0 shots with an odd number of sigma_2 have x = 0 and are left out.
    """
    directions, bits = rng.integers(0, 2, (2, 40, 3))
    kept = 40 if phase else int((directions.sum(axis=1) % 2 == 0).sum())
    total = 0.0
    for row in range(40):
        product = np.exp(1j * phase)
        for qubit in range(3):
            turn = 1j if label[2 - qubit] == "+" else -1j
            product *= (1 - 2 * bits[row, qubit]) * (turn if directions[row, qubit] else 1)
        total += product.real
    test, reason = local_realism(shots_from(directions, bits), TestedCorrelator(label, phase))
    assert reason == ""
    assert test is not None
    assert test.mean == pytest.approx(total / kept, abs=1e-12)
    limit = local_limit(3, phase) if phase else 2 * local_limit(3)
    assert (test.trials, test.limit) == (kept, pytest.approx(limit))


def test_rows_of_several_shots_count_so_often() -> None:
    """Without draws, two rows of 3 and 1 shots are four draws."""
    shots = shots_of(
        np.array([0, 3]), np.array([0, 0]), np.array([3, 1]), draws=np.arange(2), num_qubits=2
    )
    test, _ = local_realism(dataclasses.replace(shots, draws=None))
    assert test is not None
    assert (test.trials, test.mean) == (4, 0.5)  # (3 * 1 + 1 * i^2) / 4


# The p-values.


def test_p_value_by_hand() -> None:
    """Settings XXX, XYY; outcomes 000, 001: x = 1 and i^2 (-1) = 1; KL(1 || 3/4) = ln(4/3).

    YXX has an odd number of sigma_2 and does not count.
    """
    shots = shots_of(
        np.array([0, 3, 4]), np.array([0, 1, 0]), np.ones(3), draws=np.arange(3), num_qubits=3
    )
    test, _ = local_realism(shots)
    assert test is not None
    assert test.hoeffding == pytest.approx((3 / 4) ** 2)
    wealth = np.mean((1 + STAKES / 1.5 * 0.5) ** 2)
    assert test.ratio == pytest.approx(1 / wealth)


@pytest.mark.parametrize("reach", [1.0, 0.8])
@pytest.mark.parametrize("limit", [0.01, 0.25, 0.5])
def test_the_divergence_is_never_weaker_than_azuma(limit: float, reach: float) -> None:
    for mean in np.linspace(limit, reach, 50):
        azuma = math.exp(-40 * (mean - limit) ** 2 / (2 * reach**2))
        assert hoeffding_p(float(mean), limit, 40, reach=reach) <= azuma * (1 + 1e-12)
    assert hoeffding_p(limit - 0.1, limit, 40, reach=reach) == 1


@pytest.mark.parametrize("trials", [1, 7, 60])
@pytest.mark.parametrize("limit", [0.0, 0.125, 0.5])
def test_hoeffding_is_above_the_binomial_tail(trials: int, limit: float) -> None:
    """x = +-1 with a mean of exactly the limit: the true tail is known, and not much smaller."""
    for ups in range(trials + 1):
        exact = stats.binom.sf(ups - 1, trials, (1 + limit) / 2)
        bound = hoeffding_p(2 * ups / trials - 1, limit, trials)
        assert exact * (1 - 1e-12) <= bound
        assert bound <= max(1.0, 30 * exact)


def test_the_ratio_by_a_plain_loop(rng: np.random.Generator) -> None:
    """The wealth shot by shot, for each stake, in any order."""
    values = rng.choice([-0.6, 0.8, 0.6, -0.8], size=50, p=[0.1, 0.4, 0.4, 0.1])
    wealth = []
    for share in STAKES:
        money = 1.0
        for value in values:
            money *= 1 + share / (0.8 + 0.2) * (value - 0.2)
            assert money > 0
        wealth.append(money)
    kinds, counts = np.unique(values, return_counts=True)
    assert ratio_p(kinds, counts.astype(float), 0.2, reach=0.8) == pytest.approx(
        min(1.0, 1 / np.mean(wealth))
    )


def test_never_below_the_smallest_number() -> None:
    test, _ = local_realism(shots_from(np.zeros((10**5, 4)), np.zeros((10**5, 4))))
    assert test is not None
    assert test.hoeffding == test.ratio == LEAST > 0


def best_adversary(
    p_value: Callable[[NDArray[np.float64]], float],
    laws: NDArray[np.float64],
    trials: int,
    alpha: float,
) -> float:
    """Largest chance of p <= alpha, over all models that choose a law anew after every shot.

    Exact, backwards from the last shot: the state is how often each value came. ``laws``
    (laws, values): the chance of each value, under each deterministic strategy.
    """
    kinds = laws.shape[1]
    steps = np.eye(kinds, dtype=int)

    def states(total: int) -> list[tuple[int, ...]]:
        cuts = itertools.combinations(range(total + kinds - 1), kinds - 1)
        return [tuple(np.diff([-1, *cut, total + kinds - 1]) - 1) for cut in cuts]

    chance = {state: float(p_value(np.array(state, float)) <= alpha) for state in states(trials)}
    for done in reversed(range(trials)):
        chance = {
            state: float(np.max(laws @ [chance[tuple(np.add(state, step))] for step in steps]))
            for state in states(done)
        }
    return chance[(0,) * kinds]


def value_laws(num_qubits: int, phase: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of x, and their chances under each strategy, those with equal chances once."""
    turns = all_words(num_qubits).sum(axis=1) + (1 - strategy_products(num_qubits))
    x = np.round((np.exp(1j * phase) * 1j**turns).real, 12)
    values = np.unique(x)
    return values, np.unique([(x == value).mean(axis=1) for value in values], axis=1).T


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hoeffding", "ratio"])
@pytest.mark.parametrize(
    ("num_qubits", "phase", "trials"),
    [(2, 0.0, 24), (3, 0.0, 24), (2, 0.4, 10), (3, np.pi / 4, 40)],
)
def test_no_model_with_memory_beats_the_p_value(
    kind: str, num_qubits: int, phase: float, trials: int
) -> None:
    """The best of all local models with memory, exactly: p <= alpha with chance alpha at most."""
    values, laws = value_laws(num_qubits, phase)
    reach = float(np.abs(values).max())
    limit = local_limit(num_qubits, phase)

    def p_value(counts: NDArray[np.float64], limit: float = limit) -> float:
        if kind == "ratio":
            return ratio_p(values, counts, limit, reach=reach)
        return hoeffding_p(float(values @ counts) / trials, limit, trials, reach=reach)

    for alpha in (0.5, 0.2, 0.05, 0.01):
        assert best_adversary(p_value, laws, trials, alpha) <= alpha
    # The check can fail: against a limit that is too low there are models that get through.
    wrong = functools.partial(p_value, limit=-limit)
    assert max(best_adversary(wrong, laws, trials, a) / a for a in (0.5, 0.2, 0.05)) > 1


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hoeffding", "ratio"])
@pytest.mark.parametrize(
    ("num_qubits", "phase", "trials"), [(3, 0.0, 20), (3, np.pi / 2, 12), (2, 0.4, 8)]
)
def test_no_model_with_memory_beats_the_shots_that_count(
    kind: str, num_qubits: int, phase: float, trials: int
) -> None:
    """The same of `PhaseTest`, where only the half of the shots counts that has x = +-1; how many
    they are is left to chance. At 0.4 even and odd numbers of sigma_2 have limits of their own.
    """
    values, laws = value_laws(num_qubits, phase)
    says = values != 0

    def p_value(counts: NDArray[np.float64], limit: float) -> float:
        test = PhaseTest(values[says], np.abs(values[says]), counts[says], trials)
        return test.ratio(limit) if kind == "ratio" else test.hoeffding(limit)

    limit = local_limit(num_qubits, phase)
    honest = functools.partial(p_value, limit=limit)
    for alpha in (0.5, 0.2, 0.05, 0.01):
        assert best_adversary(honest, laws, trials, alpha) <= alpha
    wrong = functools.partial(p_value, limit=-limit)
    assert max(best_adversary(wrong, laws, trials, a) / a for a in (0.5, 0.2, 0.05)) > 1


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 5])
@pytest.mark.parametrize("phase", [0.0, np.pi / 2, np.pi, 0.4, -1.0])
def test_no_strategy_gains_on_the_limits_of_each_half(num_qubits: int, phase: float) -> None:
    """The mean of x - 2 L size^2 over settings is 0 for the best strategy, of all there are."""
    turns = all_words(num_qubits).sum(axis=1) + (1 - strategy_products(num_qubits))
    x = (np.exp(1j * phase) * 1j**turns).real
    best = (x - 2 * local_limit(num_qubits, phase) * x**2).mean(axis=1).max()
    assert best == pytest.approx(0, abs=1e-14)


# Who passes, and who must not.


@pytest.mark.parametrize(
    ("num_qubits", "coherence", "median"), [(4, 1.0, -6.1), (10, 1.0, -13.7), (10, 0.7, -4.9)]
)
def test_medians_of_a_hundred_shots(
    num_qubits: int, coherence: float, median: float, rng: np.random.Generator
) -> None:
    """log10 p by Hoeffding; 49 or 50 of 100 shots count. Before: -1.4, -5.0, -2.3.

    Of 101 data sets the median scatters by an eighth of the standard deviation of one, 1.3 at most.
    """
    tests = [local_realism(ghz_shots(num_qubits, 100, coherence, rng))[0] for _ in range(101)]
    found = np.median([math.log10(test.hoeffding) for test in tests if test is not None])
    assert abs(found - median) < 0.6


def test_a_ghz_state_of_ten_qubits_in_126_shots(rng: np.random.Generator) -> None:
    """x is 0 or 1, each half of the time: mean 1/2 against 2^-5.

    Expected: Azuma exp(-126 (15/32)^2 / 2) = 1e-6, Hoeffding 5e-7, the ratio 3e-17; the scatter of
    the number of zeros moves the exponents by up to a third (4 standard deviations).
    """
    expected = np.array([63.0, 63.0])
    azuma = math.exp(-126 * (0.5 - 2**-5) ** 2 / 2)
    hoeffding = hoeffding_p(0.5, 2**-5, 126)
    ratio = ratio_p(np.array([0.0, 1.0]), expected, 2**-5)
    assert azuma == pytest.approx(9.7e-7, rel=0.01)
    assert hoeffding == pytest.approx(4.7e-7, rel=0.02)
    assert 1e-17 < ratio < 1e-16
    for _ in range(20):
        test, _ = local_realism(ghz_shots(10, 126, 1.0, rng))
        assert test is not None
        assert test.hoeffding < 1e-3
        assert test.ratio < 1e-10


@pytest.mark.parametrize(("coherence", "trials"), [(1.0, 126), (0.9, 126), (0.5, 500)])
def test_the_ratio_is_the_sharper_where_x_is_often_small(
    coherence: float, trials: int, rng: np.random.Generator
) -> None:
    """Median over 21 data sets of N = 10, in decades of p; the phase is a little off."""
    direction = TestedCorrelator("+" * 10, 0.1)
    tests = [local_realism(ghz_shots(10, trials, coherence, rng), direction)[0] for _ in range(21)]
    decades = [
        math.log10(test.hoeffding) - math.log10(test.ratio) for test in tests if test is not None
    ]
    assert len(decades) == 21
    assert np.median(decades) > 1


def test_a_ghz_state_in_another_direction(rng: np.random.Generator) -> None:
    """Its phase turned by pi, or qubit 0 turned upside down: only the right direction sees it."""
    shots = ghz_shots(4, 600, 1.0, rng)
    for direction, found in [("++++", True), ("+++-", False)]:
        test, _ = local_realism(shots, TestedCorrelator(direction))
        assert test is not None
        assert (test.hoeffding < 1e-4) == (test.ratio < 1e-4) == found
    test, _ = local_realism(shots, TestedCorrelator("++++", np.pi))
    assert test is not None
    assert test.hoeffding == test.ratio == 1.0
    flipped = dataclasses.replace(shots, bits=shots.bits ^ (shots.directions * [[1, 0, 0, 0]]))
    test, _ = local_realism(flipped, TestedCorrelator("+++-"))
    assert test is not None
    assert max(test.ratio, test.hoeffding) < 1e-4


Source = Callable[[int, int, np.random.Generator], Shots]


@functools.cache
def w_table(num_qubits: int) -> NDArray[np.float64]:
    vector = qbell.w(num_qubits).statevector()
    return probabilities(np.outer(vector, vector.conj()))


def play(chosen: NDArray[np.int64], rng: np.random.Generator) -> Shots:
    """Deterministic strategies (shots, N, 2), one for each shot, in random settings."""
    directions = rng.integers(0, 2, chosen.shape[:2])
    outcomes = np.take_along_axis(chosen, directions[:, :, None], axis=2)[:, :, 0]
    return shots_from(directions, (1 - outcomes) // 2)


def best_strategies(num_qubits: int) -> NDArray[np.int64]:
    """Those whose mean of x is exactly the limit at phase 0."""
    chosen = strategies(num_qubits)
    means = np.prod((chosen[:, :, 0] + 1j * chosen[:, :, 1]) / 2, axis=1).real
    return chosen[means > means.max() - 1e-12]


def plus(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    directions = rng.integers(0, 2, (trials, num_qubits))
    return shots_from(directions, directions * rng.integers(0, 2, (trials, num_qubits)))


def mixed(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    directions, bits = rng.integers(0, 2, (2, trials, num_qubits))
    return shots_from(directions, bits)


def w_state(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    return random_shots(w_table(num_qubits), trials, rng)


def best_mixture(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    best = best_strategies(num_qubits)
    return play(best[rng.integers(0, len(best), trials)], rng)


def any_mixture(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    """Some ten strategies with random weights, fixed for the run."""
    few = strategies(num_qubits)[rng.integers(0, 4**num_qubits, 10)]
    return play(few[rng.choice(10, size=trials, p=rng.dirichlet(np.ones(10)))], rng)


def with_memory(num_qubits: int, trials: int, rng: np.random.Generator) -> Shots:
    """Plays for the limit until ahead by two standard deviations, then plays safe (x often 0).

    At phase 0 the strategies of one argument of prod (x + i y) have one law of x; the other laws
    let it trade its mean against its scatter, knowing all of the past.
    """
    best, limit = best_strategies(num_qubits)[0], local_limit(num_qubits)
    safe = best.copy()
    safe[0] = safe[0, ::-1] * [1, -1]  # turns the argument by a right angle
    rows, total = [], 0.0
    directions = rng.integers(0, 2, (trials, num_qubits))
    for done, row in enumerate(directions):
        ahead = total - limit * done > 2 * math.sqrt(done / 2 + 1)
        outcomes = np.take_along_axis(safe if ahead else best, row[:, None], axis=1)[:, 0]
        total += (np.prod(outcomes) * 1j ** row.sum()).real
        rows.append((1 - outcomes) // 2)
    return shots_from(directions, np.array(rows))


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("num_qubits", "source"),
    [
        (4, plus),
        (3, mixed),
        (4, w_state),
        (3, best_mixture),
        (4, best_mixture),
        (3, any_mixture),
        (3, with_memory),
        (4, with_memory),
    ],
)
def test_false_alarms_are_as_rare_as_promised(
    source: Source, num_qubits: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Runs of 80 shots: p <= alpha in a share alpha at most, at six levels, for both p-values.

    A p-value that is exactly uniform would fail here with probability 1e-5 at each level.
    """
    runs = repeats(120, 400)
    tests = [local_realism(source(num_qubits, 80, rng))[0] for _ in range(runs)]
    for kind in ("hoeffding", "ratio"):
        p_values = np.array([getattr(test, kind) for test in tests])
        for alpha in (0.5, 0.3, 0.1, 0.05, 0.01, 0.001):
            assert (p_values <= alpha).sum() <= stats.binom.isf(FALSE_ALARM, runs, alpha)


@pytest.mark.statistics
@pytest.mark.parametrize("source", [plus, mixed, w_state, best_mixture, with_memory])
def test_certificates_of_local_data_claim_nothing(
    source: Source, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Runs through `certify`: p-values below 1e-3 and depths at 2.5 % only by chance (1e-5).

    Depths rest on the shots, whatever E's lower limit is. Local strategies may look entangled, as
    they are no quantum states.
    """
    runs = repeats(30, 100)
    claims = nonlocal_ = entangled = 0
    for _ in range(runs):
        found = certify(source(3, 200, rng), 0.25, 0.95)
        nonlocal_ += (
            found.bell_qubits > 0
            or max(found.nonlocality_depth, found.no_signalling_depth, found.svetlichny_depth) > 1
        )
        entangled += source in (plus, mixed) and found.entanglement_depth > 1
        claims += any(p is not None and p < 1e-3 for p in (found.p_value, found.p_value_ratio))
    assert claims <= stats.binom.isf(FALSE_ALARM, runs, 2e-3)
    assert max(nonlocal_, entangled) <= stats.binom.isf(FALSE_ALARM, runs, 0.025)


@pytest.mark.parametrize(
    ("design", "word"),
    [
        ("full", "blocks"),
        ("covering", "blocks"),
        ("random3", "three directions"),
        ("equatorial", "one angle"),
        ("symmetric", "assumption"),
    ],
)
def test_designs_that_allow_no_p_value_say_why(
    design: str, word: str, rng: np.random.Generator
) -> None:
    shots = full_shots(probabilities(white_noise_ghz(3, 0.0)), 20, rng)
    test, reason = local_realism(dataclasses.replace(shots, design=design))
    assert test is None
    assert "no p-value" in reason
    assert word in reason


def test_shots_that_allow_no_p_value_say_why(rng: np.random.Generator) -> None:
    table = probabilities(white_noise_ghz(3, 0.0))
    test, reason = local_realism(random_shots(table, 50, rng, shots=4))
    assert test is None
    assert "several shots" in reason
    for provenance in ("mitigated", "post-selected"):
        shots = dataclasses.replace(random_shots(table, 50, rng), provenance=provenance)
        test, reason = local_realism(shots)
        assert test is None
        assert provenance in reason


def test_a_direction_of_other_qubits_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(qbell.QbellError, match=r"4 signs.*3 qubits"):
        local_realism(plus(3, 10, rng), TestedCorrelator("++++"))
