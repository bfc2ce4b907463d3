"""The same small data set as other tools would give it, without symmetry: bit order shows."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qbell.errors import QbellError
from qbell.shots.shots import Shots, from_frame

WORDS = ["XXX", "XXY", "XYX", "XYY", "YXX", "YXY", "YYX", "YYY"]
OTHERS = ["011", "011", "101", "111", "001", "011", "101", "011"]
TABLE = pd.DataFrame(
    [
        row
        for place, (word, other) in enumerate(zip(WORDS, OTHERS, strict=True))
        for row in ((word, f"{place:03b}", 3), (word, other, 2))
    ],
    columns=["setting", "bitstring", "count"],
)
"""Every setting of three qubits, five shots each; the mirror image of no qubit's outcomes."""


def reference() -> Shots:
    """The shots that every importer has to give."""
    return from_frame(TABLE, "full")


def same(found: Shots, wanted: Shots) -> bool:
    """Whether the tables are the same, in any order of rows."""
    keys = ["setting", "bitstring", *(name for name in found.frame if name in ("draw", "job"))]
    tables = [shots.frame.sort_values(keys, ignore_index=True) for shots in (found, wanted)]
    return bool(tables[0].equals(tables[1]))


def counts() -> list[dict[str, int]]:
    """Qiskit's counts of each setting."""
    return [
        dict(zip(part["bitstring"], part["count"].tolist(), strict=True))
        for _, part in TABLE.groupby("setting")
    ]


def keyed(key: Callable[[str], Any]) -> list[dict[Any, int]]:
    """Counts by other keys."""
    return [{key(word): count for word, count in each.items()} for each in counts()]


def samples() -> list[np.ndarray[Any, Any]]:
    """(shots, N) of each setting; column k is qubit k."""
    return [
        np.array(
            [
                [int(bit) for bit in reversed(word)]
                for word, count in each.items()
                for _ in range(count)
            ]
        )
        for each in counts()
    ]


def bit_arrays(columns: list[int] | None = None) -> list[Any]:
    """Qiskit's BitArray of each setting, of all qubits or of some."""
    from qiskit.primitives import BitArray

    return [
        BitArray.from_bool_array(
            (each if columns is None else each[:, columns]).astype(bool), order="little"
        )
        for each in samples()
    ]


def pubs(**metadata: Any) -> list[Any]:
    """Results of pubs with one register."""
    from qiskit.primitives import DataBin, SamplerPubResult

    return [
        SamplerPubResult(
            DataBin(meas=each),
            {"circuit_metadata": {name: values[place] for name, values in metadata.items()}},
        )
        for place, each in enumerate(bit_arrays())
    ]


def cirq_result(**measurements: Any) -> Any:
    """What a cirq.Result has."""
    return SimpleNamespace(measurements=measurements, repetitions=1)


def pytket_result(samples_: np.ndarray[Any, Any], registers: list[tuple[str, int]]) -> Any:
    """What a pytket BackendResult has; ``registers`` names each column."""

    class Bit:
        def __init__(self, reg_name: str, index: int) -> None:
            self.reg_name, self.index = reg_name, [index]

    bits = [Bit(*each) for each in registers]

    def get_counts(chosen: list[Any]) -> dict[tuple[int, ...], int]:
        found: dict[tuple[int, ...], int] = {}
        for row in samples_[:, [bits.index(bit) for bit in chosen]].tolist():
            found[tuple(row)] = found.get(tuple(row), 0) + 1
        return found

    return SimpleNamespace(
        c_bits={bit: place for place, bit in enumerate(bits)}, get_counts=get_counts
    )


def pytket_dict(samples_: np.ndarray[Any, Any], *, shots: bool) -> dict[str, Any]:
    """What BackendResult.to_dict gives."""
    size = samples_.shape[1]
    bits = [["c", [place]] for place in range(size)]

    def packed(rows: np.ndarray[Any, Any]) -> dict[str, Any]:
        return {"width": size, "array": np.packbits(rows.astype(np.uint8), axis=-1).tolist()}

    if shots:
        return {"qubits": [], "bits": bits, "shots": packed(samples_)}
    rows, many = np.unique(samples_, axis=0, return_counts=True)
    return {
        "qubits": [],
        "bits": bits,
        "counts": [
            {"outcome": packed(row[None]), "count": int(count)}
            for row, count in zip(rows, many, strict=True)
        ],
    }


def refused(call: Callable[[], object]) -> str:
    """The message of a QbellError, which must be one line."""
    with pytest.raises(QbellError) as error:
        call()
    message = str(error.value)
    assert message.isprintable()
    assert len(message) < 500
    return message
