"""Qiskit's Result of a backend's run: what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

import qbell
from tests.support.foreign import refused


def result(*data: Any, **header: Any) -> dict[str, Any]:
    return {"results": [{"data": each, "success": True, "header": header} for each in data]}


def read(data: Any, settings: Any = "XY", **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from(data, settings, design="random", **how)


GOOD = {"counts": {"0x1": 3}}
MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    "memory only": (read(result({"memory": ["0x1"]})), "data.results[0]: no counts in it"),
    "a state vector": (read(result({"statevector": [1, 0]})), "no counts in it; run it with shots"),
    "a circuit failed": (
        read({"results": [{"data": GOOD, "success": False}]}),
        "data.results[0]: the circuit failed",
    ),
    "an ancilla too": (read(result(GOOD, memory_slots=3)), "outcomes of 3 bits for settings of 2"),
    "too few settings": (read(result(GOOD, GOOD)), "outcomes of 2 circuits, and 1 settings"),
    "no settings": (read(result(GOOD), None), "no settings: give one for each circuit"),
    "setting in capitals": (
        read(result(GOOD, metadata={"Setting": "XY"}), None),
        "no settings: give one for each circuit",
    ),
    "outcome too large": (read(result({"counts": {"0x4": 3}})), "'0x4' is no outcome of 2 qubits"),
    "probabilities": (read(result({"counts": {"0x1": 0.5}})), "which is no number of shots"),
    "no circuits": (read({"results": []}, kind="qiskit-result"), "expected a Result of Qiskit"),
    "something else": (read(3, kind="qiskit-result"), "expected a Result of Qiskit, got 3"),
    "results of something else": (read({"results": [1, 2]}), "no importer for a dict"),
    "setting of another kind": (
        read(result(GOOD, metadata={"setting": 5}), None),
        "settings[0]: 5 is no setting",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    call, says = MISTAKES[mistake]
    assert says in refused(call)
