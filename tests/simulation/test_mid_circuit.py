"""GHZ states in constant depth: every branch, ideal and noisy shots."""

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit.library import CXGate, XGate
from qiskit.primitives import BackendSamplerV2
from qiskit.quantum_info import Operator, Statevector
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2
from scipy.stats import binomtest, chi2

import qbell
from qbell.campaigns.planning import plan
from qbell.campaigns.run import run
from qbell.campaigns.spec import read_spec
from qbell.circuits.gate_counts import count_gates
from qbell.circuits.ghz import constant_circuit
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.devices.layout.predicted_fidelity import predict
from qbell.sampling.calibrate import calibrate, measured_wires
from qbell.simulation.noisy_state import noise_model
from qbell.states.ghz import GHZ
from tests.support.ghz import ghz_vector, on_device, parities
from tests.support.simulated import law


def branches(
    circuit: QuantumCircuit, only: str | None = None
) -> dict[str, tuple[float, NDArray[np.complex128]]]:
    """Probability and final state of every outcome of the measurements on the way, or of one.

    A state-vector simulation by hand: outcomes are followed, none is drawn.
    """
    width = circuit.num_qubits
    start = np.zeros(2**width, dtype=complex)
    start[0] = 1
    index = {bit: place for place, bit in enumerate(circuit.qubits)}
    runs: dict[tuple[int, ...], NDArray[np.complex128]] = {(-1,) * circuit.num_clbits: start}
    for item in circuit.data:
        name, qubits = item.operation.name, [index[bit] for bit in item.qubits]
        if name == "barrier":
            continue
        after: dict[tuple[int, ...], NDArray[np.complex128]] = {}
        for bits, vector in runs.items():
            if name == "measure":
                place = circuit.find_bit(item.clbits[0]).index
                for outcome in (0, 1) if only is None else (int(only[place]),):
                    kept = np.where(np.arange(2**width) >> qubits[0] & 1 == outcome, vector, 0)
                    if np.linalg.norm(kept) > 1e-12:
                        after[(*bits[:place], outcome, *bits[place + 1 :])] = kept
            elif name == "if_else":
                bit, value = item.operation.condition
                turned = vector
                if bits[circuit.find_bit(bit).index] == value:
                    block = item.operation.blocks[0]
                    for gate in block.data:
                        assert gate.operation.name == "x"
                        target = qubits[block.find_bit(gate.qubits[0]).index]
                        turned = turned[np.arange(2**width) ^ (1 << target)]
                after[bits] = turned
            else:
                after[bits] = np.asarray(
                    Statevector(vector).evolve(Operator(item.operation), qubits).data
                )
        runs = after
    return {
        "".join(map(str, bits)): (float(np.linalg.norm(vector) ** 2), vector)
        for bits, vector in runs.items()
    }


def check_branch(n: int, outcome: str, chance: float, vector: NDArray[np.complex128]) -> None:
    """Fidelity 1 of the even qubits with GHZ, where the odd ones are as they were measured."""
    assert chance == pytest.approx(2.0 ** -(n - 1), abs=1e-12)
    ancillas = sum(1 << 2 * k + 1 for k in range(n - 1) if outcome[k] == "1")
    both = vector[[ancillas, ancillas + sum(4**k for k in range(n))]]
    assert np.abs(both.sum()) ** 2 / (2 * chance) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_every_branch_of_constant_depth_is_ghz(n: int) -> None:
    """Each outcome comes as often, and leaves the same state on the even qubits."""
    found = branches(constant_circuit(n))
    assert len(found) == 2 ** (n - 1)
    for outcome, (chance, vector) in found.items():
        check_branch(n, outcome, chance, vector)


@pytest.mark.slow
@pytest.mark.parametrize("n", range(6, 11))
def test_random_branches_of_constant_depth_are_ghz(n: int, rng: np.random.Generator) -> None:
    for _ in range(2 if n < 8 else 1):
        outcome = "".join(map(str, rng.integers(0, 2, n - 1)))
        chance, vector = branches(constant_circuit(n), outcome)[outcome]
        check_branch(n, outcome, chance, vector)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("n", range(2, 11))
