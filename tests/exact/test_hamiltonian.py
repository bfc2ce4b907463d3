"""Ground, thermal and time-evolved states of any Hamiltonian, against matrices and closed forms."""

from typing import Any

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray
from qiskit.quantum_info import SparsePauliOp

import qbell
from qbell import QbellError, exact
from tests.support import naive

OBLIQUE = (1.0, -2.0, 0.5)


def random_operator(n: int, rng: np.random.Generator) -> SparsePauliOp:
    words = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(12)]
    return SparsePauliOp(words, rng.normal(size=12)).simplify()


def ising(n: int, u: float) -> SparsePauliOp:
    bonds = [("ZZ", [k, k + 1], u) for k in range(n - 1)]
    return SparsePauliOp.from_sparse_list(
        [*bonds, *(("X", [k], -1.0) for k in range(n))], num_qubits=n
    )


@pytest.mark.parametrize("n", [2, 3])
def test_any_hamiltonian_against_matrices(n: int, rng: np.random.Generator) -> None:
    """Qubit 0 is the last letter; the same from a dense and a sparse matrix."""
    operator = random_operator(n, rng)
    matrix = operator.to_matrix()
    energies, vectors = np.linalg.eigh(matrix)
    for given in (operator, matrix, scipy.sparse.csr_matrix(matrix)):
        found = exact.ground_state(given)
        assert abs(np.vdot(found, vectors[:, 0])) == pytest.approx(1, abs=1e-12)
    for temperature in (0.05, 1.0, 50.0):
        rho = scipy.linalg.expm(-(matrix - energies[0] * np.eye(2**n)) / temperature)
        rho /= np.trace(rho).real
        thermal = exact.thermal_state(operator, temperature)
        for name in ("qfi", "f0", "bound", "k1"):
            expected = getattr(exact, name)(rho, OBLIQUE)
            assert getattr(exact, name)(thermal, OBLIQUE) == pytest.approx(expected, rel=1e-9)
        assert exact.qfi(thermal, "x") == pytest.approx(naive.qfi(rho, (1, 0, 0)), rel=1e-9)
    start = naive.random_vector(n, rng)
    for time in (0.0, 0.7, -40.0):
        expected = scipy.linalg.expm(-1j * time * matrix) @ start
        np.testing.assert_allclose(exact.evolved(operator, start, time), expected, atol=1e-10)


@pytest.mark.slow
def test_a_quench_of_nine_qubits_and_a_lanczos_ground_state() -> None:
    """A larger space than is diagonalised: the Ising chain of the other engine."""
    found = exact.ground_state(ising(9, -1.0))
    assert exact.qfi(found) == pytest.approx(exact.qfi(qbell.ising(9, -1.0)), rel=1e-9)
    twisted = exact.evolved(
        SparsePauliOp.from_sparse_list(
            [("ZZ", [j, k], 0.15) for j in range(6) for k in range(j)], num_qubits=6
        ),
        qbell.plus(6),
        1.0,
    )
    assert exact.qfi(twisted, "y") == pytest.approx(
        exact.qfi(qbell.twisting(6, 0.3), "y"), rel=1e-9
    )


def test_symmetry_tells_close_states_apart() -> None:
    """U = -12, N = 8: the odd state is 1e-8 away. The even one is that of free fermions."""
    chain = ising(8, -12.0)
    with pytest.raises(QbellError, match="two lowest energies differ by"):
        exact.ground_state(chain)
    found = exact.ground_state(chain, "X" * 8)
    assert exact.qfi(found) == pytest.approx(exact.qfi(qbell.ising(8, -12.0)), rel=1e-9)
    odd = exact.ground_state(chain, SparsePauliOp("X" * 8, -1.0))
    assert abs(np.vdot(odd, found)) < 1e-6
    assert exact.log_e_n(odd) == pytest.approx(exact.log_e_n(found), abs=1e-3)


def test_a_cold_state_is_the_ground_state_and_a_hot_one_white() -> None:
    chain = ising(6, -0.8)
    assert exact.qfi(exact.thermal_state(chain, 0.02)) == pytest.approx(
        exact.qfi(qbell.ising(6, -0.8)), rel=1e-9
    )
    assert exact.qfi(exact.thermal_state(chain, 1e4)) < 1e-6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact.ground_state(SparsePauliOp(["XY"], [1j])), "not Hermitian"),
        (lambda: exact.ground_state(np.eye(3)), r"shape \(3, 3\)"),
        (lambda: exact.ground_state(np.diag([1.0, np.nan])), "NaN"),
        (lambda: exact.ground_state("XX"), "got a str"),
        (lambda: exact.ground_state(SparsePauliOp("ZZ")), "two lowest energies"),
        (lambda: exact.ground_state(SparsePauliOp("ZI"), "XX"), "does not commute"),
        (lambda: exact.ground_state(SparsePauliOp("ZI"), "X"), "the symmetry has 1 qubits"),
        (lambda: exact.ground_state(SparsePauliOp("ZI"), "ab"), "such as XXXX"),
        (lambda: exact.ground_state(SparsePauliOp("ZI"), np.diag([1, 1, 1, 0])), "square to 1"),
        (lambda: exact.ground_state(SparsePauliOp("Z" * 21)), "up to 20"),
        (lambda: exact.thermal_state(SparsePauliOp("Z" * 13), 1.0), "up to 12"),
        (lambda: exact.thermal_state(SparsePauliOp("ZZ"), 0), "temperature = 0"),
        (lambda: exact.evolved(SparsePauliOp("ZZ"), qbell.plus(3), 1.0), "of 2 qubits"),
        (lambda: exact.evolved(SparsePauliOp("ZZ"), np.eye(4) / 4, 1.0), "pure state"),
        (lambda: exact.evolved(SparsePauliOp("ZZ"), qbell.plus(2), np.inf), "time"),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    with pytest.raises(QbellError, match=message):
        call()


def test_the_ensemble_of_eigenvectors_is_read_as_such(rng: np.random.Generator) -> None:
    """The same as the mixture that does not know that its vectors are orthogonal."""
    thermal = exact.thermal_state(random_operator(3, rng), 0.7)
    rho: NDArray[Any] = thermal.vectors.T @ thermal.vectors.conj()
    turned = exact.in_local_frames(thermal, ["x", OBLIQUE, "z"])
    assert exact.qfi(turned) == pytest.approx(
        exact.qfi(exact.in_local_frames(rho, ["x", OBLIQUE, "z"])), rel=1e-9
    )
