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
        (["--phase", "x"], "give a finite number, 'learn' or 'svetlichny'"),
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


@pytest.mark.slow
def test_files_of_other_tools(qbell: Qbell, shots: package.Shots, tmp_path: Path) -> None:
    """The same shots with other names, letters and orders give the same certificate."""
    table = shots.frame
    mirrored = table.assign(
        basis=table["setting"].str[::-1].str.translate(str.maketrans("XY", "YZ")),
        outcome=table["bitstring"].str[::-1],
    ).drop(columns=["setting", "bitstring"])
    mirrored.to_csv(tmp_path / "shots.tsv.gz", index=False, sep="\t")
    shots.to_csv(tmp_path / "shots.csv")
    common = ["--label", "++--", "--resamples", 50, "--axis", "x", "--json"]
    wanted, _ = qbell("analyze", "shots.csv", *common)
    orders = ["--bit-order", "first", "--word-order", "first", "--letters", "paulis"]
    names = ["--column", "setting=basis", "--column", "bitstring=outcome"]
    found, _ = qbell("analyze", "shots.tsv.gz", *common, *orders, *names, "--out", "out")
    assert json.loads(found) == json.loads(wanted)
    again, _ = qbell("analyze", "out", "--label", "++--", "--resamples", 50, "--json")
    assert json.loads(again)["certificate"] == json.loads(wanted)["certificate"]


def test_a_job_beside_its_settings(qbell: Qbell, tmp_path: Path) -> None:
    counts = [{"00": 0.5, "11": 0.5}, {"01": 0.5, "10": 0.5}, {"01": 0.5, "10": 0.5}, {"00": 1.0}]
    (tmp_path / "job.json").write_text(json.dumps(counts))
    qbell("schedule", "-n", 2, "-o", "settings.csv")
    how = ["--settings", "settings.csv", "--shots", 100, "--resamples", 50, "--design", "full"]
    out, _ = qbell("analyze", "job.json", *how, "--json")
    summary = json.loads(out)
    assert (summary["settings"], summary["provenance"]) == (4, "mitigated")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["shots.csv", "--bit-order", "big"], "bit_order = 'big'; give 'last'"),
        (["shots.csv", "--letters", "abc"], "letters = 'abc' is unknown; give 'sigma'"),
        (["shots.csv", "--column", "setting"], "--column 'setting'; give each once, as OURS="),
        (["shots.csv", "--column", "setting=b"], "no column 'b' in the header"),
        (["shots.csv", "--settings", "a.csv"], "is a table, whose columns say it; leave settings"),
        (["shots.csv", "--shots", "5"], "is a table, whose columns say it; leave shots out"),
        (["none.parquet"], "none.parquet does not exist"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_mistakes_in_reading(
    qbell: Qbell, shots: package.Shots, arguments: list[str], says: str, tmp_path: Path
) -> None:
    shots.to_csv(tmp_path / "shots.csv")
    _, err = qbell("analyze", *arguments, code=2)
    assert says in err
    assert err.count("\n") == 1
