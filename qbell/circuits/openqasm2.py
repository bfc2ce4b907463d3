"""OpenQASM 2 to Qiskit, also where a file keeps to the letter of it less than Qiskit's parser.

Read besides: no version line, no include, comments in blocks, ``**``, ``π``, capital letters in
names, and gates of other tools, see `qbell.circuits.dialects`. A file's own definition of a gate
goes before any other. Every character stays in its line, so that messages name the right one.
"""

import re
from typing import TYPE_CHECKING, Any

from qbell.circuits.dialects import INCLUDES, UNCLEAR, known_gates
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

CAPITAL = "capital_"  # before such names: Qiskit's parser takes small letters only

_VERSION = re.compile(r"\s*OPENQASM\b")
_INCLUDE = re.compile(r"""\binclude\s*(["'])(.*?)\1\s*;""")
_DEFINED = re.compile(r"\bgate\s+(\w+)")
_OPAQUE = re.compile(r"\bopaque\s+(\w+)")
_CALLED = re.compile(r"(?:^|[;{}])\s*(\w+)\s*(?=[\s(])")
_REGISTER = re.compile(r"\b[qc]reg\s+(\w+)")
_ENDLESS = re.compile(r"(?<![\w.])\d{20,}(?![\w.])")  # Qiskit's parser panics: no exception
_NAME = re.compile(r"(?<![\w.])(?!OPENQASM\b|U\b|CX\b)[A-Z]\w*")


def circuit_of(code: str) -> "QuantumCircuit":
    """The Qiskit circuit of a program.

    Args:
        code: its text, with blanks in the place of comments.

    Raises:
        QbellError: another file included, or a gate that may mean two things.
    """
    from qiskit import qasm2

    for found in _INCLUDE.finditer(code):
        if found[2] not in INCLUDES:
            raise QbellError(
                f'line {line_of(code, found.start())}: include "{found[2]}" is no file of '
                "standard gates; put its text in the place of the line"
            )
    code = _INCLUDE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), code)
    for found in _ENDLESS.finditer(code):
        raise QbellError(
            f"line {line_of(code, found.start())}: a whole number of {len(found[0])} digits; no "
            "register is so large"
        )
    own = {*_DEFINED.findall(code), *_REGISTER.findall(code)}
    opaque = set(_OPAQUE.findall(code))
    for found in _CALLED.finditer(code):
        name = found[1]
        if name in opaque - own and name not in _standard():
            raise QbellError(
                f"line {line_of(code, found.start(1))}: gate {name} is opaque, nobody can tell "
                "what it does; define it with gate"
            )
        if name in UNCLEAR and name not in own:
            raise QbellError(
                f"line {line_of(code, found.start(1))}: gate {name} {UNCLEAR[name]}; define it in "
                "the file"
            )
    if _VERSION.match(code) is None:
        code = f"OPENQASM 2.0; {code}"
    code = code.replace("**", "^").replace("π", "pi").replace("τ", "(2*pi)")
    code = _NAME.sub(lambda found: CAPITAL + found[0], code)
    instructions = [
        each if name in opaque else _built_in(each)
        for name, each in _standard().items()
        if name not in own
    ]
    called = set(_CALLED.findall(code))
    for name, known in known_gates().items():
        small = CAPITAL + name if name[0].isupper() else name
        if small in called and not {name} & {*own, *opaque, *_standard()}:
            instructions.append(
                qasm2.CustomInstruction(small, known.angles, known.qubits, known.make, builtin=True)
            )
    # No folder to include from: whatever is left, Qiskit opens no file.
    return qasm2.loads(code, custom_instructions=instructions, include_path=())


def line_of(code: str, position: int) -> int:
    """The line, counted from 1, of a position in a text."""
    return code.count("\n", 0, position) + 1


def _standard() -> dict[str, Any]:
    """The gates of qelib1.inc, and those that many programs take for a part of it."""
    from qiskit import qasm2

    return {each.name: each for each in qasm2.LEGACY_CUSTOM_INSTRUCTIONS}


def _built_in(each: Any) -> Any:
    """Known without qelib1.inc, which may be left out, and so may be defined in the file."""
    from qiskit import qasm2

    return qasm2.CustomInstruction(
        each.name, each.num_params, each.num_qubits, each.constructor, builtin=True
    )
