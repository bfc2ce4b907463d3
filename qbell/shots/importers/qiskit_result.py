"""The `Result` of a Qiskit backend's run, and its dictionary."""

from collections.abc import Mapping, Sequence
from typing import Any

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, attribute, short
from qbell.shots.importers.counts import read_counts
from qbell.shots.importers.importer import Importer, Outcomes, join, setting_in


class QiskitResultImporter(Importer):
    """Its experiments are the circuits; the setting may be in a circuit's metadata, ``setting``."""

    kind = "qiskit-result"
    says = "Qiskit's Result of backend.run(...), with counts"
    uses = ("shots",)

    def recognises(self, data: Any) -> bool:
        """Something with ``results`` that have ``data``."""
        results = attribute(data, "results")
        return (
            isinstance(results, list | tuple)
            and bool(results)
            and attribute(results[0], "data") is not None
        )

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        parts = []
        for place, each in enumerate(_experiments(data, where)):
            at = f"{where}.results[{place}]"
            if attribute(each, "success") is False:
                raise QbellError(f"{at}: the circuit failed; give results of circuits that ran")
            counts = attribute(attribute(each, "data"), "counts")
            if not isinstance(counts, Mapping):
                raise QbellError(f"{at}: no counts in it; run it with shots, and without memory=")
            size = attribute(attribute(each, "header"), "memory_slots")
            if size is not None and asked.num_qubits is not None and size != asked.num_qubits:
                raise QbellError(
                    f"{at}: outcomes of {short(size)} bits for settings of {asked.num_qubits} "
                    "qubits; measure the qubits alone, or give get_counts() without other bits"
                )
            parts.append(read_counts(counts, asked, at))
        return join(parts, where)

    def settings(self, data: Any) -> Sequence[Any] | None:
        """See `Importer.settings`."""
        said = [
            setting_in(attribute(attribute(each, "header"), "metadata"))
            for each in _experiments(data, "")
        ]
        return None if any(each is None for each in said) else said


def _experiments(data: Any, where: str) -> Sequence[Any]:
    results = attribute(data, "results")
    if not isinstance(results, list | tuple) or not results:
        raise QbellError(f"{where}: expected a Result of Qiskit, got {short(data)}")
    return results
