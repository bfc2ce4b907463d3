"""Permutation-symmetric states: sum_m c_m |D_m>, |D_m> the Dicke state with m ones."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

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
        """ln c_0 ... ln c_N: ln |c_m| + i arg c_m, with real part -inf where c_m = 0.

        In logs, because the tails of a state of many qubits underflow. sum |c_m|^2 = 1.
        """

    def circuit(self) -> "QuantumCircuit":
        """Exact preparation in O(N^2) gates; see `symmetric_circuit`."""
        return symmetric_circuit(np.exp(self.log_coefficients()), self.family)

    def _amplitudes(self) -> NDArray[np.inexact]:
        count = np.arange(self.num_qubits + 1)
        amplitudes = np.exp(self.log_coefficients() - 0.5 * log_binomial(self.num_qubits, count))
        return np.asarray(amplitudes[ones(self.num_qubits)])


@dataclass(frozen=True, init=False)
class Symmetric(SymmetricState):
    """sum_m c_m |D_m> for coefficients of your own, complex or real, normalised.

    Args:
        coefficients: c_0 ... c_N, c_m that of the Dicke state with m ones.

    Raises:
        QbellError: fewer than three numbers, not finite, or sum |c_m|^2 is not 1.

    >>> ghz = Symmetric([0.5**0.5, 0, 0, 0.5**0.5])
    >>> ghz.num_qubits
    3
    """

    coefficients: tuple[complex, ...]
    family = "symmetric"

    def __init__(self, coefficients: ArrayLike) -> None:
        try:
            given = np.asarray(coefficients, dtype=complex)
        except (TypeError, ValueError) as error:
            raise QbellError(
                "the coefficients are no numbers; give c_0 ... c_N, one for each Dicke state"
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
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))


def symmetric_circuit(coefficients: NDArray[np.inexact], name: str) -> "QuantumCircuit":
    """Prepare sum_m c_m |D_m> (at least one c_m not 0) with O(N^2) two-qubit gates.

    First the unary state sum_m c_m |1^m 0^(N-m)>, ones on qubits 0 to m - 1, by a chain of
    controlled rotations; then the Dicke unitary of Baertschi and Eidenbenz, "Deterministic
    preparation of Dicke states" (2019), which takes every |1^m 0^(N-m)> to |D_m> at once.
    """
    from qiskit import QuantumCircuit

    num_qubits = len(coefficients) - 1
    circuit = QuantumCircuit(num_qubits, name=name)
    most = int(np.flatnonzero(coefficients)[-1])
    _unary(circuit, np.abs(coefficients[: most + 1]).astype(float))
    _phases(circuit, np.angle(coefficients[: most + 1]).astype(float))
    for first in range(num_qubits - 1):
        _split_off(circuit, first, min(most, num_qubits - first - 1))
    return circuit


def _unary(circuit: "QuantumCircuit", coefficients: NDArray[np.float64]) -> None:
    # tail[m]: norm of c_m, c_(m+1), ...: qubit m is 1 exactly when there are more than m ones.
    tail = np.sqrt(np.cumsum(coefficients[::-1] ** 2)[::-1])
    last = len(coefficients) - 2
    for qubit in range(last + 1):
        above = coefficients[-1] if qubit == last else tail[qubit + 1]
        angle = 2 * float(np.arctan2(above, coefficients[qubit]))
        certain = coefficients[qubit] == 0  # never as few ones: no rotation by half
        if certain and qubit == 0:
            circuit.x(0)
        elif certain:
            circuit.cx(qubit - 1, qubit)
        elif qubit == 0:
            circuit.ry(angle, 0)
        else:
            circuit.cry(angle, qubit - 1, qubit)


def _phases(circuit: "QuantumCircuit", angles: NDArray[np.float64]) -> None:
    """Multiply |1^m 0^(N-m)> by exp(i angle_m): qubit k is 1 exactly when m > k."""
    circuit.global_phase += float(angles[0])
    for qubit, step in enumerate(np.diff(angles).tolist()):
        if step != 0:
            circuit.p(step, qubit)


def _split_off(circuit: "QuantumCircuit", first: int, most: int) -> None:
    """On qubits from ``first`` on, with their ones in front, l <= most: settle qubit ``first``.

    With n qubits in the block, |1^l 0^(n-l)> -> sqrt(l/n) |1> |1^(l-1) 0^(n-l)>
    + sqrt(1 - l/n) |0> |1^l 0^(n-l-1)>: what follows ``first`` is unary again. (The "split and
    cyclic shift" gate, with qubits counted from the other end.)
    """
    from qiskit.circuit.library import RYGate

    size = circuit.num_qubits - first
    for count in range(1, most + 1):
        angle = 2 * float(np.arccos(np.sqrt(count / size)))
        vacant = first + count  # the qubit behind the ones: it takes over the one of `first`
        controls = [first] if count == 1 else [first, vacant - 1]
        rotation = RYGate(angle).control(len(controls), annotated=False)
        circuit.cx(vacant, first)
        circuit.append(rotation, [*controls, vacant])
        circuit.cx(vacant, first)
