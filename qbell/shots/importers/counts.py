"""Dictionaries of counts, as Qiskit's: outcome -> how often, or that under ``counts``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, Order, attribute, short
from qbell.shots.importers.counted import counted
from qbell.shots.importers.importer import Importer, Outcomes, setting_in
from qbell.shots.importers.outcome_words import bits_of_words


class CountsImporter(Importer):
    """One circuit's counts; the values may be probabilities where a number of shots is said.

    A dictionary with ``counts`` may have ``setting`` beside it, or in ``metadata``.
    """

    kind = "counts"
    says = "dictionaries of counts: outcome to number of shots"
    uses = ("shots",)

    def recognises(self, data: Any) -> bool:
        """A dictionary with numbers, or one with ``counts``."""
        return isinstance(data, Mapping) and (
            isinstance(data.get("counts"), Mapping) or _has_numbers(data)
        )

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        return read_counts(data, asked, where)

    def settings(self, data: Any) -> Sequence[Any] | None:
        """See `Importer.settings`."""
        if not isinstance(data, Mapping) or not isinstance(data.get("counts"), Mapping):
            return None
        said = setting_in(data) or setting_in(data.get("metadata"))
        return None if said is None else [said]


def read_counts(data: Any, asked: Asked, where: str, order: Order = "last") -> Outcomes:
    """The outcomes in a dictionary of counts; ``order`` is that of the tool's words."""
    inner = attribute(data, "counts") if isinstance(data, Mapping) else None
    if isinstance(inner, Mapping):
        data = inner
    if not isinstance(data, Mapping) or not data:
        raise QbellError(
            f"{where}: {short(data)} has no counts; give a dictionary from outcomes to numbers"
        )
    values = counted(data.values(), data.keys(), asked, where)
    bits = bits_of_words(list(data), asked, where, order)
    _refuse_twice(bits, list(data), where)
    return Outcomes.of_one(bits, values)


def _refuse_twice(bits: Any, keys: list[Any], where: str) -> None:
    _, first, inverse = np.unique(bits, axis=0, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[inverse.ravel()] != np.arange(len(bits)))
    if len(again):
        one, other = keys[first[inverse.ravel()[again[0]]]], keys[again[0]]
        raise QbellError(
            f"{where}: {short(one)} and {short(other)} are the same outcome; add their counts up"
        )


def _has_numbers(data: Mapping[Any, Any]) -> bool:
    return not any(
        isinstance(value, Mapping | list | tuple | np.ndarray) or hasattr(value, "__dict__")
        for value in data.values()
    )
