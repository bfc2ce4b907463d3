"""Limits that hold at all times together: coverage over looks after every draw, and their parts."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.certificates import TestedCorrelator
from qbell.certificates.bound_sequence import FIRST, REACH, bound_low, features, says
from qbell.certificates.p_value_bounds import STAKES
from qbell.certificates.sequence import AnytimeCounts, anytime_values
from qbell.certificates.wealth import BETS, Wealth, anytime_limits, together
from tests.support.limits import most
from tests.support.simulated import shots_of_schedule, white_noise_ghz

Floats = NDArray[np.float64]
Repeats = Callable[[int, int], int]

GOAL = math.log(20)  # of a wealth, at 95 %
PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]]])


def logs_at(successes: Floats, trials: Floats, chances: Floats) -> Floats:
    """ln W after each look against what is true there."""
    each = BETS[:, None] * successes - trials * np.log1p(np.expm1(BETS)[:, None] * chances)
    found: Floats = np.logaddexp.reduce(each, axis=0) - math.log(len(BETS))
    return found


def test_limits_are_where_the_wealth_says(rng: np.random.Generator) -> None:
    for successes, trials in ((650, 1000), (0, 50), (50, 50), (3, 7)):
        wealth = Wealth(successes, trials)
        low, high = wealth.limits(np.array([GOAL]))[:, 0]
        assert low == 0 or wealth.logs(np.array([low]))[0] == pytest.approx(GOAL, abs=1e-4)
        assert high == 1 or wealth.logs(np.array([high]))[0] == pytest.approx(GOAL, abs=1e-4)
        assert (low == 0) == (successes == 0)
        assert (high == 1) == (successes == trials)
        every = wealth.logs(np.linspace(0, 1, 4001))
        assert every.min() >= wealth.lowest[1] - 1e-9
        assert (np.diff(every, 2) > -1e-9).all()  # convex


@pytest.mark.statistics
@pytest.mark.parametrize("chance", [0.5, 0.724, 0.97, 1.0, "drifts"])
def test_a_mean_over_looks_after_every_draw(
    chance: float | str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """At most 5 % of runs of 1500 draws ever miss the average of what the chances were."""
    times = np.arange(1, 1501)
    chances = np.full(1500, 0.0) + (
        0.6 + 0.3 * np.sin(times / 200) if isinstance(chance, str) else chance
    )
    average = np.cumsum(chances) / times
    missed, count = 0, repeats(60, 2000)
    for _ in range(count):
        ups = np.cumsum(rng.random(1500) < chances).astype(float)
        missed += bool((logs_at(ups, times.astype(float), average) >= GOAL).any())
    assert missed <= most(count, 0.05)


@pytest.mark.statistics
@pytest.mark.parametrize(("coherence", "population"), [(0.15, 0.37), (0.0, 0.03), (0.9, 0.95)])
def test_two_means_together_over_looks_after_every_draw(
    coherence: float, population: float, rng: np.random.Generator, repeats: Repeats
) -> None:
    """C and P, from which F and N^2 C^2 / P follow: the pair is ever excluded in 5 % at most."""
    missed, count = 0, repeats(60, 2000)
    for _ in range(count):
        along = rng.random(1500) < 0.25
        hit = rng.random(1500) < np.where(along, population, (1 + coherence) / 2)
        kinds = [(np.cumsum(kind & hit), np.cumsum(kind)) for kind in (along, ~along)]
        chances = (population, (1 + coherence) / 2)
        logs = [
            logs_at(ups.astype(float), trials.astype(float), np.full(1500, chance))
            for (ups, trials), chance in zip(kinds, chances, strict=True)
        ]
        missed += bool((logs[0] + logs[1] >= GOAL).any())
    assert missed <= most(count, 0.05)


def test_the_rectangles_hold_the_region(rng: np.random.Generator) -> None:
    """Every pair that the product of both wealths does not exclude is in one of them."""
    one, other = Wealth(37, 90), Wealth(260, 300)
    ours, theirs = together(one, other, 0.95)
    grid = np.linspace(0, 1, 301)
    region = one.logs(grid)[:, None] + other.logs(grid) < GOAL
    held = np.zeros(region.shape, dtype=bool)
    for low, high, their_low, their_high in np.vstack([ours, theirs]).T:
        mine = (low <= grid) & (grid <= high)
        held |= mine[:, None] & (their_low <= grid) & (grid <= their_high)
    assert region.any()
    assert (held | ~region).all()
    assert held.sum() < 1.2 * region.sum() + 50


def test_fidelity_and_qfi_are_the_extremes_of_the_region() -> None:
    """By a grid over C and P; the rectangles are a little wider, never narrower."""
    counts = AnytimeCounts(10, (650.0, 1000.0), 1.0, None, False, (250.0, 400.0), 10)
    found = counts.values(0.95)
    c, p = np.linspace(-1, 1, 2001), np.linspace(0.001, 1, 1000)
    inside = Wealth(650, 1000).logs((1 + c) / 2)[:, None] + Wealth(250, 400).logs(p) < GOAL
    for name, grid in (
        ("fidelity", (c[:, None] + p) / 2),
        ("qfi_ghz", 100 * np.maximum(c[:, None], 0) ** 2 / p),
    ):
        low, high = found[name]["low"], found[name]["high"]
        assert low <= grid[inside].min()
        assert high >= grid[inside].max()
        assert high - low < 1.1 * np.ptp(grid[inside])


# The whole bound


def distribution(rho: NDArray[np.complex128], num_qubits: int) -> tuple[NDArray[np.int64], Floats]:
    """Kinds of shots in random settings and their probabilities: all settings, all outcomes."""
    second, _ = features(num_qubits)
    kinds = {}
    for row, kind in enumerate(
        (s, a, b)
        for s in range(num_qubits + 1)
        for a in range(num_qubits - s + 1)
        for b in range(s + 1)
    ):
        kinds[kind] = row
    assert len(kinds) == len(second)
    places, shares = [], []
    for code in range(4**num_qubits):
        digits = [(code >> 2 * k) & 3 for k in range(num_qubits)]
        projector = np.ones((1, 1), dtype=complex)
        for digit in digits:  # qubit 0 last
            sign = 1 - 2 * (digit & 1)
            projector = np.kron((PAULIS[0] + sign * PAULIS[1 + (digit >> 1)]) / 2, projector)
        along, minus = np.array(digits) >> 1, np.array(digits) & 1
        places.append(kinds[along.sum(), ((1 - along) * minus).sum(), (along * minus).sum()])
        shares.append(np.trace(rho @ projector).real / 2**num_qubits)
    return np.array(places), np.array(shares)


def matrices(name: str, rng: np.random.Generator) -> NDArray[np.complex128]:
    if name == "ghz":
        vector = qbell.ghz(3).statevector()
    elif name == "dicke in x":
        vector = qbell.coherent(3, 0.7, 0.4).statevector()
    elif name == "plus":
        vector = qbell.plus(3).statevector()
    else:
        made = rng.normal(size=(8, 3)) + 1j * rng.normal(size=(8, 3))
        found: NDArray[np.complex128] = made @ made.conj().T / np.sum(np.abs(made) ** 2)
        return found
    return np.outer(vector, vector.conj())


@pytest.mark.parametrize("name", ["ghz", "dicke in x", "plus", "mixed"])
def test_the_mean_of_the_features_is_the_bound(name: str, rng: np.random.Generator) -> None:
    """|E v|^2 is Eq. (24) of symmetric states, and less of others: by all settings and outcomes."""
    rho = matrices(name, rng)
    places, shares = distribution(rho, 3)
    mean = shares @ features(3)[1][places]
    bound = exact.bound(rho)
    if name == "mixed":
        assert mean @ mean < bound
    else:
        assert mean @ mean == pytest.approx(bound)
    for _ in range(20):
        learnt = rng.normal(size=len(mean))
        assert 2 * learnt @ mean - learnt @ learnt <= bound + 1e-12


@pytest.mark.statistics
@pytest.mark.parametrize("name", ["ghz", "dicke in x", "plus", "mixed", "switched on"])
def test_the_whole_bound_over_looks_after_every_draw(
    name: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """The limit is ever above the average of Eq. (24) in 5 % of runs of 1000 draws at most.

    States of 3 qubits; one that is noise for 300 draws and then GHZ, so that its average rises.
    """
    switch = 300 if name == "switched on" else 0
    places, shares = distribution(matrices("ghz" if switch else name, rng), 3)
    truth = np.where(np.arange(1000) < switch, 0.0, exact.bound(matrices("ghz", rng)))
    if not switch:
        truth[:] = exact.bound(matrices(name, np.random.default_rng(list(name.encode()))))
        places, shares = distribution(matrices(name, np.random.default_rng(list(name.encode()))), 3)
    average = np.cumsum(truth[FIRST:]) / np.arange(1, 1001 - FIRST)
    reach = REACH * 9
    missed, count = 0, repeats(40, 1500)
    looks = np.arange(len(average)) if not switch else np.arange(0, len(average), 20)
    for _ in range(count):
        kinds = rng.choice(places, size=1000, p=shares / shares.sum())
        kinds[:switch] = rng.choice(places, size=switch)
        y = says(kinds, 3)
        assert y.min() >= -reach - 1e-9
        if switch:
            logs = np.array(
                [np.log1p(np.outer(STAKES / (average[t] + reach), y[: t + 1] - average[t])).sum(1)
                 for t in looks]
            ).T  # fmt: skip
        else:
            logs = np.cumsum(
                np.log1p(np.outer(STAKES / (average[0] + reach), y - average[0])), axis=1
            )
        wealth = np.logaddexp.reduce(logs, axis=0) - math.log(len(STAKES))
        missed += bool((wealth >= GOAL).any())
    assert missed <= most(count, 0.05)


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("state", "least"),
    [
        (qbell.ising(6, -1.2), 15.0),
        pytest.param(qbell.ising(10, -1.2), 30.0, marks=pytest.mark.nightly),
        pytest.param(qbell.ghz(12), 141.0, marks=pytest.mark.nightly),
    ],
    ids=str,
)
def test_how_close_the_whole_bound_comes(state: qbell.State, least: float) -> None:
    """8000 shots: Ising, where one correlator alone says a quarter of it, and GHZ."""
    settings = qbell.schedule(state.num_qubits, "random", draws=8000, seed=7)
    shots = qbell.sample(state, settings, shots=1, seed=8)
    found = anytime_values(shots, TestedCorrelator("+" * state.num_qubits), 0.95)
    assert least < found["bound"]["low"] < exact.bound(state)
    assert found["bound"]["high"] == state.num_qubits**2


def test_the_order_of_draws_and_few_shots(rng: np.random.Generator) -> None:
    made = qbell.schedule(3, "random", draws=400, seed=3)
    shots = shots_of_schedule(white_noise_ghz(3, 0.1), made, 1, rng)
    low = bound_low(shots, 0.95)
    assert bound_low(shots.take(rng.permutation(400)), 0.95) == pytest.approx(low)
    assert shots.draws is not None
    assert bound_low(shots.take(shots.draws < FIRST), 0.95) == 0


def test_e_and_the_bound_are_of_the_label_of_all_plus(rng: np.random.Generator) -> None:
    """A state with all its coherence in +-+-: its E is large, E of ++++ and the bound are not."""
    made = qbell.schedule(4, "random", draws=2000, seed=3)
    shots = shots_of_schedule(white_noise_ghz(4, 0.0), made, 1, rng)
    # Y and -Y exchanged on qubits 0 and 2: outcomes flipped where they are along Y.
    bits = shots.bits.copy()
    bits[:, [0, 2]] ^= shots.directions[:, [0, 2]]
    turned = qbell.Shots(
        axis=shots.axis,
        design="random",
        directions=shots.directions,
        bits=bits,
        counts=shots.counts,
        draws=shots.draws,
    )
    found = anytime_values(turned, TestedCorrelator("+-+-"), 0.95)
    assert found["mean"]["low"] > 0.9
    assert found["e_n"]["low"] == 0
    assert found["bound"]["low"] < 0.5


@pytest.mark.parametrize("turn", [0, 1, 2, 3, -3])
def test_the_coherence_at_multiples_of_a_quarter_of_pi(turn: int) -> None:
    """Where even and odd settings count x is 1/sqrt(2), and its limits are still those of C."""
    phase = turn * math.pi / 4
    schedule = qbell.schedule(3, "random", draws=4000, seed=5)
    shots = qbell.sample(qbell.ghz(3), schedule, shots=1, seed=turn % 8)
    found = anytime_values(shots, TestedCorrelator("+++", phase), 1 - 1e-6)["mean"]
    assert found["low"] < math.cos(phase) + 1e-12
    assert found["high"] > math.cos(phase) - 1e-12
    assert found["high"] - found["low"] < 0.3


def test_a_real_and_an_imaginary_part(rng: np.random.Generator) -> None:
    """E of a GHZ state with a phase: from both parts, whichever phase is tested."""
    state = qbell.coherent(2, math.pi / 2, 0.6)  # product: E = 1/16
    settings = qbell.schedule(2, "random", draws=20000, seed=3)
    shots = qbell.sample(state, settings, shots=1, seed=4)
    for phase in (0.0, math.pi / 4, 0.3):
        found = anytime_values(shots, TestedCorrelator("++", phase), 0.95)
        assert found["e_n"]["low"] < 1 / 16 < found["e_n"]["high"]
        assert ("mean" in found) == (phase != 0.3)


def test_widths() -> None:
    """1.75 times an interval of a fixed number of shots."""
    low, high = anytime_limits(650, 1000, 0.95)
    fixed = 2 * 1.96 * math.sqrt((1 - 0.3**2) / 1000)
    assert 1.6 < (high - low) / fixed < 1.9
