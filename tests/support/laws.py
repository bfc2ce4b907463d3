"""Circuits, samplers and schedules to sample, and the tests that compare counts with a law."""

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives import BackendSamplerV2, StatevectorSampler
from qiskit.quantum_info import Statevector
from qiskit_aer.primitives import SamplerV2
from scipy.stats import chi2

import qbell
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import Schedule
from qbell.devices.backends import find_backend
from qbell.shots.shots import Shots
from qbell.util.unique_rows import row_numbers

DEVICE = "fake_manila"  # five qubits: quick to compile for


CURRENT_DEVICE = "fake_pittsburgh"


def asymmetric() -> QuantumCircuit:
    """GHZ on qubits 0 to 2 of 5: reversed, it would be GHZ on qubits 2 to 4."""
    circuit = QuantumCircuit(5)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    return circuit


def crooked() -> QuantumCircuit:
    """Four qubits, all different, all entangled."""
    circuit = QuantumCircuit(4)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.ry(0.7, 2)
    circuit.cx(1, 2)
    circuit.rx(0.4, 3)
    circuit.cx(2, 3)
    circuit.rz(0.9, 0)
    return circuit


def scrambled(num_qubits: int, layers: int, reach: int = 1, seed: int = 1) -> QuantumCircuit:
    """Random rotations and CNOTs, also between qubits far apart: no two qubits are alike."""
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(num_qubits)
    for _ in range(layers):
        for qubit in range(num_qubits):
            circuit.u(*rng.normal(size=3), qubit)
        for qubit in range(num_qubits):
            other = qubit + int(rng.integers(1, reach + 1)) * (-1) ** int(rng.integers(2))
            if 0 <= other < num_qubits:
                circuit.cx(qubit, other)
    return circuit


def nested_pairs(num_qubits: int) -> QuantumCircuit:
    """Qubit k entangled with qubit N-1-k, each pair otherwise: bond dimension 2^(N/2)."""
    circuit = QuantumCircuit(num_qubits)
    for qubit in range(num_qubits // 2):
        circuit.ry(0.5 + 0.1 * qubit, qubit)
        circuit.cx(qubit, num_qubits - 1 - qubit)
        circuit.rx(0.2 * qubit, num_qubits - 1 - qubit)
    return circuit


THREE = Schedule(
    "random3", parse_axis("z"), np.array(np.meshgrid(*[range(3)] * 4)).reshape(4, 81).T.astype("u1")
)


FEW = np.array([0, 5, 31, 40, 77, 80])  # settings of THREE, enough for slow simulators


def schedules(axis: str) -> dict[str, Schedule]:
    """Four qubits, every design with other settings than the full one."""
    three = Schedule("random3", parse_axis(axis), THREE.directions[FEW])
    return {
        "random3": three,
        "equatorial": qbell.schedule(4, "equatorial", axis=axis),
        "symmetric": qbell.schedule(4, "symmetric", axis=axis),
    }


def pure(circuit: QuantumCircuit, schedule: Schedule) -> NDArray[np.complex128]:
    """The density matrix that a circuit prepares, in the frame of the axis, by Qiskit."""
    turn = np.ones((1, 1), dtype=complex)
    for _ in range(circuit.num_qubits):
        turn = np.kron(turn, schedule.axis.frame().conj().T)
    vector = turn @ Statevector(circuit).data
    return np.outer(vector, vector.conj())


def counts_of(shots: Shots) -> NDArray[np.float64]:
    """(settings, outcomes) counts of a full design."""
    size = 2**shots.num_qubits
    table = np.zeros((size, size))
    np.add.at(table, (shots.setting_index, shots.outcome_index), shots.counts)
    return table


def seen(shots: Shots, schedule: Schedule) -> NDArray[np.float64]:
    """(rows of the schedule, outcomes) counts, for a schedule without repeated settings."""
    both = row_numbers(np.concatenate([schedule.directions, shots.directions]))
    assert len(set(both.tolist())) == len(schedule)
    place = {number: row for row, number in enumerate(both[: len(schedule)].tolist())}
    rows = [place[number] for number in both[len(schedule) :].tolist()]
    table = np.zeros((len(schedule), 2**shots.num_qubits))
    np.add.at(table, (rows, shots.outcome_index), shots.counts)
    return table


def chi_squared_p(observed: NDArray[np.float64], table: NDArray[np.float64]) -> float:
    """P-value of all settings together, cells that expect fewer than 5 pooled into one."""
    statistic, freedom = 0.0, 0
    for seen, row in zip(observed, table, strict=True):
        expected = row / row.sum() * seen.sum()
        rare = expected < 5
        assert seen[expected < 1e-9].sum() == 0  # outcomes that cannot happen
        seen_pooled = np.append(seen[~rare], seen[rare].sum())
        expected_pooled = np.append(expected[~rare], expected[rare].sum())
        kept = expected_pooled > 0
        if kept.sum() < 2:
            continue
        statistic += ((seen_pooled - expected_pooled)[kept] ** 2 / expected_pooled[kept]).sum()
        freedom += int(kept.sum()) - 1
    return float(chi2.sf(statistic, freedom))


def total_variation(observed: NDArray[np.float64], table: NDArray[np.float64]) -> float:
    """Largest distance of a row of relative frequencies from its law."""
    shares = observed / observed.sum(axis=1, keepdims=True)
    return float(np.abs(shares - table).sum(axis=1).max() / 2)


def sampler_of(kind: str) -> object:
    if kind == "statevector":
        return StatevectorSampler(seed=np.random.default_rng(5))
    if kind == "aer":
        return SamplerV2(seed=5, options={"backend_options": {"max_parallel_threads": 1}})
    device = find_backend(DEVICE)
    if kind == "ibm, local mode":
        from qiskit_ibm_runtime.executor_sampler import Sampler

        return Sampler(mode=device)
    return BackendSamplerV2(backend=device, options={"seed_simulator": 5})
