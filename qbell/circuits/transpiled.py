"""A circuit that was compiled for a device, as the circuit of the qubits that carry its state."""

from typing import TYPE_CHECKING

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

NO_GATES = ("barrier", "delay")


def in_virtual_order(circuit: "QuantumCircuit") -> "QuantumCircuit":
    """The circuit on the qubits of the state, in the order before it was compiled.

    Qiskit notes in ``circuit.layout`` on which wire each qubit ends; on the others, the device's
    own, nothing happens, and they are left out. A circuit without a layout stays as it is.

    Raises:
        QbellError: gates on wires that carry no qubit of the state, as swaps through them leave.

    >>> from qiskit import QuantumCircuit, transpile
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.x(0)
    >>> wide = transpile(circuit, coupling_map=[[0, 1], [1, 2]], initial_layout=[2, 0])
    >>> found = in_virtual_order(wide)
    >>> wide.num_qubits, found.num_qubits, found.find_bit(found.data[0].qubits[0]).index
    (3, 2, 0)
    """
    from qiskit import QuantumCircuit

    layout = circuit.layout
    if layout is None:
        return circuit
    # Of OpenQASM 3 with physical qubits: a layout without a circuit before it.
    wires = [] if layout._input_qubit_count is None else layout.final_index_layout()
    if not wires or wires == list(range(circuit.num_qubits)):
        return circuit
    place = {circuit.qubits[wire]: index for index, wire in enumerate(wires)}
    others = {
        circuit.find_bit(bit).index
        for item in circuit.data
        if item.operation.name not in NO_GATES
        for bit in item.qubits
        if bit not in place
    }
    if others:
        listed = ", ".join(map(str, sorted(others)[:6]))
        raise QbellError(
            f"the circuit was compiled for a device and has gates on wires beside its "
            f"{len(wires)} qubits (wires {listed}); give the circuit from before it was compiled"
        )
    narrow = QuantumCircuit(
        len(wires),
        name=circuit.name,
        global_phase=circuit.global_phase,
        metadata=circuit.metadata,
    )
    narrow.add_bits(circuit.clbits)
    for register in circuit.cregs:
        narrow.add_register(register)
    for item in circuit.data:
        qubits = [place[bit] for bit in item.qubits if bit in place]
        if len(qubits) == len(item.qubits):
            narrow.append(item.operation, qubits, item.clbits)
        elif qubits and item.operation.name == "barrier":
            narrow.barrier(qubits)
    return narrow
