"""Circuits of the Ising chain: free fermions against state vectors and matrix products; depths."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit.circuit import ParameterVector
from qiskit.quantum_info import Statevector

import qbell
from qbell import exact
from qbell.circuits.ising import ising_circuit
from qbell.circuits.layers import interpolate
from qbell.errors import QbellError
from qbell.exact.matrix_product import right_canonical
from qbell.simulation.mps_circuit import matrix_product_of
from qbell.states.free_fermions import TrainedCircuit, trained_angles
from qbell.states.free_fermions.chain import chain
from qbell.states.free_fermions.gaussian import (
    STARTS,
    covariance,
    energy_of,
    log_fidelity,
    modes_of,
    start_modes,
    target_modes,
    zz_of,
)
from qbell.states.free_fermions.objective import Objective
from qbell.states.free_fermions.pfaffians import leading_pfaffians, pfaffian, window_pfaffians
from qbell.states.free_fermions.tabulate import SIZES, STRENGTHS, tabulate
from qbell.states.free_fermions.training import FIDELITY, KINDS, Trainer, train
from tests.support import naive

Generator = np.random.Generator


def some_circuit(n: int, u: float, start: str, layers: int, rng: Generator) -> TrainedCircuit:
    """With angles at random, of no symmetry."""
    x = rng.uniform(-math.pi, math.pi, (layers, n))
    return TrainedCircuit(n, u, start, x, rng.uniform(-math.pi, math.pi, (layers, n - 1)))


def vector_of(circuit: TrainedCircuit) -> Any:
    """State vector, by Qiskit."""
    built = ising_circuit(
        circuit.num_qubits, circuit.start, circuit.x, circuit.zz, flip=circuit.u > 0
    )
    return Statevector(built).data


# Exact values of Gaussian states.


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-1.3, 0.0, 0.8])
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("n", [2, 3, 4, 7, 9])
def test_values_of_any_circuit(n: int, start: str, u: float, rng: Generator) -> None:
    """Fidelity, energy, QFI and E_{N,0} of random angles, against Qiskit's state vector."""
    circuit = some_circuit(n, u, start, 3, rng)
    vector = vector_of(circuit)
    state = qbell.ising(n, u)
    assert circuit.layers == 3
    expected = abs(np.vdot(state.statevector(), vector)) ** 2
    assert circuit.fidelity == pytest.approx(expected, rel=1e-9, abs=1e-14)
    energy = np.vdot(vector, naive.ising_hamiltonian(n, u) @ vector).real
    assert circuit.energy == pytest.approx(energy, abs=1e-11)
    assert circuit.energy_error == pytest.approx(energy - state.energy, abs=1e-11)
    assert circuit.qfi == pytest.approx(exact.qfi(vector), rel=1e-10)
    assert circuit.e_n == pytest.approx(
        abs(exact.correlator_of_all(vector)) ** 2, rel=1e-9, abs=1e-18
    )


@pytest.mark.slow
@pytest.mark.parametrize("start", STARTS)
def test_starts(start: str) -> None:
    """Without layers: |+>^N and GHZ, in closed form."""
    circuit = TrainedCircuit(30, -1.0, start, np.zeros((0, 30)), np.zeros((0, 29)))
    assert circuit.qfi == pytest.approx(30 if start == "plus" else 900, rel=1e-12)
    expected = -30 * math.log(4) if start == "plus" else -math.log(4)
    assert circuit.log_e_n == pytest.approx(expected, abs=1e-10)
    assert circuit.energy == pytest.approx(-30 if start == "plus" else -29, rel=1e-12)


def test_zz_correlations_of_a_random_circuit(rng: Generator) -> None:
    """Each <Z_i Z_j>, with its sign: no symmetry helps here."""
    circuit = some_circuit(6, -1.0, "plus", 4, rng)
    expected = exact.zz_correlations(vector_of(circuit))
    np.testing.assert_allclose(zz_of(circuit.modes), expected, rtol=0, atol=1e-12)


