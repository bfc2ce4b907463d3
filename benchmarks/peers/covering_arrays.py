"""Settings that cover all correlators of order 3."""

from importlib import import_module
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.case import Case, Tool, Work

ORDER = 3
Settings = NDArray[np.uint8]


def words_of(n: int) -> list[str]:
    """All words of 3 letters X or Y."""
    words = []
    for qubits in combinations(range(n), ORDER):
        for letters in product("XY", repeat=ORDER):
            placed = dict(zip(qubits, letters, strict=True))
            words.append("".join(placed.get(q, "I") for q in range(n)))
    return words


def rows_of(groups: list[list[str]]) -> Settings:
    """A setting of each group: its letters, X where it has none."""
    return np.array(
        [["Y" in column for column in zip(*group, strict=True)] for group in groups], np.uint8
    )


def qbell(n: int) -> Work:
    from qbell.covering import covering_array

    return lambda: covering_array(n, ORDER)


def qiskit(n: int) -> Work:
    from qiskit.quantum_info import SparsePauliOp

    words = SparsePauliOp(words_of(n))
    return lambda: rows_of([g.paulis.to_labels() for g in words.group_commuting(qubit_wise=True)])


def pennylane(n: int, method: str) -> Work:
    qml: Any = import_module("pennylane")
    words = [qml.pauli.string_to_pauli_word(word) for word in words_of(n)]

    def work() -> Settings:
        groups = qml.pauli.group_observables(words, grouping_type="qwc", method=method)
        wires = {q: q for q in range(n)}
        to_word = qml.pauli.pauli_word_to_string
        return rows_of([[to_word(word, wire_map=wires) for word in group] for group in groups])

    return work


def checked(rows: Settings) -> list[float]:
    """1 if all triples of qubits see all 8 patterns; and the number of settings."""
    place = 2 ** np.arange(ORDER)
    missing = any(
        len(np.unique(rows[:, list(qubits)] @ place)) < 2**ORDER
        for qubits in combinations(range(rows.shape[1]), ORDER)
    )
    return [0.0 if missing else 1.0, float(len(rows))]


CASE = Case(
    title="Covering arrays: settings for all correlators of order 3",
    says="Right: every triple of qubits sees all 8 patterns, which is checked. Fewer settings are "
    "better.",
    sizes=(6, 8, 12),
    tools=(
        Tool("qbell covering_array", "qbell", qbell),
        Tool("Qiskit group_commuting, qubit-wise", "qiskit", qiskit),
        Tool("PennyLane group_observables, rlf", "pennylane", lambda n: pennylane(n, "rlf")),
        Tool("PennyLane group_observables, lf", "pennylane", lambda n: pennylane(n, "lf")),
    ),
    close=1e-9,
    values=checked,
    truth=lambda n: [1.0],
    warm=4,
    shown="{:.0f} settings",
)
