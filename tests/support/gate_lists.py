"""State vectors of lists of gates, in numpy alone: ``h 0; rz(.5pi) 1; cx 0 1``.

Matrices are exponentials of Paulis, or written out; ``c`` before a name is a control, and the first
qubit is the lowest bit. It shares nothing with what reads circuit files.
"""

import math
import re
from functools import reduce
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
PAULI = {
    "i": np.eye(2, dtype=complex),
    "x": np.array([[0, 1], [1, 0]], dtype=complex),
    "y": np.array([[0, -1j], [1j, 0]]),
    "z": np.diag([1.0 + 0j, -1]),
}
SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]
FIXED: dict[str, Matrix] = {
    **{name: PAULI[name] for name in "xyz"},
    "h": (PAULI["x"] + PAULI["z"]) / math.sqrt(2),
    "s": np.diag([1, 1j]),
    "sdg": np.diag([1, -1j]),
    "t": np.diag([1, np.exp(0.25j * np.pi)]),
    "tdg": np.diag([1, np.exp(-0.25j * np.pi)]),
    "sx": np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2,
    "sxdg": np.array([[1 - 1j, 1 + 1j], [1 + 1j, 1 - 1j]]) / 2,
    "swap": SWAP,
    "iswap": SWAP @ np.diag([1, 1j, 1j, 1]),
    # (IX - XY) / sqrt(2), the second qubit in front
    "ecr": (np.kron(PAULI["i"], PAULI["x"]) - np.kron(PAULI["x"], PAULI["y"])) / math.sqrt(2),
}


def turned(axis: Matrix, angle: float) -> Matrix:
    """exp(-i angle/2 axis)."""
    return np.asarray(scipy.linalg.expm(-0.5j * angle * axis))


def u(theta: float, phi: float, lam: float) -> Matrix:
    """Any gate on one qubit, the phase included that OpenQASM 2 does not see."""
    c, s = math.cos(theta / 2), math.sin(theta / 2)
    return np.array(
        [[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]]
    )


def matrix_of(name: str, angles: list[float]) -> Matrix:
    """Of a gate by its name; the first qubit is the lowest bit."""
    if name in FIXED:
        return FIXED[name]
    if name == "p":
        return np.diag([1, np.exp(1j * angles[0])])
    if name == "u":
        return u(*angles)
    if name == "r":
        axis = math.cos(angles[1]) * PAULI["x"] + math.sin(angles[1]) * PAULI["y"]
        return turned(axis, angles[0])
    if re.fullmatch("r[xyz]+", name):
        # The last letter is the second qubit's, which is in front.
        axis = reduce(np.kron, [PAULI[letter] for letter in reversed(name[1:])])
        return turned(axis, angles[0])
    if name.startswith("c"):
        inner = matrix_of(name[1:], angles)
        whole = np.eye(2 * len(inner), dtype=complex)
        whole[1::2, 1::2] = inner
        return whole
    raise KeyError(name)


def state_of(gates: str) -> Matrix:
    """What the gates make of |0...0>, bit k of an index being qubit k."""
    parsed: list[tuple[str, list[float], list[int]]] = []
    for one in filter(None, map(str.strip, gates.split(";"))):
        found: Any = re.fullmatch(r"(\w+)(?:\((.*)\))? ([\d ]+)", one)
        angles = [number(text) for text in (found[2] or "").split(",") if text]
        parsed.append((found[1], angles, [int(qubit) for qubit in found[3].split()]))
    size = 1 + max(qubit for _, _, qubits in parsed for qubit in qubits)
    state = np.zeros((2,) * size, dtype=complex)
    state[(0,) * size] = 1
    for name, angles, qubits in parsed:
        axes = [size - 1 - qubit for qubit in reversed(qubits)]
        count = len(qubits)
        matrix = matrix_of(name, angles).reshape((2,) * (2 * count))
        state = np.tensordot(matrix, state, (range(count, 2 * count), axes))
        state = np.moveaxis(state, range(count), axes)
    return state.ravel()


def number(text: str) -> float:
    """``0.5``, ``pi``, ``-.25pi``."""
    if text.endswith("pi"):
        factor = text.removesuffix("pi")
        return math.pi * float({"": "1", "-": "-1"}.get(factor, factor))
    return float(text)
