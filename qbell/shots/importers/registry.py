"""The importers, and which one reads what."""

from typing import Any

from qbell.errors import QbellError
from qbell.shots.importers.arrays import ArraysImporter
from qbell.shots.importers.asked import short
from qbell.shots.importers.braket import BraketImporter
from qbell.shots.importers.cirq import CirqImporter
from qbell.shots.importers.counts import CountsImporter
from qbell.shots.importers.importer import Importer
from qbell.shots.importers.pennylane import PennylaneImporter
from qbell.shots.importers.primitives import PrimitivesImporter
from qbell.shots.importers.pytket import PytketImporter
from qbell.shots.importers.qiskit_result import QiskitResultImporter

IMPORTERS: dict[str, Importer] = {
    importer.kind: importer
    for importer in (
        PrimitivesImporter(),
        QiskitResultImporter(),
        BraketImporter(),
        PytketImporter(),
        CirqImporter(),
        PennylaneImporter(),
        CountsImporter(),
        ArraysImporter(),
    )
}


def checked_kind(kind: object) -> str | None:
    """A key of `IMPORTERS`, or None.

    Raises:
        QbellError: another name.
    """
    if kind is None or (isinstance(kind, str) and kind in IMPORTERS):
        return kind
    raise QbellError(f"kind = {short(kind)} is unknown; give {', '.join(IMPORTERS)}")


def importer_of(data: Any, kind: str | None, where: str) -> Importer:
    """The importer of a kind; without one, the only one that recognises the data.

    Raises:
        QbellError: none does, or more than one.
    """
    if kind is not None:
        return IMPORTERS[kind]
    fitting = [importer for importer in IMPORTERS.values() if importer.recognises(data)]
    if len(fitting) == 1:
        return fitting[0]
    found = f"a {type(data).__name__}, {short(data)}"
    if fitting:
        raise QbellError(
            f"{where}: {found} may be of several kinds; say kind = "
            f"{' or '.join(repr(importer.kind) for importer in fitting)}"
        )
    raise QbellError(
        f"{where}: no importer for {found}; give counts, arrays, a table, or a result of "
        f"{', '.join(list(IMPORTERS)[:-2])}, or name its kind ="
    )
