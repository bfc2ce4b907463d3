"""Circuits that begin with resets or an initial state, and loops: what they prepare."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector

import qbell
from qbell import exact
from qbell.circuits.from_zero import from_zero
from qbell.errors import QbellError
from tests.support import naive


def ghz(circuit: QuantumCircuit) -> QuantumCircuit:
    circuit.h(0)
    for k in range(circuit.num_qubits - 1):
        circuit.cx(k, k + 1)
    return circuit


@pytest.mark.parametrize("n", [3, 22])
def test_resets_at_the_beginning(n: int) -> None:
    circuit = QuantumCircuit(n)
    circuit.reset(range(n))
    circuit.barrier()
    circuit.reset(1)
    assert exact.qfi(ghz(circuit)) == pytest.approx(n**2)
    settings = qbell.schedule(n, "random", draws=3, seed=1)
    shots = qbell.sample(circuit, settings, shots=2, seed=1)
    assert shots.total == 6


def test_an_initial_state(rng: np.random.Generator) -> None:
    vector = naive.random_vector(2, rng)
    circuit = QuantumCircuit(4)
    circuit.initialize("-", 0)
    circuit.initialize(vector, [3, 1])
    circuit.cx(0, 2)
    expected = QuantumCircuit(4)
    expected.x(0)
    expected.h(0)
    expected.prepare_state(vector, [3, 1])
    expected.cx(0, 2)
    fidelity = abs(np.vdot(Statevector(from_zero(circuit)), Statevector(expected)))
    assert fidelity == pytest.approx(1, abs=1e-12)
    assert exact.qfi(circuit, "x") == pytest.approx(exact.qfi(expected, "x"))


def test_loops_are_written_out() -> None:
    angle = Parameter("angle")
    circuit, expected = QuantumCircuit(3), QuantumCircuit(3)
    with circuit.for_loop((1, 4, 9), angle):
        circuit.rx(angle / 10, 0)
        circuit.cx(0, 1)
        with circuit.for_loop(range(2)):
            circuit.ry(0.3, 2)
            circuit.cx(2, 1)
    for value in (0.1, 0.4, 0.9):
        expected.rx(value, 0)
        expected.cx(0, 1)
        for _ in range(2):
            expected.ry(0.3, 2)
            expected.cx(2, 1)
    assert exact.qfi(circuit) == pytest.approx(exact.qfi(expected), rel=1e-12)
    with circuit.for_loop(range(1)):
        circuit.reset(0)
    with pytest.raises(QbellError, match="resets or branches"):
        exact.qfi(circuit)


@pytest.mark.parametrize("later", ["reset", "initialize", "if"])
def test_what_comes_later_is_refused(later: str) -> None:
    circuit = ghz(QuantumCircuit(3, 1))
    if later == "reset":
        circuit.reset(2)
    elif later == "initialize":
        circuit.initialize([0, 1], 2)
    else:
        with circuit.if_test((circuit.clbits[0], 1)):
            circuit.x(0)
    with pytest.raises(QbellError, match="resets or branches"):
        exact.qfi(circuit)
