"""The circuit of a phase scan: preparation, turn by an angle about xi, read-out.

Turned by theta, a state is e^(-i theta h) psi, h = sum_k sigma_xi^(k) / 2. In the frame of the axis
that is rz(theta) on each qubit. Barriers on both sides keep the compiler from cancelling gates of
the preparation against those that undo it, and the gates are the same at every angle. The first
barrier has a label, so that the state itself is found again in the compiled circuit; the last one
has that of all measured circuits, so that a simulation takes all before it for gates.
"""

from typing import TYPE_CHECKING

from qbell.circuits.measurement import OUTCOMES, PREPARED
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.shots.phase_scan import check_read_out

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

TURN = "theta"  # name of the parameter
STATE = "state of the scan"  # label of the barrier behind the preparation


def scan_circuit(preparation: Preparation, axis: Axis, read_out: str) -> "QuantumCircuit":
    """The circuit with one parameter, the angle; outcomes in the register ``meas``.

    Args:
        preparation: as `qbell.circuits.measurement.checked` returns it.
        axis: xi, with sigma_1 and sigma_2.
        read_out: ``parity`` measures every qubit along sigma_1; ``echo`` undoes the preparation
            and measures along z.

    Raises:
        QbellError: a preparation with mid-circuit measurements or ancillas cannot be undone.
    """
    from qiskit import ClassicalRegister
    from qiskit.circuit import Parameter
    from qiskit.circuit.library import UnitaryGate

    undoes = check_read_out(read_out) == "echo"
    if preparation.flags is not None:
        raise QbellError("a phase scan reads no flags; leave flags out")
    if undoes and not preparation.is_unitary:
        raise QbellError(
            "the preparation measures qubits or has ancillas, so it cannot be undone; use the "
            "read-out parity, or a unitary preparation"
        )
    circuit = preparation.circuit.copy()
    angle = Parameter(TURN)
    circuit.barrier(label=STATE)
    frame = None if axis.is_laboratory else axis.frame()
    for qubit in preparation.qubits:
        if frame is not None:
            circuit.append(UnitaryGate(frame.conj().T), [qubit])
    circuit.barrier()
    for qubit in preparation.qubits:
        circuit.rz(angle, qubit)
    circuit.barrier()
    if undoes:
        for qubit in preparation.qubits:
            if frame is not None:
                circuit.append(UnitaryGate(frame), [qubit])
        circuit.barrier()
        circuit.compose(preparation.circuit.inverse(), inplace=True)
    else:
        for qubit in preparation.qubits:
            circuit.h(qubit)
    outcomes = ClassicalRegister(preparation.num_qubits, OUTCOMES)
    circuit.add_register(outcomes)
    circuit.barrier(preparation.qubits, label=PREPARED)
    circuit.measure(preparation.qubits, outcomes)
    return circuit


def state_of_scan(compiled: "QuantumCircuit") -> "QuantumCircuit":
    """A compiled `scan_circuit` up to the turn, and measured there along z: its state alone.

    Routing may move a qubit: where each is at that point, the barrier there says.

    Raises:
        QbellError: the preparation uses other qubits, which the barrier holds too, or was not
            compiled from a scan's circuit.
    """
    from qiskit import ClassicalRegister

    found = compiled.copy_empty_like()
    register = next(each for each in compiled.cregs if each.name == OUTCOMES)
    state = []
    for item in compiled.data:
        if item.operation.name == "barrier" and item.operation.label == STATE:
            state = list(item.qubits)
            break
        found.append(item)
    if len(state) != len(register) or compiled.num_clbits > len(register):
        raise QbellError(
            "the state is not found in the compiled circuit of the scan, as its preparation uses "
            "other qubits; use a unitary preparation"
        )
    assert isinstance(register, ClassicalRegister)
    found.barrier(state, label=PREPARED)
    found.measure(state, register)
    return found
