"""What a circuit from a file may hold: registers that fit, and numbers that are angles."""

import math
import numbers
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from qbell.errors import QbellError
from qbell.util.checks import MAX_STATE_QUBITS

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_ANGLE = 1e6  # beyond, a double holds the angle to less than ten digits
MAX_DEFINED = 200_000  # gates in definitions: a short file can stand for billions of them

MAX_STATEMENTS = 50_000  # of OpenQASM 3: its parser takes 0.3 ms for each

_REGISTER = re.compile(r"\b([qc])reg\s+\w+\s*\[\s*(\d+)\s*\]")
_TIMES = ("delay",)  # their number is a time, in any unit
# Gates of Qiskit's own: their definitions follow from their parameters.
_PLAIN = (
    "qiskit.circuit.library.standard_gates.",
    "qiskit.circuit.library.generalized_gates.unitary",
)


def check_registers(code: str) -> None:
    """Refuse registers of OpenQASM 2 that are too large, before they are made.

    Args:
        code: without comments.

    Raises:
        QbellError: more than 10,000 qubits or bits.
    """
    declared = _REGISTER.findall(code)
    for kind, word in (("q", "qubits"), ("c", "bits")):
        check_size(sum(int(size) for found, size in declared if found == kind), word)


def check_length(code: str) -> None:
    """Refuse OpenQASM 3 whose reading would take minutes.

    Args:
        code: without comments.

    Raises:
        QbellError: more than 50,000 statements.
    """
    found = code.count(";")
    if found > MAX_STATEMENTS:
        raise QbellError(
            f"it has {found} statements of OpenQASM 3, which are read slowly, and up to "
            f"{MAX_STATEMENTS} are; write it as OpenQASM 2 or QPY, or repeated parts as loops"
        )


def check_declarations(program: Any) -> None:
    """Refuse registers of OpenQASM 3 that are too large, before they are made.

    Args:
        program: as ``openqasm3.parse`` gives it. Physical qubits count: $7 makes eight.

    Raises:
        QbellError: more than 10,000 qubits or bits, a size that is no number, or a definition of
            more than 200,000 gates.
    """
    from openqasm3 import ast

    qubits = bits = physical = 0
    gates: dict[str, int] = {}
    for node in nodes(program):
        if isinstance(node, ast.QubitDeclaration):
            qubits += _size(node.size)
        elif isinstance(node, ast.BitType):
            bits += _size(node.size)
        elif isinstance(node, ast.Identifier) and re.fullmatch(r"\$\d+", node.name):
            physical = max(physical, int(node.name[1:]) + 1)
    for statement in program.statements:
        if isinstance(statement, ast.QuantumGateDefinition):
            called = [node for node in nodes(statement.body) if isinstance(node, ast.QuantumGate)]
            size = sum(1 + gates.get(node.name.name, 0) for node in called)
            gates[statement.name.name] = size
            _check_defined(size)
    check_size(max(qubits, physical), "qubits")
    check_size(bits, "bits")


def check_numbers(circuit: "QuantumCircuit") -> None:
    """Refuse numbers that no gate can take: all must be finite, and angles up to 10^6.

    Parameters of every gate are looked at, also in definitions and in blocks; free ones are passed
    over.

    Raises:
        QbellError: such a number, or more than 200,000 gates in definitions.

    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.rx(float("inf"), 0)
    >>> check_numbers(circuit)
    Traceback (most recent call last):
    qbell.errors.QbellError: an angle of rx is inf; give numbers between -1e+06 and 1e+06
    """
    sizes: dict[Any, tuple[int, Any]] = {}
    _check_number("the global phase", circuit.global_phase)
    defined = 0
    for item in circuit.data:
        defined += _defined(item.operation, sizes)
        _check_defined(defined)


