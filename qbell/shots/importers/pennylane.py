"""Results of PennyLane: classical shadows, samples and counts; wire 0 is the first."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.arrays import ArraysImporter, plain_array
from qbell.shots.importers.asked import Asked, short
from qbell.shots.importers.counts import read_counts
from qbell.shots.importers.importer import Importer, Outcomes
from qbell.shots.importers.outcome_codes import bits_of_numbers


class PennylaneImporter(Importer):
    """A classical shadow: ``bits`` and ``recipes`` (shots, wires), which are the settings, 0, 1, 2
    for the Paulis X, Y, Z; or samples (shots, wires); or counts, whose words begin with wire 0."""

    kind = "pennylane"
    says = "PennyLane's classical shadow (bits and recipes), samples or counts"
    letters = "pennylane"
    uses = ("outcomes", "shots")

    def recognises(self, data: Any) -> bool:
        """An object with bits and recipes."""
        return hasattr(data, "bits") and hasattr(data, "recipes")

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        if isinstance(data, Mapping):
            return read_counts(data, asked, where, "first")
        pair = _shadow(data, where)
        if pair is None:
            return ArraysImporter().read(data, asked, where)
        bits = bits_of_numbers(pair[0], asked.outcomes or "0/1", f"{where} bits")
        return Outcomes.of_shots((bits if asked.first("first") else bits[:, ::-1])[:, None])

    def settings(self, data: Any) -> Sequence[Any] | None:
        """See `Importer.settings`."""
        pair = None if isinstance(data, Mapping) else _shadow(data, "data")
        return None if pair is None else list(pair[1])

    def note(self, data: Any, asked: Asked) -> str | None:
        """See `Importer.note`."""
        if asked.bit_order or not isinstance(data, Mapping):
            return None
        return "read as PennyLane's: the first bit is qubit 0"


def _shadow(data: Any, where: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Bits and recipes (shots, wires); None for samples."""
    if hasattr(data, "bits") and hasattr(data, "recipes"):
        pair = (data.bits, data.recipes)
    elif isinstance(data, tuple) and len(data) == 2 and _dimensions(data[0]) == 2:
        pair = data
    elif _dimensions(data) == 3 and len(data) == 2:
        pair = (data[0], data[1])
    elif _dimensions(data) == 2:
        return None
    else:
        raise QbellError(f"{where}: expected bits and recipes of PennyLane, got {short(data)}")
    bits, recipes = (plain_array(part, where) for part in pair)
    if bits.shape != recipes.shape or bits.ndim != 2:
        raise QbellError(
            f"{where}: bits of shape {bits.shape} and recipes of shape {recipes.shape}; both must "
            "be (shots, wires)"
        )
    return bits, recipes


def _dimensions(data: Any) -> int:
    """How many; 0 for what is no array."""
    try:
        return np.ndim(data)
    except (ValueError, TypeError):
        return 0
