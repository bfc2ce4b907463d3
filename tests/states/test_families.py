"""Coherent, product, twisted, squeezed and graph states beside the older families."""

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector

import qbell
from qbell import exact
from qbell.circuits.graph import coloured_layers
from qbell.circuits.product import coherent_circuit
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.exact.quantities import engine_for
from qbell.exact.state_vector import StateVector
from qbell.scan import make_grid
from qbell.states import FAMILIES, named_state
from qbell.states.graph import SHAPES
from tests.support import naive
from tests.support.cases import AXIS, DESCRIBED, NEEDED, value_and_limit

SHAPES_OF_ALL_SIZES = [shape for shape in SHAPES if shape != "ring"]


def random_edges(n: int, rng: np.random.Generator) -> list[list[int]]:
    """About half of all pairs, at least one, in either order."""
    pairs = [[j, k] if (j + k) % 3 else [k, j] for j in range(n) for k in range(j)]
    kept = [pair for pair in pairs if rng.random() < 0.5]
    return kept or pairs[:1]


def members(n: int, rng: np.random.Generator) -> list[qbell.State]:
    """States of n qubits with parameters of every kind, one family after the other."""
    theta, phi = rng.uniform(-7, 7, size=(2, n))
    coefficients = rng.normal(size=n + 1) + 1j * rng.normal(size=n + 1)
    return [
        qbell.ghz(n),
        qbell.plus(n),
        qbell.w(n),
        *(qbell.dicke(n, ones) for ones in range(n + 1)),
        *(qbell.double_well(n, u) for u in (-3.0, -1.0, 2.0)),
        qbell.symmetric(coefficients / np.linalg.norm(coefficients)),
        *(qbell.coherent(n, *angles) for angles in ((0.7, 0), (-4.0, 2.5), (9.0, -1e5))),
        *(qbell.coherent(n, angle, 0.3) for angle in (0.0, math.pi, math.pi / 2)),
        qbell.product(n, 0.4, -1.0),
        qbell.product(n, theta, phi),
        *(qbell.twisting(n, time) for time in (0.0, 0.1, math.pi / 2, -2.0, 777.0)),
        *(qbell.squeezed(n, time) for time in (None, 0.3, -0.1)),
        *(qbell.graph(n, shape) for shape in SHAPES_OF_ALL_SIZES),
        *([qbell.graph(n, "ring")] if n > 2 else []),
        qbell.graph(n, edges=random_edges(n, rng)),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("n", range(2, 11))
def test_every_circuit_prepares_its_state(n: int, rng: np.random.Generator) -> None:
    """Fidelity 1, by Qiskit's simulation of the circuit."""
    for state in members(n, rng):
        preparation = state.preparation()
        assert preparation.is_unitary
        assert preparation.fidelity == 1
        vector = state.statevector()
        assert np.vdot(vector, vector).real == pytest.approx(1, abs=1e-12)
        overlap = np.vdot(Statevector(preparation.circuit).data, vector)
        assert abs(overlap) ** 2 == pytest.approx(1, rel=0, abs=1e-9), state


@pytest.mark.slow
@AXIS
@pytest.mark.parametrize("n", [2, 3, 4])
def test_exact_values_against_brute_force(n: int, axis: Any, rng: np.random.Generator) -> None:
    """QFI of dense matrices; the bound and its orders of the 3^N correlators; E_{N,0}."""
    parsed = parse_axis(axis)
    for state in members(n, rng):
        vector = state.statevector()
        plain = StateVector(vector)
        assert exact.qfi(state, axis) == pytest.approx(
            naive.qfi(naive.projector(vector), parsed.xi), abs=1e-10
        )
        np.testing.assert_allclose(
            exact.bound_by_order(state, axis), plain.orders(parsed).values, rtol=0, atol=1e-10
        )
        matrix = exact.qfi_matrix(state)
        np.testing.assert_allclose(matrix, plain.qfi_matrix(), rtol=0, atol=1e-10)
        e_n = abs(plain.c_n(parsed)) ** 2
        try:
            found = math.exp(exact.log_e_n(state, axis))
        except QbellError:
            assert e_n < 1e-12
        else:
            assert found == pytest.approx(e_n, abs=1e-13)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_described_in_full(family: str) -> None:
    """All keys, as plain JSON."""
    found = exact.describe(named_state(family, 6, NEEDED.get(family, {})))
    assert list(found) == DESCRIBED
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["bound"] <= found["qfi"] + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 10_000])
def test_many_qubits(n: int) -> None:
    """Closed forms where no state vector fits; a large star would take hours, and is refused."""
    theta, phi = 0.8, 0.5
    direction = np.array(
        [math.sin(theta) * math.cos(phi), math.sin(theta) * math.sin(phi), math.cos(theta)]
    )
    for state in (qbell.coherent(n, theta, phi), qbell.product(n, theta, phi)):
        for axis, part in zip("xyz", direction, strict=True):
            assert exact.qfi(state, axis) == pytest.approx(n * (1 - part**2), rel=1e-9)
        assert exact.log_e_n(state) == pytest.approx(2 * n * math.log(math.sin(theta) / 2))
    for state in (qbell.twisting(n, 1e-3), qbell.squeezed(n)):
        assert n * 0.99 < exact.qfi(state) < n**2
    star = qbell.graph(n, "star")
    if n == 60:  # as a matrix product
        assert exact.qfi(star) == pytest.approx(60)
    else:
        with pytest.raises(QbellError, match="steps of neighbours as a matrix product"):
            exact.qfi(star)


