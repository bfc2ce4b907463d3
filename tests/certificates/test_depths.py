"""What E_{N,0} certifies: the four counts, each under its own name."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qbell.certificates import (
    Depths,
    bell_qubits_limit,
    depths,
    entanglement_limit,
    no_signalling_limit,
    nonlocality_limit,
)
from tests.support.paths import DATA

REFERENCE = json.loads((DATA / "depths.json").read_text())
LIMITS: dict[str, Callable[[int, int], int]] = {
    "neglog2_Emax_paper_n_qubits": bell_qubits_limit,
    "neglog2_Emax_depth_k_quantum": nonlocality_limit,
    "neglog2_Emax_depth_k_NS": no_signalling_limit,
    "neglog2_Emax_k_producible": entanglement_limit,
}


def counts(found: Depths) -> tuple[int, int, int, int]:
    """The four counts that the table has, whatever else E_{N,0} implies."""
    return (
        found.bell_qubits,
        found.nonlocality_depth,
        found.no_signalling_depth,
        found.entanglement_depth,
    )


def edges(interval: str) -> tuple[float, float]:
    """'(2^-5,2^-4]' as two numbers."""
    low, high = interval.strip("(]").split(",")
    return 2.0 ** int(low.removeprefix("2^")), 2.0 ** int(high.removeprefix("2^"))


@pytest.mark.parametrize("key", LIMITS)
def test_limits_against_the_table(key: str) -> None:
    """-log2 of the largest E_{N,0} of each model, for N = 3 to 12 and every k."""
    rows = REFERENCE["limits"]
    assert {(row["N"], row["k"]) for row in rows} == {
        (n, k) for n in range(3, 13) for k in range(1, n + 1)
    }
    found = {(row["N"], row["k"]): LIMITS[key](row["N"], row["k"]) for row in rows}
    assert found == {(row["N"], row["k"]): row[key] for row in rows}


@pytest.mark.parametrize(
    "row", REFERENCE["certified"], ids=lambda row: f"{row['N']} {row['E_interval']}"
)
def test_depths_against_the_table(row: dict[str, Any]) -> None:
    """Just above, inside and exactly at the upper edge of each interval of E_{N,0}."""
    low, high = edges(row["E_interval"])
    expected = (
        row["paper_n_qubits"],
        row["quantum_depth"],
        row["NS_depth"],
        row["entanglement_depth"],
    )
    for e_n in (low * (1 + 1e-6), (low + high) / 2, high * (1 - 1e-6), high):
        assert counts(depths(row["N"], e_n)) == expected


@pytest.mark.parametrize("num_qubits", [2, 3, 5, 8, 12, 20])
def test_a_value_at_the_limit_is_not_above_it(num_qubits: int) -> None:
    """Strictly above, and rounding of an exact value does not count as above."""
    for exponent in range(1, 2 * num_qubits + 1):
        limit = 2.0**-exponent
        below = depths(num_qubits, limit * (1 - 1e-6))
        assert depths(num_qubits, limit) == below
        assert depths(num_qubits, limit * (1 + 1e-14)) == below


@pytest.mark.parametrize("num_qubits", [3, 6, 9])
def test_a_value_above_the_limit_counts(num_qubits: int) -> None:
    """One part in a million above 2^-N already needs nonlocality."""
    above = depths(num_qubits, 2.0**-num_qubits * (1 + 1e-6))
    assert above.bell_qubits == 3
    assert above.nonlocality_depth == 3
    assert above.no_signalling_depth == 2


@pytest.mark.parametrize("num_qubits", range(2, 17))
def test_nothing_nonlocal_at_the_local_bound(num_qubits: int) -> None:
    """E_{N,0} <= 2^-N is within local realism, Eq. (2)."""
    for e_n in (0.0, 4.0**-num_qubits, 2.0**-num_qubits / 3, 2.0**-num_qubits):
        found = depths(num_qubits, e_n)
        assert found.bell_qubits == 0
        assert found.nonlocality_depth == 1
        assert found.no_signalling_depth == 1
        if e_n <= 4.0**-num_qubits:  # separable states reach this
            assert found.entanglement_depth == 1


def test_negative_lower_ends_certify_nothing() -> None:
    """An interval of an unbiased estimate may reach below zero."""
    assert counts(depths(6, -0.01)) == (0, 1, 1, 1)


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 6, 7, 10, 13])
def test_depths_never_fall_as_e_grows(num_qubits: int) -> None:
    """More correlation never certifies less, and no depth exceeds N."""
    values = np.sort(np.concatenate([np.geomspace(1e-9, 0.25, 300), 2.0 ** -np.arange(2, 30)]))
    found = [depths(num_qubits, value) for value in values]
    for name in Depths.__dataclass_fields__:
        series = [getattr(depth, name) for depth in found]
        assert series == sorted(series)
        assert max(series) <= num_qubits


@pytest.mark.parametrize("limit", LIMITS.values(), ids=lambda limit: limit.__name__)
def test_larger_groups_never_reach_less(limit: Callable[[int, int], int]) -> None:
    """Groups of at most k + 1 include groups of at most k."""
    for num_qubits in range(2, 21):
        series = [limit(num_qubits, k) for k in range(1, num_qubits + 1)]
        assert series == sorted(series, reverse=True)


def test_two_groups_of_three_are_not_four() -> None:
    """GHZ3 x GHZ3, E = 1/16: four qubits by the paper's count, genuine depth only three."""
    found = depths(6, 1 / 16)
    assert (found.bell_qubits, found.nonlocality_depth) == (4, 3)


@pytest.mark.parametrize("num_qubits", range(3, 13))
def test_ghz_value(num_qubits: int) -> None:
    """E = 1/4 needs all qubits, but never excludes two groups of no-signalling boxes."""
    expected = (num_qubits, num_qubits, -(-num_qubits // 2), num_qubits)
    assert counts(depths(num_qubits, 0.25)) == expected


def test_two_qubits_never_violate() -> None:
    """For N = 2 the quantum maximum 1/4 equals the local bound; entanglement still shows."""
    assert counts(depths(2, 0.25)) == (0, 1, 1, 2)
