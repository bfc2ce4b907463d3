"""Permutation-symmetric states: sum_m c_m |D_m>, |D_m> the Dicke state with m ones."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb

from qbell.states.base import ones

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def symmetric_amplitudes(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2^N amplitudes of sum_m c_m |D_m> for coefficients c_0 ... c_N."""
    num_qubits = len(coefficients) - 1
    multiplicity = comb(num_qubits, np.arange(num_qubits + 1))
    amplitudes: NDArray[np.float64] = (coefficients / np.sqrt(multiplicity))[ones(num_qubits)]
    return amplitudes


def symmetric_circuit(coefficients: NDArray[np.float64], name: str) -> "QuantumCircuit":
    """Prepare sum_m c_m |D_m> (real c_m, at least one not 0) with O(N^2) two-qubit gates.

    First the unary state sum_m c_m |1^m 0^(N-m)>, ones on qubits 0 to m - 1, by a chain of
    controlled rotations; then the Dicke unitary of Baertschi and Eidenbenz, "Deterministic
    preparation of Dicke states" (2019), which takes every |1^m 0^(N-m)> to |D_m> at once.
    """
    from qiskit import QuantumCircuit

    num_qubits = len(coefficients) - 1
    circuit = QuantumCircuit(num_qubits, name=name)
    most = int(np.flatnonzero(coefficients)[-1])
    _unary(circuit, coefficients[: most + 1])
    for first in range(num_qubits - 1):
        _split_off(circuit, first, min(most, num_qubits - first - 1))
    return circuit


def _unary(circuit: "QuantumCircuit", coefficients: NDArray[np.float64]) -> None:
    # tail[m]: norm of c_m, c_(m+1), ...: qubit m is 1 exactly when there are more than m ones.
    tail = np.sqrt(np.cumsum(coefficients[::-1] ** 2)[::-1])
    last = len(coefficients) - 2
    for qubit in range(last + 1):
        above = coefficients[-1] if qubit == last else tail[qubit + 1]
        angle = 2 * float(np.arctan2(above, coefficients[qubit]))
        certain = coefficients[qubit] == 0  # never as few ones: no rotation by half
        if certain and qubit == 0:
            circuit.x(0)
        elif certain:
            circuit.cx(qubit - 1, qubit)
        elif qubit == 0:
            circuit.ry(angle, 0)
        else:
            circuit.cry(angle, qubit - 1, qubit)


def _split_off(circuit: "QuantumCircuit", first: int, most: int) -> None:
    """On qubits from ``first`` on, with their ones in front, l <= most: settle qubit ``first``.

    With n qubits in the block, |1^l 0^(n-l)> -> sqrt(l/n) |1> |1^(l-1) 0^(n-l)>
    + sqrt(1 - l/n) |0> |1^l 0^(n-l-1)>: what follows ``first`` is unary again. (The "split and
    cyclic shift" gate, with qubits counted from the other end.)
    """
    from qiskit.circuit.library import RYGate

    size = circuit.num_qubits - first
    for count in range(1, most + 1):
        angle = 2 * float(np.arccos(np.sqrt(count / size)))
        vacant = first + count  # the qubit behind the ones: it takes over the one of `first`
        controls = [first] if count == 1 else [first, vacant - 1]
        rotation = RYGate(angle).control(len(controls), annotated=False)
        circuit.cx(vacant, first)
        circuit.append(rotation, [*controls, vacant])
        circuit.cx(vacant, first)
