"""All 3^N correlators and the bound of Eq. (24) of a random state."""

import itertools
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.exact import by_numpy, by_qiskit
from benchmarks.exact import random_state as vector_of
from benchmarks.peers.case import Case, Tool, Work
from benchmarks.peers.words import bound_of_words

Vector = NDArray[np.complex128]


def on_state(work: Callable[[Vector, int], float]) -> Callable[[int], Work]:
    """The state is given."""

    def prepare(n: int) -> Work:
        vector = vector_of(n)
        return lambda: work(vector, n)

    return prepare


def all_words(n: int) -> Iterator[str]:
    """Of I, X, Y."""
    return map("".join, itertools.product("IXY", repeat=n))


def qbell(vector: Vector, n: int) -> float:
    from qbell import exact

    exact.correlator_values(vector)
    return exact.bound(vector)


def qbell_bound(vector: Vector, n: int) -> float:
    from qbell import exact

    return exact.bound(vector)


def numpy_words(vector: Vector, n: int) -> float:
    """Each word applied to the vector."""
    index = np.arange(2**n)

    def mean(word: str) -> float:
        flip = sum(1 << q for q, letter in enumerate(reversed(word)) if letter != "I")
        phase = np.ones(2**n, dtype=complex)
        for q, letter in enumerate(reversed(word)):
            if letter == "Y":
                phase *= np.where(index >> q & 1, 1j, -1j)
        return float(np.vdot(vector, phase * vector[index ^ flip]).real)

    return bound_of_words(((word, mean(word)) for word in all_words(n)), n)


def pennylane(vector: Vector, n: int) -> float:
    qml: Any = import_module("pennylane")
    found = qml.pauli_decompose(np.outer(vector, vector.conj()), pauli=True)

    def values() -> Iterator[tuple[str, float]]:
        for word, coefficient in found.items():
            letters = "".join(word.get(wire, "I") for wire in range(n))
            if "Z" not in letters:
                yield letters, float(np.real(coefficient)) * 2**n

    return bound_of_words(values(), n)


def qutip(vector: Vector, n: int) -> float:
    tool: Any = import_module("qutip")
    ket = tool.Qobj(vector[:, None], dims=[[2] * n, [1] * n])
    parts = {"I": tool.qeye(2), "X": tool.sigmax(), "Y": tool.sigmay()}
    means = ((w, tool.expect(tool.tensor([parts[c] for c in w]), ket)) for w in all_words(n))
    return bound_of_words(means, n)


def quimb(vector: Vector, n: int) -> float:
    tool: Any = import_module("quimb")
    ket = tool.qu(vector, qtype="ket")
    means = (
        (w, float(np.real(tool.expec(tool.kron(*(tool.pauli(c, sparse=True) for c in w)), ket))))
        for w in all_words(n)
    )
    return bound_of_words(means, n)


CASE = Case(
    title="All 3^N correlators and the bound of Eq. (24)",
    says="Of a random state. Qiskit drops coefficients below 1e-8 unless told not to.",
    sizes=(8, 10, 12, 16),
    tools=(
        Tool("qbell, all correlators and the bound", "qbell", on_state(qbell)),
        Tool("qbell, the bound alone", "qbell", on_state(qbell_bound)),
        Tool("NumPy, the same algorithm", "numpy", on_state(lambda v, n: by_numpy(v))),
        Tool("NumPy, word by word", "numpy", on_state(numpy_words), most=10),
        Tool(
            "Qiskit SparsePauliOp, atol=0", "qiskit", on_state(lambda v, n: by_qiskit(v)), most=12
        ),
        Tool(
            "Qiskit SparsePauliOp as it comes",
            "qiskit",
            on_state(lambda v, n: by_qiskit(v, drop=True)),
            most=12,
        ),
        Tool("PennyLane pauli_decompose", "pennylane", on_state(pennylane), most=8),
        Tool("QuTiP expect", "qutip", on_state(qutip), most=8),
        Tool("quimb expec", "quimb", on_state(quimb), most=8),
    ),
    close=1e-6,
    warm=3,
)
