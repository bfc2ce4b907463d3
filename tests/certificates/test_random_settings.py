"""Predictable settings are found, whatever order they come in; honest ones are left alone."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from qbell.certificates import certify, settings_p
from qbell.certificates.random_settings import settings_p_values
from qbell.certificates.settings.relations import _independent
from qbell.certificates.settings.repeats import _log_falling, _log_rising, copies_p, repeats_p
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import schedule
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support.limits import most

ALARM = 1e-3
Settings = NDArray[np.integer]
Rule = Callable[[np.random.Generator], Settings]


def drawn(
    directions: Settings,
    bits: Settings | None = None,
    design: str = "random",
    *,
    numbered: bool = True,
) -> Shots:
    """One shot a draw."""
    outcomes = np.zeros_like(directions) if bits is None else bits
    return Shots(
        directions=np.asarray(directions, dtype=np.uint8),
        bits=np.asarray(outcomes, dtype=np.uint8),
        counts=np.ones(len(directions), dtype=np.int64),
        draws=np.arange(len(directions)) if numbered else None,
        design=design,
        axis=parse_axis("z"),
    )


def words(numbers: Settings, num_qubits: int) -> Settings:
    """(rows, N) binary digits; qubit 0 is the lowest."""
    return np.asarray(numbers)[:, None] >> np.arange(num_qubits) & 1


def clock_outcomes(settings: Settings, rng: np.random.Generator) -> Settings:
    """Qubit 0 knows all settings and gives the sign of the GHZ correlator; the others give +1."""
    turned = settings.sum(axis=1) % 4
    bits = np.zeros_like(settings)
    bits[:, 0] = np.where(turned % 2 == 0, turned // 2, rng.integers(0, 2, len(settings)))
    return bits


CLOCKS: dict[str, Rule] = {
    "cycle": lambda rng: np.arange(3072) % 1024,
    "each twice": lambda rng: np.repeat(np.arange(1024), 2),
    "200 drawn, each twice": lambda rng: np.repeat(rng.integers(0, 1024, 200), 2),
    "shuffled cycle": lambda rng: rng.permutation(1024)[np.arange(3072) % 1024],
    "all, shuffled": lambda rng: rng.permutation(1024),
    "all three times, shuffled": lambda rng: rng.permutation(3072) % 1024,
    "half of all, shuffled": lambda rng: rng.permutation(1024)[:512],
    "200 drawn, each twice, shuffled": lambda rng: rng.permutation(
        np.repeat(rng.integers(0, 1024, 200), 2)
    ),
}


@pytest.mark.parametrize("order", CLOCKS)
def test_a_model_that_knows_the_clock_certifies_nothing(
    order: str, rng: np.random.Generator
) -> None:
    """Ten qubits; without the test all of them would be Bell-correlated, at p = 5e-155."""
    settings = words(CLOCKS[order](rng), 10)
    certificate = certify(drawn(settings, clock_outcomes(settings, rng)), 0.2, 0.95)
    assert certificate.settings_p is not None
    assert certificate.settings_p < 1e-12
    assert certificate.p_value is certificate.p_value_ratio is None
    assert certificate.bell_qubits == 0
    assert certificate.entanglement_depth == certificate.nonlocality_depth == 1
    assert any("not drawn uniformly" in note for note in certificate.notes)


def shift_register(size: int) -> Settings:
    """Bits of x^64 + x^63 + x^61 + x^60 + 1."""
    bits = [1, 0, 1, 1] * 16
    while len(bits) < size:
        bits.append(bits[-64] ^ bits[-63] ^ bits[-61] ^ bits[-60])
    return np.array(bits[:size])


def congruential(size: int) -> Settings:
    """Top ten bits of a generator with period 2^16."""
    state, numbers = 7, []
    for _ in range(size):
        state = (25173 * state + 13849) % 2**16
        numbers.append(state >> 6)
    return words(np.array(numbers), 10)


def passes(rng: np.random.Generator, num_qubits: int, *, shuffled: bool) -> Settings:
    first = rng.integers(0, 2, (600, num_qubits))
    return np.concatenate([first, rng.permutation(first) if shuffled else first])


def copies_of_one_stream(rng: np.random.Generator) -> Settings:
    stream = rng.integers(0, 2, 3000)
    return np.array([stream[150 * qubit : 150 * qubit + 1500] for qubit in range(8)]).T


def balanced(rng: np.random.Generator) -> Settings:
    return np.array([rng.permutation(np.arange(2000) % 2) for _ in range(8)]).T


PREDICTABLE: dict[str, Rule] = {
    "Gray code": lambda rng: words(np.arange(700) ^ np.arange(700) >> 1, 20),
    "counter": lambda rng: words(np.arange(700), 20),
    "counter, bits reversed": lambda rng: words(np.arange(700), 20)[:, ::-1],
    "stride": lambda rng: words(654323 * np.arange(700) % 2**20, 20),
    "second pass": lambda rng: passes(rng, 12, shuffled=False),
    "second pass, shuffled": lambda rng: passes(rng, 12, shuffled=True),
    "second pass, few qubits": lambda rng: passes(rng, 4, shuffled=False),
    "copies of one stream": copies_of_one_stream,
    "shift register": lambda rng: shift_register(16000).reshape(-1, 20),
    "short period": lambda rng: congruential(2000),
    "letters balanced": balanced,
    "blocks of all": lambda rng: np.concatenate([words(rng.permutation(32), 5) for _ in range(9)]),
    "biased": lambda rng: rng.random((4000, 6)) < 0.53,
    "sorted": lambda rng: words(np.sort(rng.integers(0, 64, 500)), 6),
}


@pytest.mark.parametrize("rule", PREDICTABLE)
def test_predictable_settings_are_found(rule: str, rng: np.random.Generator) -> None:
    p = settings_p(drawn(PREDICTABLE[rule](rng)))
    assert p is not None
    assert p < 1e-5


def test_settings_chosen_by_earlier_outcomes_are_found(rng: np.random.Generator) -> None:
    """A tenth of the settings repeat the outcomes before; or one qubit's letter is their parity."""
    bits = rng.integers(0, 2, (3000, 8))
    echo, parity = rng.integers(0, 2, (2, 3000, 8))
    chosen = np.flatnonzero(rng.random(2999) < 0.1)
    echo[chosen + 1] = bits[chosen]
    parity[1:, 3] = bits[:-1].sum(axis=1) % 2
    for settings in (echo, parity):
        p_values = settings_p_values(drawn(settings, bits))
        assert p_values["settings that depend on earlier outcomes"] < 1e-8
    by_draw = drawn(np.repeat(echo, 2, axis=0), np.repeat(bits, 2, axis=0))
    many = Shots(**(vars(by_draw) | {"draws": np.repeat(np.arange(3000), 2)}))
    assert settings_p_values(many)["settings that depend on earlier outcomes"] < 1e-8


