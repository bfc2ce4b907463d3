"""Circuits in files: round trips are exact, inputs get their values, faults are named."""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qasm3, qpy
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.library import RXGate, UnitaryGate
from qiskit.quantum_info import Statevector

import qbell
from qbell import QbellError
from qbell.circuits.files import load_circuit, read_circuit, untouched, write_circuit
from qbell.circuits.limits import check_numbers
from qbell.circuits.parameters import assign_inputs, input_names

THREE = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
TWO = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'


def written(folder: Path, text: str | bytes, name: str = "state.qasm") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def same(one: QuantumCircuit, other: QuantumCircuit) -> bool:
    """Equal states up to a phase."""
    overlap = np.vdot(Statevector(one).data, Statevector(other).data)
    return bool(abs(overlap) == pytest.approx(1, abs=1e-12))


@pytest.mark.parametrize("ending", [".qasm", ".qpy"])
@pytest.mark.parametrize(
    "state", [qbell.ghz(3), qbell.ising(4, -1.0), qbell.double_well(3, -2.0), qbell.dicke(4, 1)]
)
def test_round_trip(state: qbell.State, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"circuit{ending}"
    from qbell.circuits.measurement import compile_for

    circuit = compile_for(state.circuit(), None)
    write_circuit(circuit, path)
    assert same(read_circuit(path), circuit)


def test_openqasm_2_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, TWO + "qreg q[3];\nh q[0];\ncx q[0], q[1];\nid q[2];\n")
    table = qbell.exact.correlators(Statevector(read_circuit(path))).set_index("label")["value"]
    assert table["0++"] == pytest.approx(0.25)
    assert table["++0"] == pytest.approx(0)


def test_openqasm_2_of_qiskit_itself(tmp_path: Path) -> None:
    """Qiskit writes rzz, sx and p as if qelib1.inc had them, without a definition."""
    circuit = QuantumCircuit(3)
    circuit.sx([0, 1])
    circuit.rzz(0.7, 0, 1)
    circuit.p(0.3, 1)
    circuit.ry(0.4, 2)
    circuit.rzz(-0.2, 1, 2)
    circuit.h([0, 1, 2])
    path = written(tmp_path, qasm2.dumps(circuit))
    assert "gate rzz" not in path.read_text()
    assert same(read_circuit(path), circuit)


@pytest.mark.parametrize("head", [TWO + "qreg q[2];\n", THREE + "qubit[2] q;\n"])
def test_a_files_own_definition_of_a_gate_holds(tmp_path: Path, head: str) -> None:
    """Also where Qiskit has a gate of this name that does something else."""
    body = "h q[0];\nh q[1];\nrzz(0.4) q[0], q[1];\n"
    own = "gate rzz(t) a, b { cx a, b; rz(3*t) b; cx a, b; }\n"
    text = head.replace("\nq", f"\n{own}q", 1)
    expected = QuantumCircuit(2)
    expected.h([0, 1])
    expected.rzz(1.2, 0, 1)
    assert same(read_circuit(written(tmp_path, text + body)), expected)


def test_a_comment_does_not_decide_the_version(tmp_path: Path) -> None:
    text = "/* once OPENQASM 2.0; */\n// OPENQASM 2.0;\n" + THREE + "qubit[2] q;\nh q[0];\n"
    circuit = QuantumCircuit(2)
    circuit.h(0)
    assert same(read_circuit(written(tmp_path, text)), circuit)
    assert same(read_circuit(written(tmp_path, text.encode("utf-8-sig"))), circuit)
    without = text.replace("OPENQASM 3.0;\n", "")
    assert same(read_circuit(written(tmp_path, without)), circuit)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QbellError, match=r"\.qasm or \.qpy"):
        write_circuit(qbell.ghz(2).circuit(), tmp_path / "x.txt")
    with pytest.raises(QbellError, match=r"\.qasm or \.qpy"):
        read_circuit(tmp_path / "x.txt")


def dumped(*circuits: QuantumCircuit) -> bytes:
    file = io.BytesIO()
    qpy.dump(list(circuits), file)
    return file.getvalue()


