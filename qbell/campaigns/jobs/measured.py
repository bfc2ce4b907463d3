"""What the data jobs of a campaign measure, row by row: settings of a design, or angles of a scan.

A plan knows rows alone: which job measures which of them, in which order. What a row is, how it is
written, which values of the circuit's parameters it means and how its outcomes are counted is said
here, by one class for each kind of campaign.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis
from qbell.conventions.labels import BIT_LETTERS, strings

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Measured(ABC):
    """The rows of a campaign, in the order of its schedule.

    Attributes:
        column: that names a row in ``schedule.csv`` and in the files of jobs.
    """

    column: ClassVar[str]

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    @abstractmethod
    def num_qubits(self) -> int:
        """N."""

    @property
    @abstractmethod
    def axis(self) -> Axis:
        """The generator's."""

    @property
    @abstractmethod
    def drawn(self) -> bool:
        """True if each row is measured by one job alone; else by every job."""

    @property
    @abstractmethod
    def record(self) -> dict[str, Any]:
        """What campaign.json keeps of it, beside ``schedule.csv``."""

    @abstractmethod
    def words(self, rows: Rows) -> list[str]:
        """The rows as they are written."""

    @abstractmethod
    def values(self, circuit: "QuantumCircuit", rows: Rows) -> Floats:
        """(rows, parameters) values, in the order in which ``circuit.parameters`` lists them."""

    @property
    @abstractmethod
    def fixed_words(self) -> list[str]:
        """The two rows that every reference job measures, as they are written."""

    @abstractmethod
    def fixed_values(self, circuit: "QuantumCircuit") -> Floats:
        """(2, parameters) values of these."""

    @abstractmethod
    def table(self, bits: NDArray[np.uint8], rows: Rows, backend: str) -> pd.DataFrame:
        """Counts of outcomes (rows, shots, N): `column`, bitstring, count, and what else there is.

        Args:
            bits: column k is qubit k; flags behind them.
            rows: that the job measured, in its order.
            backend: name.
        """


@dataclass(frozen=True)
class Made:
    """What a plan is made of, before it is cut into jobs.

    Attributes:
        measured: the rows.
        preparation: of the state, laid out for the device.
        compiled: the circuit with the parameters of the rows, in gates of the device.
    """

    measured: Measured
    preparation: Preparation
    compiled: "QuantumCircuit"


def counted(bits: NDArray[np.uint8]) -> pd.DataFrame:
    """bitstring, count of outcomes (shots, N)."""
    words, counts = np.unique(strings(bits, BIT_LETTERS), return_counts=True)
    return pd.DataFrame({"bitstring": words, "count": counts})


def in_their_order(rows: Rows, words: Sequence[str]) -> list[str]:
    """The word of each row, from lines of a schedule that name a row once or often."""
    first = np.unique(rows, return_index=True)[1]
    return [words[place] for place in first]
