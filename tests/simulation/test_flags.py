"""Flags by stabilisers, against Aer measuring them mid-circuit and against the density matrix."""

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer import AerSimulator

import qbell
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.flags import WHEN
from qbell.circuits.measurement import parameter_values
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.devices.waiting import scheduled
from qbell.errors import QbellError
from qbell.noise_reference import noise_reference
from qbell.sampling.large_noise import large_state
from qbell.simulation.noisy_state import noise_model
from qbell.simulation.stabiliser.state import draw_from_stabilisers
from tests.conftest import Repeats

AXIS = parse_axis("z")
DEVIATIONS = 4.9  # of each of some ten comparisons: chance 1e-6 each


@pytest.fixture(scope="module")
def device() -> GenericBackendV2:
    gates = ["cz", "sx", "x", "rz", "id"]
    return GenericBackendV2(8, basis_gates=gates, seed=5)  # all qubits are coupled


def flagged(num_qubits: int, when: str, device: GenericBackendV2) -> Preparation:
    state = qbell.ghz(num_qubits, layout="line", flags=2, flags_read=when)
    return state.preparation(device)


def by_stim(preparation: Preparation, device: GenericBackendV2, shots: int) -> NDArray[np.uint8]:
    """(2, shots, N + F): all along X, all along Z."""
    compiled = compiled_circuit(preparation, device, AXIS, "ghz")
    state, _ = large_state(compiled, device, "ghz")
    return draw_from_stabilisers(state, rows(preparation), shots, 7)


def rows(preparation: Preparation) -> NDArray[np.uint8]:
    return np.repeat([[0], [2]], preparation.num_qubits, axis=1).astype(np.uint8)


def by_aer(preparation: Preparation, device: GenericBackendV2, shots: int) -> NDArray[np.uint8]:
    """The same by Aer: whole circuits with waits, their own noise, and measured mid-circuit."""
    compiled = scheduled(compiled_circuit(preparation, device, AXIS, "ghz"), device)
    place = {bit: wire for wire, bit in enumerate(compiled.qubits)}
    wires = sorted({place[item.qubits[0]] for item in compiled.data})
    circuit = QuantumCircuit(len(wires))
    for register in compiled.cregs:
        circuit.add_register(register)
    for item in compiled.data:
        if item.operation.name != "barrier":
            qubits = [wires.index(place[bit]) for bit in item.qubits]
            circuit.append(item.operation, qubits, item.clbits)
    simulator = AerSimulator(
        method="density_matrix",
        noise_model=noise_model(device.target, wires),
        max_parallel_threads=1,
    )
    found = []
    for angles in parameter_values(circuit, rows(preparation), "ghz"):
        bound = circuit.assign_parameters(dict(zip(circuit.parameters, angles, strict=True)))
        counts = simulator.run(bound, shots=shots, seed_simulator=3).result().get_counts()
        names = [register.name for register in reversed(circuit.cregs)]
        words = []
        for word, count in counts.items():
            parts = dict(zip(names, word.split(), strict=True))
            bits = parts["flags"] + parts["meas"]
            words += [[int(bit) for bit in reversed(bits)]] * count
        found.append(words)
    return np.array(found, dtype=np.uint8)


def values(bits: NDArray[np.uint8], num_qubits: int) -> NDArray[np.float64]:
    """Means and squared errors of acceptance, and of C and P of what is accepted."""
    kept = ~bits[..., num_qubits:].any(axis=-1)
    signs = 1.0 - 2.0 * (bits[0][kept[0], :num_qubits].sum(axis=1) % 2)
    along = bits[1][kept[1], :num_qubits].sum(axis=1)
    samples = [kept.ravel() * 1.0, signs, np.isin(along, (0, num_qubits)) * 1.0]
    return np.array([(one.mean(), one.var() / len(one)) for one in samples])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("num_qubits", "when"),
    [
        (4, "mid-circuit"),
        pytest.param(6, "mid-circuit", marks=pytest.mark.nightly),
        pytest.param(5, "end", marks=pytest.mark.nightly),
    ],
)
def test_acceptance_and_coherence_are_those_of_two_other_routes(
    num_qubits: int, when: str, device: GenericBackendV2, repeats: Repeats
) -> None:
    shots = repeats(4000, 100_000)
    preparation = flagged(num_qubits, when, device)
    ours = values(by_stim(preparation, device, 10 * shots), num_qubits)
    aer = values(by_aer(preparation, device, shots), num_qubits)
    exact = noise_reference(
        compiled_circuit(preparation, device, AXIS, "ghz"), device, "z", "ghz", waiting=True
    )
    (share,) = [said for said in exact.assumptions if said.startswith("given that all flags")]
    read = exact.quantities_read
    wanted = [float(share.split("%")[0].split()[-1]) / 100, read["coherence"], read["population"]]
    deviations = np.abs(ours[:, 0] - aer[:, 0]) / np.sqrt(ours[:, 1] + aer[:, 1])
    assert (deviations < DEVIATIONS).all()
    # The twirl of the waits, and the rounded percentage, move them by less than 1e-3.
    assert (np.abs(ours[:, 0] - wanted) < DEVIATIONS * np.sqrt(ours[:, 1]) + 1e-3).all()
    assert 0.5 < ours[0, 0] < 0.99


def test_the_comparison_can_fail(device: GenericBackendV2) -> None:
    """All shots, as if nothing was rejected, have another coherence."""
    bits = by_stim(flagged(5, "end", device), device, 40_000)
    kept, every = values(bits, 5), values(bits * (np.arange(7) < 5).astype(np.uint8), 5)
    assert kept[2, 0] - every[2, 0] > DEVIATIONS * np.sqrt(kept[2, 1] + every[2, 1])
    assert every[0, 0] == 1


@pytest.mark.parametrize("when", WHEN)
def test_mid_circuit_flags_are_read_before_any_rotation(
    when: str, device: GenericBackendV2
) -> None:
    """In time, too: behind them is the barrier that all rotations wait for."""
    compiled = scheduled(compiled_circuit(flagged(4, when, device), device, AXIS, "ghz"), device)
    names = [item.operation.name for item in compiled.data]
    prepared = names.index("barrier")
    early = sum(name == "measure" for name in names[:prepared])
    assert early == (2 if when == "mid-circuit" else 0)
    assert not any(
        item.operation.params
        and item.operation.params[0] != 0
        and getattr(item.operation.params[0], "parameters", ())
        for item in compiled.data[:prepared]
    )


def test_what_cannot_be_flagged_is_refused(device: GenericBackendV2) -> None:
    with pytest.raises(QbellError, match="flags = 2, but generic_backend_8q has 1 free qubit that"):
        qbell.ghz(7, layout="tree", flags=2).preparation(device)
    with pytest.raises(QbellError, match="layouts line and tree"):
        qbell.ghz(4, layout="star", flags=1).preparation(device)
    with pytest.raises(QbellError, match="name one"):
        qbell.ghz(4, flags=1).preparation()
    with pytest.raises(QbellError, match="reads no flags"):
        qbell.phase_scan(qbell.ghz(4, flags=1), ["0pi", "1/4pi"], "parity", backend=device)