def test_a_letter_that_earlier_letters_and_outcomes_fix_is_found(rng: np.random.Generator) -> None:
    """The outcome two draws before; the parity of two outcomes; a letter and an outcome."""
    bits = rng.integers(0, 2, (600, 6))
    late, parity, mixed = rng.integers(0, 2, (3, 600, 6))
    late[2:, 3] = bits[:-2, 5]
    parity[1:, 3] = bits[:-1, 5] ^ bits[:-1, 2]
    mixed[1:, 3] = mixed[:-1, 1] ^ bits[:-1, 2]
    for settings in (late, parity, mixed):
        p = settings_p(drawn(settings, bits))
        assert p is not None
        assert p < 1e-8


def test_settings_kept_for_the_sign_of_their_correlator_are_found(rng: np.random.Generator) -> None:
    """Draws left out and renumbered, more where the number of sigma_2 is 2 modulo 4."""
    settings = rng.integers(0, 2, (3000, 10))
    odds = np.array([1.0, 0.6, 0.2, 0.6])[settings.sum(axis=1) % 4]
    kept = settings[rng.random(3000) < odds][:1000]
    p_values = settings_p_values(drawn(kept))
    assert p_values["how often letters and pairs of them came"] < 1e-12
    even = settings[settings.sum(axis=1) % 2 == 0]
    kept = even[(even.sum(axis=1) % 4 == 0) | (rng.random(len(even)) < 0.5)]
    p_values = settings_p_values(drawn(kept, None, "even"))
    assert p_values["how often letters and pairs of them came"] < 1e-12


def test_every_second_setting_a_secret_function_of_the_one_before(rng: np.random.Generator) -> None:
    first, secret = rng.integers(0, 1024, 150), rng.permutation(1024)
    settings = words(np.stack([first, secret[first]], axis=1).ravel(), 10)
    assert settings_p_values(drawn(settings))["series of settings that repeat"] < 1e-12


def test_lists_of_the_other_designs_are_found(rng: np.random.Generator) -> None:
    three = np.array(list(itertools.product(range(3), repeat=4)))
    even = words(np.arange(256), 8)
    even = even[even.sum(axis=1) % 2 == 0]
    for settings, design in ((three, "random3"), (even, "even")):
        for order in (settings, rng.permutation(settings)):
            p = settings_p(drawn(order, None, design))
            assert p is not None
            assert p < 1e-12


