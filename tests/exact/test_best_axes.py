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


def linear(size: int) -> float:
    """Q of the linear cluster of N = 3 k + r."""
    return 2 - size // 3 - size % 3


@pytest.mark.parametrize(
    ("shape", "size", "q"),
    [
        *(("star", n, n - 2.0) for n in (3, 6)),
        *(("complete", n, n - 2.0) for n in (4, 5)),
        *(("line", n, linear(n)) for n in (2, 3, 4, 5, 6, 7)),
        *(pytest.param("line", n, linear(n), marks=pytest.mark.nightly) for n in (8, 9, 10)),
        ("ring", 4, 0.0),
        ("ring", 5, 5 + 2 * np.log2(9 / 128)),
        ("ring", 6, -2.0),
        *(
            pytest.param("ring", n, q, marks=pytest.mark.nightly)
            for n, q in ((7, -3.0), (8, -3.7787), (9, -3.0), (10, -4.0))
        ),
    ],
)
def test_graph_states(shape: str, size: int, q: float) -> None:
    """Against the best Pauli directions too, which leaves rings of 5 and 8 qubits short."""
    state = qbell.graph(size, shape)
    found = exact.best_axes(state).q
    assert found == pytest.approx(q, abs=1e-4)
    if size <= 8:
        best = along_pauli_directions(state.pairs(), size)
        assert best <= found + 1e-9
        assert (best == pytest.approx(found)) == ((shape, size) not in (("ring", 5), ("ring", 8)))


def along_pauli_directions(pairs: list[tuple[int, int]], size: int) -> float:
    """Q over two of X, Y, Z in any order on each qubit, from the signs of stabilisers alone.

    c = 2^-N sum over words of both letters of i^(number of the second) <word>, and <word> is the
    sign of a stabiliser or 0.
    """
    neighbours = [
        sum(1 << b if a == k else 1 << a for a, b in pairs if k in (a, b)) for k in range(size)
    ]
    words = np.zeros((3,) * size, dtype=complex)
    for chosen in range(2**size):
        x = z = phase = 0
        for k in range(size):
            if chosen >> k & 1:
                phase += 2 * (z >> k & 1)  # X_k past a Z_k
                x, z = x ^ 1 << k, z ^ neighbours[k]
        if x | z == 2**size - 1:
            phase += 3 * (x & z).bit_count()  # X Z = -i Y
            letters = tuple(1 if x & z & 1 << k else 0 if x & 1 << k else 2 for k in range(size))
            words[letters] = 1 - phase % 4
    ways = np.array([[1, 1j, 0], [1, -1j, 0], [0, 1, 1j], [0, 1, -1j], [1j, 0, 1], [-1j, 0, 1]]) / 2
    for _ in range(size):
        words = np.tensordot(words, ways, axes=(0, 1))
    return float(size + 2 * np.log2(np.abs(words).max()))


@pytest.mark.parametrize("size", [2, 3, 5, pytest.param(8, marks=pytest.mark.nightly)])
def test_w_states_need_directions_that_are_not_orthogonal(size: int) -> None:
    state = qbell.w(size)
    assert exact.best_axes(state).q == pytest.approx(2 * np.log2(size) - size, abs=1e-6)
    found = exact.best_axes(state, orthogonal=False)
    assert found.q == pytest.approx(2 + size * np.log2(1 - 1 / size), abs=1e-6)
    along = value_along(state.statevector(), found.sigma_1, found.sigma_2)
    assert along == pytest.approx(found.e_n, rel=1e-9)
    np.testing.assert_allclose(np.linalg.norm(found.sigma_2, axis=1), 1, atol=1e-12)


def test_products_reach_the_local_limit_and_no_more() -> None:
    """2^-N, with both directions along the spin."""
    assert exact.best_axes(qbell.plus(4), orthogonal=False).q == pytest.approx(0)


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

    def pairs(angles: np.ndarray) -> list[np.ndarray]:
        a, b = angles.reshape(2, 2, 3)
        z = np.cos(b)
        return list(np.stack([np.cos(a) * np.sin(b), np.sin(a) * np.sin(b), z], axis=2))

    best = max(
        -minimize(lambda x: -value_along(psi, *pairs(x)), rng.uniform(0, 6, 12)).fun
        for _ in range(4)
    )
    assert exact.best_axes(psi, orthogonal=False).e_n >= best - 1e-9


def test_too_many_qubits() -> None:
    with pytest.raises(QbellError, match="best_axes: n = 13; it is computed for up to 12 qubits"):
        exact.best_axes(qbell.ghz(13))