# Products.


def test_bits_of_a_product() -> None:
    """Qubit k is bit k of the index: the first angle belongs to qubit 0."""
    vector = qbell.product(3, [math.pi, 0, 0]).statevector()
    assert abs(vector[0b001]) == pytest.approx(1, abs=1e-15)
    vector = qbell.product(3, [0, 0, math.pi / 2], [0, 0, math.pi / 2]).statevector()
    np.testing.assert_allclose(vector[[0b000, 0b100]], [0.5**0.5, 1j * 0.5**0.5], atol=1e-15)


def test_one_angle_for_all() -> None:
    """A coherent state, and a product of equal qubits, is the same."""
    one, all_of_them = qbell.product(4, 0.3, 0.9), qbell.product(4, [0.3] * 4, np.full(4, 0.9))
    assert one == all_of_them
    assert hash(one) == hash(all_of_them)
    np.testing.assert_allclose(
        one.statevector(), qbell.coherent(4, 0.3, 0.9).statevector(), rtol=0, atol=1e-15
    )


@AXIS
def test_product_against_the_coherent_state(axis: Any) -> None:
    """Two engines that share nothing: a polynomial, and N + 1 coefficients."""
    product, coherent = qbell.product(40, 1.1, -0.6), qbell.coherent(40, 1.1, -0.6)
    value = exact.log_e_n(product, axis)
    found, limit = value_and_limit(coherent, axis)  # its sum may cancel; the product has none
    assert value <= limit + 1e-8 * abs(value)
    assert found is None or found == pytest.approx(value, rel=1e-8)
    np.testing.assert_allclose(
        exact.bound_by_order(product, axis),
        exact.bound_by_order(coherent, axis),
        rtol=1e-9,
        atol=1e-12,
    )


def test_a_qubit_along_the_axis() -> None:
    """E_{N,0} is 0 on axis z; on a tilted axis it is below rounding, and not made up."""
    assert exact.log_e_n(qbell.product(3, [0.0, 1.0, 1.0])) == -math.inf
    tilted = (math.sin(1.0), 0.0, math.cos(1.0))
    with pytest.raises(QbellError, match="lost in rounding"):
        exact.log_e_n(qbell.product(3, [1.0, 2.0, 2.0]), tilted)


def test_coherent_circuit_with_parameters() -> None:
    """Bound later, it is the circuit of these angles."""
    theta, phi = Parameter("theta"), Parameter("phi")
    circuit = coherent_circuit(3, theta, phi)
    assert set(circuit.parameters) == {theta, phi}
    bound = circuit.assign_parameters({theta: 0.4, phi: -1.3})
    overlap = np.vdot(Statevector(bound).data, qbell.coherent(3, 0.4, -1.3).statevector())
    assert abs(overlap) ** 2 == pytest.approx(1, abs=1e-12)


# Graphs.


def stabilised(state: Any) -> None:
    """X_j prod Z_k = 1 for every qubit j, which defines the state but for a phase."""
    n, vector = state.num_qubits, state.statevector()
    index = np.arange(2**n)
    for j in range(n):
        near = [sum(edge) - j for edge in state.pairs() if j in edge]
        signs = np.prod([1.0 - 2.0 * (index >> k & 1) for k in near], axis=0)
        np.testing.assert_allclose((signs * vector)[index ^ 1 << j], vector, atol=1e-15)


@pytest.mark.parametrize("n", range(2, 10))
def test_stabilisers(n: int, rng: np.random.Generator) -> None:
    for state in members(n, rng):
        if state.family == "graph":
            stabilised(state)