def test_covariance_is_that_of_a_pure_state(rng: Generator) -> None:
    matrix = covariance(some_circuit(8, -1.0, "ghz", 3, rng).modes)
    np.testing.assert_allclose(matrix, -matrix.T, atol=1e-14)
    np.testing.assert_allclose(matrix @ matrix, -np.eye(16), atol=1e-12)


@pytest.mark.parametrize("n", [10, 64])
def test_the_odd_state_is_orthogonal(n: int) -> None:
    """Deep in the ordered phase it has nearly the same energy; taken for the target it would give
    GHZ circuits nothing, or a mixture of both half of it."""
    g = chain(n, -3.0).correlations
    left, _, right = np.linalg.svd(np.eye(n) - 3.0 * np.eye(n, k=-1))
    left[:, -1] *= np.sign(np.linalg.det(left) * np.linalg.det(right))
    np.testing.assert_allclose(left @ right, g, atol=1e-9)
    left[:, -1] *= -1
    odd = modes_of(left @ right)
    ghz = start_modes(n, "ghz")
    assert energy_of(odd, -3.0) == pytest.approx(chain(n, -3.0).energy, abs=1e-3)
    assert math.exp(log_fidelity(ghz, odd)) < 1e-14
    assert math.exp(log_fidelity(ghz, target_modes(n, -3.0))) > 0.1


# Pfaffians.


def slow_pfaffian(matrix: Any) -> float:
    """Its definition, expanded along the first row."""
    if len(matrix) == 0:
        return 1.0
    total = 0.0
    for column in range(1, len(matrix)):
        kept = [k for k in range(1, len(matrix)) if k != column]
        total -= (-1) ** column * matrix[0, column] * slow_pfaffian(matrix[np.ix_(kept, kept)])
    return total


def antisymmetric(size: int, rng: Generator) -> Any:
    matrix = rng.normal(size=(size, size))
    return matrix - matrix.T


@pytest.mark.parametrize("size", [2, 4, 6, 8])
def test_pfaffian(size: int, rng: Generator) -> None:
    matrix = antisymmetric(size, rng)
    assert pfaffian(matrix) == pytest.approx(slow_pfaffian(matrix), rel=1e-11)
    assert pfaffian(matrix) ** 2 == pytest.approx(np.linalg.det(matrix), rel=1e-10)


@pytest.mark.parametrize("small", [1.0, 1e-13, 0.0])
def test_leading_pfaffians_of_complex_matrices(small: float, rng: Generator) -> None:
    matrix = antisymmetric(10, rng) + 1j * antisymmetric(10, rng)
    matrix[2, 3] *= small
    matrix[3, 2] *= small
    found = leading_pfaffians(matrix)
    for j in range(5):
        expected = slow_pfaffian(matrix[: 2 * j + 2, : 2 * j + 2])
        assert found[j] == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("small", [1.0, 1e-9, 1e-13, 0.0])
def test_windows_of_which_some_are_nearly_zero(small: float, rng: Generator) -> None:
    """Where the elimination would divide by little, it pivots; no digits are lost."""
    matrix = antisymmetric(10, rng)
    matrix[2, 3] *= small
    matrix[3, 2] *= small
    found = window_pfaffians(matrix)
    for i, j in itertools.combinations_with_replacement(range(5), 2):
        window = slice(2 * i, 2 * j + 2)
        assert found[i, j] == pytest.approx(
            slow_pfaffian(matrix[window, window]), rel=1e-9, abs=1e-15
        )
    assert not np.tril(found, -1).any()


