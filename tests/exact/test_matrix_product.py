"""Matrix product states: against state vectors, free fermions, and an independent reference."""

import json
import math
from importlib import import_module

import numpy as np
import pytest

import qbell
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.exact.engine import BelowRounding
from qbell.exact.ising_mps import ground_state
from qbell.exact.matrix_product import (
    MatrixProduct,
    bound_by_order,
    from_amplitudes,
    in_frame,
    log_e_n,
    qfi,
    right_canonical,
)
from tests.support import naive
from tests.support.paths import DATA

REFERENCE = json.loads((DATA / "ising.json").read_text())["rows"]


def amplitudes(state: MatrixProduct) -> np.ndarray:
    """The state vector, qubit 0 the least significant bit."""
    vector = np.ones((1, 1))
    for tensor in state.tensors:
        vector = np.einsum("xa,asb->sxb", vector, tensor).reshape(-1, tensor.shape[2])
    return vector[:, 0]


def overlap(left: MatrixProduct, right: MatrixProduct) -> float:
    middle = np.ones((1, 1))
    for a, b in zip(left.tensors, right.tensors, strict=True):
        middle = sum(a[:, bit].T @ middle @ b[:, bit] for bit in (0, 1))
    return float(middle[0, 0])


@pytest.mark.first_and_last
@pytest.mark.parametrize("u", [0, -0.2, -0.8, -1, -1.5, -3, -10, 0.7, 2])
@pytest.mark.parametrize("n", [2, 3, 4, 7, 10])
def test_ground_state_and_its_bound_agree_with_the_state_vector(n: int, u: float) -> None:
    state, exact = ground_state(n, u), qbell.ising(n, u)
    fidelity = abs(amplitudes(state) @ exact.statevector())
    assert fidelity == pytest.approx(1, abs=1e-12)
    values, error = bound_by_order(state)
    expected = qbell.exact.bound_by_order(exact)
    assert values == pytest.approx(expected, rel=1e-9, abs=1e-9 * expected.sum())
    assert abs(values.sum() - expected.sum()) <= error + 1e-13 * n**2
    assert qfi(state) == pytest.approx(qbell.exact.qfi(exact), rel=1e-9)


@pytest.mark.slow
def test_fourteen_qubits() -> None:
    values, error = bound_by_order(ground_state(14, -1.1))
    expected = qbell.exact.bound_by_order(qbell.ising(14, -1.1))
    assert values == pytest.approx(expected, abs=1e-9 * expected.sum())
    assert abs(values.sum() - expected.sum()) <= error


@pytest.mark.parametrize("row", REFERENCE, ids=lambda row: f"N={row['N']},U={row['U']}")
def test_independent_reference(row: dict[str, float]) -> None:
    n = int(row["N"])
    state = ground_state(n, row["U"])
    values, _ = bound_by_order(state)
    assert values.sum() == pytest.approx(row["eq24"], rel=1e-9)
    assert qfi(state) == pytest.approx(row["QFI"], rel=1e-9)
    assert log_e_n(state) == pytest.approx(math.log(row["E_N0"]), abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["x", "y", "z", (1, 2, -3)])
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_states_without_symmetry_on_any_axis(
    n: int, axis: str | tuple[int, int, int], rng: np.random.Generator
) -> None:
    vector = naive.random_vector(n, rng)
    state = from_amplitudes(vector)
    assert amplitudes(state) == pytest.approx(vector, abs=1e-13)
    values, error = bound_by_order(state, axis)
    assert values == pytest.approx(qbell.exact.bound_by_order(vector, axis), abs=1e-12)
    assert error < 1e-11
    assert qfi(state, axis) == pytest.approx(qbell.exact.qfi(vector, axis), abs=1e-12)
    c = abs(qbell.exact.correlator_of_all(vector, axis))
    assert log_e_n(state, axis) == pytest.approx(2 * math.log(c), abs=1e-10)


