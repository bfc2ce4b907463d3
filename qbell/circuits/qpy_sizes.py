"""Sizes that a QPY file claims in its heads, looked at before it is loaded.

Qiskit makes as many qubits as the file says before it sees whether the rest is there, and what does
not fit into memory ends the process. The layout is that of Qiskit's `qpy` module, versions 1 to 18.
Circuits inside, as the definitions of gates and the blocks of a control flow, have heads of their
own; they are found in versions up to 17, except behind expressions, annotations and variables.
"""

import struct
from typing import Any

from qbell.circuits.limits import check_size
from qbell.errors import QbellError

NEWEST = 18  # of the versions whose head is known to be laid out like this
LEAST_INSTRUCTION = 16  # bytes: more are in every instruction of every version
LISTED = 16  # from this version on a table says where each circuit begins
NEWEST_WALKED = 17  # of the versions in which circuits inside are found
DEEPEST = 50  # circuits inside each other: Qiskit's reader calls itself for each
OF_EVOLUTION = b"###PauliEvolutionGate_"  # its definition is a list of operators


def check_sizes(content: bytes, *, several: bool = False) -> None:
    """Refuse a QPY file whose head claims too much.

    Args:
        content: of the file.
        several: whether it may hold another number of circuits than one; then of a version that
            says where each begins.

    Raises:
        ValueError: it breaks off.
        QbellError: another number of circuits than one, more than 10,000 qubits or bits, or more
            instructions and registers than a file of this length can hold, in the circuit or in one
            inside it; or circuits nested too deeply.
    """
    try:
        version = content[6]
        if content[:6] != b"QISKIT" or version > NEWEST:
            return  # Qiskit says what is wrong with it
        head = _Reader(content)
        programs = head.take("!6sBBBBQ")[-1]
        if version >= 10:
            head.take("!c")
        if programs != 1 and not (several and version >= LISTED):
            raise QbellError(f"it holds {programs} circuits; export one alone")
        if version >= 5:
            head.take("!c")
        if version < LISTED:
            _check_circuit(head, version)
            return
        listed = head.place
        for _ in range(programs):
            head.place = listed
            (place,) = head.take("!Q")
            listed, head.place = head.place, place
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

    def part(self, count: int) -> bytes:
        start = self.place
        self.skip(count)
        return self.content[start : self.place]


def _check_circuit(head: _Reader, version: int, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise QbellError(f"its definitions are nested more than {DEEPEST} deep; export it flat")
    variables = 0
    if version < 2:
        name, _, qubits, bits, metadata, registers, instructions = head.take("!HdIIQIQ")
        phase = 0
    else:
        name, _, phase, qubits, bits, metadata, registers, instructions = head.take("!HcHIIQIQ")
    if version >= 12:
        variables = head.take("!I")[0]
    check_size(qubits, "qubits")
    check_size(bits, "bits")
    if LEAST_INSTRUCTION * instructions > len(head.content):
        raise QbellError(
            f"it claims {instructions} instructions, more than the file can hold; export it again"
        )
    head.skip(name + phase + metadata)
    if not _check_registers(head, registers, version):
        return
    if variables or version > NEWEST_WALKED or (version >= 15 and head.take("!I")[0]):
        return  # variables or annotations, which have to be read by Qiskit
    _check_definitions(head, version, depth)
    for _ in range(instructions):
        if not _check_instruction(head, version, depth):
            return


def _check_registers(head: _Reader, registers: int, version: int) -> bool:
    """False if what follows cannot be found."""
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
            return False  # the list of bits has to be read by Qiskit
    return True


def _check_definitions(head: _Reader, version: int, depth: int) -> None:
    """Of the gates that the file defines."""
    for _ in range(head.take("!Q")[0]):
        if version < 5:
            name, _, qubits, bits, defined, size = head.take("!HcII?Q")
            base = 0
        else:
            name, _, qubits, bits, defined, size, _, _, base = head.take("!HcII?QIIQ")
        check_size(qubits, "qubits in a definition")
        check_size(bits, "bits in a definition")
        evolution = version >= 3 and head.part(name).startswith(OF_EVOLUTION)
        if version < 3:
            head.skip(name)
        if defined:
            content = head.part(size)
            if not evolution:
                _check_circuit(_Reader(content), version, depth + 1)
        head.skip(base)


def _check_instruction(head: _Reader, version: int, depth: int) -> bool:
    """Of the circuits among its parameters. False if what follows cannot be found."""
    if version < 5:
        name, label, parameters, qubits, bits, _, register, _ = head.take("!HHHII?Hq")
    else:
        layout = "!HHHIIBHqII"
        name, label, parameters, qubits, bits, extras, register, _, _, _ = head.take(layout)
        if extras > 1:  # an expression, or annotations
            return False
    head.skip(name + label + register)
    head.skip(5 * (qubits + bits))
    for _ in range(parameters):
        kind, size = head.take("!cQ")
        content = head.part(size)
        if kind == b"q":
            _check_circuit(_Reader(content), version, depth + 1)
    return True
