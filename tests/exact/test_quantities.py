"""Exact values against slow twins, closed forms, symmetries and reference numbers."""

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.quantum_info import DensityMatrix, Statevector

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.conventions.labels import label_index
from qbell.errors import QbellError
from tests.support import naive
from tests.support.cases import AXIS, DESCRIBED
from tests.support.paths import DATA

Array = NDArray[np.complex128]
REFERENCE = json.loads((DATA / "named_states.json").read_text())


def random_states() -> dict[str, Array]:
    """15 states without symmetry: pure, of full rank and rank-deficient."""
    random = np.random.default_rng(42)
    states = {}
    for n in (1, 2, 3, 4):
        for copy in range(2):
            states[f"pure {n} {copy}"] = naive.random_vector(n, random)
        states[f"mixed {n}"] = naive.random_matrix(n, 2**n, random)
        if n > 1:
            states[f"rank {n - 1} {n}"] = naive.random_matrix(n, n - 1, random)
    return states


STATES = random_states()
STATE = pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())


def matrix_of(state: Array) -> Array:
    """The density matrix of a vector or a density matrix."""
    return naive.projector(state) if state.ndim == 1 else state


def on_state(operator: Array, state: Array) -> Array:
    """``operator`` applied to a vector, or around a density matrix."""
    return operator @ state if state.ndim == 1 else operator @ state @ operator.conj().T


def turn(xi: Sequence[float], angle: float) -> Array:
    """exp(-i angle sigma_xi / 2)."""
    return math.cos(angle / 2) * naive.ONE - 1j * math.sin(angle / 2) * naive.pauli(xi)


# Against the slow twins.


def test_fifteen_states() -> None:
    """As many as the list says, pure and mixed."""
    assert len(STATES) == 15
    assert {state.ndim for state in STATES.values()} == {1, 2}


@AXIS
@STATE
def test_values_against_the_slow_twins(state: Array, axis: Any) -> None:
    """Correlators, their bound, F0 and QFI, and the order of the three."""
    directions = parse_axis(axis)
    sigma_1, sigma_2, xi = directions.sigma_1, directions.sigma_2, directions.xi
    rho = matrix_of(state)
    n = naive.qubits_of(rho)

    expected = naive.correlators(rho, sigma_1, sigma_2)
    values = exact.correlator_values(state, axis)
    assert values.shape == (3**n,)
    for label, value in expected.items():
        assert values[label_index(label)] == pytest.approx(value, rel=0, abs=1e-12)
    assert exact.correlator_of_all(state, axis) == pytest.approx(
        expected["+" * n], rel=0, abs=1e-12
    )

    bound, f0, qfi = (f(state, axis) for f in (exact.bound, exact.f0, exact.qfi))
    assert bound == pytest.approx(naive.bound(rho, sigma_1, sigma_2), rel=0, abs=1e-12)
    assert bound == pytest.approx(
        naive.bound_closed_form(rho, sigma_1, sigma_2, xi), rel=0, abs=1e-12
    )
    assert f0 == pytest.approx(naive.f0(rho, xi), rel=0, abs=1e-12)
    assert qfi == pytest.approx(naive.qfi(rho, xi), rel=0, abs=1e-12)
    assert 0 <= bound <= f0 + 1e-12
    assert f0 <= qfi + 1e-12
    assert qfi <= n**2 + 1e-12


@AXIS
@STATE
def test_table_of_correlators(state: Array, axis: Any) -> None:
    """Every label once, its signs counted, its E_s and the local bound."""
    directions = parse_axis(axis)
    expected = naive.correlators(matrix_of(state), directions.sigma_1, directions.sigma_2)
    table = exact.correlators(state, axis)
    assert list(table.columns) == ["label", "n_plus", "n_minus", "order", "value", "local_bound"]
    assert table["label"].tolist() == list(expected)
    for row in table.to_dict("records"):
        label = row["label"]
        assert row["n_plus"] == label.count("+")
        assert row["n_minus"] == label.count("-")
        assert row["order"] == len(label) - label.count("0")
        assert row["local_bound"] == 2.0 ** -row["order"]
        assert row["value"] == pytest.approx(abs(expected[label]) ** 2, rel=0, abs=1e-12)


