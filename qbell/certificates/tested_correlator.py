"""The direction in which local realism is tested: which correlator, and which phase of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import LABEL_LETTERS, columns, quarter_turns
from qbell.errors import QbellError
from qbell.util.checks import finite_number


@dataclass(frozen=True)
class TestedCorrelator:
    """A correlator of all qubits, and the direction in the complex plane in which it should lie.

    A shot in a random setting has x = Re(e^(i phase) prod_k x_k w_k), w_k = 1 along sigma_1 and
    +-i along sigma_2, with the sign of the label. Minus signs amount to sigma_2 -> -sigma_2.

    Attributes:
        label: ``+`` or ``-`` for every qubit; the last character is qubit 0.
        phase: in radians; x is largest for a correlator c_s of argument -phase.

    Raises:
        QbellError: the label has other letters, or the phase is not a finite number.

    >>> TestedCorrelator("-++").signs.tolist()
    [1, 1, -1]
    """

    label: str
    phase: float = 0.0

    def __post_init__(self) -> None:
        if not isinstance(self.label, str) or not self.label or set(self.label) - {"+", "-"}:
            raise QbellError(
                f"label {self.label!r} of the direction; give + or - for every qubit, qubit 0 last"
            )
        object.__setattr__(self, "phase", finite_number("phase", self.phase))

    @property
    def num_qubits(self) -> int:
        """Number of qubits, N."""
        return len(self.label)

    @property
    def signs(self) -> NDArray[np.int16]:
        """(N,) the sign of each qubit, 1 or -1; entry k is qubit k."""
        signs: NDArray[np.int16] = 3 - 2 * columns([self.label], LABEL_LETTERS)[0].astype(np.int16)
        return signs

    def check(self, num_qubits: int) -> None:
        """Refuse data of another number of qubits than the label's.

        Raises:
            QbellError: they differ.
        """
        if num_qubits != self.num_qubits:
            raise QbellError(
                f"label {self.label!r} has {self.num_qubits} signs, but the data have "
                f"{num_qubits} qubits; give one sign for each"
            )

    def quarter_turns(
        self, directions: NDArray[np.uint8], bits: NDArray[np.uint8]
    ) -> NDArray[np.int64]:
        """(rows,) m = 0..3 with prod_k x_k w_k = i^m; the phase is left out.

        Args:
            directions: (rows, N) of 0 = sigma_1 and 1 = sigma_2.
            bits: (rows, N) of outcomes, bit 0 meaning +1.

        >>> settings, bits = np.array([[1, 1, 0]], np.uint8), np.array([[0, 0, 1]], np.uint8)
        >>> int(TestedCorrelator("+++").quarter_turns(settings, bits)[0])  # i * i * (-1) = 1
        0
        """
        return quarter_turns(directions, bits, self.signs)
