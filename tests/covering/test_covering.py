"""Covering arrays: exhaustively against a slow twin, in size against the published tables."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell.covering import catalogue, covering_array, missing_pattern, strength
from qbell.covering.constructions import doubled, even_rows, pairs, paley, paley_doubled, power
from qbell.covering.greedy import greedy
from qbell.covering.search import anneal, circulants, with_complements
from qbell.covering.stored import STORED
from qbell.covering.verify import count_missing, unneeded_row
from qbell.errors import QbellError

Rows = NDArray[np.uint8]
Missing = tuple[tuple[int, ...], tuple[int, ...]]

# (largest N, rows): Colbourn's tables of November 2024 (docs/covering.md).
BEST_KNOWN = {
    2: [(3, 4), (4, 5), (10, 6), (15, 7), (35, 8)],
    3: [(4, 8), (5, 10), (11, 12), (12, 15), (14, 16), (16, 17), (20, 18)],
    4: [(5, 16), (6, 21), (12, 24), (13, 32), (17, 35), (18, 36), (20, 39)],
}
SMALL = [(n, k) for k in range(1, 5) for n in range(max(2, k), 21)]


def best_known(num_qubits: int, order: int) -> int:
    if order in (1, num_qubits):
        return int(2**order)
    sizes: list[int] = [rows for columns, rows in BEST_KNOWN[order] if columns >= num_qubits]
    return sizes[0]


def missing(rows: Rows, order: int) -> list[Missing]:
    """All missing patterns, from sets of tuples."""
    found = []
    for qubits in combinations(range(rows.shape[1]), order):
        seen = set(map(tuple, rows[:, qubits].tolist()))
        found += [(qubits, p) for p in product((0, 1), repeat=order) if p not in seen]
    return found


def agree(found: Missing | None, twin: list[Missing]) -> None:
    """``found`` is one of the missing patterns of the first subset that has any."""
    if not twin:
        assert found is None
    else:
        assert found in [place for place in twin if place[0] == twin[0][0]]


@pytest.mark.parametrize(("num_qubits", "order"), SMALL)
def test_every_small_array_covers_and_is_small(num_qubits: int, order: int) -> None:
    rows = covering_array(num_qubits, order)
    assert not missing(rows, order)
    assert missing_pattern(rows, order) is None
    assert rows.shape[1] == num_qubits
    assert rows.dtype == np.uint8
    # As good as the best known, but for one size.
    assert len(rows) == (35 if (num_qubits, order) == (13, 4) else best_known(num_qubits, order))


@pytest.mark.slow
@pytest.mark.parametrize("order", range(1, 8))
def test_few_more_qubits_than_the_order(order: int) -> None:
    """K = N, K = N - 1 (both with the fewest rows there can be), K = N - 2."""
    for num_qubits in range(max(2, order), order + 3):
        rows = covering_array(num_qubits, order)
        assert not missing(rows, order)
        if num_qubits <= order + 1:
            assert len(rows) == 2**order


@pytest.mark.parametrize(
    ("num_qubits", "order", "groups"),
    [
        *[(8, 2, 16), (8, 3, 28), (8, 4, 88), (10, 3, 36), (10, 4, 148)],
        *[(12, 3, 44), (12, 4, 224), (16, 2, 32), (16, 3, 60)],
    ],
)
def test_at_most_half_of_a_grouping_of_strings(num_qubits: int, order: int, groups: int) -> None:
    """``groups``: of Qiskit's group_commuting(qubit_wise=True); benchmarks/covering.py."""
    assert 2 * len(covering_array(num_qubits, order)) <= groups


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("num_qubits", "order", "most"),
    [
        *[(100, 1, 2), (1000, 2, 14), (24, 3, 22), (50, 3, 31), (100, 3, 34), (242, 3, 44)],
        *[(300, 3, 56), (32, 4, 60), (60, 4, 67), (100, 4, 100), (110, 4, 112)],
        *[(14, 5, 118), (40, 5, 136), (12, 6, 198), (9, 7, 240)],
    ],
)
def test_many_qubits_or_high_order(num_qubits: int, order: int, most: int) -> None:
    rows = covering_array(num_qubits, order)
    assert rows.shape[1] == num_qubits
    assert len(rows) <= most
    # An independent look at 2000 subsets (NumPy, no bits), beside the exhaustive check inside.
    generator = np.random.default_rng(num_qubits)
    for _ in range(2000):
        qubits = generator.choice(num_qubits, order, replace=False)
        index = rows[:, qubits].astype(np.int64) @ 2 ** np.arange(order)
        assert len(np.unique(index)) == 2**order