@pytest.mark.parametrize(
    "axis", ["x", "y", (-1, 0, 0), (0, -1, 0), (0, 0, -1), (1, 0, 1e-9), (-3, 0, -1), (1, 0, 2)]
)
def test_real_states_stay_real_where_the_axis_allows(
    axis: str | tuple[float, float, float], rng: np.random.Generator
) -> None:
    vector = rng.normal(size=2**6)
    vector /= np.linalg.norm(vector)
    state = from_amplitudes(vector)
    assert state.is_real
    assert in_frame(state, axis).is_real == (parse_axis(axis).xi[1] == 0)
    values, error = bound_by_order(state, axis)
    assert values == pytest.approx(qbell.exact.bound_by_order(vector, axis), abs=1e-12)
    assert error < 1e-11
    assert qfi(state, axis) == pytest.approx(qbell.exact.qfi(vector, axis), abs=1e-12)
    c = abs(qbell.exact.correlator_of_all(vector, axis))
    assert log_e_n(state, axis) == pytest.approx(2 * math.log(c), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["z", "y"])
def test_the_cutoff_can_be_set_and_its_error_is_stated(axis: str) -> None:
    chain = qbell.ising(18, -0.9)
    fine = qbell.exact.orders(chain, axis, cutoff=1e-11)
    for cutoff in (1e-3, 1e-4):
        coarse = qbell.exact.orders(chain, axis, cutoff=cutoff)
        assert coarse.error > 100 * fine.error
        assert abs(coarse.values.sum() - fine.values.sum()) <= coarse.error + fine.error
    assert qbell.exact.bound(chain, axis, cutoff=1e-4) == coarse.values.sum()
    note = qbell.exact.describe(chain, axis, cutoff=1e-4)["notes"][-1]
    assert note == f"bound: cut-off states and correlators change it by at most {coarse.error:.2g}"
    for wrong in (0, 1, -1e-9, math.nan):
        with pytest.raises(QbellError, match="cutoff"):
            qbell.exact.orders(chain, axis, cutoff=wrong)


def test_real_and_complex_tensors_give_the_same(rng: np.random.Generator) -> None:
    vector = rng.normal(size=64)
    state = from_amplitudes(vector / np.linalg.norm(vector))
    assert all(np.isrealobj(tensor) for tensor in state.tensors)
    tensors = tuple(tensor.astype(complex) for tensor in state.tensors)
    real, as_complex = bound_by_order(state)[0], bound_by_order(MatrixProduct(tensors))[0]
    assert real == pytest.approx(as_complex, abs=1e-12)


@pytest.mark.slow
def test_the_error_covers_what_a_coarse_cutoff_loses() -> None:
    exact = qbell.exact.bound(qbell.ising(12, -1))
    for cutoff in (1e-2, 1e-4, 1e-6):
        values, error = bound_by_order(ground_state(12, -1), cutoff=cutoff)
        assert abs(values.sum() - exact) <= error
        values, error = bound_by_order(ground_state(12, -1, cutoff=cutoff))
        assert abs(values.sum() - exact) <= error


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(("n", "u"), [(64, -1), (100, -3), (100, -0.8), (100, -1)])
def test_hundred_qubits_against_free_fermions(n: int, u: float) -> None:
    state = ground_state(n, u)
    _, expected, e_n = naive.ising_free_fermions(n, u)
    assert qfi(state) == pytest.approx(expected, rel=1e-9)
    assert log_e_n(state) == pytest.approx(math.log(e_n), abs=1e-7)
    flipped = right_canonical([tensor[:, ::-1] for tensor in state.tensors])
    assert overlap(state, flipped) == pytest.approx(1, abs=1e-12)
    values, error = bound_by_order(state, cutoff=1e-5)
    assert 0 < error < 0.01 * expected
    assert values.sum() <= expected + error


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(("n", "per_qubit"), [(12, 3.52), (16, 3.76), (50, 2.67), (100, 0.86)])
def test_bound_at_the_critical_point(n: int, per_qubit: float) -> None:
    values, error = bound_by_order(ground_state(n, -1, cutoff=1e-7), cutoff=1e-6)
    assert values.sum() / n == pytest.approx(per_qubit, abs=0.005)
    assert error < 0.02 * values.sum()


@pytest.mark.slow
def test_limits_of_the_interaction() -> None:
    for n in (2, 5, 60):
        values, _ = bound_by_order(ground_state(n, 0))
        assert values.sum() == pytest.approx(n, rel=1e-12)
        for u in (-1e100, -1e9):
            state = ground_state(n, u)
            assert qfi(state) == pytest.approx(n**2, rel=1e-12)
            assert bound_by_order(state)[0][n] == pytest.approx(n**2, rel=1e-12)
            assert log_e_n(state) == pytest.approx(-math.log(4), abs=1e-12)
        assert log_e_n(ground_state(n, 1e100)) < -100  # Neel states: no coherence of all qubits


