"""Values of expressions of OpenQASM 3 that are known before the circuit runs."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from qbell.errors import QbellError

CONSTANTS = {
    "pi": math.pi,
    "π": math.pi,
    "tau": math.tau,
    "τ": math.tau,
    "euler": math.e,
    "ℇ": math.e,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "floor": math.floor,
    "ceiling": math.ceil,
    "pow": operator.pow,
    "mod": math.fmod,
}
MOST_BITS = 63  # of whole numbers: beyond, none is meant
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "**": operator.pow,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "&&": lambda one, other: bool(one and other),
    "||": lambda one, other: bool(one or other),
}


class Unknown(Exception):
    """An expression with an input, an angle of a gate, or a measured bit in it."""


def value_of(node: Any, names: Mapping[str, Any]) -> Any:
    """A number, a truth value or a list of such.

    Args:
        node: an expression of the syntax tree.
        names: values of the variables.

    Raises:
        Unknown: it has no value before the circuit runs, or is of a kind not known here.
        QbellError: a value that no one can mean, such as a division by 0.
    """
    try:
        found = _value(node, names)
    except QbellError:
        raise
    except (ArithmeticError, ValueError, TypeError, IndexError) as error:
        raise QbellError(f"{place_of(node)}an expression has no value ({error})") from error
    if isinstance(found, int) and abs(found) >= 2**MOST_BITS:
        raise QbellError(f"{place_of(node)}a whole number has more than 63 bits; give a float")
    if isinstance(found, complex):
        raise QbellError(f"{place_of(node)}an expression is not real; give a real one")
    return found


def place_of(node: Any) -> str:
    """``line 3: `` of a node that knows where it stands."""
    span = getattr(node, "span", None)
    return "" if span is None else f"line {span.start_line}: "


def divided(node: Any, upper: int, lower: int) -> int:
    """Of whole numbers, which OpenQASM 3 divides without a rest.

    Raises:
        QbellError: a rest, as hardly anyone means to drop it.
    """
    if upper % lower:
        raise QbellError(
            f"{place_of(node)}{upper}/{lower} is a division of whole numbers, without a rest; "
            f"write {upper}.0/{lower}"
        )
    return upper // lower


def _value(node: Any, names: Mapping[str, Any]) -> Any:
    kind = type(node).__name__
    if kind in ("IntegerLiteral", "FloatLiteral", "BooleanLiteral"):
        return node.value
    if kind not in _KINDS:
        raise Unknown
    return _KINDS[kind](node, names)


def _variable(node: Any, names: Mapping[str, Any]) -> Any:
    found = names[node.name] if node.name in names else CONSTANTS.get(node.name)
    if isinstance(found, int | float | list):
        return found
    raise Unknown


def _signed(node: Any, names: Mapping[str, Any]) -> Any:
    inner = value_of(node.expression, names)
    if node.op.name not in ("-", "!"):
        raise Unknown
    return -inner if node.op.name == "-" else not inner


def _combined(node: Any, names: Mapping[str, Any]) -> Any:
    one, other, sign = value_of(node.lhs, names), value_of(node.rhs, names), node.op.name
    whole = isinstance(one, int) and isinstance(other, int)
    if sign == "/" and whole:
        return divided(node, one, other)
    if sign == "%" and whole:
        return int(math.fmod(one, other))
    if sign == "**" and whole and (other < 0 or (abs(one) > 1 and other > MOST_BITS)):
        raise ValueError("a power of whole numbers that is none")
    if sign not in _SIGNS:
        raise Unknown
    return _SIGNS[sign](one, other)


def _called(node: Any, names: Mapping[str, Any]) -> Any:
    if node.name.name not in FUNCTIONS:
        raise Unknown
    return FUNCTIONS[node.name.name](*(value_of(one, names) for one in node.arguments))


def _length(node: Any, names: Mapping[str, Any]) -> int:
    found = value_of(node.target, names)
    axis = 0 if node.index is None else value_of(node.index, names)
    for _ in range(axis):
        found = found[0]
    return len(found)


def converted(value: Any, kind: Any) -> Any:
    """A value as a variable of a type holds it.

    Raises:
        Unknown: a type not known here.
    """
    name = type(kind).__name__
    if name == "AngleType" and not 0 <= value < math.tau:
        raise QbellError(
            f"{place_of(kind)}an angle of {value:g} is outside of 0 to 2 pi, and OpenQASM 3 takes "
            "it back by whole turns; declare it as float"
        )
    if name in ("FloatType", "AngleType"):
        return float(value)
    if name in ("IntType", "UintType"):
        return _whole(int(value), kind)
    if name == "BoolType":
        return bool(value)
    if name == "ArrayType":
        return _converted_array(value, kind.base_type)
    raise Unknown


def _whole(value: int, kind: Any) -> int:
    """Where a type would wrap a number around, it is refused."""
    signed = type(kind).__name__ == "IntType"
    bits = getattr(kind.size, "value", MOST_BITS) - signed
    if not -(2**bits) * signed <= value < 2**bits:
        raise QbellError(
            f"{place_of(kind)}{value} does not fit {'int' if signed else 'uint'}[{bits + signed}]; "
            "declare a larger or a signed type"
        )
    return value


def _converted_array(value: Any, base: Any) -> Any:
    return [
        _converted_array(one, base) if isinstance(one, list) else converted(one, base)
        for one in value
    ]


def _element(node: Any, names: Mapping[str, Any]) -> Any:
    indexed = type(node).__name__ == "IndexedIdentifier"
    found = value_of(node.name if indexed else node.collection, names)
    for index in node.indices if indexed else [node.index]:
        if not isinstance(index, list):
            raise Unknown
        for one in index:
            found = found[value_of(one, names)]
    return found


_KINDS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "Identifier": _variable,
    "UnaryExpression": _signed,
    "BinaryExpression": _combined,
    "FunctionCall": _called,
    "Cast": lambda node, names: converted(value_of(node.argument, names), node.type),
    "ArrayLiteral": lambda node, names: [value_of(one, names) for one in node.values],
    "SizeOf": _length,
    "IndexExpression": _element,
    "IndexedIdentifier": _element,
}
