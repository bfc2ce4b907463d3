"""The moment bound of matrix products: against state vectors and free fermions."""

import numpy as np
import pytest

import qbell
from qbell import QbellError, exact
from qbell.conventions.few_body import operators_within
from qbell.exact.matrix_product import from_amplitudes
from qbell.exact.moment_product import covariances
from tests.support import naive


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize(("n", "order", "reach"), [(3, 3, 2), (6, 3, 1), (7, 3, 4), (5, 2, 4)])
def test_covariances_of_a_random_state(
    n: int, order: int, reach: int, real: bool, rng: np.random.Generator
) -> None:
    """All of Gamma and C by applying the words to the vector."""
    vector = naive.random_vector(n, rng)
    if real:
        vector = vector.real / np.linalg.norm(vector.real)
    words = operators_within(n, order, reach).words
    words += [{0: "X", n - 1: "Z"}, {1: "Y", 2: "Y"}, {0: "Y", 1: "X", n - 1: "Y"}]
    gamma, response = covariances(from_amplitudes(vector), words)
    h = sum(naive.on_qubit(naive.Z, k, n) for k in range(n)) / 2
    images = []
    for word in words:
        image = vector.astype(complex)
        for site, letter in word.items():
            image = naive.on_qubit(getattr(naive, letter), site, n) @ image
        images.append(image)
    flat = np.array(images)
    means = (flat @ vector.conj()).real
    np.testing.assert_allclose(
        gamma, (flat.conj() @ flat.T).real - np.outer(means, means), rtol=0, atol=1e-13
    )
    expected = 2 * (flat @ (h @ vector).conj()).imag
    np.testing.assert_allclose(response, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("n", "u", "order", "reach"),
    [
        (40, -0.8, 3, 2),
        pytest.param(40, -1.0, 3, 3, marks=[pytest.mark.slow, pytest.mark.nightly]),
        pytest.param(100, -0.9, 3, 2, marks=[pytest.mark.slow, pytest.mark.nightly]),
        pytest.param(100, -1.0, 2, 3, marks=[pytest.mark.slow, pytest.mark.nightly]),
    ],
)
def test_long_chains_against_free_fermions(n: int, u: float, order: int, reach: int) -> None:
    chain = qbell.ising(n, u)
    found = exact.moment_bound(exact.as_matrix_product(chain), order=order, reach=reach)
    assert found == pytest.approx(exact.moment_bound(chain, order=order, reach=reach), rel=1e-8)
    assert found < exact.qfi(chain)


def test_other_axes_and_other_states() -> None:
    """Along x a chain turned to z has the same; a product state of 30 qubits has N."""
    chain = qbell.ising(15, -0.7)
    product = exact.as_matrix_product(chain)
    turned = exact.in_local_frames(product, ["x"] * 15)
    found = exact.moment_bound(product, "x", order=2, reach=2)
    assert found == pytest.approx(exact.moment_bound(turned, order=2, reach=2), rel=1e-6)
    assert 0 < found <= exact.qfi(product, "x") * (1 + 1e-6)
    plus = exact.matrix_product([np.full((1, 2, 1), np.sqrt(0.5))] * 30)
    assert exact.moment_bound(plus, order=2, reach=1) == pytest.approx(30, rel=1e-9)
    words = ["I" * k + "Y" + "I" * (29 - k) for k in range(0, 30, 3)]
    assert exact.moment_bound(plus, words=words) == pytest.approx(10, rel=1e-9)


def test_what_is_refused() -> None:
    plus = exact.matrix_product([np.full((1, 2, 1), np.sqrt(0.5))] * 501)
    with pytest.raises(QbellError, match="n"):
        exact.moment_bound(plus)
    with pytest.raises(QbellError, match="as_matrix_product"):
        exact.moment_bound(qbell.ising(20, -1.0), "x")
