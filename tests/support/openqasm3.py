"""A tiny evaluator of OpenQASM 3, by the letter of its specification and of stdgates.inc 3.0.

Matrices, phases included: bit k of an index is the k-th qubit of a gate, controls first.
"""

import math
from typing import Any

import numpy as np
import openqasm3
import scipy
from numpy.typing import NDArray
from openqasm3 import ast

Matrix = NDArray[np.complex128]
OPERATIONS = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


def u(theta: float, phi: float, lam: float) -> Matrix:
    """The built-in gate U."""
    c, s = math.cos(theta / 2), math.sin(theta / 2)
    return np.array(
        [[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]]
    )


def controlled(matrix: Matrix, on: int = 1) -> Matrix:
    """With one more qubit in front."""
    size = len(matrix)
    whole = np.eye(2 * size, dtype=complex)
    whole[on::2, on::2] = matrix
    return whole


X = u(math.pi, 0, math.pi)
SINGLE: dict[str, Any] = {
    "p": lambda lam: u(0, 0, lam),
    "u1": lambda lam: u(0, 0, lam),
    "u2": lambda phi, lam: np.exp(-0.5j * (phi + lam)) * u(math.pi / 2, phi, lam),
    "u3": lambda theta, phi, lam: np.exp(-0.5j * (phi + lam)) * u(theta, phi, lam),
    "U": u,
    "h": lambda: u(math.pi / 2, 0, math.pi),
    "x": lambda: X,
    "y": lambda: u(math.pi, math.pi / 2, math.pi / 2),
    "z": lambda: u(0, 0, math.pi),
    "s": lambda: u(0, 0, math.pi / 2),
    "t": lambda: u(0, 0, math.pi / 4),
    "sx": lambda: scipy.linalg.fractional_matrix_power(X, 0.5),
    "rx": lambda theta: u(theta, -math.pi / 2, math.pi / 2),
    "ry": lambda theta: u(theta, 0, 0),
    "rz": lambda lam: np.exp(-0.5j * lam) * u(0, 0, lam),
}
CONTROLLED = {
    "cx": "x",
    "cy": "y",
    "cz": "z",
    "cp": "p",
    "crx": "rx",
    "cry": "ry",
    "crz": "rz",
    "ch": "h",
}


class Program:
    """Its state vector from |0...0>, in Qiskit's order."""

    def __init__(self, text: str) -> None:
        self.gates: dict[str, Any] = {}
        self.places: dict[str, list[int]] = {}
        self.state: Matrix = np.ones(1, dtype=complex)
        for statement in openqasm3.parse(text).statements:
            if isinstance(statement, ast.QuantumGateDefinition):
                self.gates[statement.name.name] = statement
            elif isinstance(statement, ast.QubitDeclaration):
                count = 1 if statement.size is None else self.number(statement.size, {})
                old = len(self.state).bit_length() - 1
                self.places[statement.qubit.name] = list(range(old, old + int(count)))
                self.state = np.kron(np.eye(2 ** int(count))[0], self.state)
            elif isinstance(statement, ast.QuantumGate | ast.QuantumPhase):
                matrix = self.matrix(statement, {})
                places = [self.place(qubit) for qubit in statement.qubits]
                self.state = applied(matrix, places, self.state)

    def place(self, qubit: Any) -> int:
        if isinstance(qubit, ast.Identifier):
            return self.places[qubit.name][0]
        return self.places[qubit.name.name][int(self.number(qubit.indices[0][0], {}))]

    def number(self, node: Any, values: dict[str, float]) -> float:
        if isinstance(node, ast.BinaryExpression):
            sides = (self.number(side, values) for side in (node.lhs, node.rhs))
            return float(OPERATIONS[node.op.name](*sides))
        if isinstance(node, ast.UnaryExpression):
            return -self.number(node.expression, values)
        if isinstance(node, ast.Identifier):
            return {"pi": math.pi, **values}[node.name]
        return float(node.value)

    def matrix(self, call: Any, values: dict[str, float]) -> Matrix:
        """Of a call with its modifiers, the last of which acts first."""
        if isinstance(call, ast.QuantumPhase):
            found = np.exp(1j * self.number(call.argument, values)) * np.eye(1)
        else:
            arguments = [self.number(argument, values) for argument in call.arguments]
            found = self.plain(call.name.name, arguments)
        for modifier in reversed(call.modifiers):
            kind = modifier.modifier.name
            argument = 1 if modifier.argument is None else self.number(modifier.argument, values)
            if kind == "inv":
                found = found.conj().T
            elif kind == "pow":
                found = power(found, argument)
            else:
                for _ in range(int(argument)):
                    found = controlled(found, kind == "ctrl")
        return found

    def plain(self, name: str, arguments: list[float]) -> Matrix:
        if name in SINGLE:
            return np.asarray(SINGLE[name](*arguments))
        if name in CONTROLLED:
            return controlled(SINGLE[CONTROLLED[name]](*arguments))
        if name == "cu":  # p(gamma) on the control
            *angles, gamma = arguments
            return controlled(u(*angles)) @ np.diag([1, np.exp(1j * gamma)] * 2)
        definition = self.gates[name]
        names = [one.name for one in definition.arguments]
        qubits = [one.name for one in definition.qubits]
        whole = np.eye(2 ** len(qubits), dtype=complex)
        for call in definition.body:
            places = [qubits.index(one.name) for one in call.qubits]
            part = self.matrix(call, dict(zip(names, arguments, strict=True)))
            whole = np.stack([applied(part, places, column) for column in whole.T], axis=1)
        return whole


def applied(matrix: Matrix, places: list[int], state: Matrix) -> Matrix:
    """A matrix on some qubits of a state, element by element."""
    found = np.zeros_like(state)
    mask = sum(1 << place for place in places)
    for index, amplitude in enumerate(state):
        column = sum((index >> place & 1) << k for k, place in enumerate(places))
        for row in range(len(matrix)):
            target = index & ~mask | sum((row >> k & 1) << place for k, place in enumerate(places))
            found[target] += matrix[row, column] * amplitude
    return found


def power(matrix: Matrix, exponent: float) -> Matrix:
    """The principal power of a unitary: phases of eigenvalues between -pi and pi."""
    triangle, basis = scipy.linalg.schur(matrix, output="complex")
    return basis @ np.diag(np.exp(1j * exponent * np.angle(np.diag(triangle)))) @ basis.conj().T
