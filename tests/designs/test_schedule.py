"""Schedules: which settings, in which order, and how random ones are drawn."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats

import qbell
from qbell.conventions.axes import parse_axis
from qbell.designs import DESIGNS
from qbell.designs.schedule import Schedule, schedule
from qbell.errors import QbellError

FALSE_ALARM = 1e-6  # how often a correct generator would fail one statistical check here


@pytest.mark.parametrize("num_qubits", [2, 3, 6, 12])
def test_full_design_is_every_setting_once_in_order(num_qubits: int) -> None:
    """From XX..X to YY..Y, the last letter (qubit 0) running fastest."""
    found = schedule(num_qubits)
    assert found.design == "full"
    assert found.seed is None
    assert found.num_qubits == num_qubits
    assert len(found) == 2**num_qubits
    expected = ["".join(letters) for letters in product("XY", repeat=num_qubits)]
    assert found.frame["setting"].tolist() == expected
    assert list(found.frame.columns) == ["setting"]


def test_column_k_is_qubit_k() -> None:
    """XXY measures qubit 0 along sigma_2 and the others along sigma_1."""
    found = schedule(3)
    row = found.frame["setting"].tolist().index("XXY")
    assert found.directions[row].tolist() == [1, 0, 0]
    row = found.frame["setting"].tolist().index("YXX")
    assert found.directions[row].tolist() == [0, 0, 1]


def test_random_design_numbers_its_draws() -> None:
    """Rows are independent, so a setting may come back; `draw` tells them apart."""
    found = schedule(2, "random", draws=40, seed=5)
    assert found.design == "random"
    assert len(found) == len(found.frame) == 40
    assert found.frame["draw"].tolist() == list(range(40))
    assert set(found.frame["setting"]) == {"XX", "XY", "YX", "YY"}
    letters = np.array([list(word)[::-1] for word in found.frame["setting"]])
    np.testing.assert_array_equal(letters == "Y", found.directions == 1)


def test_random_design_follows_its_seed() -> None:
    """Same seed, same settings; another seed, other settings."""
    first = schedule(20, "random", draws=100, seed=1)
    again = schedule(20, "random", draws=100, seed=1)
    other = schedule(20, "random", draws=100, seed=2)
    np.testing.assert_array_equal(first.directions, again.directions)
    assert first.seed == 1
    assert not np.array_equal(first.directions, other.directions)


def test_random_design_records_a_seed_of_its_own() -> None:
    """Without a seed two schedules differ, and each can be drawn again from its record."""
    first = schedule(20, "random", draws=100)
    second = schedule(20, "random", draws=100)
    assert not np.array_equal(first.directions, second.directions)
    again = schedule(20, "random", draws=100, seed=first.seed)
    np.testing.assert_array_equal(first.directions, again.directions)


@pytest.mark.parametrize(("design", "letters"), [("random", 2), ("random3", 3)])
@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_random_design_is_uniform_and_independent(seed: int, design: str, letters: int) -> None:
    """Each check fails a correct generator once in a million seeds; these seeds are fixed."""
    draws, num_qubits = 8192, 3
    found = schedule(num_qubits, design, draws=draws, seed=seed).directions
    settings = found @ (letters ** np.arange(num_qubits))
    kinds = letters**num_qubits
    observed = np.bincount(settings, minlength=kinds)
    assert len(observed) == kinds
    assert stats.chisquare(observed).pvalue > FALSE_ALARM
    # Pairs of consecutive rows, disjoint ones, so that the pairs are independent of each other.
    pairs = np.bincount(settings[::2] * kinds + settings[1::2], minlength=kinds**2)
    assert stats.chisquare(pairs).pvalue > FALSE_ALARM


def test_random3_spells_three_letters() -> None:
    """X, Y, Z are 0, 1, 2, with qubit 0 last, and draws are numbered."""
    found = schedule(4, "random3", draws=200, seed=7)
    assert set("".join(found.frame["setting"])) == {"X", "Y", "Z"}
    assert found.frame["draw"].tolist() == list(range(200))
    row = found.directions[11]
    assert found.frame["setting"][11] == "".join("XYZ"[value] for value in reversed(row))
    assert found.order is None


def test_equatorial_design() -> None:
    """N + 1 angles pi j/(N+1) common to all qubits, written as fractions that are not reduced."""
    found = schedule(5, "equatorial")
    assert found.frame["setting"].tolist() == ["0/6", "1/6", "2/6", "3/6", "4/6", "5/6"]
    assert list(found.frame.columns) == ["setting"]
    assert found.directions.shape == (6, 5)
    expected = np.pi * np.arange(6) / 6
    np.testing.assert_allclose(found.azimuths, np.repeat(expected[:, None], 5, axis=1), atol=1e-15)
    assert schedule(200, "equatorial").directions[-1, -1] == 200


def test_symmetric_design() -> None:
    """One setting for each number of letters Y, on the lowest qubits."""
    found = schedule(4, "symmetric")
    assert found.frame["setting"].tolist() == ["XXXX", "XXXY", "XXYY", "XYYY", "YYYY"]
    assert found.seed is None


@pytest.mark.parametrize(("num_qubits", "order"), [(5, 2), (6, 3), (3, 3), (40, 2)])
def test_covering_design(num_qubits: int, order: int) -> None:
    """Every choice of K qubits sees all 2^K patterns; and far fewer settings than 2^N do it."""
    found = schedule(num_qubits, "covering", order=order)
    assert found.order == order
    assert found.directions.max() == 1
    rng = np.random.default_rng(3)
    for _ in range(200):
        qubits = rng.permutation(num_qubits)[:order]
        assert len(np.unique(found.directions[:, qubits], axis=0)) == 2**order
    assert len(found) <= min(2**num_qubits, 40)
    assert len(schedule(num_qubits, "covering", order=order)) == len(found)


def test_azimuths_of_letters() -> None:
    """X is 0, Y a right angle, and Z has none."""
    found = schedule(3, "random3", draws=60, seed=2)
    letters = np.array([list(word)[::-1] for word in found.frame["setting"]])
    np.testing.assert_array_equal(found.azimuths[letters == "X"], 0)
    np.testing.assert_array_equal(found.azimuths[letters == "Y"], np.pi / 2)
    assert np.isnan(found.azimuths[letters == "Z"]).all()


def test_what_designs_may_claim() -> None:
    """Two freely chosen settings a qubit make a Bell test; nothing else does."""
    claims = {name: design.claim for name, design in DESIGNS.items()}
    assert claims == {
        "full": "bell",
        "random": "bell",
        "even": "bell",
        "ghz": "bell",  # the words of X and Y among them
        "mermin": "bell",
        "random3": "witness",
        "pauli": "bell",  # the words of X and Y among them
        "covering": "witness",
        "equatorial": "witness",
        "symmetric": "assumption",
        "stars": "bell",
    }
    assert [name for name, design in DESIGNS.items() if design.drawn] == [
        "random",
        "even",
        "ghz",
        "random3",
        "stars",
    ]
    assert all(design.default_shots > 1 for design in DESIGNS.values() if not design.drawn)


def test_random_design_of_many_qubits_has_no_preferred_qubit() -> None:
    """No column and no pair of columns is off, at any width."""
    draws, num_qubits = 4096, 40
    found = schedule(num_qubits, "random", draws=draws, seed=3).directions
    plus_minus = 1.0 - 2.0 * found
    sums = np.abs(plus_minus.T @ np.hstack([plus_minus, np.ones((draws, 1))]))
    sums[np.arange(num_qubits), np.arange(num_qubits)] = 0
    tests = num_qubits * (num_qubits - 1) / 2 + num_qubits
    # Hoeffding: P(|sum of draws signs| > limit) <= 2 exp(-limit^2 / (2 draws)), times the tests.
    limit = np.sqrt(2 * draws * np.log(2 * tests / FALSE_ALARM))
    assert sums.max() < limit


@pytest.mark.parametrize("design", ["full", "random"])
def test_directions_are_read_only(design: str) -> None:
    """A schedule is a value: nobody changes it behind its user's back."""
    found = schedule(3, design, **({"draws": 9, "seed": 1} if design == "random" else {}))
    with pytest.raises(ValueError, match="read-only"):
        found.directions[0, 0] = 1
    with pytest.raises(AttributeError):
        found.design = "other"  # type: ignore[misc]


