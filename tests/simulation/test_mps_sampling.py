"""Matrix products of circuits, and the shots drawn from them."""

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.quantum_info import Statevector

import qbell
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import Schedule
from qbell.simulation.draw_outcomes import SMALL_BOND
from qbell.simulation.mps_circuit import TooEntangled, matrix_product_of, turned
from qbell.simulation.mps_sampling import draw_from_matrix_product
from qbell.simulation.probabilities import of_vector
from tests.support.laws import (
    chi_squared_p,
    crooked,
    nested_pairs,
    pure,
    schedules,
    scrambled,
)
from tests.support.simulated import law


def amplitudes_of(tensors: tuple[NDArray[np.complex128], ...]) -> NDArray[np.complex128]:
    """(2^N,) in Qiskit's order, qubit 0 the lowest bit."""
    vector = np.ones((1, 1), dtype=complex)
    for tensor in tensors:
        vector = np.einsum("ua,asb->sub", vector, tensor).reshape(-1, tensor.shape[2])
    return vector[:, 0]


@pytest.mark.parametrize("reach", [1, 4, 8])
def test_matrix_product_of_a_circuit_is_its_state(reach: int) -> None:
    """Against Qiskit's state vector, with gates between qubits near and far."""
    circuit = scrambled(9, layers=4, reach=reach)
    circuit.rzz(0.3, 7, 2)
    circuit.ccx(8, 0, 4)
    tensors = matrix_product_of(circuit)
    for tensor in tensors:
        gram = np.einsum("asb,csb->ac", tensor, tensor.conj())
        np.testing.assert_allclose(gram, np.eye(len(tensor)), atol=1e-12)
    fidelity = abs(np.vdot(Statevector(circuit).data, amplitudes_of(tensors))) ** 2
    assert fidelity == pytest.approx(1, abs=1e-10)


def test_matrix_products_keep_what_they_must_and_no_more() -> None:
    tensors = matrix_product_of(qbell.ghz(300).circuit())
    assert len(tensors) == 300
    assert max(map(len, tensors)) == 2
    with pytest.raises(TooEntangled, match="bond dimension above 3"):
        matrix_product_of(scrambled(6, layers=6), most=3)
    assert max(map(len, matrix_product_of(qbell.plus(50).circuit()))) == 1


@pytest.mark.parametrize("axis", ["z", (1.0, -2.0, 0.5)])
@pytest.mark.parametrize("design", ["random3", "equatorial", "symmetric"])
def test_outcomes_follow_the_distribution_of_the_state(design: str, axis: str) -> None:
    """chi^2 against Kronecker products; a false alarm in 1 of 10,000 a case."""
    schedule = schedules(axis)[design]
    tensors = turned(matrix_product_of(crooked()), schedule.axis)
    bits = draw_from_matrix_product(tensors, schedule, 3000, seed=3)
    outcomes = bits.astype(int) @ (1 << np.arange(4))
    counts = np.stack([np.bincount(row, minlength=16) for row in outcomes]).astype(float)
    assert chi_squared_p(counts, law(pure(crooked(), schedule), schedule)) > 1e-4


@pytest.mark.slow
def test_outcomes_agree_with_the_state_vector_of_twelve_qubits() -> None:
    """The same law of twelve qubits, all different; chi^2, false alarm 1e-4."""
    circuit = scrambled(12, layers=2, reach=2, seed=8)
    schedule = qbell.schedule(12, "random3", draws=4, seed=2)
    bits = draw_from_matrix_product(matrix_product_of(circuit), schedule, 60_000, seed=4)
    outcomes = bits.astype(int) @ (1 << np.arange(12))
    counts = np.stack([np.bincount(row, minlength=4096) for row in outcomes]).astype(float)
    table = of_vector(Statevector(circuit).data, schedule.azimuths)
    assert chi_squared_p(counts, table) > 1e-4


@pytest.mark.parametrize("num_qubits", [14, 20, 64, 100])
def test_ghz_of_many_qubits_has_its_parities(num_qubits: int) -> None:
    """With k qubits along Y: parity even if k = 0, odd if k = 2 (mod 4), else a fair coin."""
    schedule = qbell.schedule(num_qubits, "random", draws=4000, seed=3)
    shots = qbell.sample(qbell.ghz(num_qubits), schedule, seed=4)
    along_y = shots.directions.sum(axis=1, dtype=int) % 4
    parity = shots.bits.sum(axis=1, dtype=int) % 2
    assert (parity[along_y == 0] == 0).all()
    assert (parity[along_y == 2] == 1).all()
    fair = parity[along_y % 2 == 1]
    # Hoeffding, false alarm 1e-6 for each of the two checks.
    assert abs(fair.mean() - 0.5) < np.sqrt(np.log(2e6) / (2 * len(fair)))
    ones = shots.bits.mean(axis=0)  # each qubit alone is a fair coin
    assert np.abs(ones - 0.5).max() < np.sqrt(np.log(2e6 * num_qubits) / (2 * 4000))
    assert shots.num_draws == 4000


def test_entangled_states_below_seventeen_qubits_are_vectors() -> None:
    """Where the bond dimension is too large; <Z> of each qubit against Qiskit."""
    circuit = nested_pairs(13)
    with pytest.raises(TooEntangled):
        matrix_product_of(circuit, most=SMALL_BOND)
    schedule = Schedule("random3", parse_axis("z"), np.full((1, 13), 2, dtype=np.uint8))
    shots = qbell.sample(circuit, schedule, shots=4000, seed=3)
    measured = 1 - 2 * np.average(shots.bits, axis=0, weights=shots.counts)
    weights = np.abs(Statevector(circuit).data) ** 2
    index = np.arange(2**13)
    expected = [np.sum(weights * (1 - 2 * (index >> qubit & 1))) for qubit in range(13)]
    # Hoeffding for values in [-1, 1]: false alarm 1e-6 for all 13 together.
    assert np.abs(measured - expected).max() < np.sqrt(2 * np.log(26e6) / 4000)
