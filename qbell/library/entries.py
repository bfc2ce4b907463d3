"""Which circuits the library holds, and what their files are called.

The name of a file says the state, ``FAMILY/n=N,key=value,...qasm``; the value ``input`` is left
open in the file, as an `input` of OpenQASM 3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qbell.circuits.preparation import Preparation, plain
from qbell.errors import QbellError
from qbell.states import State, named_state

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

OPEN = "input"


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
        return plain(self._open_circuit()) if self.is_open else self.state().preparation()

    def _open_circuit(self) -> "QuantumCircuit":
        from qiskit.circuit import Parameter

        if self.family == "twisting":
            from qbell.circuits.twisting import twisting_circuit

            return twisting_circuit(self.num_qubits, Parameter("time"))
        if self.family == "coherent":
            from qbell.circuits.product import coherent_circuit

            return coherent_circuit(self.num_qubits, Parameter("theta"), Parameter("phi"))
        from qbell.circuits.ising import ising_circuit

        start, layers = self.parameters["start"], self.parameters["layers"]
        x, zz = (
            [Parameter(f"{gate}_{layer}") for layer in range(1, layers + 1)] for gate in ("x", "zz")
        )
        return ising_circuit(self.num_qubits, start, x, zz)


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
            f"{file} does not say its state; name it FAMILY/n=N,key=value.qasm, e.g. "
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


# Family, sizes N, and the other parameters of each size.
_CONTENTS: tuple[tuple[str, tuple[int, ...], tuple[dict[str, Any], ...]], ...] = (
    ("ghz", (4, 6, 8, 10, 12, 16, 20), ({"layout": "line"}, {"layout": "log"})),
    ("ghz", (4, 5, 6, 8), ({"layout": "constant"},)),
    ("ising", (4, 6, 8, 10, 12, 16, 20), ({"u": -0.5}, {"u": -1}, {"u": -1.5}, {"u": -3})),
    ("ising", (6,), tuple({"start": s, "layers": 2, "angles": OPEN} for s in ("plus", "ghz"))),
    ("ising", (8,), tuple({"start": s, "layers": 3, "angles": OPEN} for s in ("plus", "ghz"))),
    ("double-well", (4, 6, 8, 10), ({"u": -1}, {"u": -3})),
    ("double-well", (6, 10), tuple({"u": u, "layers": 1} for u in (-0.5, -1, -1.5, -3))),
    ("double-well", (6, 10), tuple({"u": u, "layers": 2} for u in (-1.5, -3))),
    ("w", (4, 6, 8, 10, 16), ({},)),
    ("dicke", (4,), ({"ones": 2},)),
    ("dicke", (6,), ({"ones": 2}, {"ones": 3})),
    ("dicke", (8,), ({"ones": 4},)),
    ("dicke", (10,), ({"ones": 5},)),
    ("coherent", (4, 6, 8), ({"theta": OPEN, "phi": OPEN},)),
    ("twisting", (4, 6, 8, 10), ({"time": OPEN},)),
    ("squeezed", (4, 6, 8, 10), ({},)),
    ("graph", (4, 6, 8, 12), ({"shape": "ring"},)),
    ("graph", (4, 6), ({"shape": "line"}, {"shape": "star"}, {"shape": "complete"})),
    ("graph", (6,), ({"shape": "grid", "rows": 2},)),
    ("graph", (9,), ({"shape": "grid", "rows": 3},)),
    ("graph", (16,), ({"shape": "grid", "rows": 4},)),
)
ENTRIES = tuple(
    Entry(family, n, parameters)
    for family, sizes, several in _CONTENTS
    for n in sizes
    for parameters in several
)
