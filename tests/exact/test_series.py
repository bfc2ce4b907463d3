"""K1, K2 and the series of lower bounds against their definitions and closed forms."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact
from tests.support.simulated import white_noise_ghz

Matrix = NDArray[np.complex128]


def mixed(num_qubits: int, rank: int, rng: np.random.Generator) -> Matrix:
    rows = rng.normal(size=(2, rank, 2**num_qubits))
    vectors = rows[0] + 1j * rows[1]
    vectors *= rng.uniform(0.01, 1, (rank, 1))
    vectors /= np.linalg.norm(vectors)
    return vectors.T @ vectors.conj()


def by_traces(rho: Matrix) -> tuple[float, float]:
    """F0 = 4 (Tr rho^2 h^2 - Tr rho h rho h) and b = 4 (Tr rho^3 h^2 - Tr rho^2 h rho h)."""
    size = len(rho).bit_length() - 1
    h = np.diag([(size - 2 * bin(index).count("1")) / 2 for index in range(len(rho))])
    two = rho @ rho
    f0 = 4 * np.trace(two @ h @ h - rho @ h @ rho @ h)
    b = 4 * np.trace(two @ rho @ h @ h - two @ h @ rho @ h)
    return float(f0.real), float(b.real)


@pytest.mark.parametrize("num_qubits", [2, 3, 4])
@pytest.mark.parametrize("rank", [1, 2, 4, "full"])
def test_chain_of_bounds(num_qubits: int, rank: Any, rng: np.random.Generator) -> None:
    """B <= F0 <= K1 <= K2 <= F_Q, and K1 by its traces, for ranks with and without a null space."""
    rho = mixed(num_qubits, 2**num_qubits if rank == "full" else rank, rng)
    f0, b = by_traces(rho)
    assert exact.k1(rho) == pytest.approx(f0**2 / b, rel=1e-10)
    chain = [exact.bound(rho), f0, exact.k1(rho), exact.k2(rho), exact.qfi(rho)]
    assert all(low <= high * (1 + 1e-9) for low, high in pairwise(chain))


def test_the_series_grows_to_the_qfi(rng: np.random.Generator) -> None:
    rho = mixed(3, 8, rng)
    series = exact.qfi_series(rho, terms=9000)
    assert series[0] == pytest.approx(exact.f0(rho))
    assert (np.diff(series) >= -1e-12).all()
    assert series[-1] == pytest.approx(exact.qfi(rho), rel=1e-6)


def test_known_values() -> None:
    """GHZ with a share p of white noise: all x are 1 - p + 2 p / 2^N, so that K1 is F_Q."""
    rho = white_noise_ghz(4, 0.2)
    x = 0.8 + 0.2 / 8
    assert exact.f0(rho) == pytest.approx(16 * 0.64)
    assert exact.k1(rho) == pytest.approx(16 * 0.64 / x)
    assert exact.k1(rho) == pytest.approx(exact.qfi(rho))
    assert exact.k2(rho) == pytest.approx(exact.qfi(rho))


@pytest.mark.parametrize("axis", ["x", "y", "z", (1.0, 0.0, 1.0)])
def test_pure_states(axis: Any) -> None:
    state = qbell.ising(5, -1.2)
    assert exact.k1(state, axis) == pytest.approx(exact.qfi(state, axis))
    assert exact.k2(state, axis) == pytest.approx(exact.qfi(state, axis))


def test_nothing_moves() -> None:
    """The maximally mixed state."""
    rho = np.eye(8) / 8
    assert exact.k1(rho) == exact.k2(rho) == 0
    assert exact.qfi_series(rho).tolist() == [0, 0, 0, 0]
    with pytest.raises(QbellError, match="terms"):
        exact.qfi_series(rho, terms=0)
