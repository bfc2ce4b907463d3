"""Thermal states of the double well, Eq. (30), spin by spin."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.exact.engine import ACCURACY, ROUNDING, BelowRounding, Orders, Pairs
from qbell.exact.mixture import pair_weights
from qbell.exact.thermal import LOST, Eigenstates, ThermalEngine, require_few, require_warm
from qbell.states.symmetric import log_binomial
from qbell.util.threads import one_blas_thread

MAX_WELL = 400  # qubits: all spins together take N^4 steps
MAX_BOUND = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sector:
    """The states of one total spin j: (2j + 1) of them, so many times.

    Attributes:
        energies: (2j + 1,), ascending.
        vectors: columns, in the basis m = j, j - 1, ..., -j of J_z.
        weights: (2j + 1,) probabilities, of all copies together.
        share: of one copy in them.
    """

    energies: Floats
    vectors: Floats
    weights: Floats
    share: float


class ThermalSpins(ThermalEngine):
    """Engine for exp(-H / T) / Z, H = -J_x + (U / N) J_z^2 of N qubits.

    H and J act within each total spin j = N/2, N/2 - 1, ..., which the N qubits form in C(N, k) -
    C(N, k - 1) ways, k = N/2 - j; among symmetric states, in bosons, there is j = N/2 alone.

    Args:
        num_qubits: N.
        u: U.
        states: what is mixed.

    Raises:
        QbellError: N above 400, or a temperature so low that rounding decides.
    """

    def __init__(self, num_qubits: int, u: float, states: Eigenstates) -> None:
        require_few(num_qubits, "the thermal state of a double well", MAX_WELL)
        self.num_qubits = num_qubits
        self.u = u
        self.states = states
        self.temperature = states.temperature
        self.method = "thermal symmetric subspace" if states.symmetric else "thermal spin sectors"

    @property
    def energy(self) -> float:
        """Tr rho H."""
        return math.fsum(float(each.weights @ each.energies) for each in self._sectors)

    def qfi_matrix(self) -> Floats:
        """Diagonal: H is real (no y with another axis) and even under pi about x (no x with z)."""
        return np.diag(self._sums(weigh=True))

    def f0(self, axis: Axis) -> float:
        """2 sum (p_i - p_j)^2 |<i|h|j>|^2: h keeps each copy of a spin apart."""
        return float(np.array(axis.xi) ** 2 @ self._sums(weigh=False))

    def pairs(self, axis: Axis) -> Pairs:
        """See `Engine.pairs`; N up to 10."""
        require_few(self.num_qubits, "powers of a thermal state of a double well", MAX_BOUND)
        return self._mixture.pairs(axis)

    def orders(self, axis: Axis) -> Orders:
        """From all eigenvectors; N up to 10."""
        require_few(self.num_qubits, "the bound of a thermal state of a double well", MAX_BOUND)
        return self._mixture.orders(axis)

    def log_e_n(self, axis: Axis) -> float:
        """2 ln |<1...1|rho|0...0>| in the frame of the axis: both ends have spin N/2.

        For z from exp(-H / T) itself, whose elements are positive: squared again and again, each
        keeps its relative accuracy, also where even and odd eigenvectors all but cancel. Where the
        temperature is too low for that, and on other axes, from the eigenvectors.

        Raises:
            BelowRounding: cancelled on another axis, or below 1e-300.
        """
        if axis.is_laboratory and self._squarings[1] < ACCURACY:
            return self._log_e_n_of_z()
        size = self.num_qubits
        m = np.arange(size + 1)
        top = self._sectors[0]
        rho = (top.vectors * (top.weights * top.share)) @ top.vectors.T
        ends = []
        for row in axis.frame().conj().T:  # <0...0| and <1...1| of the axis, on Dicke states
            with np.errstate(divide="ignore", invalid="ignore"):
                logs = (size - m) * np.log(abs(row[0])) + m * np.log(abs(row[1]))
            logs = np.where(np.isnan(logs), 0.0, logs) + log_binomial(size, m) / 2
            ends.append(np.exp(logs + 1j * ((size - m) * np.angle(row[0]) + m * np.angle(row[1]))))
        value = abs(ends[1] @ rho @ ends[0].conj())
        # An eigenvector's elements are right to rounding of its norm, and its weight to that of E.
        energy = float(np.abs(top.energies).max()) / self.temperature
        rounding = size * ROUNDING * float(np.abs(ends[1]) @ np.abs(rho) @ np.abs(ends[0]))
        rounding += ROUNDING * (size + energy) * float(np.trace(rho))
        if not rounding < ACCURACY * value:
            raise BelowRounding(2 * math.log(value + rounding))
        return 2 * math.log(value)

    @property
    def _squarings(self) -> tuple[int, float]:
        """How often exp is squared to be that of -H / T, and the relative error of its elements."""
        diagonal, hopping = _hamiltonian(self.num_qubits / 2, self.u, self.num_qubits)
        most = float(np.ptp(diagonal)) + 2 * float(np.abs(hopping).max())
        count = max(0, math.ceil(math.log2(max(most / self.temperature, 1.0))) + 1)
        return count, 1.1e-16 * self.num_qubits * 2.0**count

    def _log_e_n_of_z(self) -> float:
        diagonal, hopping = _hamiltonian(self.num_qubits / 2, self.u, self.num_qubits)
        size = len(diagonal)
        # exp(A) with A = (shift - H) / T >= 0 element by element, by squaring.
        a = np.diag((diagonal.max() - diagonal) / self.temperature)
        a += np.diag(-hopping / self.temperature, 1) + np.diag(-hopping / self.temperature, -1)
        squarings = self._squarings[0]
        a /= 2.0**squarings
        power = np.eye(size)
        term = np.eye(size)
        log = 0.0
        with one_blas_thread(size):
            for k in range(1, 40):
                term = term @ a / k
                power = power + term
            for _ in range(squarings):
                power = power @ power
                largest = float(power.max())
                power, log = power / largest, 2 * log + math.log(largest)
        trace = float(np.trace(power))
        end = float(power[0, -1])
        share = math.log(float(self._sectors[0].weights.sum() * self._sectors[0].share))
        if not end > 1e-290 * trace:
            raise BelowRounding(2 * (math.log(1e-290) + share))
        return 2 * (math.log(end / trace) + share)

    def _sums(self, *, weigh: bool) -> Floats:
        """(3,) 2 sum (p_i - p_j)^2 |<i|J_a|j>|^2, over p_i + p_j if ``weigh``."""
        found = np.zeros(3)
        with one_blas_thread(self.num_qubits):
            for each in self._sectors:
                p = each.weights
                # Of all copies: weights are their sum, and of F0 the share of one counts once more.
                factor = pair_weights(p) if weigh else 2 * (p[:, None] - p) ** 2 * each.share
                size = len(p)
                m = (size - 1) / 2 - np.arange(size)
                spin = (size - 1) / 2
                hop = 0.5 * np.sqrt(spin * (spin + 1) - m[:-1] * m[1:])
                up = each.vectors[:-1].T @ (hop[:, None] * each.vectors[1:])
                along_z = each.vectors.T @ (m[:, None] * each.vectors)
                for k, element in enumerate((up + up.T, up - up.T, along_z)):
                    found[k] += np.sum(factor * element**2)
        return found

    @cached_property
    def _sectors(self) -> list[Sector]:
        """Those that have any weight, j = N/2 first."""
        size = self.num_qubits
        spins = size / 2 - np.arange(1 if self.states.symmetric else size // 2 + 1)
        energies = []
        for spin in spins:
            diagonal, hopping = _hamiltonian(spin, self.u, size)
            energies.append(scipy.linalg.eigh_tridiagonal(diagonal, hopping, eigvals_only=True))
        lowest = np.sort(np.concatenate([each[:2] for each in energies]))
        k = np.arange(len(spins))
        copies = log_binomial(size, k) + np.log((size - 2 * k + 1) / (size - k + 1))
        if self.states.symmetric:
            copies = np.zeros(1)
        scale = max(float(np.abs(each).max()) for each in energies)
        require_warm(self.temperature, float(lowest[1] - lowest[0]), scale)
        logs = [
            count - (each - lowest[0]) / self.temperature
            for count, each in zip(copies, energies, strict=True)
        ]
        total = scipy.special.logsumexp(np.concatenate(logs))
        found = []
        for spin, count, log in zip(spins, copies, logs, strict=True):
            weights = np.exp(log - total)
            if spin < size / 2 and weights.sum() < LOST / size:
                continue
            values, vectors = scipy.linalg.eigh_tridiagonal(*_hamiltonian(spin, self.u, size))
            sector = Sector(np.asarray(values), np.asarray(vectors), weights, math.exp(-count))
            found.append(sector)
        return found


def _hamiltonian(spin: float, u: float, num_qubits: int) -> tuple[Floats, Floats]:
    """Diagonal and off-diagonal of -J_x + (U / N) J_z^2 for m = j, j - 1, ..., -j."""
    m = spin - np.arange(round(2 * spin) + 1)
    hopping = 0.5 * np.sqrt(spin * (spin + 1) - m[:-1] * m[1:])
    return np.asarray(u / num_qubits * m**2), -hopping
