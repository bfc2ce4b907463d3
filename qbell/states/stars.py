"""Stars in a graph state, for a Bell test on a whole device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.graph import coloured_layers, graph_circuit
from qbell.circuits.preparation import Preparation
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.states.base import State
from qbell.states.graph import EDGES, graph_amplitudes
from qbell.states.parameters import Parameter, Whole
from qbell.util.checks import whole_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

LEAVES = 2  # of a star where no device says what is best
SMALLEST = 1 + LEAVES


@dataclass(frozen=True)
class Qubits(Parameter):
    """Different qubits; kept in ascending order."""

    def read(self, flag: str, text: str) -> list[int]:
        parts = [part.strip() for part in text.split(",")]
        if not all(part.isdecimal() for part in parts):
            raise QbellError(f"{flag} {text}: give qubits with commas, e.g. 1,5")
        return [int(part) for part in parts]

    def checked(self, name: str, value: Any, num_qubits: int) -> tuple[int, ...]:
        wanted = f"different qubits from 0 to {num_qubits - 1}, e.g. [1, 5]"
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, str) or not isinstance(value, Sequence) or not value:
            raise QbellError(f"{name} = {value!r}; give {wanted}")
        found = [
            whole_number(f"{name}[{place}]", qubit, least=0, most=num_qubits - 1)
            for place, qubit in enumerate(value)
        ]
        if len(set(found)) < len(found):
            raise QbellError(f"{name} = {list(value)} has a qubit twice; give {wanted}")
        return tuple(sorted(found))


@dataclass(frozen=True)
class Stars(State):
    """A graph state of stars, each a centre joined to its leaves; separators may join the stars.

    For the design of the same name, a Bell test of all qubits together. Without ``edges`` the stars
    are chosen: on a device those that need the fewest shots (`qbell.devices.layout.stars`), else
    stars of two leaves, and three or four where N asks for it, in a line if there are separators.

    Attributes:
        separators: how many of the N qubits are no part of a star, each joined to leaves of two.
        edges: pairs of qubits, all of them, instead of stars that are chosen.
        centres: of the stars in ``edges``; four or more edges apart.

    >>> Stars(7, separators=1).graph().leaves
    ((1, 2), (4, 5))
    """

    separators: Annotated[
        int, Whole("Qubits between the stars, that join them", example=2, most="n")
    ] = 0
    edges: Annotated[
        Sequence[Sequence[int]] | None,
        EDGES,
    ] = None
    centres: Annotated[
        Sequence[int] | None,
        Qubits("Centres of the stars in these edges: 1,5", example=[1]),
    ] = None
    family = "stars"
    summary = "stars in a graph state, for a Bell test on a whole device"
    example = "stars -n 7"

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.edges is None) != (self.centres is None):
            there, missing = ("edges", "centres") if self.centres is None else ("centres", "edges")
            raise QbellError(f"stars: {there} without {missing}; give both, or neither")
        if self.edges is not None and self.separators:
            raise QbellError(
                f"separators = {self.separators} beside edges, which show what they are; leave it "
                "out"
            )
        if self.edges is not None:
            self.graph()
        elif self.num_qubits - self.separators < SMALLEST:
            raise QbellError(
                f"n = {self.num_qubits}, separators = {self.separators}: a star has {SMALLEST} "
                "qubits or more; take more qubits or fewer separators"
            )

    def graph(self) -> StarGraph:
        """Which qubits are centres, leaves and separators, where no device is asked.

        Returns:
            The graph: of ``edges`` and ``centres``, or of stars in a line.

        Raises:
            QbellError: more separators than the stars have gaps, or stars that touch.
        """
        if self.edges is not None:
            assert self.centres is not None
            return StarGraph(self.num_qubits, self.edges, self.centres)
        sizes = _sizes(self.num_qubits - self.separators)
        if self.separators >= len(sizes):
            raise QbellError(
                f"separators = {self.separators}: {len(sizes)} stars in a line have room for "
                f"{len(sizes) - 1}; take fewer, or give edges and centres"
            )
        centres = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int).tolist()
        edges = [
            (centre, centre + leaf)
            for centre, size in zip(centres, sizes, strict=True)
            for leaf in range(1, size)
        ]
        for k in range(self.separators):
            between = self.num_qubits - self.separators + k
            edges += [(centres[k] + sizes[k] - 1, between), (centres[k + 1] + 1, between)]
        return StarGraph(self.num_qubits, edges, centres)

    def circuit(self) -> "QuantumCircuit":
        """Hadamards, then CZ on every edge, in as many layers as a qubit has edges at most."""
        return _circuit(self.graph())

    def preparation(self, device: Any = None, *, measured: bool = False) -> Preparation:
        """With its stars; on a device, unless edges are given, those that need the fewest shots."""
        wires: tuple[int, ...] | None
        if device is None or self.edges is not None:
            graph, wires = self.graph(), None
        else:
            from qbell.devices.layout.calibration import calibration_of
            from qbell.devices.layout.stars import best_stars

            found = getattr(device, "coupling_map", None)  # also those that are not usable
            couplings = sorted({(min(pair), max(pair)) for pair in found or ()})
            calibration = calibration_of(device)
            graph = best_stars(
                calibration, self.num_qubits, self.separators, couplings=couplings
            ).graph
            wires = graph.wires
        layout = "compiler" if wires is None else self.family
        return Preparation(
            _circuit(graph), tuple(range(self.num_qubits)), wires, layout, stars=graph
        )

    def as_prepared(self, preparation: Preparation) -> State:
        """With the edges that were chosen."""
        graph = preparation.stars
        if graph is None or self.edges is not None:
            return self
        return Stars(self.num_qubits, edges=graph.edges, centres=graph.centres)

    def _amplitudes(self) -> NDArray[np.float64]:
        return graph_amplitudes(self.num_qubits, self.graph().edges)


def _circuit(graph: StarGraph) -> "QuantumCircuit":
    return graph_circuit(graph.num_qubits, coloured_layers(graph.num_qubits, graph.edges))


def _sizes(qubits: int) -> list[int]:
    """As many stars of three qubits as there can be, some of them larger.

    >>> _sizes(3), _sizes(5), _sizes(8)
    ([3], [5], [4, 4])
    """
    count = qubits // SMALLEST
    sizes = [SMALLEST] * count
    for extra in range(qubits - SMALLEST * count):
        sizes[extra % count] += 1
    return sizes