# Training.


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_gradient(n: int, start: str, kind: str, rng: Generator) -> None:
    """Against differences; the fidelity itself against the state vector."""
    objective = Objective(target_modes(n, -1.3), start, kind)
    angles = rng.normal(size=(3, objective.width))
    value, gradient = objective(angles.ravel())
    assert -value == pytest.approx(objective.log_fidelity(angles), rel=1e-12)
    step = 1e-6
    for k in range(angles.size):
        shift = step * np.eye(angles.size)[k]
        ends = [objective(angles.ravel() + sign * shift)[0] for sign in (1, -1)]
        assert gradient[k] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=3e-7)
    x, zz = objective.expand(angles)
    vector = Statevector(ising_circuit(n, start, x, zz)).data
    expected = abs(np.vdot(qbell.ising(n, -1.3).statevector(), vector)) ** 2
    assert math.exp(-value) == pytest.approx(expected, rel=1e-10)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u", "layers", "least"),
    [
        (12, -1.5, 6, 0.995),
        (12, -3.0, 1, 0.98),
        (12, -3.0, 4, 0.997),
        (12, -1.0, 4, 0.98),
        (64, -3.0, 2, 0.99),
    ],
)
def test_depths(n: int, u: float, layers: int, least: float) -> None:
    assert qbell.ising(n, u, layers=layers).ansatz().fidelity >= least


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u", "published"),
    [
        (6, -1.0, {1: 0.911, 2: 0.968, 4: 0.997, 6: 0.9995}),
        (12, -1.0, {1: 0.734, 2: 0.861, 4: 0.952, 6: 0.983, 8: 0.995, 12: 0.9995}),
        (12, -1.5, {1: 0.538, 2: 0.783, 4: 0.924, 6: 0.971}),
        (12, -3.0, {1: 0.878, 2: 0.966, 4: 0.998, 6: 0.9998}),
        (32, -1.5, {1: 0.286, 2: 0.715, 4: 0.907, 6: 0.972}),
    ],
)
def test_uniform_angles_reach_known_fidelities(
    n: int, u: float, published: dict[int, float]
) -> None:
    """At least those of an independent optimisation (of the energy, it seems)."""
    for layers, expected in published.items():
        found = qbell.ising(n, u, layers=layers, angles="uniform").ansatz()
        assert found.fidelity > expected - 6e-4, layers
        assert np.ptp(found.x, axis=1).max() == np.ptp(found.zz, axis=1).max() == 0


# Every size with half of the strengths, every strength with half of the sizes.
REPORTED = [
    (n, u)
    for n in range(2, 11)
    for place, u in enumerate((-3.0, -1.5, -1.0, -0.4, 0.0, 0.7, 2.0))
    if (n + place) % 2 == 0
]


@pytest.mark.parametrize(("n", "u"), REPORTED)
def test_circuit_has_the_reported_fidelity(n: int, u: float) -> None:
    """Run by Qiskit, not by the training; in both signs of U and from both starts."""
    state = qbell.ising(n, u)
    prepared = Statevector(state.circuit()).data
    ansatz = state.ansatz()
    assert state.fidelity <= ansatz.fidelity <= 1
    found = abs(np.vdot(state.statevector(), prepared)) ** 2
    assert found == pytest.approx(ansatz.fidelity, rel=0, abs=1e-10)
    assert ansatz.qfi == pytest.approx(exact.qfi(prepared), rel=1e-10)
    assert ansatz.e_n == pytest.approx(
        abs(exact.correlator_of_all(prepared)) ** 2, rel=1e-9, abs=1e-18
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u", "start"),
    [
        (32, -3.0, "ghz"),
        (24, -0.6, "plus"),
        pytest.param(64, -3.0, "ghz", marks=pytest.mark.nightly),
        pytest.param(48, -0.6, "plus", marks=pytest.mark.nightly),
    ],
)
def test_long_chains_against_matrix_products(n: int, u: float, start: str) -> None:
    """The circuit simulated gate by gate, the ground state from the correlations: no fermions."""
    state = qbell.ising(n, u)
    found = state.ansatz()
    assert found.start == start
    circuit = right_canonical(matrix_product_of(state.circuit()))
    target = exact.as_matrix_product(state)
    overlap = np.ones((1, 1))
    for ours, theirs in zip(target.tensors, circuit.tensors, strict=True):
        overlap = np.einsum("ab,asc,bsd->cd", overlap, ours.conj(), theirs)
    assert abs(overlap.item()) ** 2 == pytest.approx(found.fidelity, abs=1e-6)
    assert exact.qfi(circuit) == pytest.approx(found.qfi, rel=1e-6)
    assert exact.log_e_n(circuit) == pytest.approx(found.log_e_n, abs=1e-5)


