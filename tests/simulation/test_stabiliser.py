"""Stabiliser states with a device's noise as Paulis, against Aer and density matrices."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import PTM, SuperOp
from qiskit_aer import AerSimulator
from qiskit_aer.noise.device import basic_device_gate_errors
from scipy import stats

import qbell
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.turned import with_turned_qubit
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.devices.waiting import scheduled
from qbell.errors import QbellError
from qbell.simulation.gate_noise import noise_of
from qbell.simulation.noisy_state import split
from qbell.simulation.probabilities import of_matrix
from qbell.simulation.stabiliser.clifford import NotClifford, clifford_gates
from qbell.simulation.stabiliser.state import draw_from_stabilisers, stabiliser_state
from qbell.states.base import preparation_of
from tests.support.twirled import twirled_state, with_pauli_errors

FALSE_ALARM = 1e-5  # of each statistical check
READOUT = np.array([[0.98, 0.02], [0.07, 0.93]])


@pytest.fixture(scope="module")
def device() -> GenericBackendV2:
    return GenericBackendV2(5, seed=3)


def read(wire: int) -> NDArray[np.float64]:
    """Another readout on each qubit, 0 and 1 read differently."""
    return np.array([[0.98, 0.02], [0.07, 0.93]]) if wire % 2 else np.array([[0.9, 0.1], [0.0, 1]])


def is_drawn_from(bits: NDArray[np.uint8], table: NDArray[np.float64]) -> bool:
    """Whether outcomes (shots, N) are those of probabilities (2^N,), by chi^2."""
    counts = np.bincount(bits @ (1 << np.arange(bits.shape[1])), minlength=len(table))
    expected = table * len(bits)
    assert counts[expected < 1e-9].sum() == 0
    kept = expected > 1e-9
    statistic = ((counts[kept] - expected[kept]) ** 2 / expected[kept]).sum()
    return bool(stats.chi2.sf(statistic, kept.sum() - 1) > FALSE_ALARM)


def test_a_gate_has_the_noise_that_aer_gives_it(device: GenericBackendV2) -> None:
    """Depolarising and relaxation, by Aer's own construction; the twirl keeps the diagonal."""
    checked = 0
    for name, qubits, error in basic_device_gate_errors(target=device.target):
        if name in ("delay", "reset"):
            continue
        operation = device.target.operation_from_name(name)
        noise = noise_of(device.target, operation, list(qubits))
        assert noise is not None
        matrix = PTM(SuperOp(error)).data.real
        diagonal = noise.diagonal
        if len(qubits) == 2:  # Qiskit's first qubit is the fastest
            diagonal = diagonal.reshape(4, 4).T.ravel()
        else:
            np.testing.assert_allclose(noise.transfer, matrix, atol=1e-12)
        np.testing.assert_allclose(diagonal, np.diag(matrix), atol=1e-12)
        assert noise.twirled.sum() == pytest.approx(1)
        checked += 1
    assert checked > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ghz", "graph", "turned", "waiting"])
def test_outcomes_are_those_of_the_twirled_density_matrix(
    name: str, device: GenericBackendV2
) -> None:
    """All outcomes of some settings, sigma_xi among them, by chi^2."""
    state = qbell.graph(4, shape="ring") if name == "graph" else qbell.ghz(4)
    axis, design = parse_axis("z"), "random3"
    preparation = state.preparation(device)
    if name == "turned":
        preparation = with_turned_qubit(preparation, axis, np.pi / 4)
    compiled = compiled_circuit(preparation, device, axis, design)
    if name == "waiting":
        compiled = scheduled(compiled, device)
    slow = twirled_state(compiled, device, design, read)
    fast = stabiliser_state(compiled, device, design, read)
    rows = np.array([[0, 0, 0, 0], [1, 0, 1, 0], [0, 2, 1, 1], [2, 2, 2, 2]], dtype=np.uint8)
    tables = of_matrix(slow.matrix, slow.effects, rows)
    bits = draw_from_stabilisers(fast, rows, 20_000, 11)
    assert all(is_drawn_from(*each) for each in zip(bits, tables, strict=True))
    assert not is_drawn_from(bits[0], tables[1])  # the check can fail
    assert fast.turned == (0 if name == "turned" else None)


def test_single_shots_of_many_settings_are_drawn_alike(device: GenericBackendV2) -> None:
    """The mean product of outcomes of each setting is that of the density matrix."""
    compiled = compiled_circuit(qbell.ghz(3).preparation(device), device, parse_axis("z"), "full")
    fast = stabiliser_state(compiled, device, "full", read)
    slow = twirled_state(compiled, device, "full", read)
    words = qbell.schedule(3).directions
    rows = np.random.default_rng(5).integers(0, 8, 20_000)
    bits = draw_from_stabilisers(fast, words[rows], 1, 12)[:, 0]
    tables = of_matrix(slow.matrix, slow.effects, words)
    assert all(is_drawn_from(bits[rows == k], tables[k]) for k in range(8))


def test_a_qubit_that_waits_in_its_ground_state_stays_there(device: GenericBackendV2) -> None:
    """A microsecond before the first gate costs nothing; behind it, it does."""
    found = []
    for late in (False, True):
        circuit = QuantumCircuit(2)
        circuit.h(0)
        circuit.cx(0, 1) if late else None
        circuit.barrier()
        circuit.delay(4500, 1, unit="dt")
        circuit.barrier()
        circuit.cx(0, 1)
        axis = parse_axis("z")
        compiled = compiled_circuit(circuit, device, axis, "full")
        found.append(str(stabiliser_state(compiled, device, "full").circuit).count("PAULI_CHANNEL"))
    assert found[1] == found[0] + 2  # a gate and a wait


