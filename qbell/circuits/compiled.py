"""The measured circuit of a preparation on a device: compiled once, and passed on with it."""

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
    return replace(preparation, compiled=Compiled(circuit, device, axis, along_xi))


def physical_qubits(compiled: "QuantumCircuit") -> list[int]:
    """The physical qubit where each qubit of a compiled `measured_circuit` is measured."""
    register = outcome_register(compiled)
    place = {bit: k for k, bit in enumerate(register)}
    qubits = [-1] * len(register)
    for item in compiled.data:
        if item.operation.name == "measure" and item.clbits[0] in place:
            qubits[place[item.clbits[0]]] = compiled.find_bit(item.qubits[0]).index
    return qubits
