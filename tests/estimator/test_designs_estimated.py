"""Designs covering, equatorial, symmetric and random3: slow twins, exact unbiasedness, mean bias.

The truth is summed from exact correlators as each design's bound is defined: covering, the terms
of up to K qubits; equatorial, the collective bound; symmetric, for states that do not change when
qubits are exchanged (a ground state of the Ising chain does: a double well takes its place).
"""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.conventions.eq24 import bound_weights
from qbell.conventions.labels import all_labels, label_index, signs
from qbell.designs.schedule import Schedule
from qbell.estimator import equatorial, symmetric
from qbell.estimator.covering import low_orders
from qbell.estimator.drawn import drawn
from qbell.estimator.pairs.pairs import pair_sums
from qbell.estimator.routes.pairs import self_kernel
from qbell.estimator.strata import strata_of
from qbell.estimator.tensor.moments import cells_of, moments
from qbell.estimator.tensor.units import group
from qbell.estimator.words import words
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support import slow_designs as slow
from tests.support.limits import most
from tests.support.simulated import law, shots_of_schedule, white_noise_ghz

Matrix = NDArray[np.complex128]
Floats = NDArray[np.float64]
Z = parse_axis("z")


def random_state(num_qubits: int, rng: np.random.Generator) -> Matrix:
    """No symmetry: it would show a wrong qubit order or a lost phase."""
    raw = rng.normal(size=(2**num_qubits, 2)) + 1j * rng.normal(size=(2**num_qubits, 2))
    matrix = raw @ raw.conj().T
    return np.asarray(matrix / np.trace(matrix))


def exchangeable_state(num_qubits: int, rng: np.random.Generator) -> Matrix:
    """Mean of a random state over all orders of its qubits."""
    cube = random_state(num_qubits, rng).reshape((2,) * (2 * num_qubits))
    orders = list(itertools.permutations(range(num_qubits)))
    total = np.zeros_like(cube)
    for order in orders:
        total += cube.transpose([*order, *(num_qubits + k for k in order)])
    return total.reshape(2**num_qubits, 2**num_qubits) / len(orders)


def pure(state: object) -> Matrix:
    vector = state.statevector()  # type: ignore[attr-defined]
    return np.asarray(np.outer(vector, vector.conj()), dtype=complex)


def schedule_of(design: str, num_qubits: int, order: int | None = None) -> Schedule:
    """All different settings; of covering an array of strength K in few, uneven rows."""
    if design in ("random", "random3"):
        letters = 3 if design == "random3" else 2
        every = list(itertools.product(range(letters), repeat=num_qubits))
        return Schedule(design, Z, np.array(every, dtype=np.uint8))
    if design != "covering":
        return qbell.schedule(num_qubits, design)
    kept = [w for w in itertools.product(range(2), repeat=num_qubits) if _kept(w, order or 0)]
    return Schedule(design, Z, np.array(kept, dtype=np.uint8), order=order)


def _kept(word: tuple[int, ...], order: int) -> bool:
    weight, size = sum(word), len(word)
    if order == size:
        return True
    if order == size - 1:
        return weight % 2 == 0
    if order == 1:
        return weight in (0, size)
    assert (order, size) == (2, 4)
    return weight in (0, 3)  # five settings; pairs YY are seen in two of them


def draw_shots(
    matrix: Matrix, schedule: Schedule, shots: int, rng: np.random.Generator, draws: int = 0
) -> Shots:
    """``shots`` of each setting, or of each of ``draws`` settings drawn from the schedule."""
    if not draws:
        return shots_of_schedule(matrix, schedule, shots, rng)
    chosen = schedule.directions[rng.integers(0, len(schedule), draws)]
    return shots_of_schedule(matrix, Schedule(schedule.design, Z, chosen), shots, rng)


