"""Permutation-symmetric states: sum_m c_m |D_m>, |D_m> the Dicke state with m ones."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qbell.circuits.symmetric import symmetric_circuit
from qbell.errors import QbellError
from qbell.states.base import State, ones

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

_TOLERANCE = 1e-8


@dataclass(frozen=True)
class SymmetricState(State):
    """A state that no permutation of the qubits changes: N + 1 numbers describe it at any N."""

    @abstractmethod
    def log_coefficients(self) -> NDArray[np.complex128]:
        """ln c_0 ... ln c_N of the state sum_m c_m |D_m>, |D_m> the Dicke state with m ones.

        Logarithms, because the tails of a state of many qubits underflow. sum |c_m|^2 = 1.

        Returns:
            (N + 1,) ln |c_m| + i arg c_m, with real part -inf where c_m = 0.

        >>> import qbell
        >>> np.exp(2 * qbell.w(3).log_coefficients().real).round(9).tolist()
        [0.0, 1.0, 0.0, 0.0]
        """

    def circuit(self) -> "QuantumCircuit":
        """Exact preparation in O(N^2) gates; see `qbell.circuits.symmetric`."""
        return symmetric_circuit(np.exp(self.log_coefficients()), self.family)

    def _amplitudes(self) -> NDArray[np.inexact]:
        count = np.arange(self.num_qubits + 1)
        amplitudes = np.exp(self.log_coefficients() - 0.5 * log_binomial(self.num_qubits, count))
        return np.asarray(amplitudes[ones(self.num_qubits)])


@dataclass(frozen=True, init=False)
class Symmetric(SymmetricState):
    """sum_m c_m |D_m> for coefficients of your own, complex or real, normalised.

    Attributes:
        coefficients: (N + 1,) c_0 ... c_N, c_m that of the Dicke state with m ones.

    Raises:
        QbellError: fewer than three numbers, not finite, or sum |c_m|^2 is not 1.

    >>> ghz = Symmetric([0.5**0.5, 0, 0, 0.5**0.5])
    >>> ghz.num_qubits
    3
    """

    coefficients: tuple[complex, ...]
    family = "symmetric"

    def __init__(self, coefficients: ArrayLike) -> None:
        if np.ma.isMaskedArray(coefficients) and np.ma.getmaskarray(coefficients).any():
            raise QbellError("coefficients are masked; give all of them, as a plain array")
        try:
            given = np.asarray(coefficients, dtype=complex)
        except (TypeError, ValueError) as error:
            raise QbellError(
                "the coefficients are not numbers; give c_0 ... c_N, one for each Dicke state"
            ) from error
        if given.ndim != 1:
            raise QbellError(
                f"coefficients of shape {given.shape}; give N + 1 numbers, c_0 ... c_N"
            )
        object.__setattr__(self, "num_qubits", len(given) - 1)
        super().__post_init__()
        norm = float(np.vdot(given, given).real) if np.isfinite(given).all() else np.nan
        if not abs(norm - 1) <= _TOLERANCE:
            raise QbellError(f"the coefficients have norm^2 {norm:.9g}; normalise it to 1")
        object.__setattr__(self, "coefficients", tuple(given.tolist()))

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`."""
        coefficients = np.array(self.coefficients)
        return logarithms(coefficients / np.linalg.norm(coefficients))


def logarithms(coefficients: ArrayLike) -> NDArray[np.complex128]:
    """ln c, with -inf + 0i for zeros."""
    values = np.asarray(coefficients, dtype=complex)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.abs(values)) + 1j * np.angle(values))


def log_binomial(n: ArrayLike, k: ArrayLike) -> NDArray[np.float64]:
    """ln of n over k."""
    n, k = np.asarray(n), np.asarray(k)
    gammaln = scipy.special.gammaln
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))
