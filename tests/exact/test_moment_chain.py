"""The moment bound of long chains against state vectors, a matrix product, and known values."""

import numpy as np
import pytest

import qbell
from qbell import QbellError, exact
from qbell.conventions.few_body import Operators, count_within, operators_within
from qbell.exact.matrix_product import MatrixProduct
from qbell.exact.moment_bound import _covariances_of, default_reach
from qbell.exact.moment_chain import covariances
from qbell.exact.quantities import free_fermions_of
from tests.support import naive

LETTERS = {1: naive.X, 2: naive.Y, 3: naive.Z}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "order", "reach"),
    [
        (qbell.ising(6, -0.8), 3, 1),
        (qbell.ising(6, 1.3), 3, 2),
        (qbell.ising(7, 0.0), 2, 1),
        (exact.ising_chain([-2, 0.5, 1, -0.7, -1], [1, -2, 1, 0.5, -1, 1]), 3, 1),
        *(
            pytest.param(*case, marks=pytest.mark.nightly)
            for case in [
                (qbell.ising(9, -0.8), 3, 1),
                (qbell.ising(9, -3.0), 3, 1),
                (qbell.ising(10, 1.3), 3, 1),
                (qbell.ising(10, -1.0), 3, 2),
                (
                    exact.ising_chain(
                        [-2, 0.5, 1, -0.7, -1, 2, -0.3], [1, -2, 1, 0.5, -1, 1, 2, -1]
                    ),
                    3,
                    1,
                ),
            ]
        ),
    ],
)
def test_covariances_of_a_state_vector(state: object, order: int, reach: int) -> None:
    """Every pair of operators, near and far; ordered, disordered, critical, negative fields."""
    vector = state.statevector()
    operators = operators_within(len(vector).bit_length() - 1, order, reach)
    assert len(operators.sites) == count_within(len(vector).bit_length() - 1, order, reach)
    g = free_fermions_of(state)
    gamma, response = covariances(g, operators, reach)
    expected, moved = _covariances_of(vector[None], operators.words)
    np.testing.assert_allclose(gamma, expected, rtol=0, atol=3e-13)
    np.testing.assert_allclose(response, moved, rtol=0, atol=3e-13)


def expectation(product: MatrixProduct, word: dict[int, np.ndarray]) -> complex:
    """<word> by contraction, site by site."""
    middle = np.ones((1, 1))
    for site, tensor in enumerate(product.tensors):
        acted = np.einsum("st,atb->asb", word.get(site, naive.ONE), tensor)
        half = np.tensordot(middle, acted, (0, 0))  # (below, s, right)
        middle = np.tensordot(half, tensor.conj(), ((0, 1), (0, 1)))
    return complex(middle[0, 0])


def operator(operators: Operators, row: int) -> dict[int, np.ndarray]:
    pairs = zip(operators.sites[row], operators.letters[row], strict=True)
    return {int(site): LETTERS[int(letter)] for site, letter in pairs if letter}


@pytest.mark.slow
@pytest.mark.parametrize("u", [-0.9, -1.4])
def test_long_chain_against_its_matrix_product(u: float, rng: np.random.Generator) -> None:
    """A second route at N = 30: pairs of operators at all distances."""
    state = qbell.ising(30, u)
    operators = operators_within(30, 3, 2)
    gamma, _ = covariances(free_fermions_of(state), operators, 2)
    product = exact.as_matrix_product(state)
    for a, b in rng.integers(len(gamma), size=(40, 2)):
        first, second = operator(operators, a), operator(operators, b)
        both = {
            site: first.get(site, naive.ONE) @ second.get(site, naive.ONE)
            for site in {*first, *second}
        }
        assert gamma[a, b] == pytest.approx(expectation(product, both).real, abs=1e-9)


@pytest.mark.slow
def test_a_reach_is_the_same_on_both_routes() -> None:
    """14 qubits by state vector, and by fermions."""
    state = qbell.ising(14, -1.0)
    by_vector = exact.moment_bound(state, order=2, reach=2)
    g = free_fermions_of(state)
    gamma, response = covariances(g, operators_within(14, 2, 2), 2)
    assert by_vector == pytest.approx(response @ np.linalg.solve(gamma, response), rel=1e-9)
    assert default_reach(14) == 13
    assert count_within(100, 3, default_reach(100)) <= 2500


def test_what_is_refused() -> None:
    with pytest.raises(QbellError, match="n = 30 and axis x"):
        exact.moment_bound(qbell.ising(30, -1.0), "x")
    with pytest.raises(QbellError, match="n = 600"):
        exact.moment_bound(qbell.ising(600, -1.0))
    with pytest.raises(QbellError, match="reach = 0"):
        exact.moment_bound(qbell.plus(3), reach=0)
    with pytest.raises(QbellError, match="n = 15"):
        exact.moment_bound(qbell.ghz(15))


@pytest.mark.slow
def test_a_chain_ordered_in_one_half_only_is_refused() -> None:
    """Its strings and its pairs vanish both across the middle: no digit would be left."""
    chain = exact.ising_chain([-8.0] * 30 + [-0.05] * 29, [1.0] * 60)
    with pytest.raises(QbellError, match="lost in rounding"):
        exact.moment_bound(chain, order=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u", "reach", "moments", "qfi"),
    [
        (50, -0.8, 3, 3.53, 3.64),
        (100, -0.9, 2, 4.37, 6.18),
        (100, -1.0, 2, 2.25, 22.1),
    ],
)
def test_known_values_of_long_chains(
    n: int, u: float, reach: int, moments: float, qfi: float
) -> None:
    """Of Y_i and Y_i X_j, over N, from another code."""
    state = qbell.ising(n, u)
    found = exact.moment_bound(state, order=2, reach=reach) / n
    assert found == pytest.approx(moments, abs=0.006)
    assert exact.qfi(state) / n == pytest.approx(qfi, abs=0.05 if qfi > 10 else 0.006)
