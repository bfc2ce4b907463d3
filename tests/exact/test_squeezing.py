"""Spin squeezing: closed forms, Kronecker products, and ways that share no code."""

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact
from qbell.conventions.axes import parse_axis
from qbell.exact.quantities import free_fermions_of
from qbell.exact.squeezing import _of_chain
from tests.support import naive


def wineland(matrix: NDArray[np.complex128], axis: object) -> float:
    """N Var J_perp / |<J>|^2 by Kronecker products."""
    size, parsed = naive.qubits_of(matrix), parse_axis(axis)
    frame = parsed.frame()
    turn = naive.tensor([frame] * size)
    matrix = turn.conj().T @ matrix @ turn
    spin = [naive.generator(size, np.eye(3)[k]) for k in range(2)]
    x, y = (np.trace(matrix @ j).real for j in spin)
    across = (x * spin[1] - y * spin[0]) / np.hypot(x, y)
    return float(size * np.trace(matrix @ across @ across).real / (x**2 + y**2))


def test_one_axis_twisting() -> None:
    """Kitagawa and Ueda (1993), mu = 2 t: <J_x> = N/2 cos^(N-1)(mu/2), and
    <J_y^2> = N/4 (1 + (N-1)/2 (1 - cos^(N-2) mu))."""
    size, time = 30, 0.1
    spread = 1 + (size - 1) / 2 * (1 - np.cos(2 * time) ** (size - 2))
    expected = spread / np.cos(time) ** (2 * size - 2)
    assert exact.squeezing(qbell.twisting(size, time)) == pytest.approx(expected, rel=1e-12)
    assert exact.squeezing(qbell.squeezed(100)) < 0.1
    assert exact.squeezing(qbell.plus(7)) == pytest.approx(1)


@pytest.mark.parametrize("axis", ["z", "x", (1.0, 2.0, 0.3)])
def test_matrices_vectors_and_symmetric_states_agree(
    axis: object, rng: np.random.Generator
) -> None:
    matrix = naive.random_matrix(3, 3, rng)
    assert exact.squeezing(matrix, axis) == pytest.approx(wineland(matrix, axis))
    state = qbell.double_well(5, -0.5)
    expected = exact.squeezing(state.statevector(), axis)
    assert exact.squeezing(state, axis) == pytest.approx(expected, rel=1e-9)
    if np.isfinite(expected):
        assert expected == pytest.approx(wineland(naive.projector(state.statevector()), axis))


def test_no_mean_spin_in_the_plane() -> None:
    for state in (qbell.ghz(3), qbell.dicke(6, 3), qbell.ghz(300)):
        assert exact.squeezing(state) == np.inf


def test_long_chains_are_those_of_vectors() -> None:
    """The covariances of free fermions, where the state vector is at hand too."""
    state = qbell.ising(8, -0.9)
    found = _of_chain(free_fermions_of(state), parse_axis("z"))
    assert found == pytest.approx(exact.squeezing(state), rel=1e-10)
    assert 0 < exact.squeezing(qbell.ising(40, -0.9)) < 1
    with pytest.raises(QbellError, match="squeezing: n = 40 and axis x; of long chains"):
        exact.squeezing(qbell.ising(40, -0.9), "x")