def test_axis_is_kept() -> None:
    """Letters X and Y mean the axis's own sigma_1 and sigma_2."""
    assert schedule(2).axis == parse_axis("z")
    assert schedule(2, axis="x").axis == parse_axis("x")
    assert schedule(2, "random", draws=3, axis=(1, 2, 3)).axis == parse_axis((1, 2, 3))


def test_public_name() -> None:
    """`qbell.schedule` is this function."""
    assert qbell.schedule is schedule
    assert isinstance(qbell.schedule(2), Schedule)


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        ((0,), {}, "n = 0"),
        ((1,), {}, "n = 1"),
        ((-3,), {}, "n = -3"),
        ((2.5,), {}, r"n = 2\.5"),
        ((True,), {}, "n = True"),
        (("3",), {}, "n = '3'"),
        ((13,), {}, r"2\^13 settings.*random"),
        ((3, "full"), {"draws": 10}, "draws"),
        ((3, "random"), {}, "needs draws"),
        ((3, "random"), {"draws": 0}, "draws = 0"),
        ((3, "random"), {"draws": 1}, "draws = 1"),
        ((3, "random"), {"draws": 1.5}, r"draws = 1\.5"),
        ((3, "random"), {"draws": 10, "seed": -1}, "seed = -1"),
        ((3, "random"), {"draws": 10, "seed": 1.5}, r"seed = 1\.5"),
        ((3, "random"), {"draws": 10, "seed": "a"}, "seed = 'a'"),
        ((3, "random3"), {}, "design random3 needs draws"),
        ((3, "random3"), {"draws": 1}, "draws = 1"),
        ((3, "random3"), {"draws": 9, "order": 2}, "order = belongs to the covering design"),
        ((3, "covering"), {}, "needs order"),
        ((3, "covering"), {"order": 0}, "order = 0"),
        ((3, "covering"), {"order": 4}, "order = 4.*from 1 to 3"),
        ((3, "covering"), {"order": 2.5}, r"order = 2\.5"),
        ((3, "covering"), {"order": 2, "draws": 9}, "draws = belongs.*covering"),
        ((3, "covering"), {"order": 2, "seed": 9}, "seed = belongs.*covering"),
        ((3, "full"), {"order": 2}, "order = belongs.*full"),
        ((3, "equatorial"), {"draws": 9}, "draws = belongs.*equatorial"),
        ((3, "symmetric"), {"order": 2}, "order = belongs.*symmetric"),
        ((3, "symmetric"), {"seed": 1}, "seed = belongs.*symmetric"),
        ((201, "equatorial"), {}, "n = 201.*200"),
        ((3, "latin"), {}, "'latin' is unknown.*full, random, .* or stars"),
        ((3, ["full"]), {}, "unknown"),
        ((3,), {"axis": "w"}, "axis 'w'"),
    ],
)
def test_errors(arguments: tuple[Any, ...], keywords: dict[str, Any], message: str) -> None:
    """One line that names the value and says what fits."""
    with pytest.raises(QbellError, match=message) as caught:
        schedule(*arguments, **keywords)
    assert "\n" not in str(caught.value)


def test_random_design_has_no_limit_of_twelve_qubits() -> None:
    """Only the full design grows as 2^N."""
    found = schedule(100, "random", draws=2, seed=1)
    assert found.directions.shape == (2, 100)
    assert len(found.frame["setting"][0]) == 100
