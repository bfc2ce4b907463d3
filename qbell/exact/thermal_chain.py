"""Thermal states of open Ising chains, as free fermions."""

import math
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, parse_axis
from qbell.errors import QbellError
from qbell.exact.engine import ACCURACY, BelowRounding, Orders, Pairs
from qbell.exact.thermal import Eigenstates, ThermalEngine, require_few, require_warm
from qbell.states.free_fermions.bidiagonal import bidiagonal_svd
from qbell.states.free_fermions.chain import require_size
from qbell.states.free_fermions.strings import sum_of_strings
from qbell.util.threads import one_blas_thread

MAX_MIXTURE = 8  # qubits up to which y, z come from all eigenvectors
MAX_BOUND = 10  # of what takes all of them
MAX_STRINGS = 200  # qubits of F0 along y and z: O(N^4) twice
MAX_DYNAMIC = 64  # qubits of the QFI along y and z: O(N^4) for each time
MAX_TIMES = 20_000
CONVERGED = 1e-11  # of 4 <h^2>, the last change
ROUNDED = 1e-13  # of 4 <h^2>, what rounding leaves of the QFI
TAIL = 11.0  # in units of 1 / T, how long correlations are followed: exp(-pi TAIL) = 1e-15
Floats = NDArray[np.float64]