def collective_bound(matrix: Matrix) -> float:
    """sum over sets A and q of 2 q^2 2^-(N-n) |sum of c_s|^2 / binomial(n, n_-)."""
    num_qubits = len(matrix).bit_length() - 1
    sums: dict[tuple[tuple[bool, ...], int], complex] = {}
    values = exact.correlator_values(matrix)
    for name, value in zip(all_labels(num_qubits).tolist(), values, strict=True):
        key = (tuple(letter != "0" for letter in name), name.count("-"))
        sums[key] = sums.get(key, 0) + complex(value)
    total = 0.0
    for (inside, minus), value in sums.items():
        size = sum(inside)
        factor = 2 * (size - 2 * minus) ** 2 * 2.0 ** (size - num_qubits)
        total += factor * abs(value) ** 2 / math.comb(size, minus)
    return total


def partial_bound(matrix: Matrix, order: int) -> float:
    num_qubits = len(matrix).bit_length() - 1
    kept = np.add(*signs(num_qubits)) <= order
    squares = np.abs(exact.correlator_values(matrix)) ** 2
    return float((bound_weights(num_qubits) * squares)[kept].sum())


def truth_of(design: str, matrix: Matrix, order: int | None) -> float:
    if design == "covering":
        return partial_bound(matrix, order or 0)
    return collective_bound(matrix) if design == "equatorial" else exact.bound(matrix)


def bound_and_plug_in(shots: Shots) -> tuple[float, float]:
    """The unbiased estimate of the bound and the one from |mean|^2, without intervals."""
    num_qubits = shots.num_qubits
    if shots.design in ("full", "random"):
        units = group(shots)
        found = moments(units, cells_of(units, num_qubits), num_qubits)
        weights = bound_weights(num_qubits)
        return float(weights @ found.squares(num_qubits)), float(
            weights @ np.abs(found.values) ** 2
        )
    if shots.design == "random3":
        sums = pair_sums_of(shots)
        count = shots.num_draws or 0
        value = float(sums[:-1].sum())
        return value, ((count - 1) * value + self_kernel(num_qubits, True)[:-1].sum()) / count
    strata = strata_of(shots)
    if shots.design == "pauli":
        every = words(strata)
        weights = every.features.terms.weights[: 3**num_qubits]
        part = slice(3**num_qubits)
        return float(weights @ every.squares[part]), float(
            weights @ np.abs(every.values[part]) ** 2
        )
    if shots.design == "covering":
        low = low_orders.low_orders(strata, shots.order or 0)
        weights = low.supports.weights
        return float((weights * low.squares).sum()), float(
            (weights * np.abs(low.values) ** 2).sum()
        )
    if shots.design == "equatorial":
        ring = equatorial.equatorial(strata)
        terms, squares, values = ring.harmonics.terms, ring.squares, ring.values
    else:
        alike = symmetric.symmetric(strata)
        terms, squares, values = alike.features.terms, alike.squares, alike.values
    return float(terms.weights @ squares), float(terms.weights @ np.abs(values) ** 2)


def pair_sums_of(shots: Shots) -> Floats:
    """Orders of the bound, then F0."""
    units = np.zeros(shots.num_draws or 0, dtype=np.int64)
    arrays = (shots.directions, shots.bits, shots.counts, shots.draws)
    return pair_sums(*arrays, units, 1, three=True, max_influences=1).means


def values_by_label(result: qbell.Result) -> dict[str, float]:
    table = result.correlators
    return dict(zip(table["label"], table["value"], strict=True))


# --- exactly unbiased -------------------------------------------------------------------------


def every_data_set(
    matrix: Matrix, schedule: Schedule, shots: int
) -> list[tuple[float, NDArray[np.int64]]]:
    """Each data set of ``shots`` a setting that can come out: probability, counts by setting."""
    table = law(matrix, schedule)
    size = table.shape[1]
    splits = [
        np.bincount(chosen, minlength=size)
        for chosen in itertools.combinations_with_replacement(range(size), shots)
    ]
    ways = [math.factorial(shots) / math.prod(math.factorial(c) for c in s) for s in splits]
    chances = [
        [way * float(np.prod(row**split)) for way, split in zip(ways, splits, strict=True)]
        for row in table
    ]
    found = []
    for choice in itertools.product(range(len(splits)), repeat=len(table)):
        chance = math.prod(chances[t][i] for t, i in enumerate(choice))
        found.append((chance, np.stack([splits[i] for i in choice])))
    assert sum(chance for chance, _ in found) == pytest.approx(1, abs=1e-12)
    return found


