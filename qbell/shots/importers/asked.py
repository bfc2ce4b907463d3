"""What a caller says of data that are to be imported, checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qbell.errors import QbellError
from qbell.util.checks import MAX_MEASURED_QUBITS, whole_number

Order = Literal["last", "first"]
ORDERS: tuple[Order, Order] = ("last", "first")


@dataclass(frozen=True)
class Asked:
    """How data are to be read; what is None follows the data's own convention.

    Attributes:
        bit_order: whether the last or the first bit of an outcome is qubit 0.
        outcomes: a key of `qbell.shots.importers.outcome_codes.CODES`.
        registers: names of the classical registers to join, that of qubit 0 first.
        distribution: values are probabilities or fractional counts, not numbers of shots.
        num_qubits: N, where it is known.
        num_settings: how many settings were said for the data; None if none were.
        num_flags: how many bits behind those of the qubits are flags.
    """

    bit_order: Order | None = None
    outcomes: str | None = None
    registers: tuple[str, ...] | None = None
    distribution: bool = False
    num_qubits: int | None = None
    num_settings: int | None = None
    num_flags: int = 0

    def first(self, default: Order) -> bool:
        """True if the first bit is qubit 0, ``default`` being the convention of the data."""
        return (self.bit_order or default) == "first"


def checked_order(value: object, name: str) -> Order | None:
    """``last``, ``first`` or None.

    Raises:
        QbellError: anything else.
    """
    if value is None:
        return None
    for order in ORDERS:
        if isinstance(value, str) and value == order:
            return order
    raise QbellError(
        f"{name} = {short(value)}; give 'last' (the last one is qubit 0, as in Qiskit) or 'first'"
    )


def checked_registers(value: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """Names of registers, each once; None if none are named.

    Raises:
        QbellError: no names, or one that is named twice.
    """
    if value is None:
        return None
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise QbellError(f"registers = {short(value)}; give the names of one or more registers")
    if not names or "" in names:
        raise QbellError(f"registers = {short(value)}; give the names of one or more registers")
    if len(set(names)) < len(names):
        raise QbellError(f"registers = {short(value)} names one twice; name each once")
    return tuple(names)


def checked_num_qubits(value: object) -> int | None:
    """N from 2 on, or None."""
    return (
        None
        if value is None
        else whole_number("num_qubits", value, least=2, most=MAX_MEASURED_QUBITS)
    )


def short(value: Any) -> str:
    """What was found, short enough for one line."""
    try:
        text = repr(value)
    except Exception:  # of an object of any tool
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def listed(names: Iterable[object]) -> str:
    """Names with commas, in one line, as many as fit."""
    return repr(", ".join(map(str, names))[:80])[1:-1]


def attribute(thing: Any, *names: str) -> Any:
    """The first of ``names`` that an object or a dictionary has; None if it has none of them."""
    for name in names:
        try:
            found = thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
        except Exception:  # a property of an object of any tool
            continue
        if found is not None:
            return found
    return None
