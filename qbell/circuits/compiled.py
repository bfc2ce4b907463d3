"""The measured circuit of a preparation on a device: compiled once, and passed on with it."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qbell.circuits.measurement import (
    checked,
    compile_for,
    measures_xi,
    outcome_register,
    with_measurement,
)
from qbell.circuits.preparation import Compiled, Preparation
from qbell.conventions.axes import Axis
from qbell.designs import Design

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MANY = 12  # qubits; beyond, a device's errors are simulated as Paulis, through Clifford gates alone
ROUNDING = 1e-6  # of an angle


def compiled_circuit(
    preparation: "Preparation | QuantumCircuit", device: Any, axis: Axis, design: str | Design
) -> "QuantumCircuit":
    """The `measured_circuit` of a preparation, in gates of ``device`` (plain ones if None).

    The one that the preparation brings along, if it was made for the same; else compiled now.

    Raises:
        QbellError: see `qbell.circuits.measurement.checked` and `compile_for`.
    """
    found = with_compiled(preparation, device, axis, design).compiled
    assert found is not None
    return found.circuit


def with_compiled(
    preparation: "Preparation | QuantumCircuit", device: Any, axis: Axis, design: str | Design
) -> Preparation:
    """The preparation, checked, with its measured circuit compiled; see `compiled_circuit`."""
    preparation = checked(preparation)
    along_xi = measures_xi(design)
    known = preparation.compiled
    same = known is not None and (known.axis, known.along_xi) == (axis, along_xi)
    if known is not None and same and known.device is device:
        return preparation
    measured = with_measurement(preparation, axis, along_xi)
    circuit = compile_for(measured, device, preparation.wires)
    if device is not None and preparation.num_qubits > MANY and _turned_qubits(circuit) > 1:
        plain = compile_for(measured, device, preparation.wires, level=1)
        if _turned_qubits(plain) <= 1 and _couplings(plain) <= _couplings(circuit):
            circuit = plain
    return replace(preparation, compiled=Compiled(circuit, device, axis, along_xi))


def _turned_qubits(circuit: "QuantumCircuit") -> int:
    """On how many qubits there is a fixed angle that is no multiple of pi/2.

    Such a gate is not Clifford. Of Clifford circuits the compiler makes some where it takes pairs
    of gates as one: angles of any size that cancel behind the gate that they commute with.
    """
    found = set()
    for item in circuit.data:
        fixed = [float(each) for each in item.operation.params if isinstance(each, int | float)]
        if item.operation.name != "delay" and any(
            abs(math.remainder(angle, math.pi / 2)) > ROUNDING for angle in fixed
        ):
            found |= set(item.qubits)
    return len(found)


def _couplings(circuit: "QuantumCircuit") -> int:
    """How many gates of two qubits there are."""
    return sum(len(item.qubits) == 2 for item in circuit.data if item.operation.name != "barrier")


def physical_qubits(compiled: "QuantumCircuit") -> list[int]:
    """The physical qubit where each qubit of a compiled `measured_circuit` is measured."""
    register = outcome_register(compiled)
    place = {bit: k for k, bit in enumerate(register)}
    qubits = [-1] * len(register)
    for item in compiled.data:
        if item.operation.name == "measure" and item.clbits[0] in place:
            qubits[place[item.clbits[0]]] = compiled.find_bit(item.qubits[0]).index
    return qubits
