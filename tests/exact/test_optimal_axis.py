"""The QFI matrix and the axis of the largest QFI."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

import qbell
from qbell import exact
from qbell.states.symmetric import Symmetric
from tests.support import naive, precise

Array = NDArray[np.complex128]


def states(n: int, rng: np.random.Generator) -> list[Array]:
    """Without symmetry: pure, of full rank, and of rank 2."""
    return [
        naive.random_vector(n, rng),
        naive.random_matrix(n, 2**n, rng),
        naive.random_matrix(n, 2, rng),
    ]


def matrix_of(state: Array) -> Array:
    return naive.projector(state) if state.ndim == 1 else state


def directions(count: int) -> NDArray[np.float64]:
    """Spread over the sphere (Fibonacci)."""
    k = np.arange(count) + 0.5
    z = 1 - 2 * k / count
    angle = math.pi * (1 + math.sqrt(5)) * k
    radius = np.sqrt(1 - z**2)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)


def largest(qfi: Callable[[NDArray[np.float64]], float], count: int = 60) -> float:
    """The maximum over all axes by search: a grid, then downhill from its three best points."""
    grid = directions(count)
    values = np.array([qfi(xi) for xi in grid])
    found = []
    for start in np.argsort(values)[-3:]:
        result = minimize(
            lambda xi: -qfi(xi / np.linalg.norm(xi)),
            grid[start],
            method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-12, "maxiter": 400},
        )
        found.append(-float(result.fun))
    return max(found)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_matrix_against_the_twin(n: int, rng: np.random.Generator) -> None:
    """By polarisation of Eq. (8); and the QFI of any axis follows from it."""
    for state in states(n, rng):
        found = exact.qfi_matrix(state)
        np.testing.assert_allclose(found, naive.qfi_matrix(matrix_of(state)), rtol=0, atol=1e-11)
        for xi in directions(7):
            assert xi @ found @ xi == pytest.approx(exact.qfi(state, xi), rel=1e-11)


@pytest.mark.parametrize("n", [1, 2, 4, 6])
def test_matrix_is_symmetric_and_positive(n: int, rng: np.random.Generator) -> None:
    """And no more than N^2 in any direction, for every engine."""
    coefficients = rng.normal(size=n + 1) + 1j * rng.normal(size=n + 1)
    given: list[Any] = states(n, rng)
    if n > 1:
        given += [qbell.ising(n, -1.3), qbell.ising(n, 2.0), qbell.double_well(n, 0.5)]
        given += [qbell.ghz(n), qbell.w(n), Symmetric(coefficients / np.linalg.norm(coefficients))]
    for state in given:
        matrix = exact.qfi_matrix(state)
        assert matrix.shape == (3, 3)
        assert matrix.dtype == np.float64
        np.testing.assert_allclose(matrix, matrix.T, rtol=0, atol=1e-12 * n**2)
        values = np.linalg.eigvalsh(matrix)
        assert -1e-12 * n**2 <= values[0]
        assert values[-1] <= n**2 * (1 + 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 2])
def test_best_axis_by_search_over_the_twin(n: int, rng: np.random.Generator) -> None:
    """No axis does better, and this one does as well as it says."""
    for state in states(n, rng):
        axis, value = exact.optimal_axis(state)
        assert np.linalg.norm(axis.xi) == pytest.approx(1, rel=1e-14)
        rho = matrix_of(state)
        assert value == pytest.approx(naive.qfi(rho, axis.xi), rel=1e-10)
        searched = largest(lambda xi, rho=rho: naive.qfi(rho, tuple(xi)))
        assert value == pytest.approx(searched, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("n", [3, 4])
def test_best_axis_by_search(n: int, rng: np.random.Generator) -> None:
    """The same on more qubits, over `qfi` itself."""
    coefficients = rng.normal(size=n + 1) + 1j * rng.normal(size=n + 1)
    own = Symmetric(coefficients / np.linalg.norm(coefficients))
    for state in [*states(n, rng), own]:
        axis, value = exact.optimal_axis(state)
        assert value == pytest.approx(exact.qfi(state, axis), rel=1e-11)
        searched = largest(lambda xi, state=state: exact.qfi(state, xi), 100)
        assert value == pytest.approx(searched, rel=1e-8)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_rotated_ghz_state_has_the_rotated_axis(n: int, rng: np.random.Generator) -> None:
    """As a vector and with white noise; up to the sign, which no QFI sees."""
    for _ in range(5):
        normal = rng.normal(size=3)
        normal /= np.linalg.norm(normal)
        up, down = np.linalg.eigh(naive.pauli(normal))[1].T[::-1]
        vector = (naive.tensor([up[:, None]] * n) + naive.tensor([down[:, None]] * n))[:, 0]
        vector /= np.linalg.norm(vector)
        if n == 2:  # a plane of axes is as good
            assert exact.optimal_axis(vector)[1] == pytest.approx(4, rel=1e-12)
            continue
        for weight in (1.0, 0.7):
            mixed = weight * naive.projector(vector) + (1 - weight) * np.eye(2**n) / 2**n
            for state in (vector, mixed) if weight == 1 else (mixed,):
                axis, value = exact.optimal_axis(state)
                assert abs(np.dot(axis.xi, normal)) == pytest.approx(1, rel=1e-12)
                noise = (1 - weight) * 2 / 2**n
                assert value == pytest.approx(n**2 * weight**2 / (weight + noise), rel=1e-10)


# Where several axes are equally good: the last of x, y, z that is one of them.


@pytest.mark.parametrize(
    ("state", "name", "value"),
    [
        (qbell.ghz(2), "z", 4),
        (qbell.ghz(3), "z", 9),
        (qbell.ghz(500), "z", 250_000),
        (qbell.w(4), "y", 10),
        (qbell.w(300), "y", 898),
        (qbell.dicke(6), "y", 24),
        (qbell.dicke(200, 40), "y", 200 + 2 * 40 * 160),
        (qbell.plus(2), "z", 2),
        (qbell.plus(7), "z", 7),
        (qbell.plus(1000), "z", 1000),
        (qbell.dicke(5, 0), "y", 5),
        (qbell.ising(6, 0.0), "z", 6),
        (qbell.double_well(9, 0.0), "z", 9),
        (qbell.double_well(60, -2.0), "z", None),
        (qbell.double_well(60, 2.0), "y", None),
        (qbell.ising(12, -1.0), "z", None),
        (qbell.ising(12, 1.0), "y", None),
        (Symmetric([0, 0, 1j, 0]), "y", 3 + 4),
    ],
    ids=str,
)
def test_named_axes(state: qbell.State, name: str, value: float | None) -> None:
    """Exactly a named axis, so that no qubit is turned in vain."""
    axis, found = exact.optimal_axis(state)
    assert axis.name == name
    assert found == pytest.approx(exact.qfi(state, name), rel=1e-9)
    if value is not None:
        assert found == pytest.approx(value, rel=1e-9)
    for other in "xyz":
        if found > 1e-3:
            try:
                value_there = exact.qfi(state, other)
            except qbell.QbellError:
                continue  # it cancels: all that is known is that it is about zero
            assert value_there <= found * (1 + 1e-9)


def test_singlet_and_mixed_states_have_no_best_axis() -> None:
    """A QFI of 0 whatever the axis."""
    singlet = np.array([0, 1, -1, 0]) / math.sqrt(2)
    for state in (singlet, np.eye(8) / 8, np.eye(2) / 2):
        axis, value = exact.optimal_axis(state)
        assert value == pytest.approx(0, abs=1e-14)
        assert np.linalg.norm(axis.xi) == pytest.approx(1, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("u", [-2.0, 1.5])
@pytest.mark.parametrize("n", [16, pytest.param(26, marks=pytest.mark.nightly)])
def test_the_matrix_of_a_long_chain(n: int, u: float) -> None:
    """In many digits, and N = 40 with a determinant for each pair of spins."""
    expected = precise.ising(n, u)
    state = qbell.ising(n, u)
    diagonal = [expected.qfi_x, expected.qfi_y, expected.qfi_z]
    np.testing.assert_allclose(exact.qfi_matrix(state), np.diag(diagonal), rtol=1e-11, atol=0)
    axis, value = exact.optimal_axis(state)
    assert axis.name == ("z" if u < 0 else "y")
    assert value == pytest.approx(max(diagonal), rel=1e-11)
    if u < 0:
        _, qfi, _ = naive.ising_free_fermions(40, u)
        assert exact.qfi_matrix(qbell.ising(40, u))[2, 2] == pytest.approx(qfi, rel=1e-11)
