"""Symmetric states with a fixed number of ones: Dicke states, and W as the one with a single one.

For axis z all their correlators vanish but the balanced ones (n_+ = n_-), so QFI = bound = 0; use
axis x to see their sensitivity.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from qbell.states.parameters import Whole
from qbell.states.symmetric import SymmetricState, logarithms


@dataclass(frozen=True)
class Dicke(SymmetricState):
    """Equal superposition of all basis states with a fixed number of ones.

    Attributes:
        ones: number of ones, 0 to N; N // 2 when None.

    >>> from qbell import exact
    >>> round(exact.qfi(Dicke(6, 3), "x"), 9)  # N (N + 2) / 2
    24.0
    """

    ones: Annotated[
        int | None, Whole("Number of ones, N // 2 if left out", example=2, most="n")
    ] = None
    family = "dicke"
    summary = "equal superposition of all words with k ones"
    example = "dicke -n 6 --ones 2"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ones is None:
            object.__setattr__(self, "ones", self.num_qubits // 2)

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: a single c_m is 1."""
        return logarithms(np.arange(self.num_qubits + 1) == self.ones)


@dataclass(frozen=True)
class W(SymmetricState):
    """(|10...0> + |010...0> + ... + |0...01>) / sqrt(N).

    >>> from qbell import exact
    >>> round(exact.qfi(W(6), "x"), 9)  # 3 N - 2
    16.0
    """

    family = "w"
    summary = "equal superposition of all words with a single one"
    example = "w -n 6"

    def log_coefficients(self) -> NDArray[np.complex128]:
        """See `SymmetricState.log_coefficients`: c_1 is 1."""
        return Dicke(self.num_qubits, 1).log_coefficients()
