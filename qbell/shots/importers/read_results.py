"""Results of any kind, one or several, and the setting of each circuit in them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.shots.importers.arrays import first_entry, is_entry
from qbell.shots.importers.asked import Asked, Order, short
from qbell.shots.importers.importer import SOME_USE, Importer, Outcomes, join
from qbell.shots.importers.letters import Letters
from qbell.shots.importers.registry import importer_of
from qbell.shots.importers.settings import settings_words

WHERE = "data"


@dataclass(frozen=True)
class Read:
    """Outcomes with the words of their settings.

    Attributes:
        outcomes: of all circuits.
        words: the setting of each circuit, in qbell's letters.
        by_setting: the data were a dictionary from setting to outcomes.
        notes: what was assumed.
    """

    outcomes: Outcomes
    words: list[str]
    by_setting: bool
    notes: list[str]


def read_results(
    data: Any,
    settings: Any,
    asked: Asked,
    kind: str | None,
    letters: Letters | None,
    word_order: Order | None,
    axis: Axis,
) -> Read:
    """All outcomes, and the setting of each circuit."""
    parts, names = [data], [WHERE]
    by_setting = settings is None and isinstance(data, Mapping) and _is_by_setting(data)
    if by_setting:
        settings, parts = list(data), list(data.values())
        names = [f"{WHERE}[{short(word)}]" for word in settings]
    elif _is_sequence(data, kind):
        parts, names = list(data), [f"{WHERE}[{place}]" for place in range(len(data))]
    importers = [importer_of(part, kind, at) for part, at in zip(parts, names, strict=True)]
    for importer, at in zip(importers, names, strict=True):
        _refuse_unused(importer, asked, at)
    if settings is None:
        settings, letters = _own_settings(parts, importers, letters)
    keys = "keys of the data (settings, as none are said)" if by_setting else "settings"
    words = settings_words(settings, letters, word_order, axis, keys)
    size = asked.num_qubits if "/" in words[0] else len(words[0])
    if asked.num_qubits not in (None, size):
        raise QbellError(
            f"num_qubits = {asked.num_qubits}, but settings such as {words[0][:40]} are of {size}"
        )
    said = len(words) if len(parts) == 1 else 1
    bits = None if size is None else size + asked.num_flags
    asked = replace(asked, num_qubits=bits, num_settings=said)
    outcomes = join(
        [
            importer.read(part, asked, at)
            for importer, part, at in zip(importers, parts, names, strict=True)
        ],
        WHERE,
    )
    if outcomes.num_circuits != len(words):
        raise QbellError(
            f"{WHERE}: outcomes of {outcomes.num_circuits} circuits, and {len(words)} settings; "
            "give one setting a circuit, in their order"
        )
    notes = [importer.note(part, asked) for importer, part in zip(importers, parts, strict=True)]
    return Read(outcomes, words, by_setting, list(dict.fromkeys(filter(None, notes))))


def _refuse_unused(importer: Importer, asked: Asked, where: str) -> None:
    """Refuse what means nothing for data of this kind, and would be passed over."""
    given = {
        "outcomes": asked.outcomes is not None,
        "registers": asked.registers is not None,
        "shots": asked.distribution,
    }
    for name in SOME_USE:
        if given[name] and name not in importer.uses:
            raise QbellError(f"{where}: {name} = means nothing for {importer.says}; leave it out")


def _own_settings(
    parts: list[Any], importers: list[Importer], letters: Letters | None
) -> tuple[list[Any], Letters | None]:
    """Settings that the data say themselves."""
    found: list[Any] = []
    for part, importer in zip(parts, importers, strict=True):
        own = importer.settings(part)
        if own is None:
            raise QbellError(
                "no settings: give one for each circuit, settings = ['XX', 'XY', ...], or a "
                "dictionary from setting to outcomes"
            )
        found.extend(own)
        letters = letters or importer.letters
    return found, letters


def _is_by_setting(data: Mapping[Any, Any]) -> bool:
    """A dictionary whose keys are words of letters: settings, and not outcomes or registers."""
    return (
        bool(data)
        and all(
            isinstance(key, str) and bool(key) and not _is_number(value)
            for key, value in data.items()
        )
        and not any(key in data for key in ("counts", "results", "bits", "measurements"))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number)


def _is_sequence(data: Any, kind: str | None) -> bool:
    """A list of results, and not a result that is a list or a tuple."""
    if not isinstance(data, list | tuple) or type(data) not in (list, tuple) or not data:
        return False
    if kind == "pennylane" and isinstance(data, tuple):
        return False
    return not is_entry(first_entry(data))
