"""The library as a toolkit reads it that is not Qiskit: the simulator of Amazon Braket.

It has a parser, gates and a simulator of its own, takes the gates that it does not know from their
definitions in the file, and counts qubit 0 first where Qiskit counts it last.
"""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from qbell.library.check import target_of
from qbell.library.entries import entry_of
from qbell.library.table import Row, read_table
from tests.support.paths import ROOT

FOLDER = ROOT / "circuits"
ROWS = read_table(FOLDER)
MOST_QUBITS = 12  # compared; larger ones are read
pytestmark = pytest.mark.slow  # its parser is
# The standard library as Braket needs it: it knows h, x, rx, ry, rz and cz, and calls cx cnot.
STANDARD = "gate cx a, b { cnot a, b; }\n"


@pytest.fixture(autouse=True)
def _standard_gates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Braket looks for the standard library in the folder it runs in."""
    (tmp_path / "stdgates.inc").write_text(STANDARD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def amplitudes(text: str, inputs: dict[str, float], *, run: bool = True) -> NDArray[np.complex128]:
    """What Braket's simulator prepares, in Qiskit's order."""
    from braket.default_simulator import StateVectorSimulation
    from braket.default_simulator.openqasm.interpreter import Interpreter

    circuit = Interpreter().build_circuit(source=text, inputs=inputs)
    num_qubits = circuit.num_qubits
    if not run:
        return np.zeros(num_qubits)
    simulation = StateVectorSimulation(num_qubits, 0, batch_size=1)
    simulation.evolve(circuit.instructions)
    found = np.asarray(simulation.state_vector)
    return found.reshape((2,) * num_qubits).transpose().ravel()


def unitary(row: Row) -> bool:
    return "layout=constant" not in row.parameters


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.file, marks=[pytest.mark.nightly] * (number % 3 > 0))
        for number, row in enumerate(row for row in ROWS if unitary(row))
    ],
)
def test_braket_prepares_the_same_state(row: Row) -> None:
    text = (FOLDER / row.file).read_text(encoding="utf-8")
    inputs = {name: 0.4 + 0.7 * place for place, name in enumerate(row.inputs.split())}
    if row.n > MOST_QUBITS:
        assert len(amplitudes(text, inputs, run=False)) == row.n
        return
    target = target_of(entry_of(row.file), inputs)
    found = abs(np.vdot(target, amplitudes(text, inputs))) ** 2
    assert found == pytest.approx(float(row.fidelity), abs=1e-9)


def test_the_order_of_qubits_shows() -> None:
    """On a state that is not symmetric, one order is right and the other is not."""
    gates = "x q[0];\nh q[2];\nx q[1];\nx q[1];\n"
    found = amplitudes(f'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[3] q;\n{gates}', {})
    assert np.abs(found) ** 2 == pytest.approx([0, 0.5, 0, 0, 0, 0.5, 0, 0], abs=1e-12)
