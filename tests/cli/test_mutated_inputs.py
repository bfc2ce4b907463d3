"""Files that users bring, changed at random: read as they say, or refused in one line."""

import csv
import io
import json
import os
import random
import resource
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qpy
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector

from qbell import QbellError, read_shots
from qbell.campaigns.campaign import check_campaign
from qbell.campaigns.spec import read_spec
from qbell.circuits.files import read_preparation
from qbell.mitigation import read_calibration
from tests.conftest import Repeats
from tests.support.damage import damaged
from tests.support.paths import ROOT
from tests.support.runtime_results import claiming, job

MANY = int(os.environ.get("QBELL_INPUTS", "2000"))  # of each kind, nightly
SECONDS = 20.0  # of the processor, for one file
MEMORY = 2**20  # KiB more than before
CORPUS = ROOT / "tests/circuits/corpus"
LONG = ("large", "benchpress", "qft")  # not better, and slower
TABLES = {
    "full.csv": "setting,bitstring,count\nXX,00,8\nXX,11,2\nXY,01,10\nYX,10,10\nYY,00,3\nYY,11,7\n",
    "draws.csv": "setting,bitstring,count,draw,job\nXYX,001,1,0,1\nYYX,110,2,1,1\nXXX,111,1,2,2\n",
    "pauli.csv": "setting,bitstring,count,draw\nXYZ,001,1,0\nYZX,110,1,1\nZZZ,000,1,2\n",
    "angles.csv": "setting,bitstring,count\n0/3,00,9\n1/3,01,9\n2/3,11,9\n",
    "calibration.csv": "prepared,bitstring,count\n00,00,90\n00,01,10\n11,11,95\n11,10,5\n",
}
SCAN = b'[state]\nfamily = "ghz"\nn = 3\n[scan]\nangles = ["0pi", "1/12pi", 0.5]\n'
RESULTS: dict[str, Any] = {
    "counts.json": {"XY": {"01": 1, "10": 1}},
    "job.json": {"settings": ["XY"], "result": job()},
    "braket.json": {
        "settings": ["XY"],
        "result": [{"measurements": [[0, 1], [1, 1]], "measuredQubits": [0, 1]}],
    },
}
# Each of these has ended in a traceback, in a file opened, or in memory that nobody has.
FOUND: dict[str, bytes] = {
    "digits.json": b'{"XY": {"01": ' + b"9" * 5000 + b"}}",
    "digits.toml": b'[state]\nfamily = "ghz"\nn = ' + b"9" * 5000,
    "include.qasm": b"OPENQASM 2.0;\ninclude '/etc/passwd';\nqreg q[2];\nh q[0];\n",
    "panic.qasm": b"OPENQASM 2.0;\nqreg q[" + b"9" * 30 + b";\nh q[0];\n",
    "head.json": json.dumps({"settings": ["XY"], "result": job(claiming(2**40))}).encode(),
}


def circuit() -> QuantumCircuit:
    """Some of everything that QPY files hold."""
    made = QuantumCircuit(3, name="made", metadata={"a": 1})
    made.h(0)
    made.cx(0, 1)
    made.rx(0.3, 2)
    inner = QuantumCircuit(1, name="inner")
    inner.t(0)
    made.append(inner.to_gate(), [1])
    made.append(inner.to_gate().control(1), [1, 2])
    made.unitary(np.eye(4), [0, 2])
    made.rz(Parameter("t") * 2, 0)
    return made.assign_parameters({"t": 0.2})


def of_qpy() -> dict[str, bytes]:
    found = {}
    for version in (qpy.common.QPY_COMPATIBILITY_VERSION, 15, qpy.common.QPY_VERSION):
        file = io.BytesIO()
        qpy.dump(circuit(), file, version=version)
        found[f"{version}.qpy"] = file.getvalue()
    return found


def texts(paths: Any) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(paths)}


KINDS: dict[str, Any] = {
    "csv": lambda: {name: text.encode() for name, text in TABLES.items()},
    "toml": lambda: texts((ROOT / "experiments").glob("*.toml")) | {"scan.toml": SCAN},
    "json": lambda: {name: json.dumps(data).encode() for name, data in RESULTS.items()},
    "qasm": lambda: {
        name: text
        for name, text in texts(CORPUS.glob("*.qasm")).items()
        if not any(word in name for word in LONG) and len(text) < 1500
    },
    "qpy": of_qpy,
}


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    """A file that takes too long is an error, wherever it hangs in Python."""

    def end(*_: object) -> None:
        raise AssertionError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGVTALRM, end)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def is_read(path: Path) -> bool:
    """Whether a file is read, and then as it says; False if it is refused in one line."""
    message = ""
    try:
        read(path)
    except QbellError as error:
        message = str(error)
    assert message.isprintable()
    assert len(message) < 1000
    assert "root:" not in message
    return not message


def read(path: Path) -> None:
    """As the commands read it, and against a reader that shares no code."""
    if path.name.startswith("calibration"):
        assert read_calibration(path).num_qubits > 0
    elif path.suffix in (".csv", ".json"):
        shots = read_shots(path)
        if path.suffix == ".csv":
            rows = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
            assert shots.total == sum(int(row["count"]) for row in rows if row["count"])
    elif path.suffix == ".toml":
        spec = read_spec(path)
        if spec.scan is not None:
            assert spec.scan.shots > 1
            return
        said = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        if "n" in said["state"]:
            assert spec.num_qubits == said["state"]["n"]
        assert spec.shots == said.get("schedule", {}).get("shots", spec.shots)
        assert spec.family == said["state"].get("family")
        if spec.num_qubits <= 10:
            check_campaign(spec, spec.state().num_qubits)
    else:
        found = read_preparation(path)
        if path.suffix == ".qasm" and found.num_qubits <= 6:
            check_state(path, found.circuit)


def check_state(path: Path, found: QuantumCircuit) -> None:
    """Against Qiskit's own reader, where that takes the file as it is."""
    text = path.read_bytes().decode("utf-8-sig")
    if "include" in text.replace('include "qelib1.inc"', "") or "qelib1" not in text:
        return
    if "measure" in text:  # the order of its bits is that of the qubits
        return
    try:
        own = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        if own.num_qubits != found.num_qubits:
            return
        states = [Statevector(each).data for each in (own, found)]
    except Exception:  # Qiskit takes less, or it branches
        return
    if len(states[0]) == len(states[1]):  # else idle qubits were left out
        assert abs(np.vdot(*states)) > 1 - 1e-9


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(FOUND[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not is_read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_changed_at_random(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, repeats: Repeats
) -> None:
    """One to three changes each; the rest is as it was, so that much of it is still looked at."""
    whole = KINDS[kind]()
    seed = request.config.getoption("--seed")
    rng = random.Random(f"{kind} {seed or ''}")
    times, answers = repeats(12, MANY), set()
    for case in range(times):
        name = rng.choice(sorted(whole))
        content = whole[name]
        for _ in range(rng.choice((1, 1, 2, 3))):
            try:
                content = damaged(content, name, rng)
            except (ValueError, IndexError):  # no JSON or no text any more: enough is changed
                break
        path = tmp_path / name
        path.write_bytes(content)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = process_time()
        try:
            answers.add(is_read(path))
            assert process_time() - began < SECONDS
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
        except BaseException as error:  # Rust's panics are no Exception
            error.add_note(f"{name}, case {case}: {content[:3000]!r}")
            raise
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    assert False in answers
