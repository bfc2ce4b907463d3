"""Product states, each qubit in its own direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.product import product_circuit
from qbell.errors import QbellError
from qbell.states.angles import angle
from qbell.states.base import State
from qbell.states.parameters import Parameter, numbers_or_one

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Angles(Parameter):
    """An angle for all qubits, or a list with one for each, qubit 0 first; kept as N numbers."""

    typed = "float"

    def read(self, flag: str, text: str) -> float | list[float]:
        return numbers_or_one(flag, text)

    def checked(self, name: str, value: Any, num_qubits: int) -> tuple[float, ...]:
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, str) or not isinstance(value, Sequence):
            return (angle(name, value),) * num_qubits
        if len(value) != num_qubits:
            raise QbellError(
                f"{name} holds {len(value)} numbers for {num_qubits} qubits; give one number, or "
                "one for each qubit, qubit 0 first"
            )
        return tuple(angle(f"{name}[{k}]", each) for k, each in enumerate(value))


@dataclass(frozen=True)
class Product(State):
    """Qubit k in cos(theta_k/2) |0> + exp(i phi_k) sin(theta_k/2) |1>: a negative control.

    Without entanglement: E_s is at most 4^-n, QFI at most N. With n_k the directions of the qubits,
    QFI = sum_k (1 - (n_k . xi)^2) for the axis xi.

    Attributes:
        theta, phi: (N,) polar angles and azimuths in radians, qubit 0 first; given as one number
            for all qubits or as N numbers.

    >>> state = Product(3, [0.1, 0.2, 0.3])
    >>> state.theta, state.phi
    ((0.1, 0.2, 0.3), (0.0, 0.0, 0.0))
    """

    theta: Annotated[
        float | Sequence[float],
        Angles("Polar angle in radians, or one a qubit: 0.3,0.5", example=0.5),
    ]
    phi: Annotated[
        float | Sequence[float], Angles("Azimuth in radians, or one a qubit: 0.3,0.5", example=0.3)
    ] = 0.0
    family = "product"
    summary = "each qubit in its own direction"
    example = "product -n 3 --theta 0.3,0.5,0.7"

    def circuit(self) -> "QuantumCircuit":
        """One rotation, and one phase, a qubit."""
        return product_circuit(*self.angles(), "product")

    def angles(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """theta and phi, a number for each qubit.

        Returns:
            N polar angles and N azimuths in radians, qubit 0 first.

        >>> Product(2, 0.5).angles()
        ((0.5, 0.5), (0.0, 0.0))
        """
        theta, phi = self.theta, self.phi
        assert isinstance(theta, tuple)
        assert isinstance(phi, tuple)
        return theta, phi

    def directions(self) -> NDArray[np.float64]:
        """The direction of each qubit on the Bloch sphere.

        Returns:
            (N, 3) unit vectors; row k is qubit k.

        >>> Product(2, [0.0, np.pi]).directions().round(9).tolist()[0]
        [0.0, 0.0, 1.0]
        """
        theta, phi = np.array(self.angles())
        return np.stack(
            [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=1
        )

    def _amplitudes(self) -> NDArray[np.complex128]:
        vector = np.ones(1, dtype=complex)
        for theta, phi in zip(*self.angles(), strict=True):
            qubit = np.array([np.cos(theta / 2), np.exp(1j * phi) * np.sin(theta / 2)])
            vector = np.outer(qubit, vector).ravel()  # qubit k is bit k of the index
        return vector
