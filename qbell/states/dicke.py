"""Symmetric states with a fixed number of ones: Dicke states, and W as the one with a single one.

For axis z all their correlators vanish but the balanced ones (n_+ = n_-), so QFI = bound = 0; use
axis x to see their sensitivity.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.states.symmetric import SymmetricState, logarithms
from qbell.util.checks import whole_number


@dataclass(frozen=True)
class Dicke(SymmetricState):
    """Equal superposition of all basis states with ``ones`` ones (N // 2 when None)."""

    ones: int | None = None
    family = "dicke"

    def __post_init__(self) -> None:
        super().__post_init__()
        given = self.num_qubits // 2 if self.ones is None else self.ones
        ones = whole_number("number of ones", given, least=0, most=self.num_qubits)
        object.__setattr__(self, "ones", ones)

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: a single c_m is 1."""
        return logarithms(np.arange(self.num_qubits + 1) == self.ones)


@dataclass(frozen=True)
class W(SymmetricState):
    """(|10...0> + |010...0> + ... + |0...01>) / sqrt(N)."""

    family = "w"

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: c_1 is 1."""
        return Dicke(self.num_qubits, 1).log_coefficients()
