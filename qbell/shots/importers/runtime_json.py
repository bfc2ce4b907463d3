"""Results in JSON, as `qiskit_ibm_runtime.RuntimeEncoder` writes them, read without its decoder.

That decoder imports and builds whatever class a file names. Here only arrays of bits are read, and
everything else stays plain data.
"""

import base64
import binascii
import io
import json
import math
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from qbell.errors import QbellError
from qbell.shots.importers.primitives import (
    BIT_ARRAY,
    DATA_BIN,
    PRIMITIVE_RESULT,
    PUB_RESULTS,
    Packed,
)

LARGEST = 2**31  # bytes of an array
HEADS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
DAMAGE = (ValueError, TypeError, KeyError, AttributeError, EOFError, MemoryError, zlib.error)


class DataBin(dict[str, Any]):
    """Registers by name."""


class SamplerPubResult:
    """The result of one pub."""

    def __init__(self, data: Any, metadata: Any) -> None:
        self.data, self.metadata = data, metadata


class PrimitiveResult(list[Any]):
    """The results of all pubs."""


def results_in(content: bytes, path: Path) -> Any:
    """What a JSON file holds, results of primitives as such.

    Raises:
        QbellError: it is no JSON, an object has a key twice, or an array in it is damaged.
    """

    def unique(pairs: list[tuple[str, Any]]) -> Any:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            again = next(name for name in names if names.count(name) > 1)
            raise QbellError(f"{path}: {again[:40]!r} stands twice in one object; add counts up")
        try:
            return _decoded(found)
        except DAMAGE as error:
            if isinstance(error, QbellError):
                raise
            raise QbellError(
                f"{path}: a {str(found.get('__type__'))[:40]} in it is damaged; fetch the result "
                "again"
            ) from error

    def no_number(name: str) -> Any:
        raise QbellError(f"{path}: {name} is no number in JSON; give measured counts")

    try:
        return json.loads(content, object_pairs_hook=unique, parse_constant=no_number)
    except QbellError:
        raise
    except (ValueError, RecursionError) as error:
        reason = (str(error).splitlines() or ["nested too deeply"])[0][:100]
        raise QbellError(f"{path} is not readable JSON ({reason}); restore the file") from error


def _decoded(found: dict[str, Any]) -> Any:
    """An object of a kind that is read; any other as it is."""
    kind: Any = found.get("__type__")
    if not isinstance(kind, str) or kind not in KINDS:
        return found
    return KINDS[kind](found["__value__"])


def _bit_array(value: Any) -> Packed:
    array, size = value["array"], value["num_bits"]
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or type(size) is not int:
        raise ValueError("no BitArray")
    return Packed(array, size)


def _array(value: Any) -> Any:
    """An array that was saved by NumPy, compressed and written in base 64."""
    if isinstance(value, list):
        return value
    try:
        packed = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("no base 64") from error
    unpacker = zlib.decompressobj()
    content = unpacker.decompress(packed, LARGEST)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("cut off, or too large")
    file = io.BytesIO(content)
    read_head = HEADS[np.lib.format.read_magic(file)]
    shape, _, kind = read_head(file)
    if math.prod(shape) * kind.itemsize != len(content) - file.tell():  # before NumPy makes room
        raise ValueError("another size than its head says")
    file.seek(0)
    return np.load(file, allow_pickle=False)


def _pub(value: Any) -> SamplerPubResult:
    return SamplerPubResult(value["data"], value.get("metadata"))


KINDS: dict[str, Callable[[Any], Any]] = {
    "ndarray": _array,
    "Result": dict,
    BIT_ARRAY: _bit_array,
    DATA_BIN: lambda value: DataBin(value["fields"]),
    PRIMITIVE_RESULT: lambda value: PrimitiveResult(value["pub_results"]),
    **dict.fromkeys(PUB_RESULTS, _pub),
}
"""Name of a kind -> how it is read."""
