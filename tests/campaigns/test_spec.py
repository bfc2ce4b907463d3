"""Specs that are read as they stand. Specs with a fault: test_bad_input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbell import QbellError
from qbell.campaigns.spec import Spec, parse_spec, read_spec
from qbell.campaigns.spec_tables import Mitigation, PlanGoal
from qbell.circuits.preparation import Preparation
from qbell.states import FAMILIES, State


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


QASM = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input float[64] _gamma_0_;
input float[64] _gamma_1_;
qubit[2] q;
rx(theta) q[0];
ry(_gamma_0_) q[1];
cx q[0], q[1];
rz(_gamma_1_) q[0];
"""


def open_circuit(folder: Path, text: str) -> Spec:
    """A campaign on a circuit with inputs, as TOML."""
    (folder / "state.qasm").write_text(QASM)
    (folder / "spec.toml").write_text(f"[state]\ncircuit = 'state.qasm'\n{text}\n")
    return read_spec(folder / "spec.toml")


@pytest.mark.parametrize(
    "text",
    [
        "parameters = {theta = 0.3, gamma = [1, -2.5]}",
        "parameters = {theta = 0.3, 'gamma[0]' = 1, 'gamma[1]' = -2.5}",
        "[state.parameters]\ntheta = 0.3\n_gamma_0_ = 1.0\n_gamma_1_ = -2.5",
    ],
)
def test_inputs_of_a_circuit(tmp_path: Path, text: str) -> None:
    """Numbers for the inputs of a file, elements of an array by index or all at once."""
    spec = open_circuit(tmp_path, text)
    preparation = spec.state()
    assert isinstance(preparation, Preparation)
    circuit = preparation.circuit
    angles = [item.operation.params for item in circuit.data if item.operation.params]
    assert sorted(float(angle[0]) for angle in angles) == [-2.5, 0.3, 1.0]
    assert spec.sampling()["state"]["parameters"] == spec.inputs


def test_inputs_are_of_the_sampling(tmp_path: Path) -> None:
    """Other values prepare another state; without inputs the record is as it always was."""
    one, two = (
        open_circuit(tmp_path, f"parameters = {{theta = {theta}, gamma = [1, 2]}}").sampling()
        for theta in (0.3, 0.4)
    )
    assert one != two
    assert json.loads(json.dumps(one)) == one
    assert set(open_circuit(tmp_path, "").sampling()["state"]) == {"circuit", "text_of_circuit"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "inputs without a value (gamma[0], gamma[1], theta)"),
        ("parameters = {theta = 0.3, gamma = [1]}", "given 1 numbers"),
        ("parameters = {theta = 0.3, gamma = [1, 2], x = 1}", "no input x"),
        ("parameters = {theta = nan, gamma = [1, 2]}", "theta = nan"),
        ("parameters = {theta = 0.3, gamma = [1, inf]}", "gamma = inf"),
        ("parameters = {theta = true, gamma = [1, 2]}", "theta = True"),
        ("parameters = {theta = 'pi', gamma = [1, 2]}", "theta = 'pi'"),
        ("parameters = {theta = 1979-05-27, gamma = [1, 2]}", "finite number"),
        ("parameters = {theta = {a = 1}}", "theta = {'a': 1}"),
        ("parameters = 3", "parameters = 3; give names and values"),
        ("parameters = {theta = 0.3, gamma = [[1], 2]}", "gamma = [1]"),
        ("theta = 0.3", "circuit = and other keys"),
    ],
)
def test_inputs_that_do_not_fit(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(QbellError) as refused:
        open_circuit(tmp_path, text).state()
    assert words in str(refused.value)


def test_parameters_of_a_family_are_keys(tmp_path: Path) -> None:
    with pytest.raises(QbellError, match="write a family's own parameters as keys"):
        read(tmp_path, state={"family": "ising", "n": 4, "parameters": {"u": -1}})


@pytest.mark.parametrize(
    "state",
    [
        {"family": "ghz", "layout": "log"},
        {"family": "ising", "u": -1.5, "layers": 2, "angles": "uniform"},
        {"family": "ising", "u": -1, "fidelity": 0.9},
        {"family": "double-well", "u": -1, "layers": 1},
        {"family": "double-well", "u": -1, "fidelity": 0.9},
        {"family": "dicke", "ones": 1},
        {"family": "product", "theta": [0.1, 0.2, 0.3, 0.4], "phi": 0.5},
        {"family": "coherent", "theta": 1, "phi": 0.5},
        {"family": "twisting", "time": 0.3},
        {"family": "squeezed"},
        {"family": "squeezed", "time": 0.3},
        {"family": "graph", "shape": "ring"},
        {"family": "graph", "shape": "grid", "rows": 2},
        {"family": "graph", "edges": [[0, 1], [1, 2], [3, 1]]},
    ],
    ids=lambda state: ",".join(f"{key}={value}" for key, value in state.items()),
)
def test_parameters_of_every_family(tmp_path: Path, state: dict[str, Any]) -> None:
    """What a family takes is a key, lists too, and it is part of what decides the shots."""
    data = {"state": {"n": 4, **state}}
    spec = parse_spec(data, "", name="test", folder=tmp_path)
    given = {key: value for key, value in state.items() if key != "family"}
    assert spec.parameters == given
    assert spec.sampling()["state"] == {"n": 4, **state}
    assert json.loads(json.dumps(spec.sampling())) == spec.sampling()
    prepared = spec.state()
    assert isinstance(prepared, State)
    assert (prepared.family, prepared.num_qubits) == (state["family"], 4)


HOSTILE = [None, True, "x", "", [], [1, 2], {}, -1, 10**30, 1e308, float("nan"), float("-inf")]


@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_values_of_every_parameter(tmp_path: Path, family: str) -> None:
    """Whatever stands in the TOML is either a state or one clear refusal."""
    for name in FAMILIES[family].parameters():
        for value in HOSTILE:
            data = {"state": {"family": family, "n": 4, "u": -1.0, "theta": 0.3, "time": 0.3}}
            data["state"] |= {"shape": "ring"} if name != "edges" else {}
            taken = ("family", "n", *FAMILIES[family].parameters())
            data["state"] = {key: data["state"][key] for key in taken if key in data["state"]}
            data["state"][name] = value
            refusal, found = None, None
            try:
                found = parse_spec(data, "", name="test", folder=tmp_path).state()
            except QbellError as error:
                refusal = str(error)
            if refusal is None:
                assert isinstance(found, State)
                try:
                    assert np.isfinite(found.statevector()).all()
                except QbellError as error:  # seen only where the state is computed
                    refusal = str(error)
                    degenerate = "the two lowest energies differ" in refusal
                    assert degenerate, refusal
            else:
                assert refusal.startswith("test: ")
                assert "\n" not in refusal