@STATE
def test_terms_of_the_bound_by_order(state: Array) -> None:
    """Order n carries the labels with n letters; together they are the bound."""
    n = naive.qubits_of(state)
    expected = np.zeros(n + 1)
    for label, value in naive.correlators(matrix_of(state), (1, 0, 0), (0, 1, 0)).items():
        plus, minus = label.count("+"), label.count("-")
        weight = 2 * (plus - minus) ** 2 / 2 ** (n - plus - minus)
        expected[plus + minus] += weight * abs(value) ** 2
    by_order = exact.bound_by_order(state)
    np.testing.assert_allclose(by_order, expected, rtol=0, atol=1e-12)
    assert by_order.sum() == pytest.approx(exact.bound(state), rel=1e-14)


@AXIS
@STATE
def test_opposite_labels_are_conjugate(state: Array, axis: Any) -> None:
    """c_{-s} = c_s*, and nothing measured gives 1."""
    values = exact.correlator_values(state, axis).reshape((3,) * naive.qubits_of(state))
    opposite = values[np.ix_(*[[0, 2, 1]] * values.ndim)]
    np.testing.assert_allclose(opposite, values.conj(), rtol=0, atol=1e-13)
    assert values.ravel()[0] == pytest.approx(1, rel=1e-13)


# Symmetries.


@AXIS
@STATE
def test_rotations_about_the_axis_change_nothing(state: Array, axis: Any) -> None:
    """Each qubit turned about xi by its own angle: same E_s, bound, F0 and QFI."""
    random = np.random.default_rng(7)
    n = naive.qubits_of(state)
    xi = parse_axis(axis).xi
    turned = on_state(naive.tensor([turn(xi, a) for a in random.uniform(0, 7, size=n)]), state)
    for function in (exact.bound, exact.f0, exact.qfi):
        assert function(turned, axis) == pytest.approx(function(state, axis), rel=0, abs=1e-12)
    np.testing.assert_allclose(
        exact.correlators(turned, axis)["value"],
        exact.correlators(state, axis)["value"],
        rtol=0,
        atol=1e-12,
    )


@STATE
def test_choice_of_the_transverse_directions_is_free(state: Array) -> None:
    """Any right-handed pair orthogonal to xi gives the same bound."""
    axis = parse_axis((0.3, -1.2, 0.5))
    one, two = np.array(axis.sigma_1), np.array(axis.sigma_2)
    other_1 = math.cos(0.8) * one + math.sin(0.8) * two
    other_2 = -math.sin(0.8) * one + math.cos(0.8) * two
    expected = naive.bound(matrix_of(state), other_1.tolist(), other_2.tolist())
    assert exact.bound(state, axis) == pytest.approx(expected, rel=0, abs=1e-12)


@pytest.mark.parametrize("order", [(1, 2, 3, 0), (3, 0, 1, 2), (0, 2, 1, 3)])
@pytest.mark.parametrize("name", ["pure 4 0", "mixed 4", "rank 3 4"])
def test_renaming_qubits_permutes_labels(name: str, order: tuple[int, ...]) -> None:
    """Qubit k of the new state is qubit order[k] of the old one."""
    n = 4
    old = STATES[name]
    # Basis state b of the new state is the old one with bit order[k] set to bit k of b.
    index = [sum(((b >> k) & 1) << order[k] for k in range(n)) for b in range(2**n)]
    new = old[index] if old.ndim == 1 else old[np.ix_(index, index)]
    before, after = exact.correlator_values(old, "y"), exact.correlator_values(new, "y")
    for label in exact.correlators(new)["label"]:
        letters = label[::-1]  # letters[k]: qubit k of the new state
        moved = [""] * n
        for k in range(n):
            moved[order[k]] = letters[k]
        old_label = "".join(moved)[::-1]
        assert after[label_index(label)] == pytest.approx(
            before[label_index(old_label)], rel=0, abs=1e-13
        )


