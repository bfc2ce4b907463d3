"""The noise reference: closed forms, brute force, and the shots of IBM's own Sampler."""

import io
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import DensityMatrix, Operator, Pauli
from qiskit_aer import AerSimulator
from rich.console import Console
from scipy import stats

import qbell
from qbell import exact
from qbell.circuits.measurement import compile_for, measured_circuit, parameter_values
from qbell.conventions.axes import parse_axis
from qbell.designs import DESIGNS
from qbell.devices.backends import find_backend
from qbell.devices.layout import Preparation
from qbell.devices.readout import readout_as_run
from qbell.devices.waiting import scheduled
from qbell.errors import QbellError
from qbell.noise_reference import (
    NoiseReference,
    noise_reference,
    reference_of_state,
)
from qbell.noise_reference.read_out import as_read, read_out
from qbell.report.page import html_page
from qbell.report.summary import known_values, summarize
from qbell.report.terminal import terminal_table
from qbell.simulation.noisy_state import NoisyState, noisy_state, prepare_noisy, split
from qbell.simulation.probabilities import of_matrix
from qbell.states.base import preparation_of
from qbell.util.atomic_files import to_json
from tests.conftest import Repeats
from tests.support.ghz import ghz_vector
from tests.support.simulated import white_noise_ghz

LABORATORY = parse_axis("z")
PAULIS = {name: Pauli(name).to_matrix() for name in "IXYZ"}


def compiled_for(state: Any, device: Any, axis: str = "z", design: str = "full") -> QuantumCircuit:
    preparation = state if isinstance(state, Preparation | QuantumCircuit) else None
    if preparation is None:
        preparation = preparation_of(state, device, measured=True)
    wires = getattr(preparation, "wires", None)
    return compile_for(measured_circuit(preparation, parse_axis(axis), design), device, wires)


def measured(
    matrix: NDArray[np.complex128], up: float = 0.0, down: float = 0.0, directions: int = 2
) -> NoisyState:
    """A state read along X, Y (and Z) with P(1|0) = up and P(0|1) = down."""
    num_qubits = len(matrix).bit_length() - 1
    effects = np.empty((directions, 2, 2, 2), dtype=complex)
    for place, name in enumerate("XYZ"[:directions]):
        plus, minus = (np.eye(2) + PAULIS[name]) / 2, (np.eye(2) - PAULIS[name]) / 2
        effects[place] = (1 - up) * plus + down * minus, up * plus + (1 - down) * minus
    return NoisyState(matrix, (effects,) * num_qubits, QuantumCircuit(num_qubits))


def reference(state: NoisyState, design: str = "full") -> NoiseReference:
    return reference_of_state(state, None, LABORATORY, design)


def random_matrix(num_qubits: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    size = 2**num_qubits
    a = rng.normal(size=(size, 3)) + 1j * rng.normal(size=(size, 3))
    matrix: NDArray[np.complex128] = a @ a.conj().T
    return matrix / np.trace(matrix)


def is_ordered(found: NoiseReference, num_qubits: int) -> bool:
    assert found.qfi is not None
    chain = (found.bound, found.f0, found.qfi, num_qubits**2)
    return all(a <= b + 1e-9 for a, b in pairwise(chain))


# Closed forms


@pytest.mark.parametrize("num_qubits", [3, 4, 6])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.7])
def test_white_noise_and_symmetric_readout(num_qubits: int, p: float) -> None:
    """QFI = N^2 (1-p)^2 / ((1-p) + 2p/2^N), E = (1-p)^2/4; readout takes (1-2e)^2 a qubit."""
    error = 0.03
    found = reference(measured(white_noise_ghz(num_qubits, p), error, error))
    pure = num_qubits**2 * (1 - p) ** 2
    assert found.qfi == pytest.approx(pure / ((1 - p) + 2 * p / 2**num_qubits))
    assert found.e_n == pytest.approx((1 - p) ** 2 / 4)
    assert found.bound == pytest.approx(pure)
    read = (1 - 2 * error) ** (2 * num_qubits)
    assert found.e_n_read == pytest.approx(found.e_n * read)
    assert found.bound_read == pytest.approx(pure * read)
    assert sum(found.bound_by_order_read) == pytest.approx(found.bound_read)


