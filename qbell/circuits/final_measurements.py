"""The preparation in a circuit file: without what measures it, and without wires that idle.

Most circuits that are passed on end in measurements, and are as wide as the device that they were
written for. Neither is a part of the state.
"""

from typing import TYPE_CHECKING, Any

from qbell.circuits.openqasm3_unrolled import UNSAVED
from qbell.circuits.transpiled import NO_GATES, in_virtual_order

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

SHOWN = 8  # qubits in a note
FEWEST = 2  # qubits of a state with correlations


def preparing_part(circuit: "QuantumCircuit") -> "tuple[QuantumCircuit, tuple[str, ...]]":
    """The circuit of the state's qubits alone, and a note of each thing that was left out.

    A measurement is final if no gate acts on its qubit after it, and no condition reads its bit.
    Qubits that no gate acts on and that are not measured are left out, unless fewer than two would
    stay. If all the others are measured once, each into a bit of its own, the one with the lowest
    bit is qubit 0 of the state; else they stay in the order of the circuit. A circuit that
    measures, resets or branches before its end keeps these operations.

    Raises:
        QbellError: a compiled circuit, see `qbell.circuits.transpiled.in_virtual_order`.

    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(3, 2)
    >>> _ = circuit.x(2)
    >>> _ = circuit.h(0)
    >>> _ = circuit.measure([0, 2], [1, 0])
    >>> found, notes = preparing_part(circuit)
    >>> found.num_qubits, found.find_bit(found.data[0].qubits[0]).index
    (2, 0)
    >>> notes[0]
    '1 of its 3 qubits is neither used nor measured and was left out: q[1]'
    """
    narrow = in_virtual_order(circuit)
    final, opened = _final_measurements(narrow)
    used = _used(narrow, final)
    measured = {narrow.data[index].qubits[0] for index in final}
    kept = [qubit for qubit in narrow.qubits if qubit in used | measured]
    if len(kept) < FEWEST:
        kept = list(narrow.qubits)
    notes: list[str] = []
    idle = [qubit for qubit in narrow.qubits if qubit not in set(kept)]
    if idle:
        are = "is neither" if len(idle) == 1 else "are neither"
        left = "was left out" if len(idle) == 1 else "were left out"
        notes.append(
            f"{len(idle)} of its {narrow.num_qubits} qubits {are} used nor measured and {left}: "
            f"{_names(narrow, idle)}"
        )
    order = kept
    if final:
        order, said = _in_order_of_bits(narrow, kept, final)
        notes.append(f"its final measurements were left out: {said}")
        if circuit.layout is not None:
            notes.append(
                "it was compiled for a device, and compilers leave out gates that a measurement "
                "behind them does not see; the state is that of the gates which are there"
            )
    if order == list(narrow.qubits) and not final and (opened or not narrow.num_clbits):
        return narrow, tuple(notes)
    return _rebuilt(narrow, order, final, with_bits=opened), tuple(notes)


def name_of(circuit: "QuantumCircuit", bit: Any) -> str:
    """A qubit as a file names it, ``q[2]``; ``qubit 2`` of one that is in no register."""
    place = circuit.find_bit(bit)
    if not place.registers:
        return f"qubit {place.index}"
    register, index = place.registers[0]
    return f"{register.name}[{index}]"


def _final_measurements(circuit: "QuantumCircuit") -> tuple[set[int], bool]:
    """Which instructions they are, and whether others need classical bits."""
    final: set[int] = set()
    acted: set[Any] = set()  # by what comes later
    read: set[Any] = set()
    for index in range(len(circuit.data) - 1, -1, -1):
        item = circuit.data[index]
        name = item.operation.name
        if name in NO_GATES:
            continue
        if name == "measure" and item.qubits[0] not in acted and item.clbits[0] not in read:
            final.add(index)
            continue
        acted.update(item.qubits)
        read.update(item.clbits)
    return final, bool(read)


def _used(circuit: "QuantumCircuit", final: set[int]) -> set[Any]:
    return {
        qubit
        for index, item in enumerate(circuit.data)
        if index not in final and item.operation.name not in NO_GATES
        for qubit in item.qubits
    }


def _in_order_of_bits(
    circuit: "QuantumCircuit", kept: list[Any], final: set[int]
) -> tuple[list[Any], str]:
    """The qubits as the state counts them, and what to say of that."""
    bits: dict[Any, list[int]] = {}
    for index in sorted(final):
        item = circuit.data[index]
        bits.setdefault(item.qubits[0], []).append(circuit.find_bit(item.clbits[0]).index)
    missing = [qubit for qubit in kept if qubit not in bits]
    if missing:
        stay = "stays a qubit" if len(missing) == 1 else "stay qubits"
        return kept, (
            f"{_names(circuit, missing)} had none and {stay} of the state, all in the order of "
            "the file"
        )
    written = [bit for found in bits.values() for bit in found]
    saved = all(not name_of(circuit, circuit.clbits[bit]).startswith(UNSAVED) for bit in written)
    if (
        not saved
        or any(len(found) > 1 for found in bits.values())
        or len(set(written)) < len(written)
    ):
        return kept, "they write no bit for each qubit, so the qubits keep the order of the file"
    order = sorted(kept, key=lambda qubit: bits[qubit][0])
    if order == kept:
        return kept, "qbell adds its own"
    return order, f"qubits 0, 1, ... of the state by their bits: {_names(circuit, order)}"


def _rebuilt(
    circuit: "QuantumCircuit", order: list[Any], final: set[int], *, with_bits: bool
) -> "QuantumCircuit":
    from qiskit import QuantumCircuit

    place = {qubit: index for index, qubit in enumerate(order)}
    found = QuantumCircuit(
        len(order),
        name=circuit.name,
        global_phase=circuit.global_phase,
        metadata=circuit.metadata,
    )
    if with_bits:
        found.add_bits(circuit.clbits)
        for register in circuit.cregs:
            found.add_register(register)
    ended: set[Any] = set()
    for index, item in enumerate(circuit.data):
        name = item.operation.name
        if index in final:
            ended.add(item.qubits[0])
            continue
        qubits = [place[qubit] for qubit in item.qubits if qubit in place]
        if name == "barrier":
            alive = [place[bit] for bit in item.qubits if bit in place and bit not in ended]
            if alive:
                found.barrier(alive, label=item.operation.label)
        elif len(qubits) == len(item.qubits) and not (
            name == "delay" and set(item.qubits) <= ended
        ):
            found.append(item.operation, qubits, item.clbits)
    return found


def _names(circuit: "QuantumCircuit", qubits: list[Any]) -> str:
    listed = [name_of(circuit, qubit) for qubit in qubits[:SHOWN]]
    more = f" and {len(qubits) - SHOWN} more" if len(qubits) > SHOWN else ""
    return ", ".join(listed) + more