@pytest.mark.parametrize("times", [1, 2])
@STATE
def test_axis_x_of_a_state_is_axis_z_of_the_rotated_state(state: Array, times: int) -> None:
    """By a Clifford gate with X -> Y -> Z -> X, undone once for axis x and twice for axis y."""
    clifford = np.array([[1, -1j], [1, 1j]]) / math.sqrt(2)
    for before, after in [(naive.X, naive.Y), (naive.Y, naive.Z), (naive.Z, naive.X)]:
        np.testing.assert_allclose(clifford @ before @ clifford.conj().T, after, atol=1e-15)
    single = np.linalg.matrix_power(clifford.conj().T, times)
    rotated = on_state(naive.tensor([single] * naive.qubits_of(state)), state)
    axis = {1: "x", 2: "y"}[times]
    np.testing.assert_allclose(
        exact.correlator_values(state, axis),
        exact.correlator_values(rotated, "z"),
        rtol=0,
        atol=1e-13,
    )
    for function in (exact.bound, exact.f0, exact.qfi):
        assert function(state, axis) == pytest.approx(function(rotated, "z"), rel=0, abs=1e-12)


@AXIS
@pytest.mark.parametrize("name", [name for name in STATES if name.startswith("pure")])
def test_pure_state_as_vector_and_as_matrix(name: str, axis: Any) -> None:
    """Both ways in give the same numbers; F0 is tight for a pure state."""
    vector = STATES[name]
    matrix = naive.projector(vector)
    np.testing.assert_allclose(
        exact.correlator_values(vector, axis),
        exact.correlator_values(matrix, axis),
        rtol=0,
        atol=1e-13,
    )
    for function in (exact.bound, exact.f0, exact.qfi):
        assert function(vector, axis) == pytest.approx(function(matrix, axis), rel=0, abs=1e-12)
    assert exact.qfi(vector, axis) == pytest.approx(exact.f0(vector, axis), rel=0, abs=1e-12)
    h = naive.generator(naive.qubits_of(vector), parse_axis(axis).xi)
    mean = np.vdot(vector, h @ vector).real
    variance = np.vdot(h @ vector, h @ vector).real - mean**2
    assert exact.qfi(vector, axis) == pytest.approx(4 * variance, rel=0, abs=1e-12)


@pytest.mark.parametrize(("label", "qubits"), [("00+++", (0, 1, 2)), ("+0-0+", (0, 2, 4))])
def test_ghz_on_some_qubits_shows_at_their_label(label: str, qubits: tuple[int, ...]) -> None:
    """GHZ on qubits 0, 1, 2 of 5, the rest in |0>: its coherence is at 00+++, not at +++00."""
    flipped = [k for k in qubits if label[4 - k] == "-"]
    low = sum(1 << k for k in flipped)
    high = sum(1 << k for k in qubits) - low
    vector = np.zeros(32, dtype=complex)
    vector[low], vector[high] = math.sqrt(0.5), 1j * math.sqrt(0.5)
    values = exact.correlator_values(vector)
    opposite = label.translate(str.maketrans("+-", "-+"))
    # sigma_+ = |0><1|, so the label's operator takes `high` to `low`.
    assert values[label_index(label)] == pytest.approx(0.5j, abs=1e-14)
    assert values[label_index(opposite)] == pytest.approx(-0.5j, abs=1e-14)
    table = exact.correlators(vector).set_index("label")["value"]
    seen = table[table > 1e-20].index
    assert {other for other in seen if other != "00000"} == {label, opposite}
    sign_sum = label.count("+") - label.count("-")
    assert exact.bound(vector) == pytest.approx(2 * 2 * sign_sum**2 / 4 / 4, rel=1e-12)
    assert exact.qfi(vector) == pytest.approx(sign_sum**2, rel=1e-12)


# Mixed states with degenerate and vanishing eigenvalues.


@pytest.mark.parametrize("p", [0.0, 1e-9, 0.01, 0.3, 0.9, 1.0])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_white_noise_on_ghz(n: int, p: float) -> None:
    """2^N - 1 equal eigenvalues; at p = 0 they vanish, at p = 1 all are equal."""
    ghz = np.zeros(2**n, dtype=complex)
    ghz[[0, -1]] = math.sqrt(0.5)
    rho = (1 - p) * naive.projector(ghz) + p * np.eye(2**n) / 2**n
    expected = n**2 * (1 - p) ** 2 / ((1 - p) + 2 * p / 2**n)
    assert exact.qfi(rho) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert exact.bound(rho) == pytest.approx(n**2 * (1 - p) ** 2, rel=1e-12, abs=1e-14)
    e_n = abs(exact.correlator_of_all(rho)) ** 2
    assert e_n == pytest.approx((1 - p) ** 2 / 4, rel=1e-12, abs=1e-14)


