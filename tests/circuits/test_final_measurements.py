"""Measurements at the end and idle wires: left out, said, and the order of the bits kept."""

from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit, qpy, transpile
from qiskit.quantum_info import Statevector

from qbell.circuits.files import read_circuit, read_preparation
from qbell.errors import QbellError

HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
GATES = "h q[0]; cx q[0],q[1]; ry(0.7) q[1]; cx q[1],q[2]; rx(0.4) q[2];\n"


def unlike() -> QuantumCircuit:
    """The same gates; no two of its qubits are alike."""
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.ry(0.7, 1)
    circuit.cx(1, 2)
    circuit.rx(0.4, 2)
    return circuit


def in_order(order: list[int]) -> np.ndarray:
    """Its amplitudes, qubit k of the state being its qubit order[k]."""
    tensor = Statevector(unlike()).data.reshape(2, 2, 2)  # axes: qubits 2, 1, 0
    return tensor.transpose([2 - order[k] for k in (2, 1, 0)]).ravel()


def read(folder: Path, text: str) -> tuple[QuantumCircuit, list[str]]:
    path = folder / "state.qasm"
    path.write_text(text)
    found = read_preparation(path)
    return found.circuit, list(found.notes)


def same(circuit: QuantumCircuit, amplitudes: np.ndarray) -> bool:
    return bool(abs(np.vdot(Statevector(circuit).data, amplitudes)) == pytest.approx(1, abs=1e-12))


ORDERS = {
    "registers": ("creg c[3];", "measure q -> c;", [0, 1, 2], "qbell adds its own"),
    "unused bits": ("creg c[3]; creg d[9];", "", [0, 1, 2], None),
    "permuted": (
        "creg c[3];",
        "measure q[0]->c[2]; measure q[1]->c[0]; measure q[2]->c[1];",
        [1, 2, 0],
        "by their bits: q[1], q[2], q[0]",
    ),
    "gaps between the bits": (
        "creg c[7];",
        "measure q[2]->c[1]; measure q[0]->c[5]; measure q[1]->c[6];",
        [2, 0, 1],
        "by their bits: q[2], q[0], q[1]",
    ),
    "registers of one bit": (
        "creg a[1]; creg b[1]; creg c[1];",
        "measure q[2]->a[0]; measure q[1]->b[0]; measure q[0]->c[0];",
        [2, 1, 0],
        "by their bits: q[2], q[1], q[0]",
    ),
    "some": ("creg c[2];", "measure q[2]->c[0];", [0, 1, 2], "q[0], q[1] had none and stay qubits"),
    "one bit for all": (
        "creg c[1];",
        "measure q[2]->c[0]; measure q[1]->c[0]; measure q[0]->c[0];",
        [0, 1, 2],
        "no bit for each qubit",
    ),
    "twice": (
        "creg c[3]; creg d[1];",
        "measure q[0]->d[0]; measure q->c;",
        [0, 1, 2],
        "no bit for each",
    ),
    "barriers": (
        "creg c[3];",
        "barrier q; measure q -> c; barrier q;",
        [0, 1, 2],
        "qbell adds its own",
    ),
}


@pytest.mark.parametrize("case", ORDERS)
def test_the_order_of_the_bits(case: str, tmp_path: Path) -> None:
    bits, measurements, order, words = ORDERS[case]
    circuit, notes = read(tmp_path, f"{HEAD}qreg q[3]; {bits}\n{GATES}{measurements}\n")
    assert same(circuit, in_order(order))
    assert circuit.num_clbits == 0
    assert len(notes) == (words is not None)
    if words is not None:
        assert words in notes[0]


def test_a_qubit_that_is_read_while_others_go_on(tmp_path: Path) -> None:
    text = GATES.replace("ry", "measure q[0]->c[0]; ry") + "measure q[1]->c[1]; measure q[2]->c[2];"
    circuit, _ = read(tmp_path, f"{HEAD}qreg q[3]; creg c[3];\n{text}")
    assert same(circuit, in_order([0, 1, 2]))


def test_idle_wires(tmp_path: Path) -> None:
    wires = GATES.replace("q[0]", "q[5]").replace("q[2]", "q[8]")
    circuit, notes = read(tmp_path, f"{HEAD}qreg q[12]; creg c[3];\n{wires}barrier q;\n")
    assert same(circuit, in_order([1, 0, 2]))
    assert notes == [
        "9 of its 12 qubits are neither used nor measured and were left out: q[0], q[2], q[3], "
        "q[4], q[6], q[7], q[9], q[10] and 1 more"
    ]
    measured = "measure q[5]->c[0]; measure q[1]->c[1]; measure q[8]->c[2];"
    circuit, notes = read(tmp_path, f"{HEAD}qreg q[12]; creg c[3];\n{wires}{measured}\n")
    assert same(circuit, in_order([0, 1, 2]))
    assert len(notes) == 2


def test_what_is_measured_or_has_a_gate_stays(tmp_path: Path) -> None:
    """And so does everything where fewer than two qubits would."""
    circuit, notes = read(tmp_path, f"{HEAD}qreg q[4]; creg c[4];\n{GATES}measure q -> c;\n")
    assert circuit.num_qubits == 4
    assert "1 of its 4 qubits are never touched" in notes[1]
    assert read(tmp_path, f"{HEAD}qreg q[4];\n{GATES}id q[3];\n")[0].num_qubits == 4
    assert read(tmp_path, f"{HEAD}qreg q[4];\nh q[3];\n")[0].num_qubits == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("measure q[1]->c[1]; h q[1];", "found: measure of q[1]"),
        ("measure q[1]->c[1]; if (c==2) x q[0];", "found: if_else of q[0], measure of q[1]"),
        ("reset q[2];", "found: reset of q[2]"),
        ("measure q -> c; reset q[2];", "measure of q[2], reset of q[2]"),
    ],
)
def test_what_does_more_than_prepare_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(QbellError) as refused:
        read(tmp_path, f"{HEAD}qreg q[3]; creg c[3];\n{GATES}{text}\n")
    assert words in str(refused.value)


@pytest.mark.parametrize("places", [[5, 3, 4], [0, 1, 2]])
def test_compiled_with_its_measurements(places: list[int], tmp_path: Path) -> None:
    """In the order before it was compiled, then in that of the bits."""
    circuit = unlike()
    circuit.add_register(*QuantumCircuit(0, 3).cregs)
    circuit.measure([0, 1, 2], [1, 0, 2])
    wide = transpile(
        circuit,
        basis_gates=["rz", "sx", "cx"],
        coupling_map=[[k, k + 1] for k in range(6)],
        initial_layout=places,
        optimization_level=1,
        seed_transpiler=3,
    )
    with (tmp_path / "wide.qpy").open("wb") as file:
        qpy.dump(wide, file)
    found = read_preparation(tmp_path / "wide.qpy")
    assert same(found.circuit, in_order([1, 0, 2]))
    assert "compilers leave out gates" in found.notes[1]
    assert read_circuit(tmp_path / "wide.qpy").num_qubits == 3
