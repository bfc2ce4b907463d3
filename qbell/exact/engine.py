"""What every way to the exact values of a state offers."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.errors import QbellError

Pairs = tuple[NDArray[np.float64], NDArray[np.float64]]

ACCURACY = 1e-8  # relative; a value that may be worse is refused
ROUNDING = 1e-15  # of an amplitude, relative to a state of norm one


@dataclass(frozen=True)
class Orders:
    """The terms of Eq. (24) grouped by order: the bound is their sum.

    Attributes:
        values: (N + 1,), entry n from the correlators of n qubits; read-only.
        method: how they were found.
        error: upper limit of the error of the sum, where it may be more than rounding.
    """

    values: NDArray[np.float64]
    method: str
    error: float | None = None

    def __post_init__(self) -> None:
        self.values.setflags(write=False)


@dataclass(frozen=True)
class Forecast:
    """What the bound will cost, told beforehand.

    Attributes:
        seconds: about so many, of one core.
        error: upper limit of its error, if it is N.
    """

    seconds: float
    error: float

    def __str__(self) -> str:
        if self.seconds < 90:
            duration = f"{max(1, round(self.seconds))} s"
        elif self.seconds < 5400:
            duration = f"{round(self.seconds / 60)} min"
        else:
            duration = f"{round(self.seconds / 3600)} h"
        return f"about {duration}, with an error of up to {self.error:.1g} where it is N"


class BelowRounding(QbellError):
    """E_{N,0} is lost in rounding or cut-offs: all that is known is that ln E <= ``most``."""

    def __init__(self, most: float) -> None:
        shown = math.ceil(100 * most) / 100  # rounded up, so that it stays true
        super().__init__(f"E_{{N,0}} is lost in rounding or cut-offs; it is at most exp({shown})")
        self.most = most


class Engine(ABC):
    """Exact values of one state of N qubits, for any axis of the generator.

    Attributes:
        num_qubits: N.
        method: its name, for people.
        is_pure: F0 of Eq. (12) is the QFI.
        cutoff: of the bound from a matrix product: norm that one cut may take from the vector of
            all correlators; chosen by the size if None. Other engines cut nothing.
    """

    num_qubits: int
    method: str
    is_pure = True
    cutoff: float | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of any of its values has to know."""
        return ()

    @abstractmethod
    def qfi_matrix(self) -> NDArray[np.float64]:
        """(3, 3): the QFI for the generator xi . J is xi^T Q xi; J is half the sum of Paulis."""

    def qfi(self, axis: Axis) -> float:
        """QFI for the axis."""
        xi = np.array(axis.xi)
        return float(xi @ self.qfi_matrix() @ xi)

    def error_of_qfi(self, value: float) -> float:
        """Upper limit of the error of a QFI ``value`` beyond rounding: by what was cut off."""
        return 0.0

    def f0(self, axis: Axis) -> float:
        """F0 of Eq. (12); the QFI itself for a pure state."""
        return self.qfi(axis)

    def pairs(self, axis: Axis) -> Pairs:
        """Weights w = 2 (p_i - p_j)^2 |<i|h|j>|^2 and x = p_i + p_j of pairs of eigenvectors.

        F_Q = sum w / x, Eq. (8), and F0 = sum w, Eq. (15). Of a pure state all x are 1.
        """
        return np.array([self.qfi(axis)]), np.ones(1)

    def error_of_log_e_n(self, axis: Axis) -> float:
        """Upper limit of the error of `log_e_n` beyond 1e-8: by what was cut off."""
        return 0.0

    @abstractmethod
    def log_e_n(self, axis: Axis) -> float:
        """ln E_{N,0}, -inf if it is zero.

        Raises:
            BelowRounding: it may be zero or not.
        """

    @abstractmethod
    def orders(self, axis: Axis) -> Orders:
        """The bound of Eq. (24), order by order."""

    def forecast(self, axis: Axis) -> Forecast | None:
        """What `orders` will cost; None where it is quick, or not foreseen."""
        return None


def covariance_of(
    state: NDArray[np.complex128], spins: NDArray[np.complex128]
) -> NDArray[np.float64]:
    """4 times the covariance of operators in a pure state: the QFI matrix of a pure state.

    ``spins`` (k, dimension) holds the operators applied to ``state``. Means are taken off before
    squaring, so that no large numbers cancel.
    """
    centred = spins - (spins @ state.conj()).real[:, None] * state
    matrix: NDArray[np.float64] = 4 * (centred.conj() @ centred.T).real
    return matrix