@AXIS
@pytest.mark.parametrize("n", [1, 3])
def test_maximally_mixed_state_is_insensitive(n: int, axis: Any) -> None:
    """All eigenvalues equal: every value is 0 and never negative."""
    rho = np.eye(2**n) / 2**n
    for function in (exact.bound, exact.f0, exact.qfi):
        assert 0 <= function(rho, axis) < 1e-20


@pytest.mark.parametrize("weight", [0.5, 0.3])
@pytest.mark.parametrize("axis", ["z", (0, 0, -1)])
def test_mixture_of_two_orthogonal_ghz_states(weight: float, axis: Any) -> None:
    """Rank 2: N^2 (2 w - 1)^2, and the mixture of equal parts has lost its coherence."""
    n = 4
    plus, minus = (np.zeros(2**n, dtype=complex) for _ in range(2))
    plus[[0, -1]] = math.sqrt(0.5)
    minus[[0, -1]] = math.sqrt(0.5), -math.sqrt(0.5)
    rho = weight * naive.projector(plus) + (1 - weight) * naive.projector(minus)
    expected = n**2 * (2 * weight - 1) ** 2
    assert exact.qfi(rho, axis) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert exact.bound(rho, axis) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@AXIS
@pytest.mark.parametrize("n", [2, 3])
def test_qfi_counts_small_eigenvalues(n: int, axis: Any) -> None:
    """Eigenvalues of 1e-2 to 1e-14: only pairs that vanish altogether are left out of Eq. (8)."""
    random = np.random.default_rng(n)
    _, basis = np.linalg.eigh(naive.random_matrix(n, 2**n, random))
    p = 10.0 ** -np.linspace(0, 14, 2**n)
    rho = (basis * (p / p.sum())) @ basis.conj().T
    expected = naive.qfi(rho, parse_axis(axis).xi)
    assert exact.qfi(rho, axis) == pytest.approx(expected, rel=0, abs=1e-12)


# Reference numbers.


def named_state(name: str, n: int) -> qbell.State:
    """A state of the reference table."""
    if name.startswith("Dicke"):
        ones = name.removeprefix("Dicke_")
        return qbell.dicke(n) if ones == "N/2" else qbell.dicke(n, int(ones))
    families: dict[str, type[qbell.State]] = {"GHZ": qbell.ghz, "plus": qbell.plus, "W": qbell.w}
    return families[name](n)


@pytest.mark.parametrize(
    "row", REFERENCE["pure"], ids=lambda row: f"{row['state']} {row['N']} {row['axis']}"
)
def test_named_states(row: dict[str, Any]) -> None:
    """GHZ, |+>^N, W and Dicke states up to N = 12, on two axes."""
    state = named_state(row["state"], row["N"])
    assert exact.qfi(state, row["axis"]) == pytest.approx(row["QFI"], rel=1e-9, abs=1e-9)
    assert exact.bound(state, row["axis"]) == pytest.approx(row["eq24"], rel=1e-9, abs=1e-9)
    e_n = abs(exact.correlator_of_all(state, row["axis"])) ** 2
    assert e_n == pytest.approx(row["E_N0"], rel=1e-9, abs=1e-14)


