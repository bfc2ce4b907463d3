"""Local sampling and every kind of SamplerV2: the same law, the same qubit order."""

from collections.abc import Callable

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.primitives import BackendSamplerV2, StatevectorSampler
from qiskit.quantum_info import Statevector
from qiskit_aer import AerSimulator
from scipy.stats import chi2, chisquare

import qbell
from qbell import QbellError, exact
from qbell.circuits.measurement import compile_for, measured_circuit, parameter_values
from qbell.devices.backends import find_backend
from qbell.simulation.draw_outcomes import prepare_vector
from qbell.simulation.noisy_state import prepare_noisy
from qbell.simulation.probabilities import of_matrix, of_vector
from tests.support.laws import (
    CURRENT_DEVICE,
    DEVICE,
    asymmetric,
    chi_squared_p,
    counts_of,
    crooked,
    nested_pairs,
    sampler_of,
)
from tests.support.simulated import probabilities


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["local", "local noisy", "statevector", "aer", "fake device", "ibm, local mode"]
)
def test_qubit_order_end_to_end(kind: str) -> None:
    """The correlator of GHZ on qubits 0 to 2 of 5 is at label 00+++ and nowhere else."""
    schedule = qbell.schedule(5, "random", draws=150, seed=3)
    if kind.startswith("local"):
        backend = DEVICE if "noisy" in kind else "aer"
        shots = qbell.sample(asymmetric(), schedule, shots=20, seed=1, backend=backend)
    else:
        shots = qbell.sample(asymmetric(), schedule, sampler_of(kind), shots=20)
    table = qbell.estimate(shots, resamples=40).correlators.set_index("label")
    true = exact.correlators(Statevector(asymmetric())).set_index("label")["value"]
    assert true["00+++"] == pytest.approx(0.25)
    assert true["+++00"] == pytest.approx(0)
    # 0.15 to 0.25, with a standard error of 0.02; a reversed order would give 0 here.
    assert table["value"]["00+++"] > 0.06
    assert table["value"]["+++00"] < 0.05
    assert shots.frame["setting"].str.len().eq(5).all()


@pytest.mark.parametrize("axis", ["z", "x", (1.0, -2.0, 0.5)])
@pytest.mark.parametrize("kind", ["local", "statevector", "aer"])
def test_samples_follow_the_law_of_the_state(kind: str, axis: str) -> None:
    """chi^2 over all settings and outcomes; a false alarm in 1 of 10,000 a case."""
    schedule = qbell.schedule(4, axis=axis)
    if kind == "local":
        shots = qbell.sample(crooked(), schedule, shots=2000, seed=11)
    else:
        shots = qbell.sample(crooked(), schedule, sampler_of(kind), shots=2000)
    # An independent route: the state turned to the frame of the axis, by Kronecker products.
    frame = schedule.axis.frame().conj().T
    turn = frame
    for _ in range(3):
        turn = np.kron(turn, frame)
    vector = turn @ Statevector(crooked()).data
    table = probabilities(np.outer(vector, vector.conj()))
    assert chi_squared_p(counts_of(shots), table) > 1e-4


@pytest.mark.device
@pytest.mark.parametrize(
    ("name", "axis"),
    [
        (DEVICE, "z"),
        pytest.param(CURRENT_DEVICE, "z", marks=pytest.mark.nightly),
        pytest.param(CURRENT_DEVICE, "y", marks=pytest.mark.nightly),
    ],
)
def test_noisy_settings_agree_with_aer_one_by_one(name: str, axis: str) -> None:
    """Aer samples each compiled setting under the full noise model; chi^2, false alarm 1e-4."""
    device = find_backend(name)
    simulator = AerSimulator.from_backend(device, method="density_matrix")
    schedule = qbell.schedule(4, axis=axis)
    noisy = prepare_noisy(crooked(), schedule.axis, device)
    table = of_matrix(noisy.matrix, noisy.effects, schedule.directions)
    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-9)
    values = parameter_values(noisy.compiled, schedule.directions)
    chosen = [0, 6, 15]
    job = simulator.run(
        [noisy.compiled.assign_parameters(values[setting]) for setting in chosen],
        shots=20_000,
        seed_simulator=9,
    )
    ideal = probabilities(np.outer(*[Statevector(crooked()).data] * 2).conj())
    for position, setting in enumerate(chosen):
        seen = np.zeros(16)
        for bits, count in job.result().get_counts(position).items():
            seen[int(bits, 2)] = count
        expected = table[setting] / table[setting].sum() * 20_000
        assert chisquare(seen, expected).pvalue > 1e-4
        if axis == "z":  # and the test would see it if the noise were left out
            pooled = np.clip(ideal[setting], 1e-3, None)
            assert chisquare(seen, pooled / pooled.sum() * 20_000).pvalue < 1e-6


