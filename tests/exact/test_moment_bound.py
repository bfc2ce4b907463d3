"""The moment bound against its definition, its limits and known values."""

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def word(letters: dict[int, str], size: int) -> NDArray[np.complex128]:
    """By Kronecker products; qubit 0 last."""
    parts = [PAULI[letters.get(k, "I")] for k in reversed(range(size))]
    return np.asarray(functools.reduce(np.kron, parts), dtype=complex)


def slow(rho: NDArray[np.complex128], order: int) -> float:
    """C^T Gamma^-1 C by traces."""
    size = len(rho).bit_length() - 1
    words = [{i: "Y"} for i in range(size)]
    if order >= 2:
        words += [{i: "Y", j: "X"} for i in range(size) for j in range(size) if i != j]
    if order >= 3:
        words += [
            {i: "Y", j: "Z", k: "Z"}
            for i in range(size)
            for j in range(size)
            for k in range(j)
            if i not in (j, k)
        ]
    operators = [word(letters, size) for letters in words]
    h = sum(word({k: "Z"}, size) for k in range(size)) / 2
    mean = [np.trace(rho @ m).real for m in operators]
    gamma = np.array(
        [
            [
                np.trace(rho @ (a @ b + b @ a)).real / 2 - x * y
                for b, y in zip(operators, mean, strict=True)
            ]
            for a, x in zip(operators, mean, strict=True)
        ]
    )
    response = np.array([np.trace(rho @ (1j * (m @ h - h @ m))).real for m in operators])
    return float(response @ np.linalg.pinv(gamma, rcond=1e-9, hermitian=True) @ response)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_mixed_state_by_traces(order: int, rng: np.random.Generator) -> None:
    rows = rng.normal(size=(2, 3, 8))
    vectors = rows[0] + 1j * rows[1]
    vectors /= np.linalg.norm(vectors)
    rho = vectors.T @ vectors.conj()
    found = exact.moment_bound(rho, order=order)
    assert found == pytest.approx(slow(rho, order), rel=1e-6)
    assert found <= exact.qfi(rho) * (1 + 1e-6)


@pytest.mark.parametrize("axis", ["z", (1, 2, 2)])
def test_operators_that_are_named(axis: object, rng: np.random.Generator) -> None:
    """Those of an order by their words; and any, by traces, of a state that is not symmetric."""
    state = qbell.ising(4, -1.0).statevector()
    words = ["IIIY", "IIYI", "IYII", "YIII"]
    assert exact.moment_bound(state, axis, words=words) == pytest.approx(
        exact.moment_bound(state, axis, order=1)
    )
    found = exact.moment_bound(state, axis, words=["XXII", *words, "IZYZ"])
    assert exact.moment_bound(state, axis, order=1) <= found + 1e-9
    assert found <= exact.qfi(state, axis) + 1e-9


def test_words_of_a_long_chain() -> None:
    """Those with an even number of Y add nothing; others than Y, YX and YZZ are refused."""
    words = ["I" * (19 - k) + "Y" + "I" * k for k in range(20)]
    state = qbell.ising(20, -0.8)
    expected = exact.moment_bound(state, order=1)
    both = [*words, "X" + "I" * 19, "Y" + "I" * 18 + "Y"]
    assert exact.moment_bound(state, words=both) == pytest.approx(expected, rel=1e-9)
    with pytest.raises(QbellError, match="Z_18 Y_19: of long chains words Y, YX and YZZ are"):
        exact.moment_bound(state, words=["YZ" + "I" * 18])


@pytest.mark.parametrize("word", ["III", "YI", "YYIA"])
def test_words_that_are_none(word: str) -> None:
    with pytest.raises(QbellError, match=f"word '{word}': expected 3 letters I, X, Y or Z"):
        exact.moment_bound(qbell.plus(3), words=[word])


def test_more_operators_are_no_worse() -> None:
    """Ising, N = 8, critical: two-body operators come near to the QFI, three-body ones reach it."""
    state = qbell.ising(8, -1.0)
    values = [exact.moment_bound(state, order=order) for order in (1, 2, 3)]
    assert values == sorted(values)
    assert values[1] / 8 > exact.bound(state) / 8
    assert values[2] == pytest.approx(exact.qfi(state), rel=1e-6)


def test_twelve_critical_spins() -> None:
    """Known: 4.12 N from Y_i and Y_i X_j, where Eq. (24) gives 3.52 N and the QFI is 4.68 N."""
    state = qbell.ising(12, -1.0)
    assert exact.moment_bound(state, order=2) / 12 == pytest.approx(4.12, abs=0.005)


def test_any_axis() -> None:
    """Turned with the state, nothing changes."""
    state = qbell.ising(4, -1.3)
    psi = state.statevector()
    turn = np.eye(1)
    for _ in range(4):  # z to x, x to -z
        turn = np.kron(turn, np.array([[1, -1], [1, 1]]) / np.sqrt(2))
    found = exact.moment_bound(turn @ psi, "x")
    assert found == pytest.approx(exact.moment_bound(psi, "z"), rel=1e-6)


def test_refusals() -> None:
    with pytest.raises(QbellError, match="order"):
        exact.moment_bound(qbell.ghz(3), order=4)
    with pytest.raises(QbellError, match="moment_bound: n = 15; it is computed for up to 14"):
        exact.moment_bound(qbell.ghz(15))
