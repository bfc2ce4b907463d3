"""The equatorial design on any angles: values, bias, coverage, and grids that do not suffice."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.designs.common_angles import angle_of, condition, different
from qbell.estimator.equatorial import equatorial
from qbell.estimator.strata import strata_of
from qbell.shots.read_shots import read_shots
from qbell.shots.shots import Shots, from_frame
from tests.conftest import Repeats
from tests.designs.test_even import random_density
from tests.estimator.test_designs_estimated import collective_bound
from tests.support.limits import least
from tests.support.simulated import PAULIS, white_noise_ghz

Matrix = NDArray[np.complex128]
Floats = NDArray[np.float64]


def law_at(matrix: Matrix, angles: Floats) -> Floats:
    """(angles, 2^N) chances of outcomes, all qubits along one angle; bit k is qubit k."""
    size = len(matrix)
    table = np.empty((len(angles), size))
    for row, angle in enumerate(angles):
        operator = math.cos(angle) * PAULIS["X"] + math.sin(angle) * PAULIS["Y"]
        halves = [(np.eye(2) + sign * operator) / 2 for sign in (1, -1)]
        for outcome in range(size):
            product = np.ones((1, 1))
            for qubit in range(size.bit_length() - 1):
                product = np.kron(halves[outcome >> qubit & 1], product)
            table[row, outcome] = np.trace(matrix @ product).real
    return np.clip(table, 0, None)


def of_counts(words: list[str], counts: NDArray[np.int64], num_qubits: int) -> Shots:
    rows, outcomes = np.nonzero(counts)
    settings = [words[row] for row in rows]
    return from_frame(made(settings, outcomes, counts[rows, outcomes], num_qubits))


def made(
    settings: list[str], outcomes: NDArray[np.int64], counts: NDArray[np.int64], num_qubits: int
) -> pd.DataFrame:
    bits = [format(int(outcome), f"0{num_qubits}b") for outcome in outcomes]
    return pd.DataFrame({"setting": settings, "bitstring": bits, "count": counts})


GRIDS = {
    "radians over a full turn": [f"{value:.4f}rad" for value in np.linspace(0, 6.2, 9)],
    "fractions of pi": ["-1/8pi", "0.2pi", "3/8pi", "0.55pi", "1.8pi"],
}


def test_angles_are_read_with_their_unit() -> None:
    words = {"0.25pi": math.pi / 4, "1/4pi": math.pi / 4, "-.5pi": -math.pi / 2, "2e-1rad": 0.2}
    for word, value in words.items():
        assert angle_of(word) == pytest.approx(value, abs=1e-15)


def test_the_standard_grid_gives_the_values_of_before() -> None:
    """j/(N+1) of pi, written with the unit: least squares is the mean, and all numbers agree."""
    shots = qbell.sample(qbell.ising(3, -1.2), qbell.schedule(3, "equatorial"), shots=90, seed=4)
    other = from_frame(shots.frame.assign(setting=shots.frame["setting"] + "pi"))
    assert other.grid == ("0/4pi", "1/4pi", "2/4pi", "3/4pi")
    one, two = qbell.estimate(shots, resamples=60), qbell.estimate(other, resamples=60)
    for name in ("bound", "e_n"):
        for part in ("value", "standard_error", "low", "high"):
            found = [getattr(getattr(result, name), part) for result in (one, two)]
            assert found[1] == pytest.approx(found[0], abs=1e-12)
    columns = ["value", "standard_error", "low", "high"]
    np.testing.assert_allclose(two.correlators[columns], one.correlators[columns], atol=1e-9)
    assert other.notes[-1].startswith("4 common angles, condition number 1 ")


@pytest.mark.parametrize("grid", list(GRIDS))
def test_exact_shares_give_exact_components(grid: str, rng: np.random.Generator) -> None:
    matrix = random_density(3, rng)
    words = GRIDS[grid]
    table = law_at(matrix, np.array([angle_of(word) for word in words]))
    counts = np.round(table * 10**12).astype(np.int64)  # shares to twelve digits
    found = qbell.estimate(of_counts(words, counts, 3), resamples=40)
    truth = abs(exact.correlator_values(matrix)[13]) ** 2
    assert found.e_n is not None
    assert found.e_n.value == pytest.approx(truth, abs=1e-10)
    assert found.bound.value == pytest.approx(collective_bound(matrix), abs=1e-9)
    assert found.route == f"{len(words)} common angles"


@pytest.mark.slow
def test_exactly_unbiased_over_all_possible_data(rng: np.random.Generator) -> None:
    """Two qubits, uneven angles: the mean over all 1000 data sets; |mean|^2 fails the check."""
    matrix, shots = random_density(2, rng), (2, 2, 2)
    angles = np.array([0.1, 0.9, 2.3])
    table = law_at(matrix, angles)
    every = []
    for row, size in zip(table, shots, strict=True):
        splits = [
            np.bincount(chosen, minlength=4)
            for chosen in itertools.combinations_with_replacement(range(4), size)
        ]
        ways = [math.factorial(size) / math.prod(map(math.factorial, s.tolist())) for s in splits]
        every.append([(w * np.prod(row**s), s) for w, s in zip(ways, splits, strict=True)])
    mean = plugged = 0.0
    bits = (np.arange(4)[:, None] >> np.arange(2) & 1).astype(np.uint8)
    axis = qbell.schedule(2).axis
    for choice in itertools.product(*every):
        chance = math.prod(float(part[0]) for part in choice)
        counts = np.array([part[1] for part in choice])
        rows, outcomes = np.nonzero(counts)
        directions = np.repeat(rows[:, None], 2, axis=1).astype(np.uint8)
        data = Shots(directions, bits[outcomes], counts[rows, outcomes], None, "equatorial", axis)
        found = equatorial(strata_of(data), angles)
        weights = found.harmonics.terms.weights
        mean += chance * float(weights @ found.squares)
        plugged += chance * float(weights @ np.abs(found.values) ** 2)
    truth = collective_bound(matrix)
    assert mean == pytest.approx(truth, abs=1e-12)
    assert plugged > truth + 0.05


@pytest.mark.statistics
@pytest.mark.usefixtures("no_orders")
@pytest.mark.parametrize("noise", [0.4, 1.0])
def test_intervals_cover(noise: float, rng: np.random.Generator, repeats: Repeats) -> None:
    """Data sets of 9 angles over a full turn, with unequal shots."""
    matrix, words = white_noise_ghz(3, noise), GRIDS["radians over a full turn"]
    table = law_at(matrix, np.array([angle_of(word) for word in words]))
    truth = {"e_n": (1 - noise) ** 2 / 4, "bound": collective_bound(matrix)}
    inside = dict.fromkeys(truth, 0)
    runs = repeats(15, 40)
    for _ in range(runs):
        counts = rng.multinomial(np.arange(30, 75, 5), table / table.sum(axis=1, keepdims=True))
        result = qbell.estimate(of_counts(words, counts, 3), resamples=100)
        for name, value in truth.items():
            found = getattr(result, name)
            inside[name] += found.low - 1e-12 <= value <= found.high + 1e-12
    assert min(inside.values()) >= least(runs, 0.95)


def test_half_a_turn_is_no_new_angle() -> None:
    angles = np.array([0.0, 0.4, 0.4 + np.pi, 2.0, -np.pi])
    assert different(angles) == 3
    assert condition(angles, 3) == math.inf
    assert condition(angles, 2) < 10


@pytest.mark.slow
def test_tables_and_schedules(tmp_path: Path) -> None:
    """Angles come back as they were written, from a file and from a simulation."""
    settings = qbell.schedule(2, "equatorial", angles=["0.1pi", 1.2, "3/4pi", "2.9rad"])
    shots = qbell.sample(qbell.ghz(2), settings, shots=400, seed=1)
    shots.to_csv(tmp_path / "shots.csv")
    again = read_shots(tmp_path / "shots.csv")
    assert (again.design, again.grid) == ("equatorial", ("0.1pi", "1.2rad", "3/4pi", "2.9rad"))
    np.testing.assert_array_equal(again.directions, shots.directions)
    result = qbell.estimate(again)
    assert result.e_n is not None
    assert result.e_n.low < 0.25 < result.e_n.high
    assert result.oscillation is not None
    expected = np.cos(2 * result.oscillation["angle"])
    np.testing.assert_allclose(result.oscillation["parity"], expected, atol=0.25)
    learnt = qbell.estimate(again, phase="learn").certificate
    assert abs(learnt.phase) < 0.3
    standard = qbell.sample(qbell.ghz(2), qbell.schedule(2, "equatorial"), shots=9, seed=2)
    with pytest.raises(qbell.QbellError, match="their common angles differs"):
        again + standard


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["0pi", "1pi", "0.5pi"], r"2 common angles that differ modulo pi.*expected 3 or more"),
        (["0pi", "0.001pi", "0.002pi"], r"condition number .*expected 100 at most"),
        (["0pi", "0.25", "0.5pi"], r"row 3: setting '0.25' is no angle with a unit"),
        (["0/3", "0.25pi", "0.5pi"], r"row 2: setting '0/3' is no angle with a unit"),
    ],
)
def test_grids_that_do_not_suffice_are_refused(words: list[str], message: str) -> None:
    table = made(words, np.zeros(3, dtype=int), np.full(3, 9), 2)
    with pytest.raises(qbell.QbellError, match=message):
        from_frame(table)


def test_units_are_never_guessed() -> None:
    table = made(["0", "0.7", "1.4"], np.zeros(3, dtype=int), np.full(3, 9), 2)
    with pytest.raises(qbell.QbellError, match=r"other angles need their unit: 0\.25pi"):
        from_frame(table, "equatorial")
    for angles, message in (
        ([0.1, 0.2], "2 common angles that differ"),
        (["0.25", 0.1, 0.2], "angle '0.25': expected a number in radians"),
        ([], "0 different angles"),
    ):
        with pytest.raises(qbell.QbellError, match=message):
            qbell.schedule(2, "equatorial", angles=angles)
    with pytest.raises(qbell.QbellError, match="angles = belongs to the equatorial design"):
        qbell.schedule(2, angles=[0.1, 0.2, 0.3])