@pytest.mark.device
def test_noisy_local_shots_agree_with_the_backend_sampler() -> None:
    """Our draws and BackendSamplerV2's, setting by setting, on one device's noise in Aer."""
    device = find_backend(DEVICE)
    simulator = AerSimulator.from_backend(device)
    schedule = qbell.schedule(3)
    circuit = QuantumCircuit(3)
    circuit.ry(0.5, 0)
    circuit.cx(0, 2)
    circuit.h(1)
    ours = counts_of(qbell.sample(circuit, schedule, shots=4000, seed=2, backend=device))
    sampler = BackendSamplerV2(backend=simulator, options={"seed_simulator": 7})
    theirs = counts_of(qbell.sample(circuit, schedule, sampler, shots=4000))
    both = ours + theirs
    kept = both > 20
    statistic = ((ours - theirs)[kept] ** 2 / both[kept]).sum()
    assert chi2.sf(statistic, kept.sum() - 8) > 1e-4


def test_vector_and_matrix_routes_agree(rng: np.random.Generator) -> None:
    vector = rng.normal(size=16) + 1j * rng.normal(size=16)
    vector /= np.linalg.norm(vector)
    schedule = qbell.schedule(4)
    table = of_vector(vector, schedule.azimuths)
    slow = probabilities(np.outer(vector, vector.conj()))
    np.testing.assert_allclose(table, slow, atol=1e-13)
    pauli = {0: np.array([[0, 1], [1, 0]]), 1: np.array([[0, -1j], [1j, 0]])}
    effects = np.array([[(np.eye(2) + sign * pauli[d]) / 2 for sign in (1, -1)] for d in (0, 1)])
    matrix = np.outer(vector, vector.conj())
    np.testing.assert_allclose(
        of_matrix(matrix, [effects] * 4, schedule.directions), slow, atol=1e-13
    )


@pytest.mark.device
@pytest.mark.parametrize("state", [qbell.ghz(5), qbell.ising(4, -1.5), qbell.double_well(4, -3.0)])
def test_every_family_compiles_for_a_device(state: qbell.State) -> None:
    device = find_backend(CURRENT_DEVICE)
    compiled = compile_for(measured_circuit(state.circuit(), qbell.schedule(2).axis), device)
    allowed = {*device.target.operation_names, "barrier"}
    assert {item.operation.name for item in compiled.data} <= allowed
    assert len(compiled.parameters) == state.num_qubits
    np.testing.assert_allclose(
        abs(np.vdot(prepare_vector(state.circuit()), Statevector(state.circuit()).data)), 1
    )


def test_seeds_reproduce_and_differ() -> None:
    schedule = qbell.schedule(3, "random", draws=50, seed=4)
    one = qbell.sample(qbell.ghz(3), schedule, seed=1)
    assert one.frame.equals(qbell.sample(qbell.ghz(3), schedule, seed=1).frame)
    assert not one.frame.equals(qbell.sample(qbell.ghz(3), schedule, seed=2).frame)
    unseeded = qbell.sample(qbell.ghz(3), schedule)
    assert unseeded.seed is not None
    assert unseeded.frame.equals(qbell.sample(qbell.ghz(3), schedule, seed=unseeded.seed).frame)


def test_errors_of_different_settings_are_independent() -> None:
    """One stream per setting would repeat: |+> along Y is a fair coin in every setting."""
    shots = qbell.sample(qbell.plus(2), qbell.schedule(2, "random", draws=400, seed=1), seed=1)
    table = shots.frame
    bits = table[table["setting"] == "YY"]["bitstring"]
    assert 0.3 < (bits.str[0] == "1").mean() < 0.7
    assert bits.nunique() == 4


def test_progress_counts_rows() -> None:
    steps: list[int] = []
    qbell.sample(qbell.ghz(4), qbell.schedule(4), shots=5, seed=1, progress=steps.append)
    assert sum(steps) == 16


