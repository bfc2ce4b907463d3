"""The words that name a state: a family with its parameters, or a circuit's file with its inputs.

What a family takes stands in its class; `takes_a_state` makes options of it, for every command that
takes a state.
"""

import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qbell.cli import completion
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qbell.states.parameters import Parameter

HELP_WIDTH = 78  # columns that the help has, less its indent

Family = Annotated[
    str,
    typer.Argument(
        metavar="FAMILY",
        help="A family of states, below; or a circuit's file: .qasm or .qpy.",
        autocompletion=completion.families,
    ),
]
Qubits = Annotated[int | None, typer.Option("-n", help="Number of qubits, N.")]


@dataclass(frozen=True)
class Parameters:
    """What was said of a state.

    Attributes:
        of_family: by the name of a family's parameter what was typed for it.
        inputs: values of the free parameters of a circuit's file.
    """

    of_family: Mapping[str, str]
    inputs: Mapping[str, Any]


def find_state(
    command: str, name: str, n: int | None, parameters: Parameters
) -> tuple[Any, str | None, tuple[str, ...]]:
    """A named state and its family, or the circuit in a file and None; and notes on the file.

    Raises:
        QbellError: no such family or file, options that it does not take, or -n missing.
    """
    from qbell.circuits.files import is_circuit_file, read_preparation
    from qbell.states import FAMILIES, named_state

    if not is_circuit_file(name):
        if name not in FAMILIES and Path(name).suffix:
            raise QbellError(
                f"{name!r} is neither a family ({', '.join(FAMILIES)}) nor a circuit file; give "
                "one of these, or a file that ends in .qasm or .qpy"
            )
        if parameters.inputs:
            raise QbellError(
                f"--set is for the inputs of a circuit's file; {name} has its own options, see: "
                f"qbell {command} --help"
            )
        if n is None:
            raise QbellError(
                f"missing option -n, the number of qubits of {name}; see: qbell {command} --help"
            )
        return named_state(name, n, _values(name, parameters.of_family)), name, ()
    for option in parameters.of_family:
        raise QbellError(f"a circuit takes no {option}, only its inputs by --set; leave it out")
    preparation = read_preparation(Path(name), parameters.inputs)
    if n is not None and n != preparation.num_qubits:
        raise QbellError(f"{name} has {preparation.num_qubits} qubits, not {n}; leave -n out")
    circuit = preparation.circuit if preparation.aimed is None else preparation.aimed
    return circuit, None, tuple(f"circuit: {note}" for note in preparation.notes)


def _values(family: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, each as its family reads it; what the family does not take, as it is."""
    from qbell.states import FAMILIES

    declared = FAMILIES[family].parameters() if family in FAMILIES else {}
    return {
        name: declared[name].read(declared[name].flag_of(name), text) if name in declared else text
        for name, text in typed.items()
    }


def interaction(state: Any) -> float | None:
    """U of a family that has one."""
    from qbell.states import State

    return getattr(state, "u", None) if isinstance(state, State) else None


SET = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Value of an input of a circuit's file; for each input once.",
    ),
]


def takes_a_state(command: Callable[..., None]) -> Callable[..., None]:
    """Put the options of all families, and --set, in the place of the argument ``parameters``."""
    plain = inspect.signature(command)
    declared = _by_name()
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, _option(name, by_family)],
        )
        for name, by_family in declared.items()
    ]
    options.append(
        inspect.Parameter("inputs", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=SET)
    )
    others = [
        option.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, option in plain.parameters.items()
        if name != "parameters"
    ]

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        typed = {name: given.pop(name) for name in declared}
        of_family = {name: text for name, text in typed.items() if text is not None}
        inputs = _inputs(given.pop("inputs") or [])
        command(parameters=Parameters(of_family, inputs), **given)

    with_options.__signature__ = plain.replace(  # type: ignore[attr-defined]
        parameters=[*others[:2], *options, *others[2:]]
    )
    with_options.__doc__ = f"{inspect.getdoc(command)}\n\n{_families()}"
    return with_options


def _by_name() -> "dict[str, dict[str, Parameter]]":
    """By the name of a parameter: the families that take it, and what it is to each."""
    from qbell.states import FAMILIES

    found: dict[str, dict[str, Parameter]] = {}
    for family, kind in FAMILIES.items():
        for name, parameter in kind.parameters().items():
            found.setdefault(name, {})[family] = parameter
    return found


def _option(name: str, by_family: "Mapping[str, Parameter]") -> Any:
    """One option for all families with a parameter of this name; each meaning is said once."""
    meanings: dict[str, list[str]] = {}
    for family, parameter in by_family.items():
        meanings.setdefault(parameter.description, []).append(family)
    flags = dict.fromkeys(parameter.flag_of(name) for parameter in by_family.values())
    typed = {parameter.typed for parameter in by_family.values()}
    return typer.Option(
        *flags,
        metavar=f"<{typed.pop() if len(typed) == 1 else 'str'}>",
        help="; ".join(f"{said} ({', '.join(takers)})" for said, takers in meanings.items()) + ".",
    )


def _families() -> str:
    """A family a line, with an example, for the help; the sign \b keeps its lines apart."""
    from qbell.states import FAMILIES

    width = 4 + max(len(kind.example) for kind in FAMILIES.values())
    lines = []
    for kind in FAMILIES.values():
        said = textwrap.wrap(kind.summary, HELP_WIDTH - width)
        lines.append(f"  {kind.example}".ljust(width) + said[0])
        lines += [" " * width + rest for rest in said[1:]]
    return "\n".join(["\b", "Families, each with an example:", *lines])


def _inputs(words: list[str]) -> dict[str, float | list[float]]:
    """--set theta=0.3 --set gamma=0.1,0.2 as a mapping."""
    from qbell.states.parameters import numbers_or_one

    found: dict[str, float | list[float]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        name = name.strip()
        if not equals or not name:
            raise QbellError(f"--set {word}: give NAME=VALUE, e.g. --set theta=0.3")
        if name in found:
            raise QbellError(f"--set {name} is given twice; leave one out")
        found[name] = numbers_or_one(f"--set {name}", value)
    return found