def _defined(operation: Any, sizes: dict[Any, tuple[int, Any]]) -> int:
    """How many gates an operation stands for, after a look at the numbers in all of them.

    Operations that are alike are looked at once: ``sizes`` holds what they stand for. A gate that
    OpenQASM 2 defines makes its definition anew for every use, and files use one 100,000 times.
    """
    program = getattr(operation, "_gates", None)  # all that the file defines
    key = None if program is None else (operation.name, id(program), tuple(operation.params))
    if key in sizes:
        return sizes[key][0]
    total = 0
    for block in _inside(operation):
        if id(block) not in sizes:
            _check_number("the global phase", block.global_phase)
            found = len(block.data)
            for item in block.data:
                found += _defined(item.operation, sizes)
                _check_defined(found)
            sizes[id(block)] = found, block  # kept, so that its id is no other's
        total += sizes[id(block)][0]
    if key is not None:
        sizes[key] = total, program
    return total


def _inside(operation: Any) -> list["QuantumCircuit"]:
    """The circuits that an operation stands for, after a look at its own numbers."""
    while hasattr(operation, "base_op"):  # with modifiers
        for modifier in operation.modifiers:
            _check_number(f"a power of {operation.base_op.name}", getattr(modifier, "power", 0))
        operation = operation.base_op
    name = operation.name
    for value in getattr(operation, "params", ()):
        _check_number(
            f"{'a time' if name in _TIMES else 'an angle'} of {name}",
            value,
            most=math.inf if name in _TIMES else MAX_ANGLE,
        )
    blocks = getattr(operation, "blocks", ())
    if blocks:
        return list(blocks)
    kind = getattr(operation, "base_class", type(operation))
    if (kind.__module__ or "").startswith(_PLAIN):
        return []
    base = getattr(operation, "base_gate", None)
    if base is not None:
        return _inside(base)
    definition = getattr(operation, "definition", None)
    return [] if definition is None else [definition]


def _check_number(what: str, value: Any, most: float = MAX_ANGLE) -> None:
    """Only what is a number, or an array of numbers, is looked at."""
    if callable(getattr(value, "numeric", None)) and not value.parameters:
        value = value.numeric()
    if isinstance(value, np.ndarray | list | tuple):
        array = np.asarray(value)
        if array.dtype.kind in "fc" and not np.isfinite(array).all():
            raise QbellError(f"the matrix or list of {what} is not finite; give finite numbers")
    elif isinstance(value, numbers.Real):
        try:
            number = float(value)
        except OverflowError:  # of a whole number
            number = math.inf
        if not abs(number) <= most or not math.isfinite(number):
            wanted = (
                "a finite one" if most == math.inf else f"numbers between {-most:g} and {most:g}"
            )
            raise QbellError(f"{what} is {number}; give {wanted}")
    elif isinstance(value, numbers.Complex) and not np.isfinite(complex(value)):
        raise QbellError(f"{what} is {value}; give a finite number")


def _check_defined(found: int) -> None:
    if found > MAX_DEFINED:
        raise QbellError(
            f"its definitions stand for more than {MAX_DEFINED} gates; give a circuit of fewer"
        )


def check_size(found: int, word: str) -> None:
    """Refuse more qubits or bits than circuits have.

    Raises:
        QbellError: more than 10,000.
    """
    if found > MAX_STATE_QUBITS:
        raise QbellError(f"it has {found} {word}; circuits have up to {MAX_STATE_QUBITS}")


def _size(node: Any) -> int:
    """The size of a register: a number, or a sum, difference or product of such."""
    from openqasm3 import ast

    if node is None:
        return 1
    if isinstance(node, ast.IntegerLiteral):
        return int(node.value)
    if isinstance(node, ast.BinaryExpression):
        left, right = _size(node.lhs), _size(node.rhs)
        if node.op.name in ("+", "-", "*"):
            return {"+": left + right, "-": left - right, "*": left * right}[node.op.name]
    raise QbellError("the size of a register is not a plain number; write e.g. qubit[4] q")


def nodes(root: Any) -> Iterator[Any]:
    """Every node of a syntax tree."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, list | tuple):
            pending += node
        elif hasattr(node, "__dataclass_fields__"):
            yield node
            pending += _children(node)


def _children(node: Any) -> Iterable[Any]:
    return [value for name, value in vars(node).items() if name != "span"]
