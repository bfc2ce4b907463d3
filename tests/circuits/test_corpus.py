"""Circuits as other tools write them, in texts of our own: read, and the state that they mean.

Each file's gates are written out by hand beside it, and its state and QFI computed from these in
numpy alone.
"""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

from qbell import exact
from qbell.circuits.files import read_preparation
from qbell.circuits.preparation import Preparation
from qbell.errors import QbellError
from tests.support.gate_lists import state_of

FOLDER = Path(__file__).parent / "corpus"
MOST_QUBITS = 8


@cache
def expected() -> dict[str, str]:
    """The gates of each file, or the number of its qubits."""
    lines = (FOLDER / "expected.txt").read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split(" | ", 1) for line in lines)


@cache
def preparation(name: str) -> Preparation:
    return read_preparation(FOLDER / name)


SMALL = [name for name, gates in expected().items() if not gates.startswith("n=")]


@pytest.mark.slow
def test_the_corpus_is_read() -> None:
    """At least 95 of 100; today all."""
    files = sorted(path.name for path in FOLDER.glob("*.qasm"))
    assert files == sorted(expected())
    refused = {}
    for name in files:
        try:
            preparation(name)
        except QbellError as error:
            refused[name] = str(error)
    assert refused == {}


@pytest.mark.parametrize("name", SMALL)
def test_the_state_and_its_qfi(name: str) -> None:
    circuit = preparation(name).circuit
    assert circuit.num_qubits <= MOST_QUBITS
    state = state_of(expected()[name])
    assert len(state) == 2**circuit.num_qubits
    assert abs(np.vdot(Statevector(circuit).data, state)) == pytest.approx(1, abs=1e-9)
    # Four variances of half the sum of Z: the number of ones takes N/2 away from it.
    ones = np.array([bin(index).count("1") for index in range(len(state))])
    weights = np.abs(state) ** 2
    variance = weights @ ones**2 - (weights @ ones) ** 2
    assert exact.qfi(circuit) == pytest.approx(4 * variance, abs=1e-8)


@pytest.mark.parametrize("name", sorted(set(expected()) - set(SMALL)))
def test_large_ones_have_their_qubits(name: str) -> None:
    assert f"n={preparation(name).circuit.num_qubits}" == expected()[name]


def test_what_was_left_out_is_said() -> None:
    for name in expected():
        text = (FOLDER / name).read_text(encoding="utf-8")
        said = any("measurements were left out" in note for note in preparation(name).notes)
        assert said == bool(re.search(r"\bmeasure\b", text)), name
    for name in ("qasmbench_idle_wires.qasm", "mqt_mapped.qasm", "large_mapped.qasm"):
        assert "neither used nor measured" in preparation(name).notes[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name in SMALL if name.startswith("braket")))
def test_brakets_own_simulator_agrees(name: str) -> None:
    """What stands beside its files is what Braket takes them for."""
    from braket.default_simulator import StateVectorSimulation
    from braket.default_simulator.openqasm.interpreter import Interpreter

    text = re.sub("#pragma braket result.*", "", (FOLDER / name).read_text(encoding="utf-8"))
    program = Interpreter().build_circuit(source=text, inputs={})
    simulation = StateVectorSimulation(program.num_qubits, 0, batch_size=1)
    simulation.evolve(program.instructions)
    found = np.asarray(simulation.state_vector).reshape((2,) * program.num_qubits)
    overlap = np.vdot(found.transpose().ravel(), state_of(expected()[name]))
    assert abs(overlap) == pytest.approx(1, abs=1e-12)