def degree(state: Any) -> int:
    ends = [qubit for edge in state.pairs() for qubit in edge]
    return max(ends.count(qubit) for qubit in range(state.num_qubits))


@pytest.mark.parametrize("n", [2, 3, 4, 6, 7, 12, 30])
def test_layers_of_a_graph(n: int, rng: np.random.Generator) -> None:
    """One CZ an edge, side by side in as few layers as stated."""
    depths = {"line": min(n - 1, 2), "star": n - 1, "complete": n - 1 + n % 2}
    if n > 2:
        depths["ring"] = 2 + n % 2
    for shape, expected in depths.items():
        circuit = qbell.graph(n, shape).circuit()
        assert circuit.depth(lambda item: len(item.qubits) == 2) == expected, shape
    grid = qbell.graph(n, "grid")
    assert grid.circuit().depth(lambda item: len(item.qubits) == 2) == degree(grid)
    state = qbell.graph(n, edges=random_edges(n, rng))
    circuit = state.circuit()
    assert circuit.count_ops()["cz"] == len(state.pairs())
    assert len(state.layers()) <= degree(state) + 1
    for layer in state.layers():
        assert len({qubit for edge in layer for qubit in edge}) == 2 * len(layer)


def test_bipartite_graphs_take_as_many_layers_as_the_largest_degree() -> None:
    edges = [(one, two) for one in (0, 2, 4) for two in (1, 3, 5, 7)]
    assert len(coloured_layers(8, edges)) == 4


def test_shapes() -> None:
    """Rows one after the other; the most square grid; edges in any order."""
    assert qbell.graph(6, "grid").rows == 2
    assert qbell.graph(16, "grid").rows == 4
    assert qbell.graph(7, "grid").pairs() == qbell.graph(7, "line").pairs()
    assert qbell.graph(6, "grid", rows=3).pairs() == (
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 3),
        (2, 4),
        (3, 5),
        (4, 5),
    )
    assert qbell.graph(4, edges=np.array([[3, 2], [1, 0]])).pairs() == ((0, 1), (2, 3))
    assert hash(qbell.graph(4, edges=[[3, 2], [1, 0]])) == hash(
        qbell.graph(4, edges=[[0, 1], [2, 3]])
    )


@pytest.mark.parametrize("n", [3, 4, 7])
def test_star_is_ghz_but_for_hadamards(n: int) -> None:
    """So on axis x the N - 1 leaves add up to (N - 1)^2, and the middle adds 1."""
    leaves = n - 1
    assert exact.qfi(qbell.graph(n, "star"), "x") == pytest.approx(leaves**2 + 1, rel=1e-12)
    circuit = qbell.graph(n, "star").circuit()
    circuit.h(range(1, n))
    overlap = np.vdot(Statevector(circuit).data, qbell.ghz(n).statevector())
    assert abs(overlap) ** 2 == pytest.approx(1, abs=1e-12)


# Names and errors.


def test_parameters_are_those_of_the_classes() -> None:
    """Every parameter named is a field, and every field but n is named."""
    for family, kind in FAMILIES.items():
        fields = {field.name for field in dataclasses.fields(kind)} - {"num_qubits"}
        assert fields == set(kind.parameters()), family
        assert all(set(group) <= fields for group in kind.required())


@pytest.mark.parametrize(
    ("family", "message"),
    [
        ("ising", "needs u, .*u = -1.5"),
        ("double-well", "needs u"),
        ("product", "needs theta, .*theta = 0.5"),
        ("coherent", "needs theta"),
        ("twisting", "needs time, .*time = 0.2"),
        ("graph", "needs shape or edges, .*ring.*edges"),
    ],
)
def test_what_a_family_needs(family: str, message: str) -> None:
    """Named, with an example."""
    with pytest.raises(QbellError, match=f"^family {family} {message}"):
        named_state(family, 4, {})


