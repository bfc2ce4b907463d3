"""The noise reference by stabilisers, against density matrices, drawn shots and its own parts."""

import numpy as np
import pytest
import stim

import qbell
from qbell.circuits.compiled import compiled_circuit
from qbell.conventions.axes import parse_axis
from qbell.designs import find_design
from qbell.devices.backends import find_backend
from qbell.noise_reference import large_reference, noise_reference
from qbell.report.rows import quantity_rows
from qbell.report.summary import known_values, summarize
from qbell.sampling.large_noise import large_state
from qbell.simulation.stabiliser.expectations import noisy_means
from qbell.simulation.stabiliser.state import StabiliserState
from qbell.states.base import preparation_of

AXIS = parse_axis("z")
pytestmark = pytest.mark.device


def test_means_of_a_random_noisy_circuit(rng: np.random.Generator) -> None:
    """Against shots that Stim itself draws: 4096 of each product, five standard errors."""
    circuit = stim.Circuit()
    for _ in range(30):
        one, other = rng.permutation(4)[:2].tolist()
        circuit.append(str(rng.choice(["H", "S", "SQRT_X", "C_XYZ"])), [one])
        circuit.append(str(rng.choice(["CX", "CZ", "ISWAP", "SQRT_XX"])), [one, other])
        circuit.append("PAULI_CHANNEL_2", [one, other], rng.dirichlet(np.ones(16))[1:] * 0.05)
        circuit.append("PAULI_CHANNEL_1", [other], rng.dirichlet(np.ones(4))[1:] * 0.05)
    state = StabiliserState(circuit, (2, 0, 3, 1), np.zeros((4, 3, 4)))
    paulis = rng.integers(0, 4, size=(256, 4), dtype=np.uint8)
    found = noisy_means(state, paulis)
    chosen = np.flatnonzero(found)
    assert len(chosen) > 5
    for row in chosen[:12]:
        word = stim.PauliString(4)
        for qubit, pauli in zip(state.qubits, paulis[row].tolist(), strict=True):
            word[qubit] = pauli
        measured = circuit.copy()
        measured.append("MPP", stim.target_combined_paulis(word))
        drawn = 1 - 2.0 * measured.compile_sampler(seed=int(row)).sample(4096)[:, 0]
        error = np.sqrt((1 - found[row] ** 2) / 4096) + 1e-9
        assert abs(drawn.mean() - found[row]) < 5 * error


@pytest.mark.slow
@pytest.mark.parametrize(
    "design",
    ["ghz", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("even", "random"))],
)
def test_it_is_that_of_the_density_matrix(design: str) -> None:
    """GHZ, N = 5, with waits: but for the twirl and the average over settings."""
    device = find_backend("fake_guadalupe")
    compiled = compiled_circuit(preparation_of(qbell.ghz(5), device), device, AXIS, design)
    exact = noise_reference(compiled, device, AXIS, design, waiting=True)
    state, says = large_state(compiled, device, design)
    found = large_reference(state, device, find_design(design), says)
    assert found is not None
    assert found["e_n"] == pytest.approx(exact.e_n, rel=0.004)
    assert found["e_n_read"] == pytest.approx(exact.e_n_read, rel=0.004)
    for key, value in exact.quantities.items():
        assert found[key] == pytest.approx(value, rel=0.004)
        assert found[f"{key}_read"] == pytest.approx(exact.quantities_read[key], rel=0.004)
    if design != "random":
        assert found["bound_read"] == pytest.approx(exact.bound_read, rel=0.004)


@pytest.mark.slow
def test_visibility_of_stars_with_a_separator() -> None:
    """As 20,000 shots have it, four standard errors; a separator counts in some settings only."""
    state, device = qbell.stars(7, separators=1), find_backend("fake_guadalupe")
    preparation = preparation_of(state, device, measured=True)
    settings = qbell.schedule(7, "stars", draws=20000, seed=1, stars=preparation.stars)
    shots = qbell.sample(state, settings, shots=1, seed=1, backend=device)
    result = qbell.estimate(shots)
    known = known_values(state, AXIS, device, "stars", preparation, ideal=False)
    noise = known["noise"]
    measured = result.quantities["visibility"]
    assert abs(noise["visibility_read"] - measured.value) < 4 * measured.standard_error + 0.003
    assert noise["visibility_read"] < 0.99 * noise["visibility"] < 0.98
    rows = quantity_rows(summarize(result, known=known))
    assert rows[1][0] == "– noise reference"
    assert rows[1][1] == f"{noise['visibility_read']:.4g} as read out"


def test_where_there_is_none() -> None:
    """A qubit along no Pauli, and designs of which it is not known."""
    device = find_backend("fake_guadalupe")
    compiled = compiled_circuit(preparation_of(qbell.ghz(3), device), device, AXIS, "ghz")
    state, says = large_state(compiled, device, "ghz")
    turned = state.means.copy()
    turned[1, :, 1:] = 0.5
    crooked = StabiliserState(state.circuit, state.qubits, turned)
    assert large_reference(crooked, device, find_design("ghz"), says) is None
    flagged = StabiliserState(state.circuit, state.qubits, state.means, 1)
    assert large_reference(flagged, device, find_design("ghz"), says) is None
    assert large_reference(state, device, find_design("random3"), says) is None
    assert large_reference(state, device, find_design("full"), says) is None
