"""The pages that benchmarks write hold what was measured, and call right what is."""

import math

import pytest

from benchmarks.growth.page import PAGE as GROWTH
from benchmarks.growth.page import design_lines, engine_lines, read_points
from benchmarks.peers import measure
from benchmarks.peers.case import Case, Cell, Tool
from benchmarks.peers.page import PAGE as PEERS
from benchmarks.peers.page import lead, read_cells, read_versions, said_of, table
from benchmarks.peers.tables import CASES


def test_the_page_of_peers_holds_its_csv() -> None:
    page, cells = PEERS.read_text(encoding="utf-8"), read_cells()
    measured = [key for key in CASES if any(cell.case == key for cell in cells)]
    assert len(measured) > 12
    for key in measured:
        assert "\n".join(table(key, CASES[key], cells)) in page
    usual, others = said_of(read_versions())
    assert f"\n{usual}; " in page
    assert all(f"\nWith {other}.\n" in page for other in others.values())
    assert set(read_versions()) == set(measured)


def test_a_table_says_the_versions_that_it_alone_was_measured_with() -> None:
    measured = {"one": "Python 3, a 1, b 2", "two": "Python 3, a 1, b 2", "three": "Python 3, a 4"}
    assert said_of(measured) == (measured["one"], {"three": "a 4"})
    assert said_of({}) == ("", {})


def test_the_page_of_growth_holds_its_csv() -> None:
    page, points = GROWTH.read_text(encoding="utf-8"), read_points()
    assert "\n".join(engine_lines(points)) in page
    assert "\n".join(design_lines(points)) in page


def case_of(*names: str, shown: str = "", truth: float | None = None) -> Case:
    tools = tuple(Tool(name, "numpy", lambda n: lambda: 0.0) for name in names)
    known = None if truth is None else lambda n: [truth]
    return Case("", "", (8,), tools, 0.01, truth=known, shown=shown)


def test_right_is_what_qbell_and_another_agree_on() -> None:
    case = case_of("qbell", "qbell, fast", "one", "two")
    found = measure._verdicts(case, 8, {0: [2.0], 1: [2.0], 2: [2.001], 3: [3.0]})
    assert found == {0: "right", 1: "right", 2: "right", 3: "wrong: 3 for 2"}
    assert measure._verdicts(case, 8, {0: [2.0], 1: [2.0]}) == {0: "alone", 1: "alone"}
    assert set(measure._verdicts(case, 8, {0: [2.0], 3: [3.0]}).values()) == {"no two agree"}


def test_truth_counts_and_qbell_can_be_wrong() -> None:
    case = case_of("qbell", "one", truth=5.0, shown="{:.0f} settings")
    found = measure._verdicts(case, 8, {0: [4.0, 7.0], 1: [5.0, 9.0]})
    assert found == {0: "wrong: 4 for 5, 7 settings", 1: "right, 9 settings"}
    assert "wrong" in measure._verdicts(case, 8, {1: [math.nan, 9.0]})[1]


@pytest.mark.parametrize(
    ("seconds", "verdict", "said"),
    [(8.0, "right", "**4**"), (1.0, "right", "0.5"), (1.0, "wrong: 3 for 2", "alone")],
)
def test_a_wrong_tool_is_not_behind(seconds: float, verdict: str, said: str) -> None:
    cells = [Cell("c", "qbell", "8", 2.0, 0.0, "right"), Cell("c", "one", "8", seconds, 0, verdict)]
    assert lead(case_of("qbell", "one"), {(c.tool, c.size): c for c in cells}, 8) == said