def noisy_ghz(n: int, noise: str, p: float) -> Array:
    """The noise models of the reference table, qubit by qubit."""
    rho = naive.projector(qbell.ghz(n).statevector())
    if noise == "glob_depol":
        return np.asarray((1 - p) * rho + p * np.eye(2**n) / 2**n)
    for qubit in range(n):
        parts = rho.reshape(2 ** (n - 1 - qubit), 2, 2**qubit, 2 ** (n - 1 - qubit), 2, 2**qubit)
        if noise == "dephasing":
            off = np.array([[1, 1 - p], [1 - p, 1]])
            parts = parts * off[None, :, None, None, :, None]
        else:
            traced = parts[:, 0, :, :, 0] + parts[:, 1, :, :, 1]
            mixed = np.einsum("ab,xyuv->xayubv", np.eye(2) / 2, traced)
            parts = (1 - p) * parts + p * mixed
        rho = parts.reshape(2**n, 2**n)
    return rho


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", REFERENCE["noisy"], ids=lambda row: f"{row['noise']} {row['p']} {row['N']}"
)
def test_noisy_ghz(row: dict[str, Any]) -> None:
    """White noise, depolarised and dephased qubits, up to N = 8."""
    assert row["state"] == "GHZ"
    rho = noisy_ghz(row["N"], row["noise"], row["p"])
    assert exact.qfi(rho) == pytest.approx(row["QFI"], rel=1e-9, abs=1e-9)
    assert exact.bound(rho) == pytest.approx(row["eq24"], rel=1e-9, abs=1e-9)
    e_n = abs(exact.correlator_of_all(rho)) ** 2
    assert e_n == pytest.approx(row["E_N0"], rel=1e-9, abs=1e-14)


# What is accepted, and what is refused.


def test_every_kind_of_state_is_accepted() -> None:
    """A qbell state, a list, an array, and Qiskit's Statevector and DensityMatrix."""
    state = qbell.dicke(4, 1)
    vector = naive.tensor([turn((0, 1, 0), 0.3 * k) for k in range(4)]) @ state.statevector()
    for axis in ("z", "x"):
        expected = exact.correlator_values(vector, axis)
        for given in (
            vector.tolist(),
            Statevector(vector),
            DensityMatrix(vector),
            DensityMatrix(vector).data.tolist(),
        ):
            found = exact.correlator_values(given, axis)
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
            assert exact.qfi(given, axis) == pytest.approx(exact.qfi(vector, axis), abs=1e-12)
        np.testing.assert_array_equal(
            exact.correlator_values(state, axis),
            exact.correlator_values(state.statevector(), axis),
        )


def test_qubit_order_is_that_of_qiskit() -> None:
    """A circuit that touches qubits 0 and 2 only."""
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.cx(0, 2)
    table = exact.correlators(Statevector(circuit)).set_index("label")["value"]
    np.testing.assert_allclose(exact.correlators(circuit)["value"], table, rtol=0, atol=1e-15)
    assert table["+0+"] == pytest.approx(0.25, rel=1e-12)
    assert table["++0"] == table["0++"] == pytest.approx(0, abs=1e-20)


def test_arguments_are_left_as_they_are() -> None:
    """No function writes into the array it is given."""
    for state in STATES.values():
        copy = state.copy()
        for function in (exact.correlator_values, exact.bound, exact.f0, exact.qfi):
            function(state)
            function(state, "x")
        np.testing.assert_array_equal(state, copy)


def skewed() -> Array:
    """Trace 1, but not Hermitian."""
    matrix = np.diag(np.full(4, 0.25 + 0j))
    matrix[0, 1] = 0.1
    return matrix


def measuring() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    return circuit