@pytest.mark.slow
def test_the_chain_is_its_mirror_image() -> None:
    for u in (-1.2, 0.9):
        state = ground_state(24, u)
        mirrored = right_canonical([t.transpose(2, 1, 0) for t in reversed(state.tensors)])
        # For U > 0 the mirror image has the other spins flipped: the same, as the state is even.
        assert overlap(state, mirrored) == pytest.approx(1, abs=1e-12)
        assert bound_by_order(mirrored)[0] == pytest.approx(bound_by_order(state)[0], abs=1e-7)


@pytest.mark.slow
def test_tensors_are_canonical_and_read_only() -> None:
    state = ground_state(40, -1.1)
    for tensor in (*state.tensors, *in_frame(state, "x").tensors):
        product = np.einsum("asb,csb->ac", tensor, tensor.conj())
        assert product == pytest.approx(np.eye(len(tensor)), abs=1e-13)
        assert not tensor.flags.writeable
    assert state.num_qubits == 40
    assert 10 < state.bond < 100
    assert 0 < state.discarded < 1e-16


@pytest.mark.slow
def test_log_e_n_neither_underflows_nor_fails() -> None:
    state = ground_state(300, -0.3)
    assert log_e_n(state) < -300
    one = from_amplitudes([0, 1, 0, 0])
    assert log_e_n(one) == -math.inf


@pytest.mark.parametrize(("n", "u"), [(1, -1), (2.5, -1), (6, math.nan), (6, math.inf)])
def test_refused(n: float, u: float) -> None:
    with pytest.raises(QbellError):
        ground_state(n, u)  # type: ignore[arg-type]


def test_a_density_matrix_is_refused() -> None:
    with pytest.raises(QbellError, match="expected a state vector"):
        from_amplitudes(np.eye(4) / 4)


@pytest.mark.parametrize("axis", ["z", "x"])
def test_a_cutoff_above_the_norm_leaves_nothing(axis: str) -> None:
    values, error = bound_by_order(ground_state(9, -1), axis, cutoff=10.0)
    assert values.tolist() == [0.0] * 10
    assert error > qfi(ground_state(9, -1), axis)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("axis", ["x", "y", (1.0, -2.0, 0.5)], ids=str)
def test_fifteen_qubits_on_other_axes(axis: str | tuple[float, float, float]) -> None:
    """Tensors of complex numbers, against the state vector."""
    chain = qbell.ising(15, -1.2)
    values, error = bound_by_order(ground_state(15, -1.2), axis)
    expected = qbell.exact.bound_by_order(chain.statevector(), axis)
    assert values == pytest.approx(expected, abs=1e-9 * max(1, expected.sum()))
    assert abs(values.sum() - expected.sum()) <= error


@pytest.mark.slow
def test_a_bound_without_a_digit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix_product = import_module("qbell.exact.matrix_product")  # not the function of its name
    assert matrix_product.MatrixProductState(ground_state(40, -1.0)).orders(parse_axis("z")).error
    monkeypatch.setattr(matrix_product, "CUTOFFS", ((math.inf, 0.05),))
    with pytest.raises(QbellError, match="no digit of the bound"):
        matrix_product.MatrixProductState(ground_state(40, -1.0)).orders(parse_axis("z"))


@pytest.mark.slow
def test_e_n_of_a_cut_off_state_is_right_or_refused() -> None:
    """The determinants of the free fermions are the truth."""
    told = 0
    for n, u in ((16, -0.8), (20, -2.0), (40, -1.0), (60, -0.5), (60, 1.0), (100, -3.0)):
        chain = qbell.ising(n, u)
        for axis in "xyz":
            try:
                expected = qbell.exact.log_e_n(chain, axis)
            except QbellError:
                continue
            product = qbell.exact.as_matrix_product(chain)
            most = None
            try:
                found = qbell.exact.log_e_n(product, axis)
            except BelowRounding as error:
                most = error.most
            if most is None:
                told += 1
                assert found == pytest.approx(expected, abs=4e-8)
            else:
                assert most >= expected
    assert told >= 4
