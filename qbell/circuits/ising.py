"""Circuits of the Ising chain: layers of X and ZZ rotations on a line."""

from typing import TYPE_CHECKING, Any

from qbell.circuits.ghz import line_circuit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def ising_circuit(
    num_qubits: int, start: str, x: Any, zz: Any, *, flip: bool = False
) -> "QuantumCircuit":
    """Layers of rx(x) = exp(-i x/2 X) and rzz(zz) = exp(-i zz/2 Z Z) on a line.

    Each layer has the rzz on the even bonds side by side, then on the odd ones: its two-qubit depth
    is 2, where rzz is one gate, and no qubit meets any but its neighbours. An angle of 0 needs no
    gate.

    Args:
        num_qubits: N.
        start: ``plus``, a Hadamard each, and each layer is ZZ, then X; or ``ghz``, a GHZ circuit
            from the middle outwards, and each layer is X, then ZZ.
        x: for each layer the N angles of rx, or one for all: numbers or Qiskit parameters.
        zz: for each layer the N - 1 angles of rzz, or one for all.
        flip: X on the qubits 1, 3, ... at the end, for antiferromagnets.
    """
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(num_qubits, name="ising")
    if start == "plus":
        circuit.h(range(num_qubits))
    else:
        circuit.compose(line_circuit(num_qubits), inplace=True)
    for on_sites, on_bonds in zip(x, zz, strict=True):
        if start == "ghz":
            _rotate_x(circuit, on_sites)
        _rotate_zz(circuit, on_bonds)
        if start == "plus":
            _rotate_x(circuit, on_sites)
    if flip:
        circuit.x(range(1, num_qubits, 2))
    return circuit


def _rotate_x(circuit: "QuantumCircuit", angles: Any) -> None:
    for qubit in range(circuit.num_qubits):
        angle = _of(angles, qubit)
        if angle != 0:
            circuit.rx(angle, qubit)


def _rotate_zz(circuit: "QuantumCircuit", angles: Any) -> None:
    for first in (0, 1):
        for qubit in range(first, circuit.num_qubits - 1, 2):
            angle = _of(angles, qubit)
            if angle != 0:
                circuit.rzz(angle, qubit, qubit + 1)


def _of(angles: Any, place: int) -> Any:
    """One angle of several, or the one for all; NumPy's numbers as Python's, for Qiskit."""
    angle = angles[place] if hasattr(angles, "__len__") else angles
    return angle.item() if hasattr(angle, "item") else angle
