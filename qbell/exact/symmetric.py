"""Exact values of permutation-symmetric states from their N + 1 coefficients, in logs.

A state sum_m c_m |D_m>, |D_m> the Dicke state with m ones, is given by ln |c_m| + i arg c_m.
"""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, parse_axis
from qbell.errors import QbellError
from qbell.exact.engine import ACCURACY, BelowRounding, Engine, Orders, covariance_of
from qbell.states.symmetric import log_binomial
from qbell.util.checks import require_memory
from qbell.util.numba_jit import compiled, interpreted
from qbell.util.threads import in_threads, pieces

MAX_ROTATED = 2000  # qubits of a state turned to another axis: dense (N + 1)^2 matrices
MAX_BOUND = 4000  # qubits for which all E_{a,b} are worked out: O(N^3)
SMALL = 12  # qubits up to which a loop in Python takes less time than loading Numba

Logs = NDArray[np.complex128]


class SymmetricSubspace(Engine):
    """Engine for sum_m c_m |D_m>, given by ln |c_m| + i arg c_m (N + 1,)."""

    method = "symmetric subspace"

    def __init__(self, log_coefficients: Logs) -> None:
        self.logs = log_coefficients
        self.num_qubits = len(log_coefficients) - 1

    def qfi(self, axis: Axis) -> float:
        """4 Var(h); for axis z from the probabilities alone."""
        if axis.is_laboratory:
            p = np.exp(2 * self.logs.real)
            p /= p.sum()  # takes away the rounding of the norm
            h = self.num_qubits / 2 - np.arange(self.num_qubits + 1)
            return float(4 * (p @ (h - p @ h) ** 2))
        c, spins = spin_vectors(self.logs)
        h_c = np.tensordot(np.array(axis.xi), spins, axes=1)
        value = float(covariance_of(c, h_c[None, :])[0, 0])
        # The norm of (h - <h>) c is right to rounding of N / 2: what is less is zero.
        return value if value > (1e-14 * self.num_qubits) ** 2 else 0.0

    def qfi_matrix(self) -> NDArray[np.float64]:
        """4 Cov(J_a, J_b)."""
        return covariance_of(*spin_vectors(self.logs))

    def log_e_n(self, axis: Axis) -> float:
        """See `log_e_n`."""
        return log_e_n(self.logs, axis)

    def orders(self, axis: Axis) -> Orders:
        """See `bound_by_order`."""
        return Orders(bound_by_order(self.logs, axis), self.method)


class TurnedSubspace(SymmetricSubspace):
    """Engine for exp(-i turn J_x) sum_m c_m |D_m>, from the c_m before the turn.

    It takes the axis back instead of the state on: small c_m stay as good as they are given.
    """

    def __init__(self, log_coefficients: Logs, turn: float) -> None:
        super().__init__(log_coefficients)
        cosine, sine = math.cos(turn), math.sin(turn)
        self.rotation = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])

    def before(self, axis: Axis) -> Axis:
        """The axis that the turn takes to ``axis``."""
        return parse_axis(self.rotation.T @ np.array(axis.xi))

    def qfi(self, axis: Axis) -> float:
        """4 Var(h)."""
        return super().qfi(self.before(axis))

    def qfi_matrix(self) -> NDArray[np.float64]:
        """4 Cov(J_a, J_b)."""
        return np.asarray(self.rotation @ super().qfi_matrix() @ self.rotation.T)

    def log_e_n(self, axis: Axis) -> float:
        """See `log_e_n`."""
        return super().log_e_n(self.before(axis))

    def orders(self, axis: Axis) -> Orders:
        """See `bound_by_order`."""
        return super().orders(self.before(axis))


