"""What an importer does, and what it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked

SOME_USE = ("outcomes", "registers", "shots")


@dataclass(frozen=True)
class Outcomes:
    """What came out of one or more circuits, each measured in one setting.

    Attributes:
        bits: (rows, N) 0 or 1; column k is qubit k.
        values: (rows,) how often: whole numbers, or as they came where `Asked.distribution`.
        circuit: (rows,) which circuit a row belongs to, from 0.
        num_circuits: how many there are, also without rows.
    """

    bits: NDArray[np.uint8]
    values: NDArray[Any]
    circuit: NDArray[np.int64]
    num_circuits: int

    @classmethod
    def of_one(cls, bits: NDArray[np.uint8], values: NDArray[Any]) -> Outcomes:
        """Rows that all belong to one circuit."""
        return cls(bits, values, np.zeros(len(bits), dtype=np.int64), 1)

    @classmethod
    def of_shots(cls, bits: NDArray[np.uint8]) -> Outcomes:
        """Single shots (circuits, shots, N), the same number of each circuit."""
        circuits, shots, num_qubits = bits.shape
        return cls(
            np.ascontiguousarray(bits.reshape(-1, num_qubits)),
            np.ones(circuits * shots, dtype=np.int64),
            np.repeat(np.arange(circuits, dtype=np.int64), shots),
            circuits,
        )


def join(parts: Sequence[Outcomes], where: str) -> Outcomes:
    """Outcomes of one or more parts as one, their circuits in turn.

    Raises:
        QbellError: they have different numbers of qubits.
    """
    sizes = [part.bits.shape[1] for part in parts]
    if len(set(sizes)) > 1:
        odd = next(place for place, size in enumerate(sizes) if size != sizes[0])
        raise QbellError(
            f"{where}[{odd}]: outcomes of {sizes[odd]} qubits, and of {sizes[0]} in {where}[0]; "
            "give those of one state"
        )
    starts = np.cumsum([0, *(part.num_circuits for part in parts)]).tolist()
    circuits = [part.circuit + start for part, start in zip(parts, starts[:-1], strict=True)]
    return Outcomes(
        np.concatenate([part.bits for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate(circuits),
        starts[-1],
    )


class Importer(ABC):
    """Reads one kind of result.

    Attributes:
        kind: its name.
        says: what it reads, for messages.
        letters: how settings in the data are written, as in `qbell.shots.importers.letters`.
        uses: arguments of `qbell.shots_from` that mean something for it, of those in `SOME_USE`.
    """

    kind: ClassVar[str]
    says: ClassVar[str]
    letters: ClassVar[str | None] = None
    uses: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def recognises(self, data: Any) -> bool:
        """True if data can be of this kind only."""

    @abstractmethod
    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """The outcomes in it.

        Args:
            data: of this kind.
            asked: how to read it.
            where: its name in messages, such as ``data[3]``.

        Raises:
            QbellError: something that is no outcome of two-valued measurements, in one line.
        """

    def settings(self, data: Any) -> Sequence[Any] | None:
        """The setting of each circuit, where the data say it themselves; None if they do not."""
        return None

    def note(self, data: Any, asked: Asked) -> str | None:
        """What was assumed that the caller did not say; None for nothing."""
        return None


def setting_in(metadata: Any) -> Any:
    """The entry ``setting`` of a dictionary; None if there is none."""
    return metadata.get("setting") if isinstance(metadata, dict) else None
