"""The files of the library, and what they are called.

The name of a file says the state, ``FAMILY/n=N,key=value,...qasm``; the value ``input`` is left
open in the file, as an `input` of OpenQASM 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qbell.circuits.preparation import Preparation, plain
from qbell.errors import QbellError
from qbell.library.contents import OPEN, SECTIONS
from qbell.states import FAMILIES, State, named_state


@dataclass(frozen=True)
class Entry:
    """One file of the library.

    Attributes:
        family: of the state.
        num_qubits: N.
        parameters: of the family, besides n; ``input`` for those left open.
    """

    family: str
    num_qubits: int
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Path of the file in the library's folder.

        >>> Entry("ising", 8, {"u": -1.5}).file
        'ising/n=8,u=-1.5.qasm'
        """
        pairs = {"n": self.num_qubits, **self.parameters}
        return f"{self.family}/{','.join(f'{key}={value}' for key, value in pairs.items())}.qasm"

    @property
    def is_open(self) -> bool:
        """True if the file has inputs."""
        return OPEN in self.parameters.values()

    def state(self) -> State:
        """The state that the file prepares.

        Raises:
            QbellError: a name that says no state, or an open one.
        """
        return named_state(self.family, self.num_qubits, self.parameters)

    def preparation(self) -> Preparation:
        """The circuit of the file; with free parameters if it is open."""
        if not self.is_open:
            return self.state().preparation()
        fixed = {key: value for key, value in self.parameters.items() if value != OPEN}
        return plain(FAMILIES[self.family].open_circuit(self.num_qubits, fixed))


def entry_of(file: str) -> Entry:
    """The entry that a file's name says.

    Raises:
        QbellError: a name that is not of this form.

    >>> entry_of("graph/n=6,shape=grid,rows=2.qasm").parameters
    {'shape': 'grid', 'rows': 2}
    """
    family, _, rest = file.rpartition("/")
    pairs = [part.partition("=") for part in rest.removesuffix(".qasm").split(",")]
    parameters = {key: _value(value) for key, _, value in pairs}
    num_qubits = parameters.pop("n", None)
    if not rest.endswith(".qasm") or not isinstance(num_qubits, int):
        raise QbellError(
            f"{file} does not name a state; name it FAMILY/n=N,key=value.qasm, e.g. "
            "ising/n=8,u=-1.5.qasm"
        )
    return Entry(family, num_qubits, parameters)


def parameters_of(entry: Entry) -> str:
    """The parameters besides n as the table has them.

    >>> parameters_of(Entry("graph", 6, {"shape": "grid", "rows": 2}))
    'shape=grid;rows=2'
    """
    return ";".join(f"{key}={value}" for key, value in entry.parameters.items())


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


ENTRIES = tuple(
    Entry(family, n, parameters)
    for family, section in SECTIONS.items()
    for sizes, several in section.circuits
    for n in sizes
    for parameters in several
)
