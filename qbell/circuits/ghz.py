"""Circuits for the GHZ state (|0...0> + |1...1>) / sqrt(2), without a device."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qbell.circuits.gates import Edge, check_gates
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

LAYOUTS = ("auto", "line", "log", "tree", "star", "constant")


def check_layout(layout: object) -> None:
    """Refuse what is no layout.

    Raises:
        QbellError: it is none of `LAYOUTS`.
    """
    if not isinstance(layout, str) or layout not in LAYOUTS:
        raise QbellError(f"layout = {layout!r}; use one of {', '.join(LAYOUTS)}")


def broadcast_circuit(num_qubits: int, root: int, pairs: Iterable[Edge]) -> "QuantumCircuit":
    """A Hadamard on the root and a CX for each pair (reached, new), in this order."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(num_qubits, name="ghz")
    circuit.h(root)
    for old, new in pairs:
        circuit.cx(old, new)
    return circuit


def line_circuit(num_qubits: int) -> "QuantumCircuit":
    """From the middle of a line outwards: two-qubit depth (N + 1) // 2."""
    middle = num_qubits // 2
    left = [(qubit, qubit - 1) for qubit in range(middle, 0, -1)]
    right = [(qubit, qubit + 1) for qubit in range(middle, num_qubits - 1)]
    return broadcast_circuit(num_qubits, middle, left + right)


def doubling(num_qubits: int) -> list[Edge]:
    """Pairs that double the qubits reached layer by layer: k reaches k + 2^layer.

    >>> doubling(5)
    [(0, 1), (0, 2), (1, 3), (0, 4)]
    """
    return [(new - (1 << new.bit_length() - 1), new) for new in range(1, num_qubits)]


def constant_circuit(num_qubits: int) -> "QuantumCircuit":
    """A GHZ state in two layers of CX, with N - 1 ancillas measured mid-circuit.

    On a line of 2 N - 1 qubits the even ones carry the state and start in |+>; each odd one takes a
    CX from both its neighbours, so that it holds their parity, and is measured: outcome 1 says that
    the state's qubits on one side of it are flipped. They are flipped back on the shorter side (a
    flip of all changes nothing). Ancillas stay in the state that was measured; they are not reset.

    Baeumer et al., PRX Quantum 5, 030339 (2024), Sec. on GHZ states.
    """
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

    check_gates(
        num_qubits * num_qubits // 4 + 4 * num_qubits, f"constant depth for n = {num_qubits}"
    )
    parities = ClassicalRegister(num_qubits - 1, "parity")
    circuit = QuantumCircuit(QuantumRegister(2 * num_qubits - 1, "q"), parities, name="ghz")
    state = range(0, 2 * num_qubits - 1, 2)
    ancillas = range(1, 2 * num_qubits - 1, 2)
    circuit.h(state)
    for ancilla in ancillas:
        circuit.cx(ancilla - 1, ancilla)
    for ancilla in ancillas:
        circuit.cx(ancilla + 1, ancilla)
    circuit.measure(ancillas, parities)
    circuit.barrier()  # outcomes are fed forward together
    for place in range(num_qubits - 1):
        before, behind = state[: place + 1], state[place + 1 :]
        with circuit.if_test((parities[place], 1)):
            circuit.x(before if len(before) < len(behind) else behind)
    return circuit