def test_both_starts_are_used() -> None:
    """|+>^N on the disordered side, GHZ deep on the ordered one."""
    assert qbell.ising(6, -0.5).ansatz().start == "plus"
    assert qbell.ising(6, -3.0).ansatz().start == "ghz"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [0, 1, 3])
@pytest.mark.parametrize("u", [-0.8, -2.0, 0.8])
def test_layers_are_honoured(u: float, layers: int, kind: str) -> None:
    """As many as asked for, whatever fidelity they reach."""
    state = qbell.ising(5, u, layers=layers, angles=kind)
    ansatz = state.ansatz()
    assert ansatz.layers == len(ansatz.x) == len(ansatz.zz) == layers
    vector = Statevector(state.circuit()).data
    expected = abs(np.vdot(state.statevector(), vector)) ** 2
    assert ansatz.fidelity == pytest.approx(expected, rel=0, abs=1e-10)
    assert state.circuit().count_ops().get("rzz", 0) == np.count_nonzero(ansatz.zz) <= layers * 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u", "fidelity"), [(4, -1.0, 0.98), (6, -1.0, 0.9), (6, 2.0, 0.98), (12, -1.5, 0.95)]
)
def test_fewest_layers(n: int, u: float, fidelity: float) -> None:
    """One layer fewer reaches the fidelity from neither start."""
    found = qbell.ising(n, u, fidelity=fidelity).ansatz()
    assert found.fidelity >= fidelity
    assert found.layers >= 1
    assert qbell.ising(n, u, layers=found.layers - 1).ansatz().fidelity < fidelity


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fidelity_grows_with_layers(kind: str) -> None:
    series = [
        qbell.ising(6, -1.2, layers=layers, angles=kind).ansatz().fidelity for layers in range(6)
    ]
    assert series == sorted(series)
    assert series[-1] > 0.99


@pytest.mark.slow
def test_half_as_many_layers_as_qubits_are_exact() -> None:
    """From |+>^N local angles reach any chain as soon as the light cone spans it."""
    assert qbell.ising(6, -1.0, layers=3).ansatz().fidelity > 1 - 1e-6
    assert qbell.ising(6, -1.0, layers=2).ansatz().fidelity < 0.985


@pytest.mark.slow
def test_deterministic() -> None:
    """The same angles when trained again from nothing."""
    untrained: Callable[..., TrainedCircuit] = train.__wrapped__  # behind the cache
    first, second = (untrained(5, -1.37, None, 0.99) for _ in range(2))
    np.testing.assert_array_equal(first.x, second.x)
    np.testing.assert_array_equal(first.zz, second.zz)


def test_interpolation_keeps_the_ends_and_the_curve() -> None:
    angles = np.array([[0.0], [1.0]])
    np.testing.assert_allclose(interpolate(angles, 4).ravel(), [0, 0.25, 0.75, 1])
    np.testing.assert_array_equal(interpolate(angles, 2), angles)


# Angles on file.