class ThermalChain(ThermalEngine):
    """Engine for exp(-H / T) / Z, H = sum_j J_j Z_j Z_(j+1) - sum_j g_j X_j with open ends.

    H is the bilinear form of M = diag(g) + subdiagonal(J) = W S V^T: independent modes of energies
    -S_k and S_k, each in its thermal state. States of both parities are mixed. The state is
    Gaussian with <i a_j b_k> = G = W tanh(S / T) V^T.

    Args:
        couplings: (N - 1,) J_j.
        fields: (N,) g_j.
        states: what is mixed.

    Raises:
        QbellError: N above 5000, or a temperature so low that rounding decides.
    """

    def __init__(self, couplings: Floats, fields: Floats, states: Eigenstates) -> None:
        self.num_qubits = len(fields)
        self.temperature = states.temperature
        self.states = states
        self.method = "thermal free fermions"
        self.mirrored = bool(
            (couplings == couplings[::-1]).all() and (fields == fields[::-1]).all()
        )
        require_size(self.num_qubits)
        scale = float(max(np.abs(couplings).max(), np.abs(fields).max()))
        with one_blas_thread(self.num_qubits):
            self.left, values, right = bidiagonal_svd(fields / scale, couplings / scale)
            self.energies = values * scale
            self.occupied = np.tanh(self.energies / self.temperature)  # 1 - 2 n_k
            self.right = np.ascontiguousarray(right.T)
            self.correlations = (self.left * self.occupied) @ self.right.T
        require_warm(self.temperature, 2 * float(self.energies[-1]), scale)

    @property
    def energy(self) -> float:
        """Tr rho H = -sum_k S_k tanh(S_k / T)."""
        return -math.fsum((self.energies * self.occupied).tolist())

    def qfi(self, axis: Axis) -> float:
        """xi^T Q xi: H is real (no y with another axis) and even (no x with z)."""
        return float(sum(x**2 * self._diagonal(k) for k, x in enumerate(axis.xi) if x))

    def qfi_matrix(self) -> Floats:
        """Diagonal, see `qfi`."""
        return np.diag([self._diagonal(k) for k in range(3)])

    def f0(self, axis: Axis) -> float:
        """xi^T F xi, F diagonal as the matrix of the QFI.

        Raises:
            QbellError: another axis than x, and N above 200.
        """
        return float(sum(x**2 * self._f0_along(k) for k, x in enumerate(axis.xi) if x))

    def _f0_along(self, direction: int) -> float:
        """F0 for x from the modes; for y and z from correlations at one imaginary time.

        rho^2 = P rho', P = Tr rho^2 and rho' the thermal state at T / 2, and Tr rho h rho h is P
        times Tr[rho'^(1/2) h rho'^(1/2) h].
        """
        if direction > 0:
            require_few(self.num_qubits, "F0 of a thermal chain along y and z", MAX_STRINGS)
            cold = np.tanh(2 * self.energies / self.temperature)
            still, halfway = (self._strings(direction, cold, time) for time in (0.0, None))
            if not ROUNDED * still < ACCURACY * (still - halfway):
                if self.num_qubits <= MAX_BOUND:
                    return self._mixture.f0(parse_axis("xyz"[direction]))
                raise QbellError(f"F0 cancels to below rounding of {ROUNDED * still:.1g}")
            return float(np.prod((1 + self.occupied**2) / 2)) * (still - halfway)
        pairs, hops = self._transitions
        first, second = np.triu_indices(self.num_qubits, 1)
        t = self.occupied
        weights = pairs * (t[first] + t[second]) ** 2 + hops * (t[first] - t[second]) ** 2
        # sum of p^2 of a mode, (1 + t^2) / 2; the two of the transition have theirs in the weights.
        purity = np.log((1 + t**2) / 2)
        rest = float(purity.sum()) - purity[first] - purity[second]
        return float(np.sum(weights / 4 * np.exp(rest)))

    def pairs(self, axis: Axis) -> Pairs:
        """See `Engine.pairs`; N up to 10."""
        require_few(self.num_qubits, "powers of a thermal state of a chain", MAX_BOUND)
        return self._mixture.pairs(axis)

    def orders(self, axis: Axis) -> Orders:
        """From the eigenvectors; N up to 10."""
        require_few(self.num_qubits, "the bound of a thermal state of a chain", MAX_BOUND)
        return self._mixture.orders(axis)

    def log_e_n(self, axis: Axis) -> float:
        """2 ln |c|, c = <1...1|rho|0...0> in the frame of the axis.

        For z, c is half the difference of the overlaps with the even and the odd GHZ state. Both
        are Gaussian and differ in one element of their G, so that the difference is one
        determinant: c = det(R) / 2^N, row j of R being e_j - G e_(j-1), and row 0 being G e_(N-1).
        For y it is G^T in place of G. For x, where sigma_+ is (a + i b) / 2 at the end of a string,
        c = Pf((G - G^T) / 4).

        Raises:
            BelowRounding: the determinant cancels.
            QbellError: another axis, and N above 12.
        """
        along = np.flatnonzero(axis.xi)
        if len(along) > 1:
            require_few(self.num_qubits, "E_{N,0} of a thermal chain on an axis between x, y, z")
            return self._mixture.log_e_n(axis)
        g = self.correlations
        if along[0] == 0:
            if self.num_qubits % 2:
                return -math.inf
            return self._log_e((g - g.T) / 4, 1)
        g = g.T if along[0] == 1 else g
        rows = np.eye(self.num_qubits)
        rows[1:] -= g[:, :-1].T
        rows[0] = g[:, -1]
        return self._log_e(rows / 2, 2)

    def _log_e(self, matrix: Floats, power: int) -> float:
        """ln |det|^power, right to 1e-8."""
        with one_blas_thread(self.num_qubits):
            values = np.linalg.svd(matrix, compute_uv=False)
        # 2e-16 of the elements; and of the energies S_k, which tanh(S_k / T) passes on to them.
        slope = float(self.energies[0] / self.temperature * (1 - self.occupied**2).max())
        with np.errstate(divide="ignore"):
            error = 2e-16 * (1 + slope) * float(np.linalg.norm(1 / values))
        if not error < ACCURACY:
            rounding = 4e-16 * (max(float(values[0]), 0.5) + slope)
            raise BelowRounding(power * float(np.log(values + rounding).sum()))
        return power * float(np.log(values).sum())

    def _diagonal(self, direction: int) -> float:
        """QFI for x, y or z."""
        if direction == 0:
            pairs, hops = self._transitions
            first, second = np.triu_indices(self.num_qubits, 1)
            x, t = self.energies / self.temperature, self.occupied
            both = t[first] * t[second]
            found = pairs * np.tanh(x[first] + x[second]) ** 2 * (1 + both)
            found += hops * np.tanh(x[first] - x[second]) ** 2 * (1 - both)
            return float(found.sum() / 2)
        if self.num_qubits <= MAX_MIXTURE:
            return float(self._mixture.qfi_matrix()[direction, direction])
        return self.from_dynamics(direction)

    @cached_property
    def _transitions(self) -> tuple[Floats, Floats]:
        """Squares of the elements of J_x that create two modes, and that move one; k < l.

        J_x = 1/2 sum_kl R_kl i alpha_k beta_l with R = W^T V; 4 times the squares.
        """
        turned = self.left.T @ self.right
        first, second = np.triu_indices(self.num_qubits, 1)
        one, other = turned[first, second], turned[second, first]
        return (one - other) ** 2, (one + other) ** 2

    def from_dynamics(self, direction: int) -> float:
        """The QFI along y or z from correlations in time, by Pfaffians.

        (p_i - p_j)^2 / (p_i + p_j) = (p_i + p_j) tanh^2((E_i - E_j) / 2T), and the Fourier
        transform of 1 - tanh^2 is known: F_Q = 4 <h^2> - 4 int dt K(t) Re <h(t) h> with K(t) = 2
        T^2 t / sinh(pi T t). A sum over equal steps in place of the integral has an error that
        falls exponentially with their number; they are halved until nothing changes.

        Raises:
            QbellError: N above 64, a temperature so low that more than 20,000 times would be
                needed, or a value lost in rounding.

        Source: P. Hauke, M. Heyl, L. Tagliacozzo and P. Zoller, Nat. Phys. 12, 778 (2016).
        """
        require_few(self.num_qubits, "the QFI of a thermal chain along y and z", MAX_DYNAMIC)
        scale = self.temperature
        step = math.pi / (8 * scale + 4 * float(self.energies[0]))
        count = math.ceil(TAIL / (scale * step)) + 1
        if 4 * count > MAX_TIMES:
            raise QbellError(
                f"temperature = {scale:g}: the QFI of {self.num_qubits} qubits would take "
                f"correlations at {4 * count} times; take the ground state, or a temperature "
                f"above {scale * 4 * count / MAX_TIMES:.2g}"
            )
        times = step * np.arange(1.0, count)
        total = float(self._summed(np.zeros(1), direction)[0])  # 4 <h^2>
        found = 2 * step * (total * scale / np.pi + self._integrand(times, direction))
        change = math.inf
        while change > CONVERGED * total:
            if 2 * count > MAX_TIMES:
                raise QbellError(
                    f"temperature = {scale:g}: the QFI did not converge in {MAX_TIMES} times"
                )
            between = step * (np.arange(count - 1.0) + 0.5)
            finer = found / 2 + step * self._integrand(between, direction)
            change = abs(finer - found)
            found, step, count = finer, step / 2, 2 * count - 1
        value = float(total - found)
        if not ROUNDED * total < ACCURACY * value:
            raise QbellError(
                f"the QFI cancels to below rounding: it is {max(value, 0):.3g} +- "
                f"{ROUNDED * total:.1g}"
            )
        return value

    def _integrand(self, times: Floats, direction: int) -> float:
        """The sum of K(t) 4 Re <h(t) h> over ``times`` above 0."""
        x = np.pi * self.temperature * times
        kernel = 2 * self.temperature / np.pi * x / np.sinh(x)
        return float(kernel @ self._summed(times, direction))

    def _summed(self, times: Floats, direction: int) -> Floats:
        """4 Re <h(t) h> along y or z."""
        return np.array([self._strings(direction, self.occupied, t) for t in times.tolist()])

    def _strings(self, direction: int, occupied: Floats, time: float | None) -> float:
        """4 Re <h(t) h> along y or z, with so many of each mode; see `sum_of_strings`."""
        modes = (self.left, self.right) if direction == 2 else (self.right, self.left)
        sign = 1 if direction == 2 else -1
        return sum_of_strings(modes, self.energies, occupied, sign, time, self.mirrored)