@pytest.mark.slow
@pytest.mark.parametrize(("num_qubits", "order"), [(4, 2), (11, 3), (20, 3), (12, 4), (7, 5)])
def test_a_row_less_is_seen(num_qubits: int, order: int) -> None:
    """Negative control: no row of these arrays can be left out."""
    rows = covering_array(num_qubits, order)
    for row in range(len(rows)):
        fewer = np.delete(rows, row, axis=0)
        agree(missing_pattern(fewer, order), missing(fewer, order))
        assert strength(fewer, most=order) < order


@pytest.mark.parametrize("seed", range(12))
def test_check_agrees_with_the_slow_twin(seed: int) -> None:
    """Random tables, of up to three words of rows."""
    generator = np.random.default_rng(seed)
    shape = (int(generator.integers(1, 150)), int(generator.integers(1, 9)))
    rows = generator.integers(0, 2, shape, dtype=np.uint8)
    covered = [order for order in range(1, shape[1] + 1) if not missing(rows, order)]
    assert strength(rows) == len(covered)
    for order in range(1, shape[1] + 1):
        twin = missing(rows, order)
        assert count_missing(rows, order) == len(twin)
        agree(missing_pattern(rows, order), twin)


@pytest.mark.parametrize("hidden", [(0, 1, 2), (3, 40, 80), (97, 98, 99), (0, 50, 99)])
def test_one_pattern_hidden_among_many_is_found(hidden: tuple[int, int, int]) -> None:
    """161,700 triples; every row that shows (1, 0, 1) on one of them is left out."""
    rows = np.random.default_rng(5).integers(0, 2, (200, 100), dtype=np.uint8)
    assert missing_pattern(rows, 3) is None
    rows = rows[(rows[:, hidden] != (1, 0, 1)).any(axis=1)]
    found = missing_pattern(rows, 3)
    assert found == (hidden, (1, 0, 1))
    assert strength(rows, most=3) == 2


def test_strength() -> None:
    assert strength(paley(11)) == 3
    assert strength(paley_doubled(11)) == 4
    assert strength(paley_doubled(11), most=2) == 2
    assert strength(even_rows(6)) == 5
    assert strength(np.zeros((5, 3), dtype=np.uint8)) == 0
    assert strength([[0, 1], [1, 0]]) == 1
    assert strength([[0, 1]]) == 0


def test_unneeded_rows_are_found_and_needed_ones_are_not() -> None:
    rows = covering_array(8, 3)
    again = np.vstack([rows, rows[3:4]])
    assert unneeded_row(again, 3) == len(rows)
    for order in (1, 2, 3):
        spare = unneeded_row(rows, order)
        can_go = [r for r in range(len(rows)) if not missing(np.delete(rows, r, axis=0), order)]
        assert spare == (can_go[-1] if can_go else None)


