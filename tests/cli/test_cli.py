"""The command line on good input: what it prints, what it writes, and that it can be repeated."""

import csv
import io
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

import numpy as np
import pandas as pd
import pytest
from qiskit.quantum_info import Statevector

from qbell.circuits.files import load_circuit
from qbell.cli import app
from qbell.library.check import prepared_fidelity
from tests.support.paths import ROOT
from tests.support.simulated import RESULT_FILES

COMMANDS = ("run", "analyze", "exact", "schedule", "circuit", "library")
ESTIMATES = ("bound", "e_n", "bound_by_order", "certificate")

SPEC = """\
seed = 7
[state]
family = "ghz"
n = 3
[schedule]
design = "full"
shots = 50
[estimate]
confidence = 0.95
resamples = 100
"""
DESIGNS = {
    "full": SPEC,
    "random": SPEC.replace('"full"\nshots = 50', '"random"\ndraws = 300'),
    "random in blocks": SPEC.replace('"full"\nshots = 50', '"random"\ndraws = 60\nshots = 4'),
    "full, any axis": SPEC.replace("shots = 50", "shots = 50\naxis = [0.6, 0.0, 0.8]"),
}


class Done(NamedTuple):
    """How a command ended."""

    code: object
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        return strict(self.out)


Qbell = Callable[..., Done]


