"""B <= F0 <= K1 <= QFI <= N^2, E <= 1/4, and what leaves them as they are, of any state."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from qbell import exact
from qbell.conventions.axes import Axis, parse_axis
from qbell.conventions.labels import all_labels
from tests.support import naive
from tests.support.strategies import GENERATORS, axes, slower, states

Complex = NDArray[np.complex128]


def matrix_of(state: Complex) -> Complex:
    return state if state.ndim == 2 else naive.projector(state)


def transformed(state: Complex, unitary: Complex) -> Complex:
    return unitary @ state if state.ndim == 1 else unitary @ state @ unitary.conj().T


def permuted(state: Complex, order: list[int]) -> Complex:
    """The state with qubit k at place ``order[k]``."""
    size = len(order)
    index = np.arange(2**size)
    moved = sum((index >> k & 1) << order[k] for k in range(size))
    result = np.empty_like(state)
    result[moved if state.ndim == 1 else np.ix_(moved, moved)] = state
    return result


def values(state: Complex, axis: Axis) -> list[float]:
    """All that is below the QFI, and the QFI."""
    return [
        exact.bound(state, axis),
        exact.f0(state, axis),
        exact.k1(state, axis),
        exact.qfi(state, axis),
    ]


def slack(size: int) -> float:
    return 1e-9 * size**2


@given(states(most=5), axes())
def test_the_chain(state: Complex, axis: Axis) -> None:
    """For every correlator E, of how many qubits it may be, 1/4 is the most."""
    size = naive.qubits_of(state)
    found = values(state, axis)
    for less, more in itertools.pairwise([0.0, *found, float(size**2)]):
        assert less <= more + slack(size)
    for order in (1, 2, 3):
        assert exact.moment_bound(state, axis, order=order) <= found[-1] + slack(size)
    squares = np.abs(exact.correlator_values(state, axis)) ** 2
    assert np.max(squares[1:]) <= 0.25 + 1e-12


@slower(4)
@given(states(most=3), axes())
def test_the_same_numbers_by_kronecker_products_and_loops(state: Complex, axis: Axis) -> None:
    rho, size = matrix_of(state), naive.qubits_of(state)
    assert exact.bound(state, axis) == pytest.approx(
        naive.bound(rho, axis.sigma_1, axis.sigma_2), abs=slack(size)
    )
    assert exact.f0(state, axis) == pytest.approx(naive.f0(rho, axis.xi), abs=slack(size))
    assert exact.qfi(state, axis) == pytest.approx(naive.qfi(rho, axis.xi), abs=1e-6)
    found = dict(zip(all_labels(size).tolist(), exact.correlator_values(state, axis), strict=True))
    for label, value in naive.correlators(rho, axis.sigma_1, axis.sigma_2).items():
        assert found[label] == pytest.approx(value, abs=1e-10)


@given(states(), axes(), st.randoms(use_true_random=False))
def test_order_of_the_qubits(state: Complex, axis: Axis, random: Any) -> None:
    """Labels follow the qubits, and what sums over all of them stays."""
    size = naive.qubits_of(state)
    order = random.sample(range(size), size)
    other = permuted(state, order)
    np.testing.assert_allclose(values(other, axis), values(state, axis), atol=1e-8)
    here, there = (exact.correlator_values(each, axis) for each in (state, other))
    place = {label: number for number, label in enumerate(all_labels(size).tolist())}
    for label, number in place.items():
        moved = [""] * size
        for qubit in range(size):
            moved[order[qubit]] = label[size - 1 - qubit]
        assert there[place["".join(reversed(moved))]] == pytest.approx(here[number], abs=1e-10)


@given(states(), GENERATORS)
def test_turning_state_and_axis_together(state: Complex, rng: np.random.Generator) -> None:
    """One rotation of all qubits and of the axis: the plane of sigma_1 and sigma_2 goes along."""
    size = naive.qubits_of(state)
    turn = Rotation.random(rng=rng)
    vector = turn.as_rotvec()
    angle = float(np.linalg.norm(vector))
    one = np.cos(angle / 2) * naive.ONE - 1j * np.sin(angle / 2) * naive.pauli(vector / angle)
    xi = rng.normal(size=3)
    before, after = parse_axis(xi.tolist()), parse_axis(turn.apply(xi).tolist())
    other = transformed(state, naive.tensor([one] * size))
    np.testing.assert_allclose(values(other, after), values(state, before), atol=1e-8)


@given(st.integers(2, 4), GENERATORS, axes(), st.sampled_from([0.0, 0.01, 0.5, 0.9]))
def test_a_mixture_has_no_more_than_its_parts(
    size: int, rng: np.random.Generator, axis: Axis, share: float
) -> None:
    """All four are convex."""
    parts = [naive.random_matrix(size, int(rng.integers(1, 4)), rng) for _ in range(2)]
    mixed = values((1 - share) * parts[0] + share * parts[1], axis)
    one, other = (values(part, axis) for part in parts)
    for place, value in enumerate(mixed):
        assert value <= (1 - share) * one[place] + share * other[place] + slack(size)


@pytest.mark.parametrize("num_qubits", range(2, 7))
def test_a_ghz_state_reaches_a_quarter(num_qubits: int) -> None:
    ghz = np.zeros(2**num_qubits)
    ghz[[0, -1]] = np.sqrt(0.5)
    found = np.abs(exact.correlator_values(ghz, "z")) ** 2
    assert np.max(found[1:]) == pytest.approx(0.25, abs=1e-15)