def spin_vectors(logs: Logs) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """The coefficients c, and (J_x c, J_y c, J_z c) as an array (3, N + 1).

    J = half the sum of the Pauli matrices; J_z |D_m> = (N/2 - m) |D_m>.
    """
    c = np.exp(logs)
    c /= np.linalg.norm(c)
    size = len(c) - 1
    m = np.arange(size + 1)
    hopping = np.sqrt((m[:-1] + 1.0) * (size - m[:-1]))
    raised, lowered = np.zeros_like(c), np.zeros_like(c)
    raised[:-1] = hopping * c[1:]  # J_+ turns a one into a zero
    lowered[1:] = hopping * c[:-1]
    return c, np.stack([(raised + lowered) / 2, (raised - lowered) / 2j, (size / 2 - m) * c])


def log_e_n(logs: Logs, axis: Axis) -> float:
    """ln E_{N,0} = ln |c_0 c_N|^2 in the frame of ``axis``; -inf for exactly zero.

    Raises:
        BelowRounding: an end of the turned state cancels to below rounding.
    """
    if axis.is_laboratory:
        return 2 * float(logs[0].real + logs[-1].real)
    ends = [_log_end(logs, row) for row in axis.frame().conj().T]
    if any(most - value > ACCURACY for value, most in ends):
        raise BelowRounding(2 * sum(most for _, most in ends))
    return 2 * sum(value for value, _ in ends)


def _log_end(logs: Logs, row: NDArray[np.complex128]) -> tuple[float, float]:
    """ln |amplitude| on all qubits up (or down), and what it is at most, given rounding.

    sum_m c_m sqrt(N over m) row_0^(N-m) row_1^m, ``row`` being that of the one-qubit rotation.
    """
    size = len(logs) - 1
    m = np.arange(size + 1)
    terms = logs + 0.5 * log_binomial(size, m)
    for power, factor in ((size - m, row[0]), (m, row[1])):
        if factor == 0:
            terms[power > 0] = -np.inf
        else:
            terms += power * (math.log(abs(factor)) + 1j * np.angle(factor))
    largest = float(terms.real.max())
    if largest == -np.inf:
        return -math.inf, -math.inf
    terms = terms[np.isfinite(terms.real)]
    total = float(abs(np.sum(np.exp(terms - largest))))
    # The error of a phase or a logarithm grows with its size.
    rounding = 4e-16 * float(np.sum(np.exp(terms.real - largest) * (1 + np.abs(terms))))
    most = largest + math.log(total + rounding)
    return (largest + math.log(total) if total > 0 else -math.inf), most


def turned(logs: Logs, axis: Axis) -> Logs:
    """The logs of the state with every qubit turned so that ``axis`` becomes z.

    Right to rounding of the whole state: where |c_m| is below 1e-15 only its smallness is known.

    Raises:
        QbellError: more than 2000 qubits.
    """
    if axis.is_laboratory:
        return logs
    size = len(logs) - 1
    if size > MAX_ROTATED:
        raise QbellError(
            f"n = {size}: symmetric states are rotated to another axis up to n = {MAX_ROTATED}; "
            "use axis z or fewer qubits"
        )
    require_memory(56.0 * (size + 1) ** 2, f"turning a symmetric state of {size} qubits")
    # F^+ = exp(i a) Rz(phi) Ry(theta) Rz(lambda). Ry = P exp(-i theta J_x) P^+, P = diag(i^m).
    inverse = axis.frame().conj().T
    inverse = inverse / np.sqrt(np.linalg.det(inverse))
    up, down = inverse[0, 0], inverse[1, 0]
    theta = 2 * math.atan2(abs(down), abs(up))
    phi, lam = np.angle(down) - np.angle(up), -np.angle(down) - np.angle(up)
    m = np.arange(size + 1)
    hopping = 0.5 * np.sqrt((m[:-1] + 1.0) * (size - m[:-1]))
    _, vectors = scipy.linalg.eigh_tridiagonal(np.zeros(size + 1), hopping)
    values = m - size / 2  # known exactly
    c = np.exp(logs + 1j * lam * m) * (-1j) ** (m % 4)
    c = vectors @ (np.exp(-1j * theta * values) * (vectors.T @ c))
    c = c * 1j ** (m % 4) * np.exp(1j * phi * m)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.abs(c)) + 1j * np.angle(c))