def strict(text: str) -> dict[str, Any]:
    """The JSON object in ``text``; NaN, infinities or anything around the object are refused."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is no JSON")

    record = json.loads(text, parse_constant=refuse)
    assert isinstance(record, dict)
    return record


@pytest.fixture
def qbell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Qbell:
    """Run the command line in ``tmp_path``; it must end with ``code`` (None: any)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, code: int | None = 0) -> Done:
        monkeypatch.setattr(sys, "argv", ["qbell", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            app.run()
        said = capsys.readouterr()
        assert code is None or stopped.value.code == code, said.err
        return Done(stopped.value.code, said.out, said.err)

    return call


@pytest.fixture
def in_ascii(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints on a stdout that takes ASCII alone; nothing may go to stderr but where
    files are."""

    class Kept(io.BytesIO):
        def close(self) -> None:
            """The command closes what it has printed to."""

    def call(*arguments: object) -> str:
        raw = Kept()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
            err = qbell(*arguments).err
        assert err.startswith("nothing was written") or err == ""
        return raw.getvalue().decode("ascii")

    return call


def write_spec(folder: Path, text: str = SPEC, name: str = "spec.toml") -> Path:
    """A campaign in ``folder``."""
    path = folder / name
    path.write_text(text)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Names and bytes of the files in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def numbers_in(folder: Path) -> dict[str, bytes]:
    """As `contents`, but for the page, whose pictures number their parts at random."""
    return {name: text for name, text in contents(folder).items() if name != "report.html"}


def rewrite(
    source: Path, target: Path, *, shuffle: bool = False, quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
) -> Path:
    """A counts table as another program would hand it on."""
    table = pd.read_csv(source, dtype=str)
    if shuffle:
        table = table.sample(frac=1, random_state=3)
    table.to_csv(target, index=False, quoting=quoting)
    return target


def estimates(record: dict[str, Any]) -> dict[str, Any]:
    """The part of a summary that must not depend on how the shots were handed over."""
    return {name: record[name] for name in ESTIMATES}


# --- help ---------------------------------------------------------------------------------------


def example(text: str) -> list[str]:
    """The words of the example in a help text."""
    found = re.search(r"Example: (qbell .*?)(?:\n\s*\n|\Z)", text, re.DOTALL)
    assert found, text
    return shlex.split(found[1])


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_has_an_example(qbell: Qbell, command: str, option: str) -> None:
    """Help of each command goes to stdout, with an example of that very command."""
    done = qbell(command, option)
    assert done.err == ""
    assert example(done.out)[:2] == ["qbell", command]
    assert "--json" in done.out


def test_help_lists_the_commands(qbell: Qbell) -> None:
    """The help of qbell itself names every command."""
    text = qbell("--help").out
    assert all(re.search(rf"^\s+{command} ", text, re.MULTILINE) for command in COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_works(qbell: Qbell, tmp_path: Path, command: str) -> None:
    """What the help shows can be typed as it stands, in a checkout."""
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    arguments = example(qbell(command, "--help").out)[1:]
    done = qbell(*arguments)
    assert "Traceback" not in done.err
    if "-o" in arguments:
        assert (tmp_path / arguments[arguments.index("-o") + 1]).stat().st_size > 0


# --- what --json prints -------------------------------------------------------------------------

EXACT_KEYS = [
    "family",
    "n",
    "u",
    "axis",
    "energy",
    "qfi",
    "f0",
    "bound",
    "bound_by_order",
    "e_n",
    "log_e_n",
    "q",
    "bell_qubits",
    "nonlocality_depth",
    "entanglement_depth",
    "method",
]
SUMMARY_KEYS = [
    "n",
    "design",
    "settings",
    "shots",
    "provenance",
    "backend",
    "seed",
    "bound",
    "e_n",
    "exact",
    "certificate",
]
ESTIMATE_KEYS = ["value", "standard_error", "low", "high", "confidence"]
CERTIFICATE_KEYS = [
    "p_value",
    "bell_qubits",
    "nonlocality_depth",
    "entanglement_depth",
    "confidence",
    "no_signalling_p",
]


def check_summary(record: dict[str, Any]) -> None:
    """A summary has every promised key, and values that can be."""
    assert set(SUMMARY_KEYS) <= set(record)
    assert set(CERTIFICATE_KEYS) <= set(record["certificate"])
    for name in ("bound", "e_n"):
        estimate = record[name]
        assert set(ESTIMATE_KEYS) <= set(estimate)
        assert all(isinstance(estimate[key], float) for key in ESTIMATE_KEYS)
        assert 0 <= estimate["low"] <= estimate["high"]
        assert estimate["standard_error"] > 0
    if record["exact"] is not None:
        assert set(record["exact"]) >= {"qfi", "bound", "e_n"}


@pytest.mark.parametrize(
    "arguments",
    [
        "ghz -n 3",
        "ising -n 4 -u -1.5",
        "ising -n 4 -u 1.5",
        "double-well -n 4 -u -2",
        "plus -n 3",
        "w -n 3 --axis x",
        "dicke -n 4 --ones 1 --axis y",
        "ghz -n 2",
    ],
)
def test_exact_json(qbell: Qbell, arguments: str) -> None:
    """`exact` has every promised key; a null comes with its reason."""
    done = qbell("exact", *arguments.split(), "--json")
    record = done.record
    assert done.err == ""
    assert set(EXACT_KEYS) <= set(record)
    assert record["family"] == arguments.split(maxsplit=1)[0]
    assert record["bound"] == pytest.approx(sum(record["bound_by_order"]))
    assert record["bound"] <= record["qfi"] + 1e-9
    notes = " ".join(record["notes"])
    for key in EXACT_KEYS:
        assert record[key] is not None or key == "u" or key in notes


def test_exact_values_of_ghz(qbell: Qbell) -> None:
    """GHZ: QFI and bound N^2, E_{N,0} = 1/4."""
    record = qbell("exact", "ghz", "-n", "5", "--json").record
    assert record["qfi"] == pytest.approx(25)
    assert record["bound"] == pytest.approx(25)
    assert record["e_n"] == pytest.approx(0.25)
    assert record["q"] == pytest.approx(3)


def test_exact_without_a_value_is_an_error(qbell: Qbell) -> None:
    """Nothing but nulls is no success; a zero is a value."""
    done = qbell("exact", "ising", "-n", "5001", "-u", "-1", "--no-bound", "--json", code=2)
    assert "n = 5001: Ising chains are solved up to n = 5000" in done.err
    assert done.out == ""
    assert qbell("exact", "w", "-n", "50", "--no-bound", "--json").record["e_n"] == 0


@pytest.mark.slow
def test_exact_with_a_cutoff(qbell: Qbell) -> None:
    words = ("exact", "ising", "-n", "20", "-u", "-2", "--json")
    fine, coarse = (qbell(*words, "--cutoff", cutoff).record for cutoff in ("1e-9", "1e-4"))
    assert fine["bound"] == pytest.approx(coarse["bound"], rel=1e-3)
    assert fine["bound"] != coarse["bound"]


def test_exact_in_words(qbell: Qbell) -> None:
    """Without --json `exact` prints one quantity a line."""
    lines = dict(
        line.split(maxsplit=1) for line in qbell("exact", "ghz", "-n", "3").out.splitlines()
    )
    assert float(lines["qfi"]) == pytest.approx(9)
    assert lines["family"] == "ghz"


def test_schedule_json(qbell: Qbell) -> None:
    """`schedule` lists each setting of a full design once, XX..X first."""
    done = qbell("schedule", "-n", "3", "--json")
    record = done.record
    assert done.err == ""
    assert (record["n"], record["design"]) == (3, "full")
    assert record["settings"][:3] == ["XXX", "XXY", "XYX"]
    assert len(set(record["settings"])) == len(record["settings"]) == 8


def test_schedule_of_random_settings(qbell: Qbell, tmp_path: Path) -> None:
    """Draws come with their numbers, again for the same seed, and alike in every output."""
    options = ("schedule", "-n", "4", "--design", "random", "--draws", "30")
    printed = qbell(*options, "--seed", "5")
    record = qbell(*options, "--seed", "5", "--json").record
    assert (record["design"], record["seed"]) == ("random", 5)
    assert record["settings"] != qbell(*options, "--seed", "6", "--json").record["settings"]
    written = qbell(*options, "--seed", "5", "-o", "deep/settings.csv")
    assert written.out == ""
    assert (tmp_path / "deep" / "settings.csv").read_text() == printed.out
    table = pd.read_csv(tmp_path / "deep" / "settings.csv")
    assert table.columns.tolist() == ["setting", "draw"]
    assert table["draw"].tolist() == list(range(30))
    assert table["setting"].tolist() == record["settings"]


def test_schedule_records_the_seed_it_drew(qbell: Qbell) -> None:
    """Without --seed the settings can still be had again."""
    options = ("schedule", "-n", "4", "--design", "random", "--draws", "30", "--json")
    first = qbell(*options).record
    assert isinstance(first["seed"], int)
    assert qbell(*options, "--seed", first["seed"]).record == first


def test_circuit_json(qbell: Qbell) -> None:
    """`circuit` tells depth, two-qubit gates and fidelity."""
    done = qbell("circuit", "ghz", "-n", "4", "--json")
    record = done.record
    assert done.err == ""
    assert (record["family"], record["n"], record["two_qubit_gates"]) == ("ghz", 4, 3)
    assert record["depth"] == 3
    assert record["fidelity"] == pytest.approx(1)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["qasm", "qpy"])
def test_circuit_written_can_be_run(qbell: Qbell, tmp_path: Path, ending: str) -> None:
    """A circuit file is a state for `run`, with the exact values of the family it came from."""
    qbell("circuit", "ising", "-n", "3", "-u", "-1.5", "-o", f"state.{ending}", "--json")
    write_spec(tmp_path, SPEC.replace('family = "ghz"\nn = 3', f'circuit = "state.{ending}"'))
    record = qbell("run", "spec.toml", "--out", "out", "--json").record
    family = SPEC.replace('"ghz"', '"ising"').replace("n = 3", "n = 3\nu = -1.5")
    same = qbell("run", write_spec(tmp_path, family, "ising.toml"), "--json").record
    assert record["n"] == 3
    assert record["exact"]["bound"] == pytest.approx(same["circuit"]["bound"])


CIRCUIT_KEYS = [
    "family",
    "n",
    "u",
    "layout",
    "layers",
    "start",
    "backend",
    "depth",
    "two_qubit_gates",
    "two_qubit_depth",
    "measurements",
    "fidelity",
    "qubits",
    "wires",
    "predicted_fidelity",
    "prediction",
    "notes",
    "file",
]
EVERY_FAMILY = [
    "ghz -n 4",
    "ghz -n 4 --layout log",
    "ghz -n 4 --layout star",
    "ghz -n 4 --layout constant",
    "ising -n 4 -u -1.5",
    "ising -n 4 -u 1 --layers 2",
    "ising -n 4 -u -1 --fidelity 0.9 --angles uniform",
    "double-well -n 4 -u -1",
    "double-well -n 4 -u -1 --layers 1",
    "plus -n 3",
    "w -n 3",
    "dicke -n 4 --ones 1",
    "product -n 3 --theta 0.1,0.2,0.3 --phi -1",
    "coherent -n 3 --theta 0.4 --phi=-0.2",
    "twisting -n 3 --time 0.7",
    "squeezed -n 4",
    "graph -n 6 --shape grid --rows 2",
    "graph -n 4 --edges 0-1,1-3",
]


@pytest.mark.parametrize("words", EVERY_FAMILY)
def test_circuit_of_every_family(qbell: Qbell, words: str) -> None:
    """`circuit` has every promised key, the exact fidelity, and takes what the family takes."""
    done = qbell("circuit", *words.split(), "--json")
    record = done.record
    assert done.err == ""
    assert set(CIRCUIT_KEYS) == set(record)
    assert record["family"] == words.split(maxsplit=1)[0]
    variational = record["layers"] is not None
    assert variational == ("ising" in words or "--layers" in words)
    assert record["start"] in (("plus", "ghz") if variational else (None,))
    assert 0.9 <= record["fidelity"] <= 1 + 1e-12
    if not variational:
        assert record["fidelity"] == pytest.approx(1, abs=1e-9)
    assert (record["wires"], record["predicted_fidelity"], record["prediction"]) == (None,) * 3
    assert record["qubits"] == list(range(record["n"]))
    assert (record["measurements"] > 0) == ("constant" in words)


@pytest.mark.parametrize("words", [words for words in EVERY_FAMILY if "layout" not in words])
def test_exact_of_every_family(qbell: Qbell, words: str) -> None:
    """`exact` takes the same words."""
    record = qbell("exact", *words.split(), "--json").record
    assert record["family"] == words.split(maxsplit=1)[0]
    assert record["bound"] <= record["qfi"] + 1e-9


def test_parameters_reach_the_state(qbell: Qbell) -> None:
    """QFI of a coherent state along z: N sin^2 theta; of |+> twisted by pi/2 along x: N^2."""
    record = qbell("exact", "coherent", "-n", "5", "--theta", "0.4", "--json").record
    assert record["qfi"] == pytest.approx(5 * np.sin(0.4) ** 2)
    theta = "0.3,0.9,-0.2"
    record = qbell("exact", "product", "-n", "3", "--theta", theta, "--json").record
    assert record["qfi"] == pytest.approx(sum(np.sin([0.3, 0.9, -0.2]) ** 2))
    edges = qbell("circuit", "graph", "-n", "5", "--edges", "0-1,2-4", "--json").record
    assert edges["two_qubit_gates"] == 2


@pytest.mark.slow
def test_circuit_at_any_size(qbell: Qbell) -> None:
    """40 qubits are prepared just as well; their fidelity is known, not seen by a state vector."""
    record = qbell("circuit", "ghz", "-n", "40", "--json").record
    assert record["two_qubit_gates"] == 39
    assert record["fidelity"] == 1
    assert any("16" in note for note in record["notes"])
    record = qbell("circuit", "ising", "-n", "40", "-u", "-3", "--layers", "1", "--json").record
    assert 0.5 < record["fidelity"] < 1
    assert (record["layers"], record["start"]) == (1, "ghz")


@pytest.mark.device
@pytest.mark.parametrize(
    "words", ["ghz -n 6", "ising -n 4 -u -1 --layers 1", "graph -n 4 --shape ring"]
)
def test_circuit_on_a_device(qbell: Qbell, words: str) -> None:
    """Where it runs, and what its calibration predicts: the circuit's own fidelity times gates
    times idling, readout apart."""
    record = qbell("circuit", *words.split(), "--backend", "fake_torino", "--json").record
    assert record["backend"] == "fake_torino"
    assert len(set(record["wires"])) == record["n"] == len(record["wires"])
    assert set(record["prediction"]) == {"gates", "idle", "readout"}
    assert all(0 < part < 1 for part in record["prediction"].values())
    assert record["qubits"] == record["wires"]
    parts = record["prediction"]["gates"] * record["prediction"]["idle"] * record["fidelity"]
    assert record["predicted_fidelity"] == pytest.approx(parts)
    assert (record["fidelity"] < 0.9999) == ("ising" in words)
    assert record["two_qubit_gates"] >= record["n"] - 1


@pytest.mark.device
def test_what_is_written_is_what_is_counted(qbell: Qbell, tmp_path: Path) -> None:
    """With a device -o writes the compiled circuit, on all its wires; without, the plain one."""
    options = ("circuit", "w", "-n", "3", "--json")
    device = ("--backend", "fake_manila")
    compiled = qbell(*options, *device, "-o", "compiled.qpy").record
    plain = qbell(*options, "-o", "plain.qpy").record
    for name, record, width in (("compiled", compiled, 5), ("plain", plain, 3)):
        circuit = load_circuit(tmp_path / f"{name}.qpy")
        assert circuit.num_qubits == width
        assert circuit.depth() == record["depth"]
        assert record["file"] == f"{name}.qpy"
    amplitudes = Statevector(load_circuit(tmp_path / "compiled.qpy")).data
    single = [1 << wire for wire in compiled["wires"]]
    assert np.abs(amplitudes[single]) ** 2 == pytest.approx([1 / 3] * 3)


@pytest.mark.device
def test_a_file_says_which_qubits_carry_the_state(qbell: Qbell, tmp_path: Path) -> None:
    """In capitals too; read back as it is, it has more qubits, and that is said."""
    device = ("--backend", "fake_manila", "--json")
    record = qbell("circuit", "ghz", "-n", "3", *device, "-o", "ghz.QASM").record
    lines = (tmp_path / "ghz.QASM").read_text().splitlines()
    carriers = ", ".join(f"${wire}" for wire in record["qubits"])
    assert lines[1] == (
        f"// ghz, n = 3, layout = {record['layout']}, compiled for fake_manila, which has 5 qubits"
    )
    assert lines[2] == f"// Qubits 0 to 2 of the state, in this order: {carriers}"
    circuit = load_circuit(tmp_path / "ghz.QASM")
    amplitudes = Statevector(circuit).data
    ones = sum(1 << wire for wire in record["qubits"])
    assert np.abs(amplitudes[[0, ones]]) ** 2 == pytest.approx([0.5, 0.5])
    qbell("circuit", "ghz", "-n", "3", *device, "-o", "ghz.QPY")
    assert carriers in load_circuit(tmp_path / "ghz.QPY").metadata["comment"]
    # QPY keeps the layout, and so is read as the two qubits of the state.
    qbell("circuit", "w", "-n", "2", *device, "-o", "w.qpy")
    assert qbell("exact", "w.qpy", "--no-bound", "--json").record["n"] == 2
    wide = qbell("circuit", "w", "-n", "2", *device, "-o", "w.qasm").record
    circuit = load_circuit(tmp_path / "w.qasm")
    for words in (("exact", "w.qasm", "--no-bound"), ("circuit", "w.qasm")):
        notes = qbell(*words, "--json").record["notes"]
        idle = circuit.num_qubits - len(wide["wires"])
        said = f"circuit: {idle} of its 5 qubits are neither used nor measured"
        assert any(said in note for note in notes)
    state = SPEC.replace('family = "ghz"\nn = 3', 'circuit = "w.qasm"')
    done = qbell("run", write_spec(tmp_path, state), "--out", "out", "--json")
    assert any(said in note for note in done.record["notes"])
    assert any(said in note for note in qbell("plan", "spec.toml", "--json").record["notes"])
    assert not any(
        "neither used nor measured" in note
        for note in qbell("circuit", "w", "-n", "2", "--json").record["notes"]
    )


@pytest.mark.slow
def test_a_file_that_measures_is_read_alike_by_all(qbell: Qbell, tmp_path: Path) -> None:
    """And each says what it left out."""
    text = (
        'include "hqslib1.inc";\nqreg q[7]; creg c[3];\nU1q(pi/2,pi/2) q[4]; ZZ q[4],q[2];\n'
        "RZZ(0.3) q[2],q[6]; U1q(0.4,0) q[6];\n"
        "measure q[4]->c[2]; measure q[2]->c[0]; measure q[6]->c[1];\n"
    )
    (tmp_path / "vendor.qasm").write_text(text)
    said = ("4 of its 7 qubits are neither used", "by their bits: q[2], q[6], q[4]")
    spec = write_spec(tmp_path, SPEC.replace('family = "ghz"\nn = 3', 'circuit = "vendor.qasm"'))
    records = [
        qbell(*words, "--json").record
        for words in (
            ("exact", "vendor.qasm"),
            ("circuit", "vendor.qasm"),
            ("plan", spec),
            ("run", spec, "--out", "out"),
        )
    ]
    for record in records:
        assert record["n"] == 3
        for word in said:
            assert sum(word in note for note in record["notes"]) == 1
    assert records[3]["exact"]["qfi"] == pytest.approx(records[0]["qfi"])


def test_a_file_of_constant_depth_names_its_registers(qbell: Qbell, tmp_path: Path) -> None:
    """As the library's files do: the state on q, its qubit 0 first."""
    words = ("circuit", "ghz", "-n", "4", "--layout", "constant", "--json")
    record = qbell(*words, "-o", "ghz.qasm").record
    text = (tmp_path / "ghz.qasm").read_text()
    assert "// The state is that of the register q" in text
    assert "qubit[4] q;" in text
    assert "qubit[3] ancilla;" in text
    assert (record["qubits"], record["wires"]) == ([0, 1, 2, 3], None)
    circuit = load_circuit(tmp_path / "ghz.qasm")
    target = np.zeros(16)
    target[[0, -1]] = 0.5**0.5
    assert prepared_fidelity(circuit, target) == pytest.approx(1, abs=1e-12)


@pytest.mark.device
def test_measured_uses_the_qubits_of_a_campaign(qbell: Qbell) -> None:
    """The choice with readout reads better; the choice without has the better state."""
    from qbell.devices.backends import find_backend
    from qbell.states.ghz import GHZ

    words = ("circuit", "ghz", "-n", "4", "--backend", "fake_torino", "--json")
    alone, measured = qbell(*words).record, qbell(*words, "--measured").record
    expected = GHZ(4).preparation(find_backend("fake_torino"), measured=True)
    assert tuple(measured["wires"]) == expected.wires

    def shown(record: dict[str, Any]) -> float:
        return float(record["predicted_fidelity"] * record["prediction"]["readout"])

    assert shown(measured) >= shown(alone)
    words = ("circuit", "w", "-n", "3", "--backend", "fake_torino", "--json", "--measured")
    assert len(set(qbell(*words).record["wires"])) == 3


@pytest.mark.device
def test_broken_couplings_are_named(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Predicted 0 is no number to leave unexplained."""
    from qbell.devices.layout import predicted_fidelity as prediction

    def broken(*_: object) -> prediction.Prediction:
        return prediction.Prediction(0.0, 0.9, 0.9)

    words = ("circuit", "w", "-n", "3", "--backend", "fake_manila", "--json")
    assert not any("broken" in note for note in qbell(*words).record["notes"])
    monkeypatch.setattr(prediction, "predict", broken)
    record = qbell(*words).record
    assert record["predicted_fidelity"] == 0
    assert any("reports as broken" in note for note in record["notes"])


# --- drawings -----------------------------------------------------------------------------------


def test_a_drawing_follows_the_record(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folded to the width there is: no line is longer."""
    for columns in (60, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        out = qbell("circuit", "double-well", "-n", "4", "-u", "-1", "--draw").out
        record, drawing = out.split("q_0:", 1)
        assert "two_qubit_gates" in record
        lines = drawing.splitlines()
        assert max(map(len, lines)) <= columns
        assert {f"q_{qubit}:" in drawing for qubit in (1, 2, 3)} == {True}


@pytest.mark.slow
def test_a_drawing_in_json(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    """One object still, with one more key."""
    monkeypatch.setenv("COLUMNS", "80")
    options = ("circuit", "ghz", "-n", "3")
    record = qbell(*options, "--draw", "--json").record
    drawing = record.pop("drawing")
    assert record == qbell(*options, "--json").record
    assert qbell(*options, "--draw").out.endswith(drawing + "\n")
    assert qbell(*options).out == qbell(*options, "--draw").out.replace(drawing + "\n", "")


@pytest.mark.slow
def test_a_drawing_in_ascii(in_ascii: Callable[..., str]) -> None:
    """Where stdout takes ASCII alone the boxes are drawn with its signs, without a warning."""
    text = in_ascii("circuit", "ghz", "-n", "3", "--draw")
    drawing = text[text.index("q_0:") :]
    assert "?" not in drawing
    assert "+ X +" in drawing


# --- circuits of one's own ----------------------------------------------------------------------

OPEN_QASM = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] theta;
input float[64] _phi_0_;
input float[64] _phi_1_;
qubit[2] q;
ry(theta) q[0];
cx q[0], q[1];
rz(_phi_0_) q[0];
rz(_phi_1_) q[1];
"""
SET = ("--set", "theta=1.2", "--set", "phi=0.1,-0.4")


@pytest.mark.slow
def test_exact_and_circuit_of_a_file(qbell: Qbell, tmp_path: Path) -> None:
    """cos |00> + sin |11>: QFI 4 sin^2 theta, whatever the phases."""
    (tmp_path / "mine.qasm").write_text(OPEN_QASM)
    record = qbell("exact", "mine.qasm", *SET, "--json").record
    assert record["family"] is None
    assert record["n"] == 2
    assert record["qfi"] == pytest.approx(4 * np.sin(1.2) ** 2)
    same = ("--set", "_phi_0_=0.1", "--set", "phi[1]=-0.4", "--set", "theta=1.2")
    assert qbell("exact", "mine.qasm", *same, "--json").record == record
    record = qbell("circuit", "mine.qasm", *SET, "-n", "2", "-o", "bound.qpy", "--json").record
    assert (record["family"], record["n"], record["two_qubit_gates"]) == (None, 2, 1)
    assert record["fidelity"] is None
    assert any("fidelity" in note for note in record["notes"])
    again = qbell("exact", "bound.qpy", "--json").record
    assert again["qfi"] == pytest.approx(4 * np.sin(1.2) ** 2)


@pytest.mark.slow
def test_a_campaign_on_a_file_with_inputs(qbell: Qbell, tmp_path: Path) -> None:
    """It runs, resumes, can be moved, and other values are another campaign."""
    (tmp_path / "mine.qasm").write_text(OPEN_QASM)
    state = 'circuit = "mine.qasm"\nparameters = {theta = 1.2, phi = [0.1, -0.4]}'
    spec = write_spec(tmp_path, SPEC.replace('family = "ghz"\nn = 3', state))
    first = qbell("run", spec, "--out", "out", "--json").record
    assert first["exact"]["qfi"] == pytest.approx(4 * np.sin(1.2) ** 2)
    assert "already" in qbell("run", spec, "--out", "out", "--json").err
    shutil.copytree(tmp_path / "out", tmp_path / "moved")
    assert qbell("analyze", "moved", "--json").record == first
    other = write_spec(tmp_path, spec.read_text().replace("1.2", "1.3"), "other.toml")
    assert "another campaign" in qbell("run", other, "--out", "out", code=2).err


# --- the library --------------------------------------------------------------------------------


@pytest.mark.slow
def test_library_is_written_and_checked(qbell: Qbell, tmp_path: Path) -> None:
    """Twice the same bytes; what was tampered with is found."""
    families = ("--family", "w", "--family", "graph")
    record = qbell("library", *families, "--out", "one", "--json").record
    qbell("library", *families, "--out", "two")
    files = {path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*")}
    assert len(files) == record["files"] + 2
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    checked = qbell("library", "--check", "one", "--json").record
    assert checked == {"folder": "one", "files": record["files"], "compared": record["files"]}
    qbell("library", "--family", "coherent", "--out", "one")
    both = qbell("library", "--check", "one", "--json").record
    assert both["compared"] == both["files"] > record["files"]
    path = tmp_path / "one" / "w" / "n=4.qasm"
    path.write_text(path.read_text() + "z q[0];\n")
    err = qbell("library", "--check", "one", code=2).err
    assert err.startswith("error: one/w/n=4.qasm: depth: ")
    path.unlink()
    err = qbell("library", "--check", "one", code=2).err
    assert err.startswith("error: one/w/n=4.qasm: it is not there; restore it")
    page = tmp_path / "one" / "README.md"
    page.write_bytes(b"\xff")
    table = tmp_path / "one" / "circuits.csv"
    table.write_text(table.read_text().replace("w/n=4.qasm,w,", "wz/n=4.qasm,wz,", 1))
    err = qbell("library", "--check", "one", code=2).err
    assert err.startswith("error: one/wz/n=4.qasm: the library has no family 'wz' (and 1 more")
    assert len(err.splitlines()) == 1


# --- hostile words ------------------------------------------------------------------------------

HOSTILE = [
    "circuit ghz -n 0",
    "circuit ghz -n 1000000000",
    "circuit ghz -n 99999999999999999999999",
    "circuit ghz -n 4 --layout foo",
    "circuit ghz -n 4 --layout tree",
    "circuit ghz -n 4 --backend fake_nope",
    "circuit ghz -n 4 --backend fake_manila --layout constant",
    "circuit ghz -n 4 -o /dev/null/x.qasm",
    "circuit ghz -n 4 -o folder.qasm",
    "circuit ghz -n 4 -o x.txt",
    "circuit ghz -n 4 --theta 1",
    "circuit ghz -n 4 --set theta=1",
    "circuit ising -n 4 -u -1 --layers -1",
    "circuit ising -n 4 -u -1 --layers 1000000000",
    "circuit ising -n 4 -u -1 --fidelity nan",
    "circuit ising -n 4 -u -1 --fidelity 1",
    "circuit ising -n 4 -u -1 --angles foo",
    "circuit double-well -n 4 -u -1 --layers -1",
    "circuit double-well -n 4 -u -1 --fidelity 2",
    "circuit coherent -n 4",
    "circuit coherent -n 4 --theta nan",
    "circuit coherent -n 4 --theta 0.1,0.2,0.3,0.4",
    "circuit coherent -n 4 --theta 0.1 --phi inf",
    "circuit coherent -n 4 --theta=--",
    "circuit product -n 4 --theta 0.1,0.2",
    "circuit product -n 4 --theta 0.1,,0.2,0.3",
    "circuit product -n 4 --theta=",
    "circuit twisting -n 4",
    "circuit twisting -n 4 --time nan",
    "circuit twisting -n 4 --time -inf",
    "circuit squeezed -n 4 --time nan",
    "circuit graph -n 4",
    "circuit graph -n 4 --shape torus",
    "circuit graph -n 5 --shape grid --rows 2",
    "circuit graph -n 4 --shape grid --rows 0",
    "circuit graph -n 4 --edges 0-4",
    "circuit graph -n 4 --edges 1-1",
    "circuit graph -n 4 --edges 0-1,1",
    "circuit graph -n 4 --edges a-b",
    "circuit graph -n 4 --edges 0-1 --shape ring",
    "circuit ghz -n 500 --draw -o x.qasm",
    "circuit inf.qasm -o x.qasm",
    "exact inf.qasm",
    "exact wide.qasm",
    "circuit nothing.qasm",
    "circuit folder.qasm",
    "circuit mine.qasm",
    "circuit mine.qasm --set theta=1",
    "circuit mine.qasm --set theta=1 --set phi=1",
    "circuit mine.qasm --set theta=1 --set phi=1,2 --set theta=2",
    "circuit mine.qasm --set theta=1 --set phi=1,2 --set x=2",
    "circuit mine.qasm --set theta=nan --set phi=1,2",
    "circuit mine.qasm --set theta --set phi=1,2",
    "circuit mine.qasm --set =1 --set phi=1,2",
    "circuit mine.qasm --set theta=1 --set phi=1,2 -n 3",
    "circuit mine.qasm --set theta=1 --set phi=1,2 -u -1",
    "exact mine.qasm --set theta=1",
    "exact mine.qasm --set theta=1e300 --set phi=1,2",
    "exact coherent -n 4 --theta nan",
    "exact twisting -n 4",
    "exact graph -n 1000000 --shape complete",
    "scan coherent --n 4,6",
    "scan graph --n 4,6",
    "scan twisting --n 4,6 --u -1",
    "library --out /dev/null/x --family w",
    "library --out here --family wz",
    "library --check nowhere",
    "library --check folder.qasm --out here",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words(qbell: Qbell, tmp_path: Path, words: str) -> None:
    """One line, no traceback, exit code 2, and nothing is left behind."""
    (tmp_path / "folder.qasm").mkdir()
    (tmp_path / "mine.qasm").write_text(OPEN_QASM)
    two = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nrx(1e400) q[0];\n'
    (tmp_path / "inf.qasm").write_text(two)
    (tmp_path / "wide.qasm").write_text("OPENQASM 3.0;\nqubit[100000000] q;\n")
    before = set(tmp_path.rglob("*"))
    done = qbell(*words.split(), code=2)
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert len(done.err.splitlines()) == 1
    assert len(done.err) < 500
    assert set(tmp_path.rglob("*")) == before


# --- run ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.pictures
@pytest.mark.parametrize("name", DESIGNS)
def test_run_writes_the_promised_files(qbell: Qbell, tmp_path: Path, name: str) -> None:
    """Six files with the promised columns, and a summary equal to what is printed."""
    done = qbell("run", write_spec(tmp_path, DESIGNS[name]), "--out", "out", "--json")
    folder = tmp_path / "out"
    assert set(contents(folder)) == RESULT_FILES
    check_summary(done.record)
    assert strict((folder / "summary.json").read_text()) == done.record
    assert (folder / "spec.toml").read_text() == DESIGNS[name]

    random = "random" in name
    counts = pd.read_csv(folder / "counts.csv", dtype=str)
    columns = ["setting", "bitstring", "count", *(["draw"] if random else [])]
    assert counts.columns.tolist() == columns
    assert counts["setting"].str.fullmatch("[XY]{3}").all()
    assert counts["bitstring"].str.fullmatch("[01]{3}").all()
    total = {"full": 400, "random": 300, "random in blocks": 240, "full, any axis": 400}[name]
    assert counts["count"].astype(int).sum() == total == done.record["total_shots"]

    table = pd.read_csv(folder / "correlators.csv", dtype={"label": str})
    promised = (
        "label n_plus n_minus order value standard_error low high local_bound "
        "simultaneous_low simultaneous_high degenerate provenance"
    )
    assert table.columns.tolist() == promised.split()
    assert len(set(table["label"])) == len(table) == 27
    assert not table.isna().to_numpy().any()
    assert (table["order"] == table["n_plus"] + table["n_minus"]).all()
    assert np.allclose(table["local_bound"], 0.5 ** table["order"])
    whole = table.set_index("label").loc["+++"]
    for key in ("value", "standard_error", "low", "high"):
        assert whole[key] == pytest.approx(done.record["e_n"][key], rel=1e-12)

    record = strict((folder / "run.json").read_text())
    promised = "axis design shots seed backend provenance versions spec"
    assert set(promised.split()) <= set(record)
    assert (record["seed"], record["backend"], record["provenance"]) == (7, "aer", "raw")
    assert record["design"] == name.split(",", maxsplit=1)[0].split(maxsplit=1)[0]
    assert record["spec"] == DESIGNS[name]
    assert record["versions"]["qbell"]
    assert "<html" in (folder / "report.html").read_text().lower()


@pytest.mark.slow
@pytest.mark.pictures
@pytest.mark.parametrize("name", ["full", "random"])
def test_nan_never_appears(qbell: Qbell, tmp_path: Path, name: str) -> None:
    """Neither in what is printed nor in any file."""
    text = DESIGNS[name].replace('"ghz"', '"plus"')
    shown = qbell("run", write_spec(tmp_path, text), "--out", "out")
    for part in (shown.out, shown.err, *map(bytes.decode, contents(tmp_path / "out").values())):
        assert not re.search(r"\b(nan|inf|infinity)\b", part, re.IGNORECASE)


@pytest.mark.parametrize(
    ("shots", "state"),
    [("shots = 2", "ghz"), ("shots = 2", "plus"), ('design = "random"\ndraws = 2', "plus")],
)
def test_fewest_shots(qbell: Qbell, tmp_path: Path, shots: str, state: str) -> None:
    """The smallest data sets that can be estimated give numbers, not NaN."""
    text = f'seed = 1\n[state]\nfamily = "{state}"\nn = 2\n[schedule]\n{shots}\n'
    done = qbell("run", write_spec(tmp_path, text), "--out", "out", "--json")
    assert set(SUMMARY_KEYS) <= set(done.record)
    for name in ("bound", "e_n"):
        assert all(isinstance(done.record[name][key], float) for key in ESTIMATE_KEYS)
    for part in map(bytes.decode, contents(tmp_path / "out").values()):
        assert not re.search(r"\b(nan|inf|infinity)\b", part, re.IGNORECASE)


@pytest.mark.slow
def test_default_folder(qbell: Qbell, tmp_path: Path) -> None:
    """Without --out the results lie in results/, under the spec's name."""
    done = qbell("run", write_spec(tmp_path, name="small.toml"))
    assert set(contents(tmp_path / "results" / "small")) == RESULT_FILES
    assert "results/small" in done.err


@pytest.mark.slow
def test_run_in_words(qbell: Qbell, tmp_path: Path) -> None:
    """Without --json a table with the numbers of the summary, nothing cut off."""
    text = qbell("run", write_spec(tmp_path), "--out", "out").out
    summary = strict((tmp_path / "out" / "summary.json").read_text())
    assert "ghz, N = 3" in text
    assert "…" not in text
    bound = re.search(r"QFI bound\D+24\s+([\d.]+) ± ([\d.]+)", text)
    assert bound
    assert float(bound[1]) == pytest.approx(summary["bound"]["value"], rel=0.05)
    for word in ("95 %", "shot noise", "Heisenberg", "entanglement depth", "p-value"):
        assert word in text


@pytest.mark.slow
def test_one_seed_one_result(qbell: Qbell, tmp_path: Path) -> None:
    """Two runs with one seed are the same in every number; another seed gives other shots."""
    spec = write_spec(tmp_path)
    first = qbell("run", spec, "--out", "a", "--json").record
    second = qbell("run", spec, "--out", "b", "--json").record
    third = qbell("run", spec, "--out", "c", "--seed", "8", "--json").record
    assert first == second
    assert numbers_in(tmp_path / "a") == numbers_in(tmp_path / "b")
    assert (first["seed"], third["seed"]) == (7, 8)
    assert contents(tmp_path / "a")["counts.csv"] != contents(tmp_path / "c")["counts.csv"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "random"])
def test_seed_that_was_drawn_is_recorded(qbell: Qbell, tmp_path: Path, name: str) -> None:
    """A run without a seed can be repeated with the one in its run.json."""
    spec = write_spec(tmp_path, DESIGNS[name].replace("seed = 7\n", ""))
    first = qbell("run", spec, "--out", "a", "--json").record
    seed = strict((tmp_path / "a" / "run.json").read_text())["seed"]
    assert isinstance(seed, int)
    assert first["seed"] == seed
    again = qbell("run", spec, "--out", "b", "--seed", seed, "--json").record
    assert again == first
    assert numbers_in(tmp_path / "a") == numbers_in(tmp_path / "b")
    third = qbell("run", spec, "--out", "c", "--json").record
    assert third["seed"] != seed


# --- resuming -----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "random"])
@pytest.mark.parametrize("seed", ["seed = 7\n", ""], ids=["seed", "no seed"])
def test_second_run_takes_no_shots(qbell: Qbell, tmp_path: Path, name: str, seed: str) -> None:
    """The same campaign into the same folder uses the shots that are there, and says so."""
    spec = write_spec(tmp_path, DESIGNS[name].replace("seed = 7\n", seed))
    first = qbell("run", spec, "--out", "out", "--json")
    before = numbers_in(tmp_path / "out")
    second = qbell("run", spec, "--out", "out", "--json")
    assert "already" not in first.err
    assert "already holds these shots" in second.err
    assert numbers_in(tmp_path / "out") == before
    assert second.record == first.record


@pytest.mark.slow
def test_other_estimate_takes_no_shots(qbell: Qbell, tmp_path: Path) -> None:
    """Another [estimate] is a new analysis of the same shots."""
    qbell("run", write_spec(tmp_path), "--out", "out")
    counts = (tmp_path / "out" / "counts.csv").read_bytes()
    other = write_spec(tmp_path, SPEC.replace("0.95", "0.8").replace("= 100", "= 150"))
    done = qbell("run", other, "--out", "out", "--json")
    assert "already holds these shots" in done.err
    assert (tmp_path / "out" / "counts.csv").read_bytes() == counts
    assert done.record["bound"]["confidence"] == 0.8
    assert strict((tmp_path / "out" / "summary.json").read_text()) == done.record


@pytest.mark.slow
def test_folder_keeps_the_spec_it_was_analysed_with(qbell: Qbell, tmp_path: Path) -> None:
    """After another [estimate], spec.toml and summary.json of the folder still belong together."""
    qbell("run", write_spec(tmp_path), "--out", "out")
    other = write_spec(tmp_path, SPEC.replace("0.95", "0.8"))
    done = qbell("run", other, "--out", "out", "--json")
    assert (tmp_path / "out" / "spec.toml").read_text() == other.read_text()
    assert qbell("analyze", "out", "--json").record == done.record


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "random"])
@pytest.mark.parametrize(
    "lost",
    [
        ("run.json", "correlators.csv", "summary.json", "report.html"),
        ("counts.csv", "run.json", "correlators.csv", "summary.json", "report.html"),
        ("correlators.csv", "summary.json", "report.html"),
        ("summary.json",),
    ],
    ids=["before run.json", "before counts.csv", "before results", "before summary.json"],
)
def test_interrupted_run_goes_on(
    qbell: Qbell, tmp_path: Path, name: str, lost: tuple[str, ...]
) -> None:
    """A run that was stopped after any of its files ends like one that was not."""
    spec = write_spec(tmp_path, DESIGNS[name])
    first = qbell("run", spec, "--out", "out", "--json").record
    whole = numbers_in(tmp_path / "out")
    for file in lost:
        (tmp_path / "out" / file).unlink()
    done = qbell("run", spec, "--out", "out", "--json")
    assert done.record == first
    assert numbers_in(tmp_path / "out") == whole
    assert set(contents(tmp_path / "out")) == RESULT_FILES
    assert ("already" in done.err) == ("run.json" not in lost)


@pytest.mark.slow
def test_stopped_while_writing_counts(
    qbell: Qbell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C is one line and exit code 130; nothing half-written stays, and the run goes on."""

    def stop(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    spec = write_spec(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_csv", stop)
        done = qbell("run", spec, "--out", "out", code=130)
    assert done.out == ""
    assert done.err == f"error: stopped; to go on: qbell run {spec} --out out\n"
    assert set(contents(tmp_path / "out")) <= {"spec.toml"}
    assert "already" not in qbell("run", spec, "--out", "out").err
    assert set(contents(tmp_path / "out")) == RESULT_FILES


CHANGES = {
    "seed": ("seed = 7", "seed = 8"),
    "state": ('"ghz"', '"plus"'),
    "n": ("n = 3", "n = 2"),
    "shots": ("shots = 50", "shots = 51"),
    "design": ('"full"\nshots = 50', '"random"\ndraws = 50'),
    "axis": ("shots = 50", 'shots = 50\naxis = "x"'),
    "backend": ("[estimate]", '[backend]\nname = "fake_manila"\n[estimate]'),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_other_campaign_in_the_folder_is_refused(qbell: Qbell, tmp_path: Path, change: str) -> None:
    """Whatever decides which shots are taken must be the same, or the folder is left alone."""
    qbell("run", write_spec(tmp_path), "--out", "out")
    before = contents(tmp_path / "out")
    other = write_spec(tmp_path, SPEC.replace(*CHANGES[change]), "other.toml")
    done = qbell("run", other, "--out", "out", "--json", code=2)
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert len(done.err.splitlines()) == 1
    assert "out" in done.err
    assert "--out" in done.err
    assert contents(tmp_path / "out") == before


@pytest.mark.slow
def test_other_seed_option_is_refused(qbell: Qbell, tmp_path: Path) -> None:
    """--seed counts as the spec's seed does."""
    spec = write_spec(tmp_path)
    qbell("run", spec, "--out", "out")
    before = contents(tmp_path / "out")
    assert "seed" in qbell("run", spec, "--out", "out", "--seed", "8", code=2).err
    assert contents(tmp_path / "out") == before
    assert "already" in qbell("run", spec, "--out", "out", "--seed", "7").err


@pytest.mark.device
def test_fake_device(qbell: Qbell, tmp_path: Path) -> None:
    """A noisy campaign runs, records its device, and resumes."""
    spec = write_spec(tmp_path, SPEC.replace(*CHANGES["backend"]))
    done = qbell("run", spec, "--out", "out", "--json")
    assert done.record["backend"] == "fake_manila"
    assert strict((tmp_path / "out" / "run.json").read_text())["backend"] == "fake_manila"
    assert done.record["e_n"]["value"] < 0.25
    assert qbell("run", spec, "--out", "out", "--json").record == done.record


# --- analyze ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_analyze_folder_repeats_the_run(qbell: Qbell, tmp_path: Path, name: str) -> None:
    """`analyze DIR` prints what `run` printed and leaves the folder as it was."""
    first = qbell("run", write_spec(tmp_path, DESIGNS[name]), "--out", "out", "--json").record
    before = numbers_in(tmp_path / "out")
    assert qbell("analyze", "out", "--json").record == first
    assert qbell("analyze", "out/counts.csv", "--json").record == first
    assert numbers_in(tmp_path / "out") == before


FORMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "shuffled": {"shuffle": True},
    "quoted": {"quoting": csv.QUOTE_ALL},
    "shuffled and quoted": {"shuffle": True, "quoting": csv.QUOTE_ALL},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "random", "random in blocks"])
@pytest.mark.parametrize("form", FORMS)
def test_bare_table_repeats_the_run(qbell: Qbell, tmp_path: Path, name: str, form: str) -> None:
    """The counts alone, however written, give the run's bound, correlators and certificate."""
    first = qbell("run", write_spec(tmp_path, DESIGNS[name]), "--out", "out", "--json").record
    table = rewrite(tmp_path / "out" / "counts.csv", tmp_path / "plain.csv", **FORMS[form])
    done = qbell("analyze", table, "--resamples", "100", "--out", "again", "--json")
    check_summary(done.record)
    assert estimates(done.record) == estimates(first)
    assert done.record["design"] == first["design"]
    assert done.record["exact"] is None
    assert any("inferred" in note for note in done.record["notes"])
    again, before = contents(tmp_path / "again"), contents(tmp_path / "out")
    assert set(again) == RESULT_FILES - {"spec.toml"}
    assert again["correlators.csv"] == before["correlators.csv"]
    assert strict(again["summary.json"].decode()) == done.record
    assert strict(again["run.json"].decode())["design"] == first["design"]


@pytest.mark.slow
def test_bare_table_writes_nothing(qbell: Qbell, tmp_path: Path) -> None:
    """Without --out `analyze FILE` only prints, and says how to have the files."""
    qbell("run", write_spec(tmp_path), "--out", "out")
    rewrite(tmp_path / "out" / "counts.csv", tmp_path / "plain.csv")
    before = set(tmp_path.rglob("*"))
    done = qbell("analyze", "plain.csv", "--json")
    assert set(tmp_path.rglob("*")) == before
    assert "--out" in done.err


@pytest.mark.slow
def test_analysis_can_be_analysed(qbell: Qbell, tmp_path: Path) -> None:
    """What `analyze --out` writes is a run's folder, with axis and provenance on record."""
    qbell("run", write_spec(tmp_path), "--out", "out")
    plain = rewrite(tmp_path / "out" / "counts.csv", tmp_path / "plain.csv")
    options = ("--axis", "x", "--provenance", "mitigated", "--design", "full")
    first = qbell("analyze", plain, *options, "--out", "again", "--json").record
    assert (first["axis"], first["provenance"]) == ("x", "mitigated")
    assert first["certificate"]["bell_qubits"] == 0
    second = qbell("analyze", "again", "--json").record
    assert estimates(second) == estimates(first)
    assert (second["axis"], second["provenance"]) == ("x", "mitigated")


@pytest.mark.slow
def test_confidence_and_resamples_of_analyze(qbell: Qbell, tmp_path: Path) -> None:
    """Options of `analyze` go before the spec's, and change no estimate itself."""
    first = qbell("run", write_spec(tmp_path), "--out", "out", "--json").record
    options = ("--confidence", "0.6", "--resamples", "200")
    done = qbell("analyze", "out/counts.csv", *options, "--json").record
    assert done["bound"]["confidence"] == done["certificate"]["confidence"] == 0.6
    assert done["bound"]["value"] == first["bound"]["value"]
    assert done["e_n"]["high"] - done["e_n"]["low"] < first["e_n"]["high"] - first["e_n"]["low"]


def _edited(text: str, form: str) -> str | bytes:
    lines = text.splitlines()
    rows = [line.split(",") for line in lines]
    changed: dict[str, Callable[[], str | bytes]] = {
        "byte order mark": lambda: text.encode("utf-8-sig"),
        "Windows lines": lambda: text.replace("\n", "\r\n").encode(),
        "spaces": lambda: text.replace(",", " , "),
        "no last line end": lambda: text.rstrip("\n"),
        "blank lines at the end": lambda: text + "\n\n",
        "counts as 5.0": lambda: "\n".join([lines[0], *(f"{line}.0" for line in lines[1:])]),
        "columns turned round": lambda: "\n".join(",".join(reversed(row)) for row in rows),
        "rows of count 0": lambda: "\n".join(
            dict.fromkeys(
                [*lines, *(f"XXY,{k:03b},0" for k in range(8) if f"XXY,{k:03b}," not in text)]
            )
        ),
        "another column": lambda: "\n".join(
            [lines[0] + ",comment", *(f'{line},"a, ""b"""' for line in lines[1:])]
        ),
    }
    return changed[form]()


@pytest.mark.slow
@pytest.mark.parametrize(
    "form",
    [
        "byte order mark",
        "Windows lines",
        "spaces",
        "no last line end",
        "blank lines at the end",
        "counts as 5.0",
        "columns turned round",
        "rows of count 0",
        "another column",
    ],
)
def test_harmless_forms_of_a_table(qbell: Qbell, tmp_path: Path, form: str) -> None:
    """What other programs make of a table without changing its content changes no number."""
    first = qbell("run", write_spec(tmp_path), "--out", "out", "--json").record
    text = _edited((tmp_path / "out" / "counts.csv").read_text(), form)
    path = tmp_path / "edited.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = qbell("analyze", path, "--resamples", "100", "--out", "again", "--json")
    assert estimates(done.record) == estimates(first)
    if form == "another column":
        assert set(pd.read_csv(tmp_path / "again" / "counts.csv")["comment"]) == {'a, "b"'}


@pytest.mark.slow
def test_jobs_are_added_up(qbell: Qbell, tmp_path: Path) -> None:
    """Equal rows of separate jobs are one data set, and the column is kept."""
    rows = [f"{s},{b},{c}" for s in ("XX", "XY", "YX", "YY") for b, c in (("00", 30), ("11", 20))]
    (tmp_path / "one.csv").write_text("\n".join(["setting,bitstring,count", *rows]))
    jobs = [f"{row[:-2]}{int(row[-2:]) // 2},{job}" for row in rows for job in "ab"]
    (tmp_path / "two.csv").write_text("\n".join(["setting,bitstring,count,job", *jobs]))
    one = qbell("analyze", "one.csv", "--json").record
    two = qbell("analyze", "two.csv", "--out", "out", "--json").record
    assert two["bound"]["value"] == pytest.approx(one["bound"]["value"], rel=1e-12)
    for name, value in one["e_n"].items():
        same = value if isinstance(value, str) else pytest.approx(value, rel=1e-9)
        assert two["e_n"][name] == same
    assert set(pd.read_csv(tmp_path / "out" / "counts.csv")["job"]) == {"a", "b"}


@pytest.mark.slow
@pytest.mark.parametrize("where", ["state.qasm", "circuits/state.qasm"])
def test_circuit_campaign_can_be_moved(qbell: Qbell, tmp_path: Path, where: str) -> None:
    """The folder of a campaign on a circuit file holds the circuit, so it stands on its own."""
    home = tmp_path / "home"
    (home / where).parent.mkdir(parents=True)
    (home / where).write_text(
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\nh q[0];\ncx q[0],q[1];\ncx q[1],q[2];\n'
    )
    spec = write_spec(home, SPEC.replace('family = "ghz"\nn = 3', f'circuit = "{where}"'))
    first = qbell("run", spec, "--out", "out", "--json")
    assert set(contents(tmp_path / "out")) == RESULT_FILES | {"state.qasm"}
    assert "already" in qbell("run", spec, "--out", "out").err
    (tmp_path / "out").rename(tmp_path / "moved")
    shutil.rmtree(home)
    assert qbell("analyze", "moved", "--json").record == first.record
    assert first.record["exact"]["bound"] == pytest.approx(9)


@pytest.mark.slow
def test_analysis_never_spoils_a_record(qbell: Qbell, tmp_path: Path) -> None:
    """A bare copy of the counts, analysed into the run's folder, does not undo its run.json."""
    spec = write_spec(tmp_path)
    qbell("run", spec, "--out", "out")
    record = (tmp_path / "out" / "run.json").read_bytes()
    rewrite(tmp_path / "out" / "counts.csv", tmp_path / "plain.csv")
    for options in ((), ("--axis", "x")):
        qbell("analyze", "plain.csv", *options, "--out", "out", code=None)  # may be refused
        assert (tmp_path / "out" / "run.json").read_bytes() == record
    assert "already" in qbell("run", spec, "--out", "out").err


# --- from another process -----------------------------------------------------------------------


BLANK = (  # reports without pictures, which take longer than all the rest
    "from qbell.report import page\n"
    "from qbell.report.interactive import Interactive\n"
    "for name in [name for name in vars(page) if name.endswith('_plot')]:\n"
    "    setattr(page, name, lambda *_: '<svg></svg>')\n"
    "page.interactive = lambda *_: Interactive({}, '')\n"
)


def process(folder: Path, *arguments: str, before: str) -> "subprocess.CompletedProcess[str]":
    """The command line in a process of its own."""
    code = f"{before}import sys; sys.argv[0] = 'qbell'; from qbell.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_run_from_another_process(qbell: Qbell, tmp_path: Path) -> None:
    """One JSON object on stdout and nothing else, equal to that of a run in this process."""
    here = qbell("run", write_spec(tmp_path), "--out", "here", "--json").record
    done = process(tmp_path, "run", "spec.toml", "--out", "there", "--json", before=BLANK)
    assert done.returncode == 0, done.stderr
    assert strict(done.stdout) == here
    opened, then = done.stderr.splitlines()
    assert opened == f"open {Path('there/report.html')} in a browser; the tables are beside it"
    assert then.startswith("next: qbell plan spec.toml ")
    assert numbers_in(tmp_path / "there") == numbers_in(tmp_path / "here")


@pytest.mark.slow
def test_terminal_without_unicode(in_ascii: Callable[..., str]) -> None:
    """Where stdout takes ASCII alone, the table is printed still."""
    assert "QFI bound" in in_ascii("analyze", ROOT / "experiments" / "data" / "ghz_n=3.csv")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "words",
    [
        ["schedule", "-n", "3"],
        pytest.param(["exact", "ghz", "-n", "4", "--json"], marks=pytest.mark.nightly),
    ],
)
def test_output_that_cannot_be_written(words: list[str]) -> None:
    """One line, no traceback: a pipe into a full disk."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "qbell.cli", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: cannot write the output")
