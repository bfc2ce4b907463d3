"""Circuits that were compiled for a device: their own qubits, in their own order."""

from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit, qpy, transpile
from qiskit.quantum_info import Statevector

import qbell
from qbell import exact
from qbell.circuits.files import read_circuit
from qbell.circuits.measurement import checked
from qbell.circuits.transpiled import in_virtual_order
from qbell.errors import QbellError

LINE = [[k, k + 1] for k in range(6)] + [[k + 1, k] for k in range(6)]
BASIS = ["rz", "sx", "x", "cx"]


def circuit_of_three() -> QuantumCircuit:
    """No two of its qubits are alike."""
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.ry(0.7, 1)
    circuit.cx(1, 2)
    circuit.cx(0, 2)
    circuit.rx(0.4, 2)
    return circuit


def compiled(level: int, places: list[int]) -> QuantumCircuit:
    return transpile(
        circuit_of_three(),
        basis_gates=BASIS,
        coupling_map=LINE,
        initial_layout=places,
        optimization_level=level,
        seed_transpiler=3,
    )


@pytest.mark.parametrize(("level", "places"), [(0, [4, 2, 3]), (1, [5, 6, 4]), (3, [2, 1, 0])])
def test_its_own_qubits_in_their_order(level: int, places: list[int], tmp_path: Path) -> None:
    wide = compiled(level, places)
    expected = Statevector(circuit_of_three()).data
    assert wide.num_qubits == 7
    assert abs(np.vdot(Statevector(in_virtual_order(wide)).data, expected)) == pytest.approx(1)
    table = exact.correlators(wide)
    assert np.abs(table["value"] - exact.correlators(expected)["value"]).max() < 1e-12
    with (tmp_path / "wide.qpy").open("wb") as file:
        qpy.dump(wide, file)
    again = read_circuit(tmp_path / "wide.qpy")
    assert again.num_qubits == 3
    assert exact.qfi(again, "x") == pytest.approx(exact.qfi(expected, "x"))


def test_ghz_on_seven_wires() -> None:
    wide = transpile(
        qbell.ghz(3).circuit(), coupling_map=LINE, initial_layout=[5, 3, 4], seed_transpiler=1
    )
    found = exact.describe(wide)
    assert found["n"] == 3
    assert found["e_n"] == pytest.approx(0.25)
    shots = qbell.sample(wide, qbell.schedule(3), shots=50, seed=2)
    estimate = qbell.estimate(shots, resamples=100).e_n
    assert estimate is not None
    assert estimate.value == pytest.approx(0.25, abs=0.05)
    assert checked(wide).num_qubits == 3


def test_a_permutation_that_the_compiler_leaves_to_the_layout() -> None:
    """Level 3 takes swaps away and notes where the qubits are."""
    circuit = circuit_of_three()
    circuit.swap(0, 2)
    circuit.rz(0.3, 0)
    shorter = transpile(circuit, basis_gates=BASIS, optimization_level=3, seed_transpiler=1)
    assert shorter.layout is not None
    expected = exact.qfi_matrix(Statevector(circuit))
    assert exact.qfi_matrix(shorter) == pytest.approx(expected)
    labels = exact.correlators(circuit)["value"]
    assert np.abs(exact.correlators(shorter)["value"] - labels).max() < 1e-12


def test_gates_on_other_wires_are_refused() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    wide = transpile(
        circuit,
        basis_gates=BASIS,
        coupling_map=LINE,
        initial_layout=[0, 6],
        optimization_level=0,
        seed_transpiler=1,
    )
    with pytest.raises(QbellError, match="wires beside its 2 qubits"):
        exact.qfi(wide)