@pytest.mark.parametrize(
    ("family", "parameters", "message"),
    [
        ("coherent", {"theta": math.nan}, "theta = nan"),
        ("coherent", {"theta": "1"}, "theta = '1'"),
        ("coherent", {"theta": [0.1] * 4}, r"theta = \[0.1"),
        ("coherent", {"theta": 1, "phi": math.inf}, "phi = inf"),
        ("coherent", {"theta": 1e9}, "theta = 1000000000"),
        ("product", {"theta": [0.1, 0.2]}, "theta holds 2 numbers for 4 qubits"),
        ("product", {"theta": [0.1, 0.2, True, 0]}, r"theta\[2\] = True"),
        ("product", {"theta": [0.1, [0.2], 0, 0]}, r"theta\[1\] = \[0.2\]"),
        ("product", {"theta": {}}, "theta = {}"),
        ("product", {"theta": "0.1"}, "theta = '0.1'"),
        ("product", {"theta": 0.1, "phi": None}, "phi = None"),
        ("twisting", {"time": None}, "time = None"),
        ("twisting", {"time": True}, "time = True"),
        ("squeezed", {"time": "best"}, "time = 'best'"),
        ("squeezed", {"time": math.nan}, "time = nan"),
        ("graph", {"shape": "cube"}, "shape = 'cube'; use one of ring"),
        ("graph", {"shape": ["ring"]}, r"shape = \['ring'\]"),
        ("graph", {"shape": "ring", "edges": [[0, 1]]}, "has both"),
        ("graph", {"shape": None}, "has neither"),
        ("graph", {"shape": "ring", "rows": 2}, "rows = 2 belongs to shape = 'grid'"),
        ("graph", {"shape": "grid", "rows": 3}, "rows = 3 does not divide n = 4; use one of 1, 2"),
        ("graph", {"shape": "grid", "rows": 0}, "rows = 0"),
        ("graph", {"shape": "grid", "rows": 2.0}, "rows = 2.0"),
        ("graph", {"edges": []}, "edges = "),
        ("graph", {"edges": "01"}, "edges = '01'"),
        ("graph", {"edges": 3}, "edges = 3"),
        ("graph", {"edges": [[0, 1, 2]]}, r"edges\[0\] = \[0, 1, 2\]"),
        ("graph", {"edges": [[0, 1], [1, 4]]}, r"edges\[1\] = 4"),
        ("graph", {"edges": [[0, 1], 7]}, r"edges\[1\] = 7"),
        ("graph", {"edges": [[0, 1], [1, 0]]}, "is there twice"),
        ("graph", {"edges": [[2, 2]]}, "to itself"),
        ("graph", {"edges": [[0, True]]}, r"edges\[0\] = True"),
        ("twisting", {"time": 0.1, "theta": 1}, "takes no theta"),
        ("squeezed", {"u": 1.0}, "takes no u"),
    ],
)
def test_bad_parameters(family: str, parameters: dict[str, Any], message: str) -> None:
    """One line that says what is wrong."""
    with pytest.raises(QbellError, match=message) as caught:
        named_state(family, 4, parameters)
    assert "\n" not in str(caught.value)


def test_a_ring_of_two() -> None:
    with pytest.raises(QbellError, match="ring needs n = 3"):
        qbell.graph(2, "ring")


def test_too_many_edges() -> None:
    """Of a complete graph; a star of the same size is fine."""
    with pytest.raises(QbellError, match="complete graph of 10000 qubits takes 49995000"):
        qbell.graph(10_000, "complete").circuit()
    assert qbell.graph(3000, "star").circuit().num_nonlocal_gates() == 2999


@pytest.mark.parametrize("family", ["product", "coherent", "twisting", "graph"])
def test_a_scan_varies_n_and_u_alone(family: str) -> None:
    for us in (None, [-1.0]):
        with pytest.raises(QbellError, match=rf"family {family} needs (theta|time|shape or edges)"):
            make_grid(family, [4], us)


def test_a_scan_of_squeezed_states() -> None:
    assert make_grid("squeezed", [4, 6]).points == [(4, None), (6, None)]
    with pytest.raises(QbellError, match="takes no u"):
        make_grid("squeezed", [4], [-1.0])


def test_engines() -> None:
    """Each family has what serves it best."""
    methods = {
        "product": "product of qubits",
        "coherent": "symmetric subspace",
        "twisting": "symmetric subspace",
        "squeezed": "symmetric subspace",
        "graph": "state vector",
    }
    for family, method in methods.items():
        assert engine_for(named_state(family, 4, NEEDED.get(family, {}))).method == method


def test_correlations_of_squeezed_states() -> None:
    """By the coefficients before the turn, as by the state vector."""
    state = qbell.squeezed(5, 0.3)
    table = exact.symmetric_correlators(state).set_index(["n_plus", "n_minus"])["log_value"]
    plain: NDArray[np.float64] = exact.correlators(state.statevector())
    for row in plain.itertuples():  # type: ignore[attr-defined]
        value = math.exp(table[row.n_plus, row.n_minus]) if row.value > 1e-20 else 0.0
        assert value == pytest.approx(row.value, abs=1e-12)
    pairs = exact.zz_correlations(state)
    np.testing.assert_allclose(pairs, exact.zz_correlations(state.statevector()), atol=1e-13)
