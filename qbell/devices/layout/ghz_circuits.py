"""GHZ circuits on physical qubits that were chosen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qbell.circuits.ghz import broadcast_circuit, constant_circuit, line_circuit
from qbell.circuits.preparation import Preparation
from qbell.devices.layout.tree import Tree

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def feeds_forward(device: Any) -> bool:
    """Whether a device's target takes if_else."""
    return "if_else" in device.target.operation_names


def on_line(path: Sequence[int]) -> Preparation:
    """The line circuit along a path of physical qubits."""
    return unitary_preparation(line_circuit(len(path)), "line", path)


def on_tree(tree: Tree) -> Preparation:
    """The circuit of a tree of physical qubits; qubit 0 of the state is its root."""
    wires = tree.qubits
    place = {wire: qubit for qubit, wire in enumerate(wires)}
    pairs = [(place[old], place[new]) for layer in tree.layers for old, new in layer]
    return unitary_preparation(broadcast_circuit(len(wires), 0, pairs), "tree", wires)


def on_constant(path: Sequence[int]) -> Preparation:
    """The constant-depth circuit along a path of 2 N - 1 physical qubits."""
    return constant_preparation((len(path) + 1) // 2, path)


def unitary_preparation(
    circuit: "QuantumCircuit", layout: str, wires: Sequence[int] | None = None
) -> Preparation:
    """A unitary circuit all of whose qubits carry the state, perhaps on physical qubits."""
    qubits = tuple(range(circuit.num_qubits))
    return Preparation(circuit, qubits, None if wires is None else tuple(wires), layout)


def constant_preparation(num_qubits: int, path: Sequence[int] | None = None) -> Preparation:
    """The constant-depth circuit, perhaps along a path of physical qubits."""
    return Preparation(
        constant_circuit(num_qubits),
        tuple(range(0, 2 * num_qubits - 1, 2)),
        None if path is None else tuple(path),
        "constant",
    )