@pytest.mark.parametrize("kind", ["phase flip", "depolarising"])
def test_noise_of_each_qubit(kind: str) -> None:
    """Phase flip p/2: QFI = B = N^2 (1-p)^(2N). Depolarising: E = (1-p)^(2N) / 4."""
    num_qubits, p = 4, 0.12
    state = DensityMatrix(np.outer(ghz_vector(num_qubits), ghz_vector(num_qubits)))
    kraus = (
        [np.sqrt(1 - p / 2) * PAULIS["I"], np.sqrt(p / 2) * PAULIS["Z"]]
        if kind == "phase flip"
        else [np.sqrt(1 - 3 * p / 4) * PAULIS["I"]]
        + [np.sqrt(p / 4) * PAULIS[name] for name in "XYZ"]
    )
    for qubit in range(num_qubits):
        state = DensityMatrix(
            sum(state.evolve(Operator(operator), [qubit]).data for operator in kraus)
        )
    found = reference(measured(state.data))
    assert found.e_n == pytest.approx((1 - p) ** (2 * num_qubits) / 4)
    assert found.e_n_read == pytest.approx(found.e_n)
    if kind == "phase flip":
        value = num_qubits**2 * (1 - p) ** (2 * num_qubits)
        assert (found.qfi, found.bound) == pytest.approx((value, value))
    assert is_ordered(found, num_qubits)


def test_unequal_readout_makes_correlators_out_of_none() -> None:
    """On the maximally mixed state A_j = b 1, so |c_s|^2 = (b^2 / 2)^n: above the bound of 0."""
    num_qubits, up, down = 3, 0.02, 0.22
    state = measured(np.eye(8, dtype=complex) / 8, up, down)
    expected = sum(
        2 * (label.count(1) - label.count(2)) ** 2 * 2.0 ** (n - num_qubits) * (0.2**2 / 2) ** n
        for label in product((0, 1, 2), repeat=num_qubits)
        for n in [num_qubits - label.count(0)]
    )
    found = reference(state)
    assert found.bound == pytest.approx(0, abs=1e-12)
    assert found.bound_read == pytest.approx(expected)
    assert found.bound_read > 0.02


# Brute force


@pytest.mark.parametrize("num_qubits", [2, 3])
def test_as_read_out_by_brute_force(num_qubits: int, rng: np.random.Generator) -> None:
    """Every c_s from Kronecker products of noisy observables of random, different qubits."""
    matrix = random_matrix(num_qubits, rng)
    effects = []
    for _ in range(num_qubits):
        first = np.stack([random_matrix(1, rng) for _ in range(3)])
        effects.append(np.stack([first, np.eye(2) - first], axis=1))
    values = {}
    for label in product("0+-", repeat=num_qubits):
        operator = np.eye(1)
        for qubit, letter in enumerate(label):  # qubit 0 last in the product
            means = effects[qubit][:, 0] - effects[qubit][:, 1]
            one = {
                "0": np.eye(2),
                "+": (means[0] + 1j * means[1]) / 2,
                "-": (means[0] - 1j * means[1]) / 2,
            }[letter]
            operator = np.kron(one, operator)
        values[label] = abs(np.trace(matrix @ operator)) ** 2
    by_order = np.zeros(num_qubits + 1)
    for label, value in values.items():
        n = num_qubits - label.count("0")
        weight = 2 * (label.count("+") - label.count("-")) ** 2 * 2.0 ** (n - num_qubits)
        by_order[n] += weight * value
    state = NoisyState(matrix, tuple(effects), QuantumCircuit(num_qubits))
    found = read_out(state, "random3")
    np.testing.assert_allclose(found.bound_by_order, by_order, atol=1e-12)
    assert found.e_n == pytest.approx(values[("+",) * num_qubits])
    # All 4^N means of noisy observables, by the matrix that stands for them.
    read = as_read(matrix, tuple(effects))
    for word in product("IXYZ", repeat=num_qubits):
        noisy = np.eye(1)
        for qubit, letter in enumerate(word):
            means = effects[qubit][:, 0] - effects[qubit][:, 1]
            noisy = np.kron(np.eye(2) if letter == "I" else means["XYZ".index(letter)], noisy)
        ideal = Pauli("".join(word[::-1])).to_matrix()
        assert np.trace(read @ ideal) == pytest.approx(np.trace(matrix @ noisy))
    generator = sum(Pauli("I" * (num_qubits - 1 - k) + "Z" + "I" * k).to_matrix() / 2
                    for k in range(num_qubits))  # fmt: skip
    f0 = 4 * (np.trace(read @ read @ generator @ generator) - np.trace((read @ generator) @ (
        read @ generator)))  # fmt: skip
    assert found.f0 == pytest.approx(f0.real)


