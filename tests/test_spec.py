"""Specs that are read as they stand. Specs with a fault: test_bad_input."""

from pathlib import Path
from typing import Any

import pytest

from qbell.spec import Spec, parse_spec
from qbell.spec_tables import Mitigation, PlanGoal


def read(folder: Path, **tables: Any) -> Spec:
    """A GHZ campaign of four qubits, with more tables."""
    data = {"state": {"family": "ghz", "n": 4}, **tables}
    return parse_spec(data, "text", name="test", folder=folder)


def test_defaults(tmp_path: Path) -> None:
    """What is not said: all +, phase 0, nothing learnt or mitigated."""
    spec = read(tmp_path)
    assert (spec.design, spec.shots, spec.draws, spec.order) == ("full", 1000, None, None)
    assert (spec.phase, spec.label, spec.held_out, spec.learns) == (0.0, None, 0.25, False)
    assert spec.mitigation is None
    assert spec.plan == PlanGoal(0.1, 1e-6)


@pytest.mark.parametrize(
    ("schedule", "shots"),
    [
        ({"design": "random", "draws": 9}, 1),
        ({"design": "random3", "draws": 9}, 1),
        ({"design": "covering", "order": 2}, 1000),
        ({"design": "equatorial"}, 1000),
        ({"design": "symmetric"}, 1000),
    ],
)
def test_shots_of_each_design(tmp_path: Path, schedule: dict[str, Any], shots: int) -> None:
    """One shot a draw, a thousand a setting, unless said otherwise."""
    spec = read(tmp_path, schedule=schedule)
    assert spec.shots == shots
    assert (spec.draws, spec.order) == (schedule.get("draws"), schedule.get("order"))
    assert read(tmp_path, schedule=schedule | {"shots": 7}).shots == 7


def test_a_direction_that_is_learnt(tmp_path: Path) -> None:
    spec = read(tmp_path, estimate={"label": "learn", "phase": "learn", "held_out": 0.3})
    assert (spec.label, spec.phase, spec.held_out, spec.learns) == ("learn", "learn", 0.3, True)
    assert read(tmp_path, estimate={"phase": "learn"}).learns
    fixed = read(tmp_path, estimate={"label": "+-+-", "phase": -1})
    assert (fixed.label, fixed.phase, fixed.learns) == ("+-+-", -1.0, False)


def test_mitigation_and_plan(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.csv").write_text("")
    assert read(tmp_path, mitigation={}).mitigation == Mitigation("tensored", 10_000)
    found = read(tmp_path, mitigation={"method": "mthree", "shots": 50}).mitigation
    assert found == Mitigation("mthree", 50)
    given = {"calibration": "data/mine.csv"}
    data = {"state": {"family": "ghz", "n": 4}, "mitigation": given}
    spec = parse_spec(data, "calibration = 'data/mine.csv'", name="test", folder=tmp_path)
    assert spec.mitigation is not None
    assert spec.mitigation.calibration == tmp_path / "data" / "mine.csv"
    assert spec.portable_text() == "calibration = 'mine.csv'"
    plan = read(tmp_path, plan={"precision": 0.05, "p_value": 1e-9}).plan
    assert plan == PlanGoal(0.05, 1e-9)


def test_only_what_changes_the_shots_is_of_the_sampling(tmp_path: Path) -> None:
    """Another estimate or plan costs no shots; another order or calibration does."""
    (tmp_path / "mine.csv").write_text("")
    plain = read(tmp_path).sampling()
    assert plain == {
        "state": {"family": "ghz", "n": 4},
        "schedule": {"design": "full", "shots": 1000, "draws": None, "axis": "z"},
        "backend": {"name": "aer"},
    }
    estimate = {"label": "learn", "phase": 0.4, "held_out": 0.5}
    assert read(tmp_path, estimate=estimate, plan={"precision": 0.2}).sampling() == plain
    assert read(tmp_path, mitigation={"calibration": "mine.csv"}).sampling() == plain
    taken = read(tmp_path, mitigation={"shots": 9}).sampling()
    assert taken != plain
    assert taken == read(tmp_path, mitigation={"shots": 9, "method": "mthree"}).sampling()
    assert taken != read(tmp_path, mitigation={"shots": 8}).sampling()
    covering = [{"design": "covering", "order": order} for order in (2, 3)]
    two, three = (read(tmp_path, schedule=schedule).sampling() for schedule in covering)
    assert two != three
