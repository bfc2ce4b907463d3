"""Values for the free parameters of a circuit: the `input`s of OpenQASM 3, Qiskit's Parameters."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qbell.circuits.limits import MAX_ANGLE, check_numbers
from qbell.errors import QbellError
from qbell.util.checks import finite_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

SHOWN = 6  # names in a message

# OpenQASM 3 has no brackets in names: Qiskit writes the element gamma[2] as _gamma_2_.
_ELEMENT = re.compile(r"_(\w+)_(\d+)_|(\w+)\[(\d+)\]")


def assign_inputs(circuit: "QuantumCircuit", values: Mapping[str, Any]) -> "QuantumCircuit":
    """The circuit with a number in place of each of its free parameters.

    Args:
        circuit: with any number of free parameters; it is not changed.
        values: a finite number for each name. An element of a vector goes by ``gamma[2]``, or by
            ``_gamma_2_``, as which Qiskit exports it; a list for ``gamma`` gives all its elements.

    Raises:
        QbellError: an input without a value, a value without an input or given twice, one that is
            no finite number, or an angle that is not real, finite and up to 10^6 at these values.

    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.rx(2 * Parameter("angle"), 0)
    >>> assign_inputs(circuit, {"angle": 0.25}).data[0].params
    [0.5]
    """
    open_ones = {readable(parameter.name): parameter for parameter in circuit.parameters}
    if len(open_ones) < len(circuit.parameters):
        raise QbellError("two inputs of the circuit have the same name as text; rename one")
    given = _flat(values, set(open_ones))
    unknown = sorted(set(given) - set(open_ones))
    if unknown:
        known = f"its inputs are {_names(open_ones)}" if open_ones else "it has no inputs"
        raise QbellError(
            f"the circuit uses no input {_names(unknown)}; {known}, leave the others out"
        )
    missing = sorted(set(open_ones) - set(given), key=_order)
    if missing:
        first = missing[0]
        quoted = first if first.isidentifier() else f'"{first}"'
        raise QbellError(
            f"the circuit has inputs without a value ({_names(missing)}); assign them: "
            f"parameters = {{{quoted} = 0.3}} in [state], or --set {first}=0.3"
        )
    if not open_ones:
        return circuit
    try:
        bound = circuit.assign_parameters(
            {parameter: given[name] for name, parameter in open_ones.items()}
        )
        check_numbers(bound)
    except QbellError as error:
        raise QbellError(f"at these values of its inputs, {error}") from error
    except (ArithmeticError, TypeError, ValueError) as error:
        raise QbellError(f"an angle has no value at these inputs ({error}); give others") from error
    except Exception as error:  # Qiskit's own: a complex angle
        raise QbellError(
            f"an angle has no real value at these inputs ({error}); give others"
        ) from error
    return bound


def input_names(circuit: "QuantumCircuit") -> list[str]:
    """Names of the free parameters as people write them, elements of vectors in order."""
    return sorted((readable(parameter.name) for parameter in circuit.parameters), key=_order)


def readable(name: str) -> str:
    """The element of a vector by its index, whatever the format made of it.

    >>> readable("_gamma_2_"), readable("gamma[2]"), readable("time")
    ('gamma[2]', 'gamma[2]', 'time')
    """
    found = _ELEMENT.fullmatch(name)
    if found is None:
        return name
    vector, index = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{vector}[{int(index)}]"


def _flat(values: Mapping[str, Any], known: set[str]) -> dict[str, float]:
    """One number for each name; lists spread over the elements of their vector."""
    flat: dict[str, float] = {}
    for name, value in values.items():
        plain = readable(name)
        if isinstance(value, list | tuple):
            if not value:
                raise QbellError(f"input {name} = []; give a number, or a list of them")
            spread = {f"{plain}[{index}]": each for index, each in enumerate(value)}
            elements = [one for one in known if one.startswith(f"{plain}[")]
            if elements and len(value) != _length(elements):
                raise QbellError(
                    f"input {plain} is given {len(value)} numbers, and the circuit uses elements "
                    f"up to {plain}[{_length(elements) - 1}]; give {_length(elements)}"
                )
            # An element that no gate uses needs no value, and none is looked at.
            spread = {one: each for one, each in spread.items() if one in known or not elements}
        else:
            spread = {plain: value}
        for one, each in spread.items():
            if one in flat:
                raise QbellError(f"input {one} is given twice; leave one out")
            flat[one] = finite_number(f"input {one}", each, most=MAX_ANGLE)
    return flat


def _length(elements: list[str]) -> int:
    return 1 + max(_order(one)[1] for one in elements)


def _order(name: str) -> tuple[str, int]:
    found = _ELEMENT.fullmatch(name)
    return (name, -1) if found is None else (found[3], int(found[4]))


def _names(names: Any) -> str:
    listed = sorted(names, key=_order)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
