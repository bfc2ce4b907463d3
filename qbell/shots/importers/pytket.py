"""Results of pytket: `BackendResult`, its dictionary (`to_dict`), and its counts by tuples."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, listed
from qbell.shots.importers.counted import counted
from qbell.shots.importers.counts import read_counts
from qbell.shots.importers.importer import Importer, Outcomes


class PytketImporter(Importer):
    """Bits by their register and index in it, the first bit is qubit 0 (pytket's order ILO)."""

    kind = "pytket"
    says = "pytket's BackendResult, its to_dict(), or its counts by tuples"
    uses = ("registers", "shots")

    def recognises(self, data: Any) -> bool:
        """A BackendResult or its dictionary."""
        if isinstance(data, Mapping):
            return "bits" in data and ("counts" in data or "shots" in data)
        return callable(getattr(data, "get_counts", None)) and hasattr(data, "c_bits")

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        if not self.recognises(data):
            return read_counts(data, asked, where, "first")
        if isinstance(data, Mapping):
            return _of_dictionary(data, asked, where)
        places = _places([(bit.reg_name, list(bit.index)) for bit in data.c_bits], asked, where)
        bits = list(data.c_bits)
        try:
            counts = data.get_counts([bits[place] for place in places])
        except Exception as error:  # of pytket, where there are no shots
            said = (str(error).splitlines() or [""])[0][:80]
            raise QbellError(
                f"{where}: it gives no counts ({type(error).__name__}: {said}); run it with shots"
            ) from error
        return read_counts(counts, asked, where)


def _of_dictionary(data: Mapping[str, Any], asked: Asked, where: str) -> Outcomes:
    """Counts, or shots, that are packed eight bits to a byte, the first bit highest."""
    try:
        named = [(str(name), [int(each) for each in index]) for name, index in data["bits"]]
        if "counts" in data:
            packed = [each["outcome"] for each in data["counts"]]
            values = [each["count"] for each in data["counts"]]
            rows = np.concatenate([_unpacked(each, len(named)) for each in packed])
        else:
            rows = _unpacked(data["shots"], len(named))
            values = [1] * len(rows)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise QbellError(
            f"{where}: not the dictionary of a BackendResult with counts or shots; give its "
            "to_dict(), or get_counts()"
        ) from error
    rows = rows[:, _places(named, asked, where)]
    if asked.num_qubits is not None and rows.shape[1] != asked.num_qubits:
        raise QbellError(
            f"{where}: outcomes of {rows.shape[1]} bits for settings of {asked.num_qubits} qubits; "
            "name the registers of the qubits, registers ="
        )
    if not asked.first("first"):
        rows = rows[:, ::-1]
    if len(values) != len(rows):
        raise QbellError(f"{where}: {len(values)} counts of {len(rows)} outcomes; give one of each")
    keys = ["".join(map(str, row)) for row in rows.tolist()]
    return Outcomes.of_one(np.ascontiguousarray(rows), counted(values, keys, asked, where))


def _unpacked(packed: Mapping[str, Any], size: int) -> NDArray[np.uint8]:
    """(rows, size) of an OutcomeArray's dictionary."""
    array = np.asarray(packed["array"])
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 255:
        raise ValueError("not bytes")
    if array.ndim != 2 or packed["width"] != size or array.shape[1] != -(-size // 8):
        raise ValueError("another width")
    return np.unpackbits(array.astype(np.uint8), axis=1)[:, :size]


def _places(named: list[tuple[str, list[int]]], asked: Asked, where: str) -> list[int]:
    """Where the bits stand, in the order of qubits: by register as named, then by index."""
    names = sorted({name for name, _ in named})
    there = listed(names)
    if asked.registers is None and len(names) > 1:
        raise QbellError(
            f"{where}: registers {there}: name those to join, that of qubit 0 first, registers ="
        )
    chosen = asked.registers or tuple(names)
    missing = [name for name in chosen if name not in names]
    if missing:
        raise QbellError(f"{where}: no register {missing[0]!r}; there is {there}")
    places = []
    for name in chosen:
        own = [place for place, (register, _) in enumerate(named) if register == name]
        places.extend(sorted(own, key=lambda place: named[place][1]))
    return places
