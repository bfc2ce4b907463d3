"""Results of Qiskit's primitives: BitArray, DataBin, SamplerPubResult and PrimitiveResult.

They are known by the names that they have in Qiskit, so that nothing of it is imported here, and
what was read from a file of `qiskit_ibm_runtime.RuntimeEncoder` is read alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, attribute, listed, short
from qbell.shots.importers.importer import Importer, Outcomes, join, setting_in

BIT_ARRAY, DATA_BIN = "BitArray", "DataBin"
PUB_RESULTS = ("SamplerPubResult", "PubResult")
PRIMITIVE_RESULT = "PrimitiveResult"
CIRCUIT_METADATA = "circuit_metadata"


@dataclass(frozen=True)
class Packed:
    """A BitArray as read from a file.

    Attributes:
        array: (..., shots, bytes), the most significant byte first.
        num_bits: of the register.
    """

    array: NDArray[np.uint8]
    num_bits: int


class PrimitivesImporter(Importer):
    """One setting for each circuit: each pub, and each of its sets of parameters, in their order.

    The setting may be in the circuit's metadata, which Qiskit hands on: ``setting``, a word, or a
    list of words where a pub has several sets of parameters.
    """

    kind = "primitives"
    says = "BitArray, DataBin, SamplerPubResult or PrimitiveResult of Qiskit's SamplerV2"
    uses = ("registers",)

    def recognises(self, data: Any) -> bool:
        """By the class."""
        return is_a(data, BIT_ARRAY, DATA_BIN, *PUB_RESULTS, PRIMITIVE_RESULT)

    def read(self, data: Any, asked: Asked, where: str) -> Outcomes:
        """See `Importer.read`."""
        parts = [_read_pub(part, asked, at) for part, at in _pubs(data, where)]
        if not parts:
            raise QbellError(f"{where}: no circuits in it; give measured ones")
        return join([Outcomes.of_shots(part) for part in parts], where)

    def settings(self, data: Any) -> Sequence[Any] | None:
        """See `Importer.settings`."""
        found: list[Any] = []
        for part, _ in _pubs(data, ""):
            said = setting_in(attribute(attribute(part, "metadata") or {}, CIRCUIT_METADATA))
            if said is None:
                said = setting_in(attribute(part, "metadata"))
            if said is None:
                return None
            found.extend(said if isinstance(said, list | tuple) else [said])
        return found


def is_a(data: Any, *names: str) -> bool:
    """True if a class of the object, or one above it, has one of these names."""
    return any(base.__name__ in names for base in type(data).__mro__) or (
        BIT_ARRAY in names and isinstance(data, Packed)
    )


def unpack(packed: NDArray[np.uint8], num_bits: int) -> NDArray[np.uint8]:
    """(..., num_bits) bits of a BitArray's array (..., bytes); entry i is bit i.

    >>> unpack(np.array([[1, 2]], dtype=np.uint8), 10).tolist()
    [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0]]
    """
    bits = np.unpackbits(packed[..., ::-1], axis=-1, bitorder="little")
    return np.ascontiguousarray(bits[..., :num_bits])


def _pubs(data: Any, where: str) -> Iterator[tuple[Any, str]]:
    """The results of single pubs, and their names in messages."""
    if not is_a(data, PRIMITIVE_RESULT):
        yield data, where
        return
    for place, part in enumerate(data):
        yield part, f"{where}[{place}]"


def _read_pub(data: Any, asked: Asked, where: str) -> NDArray[np.uint8]:
    """(circuits, shots, N) bits; column k is qubit k."""
    if is_a(data, *PUB_RESULTS):
        data = data.data
    if is_a(data, BIT_ARRAY):
        if asked.registers is not None:
            raise QbellError(f"{where}: a BitArray is one register; leave registers out")
        bits = _bits(data, where)
    elif is_a(data, DATA_BIN):
        bits = _joined(data, asked, where)
    else:
        raise QbellError(f"{where}: expected the result of a SamplerV2, got {short(data)}")
    size = bits.shape[-1]
    if asked.num_qubits is not None and size != asked.num_qubits:
        raise QbellError(
            f"{where}: outcomes of {size} bits for settings of {asked.num_qubits} qubits; name the "
            "registers of the qubits, registers ="
        )
    if asked.first("last"):
        bits = bits[..., ::-1]
    return bits.reshape(-1, *bits.shape[-2:])


def _joined(data: Any, asked: Asked, where: str) -> NDArray[np.uint8]:
    """(..., shots, N) of the registers that were named, or of the only one."""
    fields = {str(name): value for name, value in data.items() if is_a(value, BIT_ARRAY)}
    names = asked.registers
    if names is None:
        if len(fields) != 1:
            raise QbellError(
                f"{where}: "
                + (
                    f"registers {listed(sorted(fields))}: name those to join, that of "
                    "qubit 0 first, registers ="
                    if fields
                    else "no register with outcomes, as a BitArray; give a SamplerV2's result"
                )
            )
        names = tuple(fields)
    missing = [name for name in names if name not in fields]
    if missing:
        raise QbellError(f"{where}: no register {missing[0]!r}; there is {listed(sorted(fields))}")
    parts = [_bits(fields[name], f"{where}.{name}") for name in names]
    if len({part.shape[:-1] for part in parts}) != 1:
        raise QbellError(f"{where}: registers with different numbers of shots; name those of one")
    return np.concatenate(parts, axis=-1)


def _bits(data: Any, where: str) -> NDArray[np.uint8]:
    """(..., shots, bits) of one BitArray; entry i is bit i."""
    array, size = data.array, data.num_bits
    if array.ndim < 2 or size < 1 or array.shape[-1] != -(-size // 8) or array.size == 0:
        raise QbellError(
            f"{where}: no outcomes in it ({size} bits, array of shape {array.shape}); give "
            "measured ones"
        )
    unused = -size % 8
    if unused and (array[..., 0] >> (8 - unused)).any():
        raise QbellError(f"{where}: an outcome has more than the {size} bits of its register")
    return unpack(array, size)
