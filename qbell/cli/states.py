"""The words that name a state: a family with its parameters, or a circuit's file with its inputs.

Every option of every family stands in `OPTIONS`, and nowhere else; `takes_a_state` gives them to a
command.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from qbell.errors import QbellError

Family = Annotated[
    str,
    typer.Argument(
        metavar="FAMILY",
        help="ghz, ising, double-well, plus, w, dicke, product, coherent, twisting, squeezed or "
        "graph; or a circuit's file: .qasm or .qpy.",
    ),
]
Qubits = Annotated[int | None, typer.Option("-n", help="Number of qubits, N.")]


@dataclass(frozen=True)
class Parameters:
    """What was said of a state.

    Attributes:
        of_family: values by the names in `qbell.states.PARAMETERS`.
        inputs: values of the free parameters of a circuit's file.
        flags: of each name in ``of_family``, as typed.
    """

    of_family: Mapping[str, Any]
    inputs: Mapping[str, Any]
    flags: Mapping[str, str]


def find_state(
    command: str, name: str, n: int | None, parameters: Parameters
) -> tuple[Any, str | None]:
    """A named state and its family, or the circuit in a file and None.

    Raises:
        QbellError: no such family or file, options that it does not take, or -n missing.
    """
    from qbell.circuits.files import is_circuit_file, read_circuit
    from qbell.states import FAMILIES, named_state

    if not is_circuit_file(name):
        if name not in FAMILIES and Path(name).suffix:
            raise QbellError(
                f"{name!r} is neither a family ({', '.join(FAMILIES)}) nor a circuit file; give "
                "one of these, or a file that ends in .qasm or .qpy"
            )
        if parameters.inputs:
            raise QbellError(
                f"--set is for the inputs of a circuit's file; {name} has options of its own, see: "
                f"qbell {command} --help"
            )
        if n is None:
            raise QbellError(
                f"missing option -n, the number of qubits of {name}; see: qbell {command} --help"
            )
        return named_state(name, n, parameters.of_family), name
    for option in parameters.flags.values():
        raise QbellError(f"a circuit takes no {option}; leave it out")
    circuit = read_circuit(Path(name), parameters.inputs)
    if n is not None and n != circuit.num_qubits:
        raise QbellError(f"{name} has {circuit.num_qubits} qubits, not {n}; leave -n out")
    return circuit, None


def _as_it_is(_: str, value: Any) -> Any:
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise QbellError(f"{text!r} is no number") from error


def _numbers(flag: str, text: str) -> float | list[float]:
    """One number, or several with commas: 0.3 or 0.3,0.5."""
    try:
        found = [_number(part) for part in text.split(",")]
    except QbellError as error:
        raise QbellError(
            f"{flag} {text}: {error}; give a number, or one a qubit with commas, e.g. 0.3,0.5"
        ) from error
    return found if "," in text else found[0]


def _pairs(flag: str, text: str) -> list[list[int]]:
    """Edges: 0-1,1-2."""
    pairs = [part.split("-") for part in text.split(",")]
    digits = all(end.strip().isdecimal() for pair in pairs for end in pair)
    if not digits or any(len(pair) != 2 for pair in pairs):
        raise QbellError(f"{flag} {text}: give pairs of qubits with commas, e.g. 0-1,1-2,2-3")
    return [[int(end) for end in pair] for pair in pairs]


@dataclass(frozen=True)
class _Option:
    """One option of some families.

    Attributes:
        name: the parameter's, as in `qbell.states.PARAMETERS`.
        flag: as typed.
        kind: what typer reads.
        help: one line.
        read: turns flag and value as typed into the parameter.
    """

    name: str
    flag: str
    kind: type
    help: str
    read: Callable[[str, Any], Any] = _as_it_is


OPTIONS = (
    _Option("u", "-u", float, "Interaction U (ising, double-well)."),
    _Option("ones", "--ones", int, "Number of ones (dicke), N // 2 if left out."),
    _Option("layout", "--layout", str, "auto, line, log, tree, star or constant (ghz)."),
    _Option(
        "layers",
        "--layers",
        int,
        "Layers of the trained circuit (ising, double-well).",
    ),
    _Option(
        "fidelity",
        "--fidelity",
        float,
        "As few layers as reach it (ising, double-well).",
    ),
    _Option("angles", "--angles", str, "local, or uniform: two a layer (ising)."),
    _Option("theta", "--theta", str, "Polar angle; product: or one a qubit, 0.3,0.5.", _numbers),
    _Option("phi", "--phi", str, "Azimuth; product: or one a qubit, 0.3,0.5.", _numbers),
    _Option("time", "--time", float, "Time of one-axis twisting (twisting, squeezed)."),
    _Option("shape", "--shape", str, "ring, line, star, complete or grid (graph)."),
    _Option("rows", "--rows", int, "Rows of the grid (graph)."),
    _Option("edges", "--edges", str, "Pairs of qubits, 0-1,1-2 (graph).", _pairs),
)
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
    options = [
        inspect.Parameter(
            option.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[option.kind | None, typer.Option(option.flag, help=option.help)],
        )
        for option in OPTIONS
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
        said = {option: given.pop(option.name) for option in OPTIONS}
        inputs = given.pop("inputs")
        command(parameters=_parameters(said, inputs), **given)

    with_options.__signature__ = plain.replace(  # type: ignore[attr-defined]
        parameters=[*others[:2], *options, *others[2:]]
    )
    return with_options


def _parameters(said: Mapping[_Option, Any], inputs: list[str] | None) -> Parameters:
    given = {option: value for option, value in said.items() if value is not None}
    return Parameters(
        of_family={option.name: option.read(option.flag, value) for option, value in given.items()},
        inputs=_inputs(inputs or []),
        flags={option.name: option.flag for option in given},
    )


def _inputs(words: list[str]) -> dict[str, float | list[float]]:
    """--set theta=0.3 --set gamma=0.1,0.2 as a mapping."""
    found: dict[str, float | list[float]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        name = name.strip()
        if not equals or not name:
            raise QbellError(f"--set {word}: give NAME=VALUE, e.g. --set theta=0.3")
        if name in found:
            raise QbellError(f"--set {name} is given twice; leave one out")
        found[name] = _numbers(f"--set {name}", value)
    return found
