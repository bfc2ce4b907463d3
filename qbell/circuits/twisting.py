"""One-axis twisting exp(-i t J_z^2): the same ZZ rotation on every pair of qubits."""

from typing import TYPE_CHECKING, Any

from qbell.circuits.gates import check_gates

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Pairs = list[tuple[int, int]]


def tournament(num_qubits: int) -> list[Pairs]:
    """All pairs of qubits in rounds of disjoint pairs: N - 1 rounds for even N, N for odd N.

    A round-robin tournament by the circle method: one player stays, the others move on by a place
    after each round. For odd N who meets a player N that is not there sits out.

    >>> tournament(4)
    [[(0, 3), (1, 2)], [(1, 3), (0, 2)], [(2, 3), (0, 1)]]
    """
    players = num_qubits + num_qubits % 2
    moving = players - 1
    rounds = []
    for turn in range(moving):
        pairs = [(turn, moving)]
        for step in range(1, players // 2):
            one, two = (turn + step) % moving, (turn - step) % moving
            pairs.append((min(one, two), max(one, two)))
        rounds.append([pair for pair in pairs if max(pair) < num_qubits])
    return rounds


def twist(circuit: "QuantumCircuit", angle: Any) -> None:
    """exp(-i angle J_z^2) on all qubits, up to a phase: rzz(angle) on all N (N - 1) / 2 pairs.

    J_z^2 = N / 4 + 1/2 sum_(j<k) Z_j Z_k.
    """
    for pairs in tournament(circuit.num_qubits):
        for one, two in pairs:
            circuit.rzz(angle, one, two)


def twisting_circuit(num_qubits: int, time: Any) -> "QuantumCircuit":
    """exp(-i t J_z^2) |+>^N up to a phase, in N - 1 (even N) or N layers of rzz(t).

    Args:
        num_qubits: N.
        time: t, strength times duration: a number or a Qiskit Parameter.

    Raises:
        QbellError: more than a million gates (N above 1414).

    >>> from qiskit.circuit import Parameter
    >>> circuit = twisting_circuit(4, Parameter("time"))
    >>> circuit.num_nonlocal_gates(), circuit.depth(), len(circuit.parameters)
    (6, 4, 1)
    """
    from qiskit import QuantumCircuit

    check_twists(num_qubits, 1)
    circuit = QuantumCircuit(num_qubits, name="twisting")
    circuit.h(range(num_qubits))
    twist(circuit, time)
    return circuit


def check_twists(num_qubits: int, count: int) -> None:
    """Refuse ``count`` twists of N qubits if they take more than a million gates."""
    gates = count * num_qubits * (num_qubits - 1) // 2
    check_gates(gates, f"one-axis twisting of {num_qubits} qubits")