def test_f0_and_qfi_by_brute_force(rng: np.random.Generator) -> None:
    """Eqs. (8) and (12), with the generator as a matrix, on another axis than z."""
    num_qubits = 3
    matrix = random_matrix(num_qubits, rng)
    found = reference_of_state(measured(matrix), None, parse_axis("x"), "full")
    h = sum(
        Pauli("".join("X" if k == q else "I" for k in range(num_qubits))).to_matrix() / 2
        for q in range(num_qubits)
    )
    p, v = np.linalg.eigh(matrix)
    elements = np.abs(v.conj().T @ h @ v) ** 2
    qfi = sum(
        2 * (p[i] - p[j]) ** 2 / (p[i] + p[j]) * elements[i, j]
        for i in range(8)
        for j in range(8)
        if p[i] + p[j] > 1e-12
    )
    f0 = 4 * (np.trace(matrix @ matrix @ h @ h) - np.trace(matrix @ h @ matrix @ h)).real
    assert (found.qfi, found.f0) == pytest.approx((qfi, f0))


# Devices


@pytest.mark.slow
@pytest.mark.parametrize("design", ["full", "random3", "pauli", "symmetric", "equatorial"])
@pytest.mark.parametrize(("family", "axis"), [("ghz", "z"), ("dicke", "x")])
def test_without_noise_the_values_are_the_pure_ones(design: str, family: str, axis: str) -> None:
    device = GenericBackendV2(4, seed=1, noise_info=False)
    state = qbell.ghz(4) if family == "ghz" else qbell.dicke(4, 2)
    compiled = compiled_for(state, device, axis, design)
    found = noise_reference(compiled, device, axis, design)
    bound = exact.bound(state, axis)
    assert found.bound == pytest.approx(bound)
    assert found.qfi == pytest.approx(exact.qfi(state, axis))
    # Both states do not change when qubits are exchanged: no design loses anything.
    assert found.bound_read == pytest.approx(bound)
    assert found.e_n_read == pytest.approx(abs(exact.correlator_of_all(state, axis)) ** 2)
    assert found.f0_read == (pytest.approx(found.f0) if design in ("random3", "pauli") else None)


@pytest.mark.first_and_last
@pytest.mark.device
@pytest.mark.parametrize("decoupling", [None, "XX", "XpXm", "XY4"])
def test_values_are_ordered_and_waiting_costs(decoupling: str | None) -> None:
    device = find_backend("fake_pittsburgh")
    compiled = compiled_for(qbell.ghz(5, layout="line"), device)
    rests = noise_reference(compiled, device, twirled=True)
    waits = noise_reference(compiled, device, waiting=True, decoupling=decoupling, twirled=True)
    for found in (rests, waits):
        assert is_ordered(found, 5)
        assert found.bound_read < found.bound
        assert found.calibrated is not None
    assert waits.bound < rests.bound - 0.05
    assert any("wait" in words for words in waits.assumptions)
    assert waits.assumptions != rests.assumptions


@pytest.mark.slow
def test_the_qfi_has_a_limit() -> None:
    device = GenericBackendV2(3, seed=1)
    found = noise_reference(compiled_for(qbell.ghz(3), device), device, max_qfi_qubits=2)
    assert found.qfi is None
    assert any("n = 2" in words for words in found.assumptions)