def hidden_reset() -> QuantumCircuit:
    """A GHZ state that a reset inside a gate dephases: no single state vector describes it."""
    inner = QuantumCircuit(1)
    inner.reset(0)
    circuit = QuantumCircuit(4)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.append(inner.to_instruction(), [1])
    return circuit


def looped_reset() -> QuantumCircuit:
    circuit = QuantumCircuit(4)
    circuit.h(0)
    with circuit.for_loop(range(1)):
        circuit.reset(0)
    return circuit


@pytest.mark.parametrize("make", [hidden_reset, looped_reset])
@pytest.mark.parametrize("backend", ["aer", DEVICE])
def test_hidden_resets_are_refused(make: Callable[[], QuantumCircuit], backend: str) -> None:
    """Aer would follow one random course of them, for all settings."""
    with pytest.raises(QbellError, match="resets or branches"):
        qbell.sample(make(), qbell.schedule(4), shots=5, backend=backend)


def test_gates_and_definitions_of_the_users_own_are_sampled() -> None:
    inner = QuantumCircuit(2, name="mine")
    inner.h(0)
    inner.cx(0, 1)
    circuit = QuantumCircuit(3)
    circuit.append(inner.to_gate(), [2, 1])
    circuit.barrier()
    circuit.unitary(np.array([[0, 1], [1, 0]]), [0])
    shots = qbell.sample(circuit, qbell.schedule(3), shots=2000, seed=3)
    vector = Statevector(circuit).data
    assert chi_squared_p(counts_of(shots), probabilities(np.outer(vector, vector.conj()))) > 1e-4


def test_a_circuit_that_a_device_cannot_hold_is_refused() -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.delay(100, 0)
    with pytest.raises(QbellError, match="cannot be compiled for fake_manila"):
        qbell.sample(circuit, qbell.schedule(2), backend=DEVICE)


@pytest.mark.slow
def test_what_cannot_be_sampled_is_refused() -> None:
    schedule = qbell.schedule(3)
    with pytest.raises(QbellError, match="4 qubits and the schedule 3"):
        qbell.sample(qbell.ghz(4), schedule)
    with pytest.raises(QbellError, match="seed"):
        qbell.sample(qbell.ghz(3), schedule, StatevectorSampler(), seed=1)
    with pytest.raises(QbellError, match="shots"):
        qbell.sample(qbell.ghz(3), schedule, shots=0)
    with pytest.raises(QbellError, match="fake_xyz"):
        qbell.sample(qbell.ghz(3), schedule, backend="fake_xyz")
    with pytest.raises(QbellError, match="ibm_torino"):
        qbell.sample(qbell.ghz(3), schedule, backend="ibm_torino")
    measured = QuantumCircuit(3)
    measured.measure_all()
    with pytest.raises(QbellError, match="measures"):
        qbell.sample(measured, schedule)
    free = QuantumCircuit(3)
    free.rx(Parameter("a"), 0)
    with pytest.raises(QbellError, match="free parameters"):
        qbell.sample(free, schedule)
    wide = qbell.schedule(17, "random", draws=3, seed=1)
    with pytest.raises(QbellError, match=r"n = 17.*bond dimension above 128.*shallower"):
        qbell.sample(nested_pairs(17), wide)
    narrow = qbell.schedule(13, "random", draws=3, seed=1)
    with pytest.raises(QbellError, match=r"n = 13.*noise of fake_pittsburgh up to n = 12"):
        qbell.sample(qbell.w(13), narrow, backend=CURRENT_DEVICE)
    with pytest.raises(QbellError, match="5"):
        qbell.sample(qbell.ghz(6), qbell.schedule(6), backend=DEVICE)


@pytest.mark.device
def test_barriers_of_the_users_own_do_not_hide_the_preparation() -> None:
    """One with the very label that marks its end, and one right before it."""
    circuit = crooked()
    circuit.barrier(label="prepared")
    circuit.cx(3, 0)
    circuit.h(1)
    circuit.barrier()
    bare = QuantumCircuit(4)
    for item in circuit.data:
        if item.operation.name != "barrier":
            bare.append(item.operation, [circuit.find_bit(bit).index for bit in item.qubits])
    axis = qbell.schedule(4).axis
    device = find_backend(DEVICE)
    one, other = prepare_noisy(circuit, axis, device), prepare_noisy(bare, axis, device)
    ideal = Statevector(bare).data
    for noisy in (one, other):
        fidelity = (ideal.conj() @ noisy.matrix @ ideal).real
        assert 0.8 < fidelity < 1
