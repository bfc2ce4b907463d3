"""Time evolutions: exact values of exp(-iHt), and a word on the product formula that runs."""

from typing import Any

import numpy as np
import pytest
import scipy
from qiskit import QuantumCircuit, qpy
from qiskit.circuit.library import HamiltonianGate, PauliEvolutionGate, UnitaryGate
from qiskit.quantum_info import SparseObservable, SparsePauliOp, Statevector
from qiskit.synthesis import LieTrotter, MatrixExponential, QDrift, SuzukiTrotter

import qbell
from qbell import exact
from qbell.circuits.files import read_circuit
from qbell.circuits.measurement import checked
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.simulation.exact_vector import exact_vector


def ising(n: int) -> SparsePauliOp:
    """H of Eq. (29) at U = -1."""
    pairs = [("ZZ", [k, k + 1], -1.0) for k in range(n - 1)]
    return SparsePauliOp.from_sparse_list([*pairs, *(("X", [k], -1.0) for k in range(n))], n)


def quench(n: int, gate: Any = None) -> QuantumCircuit:
    """From |0...0>, one gate on the qubits in reverse order, turns before and behind."""
    circuit = QuantumCircuit(n, global_phase=0.2)
    circuit.ry(0.4, 0)
    circuit.append(gate or PauliEvolutionGate(ising(n), 1.0), range(n)[::-1])
    circuit.rx(0.3, 1)
    return circuit


def by_expm(n: int, operator: SparsePauliOp, time: float) -> Any:
    """The state of `quench`, by dense matrices and loops of this test's own."""
    h = operator.to_matrix()
    order = [int(format(i, f"0{n}b")[::-1], 2) for i in range(2**n)]
    h = h[np.ix_(order, order)]
    psi = np.zeros(2**n, dtype=complex)
    psi[:2] = np.cos(0.2), np.sin(0.2)
    psi = scipy.linalg.expm(-1j * time * h) @ psi
    rx = np.array([[np.cos(0.15), -1j * np.sin(0.15)], [-1j * np.sin(0.15), np.cos(0.15)]])
    return np.einsum("ts,asb->atb", rx, psi.reshape(-1, 2, 2)).ravel() * np.exp(0.2j)


def test_the_quench_of_six_qubits() -> None:
    circuit = QuantumCircuit(6)
    circuit.append(PauliEvolutionGate(ising(6), 1.0), range(6))
    assert exact.qfi(circuit) == pytest.approx(10.33, abs=0.01)  # one Trotter step: 4.96
    psi = scipy.linalg.expm(-1j * ising(6).to_matrix())[:, 0]
    assert exact.qfi(circuit) == pytest.approx(exact.qfi(psi), rel=1e-12)


FIELD = SparsePauliOp(["IZX", "XYI", "ZIZ"], [0.3, -0.7, 0.4])


@pytest.mark.parametrize(
    "gate",
    [
        PauliEvolutionGate(FIELD, 0.8, synthesis=SuzukiTrotter(order=2, reps=3)),
        PauliEvolutionGate(FIELD, 0.8, synthesis=MatrixExponential()),
        PauliEvolutionGate([FIELD[0], FIELD[1:]], 0.8),
        PauliEvolutionGate(SparseObservable.from_sparse_pauli_op(FIELD), 0.8),
        PauliEvolutionGate(FIELD, -0.8).inverse(),
        PauliEvolutionGate(FIELD, 1.6).power(0.5),
        HamiltonianGate(FIELD.to_matrix(), 0.8),
    ],
    ids=["suzuki", "matrix", "list", "observable", "inverse", "power", "hamiltonian"],
)
def test_exact_whatever_would_run(gate: Any) -> None:
    expected = by_expm(3, FIELD, 0.8)
    inner = quench(3, gate)
    assert exact.qfi(inner, "x") == pytest.approx(exact.qfi(expected, "x"), rel=1e-10)
    nested = QuantumCircuit(3)
    nested.append(inner.to_gate(), range(3))
    outer = QuantumCircuit(3)
    outer.append(nested.to_gate(), range(3))
    found = exact.correlator_of_all(outer)
    assert found == pytest.approx(exact.correlator_of_all(expected), abs=1e-12)


def test_through_qpy(tmp_path: Any) -> None:
    with (tmp_path / "quench.qpy").open("wb") as file:
        qpy.dump(quench(3, PauliEvolutionGate(FIELD, 0.8)), file)
    circuit = read_circuit(tmp_path / "quench.qpy")
    assert exact.qfi(circuit) == pytest.approx(exact.qfi(by_expm(3, FIELD, 0.8)), rel=1e-10)


def test_shots_say_which_formula_ran() -> None:
    gate = PauliEvolutionGate(ising(3), 1.0, synthesis=LieTrotter(reps=2))
    with pytest.warns(UserWarning, match=r"LieTrotter \(order 1\) of 2 steps .* fidelity 0\.\d+"):
        qbell.sample(quench(3, gate), qbell.schedule(3), shots=2, seed=1)


def test_commuting_terms_run_exactly(recwarn: pytest.WarningsRecorder) -> None:
    gate = PauliEvolutionGate(SparsePauliOp(["IZZ", "ZZI", "XXX"]), 0.4)
    qbell.sample(quench(3, gate), qbell.schedule(3), shots=2, seed=1)
    assert not [one for one in recwarn if "formula" in str(one.message)]
    assert checked(quench(3, gate)).formulas == ()


def test_a_campaign_says_it_too(tmp_path: Any) -> None:
    from qbell.report.summary import known_values

    preparation = checked(quench(3))
    known = known_values(preparation, parse_axis("z"))
    assert known["circuit"]["fidelity"] < 0.9
    assert known["exact"]["qfi"] == pytest.approx(exact.qfi(by_expm(3, ising(3), 1.0)))
    assert "LieTrotter" in known["notes"][0]


def test_refused() -> None:
    drift = PauliEvolutionGate(FIELD, 0.8, synthesis=QDrift(reps=2))
    with pytest.raises(QbellError, match="another circuit each time"):
        exact.qfi(quench(3, drift))
    circuit = QuantumCircuit(4)
    circuit.append(QuantumCircuit.to_gate(quench(3)).control(1), range(4))
    with pytest.raises(QbellError, match="under control"):
        exact.qfi(circuit)


def test_unitaries_near_a_simpler_one_stay_what_they_are() -> None:
    """Qiskit's synthesis of two qubits takes some 1e-9 of fidelity off them."""
    random = np.random.default_rng(3)
    h = random.normal(size=(4, 4))
    unitary = scipy.linalg.expm(-1e-5j * (h + h.T))
    inner = QuantumCircuit(3)
    inner.append(UnitaryGate(unitary), [0, 1])
    inner.append(UnitaryGate(unitary), [2, 0])
    circuit = QuantumCircuit(3)
    circuit.h([0, 2])
    circuit.append(inner.to_gate(), [1, 2, 0])
    circuit.ry(0.3, 1)
    found = exact_vector(circuit)
    assert np.abs(found - Statevector(circuit).data).max() < 1e-13
    assert exact.qfi(circuit, "x") == pytest.approx(exact.qfi(found, "x"), rel=1e-12)
