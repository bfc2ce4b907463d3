"""Circuits that begin with what |0...0> makes plain: resets and initial states; and their loops."""

from typing import TYPE_CHECKING

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

SET, CLEARED = "initialize", "reset"
NO_TOUCH = ("barrier", "delay")


def from_zero(circuit: "QuantumCircuit") -> "QuantumCircuit":
    """The circuit with its loops written out, and without resets of qubits that are still |0>.

    An ``initialize`` of such qubits becomes gates. Everything else stays, also a reset or an
    ``initialize`` later on, which no unitary is.

    Raises:
        QbellError: loops that cannot be written out.

    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.reset(0)
    >>> with circuit.for_loop(range(3)):
    ...     _ = circuit.h(0)
    >>> dict(from_zero(circuit).count_ops())
    {'h': 3}
    """
    names = {item.operation.name for item in circuit.data}
    if "for_loop" in names:
        circuit = _unrolled(circuit)
    elif not names & {SET, CLEARED}:
        return circuit
    touched: set[object] = set()
    found = circuit.copy_empty_like()
    for item in circuit.data:
        name = item.operation.name
        still_zero = touched.isdisjoint(item.qubits)
        if name == CLEARED and still_zero:
            continue
        if name not in NO_TOUCH:
            touched.update(item.qubits)
        if name == SET and still_zero:
            for part in item.operation.definition.data:  # resets, then the state's gates
                if part.operation.name != CLEARED:
                    places = [
                        item.operation.definition.find_bit(qubit).index for qubit in part.qubits
                    ]
                    found.append(part.operation, [item.qubits[place] for place in places])
            continue
        found.append(item)
    return found


def _unrolled(circuit: "QuantumCircuit") -> "QuantumCircuit":
    from qiskit.exceptions import QiskitError
    from qiskit.transpiler.passes import UnrollForLoops

    try:
        unrolled: QuantumCircuit = UnrollForLoops()(circuit)
    except QiskitError as error:
        raise QbellError(
            f"a for_loop of the circuit cannot be written out ({str(error.message).splitlines()[0]}"
            "); give its gates"
        ) from error
    return unrolled
