"""Exact values of the Ising chain's ground state at any size, Eq. (29)."""

import math
import sys

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.exact.engine import ACCURACY, BelowRounding, Engine, Forecast, Orders
from qbell.exact.ising_mps import ground_state, middle_bond
from qbell.exact.matrix_product import MatrixProduct, MatrixProductState, cutoff_of
from qbell.exact.minors import contiguous_minors
from qbell.exact.state_vector import StateVector
from qbell.states import MAX_EXACT_QUBITS, Ising
from qbell.states.free_fermions.chain import chain
from qbell.util.threads import one_blas_thread

MAX_VECTOR_QUBITS = 16  # up to which the bound comes from the state vector
SECONDS, GROWTH = 5e-7, 3.0  # the bound of a chain takes SECONDS N bond^GROWTH
FINE_CUTOFF = 1e-14  # of Schmidt coefficients, where one amplitude is all that is wanted


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
        """xi^T Q xi: the chain's symmetries leave nothing off the diagonal of Q.

        Raises:
            QbellError: it cancels to worse than 1e-8 (U > 0 and large, where it is near 0).
        """
        parts = [x**2 * self._diagonal(k) if x else 0.0 for k, x in enumerate(axis.xi)]
        qfi = sum(parts)
        error = sum(axis.xi[k] ** 2 * self._rounding(k) for k in (1, 2) if axis.xi[k])
        # Along x: |G - G^T|^2 / 2, with an error of |G - G^T| of 4e-15 sqrt(N), as G is orthogonal.
        error += 4e-15 * math.sqrt(2 * self.num_qubits * parts[0]) * abs(axis.xi[0])
        if error > qfi * ACCURACY:
            vector = self._vector() if axis.is_laboratory else None
            if vector is not None:
                # A sum of positive terms, from amplitudes that are right to rounding in their size.
                return StateVector(vector).qfi(axis)
            raise QbellError(
                f"the QFI cancels to below rounding: it is {max(qfi, 0):.3g} +- {error:.1g}"
            )
        return qfi

    def qfi_matrix(self) -> NDArray[np.float64]:
        """Diagonal: the state is real (no y with another) and even (no x with z).

        Right to 2e-15 N; what is less may be nothing but rounding.
        """
        return np.diag([max(self._diagonal(k), 0.0) for k in range(3)])

    def log_e_n(self, axis: Axis) -> float:
        """E_{N,0} = F^2 / 4, F = |<GHZ|ground state>|^2, for the GHZ state of the axis z or y.

        GHZ is Gaussian too, with Q_(j+1)j = -1 and Q_1N = 1 in place of G for z, and the transpose
        for y; F = det((1 + Q G^T) / 2); in an odd state -1 in place of 1. For x the ends are |+>^N
        and |->^N, with G = 1 and -1; the second is odd if N is. Other axes: from
        the amplitudes, above 20 qubits from those of the matrix product.

        Raises:
            QbellError: the determinant cancels to worse than 1e-8 (U > 0 and large), or on an axis
                between x, y and z what was cut off the matrix product may.
        """
        size = self.num_qubits
        along = np.flatnonzero(axis.xi)
        if len(along) > 1:
            vector = self._vector()
            if vector is None:
                return self._log_e_n_of_product(axis)
            return StateVector(vector).log_e_n(axis)
        g = self.correlations
        if along[0] == 0:
            none = size % 2 or self.parity < 0
            return -math.inf if none else self._log_overlap(g) + self._log_overlap(-g)
        # Q G^T moves the rows of G^T down by one and turns their signs, for y up; the row that
        # comes in anew takes that of the parity.
        step = 1 if along[0] == 2 else -1
        turned = -np.roll(g.T, step, axis=0)
        turned[0 if step == 1 else -1] *= -self.parity
        try:
            return 2 * self._log_overlap(turned) - math.log(4)
        except QbellError:
            vector = None if along[0] == 1 else self._vector()
            if vector is None:
                raise
            ends = vector[[0, -1]].real  # each right to rounding, in its size
            if not min(ends) > sys.float_info.min:
                raise
            return 2 * float(np.log(ends).sum())

    def _log_e_n_of_product(self, axis: Axis) -> float:
        """From a matrix product, and a larger one where the amplitudes are small."""
        try:
            return MatrixProductState(self._product()).log_e_n(axis)
        except BelowRounding:
            return MatrixProductState(self._product(FINE_CUTOFF)).log_e_n(axis)

    def _log_overlap(self, product: NDArray[np.float64]) -> float:
        """ln det((1 + ``product``) / 2)."""
        matrix = (np.eye(self.num_qubits) + product) / 2
        with one_blas_thread(self.num_qubits), np.errstate(over="ignore", divide="ignore"):
            lu, _, singular = scipy.linalg.lapack.dgetrf(matrix)
            # sqrt(N) times the 1-norm exceeds the norm; 10, as that is estimated from below.
            rough = scipy.linalg.lapack.dgecon(lu, np.linalg.norm(matrix, 1))[0]
            norm = 10 * math.sqrt(self.num_qubits) / (rough * np.linalg.norm(matrix, 1))
            if singular or not 2e-16 * norm < ACCURACY:
                norm = _norm_of_inverse(matrix)
            if not 2e-16 * norm < ACCURACY:
                raise QbellError(
                    f"ln E_{{N,0}} cancels{self._at}: its error would be {2e-16 * norm:.1g}"
                )
            return float(np.log(np.abs(lu.diagonal())).sum())

    def zz(self) -> NDArray[np.float64]:
        """<Z_i Z_j> of all pairs (N, N): determinants of contiguous blocks of G."""
        g = self.correlations
        matrix = np.zeros((self.num_qubits, self.num_qubits))
        matrix[:-1, 1:] = contiguous_minors(-g[1:, :-1])
        return matrix + matrix.T + np.eye(self.num_qubits)

    def orders(self, axis: Axis) -> Orders:
        """From the state vector or, above 16 qubits, a matrix product state."""
        vector = self._vector() if self.num_qubits <= MAX_VECTOR_QUBITS else None
        if vector is not None:
            return StateVector(vector).orders(axis)
        return MatrixProductState(self._product(), self.cutoff).orders(axis)

    def forecast(self, axis: Axis) -> Forecast | None:
        """By the bond in the middle of the chain: right to a factor of two up to N = 100."""
        size = self.num_qubits
        if size <= MAX_VECTOR_QUBITS:
            return None
        bond = middle_bond(self.correlations)
        cutoff = self.cutoff or cutoff_of(bond, size)
        change = size * 2 * cutoff * math.sqrt(2 * size)  # N times the norm that all cuts take
        seconds = SECONDS * size * bond**GROWTH * (1 if axis.is_laboratory else 4)
        return Forecast(seconds, 2 * (2 * math.sqrt(size / 2) * change + change**2))

    @property
    def parity(self) -> int:
        """Of flipping all spins: prod_j X_j, 1 or -1."""
        return 1

    @property
    def _at(self) -> str:
        """Where, for messages."""
        return f" at u = {self.state.u}"

    @property
    def correlations(self) -> NDArray[np.float64]:
        """G (N, N): <i a_j b_k> of the Majorana operators."""
        return chain(self.num_qubits, self.state.u).correlations

    def _product(self, cutoff: float | None = None) -> MatrixProduct:
        """The state as a matrix product."""
        return ground_state(self.num_qubits, self.state.u, cutoff=cutoff)

    def _vector(self) -> NDArray[np.complex128] | None:
        """Its amplitudes, right to rounding in the size of each, where there are not too many."""
        return self.state.statevector() if self.num_qubits <= MAX_EXACT_QUBITS else None

    def _rounding(self, direction: int) -> float:
        """Of `_diagonal` along y or z."""
        return 2e-15 * self.num_qubits

    def _diagonal(self, direction: int) -> float:
        """4 Var(J_x), 4 Var(J_y) or 4 Var(J_z).

        With B = -<strings between neighbours>: <Z_i Z_j> = det B[i..j-1, i..j-1], and for Y the
        transposed neighbours. <X_i X_j> - <X_i><X_j> = -G_ij G_ji.
        """
        g = self.correlations
        if direction == 0:
            return float(np.sum((g - g.T) ** 2) / 2)  # N - sum G_ij G_ji, as G is orthogonal
        neighbours = -g[:-1, 1:] if direction == 1 else -g[1:, :-1]
        return self.num_qubits + 2 * float(contiguous_minors(neighbours).sum())


def _norm_of_inverse(matrix: NDArray[np.float64]) -> float:
    """Of Frobenius; infinite for a singular matrix."""
    try:
        return float(np.linalg.norm(np.linalg.inv(matrix)))
    except np.linalg.LinAlgError:
        return math.inf