def test_outcomes_of_constant_depth_along_z_agree(n: int) -> None:
    """All 0 or all 1 in every shot, at two-qubit depth 2 and with N - 1 measurements on the way."""
    circuit = constant_circuit(n)
    counts = count_gates(circuit)
    assert (counts.two_qubit_depth, counts.two_qubit_gates) == (2, 2 * (n - 1))
    assert counts.measurements == n - 1
    schedule = qbell.schedule(n, "random3", draws=40, seed=n)
    shots = qbell.sample(GHZ(n, "constant"), schedule, shots=25, seed=n)
    frame = shots.frame
    for setting, bits in zip(frame["setting"], frame["bitstring"], strict=True):
        zs = {bit for bit, letter in zip(bits, setting, strict=True) if letter == "Z"}
        assert len(zs) <= 1


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("n", range(2, 9))
def test_ideal_sampling_of_constant_depth(n: int) -> None:
    """<prod sigma> = Re i^(number of Y), in every shot, and otherwise nothing but chance."""
    schedule = qbell.schedule(n, "random", draws=60, seed=n)
    shots = qbell.sample(GHZ(n, "constant"), schedule, shots=20, seed=5)
    assert np.array_equal(parities(shots), np.ones(len(parities(shots))))
    frame = shots.frame
    odd = frame[frame["setting"].str.count("Y") % 2 == 1]
    signs = int(odd["count"][odd["bitstring"].str.count("1") % 2 == 1].sum())
    assert binomtest(signs, int(odd["count"].sum())).pvalue > 1e-4
    first = int(frame["count"][frame["bitstring"].str[-1] == "1"].sum())
    assert binomtest(first, shots.total).pvalue > 1e-4


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["local", "aer", "backend"])
def test_constant_depth_follows_the_law(kind: str) -> None:
    """Any axis, any sampler: chi^2 over settings and outcomes against the exact state."""
    schedule = qbell.schedule(3, axis=(1.0, -2.0, 0.5))
    state = GHZ(3, "constant")
    if kind == "local":
        shots = qbell.sample(state, schedule, shots=800, seed=3)
    elif kind == "aer":
        shots = qbell.sample(state, schedule, SamplerV2(seed=3), shots=800)
    else:
        sampler = BackendSamplerV2(backend=AerSimulator(), options={"seed_simulator": 3})
        shots = qbell.sample(state, schedule, sampler, shots=800)
    frame = parse_axis((1.0, -2.0, 0.5)).frame()
    vector = ghz_vector(3)
    turn = np.kron(np.kron(frame, frame), frame).conj().T
    vector = turn @ vector
    expected = 800 * law(np.outer(vector, vector.conj()), schedule)
    seen = np.zeros_like(expected)
    rows = {setting: row for row, setting in enumerate(schedule.frame["setting"])}
    for row in shots.frame.itertuples():
        seen[rows[row.setting], int(row.bitstring, 2)] += row.count
    kept = expected > 1e-9
    assert seen[~kept].sum() == 0
    statistic = ((seen - expected)[kept] ** 2 / expected[kept]).sum()
    assert chi2.sf(statistic, kept.sum() - len(schedule)) > 1e-4


def test_shots_are_seeded_and_independent() -> None:
    schedule = qbell.schedule(3, "random", draws=30, seed=1)
    one, two, other = (
        qbell.sample(GHZ(3, "constant"), schedule, shots=7, seed=seed) for seed in (1, 1, 2)
    )
    assert one.frame.equals(two.frame)
    assert not one.frame.equals(other.frame)
    frame = one.frame  # rows of the same setting must not repeat each other
    same = [
        tuple(map(tuple, part[["bitstring", "count"]].to_numpy()))
        for _, part in frame.groupby("draw")
    ]
    assert max(Counter(same).values()) < 5


