"""A list of plain gates that is counted before a circuit is made of it."""

from typing import TYPE_CHECKING

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Edge = tuple[int, int]  # two qubits that a gate acts on

MAX_GATES = 10**6


class Gates:
    """Gates in the order in which they act: (name, qubits, angle or None).

    The names are those of Qiskit's methods: x, h, ry, p, cz, cx. Two h one after the other on a
    qubit cancel, and a rotation by nothing is left out.
    """

    def __init__(self) -> None:
        self.items: list[tuple[str, tuple[int, ...], float | None]] = []
        self.global_phase = 0.0
        self._last: dict[int, int] = {}  # where in `items` the last gate of each qubit is

    @property
    def two_qubit_gates(self) -> int:
        """How many."""
        return sum(len(qubits) == 2 for _, qubits, _ in self.items)

    def add(self, name: str, *qubits: int, angle: float | None = None) -> None:
        """Append one gate."""
        if angle == 0:
            return
        last = self._last.get(qubits[0])
        if name == "h" and last is not None and self.items[last] == ("h", qubits, None):
            self.items[last] = ("id", (), None)
            self._last.pop(qubits[0])
            return
        for qubit in qubits:
            self._last[qubit] = len(self.items)
        self.items.append((name, qubits, angle))

    def extend(self, other: "Gates") -> None:
        """Append all gates of another list."""
        for name, qubits, angle in other.items:
            if qubits:
                self.add(name, *qubits, angle=angle)
        self.global_phase += other.global_phase

    def circuit(self, num_qubits: int, name: str) -> "QuantumCircuit":
        """A Qiskit circuit of these gates."""
        from qiskit import QuantumCircuit

        circuit = QuantumCircuit(num_qubits, name=name, global_phase=self.global_phase)
        for kind, qubits, angle in self.items:
            if qubits:
                getattr(circuit, kind)(*([] if angle is None else [angle]), *qubits)
        return circuit


def check_gates(count: int, what: str) -> None:
    """Refuse a circuit of too many gates before the first is made.

    Raises:
        QbellError: more than a million gates.
    """
    if count > MAX_GATES:
        raise QbellError(
            f"{what} takes {count} gates; circuits are built up to {MAX_GATES}, use fewer qubits"
        )