NOT_STATES: dict[str, tuple[Any, str]] = {
    "three amplitudes": (np.ones(3) / np.sqrt(3), r"shape \(3,\)"),
    "one amplitude": (np.ones(1), r"shape \(1,\)"),
    "empty": ([], r"shape \(0,\)"),
    "number": (1.0, "got a float"),
    "not square": (np.ones((4, 2)) / 4, r"shape \(4, 2\)"),
    "row": (np.ones((1, 4)) / 2, "is a row"),
    "three axes": (np.ones((2, 2, 2)) / 8, r"shape \(2, 2, 2\)"),
    "ragged": ([[1, 0], [0]], "expected a qbell state"),
    "text": ("ghz", "expected a qbell state"),
    "None": (None, "expected a qbell state|shape"),
    "circuit that measures": (measuring(), "measures"),
    "circuit of one qubit": (QuantumCircuit(1), "1 qubit"),
    "norm": (np.ones(4), r"norm\^2 4;"),
    "norm slightly off": (np.array([1, 1e-3]), r"norm\^2 1\.000001"),
    "trace": (np.eye(4) / 3, r"trace 1\.3333"),
    "imaginary trace": (np.diag([0.5 + 0.3j, 0.5]), "Hermitian"),
    "not Hermitian": (skewed(), "not Hermitian"),
    "negative": (np.diag([1.2, -0.2]), r"negative eigenvalue -0\.2"),
    "NaN amplitude": (np.array([np.nan, 1]), "NaN"),
    "NaN element": (np.diag([np.nan, 1]), "NaN"),
    "infinite": (np.array([np.inf, 1]), "infinite"),
}
FUNCTIONS = [exact.qfi, exact.f0, exact.bound, exact.correlators, exact.describe]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("given", "message"), NOT_STATES.values(), ids=NOT_STATES.keys())
def test_not_a_state(function: Callable[..., Any], given: Any, message: str) -> None:
    """One line that says what is wrong with it."""
    with pytest.raises(QbellError, match=message) as caught:
        function(given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_not_an_axis(function: Callable[..., Any]) -> None:
    """The same error from every function."""
    with pytest.raises(QbellError, match="axis 'w'"):
        function(qbell.ghz(2), "w")


# Everything at once.


@pytest.mark.parametrize("n", [3, 6, 10])
def test_describe_ghz(n: int) -> None:
    """E = 1/4, QFI = F0 = bound = N^2, all depths N but the no-signalling one."""
    found = exact.describe(qbell.ghz(n))
    assert set(found) == set(DESCRIBED)
    assert (found["n"], found["axis"], found["method"]) == (n, "z", "symmetric subspace")
    for key in ("qfi", "f0", "bound"):
        assert found[key] == pytest.approx(n**2, rel=1e-12)
    assert len(found["bound_by_order"]) == n + 1
    assert found["bound_by_order"][n] == pytest.approx(n**2, rel=1e-12)
    assert found["e_n"] == pytest.approx(0.25, rel=1e-12)
    assert found["log_e_n"] == pytest.approx(-2 * math.log(2), rel=1e-12)
    assert found["q"] == pytest.approx(n - 2, rel=1e-12)
    assert found["bell_qubits"] == found["nonlocality_depth"] == n
    assert found["entanglement_depth"] == n
    assert found["no_signalling_depth"] == -(-n // 2)
    assert found["energy"] is None
    assert [note for note in found["notes"] if note.startswith("energy")]


def test_describe_is_plain_json() -> None:
    """The command line prints it, so it holds no NumPy types."""
    for state, axis in [(qbell.ghz(3), "z"), (qbell.ising(3, -1.0), "x"), (qbell.w(3), "z")]:
        found = exact.describe(state, axis)
        assert json.loads(json.dumps(found)) == found


def test_describe_w_on_z() -> None:
    """No E_{N,0} at all: 0, and no logarithm of it, with the reason."""
    found = exact.describe(qbell.w(4), "z")
    assert found["e_n"] == 0
    assert found["log_e_n"] is None
    assert found["q"] is None
    assert [note for note in found["notes"] if "log_e_n" in note and "E_{N,0} is 0" in note]
    for key in ("qfi", "f0", "bound"):
        assert found[key] == pytest.approx(0, abs=1e-12)
    assert (found["bell_qubits"], found["nonlocality_depth"]) == (0, 1)


def test_describe_keeps_small_values() -> None:
    """4^-10 is small but not 0."""
    found = exact.describe(qbell.plus(10))
    assert found["e_n"] == pytest.approx(4.0**-10, rel=1e-12)
    assert found["q"] == pytest.approx(-10, rel=1e-12)
    assert not [note for note in found["notes"] if "log_e_n" in note]


def test_describe_a_density_matrix() -> None:
    """Same numbers as the functions one by one."""
    rho = STATES["mixed 3"]
    found = exact.describe(rho, (1, 2, 3))
    assert found["method"] == "density matrix"
    assert found["axis"] == parse_axis((1, 2, 3)).name
    assert found["qfi"] == exact.qfi(rho, (1, 2, 3))
    assert found["f0"] == exact.f0(rho, (1, 2, 3))
    assert found["bound"] == pytest.approx(exact.bound(rho, (1, 2, 3)), rel=1e-14)


def test_describe_energy() -> None:
    """Families with a Hamiltonian bring theirs."""
    state = qbell.ising(4, -1.5)
    found = exact.describe(state)
    assert found["energy"] == state.energy
    assert not [note for note in found["notes"] if note.startswith("energy")]
