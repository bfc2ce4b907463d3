"""Braket's, Cirq's, pytket's and PennyLane's results: what is refused, and what is noted."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import qbell
from tests.support.foreign import pytket_dict, pytket_result, refused

BITS = np.array([[1, 0], [1, 1], [0, 1]])
THREE = np.array([[1, 0, 0]])


def read(data: Any, settings: Any = "XY", **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from(data, settings, design="random", **how)


def braket(measurements: Any, qubits: Any = (0, 1), **more: Any) -> dict[str, Any]:
    return {"measurements": measurements, "measuredQubits": list(qubits), **more}


def damaged(**more: Any) -> dict[str, Any]:
    return {**pytket_dict(BITS, shots=False), **more}


BRAKET: dict[str, tuple[Callable[[], object], str]] = {
    "qubits in another order": (
        read(braket(BITS.tolist(), (1, 0))),
        "data: qubits measured in the order [1, 0]",
    ),
    "no shots": (read(braket(None)), "no measurements in it; run the task with shots"),
    "an ancilla too": (read(braket(THREE.tolist(), range(3))), "3 qubits for settings of 2"),
    "too few settings": (read([braket(BITS)] * 3, ["XX", "XY"]), "3 circuits, and 2 settings"),
    "no settings": (read(braket(BITS), None), "no settings: give one for each circuit"),
    "probabilities without shots": (
        read(braket(None, measurementProbabilities={"10": 0.5, "01": 0.5})),
        "say shots =",
    ),
    "counts, leading zeros lost": (read({"1": 3}, kind="braket"), "'1' is 1 long, not 2"),
    "counts, numbers as text": (read({"2": 3}, kind="braket"), "'2' is not made of 0 and 1"),
    "a lost qubit": (read(braket([[0, 2]])), "data.measurements[0][1]: 2 is not 0 or 1"),
    "task instead of its result": (read(object(), kind="braket"), "expected a result of Braket"),
    "ragged": (read(braket([[0, 1], [1]])), "rows of different lengths"),
    "words": (read(braket([["0", "x"]])), "data.measurements: outcomes of type"),
    "one dimension": (read(braket([0, 1])), "measurements of shape (2,); give (shots, qubits)"),
    "empty": (read(braket([])), "no measurements in it"),
}
CIRQ: dict[str, tuple[Callable[[], object], str]] = {
    "two keys": (read({"a": BITS, "b": BITS}), "measurement keys a, b: name those to join"),
    "no such key": (read({"a": BITS}, registers="m"), "no measurement key 'm'; there is a"),
    "an ancilla too": (read({"m": THREE}), "outcomes of 3 qubits for settings of 2"),
    "no settings": (read({"m": BITS}, None), "keys of the data (settings, as none are said)[0]"),
    "too few settings": (read([{"m": BITS}] * 3, ["XX", "XY"]), "3 circuits, and 2 settings"),
    "a key measured twice": (read({"m": BITS[:, None].repeat(2, 1)}), "each key measured once"),
    "qutrits": (read({"m": BITS + 1}), "data['m'][0][0]: 2 is not 0 or 1"),
    "different shots": (
        read({"a": BITS[:, :1], "b": BITS[:2, 1:]}, registers=["a", "b"]),
        "keys with different numbers of shots",
    ),
    "histogram of another register": (read({4: 3}, kind="cirq"), "4 is no outcome of 2 qubits"),
    "something else": (read(3, kind="cirq"), "expected a Result of Cirq, got 3"),
    "no shots": (read({"m": np.zeros((0, 2), int)}), "no outcomes; give measured ones"),
    "missing": (read({"m": np.array([[0.0, np.nan]])}), "data['m'][0][1]: nan is not 0 or 1"),
    "complex": (read({"m": BITS.astype(complex)}), "outcomes of type complex128"),
}
PYTKET: dict[str, tuple[Callable[[], object], str]] = {
    "two registers": (
        read(pytket_result(BITS, [("a", 0), ("b", 0)])),
        "data: registers a, b: name those to join",
    ),
    "no such register": (read(damaged(), registers="m"), "no register 'm'; there is c"),
    "an ancilla too": (read(pytket_result(THREE, [("c", k) for k in range(3)])), "has not 2 bits"),
    "an ancilla too, dictionary": (read(pytket_dict(THREE, shots=True)), "outcomes of 3 bits for"),
    "no settings": (read(damaged(), None), "no settings: give one for each circuit"),
    "too few settings": (read([damaged()] * 3, ["XX", "XY"]), "3 circuits, and 2 settings"),
    "bits as text": (read({"10": 3, (0, 1): 2}), "tuples beside other outcomes"),
    "below 0": (read({(1, 0): -3}), "(1, 0) came -3 times"),
    "another width": (read(damaged(bits=[["c", [0]]])), "not the dictionary of a BackendResult"),
    "no outcomes": (read(damaged(counts=[])), "not the dictionary of a BackendResult"),
    "no bytes": (
        read(damaged(counts=[{"outcome": {"width": 2, "array": [[300]]}, "count": 1}])),
        "not the dictionary of a BackendResult",
    ),
    "count missing": (
        read(damaged(counts=[{"outcome": {"width": 2, "array": [[128]]}}])),
        "not the dictionary of a BackendResult",
    ),
    "fractional": (
        read(damaged(counts=[{"outcome": {"width": 2, "array": [[128]]}, "count": 0.5}])),
        "came 0.5 times",
    ),
    "something else": (read(3, kind="pytket"), "has no counts"),
}
PENNYLANE: dict[str, tuple[Callable[[], object], str]] = {
    "shapes differ": (
        read((BITS, BITS[:2]), None, kind="pennylane"),
        "both must be (shots, wi",
    ),
    "kind not said": (read((BITS, BITS), None), "no settings: give one for each circuit"),
    "recipe out of range": (read((BITS, BITS + 2), None, kind="pennylane"), "'3' is none of 0, 1,"),
    "signs as recipes": (read((BITS, 1 - 2 * BITS), None, kind="pennylane"), "'-1' is none of 0"),
    "bits out of range": (
        read((BITS + 1, BITS), None, kind="pennylane"),
        "data bits[0][0]: 2 is not 0 or 1",
    ),
    "counts, leading zeros lost": (read({"1": 3}, kind="pennylane"), "'1' is 1 long, not 2"),
    "counts of an observable": (read({1.0: 3, -1.0: 2}, kind="pennylane"), "1.0 is no outcome of"),
    "probabilities": (read({"00": 0.5, "11": 0.5}, kind="pennylane"), "say shots ="),
    "no settings": (read({"00": 3}, None, kind="pennylane"), "no settings: give one for each"),
    "something else": (read(3, kind="pennylane"), "expected bits and recipes of PennyLane"),
    "empty": (read((BITS[:0], BITS[:0]), None, kind="pennylane"), "none given"),
}
ALL = {
    f"{tool}: {mistake}": case
    for tool, cases in {
        "Braket": BRAKET,
        "Cirq": CIRQ,
        "pytket": PYTKET,
        "PennyLane": PENNYLANE,
    }.items()
    for mistake, case in cases.items()
}


@pytest.mark.parametrize("mistake", ALL)
def test_mistakes(mistake: str) -> None:
    call, says = ALL[mistake]
    assert says in refused(call)


@pytest.mark.parametrize("kind", ["braket", "cirq", "pennylane"])
def test_the_order_of_a_tool_is_noted(kind: str) -> None:
    data = {2: 3} if kind == "cirq" else {"10": 3}
    shots = qbell.shots_from(data, "XY", kind=kind, design="random")
    assert shots.bits.tolist() == [[1, 0]]
    assert any("the first bit is qubit 0" in note for note in shots.notes)
    last = qbell.shots_from(data, "XY", kind=kind, design="random", bit_order="last")
    assert last.bits.tolist() == [[0, 1]]


def test_what_two_tools_give_is_asked_about() -> None:
    both = SimpleNamespace(measurements={"m": BITS}, measured_qubits=[0, 1])
    assert "may be of several kinds; say kind = 'braket' or 'cirq'" in refused(read(both))


def test_a_broken_repr_is_no_traceback() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert "no importer for a Broken" in refused(read(Broken()))