@pytest.mark.slow
def test_every_chain_on_file() -> None:
    """Its depth and fidelity; chains without rows are those whose start is enough."""
    for n, u in itertools.product(SIZES, STRENGTHS):
        found = trained_angles.find(n, u)
        if found is None:
            assert log_fidelity(start_modes(n, "plus"), target_modes(n, u)) >= math.log(FIDELITY)
            continue
        assert found.fidelity >= FIDELITY
        assert found.layers <= max(1, (n + 1) // 2)  # as many are exact, from |+>^N
        np.testing.assert_array_equal(found.x, found.x[:, ::-1])
        np.testing.assert_array_equal(found.zz, found.zz[:, ::-1])


def test_the_state_takes_the_angles_on_file() -> None:
    found = trained_angles.find(12, -1.5)
    assert found is not None
    np.testing.assert_array_equal(qbell.ising(12, -1.5).ansatz().x, found.x)
    other = trained_angles.find(12, 1.5)
    assert other is not None
    assert other.u == 1.5
    np.testing.assert_array_equal(other.x, found.x)
    assert trained_angles.find(12, -1.55) is None
    near = [circuit.u for circuit in trained_angles.near(12, -1.55)]
    assert near == [-1.6, -1.5]


def test_the_table_is_what_training_gives() -> None:
    """Made anew for one size, on a part of the grid: as shallow, or one layer deeper."""
    strengths = (-0.4, -0.5)
    for again in tabulate(5, strengths):
        on_file = trained_angles.find(5, again.u)
        assert on_file is not None
        assert again.layers in (on_file.layers, on_file.layers + 1)
        assert again.start == on_file.start


def test_to_frame_and_back(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every angle survives the table."""
    circuits = [qbell.ising(n, u).ansatz() for n, u in ((4, -1.0), (7, -2.0))]
    frame = trained_angles.to_frame(circuits)
    assert list(frame.columns) == trained_angles.COLUMNS
    (tmp_path / "trained_angles.csv").write_text(frame.to_csv(index=False))
    monkeypatch.setattr(trained_angles.resources, "files", lambda package: tmp_path)
    trained_angles._table.cache_clear()
    try:
        for circuit in circuits:
            found = trained_angles.find(circuit.num_qubits, circuit.u)
            assert found is not None
            np.testing.assert_array_equal(found.x, circuit.x)
            np.testing.assert_array_equal(found.zz, circuit.zz)
    finally:
        trained_angles._table.cache_clear()


@pytest.mark.slow
def test_a_near_chain_is_a_better_start_than_none() -> None:
    """Angles of U = -1.6 at U = -1.55: no worse than what is found from nothing."""
    cold = Trainer(10, -1.55, "local").best(3)[2]
    near = trained_angles.near(10, -1.55)
    warm = Trainer(10, -1.55, "local", near).best(3)[2]
    assert warm >= cold


# The circuit, and errors.


@pytest.mark.slow
def test_neighbours_only_and_depth() -> None:
    """A line: no other pairs, and two-qubit depth 2 a layer after the start."""
    for u, start in ((-0.9, 0), (-2.0, 5)):
        circuit = qbell.ising(10, u, layers=3).circuit()
        for item in circuit.data:
            places = sorted(circuit.find_bit(qubit).index for qubit in item.qubits)
            assert len(places) == 1 or places[1] == places[0] + 1
        assert circuit.depth(lambda item: len(item.qubits) == 2) <= 6 + start


@pytest.mark.parametrize("start", STARTS)
def test_parameters_instead_of_angles(start: str) -> None:
    """One for all sites of a layer; bound, it is the circuit of those numbers."""
    x, zz = ParameterVector("x", 2), ParameterVector("zz", 2)
    circuit = ising_circuit(4, start, x, zz)
    assert len(circuit.parameters) == 4
    values = {x[0]: 0.3, x[1]: -0.4, zz[0]: 0.7, zz[1]: 1.1}
    expected = ising_circuit(4, start, [0.3, -0.4], [0.7, 1.1])
    assert Statevector(circuit.assign_parameters(values)) == Statevector(expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": -1}, "layers = -1"),
        ({"layers": 2.5}, "layers = 2.5"),
        ({"layers": 10**9}, "layers"),
        ({"fidelity": 1.0}, "below 1"),
        ({"fidelity": 0}, "above 0"),
        ({"fidelity": math.nan}, "fidelity"),
        ({"angles": "global"}, "local or uniform"),
        ({"layers": 2, "fidelity": 0.99}, "layers = 2 and fidelity = 0.99; give one"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        qbell.ising(4, -1.0, **arguments)


def test_too_many_qubits() -> None:
    with pytest.raises(QbellError, match="up to n = 500"):
        qbell.ising(501, -3.0).circuit()


@pytest.mark.slow
def test_a_fidelity_that_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uniform angles that stay at 0 cannot do it in 2 N layers; what they reach is said."""
    monkeypatch.setattr(Trainer, "_uniform", lambda *_: np.zeros((1, 2)))
    with pytest.raises(QbellError, match=r"6 layers leave 1 - fidelity = 0\.\d+, more than"):
        qbell.ising(3, -1.03, fidelity=0.999).ansatz()


@pytest.mark.parametrize("left", [1e-16, 5e-14])
def test_a_fidelity_that_rounding_hides_is_refused(left: float) -> None:
    with pytest.raises(QbellError, match="rounding hides"):
        qbell.ising(3, -1.0, fidelity=1 - left)


@pytest.mark.first_and_last
@pytest.mark.device
@pytest.mark.parametrize(
    ("device", "n", "u"),
    [
        ("fake_pittsburgh", 12, -1.5),
        ("fake_fez", 12, -1.0),
        ("fake_brussels", 8, -3.0),
        ("fake_pittsburgh", 40, -2.0),
    ],
)
def test_nothing_is_swapped_on_a_device(device: str, n: int, u: float) -> None:
    """Along a line of coupled qubits: two CZ a bond and layer, and the CX of a GHZ start."""
    from qbell.circuits.measurement import compile_for
    from qbell.devices.backends import find_backend

    backend = find_backend(device)
    state = qbell.ising(n, u)
    preparation = state.preparation(backend)
    wires = preparation.wires
    assert wires is not None
    compiled = compile_for(preparation.circuit, backend, wires)
    line = {frozenset(pair) for pair in itertools.pairwise(wires)}
    pairs = [
        frozenset(compiled.find_bit(qubit).index for qubit in item.qubits)
        for item in compiled.data
        if len(item.qubits) == 2
    ]
    assert set(pairs) <= line
    ansatz = state.ansatz()
    start = n - 1 if ansatz.start == "ghz" else 0
    assert len(pairs) <= start + 2 * (n - 1) * ansatz.layers


@pytest.mark.slow
def test_values_beside_shots_beyond_state_vectors() -> None:
    """Of the circuit, as a matrix product, or a note that they are not known."""
    from qbell.conventions.axes import parse_axis
    from qbell.report.summary import known_values

    state = qbell.ising(20, -3.0)
    known = known_values(state, parse_axis("z"))
    assert known["circuit"]["fidelity"] == state.ansatz().fidelity < 0.999
    assert known["circuit"]["qfi"] == pytest.approx(state.ansatz().qfi, rel=1e-9)
    assert known["circuit"]["e_n"] == pytest.approx(state.ansatz().e_n, rel=1e-9)
    assert known["circuit"]["bound"] < known["circuit"]["qfi"]
    entangled = known_values(qbell.ising(20, -1.0), parse_axis("z"))
    assert entangled["circuit"] is None
    (note,) = entangled["notes"]
    assert "fidelity 0.98" in note


@pytest.mark.device
def test_a_device_without_a_line_leaves_it_to_the_compiler() -> None:
    """Five qubits in a T: no line of five."""
    from qbell.circuits.measurement import compile_for
    from qbell.devices.backends import find_backend

    backend = find_backend("fake_lima")
    preparation = qbell.ising(5, -1.0).preparation(backend)
    assert preparation.wires is None
    assert preparation.layout == "compiler"
    assert compile_for(preparation.circuit, backend).num_qubits == 5
    assert qbell.ising(4, -1.0).preparation(backend).layout == "line"


@pytest.mark.slow
def test_the_product_start_is_preferred_where_it_is_as_shallow() -> None:
    """It saves N - 1 two-qubit gates."""
    assert qbell.ising(2, -1.0).ansatz().start == "plus"
    assert qbell.ising(2, -1.0).circuit().num_nonlocal_gates() == 1


def test_bonds_that_do_nothing_need_no_gate() -> None:
    """Deep in the ordered phase one layer couples every other bond only."""
    state = qbell.ising(12, -3.0)
    assert state.ansatz().layers == 1
    assert state.circuit().count_ops()["rzz"] == 6


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("short", [1e-6, 1e-8, 1e-9, 1e-10])
def test_a_high_fidelity_is_kept_by_the_rounded_angles(short: float) -> None:
    """Angles near 0 are left out only where that costs nothing that was asked for."""
    found = qbell.ising(6, -1.1, fidelity=1 - short).ansatz()
    assert 1 - found.fidelity <= short * (1 + 1e-4)
