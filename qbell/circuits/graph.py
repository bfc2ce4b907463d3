"""Graph states: their edges, and CZ gates in few layers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qbell.circuits.gates import Edge, check_gates
from qbell.circuits.twisting import tournament

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Layers = list[list[Edge]]


def line_layers(num_qubits: int) -> Layers:
    """k - (k + 1): 2 layers."""
    return _filled([[(k, k + 1) for k in range(start, num_qubits - 1, 2)] for start in (0, 1)])


def ring_layers(num_qubits: int) -> Layers:
    """A line closed by one more edge: 2 layers, for odd N 3."""
    layers = line_layers(num_qubits)
    closing = (0, num_qubits - 1)
    return [*layers, [closing]] if num_qubits % 2 else [layers[0], [*layers[1], closing]]


def star_layers(num_qubits: int) -> Layers:
    """0 - k for every k: all of them meet at qubit 0, so N - 1 layers."""
    return [[(0, k)] for k in range(1, num_qubits)]


def grid_layers(rows: int, columns: int) -> Layers:
    """Rows of ``columns`` qubits one after the other, each tied to its neighbours: 4 layers."""
    layers: Layers = [[], [], [], []]
    for row in range(rows):
        for column in range(columns):
            qubit = row * columns + column
            if column + 1 < columns:
                layers[column % 2].append((qubit, qubit + 1))
            if row + 1 < rows:
                layers[2 + row % 2].append((qubit, qubit + columns))
    return _filled(layers)


def complete_layers(num_qubits: int) -> Layers:
    """All pairs, in N - 1 (even N) or N layers."""
    check_gates(num_qubits * (num_qubits - 1) // 2, f"a complete graph of {num_qubits} qubits")
    return tournament(num_qubits)


def coloured_layers(num_qubits: int, edges: Iterable[Edge]) -> Layers:
    """Any edges: as many layers as the largest degree if the graph is bipartite, else one more.

    By the edge colourings of rustworkx, which comes with Qiskit (for other graphs that of Misra
    and Gries).
    """
    import rustworkx

    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(num_qubits))
    given = list(edges)
    graph.add_edges_from_no_data(given)
    if rustworkx.is_bipartite(graph):
        colours = rustworkx.graph_bipartite_edge_color(graph)
    else:
        colours = rustworkx.graph_misra_gries_edge_color(graph)
    layers: Layers = [[] for _ in range(1 + max(colours.values()))]
    for edge in range(len(given)):
        layers[colours[edge]].append(given[edge])
    return _filled(layers)


def graph_circuit(num_qubits: int, layers: Layers) -> "QuantumCircuit":
    """|+>^N and a CZ on every edge, layer by layer."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(num_qubits, name="graph")
    circuit.h(range(num_qubits))
    for layer in layers:
        for one, two in layer:
            circuit.cz(one, two)
    return circuit


def _filled(layers: Layers) -> Layers:
    return [layer for layer in layers if layer]
