"""What `qbell analyze` takes of the arguments of `qbell.estimate`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from qiskit import QuantumCircuit

import qbell as package

Qbell = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def shots() -> package.Shots:
    """Of |0011> + |1100>, whose correlator of all qubits is ++--."""
    circuit = QuantumCircuit(4)
    circuit.h(3)
    circuit.cx(3, [2, 1, 0])
    circuit.x([0, 1])
    return package.sample(circuit, package.schedule(4, "random", draws=400, seed=1), seed=2)


@pytest.fixture
def analyze(qbell: Qbell, shots: package.Shots, tmp_path: Path) -> Callable[..., Any]:
    shots.to_csv(tmp_path / "shots.csv")

    def call(*arguments: object, code: int = 0) -> Any:
        out, err = qbell("analyze", "shots.csv", "--resamples", 50, "--json", *arguments, code=code)
        return json.loads(out) if code == 0 else err

    return call


@pytest.mark.parametrize("label", ["++--", "--++"])
def test_states_of_other_labels_are_certified(analyze: Callable[..., Any], label: str) -> None:
    certificate = analyze("--label", label)["certificate"]
    assert certificate["label"] == label
    assert certificate["nonlocality_depth"] == certificate["bell_qubits"] == 4
    assert certificate["p_value"] < 1e-12
    assert analyze("--label", "++++")["certificate"]["nonlocality_depth"] == 1


def test_it_is_the_python_call(analyze: Callable[..., Any], shots: package.Shots) -> None:
    asked = analyze("--label", "learn", "--phase", "-0.1", "--held-out", "0.4")["certificate"]
    same = package.estimate(shots, resamples=50, label="learn", phase=-0.1, held_out=0.4)
    assert asked["label"] == same.certificate.label
    assert asked["learned"]
    assert asked["phase"] == same.certificate.phase == -0.1
    assert asked["p_value"] == pytest.approx(same.certificate.p_value)


def test_by_jobs(qbell: Qbell, tmp_path: Path) -> None:
    part = package.sample(package.ghz(2), package.schedule(2), shots=40, seed=1).frame
    table = [part.assign(job=number) for number in range(12)]
    pd.concat(table).to_csv(tmp_path / "jobs.csv", index=False)

    def error(*more: str) -> float:
        out, _ = qbell("analyze", "jobs.csv", "--resamples", 50, "--json", *more)
        return float(json.loads(out)["bound"]["standard_error"])

    assert error() == error("--by-jobs") != error("--no-by-jobs")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--label", "+-"], "2 signs for n = 4"),
        (["--label", "+0-+"], "give + or - for each qubit"),
        (["--phase", "x"], "give a finite number, or 'learn'"),
        (["--phase", "nan"], "give a finite number"),
        (["--held-out", "0.3"], "nothing is learnt"),
        (["--label", "learn", "--held-out", "0.9"], "from 0.05 to 0.5"),
        (["--by-jobs"], "need a column job"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_mistakes(analyze: Callable[..., Any], arguments: list[str], says: str) -> None:
    message = analyze(*arguments, code=2)
    assert says in message
    assert message.count("\n") == 1
