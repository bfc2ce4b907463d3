"""Designs other than full and random: local sampling, noise, and any SamplerV2."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2
from scipy.stats import chisquare

import qbell
from qbell.circuits.measurement import parameter_values
from qbell.devices.backends import find_backend
from qbell.simulation.noisy_state import prepare_noisy
from qbell.simulation.probabilities import of_matrix
from tests.support.laws import (
    DEVICE,
    chi_squared_p,
    crooked,
    pure,
    sampler_of,
    schedules,
    seen,
    total_variation,
)
from tests.support.simulated import law


@pytest.mark.slow
@pytest.mark.parametrize("design", ["random3", "equatorial", "symmetric"])
@pytest.mark.parametrize("axis", ["z", "y"])
@pytest.mark.parametrize("kind", ["local", "statevector", "aer"])
def test_new_designs_follow_the_law_of_the_state(kind: str, axis: str, design: str) -> None:
    """chi^2 against Kronecker products; a false alarm in 1 of 10,000 a case."""
    schedule = schedules(axis)[design]
    if kind == "local":
        shots = qbell.sample(crooked(), schedule, shots=3000, seed=13)
    else:
        shots = qbell.sample(crooked(), schedule, sampler_of(kind), shots=3000)
    assert shots.design == design
    assert shots.total == 3000 * len(schedule)
    table = law(pure(crooked(), schedule), schedule)
    assert chi_squared_p(seen(shots, schedule), table) > 1e-4
    # And the test would see qubits in another order.
    reversed_bits = seen(shots, schedule).reshape(-1, 2, 2, 2, 2).transpose(0, 4, 3, 2, 1)
    assert total_variation(reversed_bits.reshape(-1, 16), table) > 0.05


@pytest.mark.device
@pytest.mark.parametrize("design", ["random3", "equatorial"])
def test_noise_of_new_directions_agrees_with_aer(design: str) -> None:
    """Aer samples each compiled setting under the full noise model; chi^2, false alarm 1e-4."""
    device = find_backend(DEVICE)
    schedule = schedules("z")[design]
    noisy = prepare_noisy(crooked(), schedule.axis, device, design)
    table = of_matrix(noisy.matrix, noisy.effects, schedule.directions)
    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-9)
    values = parameter_values(noisy.compiled, schedule.directions, design)
    simulator = AerSimulator.from_backend(device, method="density_matrix")
    chosen = range(1, len(schedule), 2)
    job = simulator.run(
        [noisy.compiled.assign_parameters(values[row]) for row in chosen],
        shots=20_000,
        seed_simulator=9,
    )
    for position, row in enumerate(chosen):
        counts = np.zeros(16)
        for bits, count in job.result().get_counts(position).items():
            counts[int(bits, 2)] = count
        assert chisquare(counts, table[row] / table[row].sum() * 20_000).pvalue > 1e-4


@pytest.mark.device
@pytest.mark.parametrize("design", ["random3", "equatorial", "symmetric"])
def test_noisy_shots_of_new_designs(design: str) -> None:
    """The whole local route: its draws follow the noisy probabilities; chi^2, false alarm 1e-4."""
    device = find_backend(DEVICE)
    schedule = schedules("z")[design]
    shots = qbell.sample(crooked(), schedule, shots=3000, seed=5, backend=device)
    noisy = prepare_noisy(crooked(), schedule.axis, device, design)
    table = of_matrix(noisy.matrix, noisy.effects, schedule.directions)
    assert chi_squared_p(seen(shots, schedule), table) > 1e-4
    assert total_variation(table, law(pure(crooked(), schedule), schedule)) > 0.01


def test_settings_in_any_order_share_their_work_rightly(rng: np.random.Generator) -> None:
    """Sorted or not, repeated or not: each row as if it were computed alone."""
    effects = [rng.normal(size=(3, 2, 2, 2)) + 1j * rng.normal(size=(3, 2, 2, 2)) for _ in "abc"]
    matrix = rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8))
    directions = rng.integers(0, 3, size=(40, 3), dtype=np.uint8)
    table = of_matrix(matrix, effects, directions)
    for row, (first, second, third) in enumerate(directions):
        for outcome in range(8):
            one, two, three = (outcome >> qubit & 1 for qubit in range(3))
            operator = np.kron(
                effects[2][third, three],
                np.kron(effects[1][second, two], effects[0][first, one]),
            )
            expected = max(np.trace(matrix @ operator).real, 0)
            assert table[row, outcome] == pytest.approx(expected, abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["random", "equatorial", "symmetric"])
def test_samplers_of_many_qubits(design: str) -> None:
    """More qubits than bits of an integer, from a SamplerV2: GHZ parities and bit order."""
    num_qubits = 70
    circuit = qbell.ghz(num_qubits).circuit()
    more = {"draws": 40, "seed": 2} if design == "random" else {}
    schedule = qbell.schedule(num_qubits, design, **more)
    options = {"method": "matrix_product_state", "max_parallel_threads": 1}
    sampler = SamplerV2(seed=3, options={"backend_options": options})
    shots = qbell.sample(circuit, schedule, sampler, shots=2)
    assert shots.bits.shape[1] == num_qubits
    angle = shots.directions.astype(float).sum(axis=1)
    angle *= np.pi / (num_qubits + 1) if design == "equatorial" else np.pi / 2
    parity = 1 - 2 * (shots.bits.sum(axis=1, dtype=int) % 2)
    sure = np.abs(np.cos(angle)) > 1 - 1e-9
    assert sure.sum() >= 1
    assert (parity[sure] == np.sign(np.cos(angle[sure]))).all()
    flipped = QuantumCircuit(num_qubits)
    flipped.ry(np.pi / 2, 0)  # qubit 0 is |+>: bit 0 along X; the others are coins
    bits = qbell.sample(flipped, qbell.schedule(num_qubits, "symmetric"), sampler, shots=3)
    assert not bits.bits[bits.directions.sum(axis=1) == 0, 0].any()
    assert bits.bits[:, 1:].any()


@pytest.mark.device
def test_common_angles_of_ones_own_are_measured_wherever_it_runs() -> None:
    """Parity of a GHZ state is cos(N a): on a sampler, and with a device's noise, too."""
    from qiskit.primitives import StatevectorSampler

    words = ["0pi", "1/12pi", "1/6pi", "1/3pi", "0.55pi"]
    schedule = qbell.schedule(3, "equatorial", angles=words)
    expected = np.cos(3 * schedule.azimuths[:, 0])
    for where, least in (({"sampler": StatevectorSampler(seed=1)}, 1.0), (NOISY, 0.65)):
        shots = qbell.sample(qbell.ghz(3), schedule, shots=2000, **where)
        signs = 1 - 2 * (shots.bits.sum(axis=1) % 2).astype(float)
        found = np.bincount(shots.directions[:, 0], signs * shots.counts) / 2000
        slope = float(found @ expected / (expected @ expected))
        assert least - 0.05 < slope < 1.05
        assert np.abs(found - slope * expected).max() < 0.12


NOISY = {"backend": "fake_manila", "seed": 1}