def of_counts(schedule: Schedule, counts: NDArray[np.int64]) -> Shots:
    rows, outcomes = np.nonzero(counts)
    bits = (outcomes[:, None] >> np.arange(schedule.num_qubits) & 1).astype(np.uint8)
    return Shots(
        schedule.directions[rows],
        bits,
        counts[rows, outcomes],
        None,
        schedule.design,
        Z,
        order=schedule.order,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "order", "shots"),
    [
        ("covering", 1, 3),
        pytest.param("covering", 2, 2, marks=pytest.mark.nightly),
        ("equatorial", None, 2),
        ("symmetric", None, 2),
    ],
)
def test_exactly_unbiased_over_all_possible_data(
    design: str,
    order: int | None,
    shots: int,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two qubits: the mean over every data set there is; |mean|^2 fails the same check."""
    # Starting threads for each of 10,000 data sets would take half a minute.
    monkeypatch.setattr(low_orders, "in_threads", lambda work, items: [work(i) for i in items])
    matrix = (exchangeable_state if design == "symmetric" else random_state)(2, rng)
    schedule = schedule_of(design, 2, order)
    mean = plugged = 0.0
    for chance, counts in every_data_set(matrix, schedule, shots):
        value, plug_in = bound_and_plug_in(of_counts(schedule, counts))
        mean += chance * value
        plugged += chance * plug_in
    truth = truth_of(design, matrix, order)
    assert mean == pytest.approx(truth, abs=1e-11)
    assert plugged > truth + 0.05


@pytest.mark.slow
def test_three_directions_are_exactly_unbiased(rng: np.random.Generator) -> None:
    """All pairs of draws of two qubits: the bound, F0 and every correlator."""
    matrix = random_state(2, rng)
    schedule = schedule_of("random3", 2)
    table = law(matrix, schedule) / len(schedule)
    cells = list(itertools.product(range(9), range(4)))
    means, squares = np.zeros(4), np.zeros(8)
    for a, b in itertools.combinations_with_replacement(cells, 2):
        chance = table[a] * table[b] * (1 if a == b else 2)
        settings, outcomes = np.array([a, b]).T
        shots = Shots(
            schedule.directions[settings],
            (outcomes[:, None] >> np.arange(2) & 1).astype(np.uint8),
            np.ones(2, dtype=np.int64),
            np.arange(2),
            "random3",
            Z,
        )
        means += chance * pair_sums_of(shots)
        units = drawn.drawn_units(shots)
        squares += chance * np.array([square_of(units, label) for label in slow.labels(2)])
    expected = [abs(exact.correlator_values(matrix)[label_index(s)]) ** 2 for s in slow.labels(2)]
    np.testing.assert_allclose(squares, expected, atol=1e-11)
    np.testing.assert_allclose(means[:-1], exact.bound_by_order(matrix), atol=1e-11)
    assert means[-1] == pytest.approx(exact.f0(matrix), abs=1e-11)


def square_of(units: drawn.DrawnUnits, label: str) -> float:
    """E from two draws, without threads."""
    real, imaginary, real_2, imaginary_2, _ = units.moments(label)
    return float(2 * (real**2 + imaginary**2) - real_2 - imaginary_2)


# --- unbiased on average: every design, five states -------------------------------------------

DESIGNS = [
    # design, K, shots of a setting or draw, draws
    ("full", None, 4, 0),
    ("random", None, 1, 120),
    ("random", None, 4, 40),
    ("random3", None, 1, 250),
    ("pauli", None, 2, 0),
    ("covering", 2, 6, 0),
    ("covering", 3, 6, 0),
    ("equatorial", None, 12, 0),
    ("symmetric", None, 12, 0),
]
STATES = {
    "ghz": lambda n: white_noise_ghz(n, 0.0),
    "noisy ghz": lambda n: white_noise_ghz(n, 0.3),
    "plus": lambda n: pure(qbell.plus(n)),
    "mixed": lambda n: white_noise_ghz(n, 1.0),
    "ising": lambda n: pure(qbell.ising(n, -1.2)),
    "double well": lambda n: pure(qbell.double_well(n, -1.2)),
}
# Each design with two states, and with one of the rest.
REST = {"full": "ising", "random": "ghz", "random3": "ising", "covering": "ising"}
UNBIASED = [
    pytest.param(
        *(design, order, shots, draws, state),
        marks=[pytest.mark.nightly] * (state == "mixed"),
    )
    for design, order, shots, draws in DESIGNS
    for state in ("noisy ghz", "mixed", REST.get(design, "double well"))
]


@pytest.mark.statistics
@pytest.mark.parametrize(("design", "order", "shots", "draws", "state"), UNBIASED)
def test_the_bound_is_unbiased_and_the_plug_in_is_not(
    design: str,
    order: int | None,
    shots: int,
    draws: int,
    state: str,
    rng: np.random.Generator,
    repeats: Repeats,
) -> None:
    """Many data sets, 3 standard errors of their mean.

    A right estimate raises a false alarm in 0.3 % of the cases, in one of the 45 in 13 %; the seeds
    are fixed. |mean|^2 fails the same check in each of them.
    """
    matrix = STATES[state](4)
    schedule = schedule_of(design, 4, order)
    table = law(matrix, schedule)
    truth = truth_of(design, matrix, order)
    found = []
    for _ in range(repeats(100, 300)):
        chosen = rng.integers(0, len(table), draws) if draws else np.arange(len(table))
        counts = rng.multinomial(shots, table[chosen])
        rows, outcomes = np.nonzero(counts)
        data = Shots(
            schedule.directions[chosen[rows]],
            (outcomes[:, None] >> np.arange(4) & 1).astype(np.uint8),
            counts[rows, outcomes].astype(np.int64),
            rows.astype(np.int64) if draws else None,
            design,
            Z,
            order=order,
        )
        found.append(bound_and_plug_in(data))
    values, plugged = np.array(found).T
    error = 3 / math.sqrt(len(found))
    assert abs(values.mean() - truth) < error * values.std() + 1e-9
    assert plugged.mean() - truth > error * plugged.std()


# --- relations between designs ----------------------------------------------------------------


def test_covering_of_all_orders_is_the_full_design(rng: np.random.Generator) -> None:
    shots = draw_shots(random_state(3, rng), schedule_of("full", 3), 9, rng)
    as_covering = Shots(shots.directions, shots.bits, shots.counts, None, "covering", Z, order=3)
    full, covering = qbell.estimate(shots), qbell.estimate(as_covering)
    assert covering.bound.value == pytest.approx(full.bound.value, abs=1e-11)
    expected = values_by_label(full)
    for label, value in values_by_label(covering).items():
        assert value == pytest.approx(expected[label], abs=1e-12)
    table = full.correlators.set_index("label").loc[covering.correlators["label"]]
    np.testing.assert_allclose(
        covering.correlators["standard_error"], table["standard_error"], rtol=0.35
    )


@pytest.mark.slow
@pytest.mark.parametrize("alike", [False, True])
def test_the_equatorial_bound_is_below_and_for_alike_qubits_equal(
    alike: bool, rng: np.random.Generator
) -> None:
    """From exact probabilities, as counts of 10^12 shots."""
    matrix = (exchangeable_state if alike else random_state)(3, rng)
    schedule = schedule_of("equatorial", 3)
    counts = np.round(law(matrix, schedule) * 1e12).astype(np.int64)
    found = bound_and_plug_in(of_counts(schedule, counts))[0]
    assert found == pytest.approx(collective_bound(matrix), abs=1e-8)
    if alike:
        assert found == pytest.approx(exact.bound(matrix), abs=1e-8)
    else:
        assert found < exact.bound(matrix) - 1e-3


def test_symmetric_design_gives_every_correlator_of_alike_qubits(rng: np.random.Generator) -> None:
    matrix = exchangeable_state(3, rng)
    schedule = schedule_of("symmetric", 3)
    found = symmetric.symmetric(
        strata_of(of_counts(schedule, np.round(law(matrix, schedule) * 1e12).astype(np.int64)))
    )
    values = exact.correlator_values(matrix)
    for label, value in zip(symmetric.correlators_of(found).labels, found.values, strict=True):
        assert value == pytest.approx(values[label_index(str(label))], abs=1e-9)
    assert found.features.terms.weights @ found.squares == pytest.approx(exact.bound(matrix))


def test_covering_bound_of_exact_probabilities_is_the_partial_sum(rng: np.random.Generator) -> None:
    matrix = random_state(4, rng)
    for order in (1, 2, 3, 4):
        schedule = schedule_of("covering", 4, order)
        counts = np.round(law(matrix, schedule) * 1e5).astype(np.int64)
        found = bound_and_plug_in(of_counts(schedule, counts))[0]
        # The estimate takes off the noise that so many shots would have, 1e-5 or less a term.
        assert found == pytest.approx(partial_bound(matrix, order), abs=2e-3)


@pytest.mark.statistics
def test_three_directions_show_the_chain_of_bounds(
    rng: np.random.Generator, repeats: Repeats
) -> None:
    """B <= F0 <= QFI of an Ising ground state: on average over many data sets, by 4 errors."""
    matrix = pure(qbell.ising(3, -1.0))
    schedule = schedule_of("random3", 3)
    sums = np.array(
        [
            pair_sums_of(draw_shots(matrix, schedule, 1, rng, draws=1500))
            for _ in range(repeats(25, 60))
        ]
    )
    bound, f0 = sums[:, :-1].sum(axis=1), sums[:, -1]
    error = 4 * np.std(f0 - bound) / math.sqrt(len(f0))
    assert (f0 - bound).mean() > error
    assert f0.mean() == pytest.approx(exact.qfi(matrix), abs=4 * f0.std() / math.sqrt(len(f0)))
    # and with its intervals in one data set
    result = qbell.estimate(draw_shots(matrix, schedule, 1, rng, draws=4000), resamples=200)
    assert result.f0 is not None
    assert result.f0.low < exact.f0(matrix) < result.f0.high
    assert result.bound.value < result.f0.value


# --- tables -----------------------------------------------------------------------------------

EVERY = [
    ("full", None, 30, 0),
    ("random", None, 1, 200),
    ("random", None, 5, 60),
    ("random3", None, 1, 300),
    ("covering", 2, 40, 0),
    ("equatorial", None, 60, 0),
    ("symmetric", None, 60, 0),
]
EACH = pytest.mark.parametrize(("design", "order", "shots", "draws"), EVERY)


def data_of(
    design: str, order: int | None, shots: int, draws: int, rng: np.random.Generator
) -> Shots:
    size = 4 if design == "covering" else 3
    return draw_shots(random_state(size, rng), schedule_of(design, size, order), shots, rng, draws)


@EACH
def test_tables_hold_together(
    design: str, order: int | None, shots: int, draws: int, rng: np.random.Generator
) -> None:
    data = data_of(design, order, shots, draws, rng)
    result = qbell.estimate(data, resamples=60)
    table = result.correlators
    inner = table[table["order"] > 0]
    assert (inner["simultaneous_low"] <= inner["low"] + 1e-12).all()
    assert (inner["simultaneous_high"] >= inner["high"] - 1e-12).all()
    assert (inner["simultaneous_high"] > inner["high"]).any()
    assert (inner["low"] <= inner["high"]).all()
    assert (inner["standard_error"] > 0).all()
    assert (inner["local_bound"] == 2.0 ** -inner["order"]).all()
    if design != "symmetric":  # there a label stands for many
        rows = table.set_index("label")
        for label in rows.index:
            twin = label.translate(str.maketrans("+-", "-+"))
            if twin in rows.index:
                for name in ("value", "low", "high", "simultaneous_low"):
                    assert rows.at[label, name] == pytest.approx(rows.at[twin, name], abs=1e-12)
    assert result.bound_by_order["value"].sum() == pytest.approx(result.bound.value, abs=1e-10)
    if result.e_n is not None and result.q is not None:
        assert result.e_n.lower_limit <= result.e_n.upper_limit
        q, e = result.q, result.e_n
        for x, y in ((q.value, e.value), (q.low, e.low), (q.high, e.high)):
            expected = data.num_qubits + math.log2(y) if y > 0 else -math.inf
            assert x == pytest.approx(expected) or x == expected
    bound = result.bound
    assert 0 <= bound.low <= bound.lower_limit + 1e-9 * (1 + bound.high)
    assert bound.upper_limit <= bound.high + 0.2 * (bound.high - bound.low)


def table_of(data: Shots) -> pd.DataFrame:
    """Correlators with a + first: those of different squares, the identity left out."""
    units = group(data)
    found = moments(units, cells_of(units, 3), 3).correlators(3)
    table = found.table(0.95, "raw")
    return table[[label.lstrip("0")[:1] == "+" for label in table["label"]]]


@pytest.mark.statistics
@pytest.mark.parametrize(("design", "shots", "draws"), [("full", 40, 0), ("random", 1, 600)])
def test_significance_is_controlled_over_the_whole_table(
    design: str, shots: int, draws: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Data sets of a maximally mixed state: 5 % may show anything; false alarm 1.5e-3.

    And of |+>^3, every E 4^-n: simultaneous bands hold all of them at once as often.
    """
    schedule = schedule_of(design, 3)
    mixed, plus = white_noise_ghz(3, 1.0), pure(qbell.plus(3))
    runs = repeats(30, 100)
    claims, misses = 0, 0
    for _ in range(runs):
        table = table_of(draw_shots(mixed, schedule, shots, rng, draws))
        claims += bool((table["simultaneous_low"] > 0).any())
        table = table_of(draw_shots(plus, schedule, shots, rng, draws))
        truth = 4.0 ** -table["order"]
        inside = (table["simultaneous_low"] <= truth) & (truth <= table["simultaneous_high"])
        misses += not bool(inside.all())
    data = draw_shots(plus, schedule, 10 * shots, rng, draws)
    result, table = qbell.estimate(data, resamples=40), table_of(data)
    assert result.significance.tests == len(table) == (3**3 - 1) // 2
    assert result.significance.above_zero == (table["simultaneous_low"] > 0).sum() > 0
    local = table["simultaneous_low"] > table["local_bound"]
    assert result.significance.above_local == local.sum()
    assert max(claims, misses) <= most(runs, 0.05, 1.5e-3)


def test_a_state_with_other_correlators_is_not_seen_as_symmetric(rng: np.random.Generator) -> None:
    """Qubits that come out differently along one direction contradict the assumption."""
    tilted = np.array([math.cos(0.3), math.sin(0.3)])
    vector = np.kron(np.kron(tilted, [1, 1]), [1, 1]) / 2
    schedule = schedule_of("symmetric", 3)
    matrix: Matrix = np.outer(vector, vector).astype(np.complex128)
    result = qbell.estimate(draw_shots(matrix, schedule, 300, rng), resamples=40)
    assert result.symmetry_p is not None
    assert result.symmetry_p < 1e-6
    assert any("contradict" in note for note in result.notes)


@pytest.mark.statistics
def test_the_p_value_of_symmetry_is_rarely_small_by_chance(rng: np.random.Generator) -> None:
    """200 data sets: p < 0.05 in more than 20 has a chance of 1e-3."""
    matrix, schedule = exchangeable_state(3, rng), schedule_of("symmetric", 3)
    found = [
        symmetric.exchange_p(strata_of(draw_shots(matrix, schedule, 200, rng))) for _ in range(200)
    ]
    assert np.count_nonzero(np.array(found) < 0.05) <= 20


def test_noiseless_oscillations_have_errors_that_are_numbers() -> None:
    # By rounding, the shares of these outcomes add up to more than 1, and
    # 1 - parity^2 would fall below 0; 2 % of the data sets of an Ising ground state do that.
    counts = np.zeros((5, 16), dtype=np.int64)
    counts[0] = [382, 0, 0, 35, 0, 6, 25, 0, 0, 3, 10, 0, 36, 0, 0, 3]
    counts[1:] = 30
    data = of_counts(schedule_of("equatorial", 4), counts)
    assert (equatorial.equatorial(strata_of(data)).variances >= 0).all()
    table = qbell.estimate(data, resamples=40).oscillation
    assert table is not None
    assert table["standard_error"].notna().all()
    assert (table["low"] < table["high"]).all()
