"""BitArray, DataBin, pub results and primitive results: what is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult

import qbell
from tests.support.foreign import refused

XY = BitArray.from_counts({"01": 2, "11": 1}, num_bits=2)
THREE = BitArray.from_counts({"001": 3}, num_bits=3)
WORDS = ["XX", "XY"]


def read(data: Any, settings: Any = WORDS, **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from(data, settings, design="random", **how)


def pub(metadata: Any = None, **registers: Any) -> SamplerPubResult:
    return SamplerPubResult(DataBin(**registers), metadata)


MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    # the ten most likely
    "two registers": (read([pub(a=XY, b=XY)] * 2), "data[0]: registers a, b: name those to join"),
    "no such register": (
        read([pub(a=XY)] * 2, registers="meas"),
        "data[0]: no register 'meas'; there is a",
    ),
    "an ancilla too": (read([pub(meas=THREE)] * 2), "outcomes of 3 bits for settings of 2 qubits"),
    "too few settings": (read([pub(meas=XY)] * 3), "3 circuits, and 2 settings"),
    "no settings": (read(PrimitiveResult([pub(meas=XY)]), None), "no settings: give one for each"),
    "setting of one pub missing": (
        read(
            PrimitiveResult([pub({"circuit_metadata": {"setting": "XX"}}, meas=XY), pub(m=XY)]),
            None,
        ),
        "no settings: give one for each",
    ),
    "estimates": (
        read([pub(evs=np.array([0.1]))] * 2),
        "no register with outcomes, as a BitArray",
    ),
    "registers of a BitArray": (read([XY] * 2, registers="a"), "a BitArray is one register"),
    "different shots": (
        read([pub(a=XY, b=BitArray.from_counts({"1": 2}))] * 2, registers=["a", "b"]),
        "registers with different numbers of shots",
    ),
    "different qubits": (
        lambda: qbell.shots_from(
            {f"{k}/4": each for k, each in enumerate([THREE, XY])}, design="equatorial"
        ),
        "data[1]: outcomes of 2 qubits, and of 3 in data[0]",
    ),
    # hostile
    "a register twice": (read([pub(a=XY)] * 2, registers=["a", "a"]), "names one twice"),
    "no registers": (read([pub(a=XY)] * 2, registers=[]), "give the names of one or more"),
    "registers by number": (read([pub(a=XY)] * 2, registers=[0]), "give the names of one or more"),
    "no pubs": (read(PrimitiveResult([]), ["XX"]), "no circuits in it"),
    "no shots": (read([BitArray(np.zeros((0, 1), np.uint8), 2)] * 2), "no outcomes in it"),
    "setting of another kind": (
        read(PrimitiveResult([pub({"circuit_metadata": {"setting": 3}}, meas=XY)]), None),
        "settings[0]: 3 is no setting",
    ),
    "job instead of its result": (read(type("RuntimeJobV2", (), {})()), "no importer for a Run"),
    "kind that it is not": (read(XY, kind="counts"), "has no counts; give a dictionary"),
    "counts read as primitives": (
        read([{"00": 3}] * 2, kind="primitives"),
        "data[0]: expected the result of a SamplerV2, got {'00': 3}",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    call, says = MISTAKES[mistake]
    assert says in refused(call)


def test_settings_of_several_sets_of_parameters_in_metadata() -> None:
    both = BitArray.from_bool_array(np.array([[[1, 0]], [[0, 1]]], dtype=bool), order="little")
    data = pub({"circuit_metadata": {"setting": WORDS}}, meas=both)
    shots = qbell.shots_from(data, design="random")
    assert shots.frame["setting"].tolist() == WORDS
    assert shots.bits.tolist() == [[1, 0], [0, 1]]


def test_nine_bits_take_two_bytes() -> None:
    array = BitArray.from_counts({"100000010": 1})
    shots = qbell.shots_from([array], ["X" * 9], design="random")
    assert shots.bits.tolist() == [[0, 1, 0, 0, 0, 0, 0, 0, 1]]
