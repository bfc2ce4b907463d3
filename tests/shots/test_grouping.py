"""Groups of rows against plain loops."""

import numpy as np
import pytest

from qbell.shots.grouping import by_setting, group_by


@pytest.mark.parametrize("num_qubits", [1, 3, 70])
def test_by_plain_loops(num_qubits: int, rng: np.random.Generator) -> None:
    some = rng.integers(0, 3, size=(5, num_qubits)).astype(np.uint8)
    directions = some[rng.integers(5, size=40)]
    counts = rng.integers(1, 9, size=40)
    groups = by_setting(directions)
    rows: dict[bytes, list[int]] = {}
    for row, setting in enumerate(directions):
        rows.setdefault(setting.tobytes(), []).append(row)
    assert len(groups) == len(rows)
    assert sorted(groups.first.tolist()) == sorted(mine[0] for mine in rows.values())
    for number, first in enumerate(groups.first):
        mine = rows[directions[first].tobytes()]
        assert groups.order[groups.starts[number] : groups.starts[number + 1]].tolist() == mine
        assert np.flatnonzero(groups.index == number).tolist() == mine
        assert groups.sums(counts)[number] == counts[mine].sum()


def test_several_keys_and_the_order_within(rng: np.random.Generator) -> None:
    one, two, three = (rng.integers(0, 3, size=50) for _ in range(3))
    groups = group_by(one, two, then=three)
    pairs = list(zip(one.tolist(), two.tolist(), strict=True))
    assert [pairs[row] for row in groups.first] == sorted(set(pairs))
    for number in range(len(groups)):
        mine = groups.order[groups.starts[number] : groups.starts[number + 1]]
        assert (np.diff(three[mine]) >= 0).all()
    assert groups.sums(np.ones(50, dtype=np.int64)).sum() == 50


def test_no_rows() -> None:
    nothing = np.empty(0, dtype=np.int64)
    assert len(group_by(nothing)) == 0
    assert group_by(nothing).sums(nothing).tolist() == []


@pytest.mark.parametrize("most", [2, 200, 70_000, 2**40, 2**62])
@pytest.mark.parametrize("least", [0, -3])
def test_keys_of_any_size_sort_one_after_the_other(
    most: int, least: int, rng: np.random.Generator
) -> None:
    """Packed into narrow integers where they fit, and not where they do not."""
    keys = [rng.choice([least, 0, 1, most - 1, most // 2], 40) for _ in range(3)]
    for count in (1, 2, 3):
        for then in (None, keys[0][::-1]):
            groups = group_by(*keys[:count], then=then)
            rows = list(zip(*keys[:count], strict=True))
            last = range(40) if then is None else then
            order = sorted(range(40), key=lambda row: (*rows[row], last[row], row))
            assert groups.order.tolist() == order
            assert len(groups) == len(set(rows))
            assert [rows[row] for row in groups.first] == sorted(set(rows))
