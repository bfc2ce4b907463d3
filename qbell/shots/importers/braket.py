"""Results of Amazon Braket: the task's result, its dictionary, and its counts."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from qbell.errors import QbellError
from qbell.shots.importers.arrays import plain_array
from qbell.shots.importers.asked import Asked, attribute, short
from qbell.shots.importers.counts import read_counts
from qbell.shots.importers.importer import Importer, Outcomes
from qbell.shots.importers.outcome_codes import bits_of_numbers

QUBITS = ("measured_qubits", "measuredQubits")
PROBABILITIES = ("measurement_probabilities", "measurementProbabilities")


class BraketImporter(Importer):
    """``measurements`` (shots, qubits), in the order of the measured qubits; in counts and
    probabilities, too, the first bit is the first qubit."""

    kind = "braket"
    says = "Amazon Braket's task result, its dictionary, or its measurement_counts"
    uses = ("outcomes", "shots")

    def recognises(self, data: Any) -> bool:
        """Something with measured qubits."""
        return attribute(data, *QUBITS) is not None

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        qubits = attribute(data, *QUBITS)
        if qubits is None:
            if not isinstance(data, Mapping):
                raise QbellError(f"{where}: expected a result of Braket, got {short(data)}")
            return read_counts(data, asked, where, "first")
        numbers = qubits.tolist() if isinstance(qubits, np.ndarray) else qubits
        if not isinstance(numbers, list | tuple) or not all(_is_whole(each) for each in numbers):
            raise QbellError(f"{where}: measured qubits {short(qubits)}; expected their numbers")
        if list(numbers) != sorted(numbers):
            raise QbellError(
                f"{where}: qubits measured in the order {short(numbers)}: which is qubit 0 is not "
                "clear; give the array of measurements, its columns in the order of the settings"
            )
        measured = attribute(data, "measurements")
        if not isinstance(measured, list | np.ndarray) or len(measured) == 0 or asked.distribution:
            shares = attribute(data, *PROBABILITIES)
            if not isinstance(shares, Mapping):
                raise QbellError(f"{where}: no measurements in it; run the task with shots")
            return read_counts(shares, asked, where, "first")
        array = plain_array(measured, f"{where}.measurements")
        if array.dtype.kind == "U" and set(np.unique(array).tolist()) <= {"0", "1"}:
            array = array.astype(np.int8)
        if array.ndim != 2:
            raise QbellError(f"{where}: measurements of shape {array.shape}; give (shots, qubits)")
        bits = bits_of_numbers(array, asked.outcomes or "0/1", f"{where}.measurements")
        if bits.shape[1] != (asked.num_qubits or bits.shape[1]):
            raise QbellError(
                f"{where}: outcomes of {bits.shape[1]} qubits for settings of {asked.num_qubits}; "
                "expected one letter a measured qubit"
            )
        return Outcomes.of_shots((bits if asked.first("first") else bits[:, ::-1])[None])

    def note(self, data: Any, asked: Asked) -> str | None:
        """See `Importer.note`."""
        return None if asked.bit_order else "read as Braket's: the first bit is qubit 0"


def _is_whole(number: Any) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)
