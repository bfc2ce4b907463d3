"""Schedules: which settings, in which order, and how random ones are drawn."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats

import qbell
from qbell.axes import parse_axis
from qbell.errors import QbellError
from qbell.settings import Schedule, schedule

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


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_random_design_is_uniform_and_independent(seed: int) -> None:
    """Each check fails a correct generator once in a million seeds; these seeds are fixed."""
    draws, num_qubits = 8192, 3
    found = schedule(num_qubits, "random", draws=draws, seed=seed).directions
    settings = found @ (1 << np.arange(num_qubits))
    observed = np.bincount(settings, minlength=2**num_qubits)
    assert stats.chisquare(observed).pvalue > FALSE_ALARM
    # Pairs of consecutive rows, disjoint ones, so that the pairs are independent of each other.
    pairs = np.bincount(settings[::2] * 8 + settings[1::2], minlength=64)
    assert stats.chisquare(pairs).pvalue > FALSE_ALARM


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
        ((3, "random3"), {"draws": 10}, "random3.*not in this version.*full or random"),
        ((3, "covering"), {}, "covering.*not in this version"),
        ((3, "latin"), {}, "'latin' is unknown.*full or random"),
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
