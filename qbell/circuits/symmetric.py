"""Exact preparation of any symmetric state sum_m c_m |D_m>, |D_m> the Dicke state of m ones.

First the unary state sum_m c_m |1^m 0^(N-m)>, ones on qubits 0 to m - 1. Then qubit after qubit is
settled, from 0 on: with n qubits left that hold |1^l 0^(n-l)>, the first of them is a one with
probability l/n, and what follows it is unary again (`qbell.circuits.dicke`).

Two-qubit gates, for N qubits: 2 N^2 - 3 N + 1 with any c_m; 2 N^2 - 5 N + 3 where all c_m are real
but for one phase; 2 N^2 - 8 N + 9 where also c_(N-m) = c_m for all m, or -c_m; fewer where the
c_m from some m on are zero; 2 N - 3 for W. The two-qubit depth grows with N, that of W with log N.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.dicke import number_of_steps, shared, split_off, spread, unary
from qbell.circuits.gates import Gates, check_gates

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

ROUNDING = 1e-15  # relative; to that the coefficients are known
GATES_A_STEP = 12


def symmetric_circuit(coefficients: NDArray[np.inexact], name: str) -> "QuantumCircuit":
    """Prepare sum_m c_m |D_m>, with the fewest two-qubit gates of the ways known here.

    Args:
        coefficients: c_0 ... c_N, sum |c_m|^2 = 1.
        name: of the circuit.

    Raises:
        QbellError: more than a million gates.

    >>> circuit = symmetric_circuit(np.array([0, 1, 0, 0, 0]), "w")
    >>> circuit.num_nonlocal_gates()
    5
    """
    num_qubits = len(coefficients) - 1
    numbers = np.flatnonzero(coefficients)
    steps = number_of_steps(num_qubits, int(numbers[0]), int(numbers[-1]))
    check_gates(GATES_A_STEP * steps, f"a {name} state of {num_qubits} qubits")
    given = np.asarray(coefficients, dtype=complex)
    phase = float(np.angle(given[np.argmax(np.abs(given))]))
    turned = given * np.exp(-1j * phase)
    if (np.abs(turned.imag) <= ROUNDING).all():
        turned = turned.real.astype(complex)
    best = _cheapest(turned, range(num_qubits))
    best.global_phase += phase
    return best.circuit(num_qubits, name)


def _cheapest(coefficients: NDArray[np.complex128], qubits: Sequence[int]) -> Gates:
    return min(_ways(coefficients, qubits), key=lambda gates: gates.two_qubit_gates)


def _ways(coefficients: NDArray[np.complex128], qubits: Sequence[int]) -> Iterator[Gates]:
    """All ways to prepare the state, the preferred first."""
    num_qubits = len(qubits)
    sign = _parity(coefficients)
    if sign and num_qubits > 1:
        yield _even_or_odd(coefficients, qubits, sign)
    for flipped in (False, True):
        values = coefficients[::-1] if flipped else coefficients
        for merged in (True, False):
            if merged and (num_qubits < 2 or values.imag.any()):
                continue
            gates = _direct(values, qubits, merged)
            if flipped:
                for qubit in qubits:
                    gates.add("x", qubit)
            yield gates


def _parity(coefficients: NDArray[np.complex128]) -> int:
    """1 or -1 if flipping all qubits multiplies the state by that, else 0."""
    for sign in (1, -1):
        difference = np.abs(coefficients - sign * coefficients[::-1])
        if (difference <= ROUNDING * np.abs(coefficients)).all():
            return sign
    return 0


def _even_or_odd(coefficients: NDArray[np.complex128], qubits: Sequence[int], sign: int) -> Gates:
    """A state of parity +-1: a symmetric state of N - 1 qubits, and CX from the first to these.

    The state is |0>|A> + sign |1> X..X|A>, so CX from |+> or |-> makes it of sqrt(2) |A>, with
    sqrt(2) a_j = c_j sqrt(2 (N - j) / N).
    """
    size = len(qubits)
    j = np.arange(size)
    gates = _cheapest(coefficients[:-1] * np.sqrt(2 * (size - j) / size), qubits[1:])
    if sign < 0:
        gates.add("x", qubits[0])
    gates.add("h", qubits[0])
    for qubit in qubits[1:]:
        gates.add("cx", qubits[0], qubit)
    return gates


def _direct(coefficients: NDArray[np.complex128], qubits: Sequence[int], merged: bool) -> Gates:
    """Unary state and splitting; with ``merged`` the first qubit is settled at once."""
    gates = Gates()
    size = len(qubits)
    numbers = frozenset(np.flatnonzero(coefficients).tolist())
    if numbers <= {0, 1} and size > 1:
        spread(gates, coefficients, qubits)
        return gates
    if merged:
        shared(gates, coefficients.real, qubits)
    else:
        unary(gates, coefficients, qubits)
    for first in range(size - 1):
        if first > 0 or not merged:
            split_off(gates, qubits[first:], numbers)
        stay = {ones for ones in numbers if ones < size - first}
        numbers = frozenset(stay | {ones - 1 for ones in numbers if ones > 0})
    return gates