def deferred(compiled: QuantumCircuit, device: Any, num_qubits: int) -> NDArray[np.complex128]:
    """The density matrix of a compiled constant-depth circuit, with its measurements deferred.

    A measured ancilla, flipped with the chance of a readout error, controls the corrections, and
    is then forgotten: a few density matrices in place of many shots.
    """
    index = {bit: place for place, bit in enumerate(compiled.qubits)}
    kept = [item for item in compiled.data if item.operation.name != "barrier"]
    wires = sorted({index[bit] for item in kept for bit in item.qubits})
    measured = {
        item.clbits[0]: wires.index(index[item.qubits[0]])
        for item in compiled.get_instructions("measure")
    }
    state = [measured[bit] for bit in compiled.cregs[1]]
    ancillas = [measured[bit] for bit in compiled.cregs[0]]
    cut = [item.operation.label for item in compiled.data].index("prepared")
    gates = QuantumCircuit(len(wires))
    corrections = QuantumCircuit(len(wires))
    for item in compiled.data[:cut]:
        qubits = [wires.index(index[bit]) for bit in item.qubits]
        if item.operation.name == "if_else":
            (block, *_), (bit, _) = item.operation.blocks, item.operation.condition
            for gate in block.data:
                target = qubits[block.find_bit(gate.qubits[0]).index]
                corrections.unitary(CXGate(), [measured[bit], target], label="ideal")
        elif item.operation.name not in ("measure", "barrier"):
            gates.append(item.operation, qubits)
    readout = [device.target["measure"][wires[ancilla],] for ancilla in ancillas]
    for qubit in state:
        gates.delay(max(one.duration for one in readout), qubit, unit="s")
    noise = noise_model(device.target, wires)
    simulator = AerSimulator(method="density_matrix", noise_model=noise, max_parallel_threads=1)
    matrix = np.zeros((2**num_qubits,) * 2, dtype=complex)
    for flips in itertools.product((0, 1), repeat=len(ancillas)):
        circuit = gates.copy()
        for ancilla, flip in zip(ancillas, flips, strict=True):
            if flip:
                circuit.unitary(XGate(), [ancilla], label="flip")
        circuit.compose(corrections, inplace=True)
        circuit.save_density_matrix(qubits=state)
        chance = np.prod(
            [abs(1 - flip - one.error) for flip, one in zip(flips, readout, strict=True)]
        )
        matrix += chance * np.asarray(simulator.run(circuit).result().data(0)["density_matrix"])
    return matrix


@pytest.mark.device
def test_noisy_shots_of_constant_depth_follow_the_deferred_density_matrix() -> None:
    device = find_backend("fake_fez")
    preparation = GHZ(3, "constant").preparation(device)
    compiled = on_device(preparation, device)
    matrix = deferred(compiled, device, 3)
    vector = ghz_vector(3)
    fidelity = float((vector @ matrix @ vector).real)
    assert predict(compiled, device).fidelity == pytest.approx(fidelity, abs=0.01)
    assert 0.93 < fidelity < 0.96
    schedule = qbell.schedule(3)
    shots = qbell.sample(GHZ(3, "constant"), schedule, shots=1500, seed=11, backend=device)
    assert shots.shots_per_setting == 1500
    wires = measured_wires(preparation, device, "z", "full")
    loss = np.prod([1 - 2 * device.target["measure"][wire,].error for wire in wires])
    exact = 2 * abs(matrix[0, -1]) * loss
    # 4 settings of even parity; the standard error of their mean is 0.005.
    assert parities(shots).mean() == pytest.approx(exact, abs=0.02)
    assert exact < 0.93  # the noise is not lost


@pytest.mark.device
def test_calibration_reads_the_same_qubits() -> None:
    device = find_backend("fake_fez")
    state = GHZ(3, "constant")
    preparation = state.preparation(device)
    wires = measured_wires(preparation, device, "z", "full")
    assert preparation.wires is not None
    assert wires == [preparation.wires[k] for k in preparation.qubits]
    found = calibrate(state, backend=device, shots=2000, seed=1)
    assert found.prepared.shape[1] == 3


@pytest.mark.device
def test_a_campaign_in_constant_depth(tmp_path: Path) -> None:
    """Plan and run, on a device; the circuit's own values are known by construction."""
    path = tmp_path / "spec.toml"
    path.write_text(
        '[state]\nfamily = "ghz"\nn = 2\nlayout = "constant"\n'
        '[schedule]\ndesign = "full"\nshots = 100\n[backend]\nname = "fake_fez"\n'
    )
    found = plan(path)
    assert found.circuit.two_qubit_depth == 2
    assert found.circuit.two_qubit_gates == 2
    assert any("feed outcomes forward" in note for note in found.notes)
    assert found.expected is not None
    assert 3 < found.expected.bound.value < 4
    summary = run(read_spec(path), tmp_path / "out", seed=1).summary
    assert summary["circuit"]["fidelity"] == 1.0
    assert summary["exact"]["qfi"] == pytest.approx(4)
    assert 3 < summary["bound"]["value"] < 4