@pytest.mark.parametrize("num_rows", range(4, 13))
def test_pairs_are_optimal(num_rows: int) -> None:
    """Kleitman-Spencer and Katona: M rows serve C(M - 1, ceil(M/2)) columns, and no more."""
    most = comb(num_rows - 1, (num_rows + 1) // 2)
    assert len(pairs(most)) == num_rows
    assert len(pairs(most + 1)) == num_rows + 1
    assert missing_pattern(pairs(most), 2) is None


def test_doubling_and_powers() -> None:
    assert not missing(doubled(paley(11), pairs(11)), 3)
    rows = power(even_rows(3), 3, 2, 2)  # base: 4 rows of order 2; 9 lines over GF(3), 2 points
    assert rows.shape == (7, 9)
    assert not missing(rows, 2)
    short = power(paley(11), 11, 2, 3)
    assert short.shape == (34, 121)
    assert missing_pattern(short[:23], 3) is not None  # two points of three do not suffice
    with pytest.raises(ValueError, match="do not fit"):
        power(even_rows(3), 3, 2, 3 + 2)


@pytest.mark.slow
@pytest.mark.parametrize(("num_qubits", "order"), [(6, 1), (7, 2), (9, 3), (8, 5)])
def test_greedy_covers_and_is_repeatable(num_qubits: int, order: int) -> None:
    rows = greedy(num_qubits, order)
    assert not missing(rows, order)
    np.testing.assert_array_equal(rows, greedy(num_qubits, order))


@pytest.mark.parametrize(("order", "columns"), STORED)
def test_stored_arrays(order: int, columns: int) -> None:
    rows = STORED[order, columns].rows()
    assert rows.shape[1] == columns
    assert not missing(rows, order)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(("order", "columns"), [(3, 5), (3, 14), (3, 16), (4, 6), (5, 7)])
def test_the_search_finds_stored_arrays_again(order: int, columns: int) -> None:
    found = STORED[order, columns].again()
    assert found is not None
    np.testing.assert_array_equal(found, STORED[order, columns].rows())


@pytest.mark.slow
def test_the_search_does_not_find_what_cannot_be() -> None:
    """7 rows cannot show 8 patterns; 5 rows serve at most 4 columns at order 2."""
    assert anneal(circulants(1, 7, 4, 0, 0), 3, seed=1, steps=2000) is None
    assert anneal(circulants(1, 5, 5, 0, 0), 2, seed=1, steps=2000) is None


def test_shapes() -> None:
    rows = circulants(3, 1, 1, 1, 1).fill([1, 0, 0, 1, 0, 1])
    np.testing.assert_array_equal(rows[:3, :3], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert len(set(rows[:3, 3].tolist())) == len(set(rows[3, :3].tolist())) == 1
    shape = with_complements(circulants(2, 1, 1, 0, 0))
    np.testing.assert_array_equal(shape.fill([0, 1]), [[0, 1], [1, 0], [1, 0], [0, 1]])


def test_read_only_and_the_same_each_time() -> None:
    rows = covering_array(9, 5)
    np.testing.assert_array_equal(rows, covering_array(9, 5))
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 1


@pytest.mark.parametrize(
    ("num_qubits", "order", "says"),
    [
        (1, 1, "n = 1; give a whole number from 2 to 1000"),
        (1001, 2, "n = 1001"),
        (5, 0, "order = 0; give a whole number from 1 to 5"),
        (5, 6, "order = 6"),
        (5, 2.0, "order = 2.0"),
        (13, 13, "takes 2^13 rows or more"),
        (1000, 1000, "takes 2^1000 rows or more"),
        (1000, 4, "too many to check"),
        (1000, 12, "too many to check"),
        (20, 8, "would take too long"),
    ],
)
def test_refused_before_any_work(
    num_qubits: int, order: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_: object) -> None:
        raise AssertionError("began to work")

    for name in ("greedy", "all_rows", "even_rows", "pairs"):
        monkeypatch.setattr(catalogue, name, too_late)
    monkeypatch.setattr(catalogue, "LADDERS", {})
    with pytest.raises(QbellError) as error:
        covering_array(num_qubits, order)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("rows", [[], [[]], [0, 1], [[0, 2]], [[0], [0, 1]], [["X"]], [[0.5]]])
def test_bad_tables(rows: object) -> None:
    with pytest.raises(QbellError, match="must be a table of 0 and 1"):
        strength(rows)  # type: ignore[arg-type]


def test_a_check_that_would_take_hours_is_refused() -> None:
    rows = np.zeros((64, 1000), dtype=np.uint8)
    with pytest.raises(QbellError, match="too many to check"):
        missing_pattern(rows, 5)
    with pytest.raises(QbellError, match="order = 3"):
        missing_pattern(rows[:, :2], 3)


def test_a_broken_construction_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check is the last thing done: one wrong entry in the construction is an error."""
    broken = np.array(covering_array(11, 3))
    broken[5, 7] ^= 1
    monkeypatch.setattr("qbell.covering.build", lambda *_: broken)
    with pytest.raises(QbellError, match="lacks pattern"):
        covering_array(11, 3)
