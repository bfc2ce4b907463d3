"""Results of Cirq: arrays of measured bits by measurement key, and histograms."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.arrays import plain_array
from qbell.shots.importers.asked import Asked, attribute, listed, short
from qbell.shots.importers.counts import read_counts
from qbell.shots.importers.importer import Importer, Outcomes
from qbell.shots.importers.outcome_codes import bits_of_numbers

MEASURED = ("measurements", "records")  # the former raises where a key is measured twice


class CirqImporter(Importer):
    """A `cirq.Result`, or its ``measurements``: key -> (shots, qubits), the first qubit first.

    Histograms (`Result.histogram`, whole numbers) are big-endian: the first qubit is the highest
    bit.
    """

    kind = "cirq"
    says = "Cirq's Result or its measurements (key to array), and histograms"
    uses = ("outcomes", "registers", "shots")

    def recognises(self, data: Any) -> bool:
        """A Result, or a dictionary of arrays."""
        if isinstance(data, Mapping):
            return bool(data) and all(_is_array(value) for value in data.values())
        return isinstance(attribute(data, *MEASURED), Mapping)

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        measured = data if isinstance(data, Mapping) else attribute(data, *MEASURED)
        if not isinstance(measured, Mapping):
            raise QbellError(f"{where}: expected a Result of Cirq, got {short(data)}")
        if not self.recognises(measured):
            return read_counts(measured, asked, where, "first")
        parts = [
            _key(measured[name], asked, f"{where}[{name!r}]")
            for name in _names(measured, asked, where)
        ]
        if len({len(part) for part in parts}) > 1:
            raise QbellError(f"{where}: keys with different numbers of shots; name those of one")
        bits = np.concatenate(parts, axis=1)
        if asked.num_qubits is not None and bits.shape[1] != asked.num_qubits:
            raise QbellError(
                f"{where}: outcomes of {bits.shape[1]} qubits for settings of {asked.num_qubits}; "
                "name the measurement keys of the qubits, registers ="
            )
        if not asked.first("first"):
            bits = bits[:, ::-1]
        return Outcomes.of_shots(bits[None])

    def note(self, data: Any, asked: Asked) -> str | None:
        """See `Importer.note`."""
        return None if asked.bit_order else "read as Cirq's: the first bit is qubit 0"


def _names(measured: Mapping[Any, Any], asked: Asked, where: str) -> Sequence[Any]:
    """The measurement keys to join, that of qubit 0 first."""
    there = listed(measured)
    if asked.registers is None:
        if len(measured) > 1:
            raise QbellError(
                f"{where}: measurement keys {there}: name those to join, that of qubit 0 first, "
                "registers ="
            )
        return list(measured)
    missing = [name for name in asked.registers if name not in measured]
    if missing:
        raise QbellError(f"{where}: no measurement key {missing[0]!r}; there is {there}")
    return asked.registers


def _key(values: Any, asked: Asked, where: str) -> NDArray[np.uint8]:
    """(shots, qubits) of one measurement key."""
    array = plain_array(values, where)
    if array.ndim == 3 and array.shape[1] == 1:  # `Result.records`, measured once
        array = array[:, 0]
    if array.ndim != 2:
        raise QbellError(
            f"{where}: outcomes of shape {array.shape}; give (shots, qubits), "
            "each key measured once"
        )
    return bits_of_numbers(array, asked.outcomes or "0/1", where)


def _is_array(value: Any) -> bool:
    """True for numbers in two dimensions or three."""
    if isinstance(value, np.ndarray):
        return value.ndim in (2, 3)
    row = value[0] if isinstance(value, list | tuple) and value else None
    if isinstance(row, np.ndarray):
        return row.ndim in (1, 2)
    return isinstance(row, list | tuple) and bool(row) and not isinstance(row[0], str)
