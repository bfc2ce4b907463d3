"""Plain arrays and lists: the outcome of each shot."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, short
from qbell.shots.importers.importer import Importer, Outcomes
from qbell.shots.importers.outcome_codes import bits_of_numbers
from qbell.shots.importers.outcome_words import bits_of_words


class ArraysImporter(Importer):
    """Numbers (shots, N) or (circuits, shots, N), or words (shots,) or (circuits, shots).

    Where as many settings are said as there are shots (shots, N), each shot has its own setting.
    """

    kind = "arrays"
    says = "arrays or lists of outcomes: (shots, N) numbers, (circuits, shots, N), or bit strings"
    uses = ("outcomes",)

    def recognises(self, data: Any) -> bool:
        """An array, or lists of numbers or words."""
        return isinstance(data, np.ndarray) or _is_nested(data)

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        array = plain_array(data, where)
        if array.dtype.kind in "US":
            return _of_words(array, asked, where)
        if array.ndim not in (2, 3):
            raise QbellError(
                f"{where}: outcomes of shape {array.shape}; give (shots, qubits), or (circuits, "
                "shots, qubits)"
            )
        bits = bits_of_numbers(array, asked.outcomes, where)
        if asked.num_qubits is not None and bits.shape[-1] != asked.num_qubits:
            raise QbellError(
                f"{where}: outcomes of {bits.shape[-1]} qubits for settings of {asked.num_qubits}; "
                "expected one column a qubit"
            )
        if not asked.first("first"):
            bits = bits[..., ::-1]
        return Outcomes.of_shots(_in_circuits(bits, 3, asked))


def plain_array(data: Any, where: str) -> NDArray[Any]:
    """An array of numbers or words, from lists too.

    Raises:
        QbellError: rows of different lengths, or other things than numbers and words.
    """
    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        raise QbellError(
            f"{where}: masked outcomes; leaving shots out is post-selection: give them all"
        )
    try:
        array = np.asarray(data)
    except (ValueError, TypeError, OverflowError) as error:
        raise QbellError(f"{where}: rows of different lengths; give one entry a qubit") from error
    if array.dtype.kind in "OT":  # mixed, missing, or words of pandas and of NumPy's own kind
        flat = array.ravel().tolist()
        if flat and all(isinstance(each, str) for each in flat):
            return array.astype(str)
        if flat and all(isinstance(each, int | np.integer) for each in flat):
            wrong = next((each for each in flat if abs(int(each)) > 2), None)
            if wrong is None:
                return array.astype(np.int8)
            raise QbellError(f"{where}: {short(wrong)} is not 0 or 1; give one entry a qubit")
        odd = next((each for each in flat if not isinstance(each, int | float | str)), data)
        raise QbellError(f"{where}: {short(odd)} is no outcome; give numbers, or words of 0 and 1")
    if array.dtype.kind == "U" and not _all_words(data):
        raise QbellError(f"{where}: numbers beside words; give outcomes of one kind")
    return array.astype(str) if array.dtype.kind == "S" else array


def _of_words(array: NDArray[Any], asked: Asked, where: str) -> Outcomes:
    """Words (shots,) or (circuits, shots)."""
    if array.ndim not in (1, 2):
        raise QbellError(
            f"{where}: words of shape {array.shape}; give (shots,), or (circuits, shots)"
        )
    bits = bits_of_words(array.ravel().tolist(), asked, where, listed=array.ndim == 1)
    return Outcomes.of_shots(_in_circuits(bits.reshape(*array.shape, -1), 3, asked))


def _in_circuits(bits: NDArray[np.uint8], dimensions: int, asked: Asked) -> NDArray[np.uint8]:
    """(circuits, shots, N); without the first axis, one circuit, or one for each shot."""
    if bits.ndim == dimensions:
        return bits
    own = asked.num_settings == len(bits) and len(bits) > 1
    return bits[:, None] if own else bits[None]


def _is_nested(data: Any) -> bool:
    """Lists of numbers or words, or of such lists; arrays in a list are a circuit each."""
    return isinstance(data, list | tuple) and bool(data) and is_entry(first_entry(data))


def first_entry(data: Any) -> Any:
    """The first thing in lists of lists that is no list."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return data


def is_entry(leaf: Any) -> bool:
    """True for what stands in one place of an array, right or wrong."""
    return leaf is None or isinstance(leaf, str | int | float | complex | np.generic)


def _all_words(data: Any) -> bool:
    """True if all entries were words: NumPy turns numbers beside words into words."""
    if isinstance(data, np.ndarray | str):
        return True
    return all(isinstance(each, str) or (_is_list(each) and _all_words(each)) for each in data)


def _is_list(data: Any) -> bool:
    return isinstance(data, list | tuple | np.ndarray)
