"""Files that claim more than they hold, or stand for more than can be read."""

import io
import struct
import sys
from pathlib import Path

import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm2, qpy
from qiskit.circuit import Parameter

from qbell import QbellError
from qbell.circuits.files import load_circuit
from qbell.circuits.limits import check_numbers
from qbell.circuits.qpy_sizes import LISTED, NEWEST, NEWEST_WALKED, check_sizes

VERSIONS = range(qpy.common.QPY_COMPATIBILITY_VERSION, qpy.common.QPY_VERSION + 1)


def written(version: int) -> bytes:
    """A QPY file with everything in its head that has a length."""
    registers = QuantumRegister(3, "a"), QuantumRegister(2, "long"), ClassicalRegister(2, "c")
    circuit = QuantumCircuit(*registers, name="name", metadata={"key": "x" * 40})
    circuit.global_phase = Parameter("t")
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    file = io.BytesIO()
    qpy.dump(circuit, file, version=version)
    return file.getvalue()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_head_of_a_qpy_file(version: int, tmp_path: Path) -> None:
    """Fifty million qubits in a short file ended the process, by want of memory."""
    assert version <= NEWEST
    content = written(version)
    check_sizes(content)
    place = content.index(struct.pack("!II", 5, 2))
    many = struct.pack("!I", 50_000_000)
    for start, new, says in (
        (place, many, "50000000 qubits"),
        (place + 4, many, "50000000 bits"),
        (place + 20, struct.pack("!Q", 2**40), "claims 1099511627776 instructions"),
        (content.index(b"q\x01\0\0\0\x03") + 2, many, "50000000 qubits"),
        (10, struct.pack("!Q", 2**33), "holds 8589934592 circuits"),
    ):
        bad = content[:start] + new + content[start + len(new) :]
        (tmp_path / "c.qpy").write_bytes(bad)
        with pytest.raises(QbellError, match=says):
            load_circuit(tmp_path / "c.qpy")
    for length in range(7, place + 60, 7):
        (tmp_path / "c.qpy").write_bytes(content[:length])
        with pytest.raises(QbellError, match=r"breaks off or is damaged|not a readable"):
            load_circuit(tmp_path / "c.qpy")


@pytest.mark.parametrize("version", VERSIONS)
def test_each_of_several_circuits(version: int) -> None:
    """As in the folder of a campaign: the second claims too much, or is not there."""
    file = io.BytesIO()
    qpy.dump([QuantumCircuit(3, name=name) for name in ("one", "two")], file, version=version)
    content = file.getvalue()
    if version < LISTED:
        with pytest.raises(QbellError, match="holds 2 circuits"):
            check_sizes(content, several=True)
        return
    check_sizes(content, several=True)
    size = struct.pack("!II", 3, 0)
    second = content.index(size, content.index(size) + 1)
    many = content[:second] + struct.pack("!I", 50_000_000) + content[second + 4 :]
    with pytest.raises(QbellError, match="50000000 qubits"):
        check_sizes(many, several=True)
    more = content[:10] + struct.pack("!Q", 2**62) + content[18:]
    for wrong in (content[: second + 4], content[:30], more):
        with pytest.raises((QbellError, ValueError)):
            check_sizes(wrong, several=True)


def nested(version: int) -> tuple[bytes, list[int]]:
    """A QPY file with a gate inside a gate and a block, and where their sizes stand."""
    inner = QuantumCircuit(2, name="inner")
    inner.cx(0, 1)
    inner.rx(0.1, 0)
    outer = QuantumCircuit(3, name="outer")
    outer.append(inner.to_gate(), [0, 2])
    outer.rz(Parameter("t"), 1)
    block = QuantumCircuit(6)
    block.h(5)
    circuit = QuantumCircuit(7, 1)
    circuit.h(0)
    circuit.append(outer.to_gate().control(1), [3, 4, 5, 6])
    if version >= 13:
        circuit.for_loop(range(3), None, block, [0, 1, 2, 3, 4, 5], [])
    file = io.BytesIO()
    qpy.dump(circuit, file, version=version)
    content = file.getvalue()
    check_sizes(content)
    # Each has its number of qubits, no bits, and then the length of its metadata.
    places = []
    for qubits in (2, 3, 4, 6) if version >= 13 else (2, 3, 4):
        heads = struct.pack("!IIQ", qubits, 0, 2)
        places += [i for i in range(len(content)) if content.startswith(heads, i)]
    return content, places


@pytest.mark.parametrize("version", VERSIONS)
def test_circuits_inside_a_qpy_file(version: int, tmp_path: Path) -> None:
    """Their heads claim sizes, too."""
    content, places = nested(version)
    if version > NEWEST_WALKED:
        return
    assert len(places) >= (4 if version >= 13 else 3)
    for place in places:
        for start, new in ((place, 50_000_000), (place + 4, 60_000_000)):
            bad = content[:start] + struct.pack("!I", new) + content[start + 4 :]
            (tmp_path / "c.qpy").write_bytes(bad)
            with pytest.raises(QbellError, match=f"it has {new}"):
                load_circuit(tmp_path / "c.qpy")


def test_circuits_inside_circuits_without_end() -> None:
    circuit = QuantumCircuit(1)
    for level in range(60):
        outer = QuantumCircuit(1, name=f"g{level}")
        outer.append(circuit.to_gate(), [0])
        circuit = outer
    file = io.BytesIO()
    qpy.dump(circuit, file, version=qpy.common.QPY_COMPATIBILITY_VERSION)
    with pytest.raises(QbellError, match="nested more than 50 deep"):
        check_sizes(file.getvalue())


@pytest.mark.slow
def test_what_openqasm_2_defines_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """90,000 uses of one gate took seconds, for as many equal definitions."""
    kind = sys.modules["qiskit.qasm2.parse"]._DefinedGate
    made: list[object] = []
    define = kind._define
    monkeypatch.setattr(kind, "_define", lambda self: made.append(0) or define(self))
    body = "rx(t) a; " + 19 * "cx a,b; "
    head = f'OPENQASM 2.0;\ninclude "qelib1.inc";\ngate g(t) a,b {{{body}}}\nqreg q[2];\n'
    check_numbers(qasm2.loads(head + "g(0.5) q[0],q[1];\n" * 5000 + "g(0.6) q[0],q[1];\n"))
    assert len(made) == 2
    with pytest.raises(QbellError, match="more than 200000 gates"):
        check_numbers(qasm2.loads(head + "g(0.5) q[0],q[1];\n" * 10_001))
    other = head.replace("rx(t)", "rx(1e6*t)")
    with pytest.raises(QbellError, match=r"an angle of rx is 2000000.0"):
        check_numbers(qasm2.loads(other + "g(0.5) q[0],q[1];\ng(2) q[0],q[1];\n"))


def test_openqasm_3_that_would_take_minutes(tmp_path: Path) -> None:
    (tmp_path / "c.qasm").write_text("OPENQASM 3.0;\nqubit[2] q;\n" + "U(0,0,0) q[0];\n" * 60_000)
    with pytest.raises(QbellError, match="60002 statements of OpenQASM 3"):
        load_circuit(tmp_path / "c.qasm")