def test_seeds_repeat_and_differ(device: GenericBackendV2) -> None:
    compiled = compiled_circuit(qbell.ghz(3).preparation(device), device, parse_axis("z"), "full")
    state = stabiliser_state(compiled, device, "full", read)
    words = qbell.schedule(3).directions
    one, same, other = (draw_from_stabilisers(state, words, 50, seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()
    sent = pickle.loads(pickle.dumps(state))  # Stim itself rounds what it pickles
    assert sent.circuit == state.circuit
    np.testing.assert_array_equal(draw_from_stabilisers(sent, words, 50, 1), one)


def test_what_is_no_clifford_circuit_is_refused(device: GenericBackendV2) -> None:
    gate = QuantumCircuit(3)
    gate.h(0)
    gate.rx(0.3, 0)
    gate.cx(0, 1)
    gate.cx(1, 2)
    axis = parse_axis("z")
    with pytest.raises(NotClifford, match="is not Clifford"):
        stabiliser_state(compiled_circuit(gate, device, axis, "full"), device, "full")
    ends = QuantumCircuit(3)
    ends.h(range(3))
    for qubit in (0, 1):
        ends.barrier(qubit)
        ends.rz(0.3, qubit)
    with pytest.raises(NotClifford, match="2 qubits are measured along"):
        stabiliser_state(compiled_circuit(ends, device, axis, "full"), device, "full")
    from qiskit.circuit.library import RZGate

    assert clifford_gates(RZGate(np.pi / 2 + 1e-4)) is None


@pytest.mark.device
def test_large_preparations_say_what_their_noise_assumes() -> None:
    from qiskit_ibm_runtime.fake_provider import FakePittsburgh

    device = FakePittsburgh()
    settings = qbell.schedule(13, "ghz", draws=400, seed=1, share=0.5)
    preparation = qbell.ghz(13, layout="tree").preparation(device)
    shots = qbell.sample(preparation, settings, backend=device, seed=2)
    (note,) = shots.notes
    assert "random Paulis" in note
    assert "qubits decay while they wait" in note
    assert "errors that the device reports of each" in note
    result = qbell.estimate(shots, resamples=40)
    assert 0.6 < result.quantities["coherence"].value < 1
    crooked = replace(preparation, circuit=preparation.circuit.copy(), compiled=None, gates=None)
    crooked.circuit.ry(0.3, 4)
    crooked.circuit.cz(4, 5)
    with pytest.raises(QbellError, match=r"n = 13.*simulates the noise.*is not Clifford"):
        qbell.sample(crooked, settings, backend=device)


@pytest.mark.nightly
@pytest.mark.device
def test_aers_stabilisers_agree() -> None:
    """GHZ of 14 qubits with waits and pulses: parities and populations, four standard errors."""
    from qiskit_ibm_runtime.fake_provider import FakePittsburgh

    device, axis, design = FakePittsburgh(), parse_axis("z"), "ghz"
    compiled = compiled_circuit(
        qbell.ghz(14, layout="tree").preparation(device), device, axis, design
    )
    circuit = scheduled(compiled, device, "XY4")
    before, _, wires = split(circuit)
    state = stabiliser_state(circuit, device, design)
    perfect = replace(state, means=np.sign(np.round(state.means)))  # rotations and readout: none
    active = sorted({wire for _, qubits in before for wire in qubits} | set(wires))
    rows = np.array([[0] * 14, [1, 1] + [0] * 12, [2] * 14], dtype=np.uint8)
    shots = 400
    found = draw_from_stabilisers(perfect, rows, shots, 3)
    for row, bits in zip(rows, found, strict=True):
        slow = with_pauli_errors(before, active, device.target)
        for direction, wire in zip(row, wires, strict=True):
            if direction == 1:
                slow.sdg(active.index(wire))
            if direction < 2:
                slow.h(active.index(wire))
        slow.measure_all()
        simulator = AerSimulator(method="stabilizer", max_parallel_threads=1)
        result = simulator.run(slow, shots=shots, memory=True, seed_simulator=5).result()
        words = np.array([list(word[::-1]) for word in result.get_memory()], dtype=np.uint8)
        words = words[:, [active.index(wire) for wire in wires]]
        for statistic in (lambda x: x.sum(1) % 2, lambda x: x.sum(1) % 14 == 0, lambda x: x[:, 3]):
            one, other = statistic(bits).mean(), statistic(words).mean()
            assert abs(one - other) < 4 * np.sqrt(0.5 / shots)


@pytest.mark.device
@pytest.mark.parametrize(
    ("state", "name", "design"),
    [
        (qbell.graph(13, "line"), "fake_kolkata", "ghz"),
        pytest.param(qbell.ghz(15), "fake_sherbrooke", "ghz", marks=pytest.mark.nightly),
        pytest.param(
            qbell.stars(45, separators=3), "fake_washington", "stars", marks=pytest.mark.nightly
        ),
    ],
    ids=str,
)
def test_clifford_circuits_stay_so_when_they_are_compiled(
    state: qbell.State, name: str, design: str
) -> None:
    """The compiler takes pairs of gates as one, and leaves angles of any size between them."""
    device = find_backend(name)
    preparation = preparation_of(state, device, measured=True)
    compiled = compiled_circuit(preparation, device, parse_axis("z"), design)
    found = stabiliser_state(compiled, device, design)
    assert len(found.qubits) == state.num_qubits