@pytest.mark.slow
def test_what_cannot_be_had_is_refused() -> None:
    device = find_backend("fake_manila")
    compiled = compiled_for(qbell.ghz(3), device)
    with pytest.raises(QbellError, match="'XYZ' is unknown"):
        noise_reference(compiled, device, decoupling="XYZ")
    with pytest.raises(QbellError, match="design"):
        noise_reference(compiled, device, design="all")
    with pytest.raises(QbellError, match="barrier"):
        noise_reference(_without_barriers(compiled), device)
    branching = qbell.ghz(3, layout="constant")
    device = find_backend("fake_fez")
    with pytest.raises(QbellError, match="mid-circuit"):
        noise_reference(compiled_for(branching, device), device)


def _without_barriers(circuit: QuantumCircuit) -> QuantumCircuit:
    bare = circuit.copy_empty_like()
    for item in circuit.data:
        if item.operation.name != "barrier":
            bare.append(item)
    return bare


def test_devices_without_durations_cannot_wait() -> None:
    device = GenericBackendV2(3, seed=1, noise_info=False)
    compiled = compiled_for(qbell.ghz(3), device)
    with pytest.raises(QbellError, match="scheduled"):
        noise_reference(compiled, device, waiting=True)


# Shots


def p_value(counts: NDArray[np.int64], expected: NDArray[np.float64]) -> float:
    """Of chi^2 over all settings; rare outcomes together."""
    statistic, freedom = 0.0, 0
    for seen, mean in zip(counts, expected, strict=True):
        rare = mean < 8
        cells = np.append(seen[~rare], seen[rare].sum()), np.append(mean[~rare], mean[rare].sum())
        kept = cells[1] > 1
        statistic += float(((cells[0] - cells[1])[kept] ** 2 / cells[1][kept]).sum())
        freedom += int(kept.sum()) - 1
    return float(stats.chi2.sf(statistic, freedom))


