"""Local directions: known maxima, invariance, and a search that shares no code."""

import numpy as np
import pytest
from qiskit.quantum_info import random_unitary
from scipy.optimize import minimize

import qbell
from qbell import QbellError, exact


@pytest.mark.parametrize(
    ("state", "q"),
    [
        (qbell.ghz(5), 3.0),
        (qbell.ghz(8), 6.0),
        (qbell.w(8), -2.0),
        (qbell.dicke(8, 4), 4.2586),
        (qbell.plus(4), -4.0),
    ],
    ids=["ghz5", "ghz8", "w8", "dicke84", "plus"],
)
def test_known_maxima(state: qbell.State, q: float) -> None:
    """A product state reaches E = 4^-N along any directions, so Q = -N."""
    assert exact.best_axes(state).q == pytest.approx(q, abs=1e-4)


def value_along(psi: np.ndarray, sigma_1: np.ndarray, sigma_2: np.ndarray) -> float:
    """E by Kronecker products."""
    pauli = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])]
    operator = np.eye(1)
    for one, two in zip(sigma_1[::-1], sigma_2[::-1], strict=True):
        plus = sum((a + 1j * b) * p for a, b, p in zip(one, two, pauli, strict=True)) / 2
        operator = np.kron(operator, plus)
    return float(abs(psi.conj() @ operator @ psi) ** 2)


@pytest.mark.slow
def test_the_directions_give_the_value(rng: np.random.Generator) -> None:
    """On an asymmetric state, where a wrong order of qubits would show."""
    psi = rng.normal(size=16) + 1j * rng.normal(size=16)
    psi /= np.linalg.norm(psi)
    found = exact.best_axes(psi)
    assert value_along(psi, found.sigma_1, found.sigma_2) == pytest.approx(found.e_n, rel=1e-9)
    np.testing.assert_allclose((found.sigma_1**2).sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose((found.sigma_1 * found.sigma_2).sum(axis=1), 0, atol=1e-12)


@pytest.mark.slow
def test_local_rotations_change_nothing(rng: np.random.Generator) -> None:
    psi = qbell.dicke(4, 2).statevector()
    operator = np.eye(1)
    for seed in range(4):
        operator = np.kron(operator, random_unitary(2, seed=seed).data)
    before, after = exact.best_axes(psi), exact.best_axes(operator @ psi)
    assert after.e_n == pytest.approx(before.e_n, rel=1e-7)
    assert exact.best_axes(psi).q == before.q  # the same every time


@pytest.mark.slow
def test_no_search_finds_more(rng: np.random.Generator) -> None:
    """Over Euler angles, from 12 random starts; three qubits."""
    psi = rng.normal(size=8) + 1j * rng.normal(size=8)
    psi /= np.linalg.norm(psi)

    def frames(angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a, b, c = angles.reshape(3, 3).T
        one = np.stack([np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), -np.sin(b)], axis=1)
        up = np.stack([np.cos(a) * np.sin(b), np.sin(a) * np.sin(b), np.cos(b)], axis=1)
        side = np.cross(up, one)
        return one, np.cos(c)[:, None] * side + np.sin(c)[:, None] * up

    best = max(
        -minimize(lambda x: -value_along(psi, *frames(x)), rng.uniform(0, 6, 9)).fun
        for _ in range(12)
    )
    assert exact.best_axes(psi).e_n >= best - 1e-9


def test_too_many_qubits() -> None:
    with pytest.raises(QbellError, match="best_axes: n = 13; it is computed for up to 12 qubits"):
        exact.best_axes(qbell.ghz(13))
