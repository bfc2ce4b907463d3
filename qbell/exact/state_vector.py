"""Exact values from 2^N amplitudes: all correlators in O(3^N) work."""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.conventions.eq24 import bound_by_order_of_sums
from qbell.exact.engine import ACCURACY, ROUNDING, BelowRounding, Engine, Orders, covariance_of
from qbell.exact.frames import charges, num_qubits_of, turned
from qbell.exact.read_state import real_if_possible
from qbell.exact.transform import all_correlators, sums_of_squares


class StateVector(Engine):
    """Engine for a checked state vector (2^N,)."""

    method = "state vector"

    def __init__(self, amplitudes: NDArray[np.complex128], rounding: float = ROUNDING) -> None:
        self.amplitudes = amplitudes
        self.rounding = rounding  # of each amplitude
        self.num_qubits = num_qubits_of(amplitudes)

    def qfi(self, axis: Axis) -> float:
        """4 Var(h), from the probabilities in the eigenbasis of h."""
        p = np.abs(turned(self.amplitudes, axis)) ** 2
        p /= p.sum()  # takes away the rounding of the norm
        h = charges(self.num_qubits)
        return float(4 * (p @ (h - p @ h) ** 2))

    def qfi_matrix(self) -> NDArray[np.float64]:
        """4 Cov(J_a, J_b)."""
        psi = self.amplitudes / np.linalg.norm(self.amplitudes)
        raised = np.zeros_like(psi)  # sum of |0><1| on each qubit
        lowered = np.zeros_like(psi)
        for qubit in range(self.num_qubits):
            source, up, down = (v.reshape(-1, 2, 2**qubit) for v in (psi, raised, lowered))
            up[:, 0] += source[:, 1]
            down[:, 1] += source[:, 0]
        spins = ((raised + lowered) / 2, (raised - lowered) / 2j, charges(self.num_qubits) * psi)
        return covariance_of(psi, np.stack(spins))

    def c_n(self, axis: Axis) -> complex:
        """c_{N,0} = <1...1|rho|0...0> in the frame of the axis."""
        frame = turned(self.amplitudes, axis)
        return complex(frame[-1] * frame[0].conj())

    def log_e_n(self, axis: Axis) -> float:
        """2 ln |psi_0...0 psi_1...1|; -inf if it is zero.

        Raises:
            BelowRounding: it is no more than rounding can make of amplitudes of order one, or the
                amplitudes were turned to another axis, and one of them is small.
        """
        frame = turned(self.amplitudes, axis)
        ends = sorted((float(abs(frame[0])), float(abs(frame[-1]))))
        if ends[0] == 0 and axis.is_laboratory:
            return -math.inf
        # What rounding can make of a product of two amplitudes.
        rounded = ends[0] * ends[1] <= self.rounding * (ends[0] + ends[1])
        if rounded or (not axis.is_laboratory and ends[0] * ACCURACY < self.rounding):
            raise BelowRounding(2 * sum(math.log(end + self.rounding) for end in ends))
        return 2 * (math.log(ends[0]) + math.log(ends[1]))

    def correlator_values(self, axis: Axis) -> NDArray[np.inexact]:
        """c_s of all 3^N labels."""
        return all_correlators(real_if_possible(turned(self.amplitudes, axis)))

    def orders(self, axis: Axis) -> Orders:
        """From the sums of squares; 3^N numbers are never kept."""
        sums = sums_of_squares(real_if_possible(turned(self.amplitudes, axis)))
        return Orders(bound_by_order_of_sums(sums), self.method)