ROWS = np.array([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=np.uint8)
SHOTS, MANY = 40_000, 200_000


def probabilities(
    circuit: QuantumCircuit, compiled: QuantumCircuit, device: Any, twirled: bool
) -> NDArray[np.float64]:
    readout, _ = readout_as_run(device, split(compiled)[2], twirled=twirled)
    state = noisy_state(circuit, device, "full", readout)
    return of_matrix(state.matrix, state.effects, ROWS)


def counted(words: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([np.bincount(row, minlength=8) for row in words])


def waiting_circuit() -> QuantumCircuit:
    """A GHZ state of two qubits, and a qubit in |1> that waits for them through many gates."""
    circuit = QuantumCircuit(3)
    circuit.x(0)
    circuit.h(1)
    circuit.cx(1, 2)
    for _ in range(12):
        circuit.barrier()
        circuit.cx(1, 2)
    circuit.barrier()
    return circuit


@pytest.mark.first_and_last
@pytest.mark.device
@pytest.mark.parametrize(
    ("kind", "decoupling"),
    [("ghz", None), ("ghz", "XY4"), ("waiting", "XX"), ("waiting", "XpXm"), ("waiting", "XY4")],
)
def test_agrees_with_ibms_sampler(kind: str, decoupling: str | None) -> None:
    """Shots of the Sampler in local mode, whose pulses and delays are those of the real one.

    Local mode reads 0 and 1 with one error, as twirling does.
    """
    from qiskit_ibm_runtime.executor_sampler import Sampler

    device = find_backend("fake_manila")
    state, axis = (qbell.ghz(3), "z") if kind == "ghz" else (waiting_circuit(), "x")
    compiled = compiled_for(state, device, axis)
    sampler = Sampler(device)
    sampler.options.simulator.seed_simulator = 11
    if decoupling is not None:
        sampler.options.dynamical_decoupling.enable = True
        sampler.options.dynamical_decoupling.sequence_type = decoupling
    result = sampler.run([(compiled, parameter_values(compiled, ROWS))], shots=MANY).result()
    counts = counted(result[0].data.meas.array[..., 0].astype(np.int64))
    circuit = compiled if decoupling is None else scheduled(compiled, device, decoupling)
    expected = MANY * probabilities(circuit, compiled, device, twirled=True)
    assert p_value(counts, expected) > 1e-3
    if decoupling is not None:  # the shots tell the difference
        ignored = MANY * probabilities(compiled, compiled, device, twirled=True)
        assert p_value(counts, ignored) < 1e-6
    if kind == "waiting" and decoupling is not None:  # and pulses are no mere waits
        waits = scheduled(compiled, device)
        other = MANY * probabilities(waits, compiled, device, twirled=True)
        assert p_value(counts, other) < 1e-6


@pytest.mark.device
def test_agrees_with_a_device_that_reads_0_and_1_differently() -> None:
    """A snapshot's own run has both readout errors; without them the shots do not fit."""
    device = find_backend("fake_manila")
    compiled = compiled_for(qbell.ghz(3), device)
    values = parameter_values(compiled, ROWS)
    circuits = [
        compiled.assign_parameters(dict(zip(compiled.parameters, row, strict=True)))
        for row in values
    ]
    result = device.run(circuits, shots=SHOTS, seed_simulator=3, memory=True).result()
    words = [[int(word, 2) for word in result.get_memory(place)] for place in range(len(ROWS))]
    counts = counted(np.array(words))
    both = SHOTS * probabilities(compiled, compiled, device, twirled=False)
    mean = SHOTS * probabilities(compiled, compiled, device, twirled=True)
    assert p_value(counts, both) > 1e-3
    assert p_value(counts, mean) < 1e-6


@pytest.mark.statistics
@pytest.mark.device
@pytest.mark.usefixtures("no_orders")
@pytest.mark.parametrize("design", [name for name, kind in DESIGNS.items() if kind.measures_qfi])
def test_estimates_of_shots_have_these_means(
    design: str, monkeypatch: pytest.MonkeyPatch, repeats: Repeats
) -> None:
    """The mean over many runs is the value as read out: its own design's, and not the bound's."""
    num_qubits, runs, device = 3, repeats(10, 30), find_backend("fake_yorktown")
    state = preparation_of(qbell.ghz(num_qubits), device, measured=True)  # chosen once
    compiled = compiled_for(state, device, design=design)
    found = noise_reference(compiled, device, design=design, twirled=True)
    prepared = noisy_state(compiled, device, design)
    monkeypatch.setattr(
        "qbell.simulation.draw_outcomes.prepare_noisy", lambda *_: prepared
    )  # the same each time
    estimates = []
    for seed in range(runs):
        more: dict[str, Any] = {"order": 2} if design == "covering" else {}
        if DESIGNS[design].drawn:
            more = {"draws": 600, "seed": seed}
        plan = qbell.schedule(num_qubits, design, **more)
        shots = qbell.sample(state, plan, shots=1 if "seed" in more else 100, seed=seed,
                             backend=device)  # fmt: skip
        result = qbell.estimate(shots, resamples=40)
        row = [result.bound.value, np.nan if result.e_n is None else result.e_n.value]
        estimates.append([*row, np.nan if result.f0 is None else result.f0.value])
    terms = found.bound_by_order_read
    bound = sum(terms[:3]) if design == "covering" else found.bound_read
    f0 = np.nan if found.f0_read is None else found.f0_read
    means = np.mean(estimates, axis=0)
    errors = np.std(estimates, axis=0, ddof=1) / np.sqrt(runs)
    for mean, error, truth in zip(means, errors, (bound, found.e_n_read, f0), strict=True):
        # Student's t of so few runs: false alarm 1e-4.
        reach = stats.t.isf(5e-5, runs - 1)
        assert np.isnan(mean) or abs(mean - truth) < reach * error + 1e-12
    if design == "full":
        assert abs(means[0] - found.bound) > 10 * errors[0]


@pytest.mark.device
@pytest.mark.parametrize(
    ("num_qubits", "name"),
    [
        (4, "fake_manila"),
        (6, "generic"),
        pytest.param(10, "generic", marks=pytest.mark.nightly),
    ],
)
def test_noisy_sampling_follows_aer_setting_by_setting(num_qubits: int, name: str) -> None:
    """One density matrix for all settings, against Aer's own noisy simulation of each."""
    shots = 10_000
    device = GenericBackendV2(12, seed=9) if name == "generic" else find_backend(name)
    compiled = compiled_for(qbell.ghz(num_qubits), device)
    rows = np.zeros((2, num_qubits), dtype=np.uint8)
    rows[1, [1, 3]] = 1  # parities of opposite sign
    state = noisy_state(compiled, device)
    expected = shots * of_matrix(state.matrix, state.effects, rows)
    simulator = AerSimulator.from_backend(device, method="density_matrix", max_parallel_threads=1)
    circuits = [
        compiled.assign_parameters(dict(zip(compiled.parameters, values, strict=True)))
        for values in parameter_values(compiled, rows)
    ]
    result = simulator.run(circuits, shots=shots, seed_simulator=5).result()
    counts = np.zeros((len(rows), 2**num_qubits), dtype=np.int64)
    for place in range(len(rows)):
        for word, count in result.get_counts(place).items():
            counts[place, int(word, 2)] += count
    assert p_value(counts, expected) > 1e-3
    assert p_value(counts[::-1], expected) < 1e-6


# Beside the measured values


@pytest.mark.device
@pytest.mark.pictures
def test_a_summary_holds_the_reference_of_its_own_shots() -> None:
    device = find_backend("fake_manila")
    state, plan = qbell.ghz(3), qbell.schedule(3, "covering", order=2)
    known = known_values(state, plan.axis, device, "covering")
    assert known_values(state, plan.axis, device).get("noise") is None
    shots = qbell.sample(state, plan, shots=200, seed=1, backend=device)
    result = qbell.estimate(shots, resamples=100)
    summary = summarize(result, known=known)
    noise = summary["noise"]
    assert noise["device"] == "fake_manila"
    assert noise["calibrated"].startswith("2024-")
    assert noise["bound_read_to_order"] == pytest.approx(sum(noise["bound_by_order_read"][:3]))
    assert noise["bound_read"] < noise["bound"] <= noise["f0"] + 1e-9
    assert noise["f0"] < noise["qfi"] < 9
    to_json(summary)
    drawn = prepare_noisy(preparation_of(state, device, measured=True), plan.axis, device)
    assert noise["bound"] == pytest.approx(exact.bound(drawn.matrix))
    told = _text(summary)
    assert told.count("noise reference") == 3
    assert f"{noise['bound_read_to_order']:.4g} as read out" in told
    page = html_page(result, summary)
    assert "noise reference" in page
    assert "fake_manila" in page
    assert "<h2>The device</h2>" not in page


@pytest.mark.slow
@pytest.mark.pictures
def test_without_a_device_nothing_is_added() -> None:
    state, plan = qbell.ghz(3), qbell.schedule(3)
    shots = qbell.sample(state, plan, shots=50, seed=1)
    result = qbell.estimate(shots, resamples=100)
    summary = summarize(result, known=known_values(state, plan.axis, None, "full"))
    assert summary["noise"] is None
    assert summary["device"] is None
    assert "noise reference" not in _text(summary)
    assert "oise reference" not in html_page(result, summary)


@pytest.mark.slow
@pytest.mark.pictures
def test_the_page_shows_how_a_device_was_used() -> None:
    shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=50, seed=1)
    result = qbell.estimate(shots, resamples=100)
    used = {"name": "ibm_<somewhere>", "jobs": 13, "qpu_seconds": 71.5, "twirling": True}
    used |= {"randomizations": 4, "reference_drift_p": 0.031, "wires": [7, 8, 11]}
    summary = summarize(result, device=used)
    assert "p-value of no drift, reference jobs" in _text(summary)
    page = html_page(result, summary)
    for words in ("ibm_&lt;somewhere&gt;", "71.5 s", "4 randomizations", "7, 8, 11", "0.031"):
        assert words in page


def _text(summary: dict[str, Any]) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(terminal_table(summary))
    return console.export_text()
