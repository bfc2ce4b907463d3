"""Sizes that a QPY file claims in its head, looked at before it is loaded.

Qiskit makes as many qubits as the file says before it sees whether the rest is there, and what does
not fit into memory ends the process. The layout is that of Qiskit's `qpy` module, versions 1 to 18.
"""

import struct
from typing import Any

from qbell.circuits.limits import check_size
from qbell.errors import QbellError

NEWEST = 18  # of the versions whose head is known to be laid out like this
LEAST_INSTRUCTION = 16  # bytes: more are in every instruction of every version


def check_sizes(content: bytes) -> None:
    """Refuse a QPY file whose head claims too much.

    Raises:
        ValueError: it breaks off.
        QbellError: another number of circuits than one, more than 10,000 qubits or bits, or more
            instructions and registers than a file of this length can hold.
    """
    try:
        version = content[6]
        if content[:6] != b"QISKIT" or version > NEWEST:
            return  # Qiskit says what is wrong with it
        head = _Reader(content)
        programs = head.take("!6sBBBBQ")[-1]
        if version >= 10:
            head.take("!c")
        if programs != 1:
            raise QbellError(f"it holds {programs} circuits; export one alone")
        if version >= 5:
            head.take("!c")
        if version >= 16:
            head.place = head.take("!Q")[0]
        _check_circuit(head, version)
    except (struct.error, IndexError) as error:
        raise ValueError("it breaks off or is damaged") from error


class _Reader:
    """Numbers one after the other."""

    def __init__(self, content: bytes) -> None:
        self.content, self.place = content, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self.content, self.place)
        self.place += struct.calcsize(layout)
        return found

    def skip(self, count: int) -> None:
        self.place += count
        if self.place > len(self.content):
            raise struct.error("it ends before")


def _check_circuit(head: _Reader, version: int) -> None:
    if version < 2:
        name, _, qubits, bits, metadata, registers, instructions = head.take("!HdIIQIQ")
        phase = 0
    else:
        name, _, phase, qubits, bits, metadata, registers, instructions = head.take("!HcHIIQIQ")
    if version >= 12:
        head.take("!I")
    check_size(qubits, "qubits")
    check_size(bits, "bits")
    if LEAST_INSTRUCTION * instructions > len(head.content):
        raise QbellError(
            f"it claims {instructions} instructions, more than the file can hold; export it again"
        )
    head.skip(name + phase + metadata)
    for _ in range(registers):
        kind, _, size, name = head.take("!c?IH")
        check_size(size, "qubits" if kind == b"q" else "bits")
        if version < 4:
            head.skip(name + 4 * size)
            continue
        head.take("!?")
        if version < 18:
            head.skip(name + 8 * size)
        elif head.take("!?")[0]:  # bits in a row, named by the first
            head.skip(name + 4)
        else:
            return  # the list of bits has to be read by Qiskit
