"""Exact values of product states at any size, in closed form."""

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.exact.engine import ACCURACY, ROUNDING, BelowRounding, Engine, Orders


class ProductState(Engine):
    """Engine for qubits that point along n_k, an array (N, 3) of unit vectors."""

    method = "product of qubits"

    def __init__(self, directions: NDArray[np.float64]) -> None:
        self.directions = directions
        self.num_qubits = len(directions)

    def qfi(self, axis: Axis) -> float:
        """Sum of 1 - (n_k . xi)^2, from the parts of n_k across xi: nothing cancels."""
        return float(4 * self._coherences(axis).sum())

    def qfi_matrix(self) -> NDArray[np.float64]:
        """Sum of 1 - n_k n_k^T."""
        lengths = np.sum(self.directions**2, axis=1).sum()
        return np.asarray(lengths * np.eye(3) - self.directions.T @ self.directions)

    def log_e_n(self, axis: Axis) -> float:
        """Sum of ln |<sigma_+>|^2 of the qubits; -inf if one of them points along the axis.

        Raises:
            BelowRounding: on an axis other than x, y, z that one may do so.
        """
        coherences = self._coherences(axis)
        oblique = not set(map(abs, (*axis.sigma_1, *axis.sigma_2))) <= {0.0, 1.0}
        if oblique and (np.sqrt(coherences) * ACCURACY < ROUNDING).any():
            raise BelowRounding(float(2 * np.log(np.sqrt(coherences) + ROUNDING).sum()))
        with np.errstate(divide="ignore"):
            return float(np.log(coherences).sum())

    def orders(self, axis: Axis) -> Orders:
        """E_s is the product of e_k = |<sigma_+>_k|^2 over the qubits of s, whatever the signs.

        The mean of (n_+ - n_-)^2 over the 2^n signs is n, so order n is 2 n times the coefficient
        of z^n in prod_k (1/2 + 2 e_k z).
        """
        polynomial = np.ones(1)
        for coherence in self._coherences(axis).tolist():
            polynomial = np.convolve(polynomial, [0.5, 2 * coherence])
        return Orders(2 * np.arange(self.num_qubits + 1) * polynomial, self.method)

    def _coherences(self, axis: Axis) -> NDArray[np.float64]:
        """(N,): |<sigma_1> + i <sigma_2>|^2 / 4."""
        across = self.directions @ np.array([axis.sigma_1, axis.sigma_2]).T
        return np.asarray(np.sum(across**2, axis=1) / 4)