def log_correlators(logs: Logs) -> NDArray[np.float64]:
    """Array (N + 1, N + 1): entry (a, b) is ln E_s of each label with a plus and b minus signs.

    c_s = sum_j C(z, j) conj(psi_(b+j)) psi_(a+j), z = N - a - b: the z other qubits hold j ones,
    and psi_m = c_m / sqrt(C(N, m)) is the amplitude of one basis state with m ones. -inf where
    a + b > N. O(N^3) work.

    Raises:
        QbellError: more than 4000 qubits.
    """
    size = len(logs) - 1
    if size > MAX_BOUND:
        raise QbellError(
            f"n = {size}: all correlators of a symmetric state are computed, in O(N^3), up to n = "
            f"{MAX_BOUND}; use fewer qubits"
        )
    require_memory(56.0 * (size + 1) ** 2, f"all correlators of {size} qubits")
    amplitudes = logs - 0.5 * log_binomial(size, np.arange(size + 1))
    moduli, phases = np.ascontiguousarray(amplitudes.real), np.ascontiguousarray(amplitudes.imag)
    gammaln = scipy.special.gammaln
    factorials = gammaln(np.arange(size + 1) + 1.0)
    table = np.full((size + 1, size + 1), -np.inf)
    positive = not phases.any()
    # Rows of few a are long: dealt out in turn, the threads end together.
    order = np.argsort(np.arange(size + 1) % 16, kind="stable")
    fill = interpreted(_fill_rows) if size <= SMALL else _fill_rows
    with np.errstate(divide="ignore"):
        in_threads(
            lambda part: fill(moduli, phases, positive, factorials, part, table),
            pieces(order, serial=size < 200),
        )
    return table


def bound_by_order(logs: Logs, axis: Axis) -> NDArray[np.float64]:
    """The terms of Eq. (24) by order; there are N! / (a! b! z!) labels with a plus, b minus signs.

    Errors as `turned` and `log_correlators`.
    """
    log_values = log_correlators(turned(logs, axis))
    size = len(logs) - 1
    plus = np.arange(size + 1)[:, None]
    minus = np.arange(size + 1)[None, :]
    rest = size - plus - minus
    allowed = rest >= 0
    gammaln = scipy.special.gammaln
    log_labels = gammaln(size + 1.0) - gammaln(plus + 1.0) - gammaln(minus + 1.0)
    terms = np.where(
        allowed,
        (plus - minus) ** 2
        * np.exp(log_labels - gammaln(np.abs(rest) + 1.0) - rest * np.log(2) + log_values),
        0.0,
    )
    orders = (plus + minus)[allowed]
    return np.bincount(orders, weights=2 * terms[allowed], minlength=size + 1).astype(float)


@compiled
def _fill_rows(
    moduli: NDArray[np.float64],
    phases: NDArray[np.float64],
    positive: bool,
    factorials: NDArray[np.float64],
    rows: NDArray[np.int64],
    table: NDArray[np.float64],
) -> None:
    """Entries (a, b) and (b, a), b <= a, for the ``rows`` a."""
    size = len(moduli) - 1
    exponents = np.empty(size + 1)
    for a in rows:
        for b in range(min(a, size - a) + 1):
            z = size - a - b
            largest = -np.inf
            for j in range(z + 1):
                exponents[j] = moduli[a + j] + moduli[b + j] - factorials[j] - factorials[z - j]
                largest = max(largest, exponents[j])
            if largest == -np.inf:
                continue
            real = 0.0
            imaginary = 0.0
            for j in range(z + 1):
                if exponents[j] - largest > -50.0:  # less than rounding of the sum
                    modulus = np.exp(exponents[j] - largest)
                    if positive:
                        real += modulus
                    else:
                        angle = phases[a + j] - phases[b + j]
                        real += modulus * np.cos(angle)
                        imaginary += modulus * np.sin(angle)
            value = 2.0 * (largest + factorials[z]) + np.log(real**2 + imaginary**2)
            table[a, b] = value
            table[b, a] = value