GHZ = dumped(qbell.ghz(3).circuit())
FAULTS: dict[str, tuple[str, str | bytes, str]] = {
    "QPY of two circuits": (
        "x.qpy",
        dumped(qbell.ghz(3).circuit(), qbell.plus(2).circuit()),
        "holds 2 circuits; export one alone",
    ),
    "QPY of none": ("x.qpy", dumped(), "holds 0 circuits"),
    "empty QPY": ("x.qpy", b"", "the file is empty"),
    "QPY cut in its head": ("x.qpy", GHZ[:5], "not a readable circuit"),
    "QPY cut in a field": ("x.qpy", GHZ[:40], "breaks off or is damaged"),
    "QPY cut at its end": ("x.qpy", GHZ[:-9], "breaks off or is damaged"),
    "QPY of another version": ("x.qpy", GHZ[:6] + b"\x63" + GHZ[7:], "version being read, 99"),
    "OpenQASM 4": ("x.qasm", "OPENQASM 4.0;\nqubit[2] q;\n", "OpenQASM 4; give OpenQASM 2 or 3"),
    "not UTF-8": ("x.qasm", THREE.encode() + b"\xff", "utf-8"),
    "OpenQASM 3 cut": ("x.qasm", THREE + "qubit[2] q;\nh q[", "not a readable circuit"),
    "a keyword for a name": (
        "x.qasm",
        THREE + "input float duration;\nqubit[2] q;\n",
        "line 3: 'duration' is not expected there",
    ),
    "measured before the end": (
        "x.qasm",
        THREE + "qubit[2] q;\nbit[2] c;\nh q[0];\nc = measure q;\nh q[1];\n",
        "(found: measure of q[1]); give the unitary preparation alone",
    ),
    "too many inputs of a kind that Qiskit lacks": (
        "x.qasm",
        THREE + "input int[8] k;\nqubit[2] q;\n",
        "not a readable circuit",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_are_named(tmp_path: Path, case: str) -> None:
    name, content, words = FAULTS[case]
    path = written(tmp_path, content, name)
    with pytest.raises(QbellError) as refused:
        read_circuit(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "\x1b" not in str(refused.value)


NOT_FINITE = "give numbers between -1e+06 and 1e+06"
NUMBERS: dict[str, tuple[str, str]] = {
    "infinite angle, 2": (TWO + "qreg q[2];\nrx(1e400) q[0];\n", NOT_FINITE),
    "infinite angle, 3": (THREE + "qubit[2] q;\nrx(1e400) q[0];\n", NOT_FINITE),
    "overflow in an expression": (TWO + "qreg q[2];\nrx(1e308*10) q[0];\n", NOT_FINITE),
    "large angle": (THREE + "qubit[2] q;\nrx(-1.1e6) q[0];\n", "rx is -1100000.0; give"),
    "in a definition": (
        TWO + "gate g(t) a { rx(t*1e308*100) a; }\nqreg q[2];\ng(1) q[0];\n",
        NOT_FINITE,
    ),
    "under a modifier": (THREE + "qubit[2] q;\nctrl @ rx(1e400) q[0], q[1];\n", NOT_FINITE),
    "inverted": (THREE + "qubit[2] q;\ninv @ rx(1e400) q[0];\n", NOT_FINITE),
    "global phase": (THREE + "qubit[2] q;\ngphase(1e400);\nh q[0];\n", "the global phase is"),
    "a delay": (THREE + "qubit[2] q;\ndelay[1e400 ns] q[0];\n", "a time of delay is inf"),
    "infinite beside an input": (
        THREE + "input float a;\nqubit[2] q;\nrx(a) q[0];\nrx(1e400) q[1];\n",
        NOT_FINITE,
    ),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_that_are_no_angles(tmp_path: Path, case: str) -> None:
    text, words = NUMBERS[case]
    for read in (load_circuit, read_circuit):
        with pytest.raises(QbellError, match=re.escape(words)) as refused:
            read(written(tmp_path, text))
        assert "state.qasm" in str(refused.value)


def test_numbers_in_qpy(tmp_path: Path) -> None:
    """In a gate, in a block, in a definition; what is as large as an angle may be is read."""
    for place in ("gate", "block", "definition"):
        for angle in (np.inf, np.nan, 1e6):
            circuit = QuantumCircuit(2, 1)
            inner = QuantumCircuit(1, name="mine")
            inner.rx(angle, 0)
            if place == "block":
                circuit.measure(0, 0)
                with circuit.if_test((circuit.clbits[0], 1)):
                    circuit.ry(angle, 1)
            else:
                circuit.append(inner.to_gate() if place == "definition" else RXGate(angle), [0])
            path = written(tmp_path, dumped(circuit), "x.qpy")
            if angle == 1e6:
                load_circuit(path)
                continue
            with pytest.raises(QbellError, match=rf"of r[xy] is {angle}"):
                load_circuit(path)


def test_a_matrix_must_be_finite() -> None:
    gate = UnitaryGate(np.eye(2))
    gate.params = [np.array([[1, 0], [0, complex("nan")]])]
    circuit = QuantumCircuit(2)
    circuit.append(gate, [0])
    with pytest.raises(QbellError, match="of unitary is not finite"):
        check_numbers(circuit)
    gate.params = [np.eye(2)]
    check_numbers(circuit)
    gate = RXGate(0)
    gate.params = [10**400]
    circuit.append(gate, [0])
    with pytest.raises(QbellError, match="of rx is inf"):
        check_numbers(circuit)


def test_angles_too_large_after_assignment(tmp_path: Path) -> None:
    path = written(tmp_path, THREE + "input float a;\nqubit[2] q;\nrx(1e7*a) q[0];\n")
    with pytest.raises(QbellError, match=re.escape("an angle of rx is 3000000.0; give numbers")):
        read_circuit(path, {"a": 0.3})
    read_circuit(path, {"a": 0.03})


@pytest.mark.parametrize(
    "text",
    [
        TWO + "qreg q[100000000];\n",
        TWO + "qreg q // here\n [ 100000000 ] ;\n",
        TWO + "qreg q[2];\ncreg c[100000000];\n",
        TWO + "qreg q[6000];\nqreg r[6000];\n",
        THREE + "qubit[100000000] q;\n",
        THREE + "qubit[0x5F5E100] q;\n",
        THREE + "qubit[1_000_000] q;\n",
        THREE + "qubit[10000 * 10000] q;\n",
        THREE + "qubit[6000] q;\nqubit[6000] r;\n",
        THREE + "qubit[2] q;\nbit[100000000] c;\n",
        THREE + "qreg q[100000000];\n",
        THREE + "h $100000000;\n",
    ],
)
def test_registers_too_large(tmp_path: Path, text: str) -> None:
    """Refused before they are made, which would take minutes."""
    with pytest.raises(QbellError, match=r"it has \d+ (qu)?bits; circuits have up to 10000"):
        load_circuit(written(tmp_path, text))


def test_sizes_of_registers(tmp_path: Path) -> None:
    """Sums and products are sizes; what is no plain number is refused."""
    text = THREE + "qubit[2 * 3 - 1] q;\nqubit r;\nh q[4];\n"
    assert load_circuit(written(tmp_path, text)).num_qubits == 6
    with pytest.raises(QbellError, match="not a plain number"):
        load_circuit(written(tmp_path, THREE + "qubit[2 << 40] q;\n"))


@pytest.mark.slow
@pytest.mark.parametrize("head", [TWO + "qreg q[2];\n", THREE + "qubit[2] q;\n"])
def test_definitions_that_stand_for_billions_of_gates(tmp_path: Path, head: str) -> None:
    levels = "".join(f"gate g{k + 1} a {{ g{k} a; g{k} a; }}\n" for k in range(40))
    text = head.replace("\nq", "\ngate g0 a { h a; }\n" + levels + "q", 1) + "g40 q[0];\n"
    with pytest.raises(QbellError, match="stand for more than 200000 gates"):
        load_circuit(written(tmp_path, text))


def test_qubits_that_nothing_touches() -> None:
    circuit = QuantumCircuit(4)
    circuit.h(1)
    circuit.barrier()
    circuit.delay(100, 2)
    assert str(untouched(circuit)).startswith("3 of its 4 qubits are never touched")
    circuit.cx(0, 2)
    circuit.x(3)
    assert untouched(circuit) is None


@pytest.mark.parametrize("ending", [".QASM", ".qasm3", ".Qasm", ".QPY"])
def test_endings_in_capitals(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"x{ending}"
    write_circuit(qbell.ghz(3).circuit(), path, ["ghz, n = 3", "made by hand"])
    assert same(read_circuit(path), qbell.ghz(3).circuit())
    if ending != ".QPY":
        assert path.read_text().splitlines()[1:3] == ["// ghz, n = 3", "// made by hand"]
    else:
        assert load_circuit(path).metadata == {"comment": "ghz, n = 3\nmade by hand"}


def test_a_folder_and_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.qasm").mkdir()
    for name in ("folder.qasm", "nothing.qpy"):
        with pytest.raises(QbellError, match="does not exist or is not a file"):
            read_circuit(tmp_path / name)


@pytest.mark.slow
def test_without_the_importer_of_openqasm_3(tmp_path: Path) -> None:
    """In a process where it cannot be imported: what to install."""
    path = written(tmp_path, THREE + "qubit[2] q;\nh q[0];\n")
    code = (
        "import sys; sys.modules['qiskit_qasm3_import'] = None\n"
        "from pathlib import Path\n"
        "from qbell.circuits.files import read_circuit\n"
        "try: read_circuit(Path(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("QbellError")
    assert "pip install qiskit-qasm3-import" in done.stdout


# --- inputs -------------------------------------------------------------------------------------

OPEN = THREE + (
    "input float[64] theta;\ninput angle[32] half;\ninput float wide;\nqubit[2] q;\n"
    "rx(2*theta) q[0];\ncx q[0], q[1];\nry(half/2) q[1];\nrz(wide - theta) q[0];\nh q[0];\n"
)


def expected(theta: float, half: float, wide: float) -> QuantumCircuit:
    circuit = QuantumCircuit(2)
    circuit.rx(2 * theta, 0)
    circuit.cx(0, 1)
    circuit.ry(half / 2, 1)
    circuit.rz(wide - theta, 0)
    circuit.h(0)
    return circuit


def test_inputs_of_openqasm(tmp_path: Path) -> None:
    """Floats and angles, in expressions, each by its own name."""
    values = {"theta": 0.3, "half": -1.1, "wide": 2}
    path = written(tmp_path, OPEN)
    assert input_names(load_circuit(path)) == ["half", "theta", "wide"]
    assert same(read_circuit(path, values), expected(0.3, -1.1, 2))
    assert not same(read_circuit(path, values), expected(-1.1, 0.3, 2))


def with_vector() -> QuantumCircuit:
    gamma, beta = ParameterVector("gamma", 12), Parameter("beta")
    circuit = QuantumCircuit(3)
    for qubit, index in enumerate((2, 10, 11)):
        circuit.rx(gamma[index], qubit)
    circuit.cx(0, 1)
    circuit.ry(beta, 2)
    return circuit


VECTORS: list[dict[str, Any]] = [
    {"gamma[2]": 0.1, "gamma[10]": 0.2, "gamma[11]": 0.3, "beta": 0.4},
    {"_gamma_2_": 0.1, "_gamma_10_": 0.2, "gamma[11]": 0.3, "beta": 0.4},
    {"gamma": [9, 9, 0.1, *[9] * 7, 0.2, 0.3], "beta": 0.4},
]


@pytest.mark.parametrize("values", VECTORS)
@pytest.mark.parametrize("ending", ["qasm", "qpy"])
def test_elements_of_a_vector(tmp_path: Path, ending: str, values: dict[str, Any]) -> None:
    """By their index, whatever the format makes of the name; and all at once as a list."""
    path = tmp_path / f"x.{ending}"
    write_circuit(with_vector(), path)
    names = ["beta", "gamma[2]", "gamma[10]", "gamma[11]"]
    assert input_names(load_circuit(path)) == names
    plain = QuantumCircuit(3)
    for qubit, angle in enumerate((0.1, 0.2, 0.3)):
        plain.rx(angle, qubit)
    plain.cx(0, 1)
    plain.ry(0.4, 2)
    assert same(read_circuit(path, values), plain)


ALL = {"gamma[2]": 0.1, "gamma[10]": 0.2, "gamma[11]": 0.3, "beta": 0.4}
WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "none": ({}, ("beta, gamma[2], gamma[10], gamma[11]", "assign", "--set beta=0.3")),
    "one missing": ({k: v for k, v in ALL.items() if k != "beta"}, ("without a value (beta)",)),
    "one too many": (ALL | {"delta": 1}, ("no input delta", "its inputs are beta, gamma[2]")),
    "an element too many": (ALL | {"gamma[3]": 1}, ("no input gamma[3]",)),
    "not finite": (ALL | {"beta": float("nan")}, ("input beta = nan", "finite")),
    "infinite": (ALL | {"beta": float("-inf")}, ("input beta = -inf", "finite")),
    "huge": (ALL | {"beta": 1e300}, ("input beta = 1e+300", "between")),
    "true": (ALL | {"beta": True}, ("input beta = True", "finite")),
    "text": (ALL | {"beta": "pi/2"}, ("input beta = 'pi/2'", "finite")),
    "complex": (ALL | {"beta": 1j}, ("input beta = 1j", "finite")),
    "twice": (ALL | {"_gamma_2_": 0.1}, ("gamma[2] is given twice",)),
    "short list": ({"gamma": [0.1, 0.2], "beta": 1}, ("given 2 numbers", "give 12")),
    "long list": ({"gamma": [0.1] * 13, "beta": 1}, ("given 13 numbers", "give 12")),
    "empty list": ({"gamma": [], "beta": 1}, ("gamma = []",)),
    "list for one": (ALL | {"beta": [0.1, 0.2]}, ("no input beta[0], beta[1]",)),
    "list of text": ({"gamma": ["a"] * 12, "beta": 1}, ("gamma[2] = 'a'", "finite")),
}


@pytest.mark.parametrize("case", WRONG)
def test_values_that_do_not_fit(tmp_path: Path, case: str) -> None:
    values, words = WRONG[case]
    path = tmp_path / "x.qpy"
    write_circuit(with_vector(), path)
    with pytest.raises(QbellError) as refused:
        read_circuit(path, values)
    for word in (*words, "x.qpy"):
        assert word in str(refused.value)


def test_values_for_a_circuit_without_inputs(tmp_path: Path) -> None:
    write_circuit(qbell.ghz(3).circuit(), tmp_path / "x.qasm")
    with pytest.raises(QbellError, match="no input theta; it has no inputs"):
        read_circuit(tmp_path / "x.qasm", {"theta": 0.3})


def test_expressions_without_a_value() -> None:
    """Division by zero, a root of a negative number, an overflow: refused, not computed with."""
    angle = Parameter("angle")
    for expression in (1 / angle, angle.log(), (-1 - angle) ** 0.5, (1e300 * (1 + angle)) * 1e300):
        circuit = QuantumCircuit(2)
        circuit.rx(expression, 0)
        with pytest.raises(QbellError):
            assign_inputs(circuit, {"angle": 0.0})


def test_names_that_read_the_same() -> None:
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("_a_0_"), 0)
    circuit.rx(ParameterVector("a", 1)[0], 1)
    with pytest.raises(QbellError, match="the same name as text"):
        assign_inputs(circuit, {"a[0]": 1.0})


def test_exported_inputs_are_inputs(tmp_path: Path) -> None:
    """A round trip through OpenQASM 3 keeps the name of an input."""
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("time"), 0)
    write_circuit(circuit, tmp_path / "x.qasm")
    assert "input float[64] time;" in (tmp_path / "x.qasm").read_text()
    assert qasm3.loads((tmp_path / "x.qasm").read_text()).num_parameters == 1
    bound = read_circuit(tmp_path / "x.qasm", {"time": 0.6})
    assert Statevector(bound).probabilities()[1] == pytest.approx(np.sin(0.3) ** 2)
