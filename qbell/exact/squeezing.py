"""Spin squeezing, exactly: the moment bound of the collective spin."""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.conventions.few_body import operators_within
from qbell.errors import QbellError
from qbell.exact.frames import StateLike, num_qubits_of, turned_rows
from qbell.exact.moment_chain import covariances
from qbell.exact.quantities import free_fermions_of
from qbell.exact.symmetric import turned
from qbell.exact.vectors import vectors_of
from qbell.states.base import MAX_EXACT_QUBITS
from qbell.states.symmetric import SymmetricState

NO_SPIN = 1e-9  # of N / 2: a mean spin that rounding makes

Complex = NDArray[np.complex128]


def squeezing(state: StateLike, axis: AxisLike = "z") -> float:
    """Wineland's parameter xi^2 = N Var(J_perp) / |<J>|^2 in the plane of sigma_1 and sigma_2.

    <J> is the part of the mean spin in the plane, and J_perp lies in the plane, across it. N / xi^2
    <= F_Q is the moment bound of the collective spin: below 1, the state is entangled.

    Args:
        state: as in `qfi`, of up to 20 qubits, or symmetric; an Ising chain on axis z of up to 500.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        xi^2; inf where the mean spin has no part in the plane.

    Raises:
        QbellError: not a state, not an axis, or more qubits.

    Source: D. J. Wineland et al., Phys. Rev. A 50, 67 (1994).

    >>> from qbell.states import GHZ, Plus
    >>> round(squeezing(Plus(50)), 9), squeezing(GHZ(3))
    (1.0, inf)
    """
    parsed = parse_axis(axis)
    if isinstance(state, SymmetricState):
        return _of_spin(*_by_ladder(state, parsed))
    correlations = free_fermions_of(state)
    if correlations is not None and len(correlations) > MAX_EXACT_QUBITS:
        return _of_chain(correlations, parsed)
    vectors = vectors_of(state, most=MAX_EXACT_QUBITS, what="squeezing")
    rows = turned_rows(vectors, parsed)
    return _of_spin(num_qubits_of(rows[0]), rows, *_flipped(rows))


def _of_spin(size: int, rows: Complex, of_x: Complex, of_y: Complex) -> float:
    """From the state, J_x and J_y on it."""
    x, y = (float(np.vdot(rows, image).real) for image in (of_x, of_y))
    length = math.hypot(x, y)
    if length < NO_SPIN * size / 2:
        return math.inf
    across = (x * of_y - y * of_x) / length  # <J_perp> = 0
    return size * float(np.vdot(across, across).real) / length**2


def _flipped(rows: Complex) -> tuple[Complex, Complex]:
    """J_x and J_y, half the sums of X and of Y, on each row (r, 2^N)."""
    of_x, of_y = np.zeros_like(rows, dtype=complex), np.zeros_like(rows, dtype=complex)
    for qubit in range(num_qubits_of(rows[0])):
        bits = (len(rows), -1, 2, 2**qubit)
        given, x, y = (part.reshape(bits) for part in (rows, of_x, of_y))
        x += given[:, :, ::-1] / 2
        y[:, :, 0] -= 0.5j * given[:, :, 1]
        y[:, :, 1] += 0.5j * given[:, :, 0]
    return of_x, of_y


def _by_ladder(state: SymmetricState, axis: Axis) -> tuple[int, Complex, Complex, Complex]:
    """N, the coefficients (N + 1,) of Dicke states, J_x and J_y on them.

    J_- takes the Dicke state with k ones to sqrt((k + 1)(N - k)) times that with k + 1.
    """
    logs = turned(state.log_coefficients(), axis)
    size = len(logs) - 1
    given = np.exp(logs).astype(complex)
    k = np.arange(size)
    step = np.sqrt((k + 1.0) * (size - k))
    lowered, raised = np.zeros_like(given), np.zeros_like(given)
    lowered[1:] = step * given[:-1]
    raised[:-1] = step * given[1:]
    return size, given, (raised + lowered) / 2, (raised - lowered) / 2j


def _of_chain(correlations: NDArray[np.float64], axis: Axis) -> float:
    """Of an Ising chain, whose mean spin lies along x: N Var(J_y) / <J_x>^2."""
    size = len(correlations)
    if axis.xi[0] or axis.xi[1]:
        raise QbellError(
            f"squeezing: n = {size} and axis {axis.name}; of long chains it is computed for axis "
            f"z, and for others up to {MAX_EXACT_QUBITS} qubits"
        )
    gamma, response = covariances(correlations, operators_within(size, 1, 1), 1)
    return size * float(gamma.sum()) / float(response.sum()) ** 2
