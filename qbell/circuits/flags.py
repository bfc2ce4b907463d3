"""Flags: ancillas that each read the parity of two qubits of a state, to reject shots with errors.

They are in the register ``flags``, as is the column of a counts table.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qbell.circuits.gates import Edge
from qbell.shots.columns import FLAGS

if TYPE_CHECKING:
    from qiskit import ClassicalRegister, QuantumCircuit

MID_CIRCUIT, AT_THE_END = "mid-circuit", "end"
WHEN = (MID_CIRCUIT, AT_THE_END)  # flags may be read


@dataclass(frozen=True)
class Flags:
    """The ancillas of a circuit, and what each of them checks.

    Attributes:
        ancillas: (F,) qubits of the circuit; bit f of the register ``flags`` is that of ancilla f.
        checks: (F,) the two qubits of the circuit whose parity Z Z it reads: 0 where they agree.
        when: ``mid-circuit``, before the rotations of the settings begin, or at the ``end``,
            together with the qubits of the state.
    """

    ancillas: tuple[int, ...]
    checks: tuple[Edge, ...]
    when: str

    @property
    def mid_circuit(self) -> bool:
        """Whether shots are accepted before their settings act."""
        return self.when == MID_CIRCUIT


def with_flags(circuit: "QuantumCircuit", checks: tuple[Edge, ...], when: str) -> "QuantumCircuit":
    """The circuit, and an ancilla behind its qubits for each check.

    Each ancilla takes a CX from both its qubits. Flags that are read at the end are left for the
    measurement of all, see `qbell.circuits.measurement.with_measurement`.

    >>> from qbell.circuits.ghz import line_circuit
    >>> flagged = with_flags(line_circuit(3), ((0, 2),), MID_CIRCUIT)
    >>> flagged.num_qubits, flagged.count_ops()["cx"], flagged.cregs[0].name
    (4, 4, 'flags')
    """
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

    size = circuit.num_qubits
    flagged = QuantumCircuit(QuantumRegister(size + len(checks), "q"), name=circuit.name)
    flagged.compose(circuit, qubits=range(size), inplace=True)
    for place, (first, second) in enumerate(checks):
        flagged.cx(first, size + place)
        flagged.cx(second, size + place)
    if when == MID_CIRCUIT:
        register = ClassicalRegister(len(checks), FLAGS)
        flagged.add_register(register)
        flagged.measure(range(size, size + len(checks)), register)
    return flagged


def flag_register(circuit: "QuantumCircuit") -> "ClassicalRegister | None":
    """The register of a circuit's flags; None without any."""
    return next((register for register in circuit.cregs if register.name == FLAGS), None)


def num_flags(circuit: "QuantumCircuit") -> int:
    """How many flags a circuit reads."""
    register = flag_register(circuit)
    return 0 if register is None else len(register)
