"""What a circuit costs: depth and two-qubit gates, branches included."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

NO_GATES = ("barrier", "delay", "snapshot")


@dataclass(frozen=True)
class GateCounts:
    """Counts of a circuit.

    Attributes:
        depth: of all operations.
        two_qubit_gates: number of gates on two or more qubits.
        two_qubit_depth: depth of these alone.
        measurements: number of mid-circuit measurements.
    """

    depth: int
    two_qubit_gates: int
    two_qubit_depth: int
    measurements: int


def count_gates(circuit: "QuantumCircuit") -> GateCounts:
    """Depths and numbers of gates; a branch counts with the gates in its blocks.

    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(3)
    >>> _ = circuit.h(0), circuit.cx(0, 1), circuit.cx(1, 2), circuit.barrier()
    >>> count_gates(circuit)
    GateCounts(depth=3, two_qubit_gates=2, two_qubit_depth=2, measurements=0)
    """
    return GateCounts(
        depth=circuit.depth(),
        two_qubit_gates=sum(_entangling(item.operation) for item in circuit.data),
        two_qubit_depth=circuit.depth(lambda item: _entangling(item.operation) > 0),
        measurements=sum(item.operation.name == "measure" for item in circuit.data),
    )


def _entangling(operation: Any) -> int:
    """Gates on two or more qubits that an operation stands for."""
    blocks = getattr(operation, "blocks", ())
    if blocks:
        return sum(_entangling(item.operation) for block in blocks for item in block.data)
    return int(operation.num_qubits >= 2 and operation.name not in NO_GATES)
