"""Exact values of the Ising chain's ground state at any size, Eq. (29)."""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.axes import Axis, parse_axis
from qbell.errors import QbellError
from qbell.exact import matrix_product
from qbell.exact.engine import Engine, Orders
from qbell.exact.ising_mps import ground_state
from qbell.exact.minors import contiguous_minors
from qbell.exact.state_vector import StateVector
from qbell.states import MAX_EXACT_QUBITS, Ising
from qbell.states.free_fermions import chain

MAX_VECTOR_QUBITS = 16  # up to which the bound comes from the state vector
# Norm that may be cut from the vector of all correlators, by the bond of the state: the work grows
# as the cube of the bond, and the error that is reported with the number as the cutoff.
CUTOFFS = ((100, 1e-9), (150, 1e-7), (math.inf, 1e-6))
ACCURACY = 1e-8  # relative; worse is refused


class IsingChain(Engine):
    """Engine for the even ground state: free fermions for what is quadratic or Gaussian.

    The bound is neither: it comes from the state vector, and above 16 qubits from a matrix product
    state.
    """

    method = "free fermions"

    def __init__(self, state: Ising) -> None:
        self.state = state
        self.num_qubits = state.num_qubits

    def qfi(self, axis: Axis) -> float:
        """xi^T Q xi: the chain's symmetries leave nothing off the diagonal of Q."""
        values = [x**2 * self._diagonal(k) if x else 0.0 for k, x in enumerate(axis.xi)]
        return self._checked(sum(values))

    def qfi_matrix(self) -> NDArray[np.float64]:
        """Diagonal: the state is real (no y with another) and even (no x with z)."""
        return np.diag([self._diagonal(k) for k in range(3)])

    def log_e_n(self, axis: Axis) -> float:
        """E_{N,0} = F^2 / 4, F = |<GHZ|ground state>|^2 = det((1 + Q G^T) / 2).

        Q is the G of GHZ: Q_(j+1)j = -1 and Q_1N = +1. Other axes: from the amplitudes.

        Raises:
            QbellError: the determinant cancels to worse than 1e-8 (U > 0 and large).
        """
        if not axis.is_laboratory:
            return self._other().log_e_n(axis)
        size = self.num_qubits
        ghz = -np.eye(size, k=-1)
        ghz[0, -1] = 1.0
        matrix = (np.eye(size) + ghz @ chain(size, self.state.u).correlations.T) / 2
        error = 2e-16 * float(np.linalg.norm(np.linalg.inv(matrix)))
        if not error < ACCURACY:
            if size <= MAX_EXACT_QUBITS:
                return StateVector(self.state.statevector()).log_e_n(axis)
            raise QbellError(
                f"ln E_{{N,0}} cancels to an accuracy of only {error:.1g} at u = {self.state.u}"
            )
        return 2 * float(np.linalg.slogdet(matrix)[1]) - math.log(4)

    def orders(self, axis: Axis) -> Orders:
        """From the state vector or a matrix product state, whichever serves."""
        return self._other().orders(axis)

    def _diagonal(self, direction: int) -> float:
        """4 Var(J_x), 4 Var(J_y) or 4 Var(J_z).

        With B = -<strings between neighbours>: <Z_i Z_j> = det B[i..j-1, i..j-1], and for Y the
        transposed neighbours. <X_i X_j> - <X_i><X_j> = -G_ij G_ji.
        """
        g = chain(self.num_qubits, self.state.u).correlations
        if direction == 0:
            return float(self.num_qubits - np.sum(g * g.T))
        neighbours = -g[:-1, 1:] if direction == 1 else -g[1:, :-1]
        return self.num_qubits + 2 * float(contiguous_minors(neighbours).sum())

    def _checked(self, qfi: float) -> float:
        """Sums of N^2 correlators of order one: small results have lost digits."""
        error = 2e-15 * self.num_qubits
        if qfi * ACCURACY < error:
            raise QbellError(
                f"the QFI cancels to below rounding: it is {max(qfi, 0):.3g}, give or take "
                f"{error:.1g}"
            )
        return qfi

    def _other(self) -> Engine:
        """The state vector where it is fast, else matrix products."""
        if self.num_qubits <= MAX_VECTOR_QUBITS:
            return StateVector(self.state.statevector())
        return IsingMatrixProduct(self.state)


class IsingMatrixProduct(Engine):
    """Engine for the chain as a matrix product state: any axis, hundreds of qubits."""

    def __init__(self, state: Ising) -> None:
        self.product = ground_state(state.num_qubits, state.u)
        self.num_qubits = state.num_qubits
        self.method = f"matrix product state of bond {self.product.bond}"

    def qfi(self, axis: Axis) -> float:
        """4 Var(h)."""
        return matrix_product.qfi(self.product, axis)

    def qfi_matrix(self) -> NDArray[np.float64]:
        """Diagonal, as the chain's symmetries have it."""
        return np.diag([self.qfi(parse_axis(name)) for name in "xyz"])

    def log_e_n(self, axis: Axis) -> float:
        """From the two amplitudes of all qubits up and all down."""
        return matrix_product.log_e_n(self.product, axis)

    def orders(self, axis: Axis) -> Orders:
        """From the correlators as a matrix product themselves, with the error of truncation."""
        cutoff = next(cutoff for most, cutoff in CUTOFFS if self.product.bond <= most)
        values, error = matrix_product.bound_by_order(self.product, axis, cutoff=cutoff)
        return Orders(values, self.method, error)
