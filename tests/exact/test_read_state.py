"""States as other tools hold them: read right, or refused in one line."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy
from qiskit.quantum_info import DensityMatrix, Statevector

import qbell
from qbell import exact
from qbell.errors import QbellError
from tests.support import naive

VECTOR = naive.random_vector(3, np.random.default_rng(5))
MATRIX = naive.random_matrix(3, 3, np.random.default_rng(6))
KINDS = [
    getattr(scipy.sparse, f"{form}_{kind}")
    for form in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")
    for kind in ("array", "matrix")
]


def qobj(array: Any, kind: str, dims: Any) -> Any:
    """What qbell asks of a Qobj of QuTiP; `data` is QuTiP's own kind of matrix."""
    return SimpleNamespace(
        full=lambda: np.array(array), type=kind, isket=kind == "ket", dims=dims, data=object()
    )


def values(state: Any) -> list[Any]:
    """What every function that takes a state makes of it."""
    axis = (0.3, -1.2, 0.5)
    return [
        exact.qfi(state),
        exact.f0(state, axis),
        exact.bound(state, axis),
        exact.log_e_n(state),
        exact.correlator_of_all(state),
        exact.qfi_matrix(state).ravel(),
        exact.zz_correlations(state).ravel(),
        exact.correlators(state, axis)["value"].to_numpy(),
        exact.describe(state)["bound"],
    ]


def same(state: Any, expected: Any, tolerance: float = 1e-12) -> bool:
    pairs = zip(values(state), values(expected), strict=True)
    return all(bool(np.allclose(a, b, rtol=tolerance, atol=tolerance)) for a, b in pairs)


@pytest.mark.parametrize("sparse", KINDS, ids=lambda kind: kind.__name__)
def test_sparse_density_matrices_and_columns(sparse: Any) -> None:
    assert exact.qfi(sparse(naive.projector(qbell.ghz(5).statevector()))) == pytest.approx(25)
    assert same(sparse(MATRIX), MATRIX)
    assert same(sparse(VECTOR[:, None]), VECTOR)


def test_a_sparse_state_as_a_matrix_product() -> None:
    product = exact.as_matrix_product(scipy.sparse.csr_array(VECTOR[:, None]))
    assert exact.qfi(product) == pytest.approx(exact.qfi(VECTOR))


def test_a_large_sparse_matrix_is_refused_before_it_is_filled_up() -> None:
    huge = scipy.sparse.csr_array(([1.0], ([0], [0])), shape=(2**20, 2**20))
    with pytest.raises(QbellError, match="memory"):
        exact.qfi(huge)


def test_quimb_round_trips() -> None:
    import quimb

    assert same(quimb.qu(VECTOR, qtype="ket"), VECTOR)
    assert same(quimb.qu(MATRIX, qtype="dop", sparse=True), MATRIX)
    assert same(quimb.qu(VECTOR, qtype="ket", sparse=True), VECTOR)
    assert exact.qfi(quimb.ghz_state(5)) == pytest.approx(25)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.matrix(MATRIX), MATRIX),
        (np.matrix(VECTOR).T, VECTOR),
        (VECTOR[:, None], VECTOR),
        (VECTOR.astype(object), VECTOR),
        (MATRIX.tolist(), MATRIX),
        (np.ma.masked_array(VECTOR, mask=False), VECTOR),
        (Statevector(VECTOR), VECTOR),
        (DensityMatrix(MATRIX), MATRIX),
        (qobj(VECTOR[:, None], "ket", [[2, 2, 2], [1]]), VECTOR),
        (qobj(MATRIX, "oper", [[2, 2, 2], [2, 2, 2]]), MATRIX),
    ],
    ids=lambda value: type(value).__name__,
)
def test_read_right(given: Any, expected: Any) -> None:
    assert same(given, expected)


def test_the_last_part_of_a_qobj_is_qubit_0() -> None:
    """tensor(|1>, |0>, |0>): index 4, so qubit 2 is up."""
    ket = qobj(np.eye(8)[:, [4]], "ket", [[2, 2, 2], [1]])
    bell = qobj(np.array([[1, 0, 0, 0, 0, 0, 1, 0]]).T / math.sqrt(2), "ket", [[2, 2, 2], [1]])
    assert exact.zz_correlations(ket)[0, 1] == 1
    table = exact.correlators(bell).set_index("label")["value"]
    assert table["++0"] == pytest.approx(0.25)


@pytest.mark.parametrize("kind", [np.complex64, np.float32])
def test_single_precision(kind: Any) -> None:
    """Norm and trace are right to 7 digits then; the values are as good as the numbers."""
    if kind is np.complex64:
        assert same(VECTOR.astype(kind), VECTOR, 1e-5)
        assert same(MATRIX.astype(kind), MATRIX, 1e-5)
    third = np.full(8, 8**-0.5, dtype=kind)
    assert exact.qfi(third) == pytest.approx(3, rel=1e-6)
    with pytest.raises(QbellError, match="norm"):
        exact.qfi(third * kind(1.001))
    noise = np.array([1, 0, 0, 1e-8], dtype=kind)
    with pytest.raises(QbellError, match="lost in rounding"):
        exact.log_e_n(noise)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (scipy.sparse.csr_array(VECTOR[None, :]), "is a row"),
        (np.matrix(VECTOR), "is a row"),
        (VECTOR[None, :], "is a row"),
        (np.ma.masked_array(VECTOR, mask=[True] + 7 * [False]), "masked"),
        (qobj(VECTOR[None, :], "bra", [[1], [2, 2, 2]]), "'bra'"),
        (qobj(np.eye(4)[:, [0]], "ket", [[4], [1]]), "parts of dimension"),
        (qobj(np.eye(16), "super", [[[2, 2], [2, 2]], [[2, 2], [2, 2]]]), "'super'"),
        (np.array([None, 1], dtype=object), "NaN"),
        (memoryview(b"ab"), "norm"),
        (SimpleNamespace(data=np.array([1, 0, 0, 1]) / math.sqrt(2)), "got a SimpleNamespace"),
        ("ghz", "got a str"),
        (None, "got a NoneType"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_refused_in_one_line(given: Any, said: str) -> None:
    with pytest.raises(QbellError, match=said) as found:
        exact.qfi(given)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("given", [VECTOR, Statevector(VECTOR), scipy.sparse.csr_array(MATRIX)])
def test_shots_need_a_circuit(given: Any) -> None:
    with pytest.raises(QbellError, match="give the circuit"):
        qbell.sample(given, qbell.schedule(3), shots=1)


def test_masked_coefficients() -> None:
    with pytest.raises(QbellError, match="masked"):
        qbell.symmetric(np.ma.masked_array([0.6, 0, 0.8], mask=[1, 0, 0]))
    with pytest.raises(QbellError):
        qbell.symmetric(scipy.sparse.csr_array([[0.6, 0, 0.8]]))