def test_order_counts_only_where_draws_are_numbered(rng: np.random.Generator) -> None:
    """Analysis software sorts rows; without a column draw their order says nothing of time."""
    settings = words(np.sort(rng.integers(0, 64, 500)), 6)
    p = settings_p(drawn(settings, numbered=False))
    assert p is not None
    assert p > ALARM
    doubled = np.repeat(rng.integers(0, 2, (200, 10)), 2, axis=0)
    found = settings_p(drawn(rng.permutation(doubled), numbered=False))
    assert found is not None
    assert found < 1e-12


def test_few_settings_that_came_equally_often_are_no_surprise() -> None:
    """20 draws of 4 settings, 5 each: 1 % of honest tables; a chi^2 law would give p = 0."""
    settings = words(np.random.default_rng(3).permutation(20) % 4, 2)
    p = settings_p(drawn(settings))
    assert p is not None
    assert p > 0.01


@pytest.mark.statistics
@pytest.mark.parametrize("design", ["random", "even", "random3"])
def test_honest_settings_rarely_alarm(design: str, repeats: Repeats) -> None:
    """Shares below 0.001 and 0.01 as large at most; false alarm 4e-3 and 1e-6."""
    p_values, runs = [], repeats(90, 300)
    for seed in range(runs):
        num_qubits, draws = (2, 3, 8)[seed % 3], (8, 40, 150)[seed // 3 % 3]
        settings = schedule(num_qubits, design, draws=draws, seed=seed).directions
        p_values.append(settings_p(drawn(settings, settings % 2, design)))
    assert sum(p <= ALARM for p in p_values) <= most(runs, ALARM, 4e-3)
    assert sum(p <= 0.01 for p in p_values) <= most(runs, 0.01, 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("words_there", [2, 4])
def test_p_values_of_repeats_hold_exactly(words_there: int) -> None:
    """All series of 6 draws, each as likely: p <= a with probability a at most, at every a."""
    for test in (repeats_p, copies_p):
        p_values = []
        for series in itertools.product(range(words_there), repeat=6):
            counts = np.unique(series, return_counts=True)[1].astype(float)
            p_values.append(test(counts, float(words_there)))
        ordered = np.sort(p_values)
        shares = np.searchsorted(ordered, ordered * (1 + 1e-9), side="right") / len(ordered)
        assert (shares <= ordered * (1 + 1e-9)).all()


def test_a_list_has_the_likelihood_of_a_list() -> None:
    """All K words once: R = K^K / K! in one of seven alternatives."""
    for size in (16, 200):
        log_p = math.lgamma(size + 1) - size * math.log(size) + math.log(7)
        assert math.log(repeats_p(np.ones(size), float(size))) == pytest.approx(log_p, rel=1e-3)


def test_products_of_urns_at_any_size() -> None:
    """Gamma functions below 1e6, Stirling's formula above: the same as the product."""
    for start in (3.0, 999999.0, 1000001.0, 1e12):
        steps = np.array([0.0, 1.0, 3.0, 2000.0])
        j = np.arange(2000)
        rising = [np.log1p(j[: int(m)] / start).sum() for m in steps]
        np.testing.assert_allclose(_log_rising(start, steps), rising, atol=1e-7)
        with np.errstate(divide="ignore", invalid="ignore"):
            falling = [
                np.log1p(-j[: int(m)] / start).sum() if m <= start else -np.inf for m in steps
            ]
        np.testing.assert_allclose(_log_falling(start, steps), falling, atol=1e-7)


def test_rank_by_counting_what_vanishes(rng: np.random.Generator) -> None:
    for prime, _ in itertools.product((2, 3), range(40)):
        rows, columns = rng.integers(1, 6, 2)
        matrix = rng.integers(0, prime, (rows, columns)).astype(np.uint8)
        matrix[:, -1] = matrix[:, 0]
        vectors = np.array(list(itertools.product(range(prime), repeat=columns)))
        vanish = ~(vectors @ matrix.T % prime).any(axis=1)
        rank = _independent(matrix.copy(), prime).sum()
        assert prime ** (columns - rank) == vanish.sum()


@pytest.mark.slow
def test_binomial_counts_of_honest_letters_are_as_they_should_be(rng: np.random.Generator) -> None:
    """Every kind of test keeps its own promise: p <= 0.05 in at most 5 % (1e-5) of 150 tables."""
    most = stats.binom.isf(1e-5, 150, 0.05)
    alarms: dict[str, int] = {}
    for _ in range(150):
        settings, bits = rng.integers(0, 3, (60, 3)), rng.random((60, 3)) < 0.3
        for name, p in settings_p_values(drawn(settings, bits, "random3")).items():
            alarms[name] = alarms.get(name, 0) + (p <= 0.05)
    assert len(alarms) == 13
    assert max(alarms.values()) <= most
