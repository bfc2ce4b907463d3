"""Circuits in files: the committed ones prepare what their names say, and round trips are exact."""

from pathlib import Path

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

import qbell
from qbell import QbellError
from qbell.circuit_files import read_circuit, write_circuit
from qbell.states import named_state

FOLDER = Path(__file__).parents[1] / "circuits"
FILES = sorted(FOLDER.rglob("*.qasm"))


def rows() -> dict[str, list[str]]:
    """The table of the folder's README, by file."""
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "`" in line]
    return {row[0].strip("`"): row[1:] for row in cells if len(row) == 5}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_committed_circuits(path: Path) -> None:
    family = path.parent.name
    named = dict(part.split("=") for part in path.stem.split(","))
    parameters = {"u": float(named["u"])} if "u" in named else {}
    state = named_state(family, int(named["n"]), parameters)
    circuit = read_circuit(path)
    fidelity = abs(np.vdot(state.statevector(), Statevector(circuit).data)) ** 2
    _, two_qubit, depth, promised = rows()[str(path.relative_to(FOLDER))]
    assert fidelity == pytest.approx(float(promised), abs=5e-5)
    assert sum(len(item.qubits) == 2 for item in circuit.data) == int(two_qubit)
    assert circuit.depth() == int(depth)


def test_the_table_lists_the_files() -> None:
    assert sorted(rows()) == [str(path.relative_to(FOLDER)) for path in FILES]


@pytest.mark.parametrize("ending", [".qasm", ".qpy"])
@pytest.mark.parametrize(
    "state", [qbell.ghz(3), qbell.ising(4, -1.0), qbell.double_well(3, -2.0), qbell.dicke(4, 1)]
)
def test_round_trip(state: qbell.State, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"circuit{ending}"
    from qbell.measurement import compile_for

    circuit = compile_for(state.circuit(), None)
    write_circuit(circuit, path)
    overlap = np.vdot(Statevector(read_circuit(path)).data, Statevector(circuit).data)
    assert abs(overlap) == pytest.approx(1, abs=1e-12)


def test_openqasm_2_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bell.qasm"
    path.write_text(
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[3];\nh q[0];\ncx q[0], q[1];\n',
        encoding="utf-8",
    )
    table = qbell.exact.correlators(Statevector(read_circuit(path))).set_index("label")["value"]
    assert table["0++"] == pytest.approx(0.25)
    assert table["++0"] == pytest.approx(0)


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QbellError, match=r"\.qasm or \.qpy"):
        write_circuit(qbell.ghz(2).circuit(), tmp_path / "x.txt")
    with pytest.raises(QbellError, match=r"\.qasm or \.qpy"):
        read_circuit(tmp_path / "x.txt")
