"""Circuits of product states."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def coherent_circuit(num_qubits: int, theta: Any, phi: Any = 0.0) -> "QuantumCircuit":
    """Every qubit in cos(theta/2) |0> + exp(i phi) sin(theta/2) |1>: ry(theta), then p(phi).

    Args:
        num_qubits: N.
        theta: polar angle, a number or a Qiskit Parameter.
        phi: azimuth, likewise; a number 0 leaves its gate out.

    >>> circuit = coherent_circuit(3, 0.4)
    >>> dict(circuit.count_ops())
    {'ry': 3}
    """
    return product_circuit([theta] * num_qubits, [phi] * num_qubits, "coherent")


def product_circuit(theta: Sequence[Any], phi: Sequence[Any], name: str) -> "QuantumCircuit":
    """Qubit k in cos(theta_k/2) |0> + exp(i phi_k) sin(theta_k/2) |1>, k = 0 first."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(len(theta), name=name)
    for qubit, polar in enumerate(theta):
        circuit.ry(polar, qubit)
    for qubit, azimuth in enumerate(phi):
        if not isinstance(azimuth, int | float) or azimuth != 0:
            circuit.p(azimuth, qubit)
    return circuit
