"""Graph states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.graph import (
    Layers,
    coloured_layers,
    complete_layers,
    graph_circuit,
    grid_layers,
    line_layers,
    ring_layers,
    star_layers,
)
from qbell.errors import QbellError
from qbell.states.base import State
from qbell.states.parameters import Choice, Parameter, Whole
from qbell.util.checks import whole_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

SHAPES = ("ring", "star", "complete", "grid", "line")


@dataclass(frozen=True)
class Edges(Parameter):
    """Pairs of qubits; kept as (j, k), j < k, sorted."""

    def read(self, flag: str, text: str) -> list[list[int]]:
        pairs = [part.split("-") for part in text.split(",")]
        digits = all(end.strip().isdecimal() for pair in pairs for end in pair)
        if not digits or any(len(pair) != 2 for pair in pairs):
            raise QbellError(f"{flag} {text}: give pairs of qubits with commas, e.g. 0-1,1-2,2-3")
        return [[int(end) for end in pair] for pair in pairs]

    def checked(self, name: str, value: Any, num_qubits: int) -> tuple[tuple[int, int], ...]:
        wanted = f"pairs of different qubits from 0 to {num_qubits - 1}, e.g. [[0, 1], [1, 2]]"
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, str) or not isinstance(value, Sequence) or not value:
            raise QbellError(f"{name} = {value!r}; give {wanted}")
        found = set()
        for position, edge in enumerate(value):
            here = f"{name}[{position}]"
            if isinstance(edge, str) or not isinstance(edge, Sequence) or len(edge) != 2:
                raise QbellError(f"{here} = {edge!r}; give {wanted}")
            one, two = (whole_number(here, end, least=0, most=num_qubits - 1) for end in edge)
            pair = (min(one, two), max(one, two))
            if one == two:
                raise QbellError(f"{here} joins qubit {one} to itself; give {wanted}")
            if pair in found:
                raise QbellError(f"{here} = {list(pair)} is there twice; give each edge once")
            found.add(pair)
        return tuple(sorted(found))


EDGES = Edges("All pairs of qubits to join: 0-1,1-2", example=[[0, 1], [1, 2]])


@dataclass(frozen=True)
class Graph(State):
    """prod_(edges jk) CZ_jk |+>^N: the amplitude of |b> is 2^(-N/2) (-1)^(edges with both ends 1).

    It is the one state with X_j prod_(k next to j) Z_k = 1 for every j. The qubits of a star are 0
    in its middle; of a grid, row after row.

    Attributes:
        shape: ring, star, complete, grid or line; None where the edges are given.
        rows: of a grid, which N must be a multiple of; the most square one when None, which for a
            prime N is a line.
        edges: pairs of qubits, instead of a shape.

    Source: M. Hein, J. Eisert and H. J. Briegel, Phys. Rev. A 69, 062311 (2004).

    >>> Graph(4, "ring").pairs() == Graph(4, edges=[(0, 1), (1, 2), (2, 3), (3, 0)]).pairs()
    True
    """

    shape: Annotated[str | None, Choice("Shape", example="ring", among=SHAPES)] = None
    rows: Annotated[
        int | None,
        Whole("Rows of a grid, the most square if left out", example=2, least=1, most="n"),
    ] = None
    edges: Annotated[
        Sequence[Sequence[int]] | None,
        EDGES,
    ] = None
    family = "graph"
    summary = "a graph state: CZ on the edges of |+>^N"
    example = "graph -n 6 --shape ring"
    one_of = ("shape", "edges")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.shape is None) == (self.edges is None):
            given = "neither" if self.shape is None else "both"
            raise QbellError(
                f"a graph state needs shape or edges, and has {given}; give one, e.g. "
                "shape = 'ring' or edges = [[0, 1], [1, 2]]"
            )
        if self.shape == "ring" and self.num_qubits < 3:
            raise QbellError("a ring needs n = 3 or more; use shape = 'line' for two qubits")
        if self.rows is not None and self.shape != "grid":
            raise QbellError(f"rows = {self.rows!r} belongs to shape = 'grid'; leave it out")
        if self.shape == "grid":
            object.__setattr__(self, "rows", self._checked_rows())

    def layers(self) -> Layers:
        """The edges, in layers of edges that share no qubit.

        Returns:
            A list for each layer, of pairs (j, k) of qubits: CZ gates that run at once.

        >>> len(Graph(6, "ring").layers()), len(Graph(5, "ring").layers())
        (2, 3)
        """
        if self.edges is not None:
            return coloured_layers(self.num_qubits, self.pairs())
        if self.shape == "grid":
            assert self.rows is not None
            return grid_layers(self.rows, self.num_qubits // self.rows)
        makers = {
            "ring": ring_layers,
            "star": star_layers,
            "complete": complete_layers,
            "line": line_layers,
        }
        return makers[str(self.shape)](self.num_qubits)

    def pairs(self) -> tuple[tuple[int, int], ...]:
        """All edges of the graph.

        Returns:
            Pairs (j, k) of qubits, j < k, sorted.
        """
        if self.edges is not None:
            return tuple((one, two) for one, two in self.edges)
        return tuple(sorted(chain.from_iterable(self.layers())))

    def circuit(self) -> "QuantumCircuit":
        """Hadamards, then CZ on every edge: 2 or 3 layers for a ring, 4 for a grid."""
        return graph_circuit(self.num_qubits, self.layers())

    def _checked_rows(self) -> int:
        n = self.num_qubits
        if self.rows is None:
            return max(rows for rows in range(1, int(n**0.5) + 1) if n % rows == 0)
        if n % self.rows:
            divisors = ", ".join(str(d) for d in range(1, n + 1) if n % d == 0)
            raise QbellError(f"rows = {self.rows} does not divide n = {n}; use one of {divisors}")
        return self.rows

    def _amplitudes(self) -> NDArray[np.float64]:
        return graph_amplitudes(self.num_qubits, self.pairs())


def graph_amplitudes(num_qubits: int, edges: Iterable[tuple[int, int]]) -> NDArray[np.float64]:
    """(2^N,) amplitudes of the graph state of these edges."""
    index = np.arange(2**num_qubits)
    odd = np.zeros(len(index), dtype=bool)
    for one, two in edges:
        odd ^= (index >> one & index >> two & 1).astype(bool)
    return np.asarray(np.where(odd, -1.0, 1.0) * 2.0 ** (-num_qubits / 2))
