"""Files of RuntimeEncoder: read without its decoder, which builds whatever a file names."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qbell
from tests.support.foreign import refused
from tests.support.runtime_results import ARRAY, job, packed, tagged


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., qbell.Shots]:
    def call(content: Any, settings: Any = "XY", **how: Any) -> qbell.Shots:
        path = tmp_path / "job.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        if isinstance(settings, str):
            settings = [settings]
        return qbell.read_shots(path, "random", settings=settings, **how)

    return call


MISTAKES: dict[str, tuple[Any, dict[str, Any], str]] = {
    # the ten most likely
    "no settings": (job(), {"settings": None}, "job.json: no settings: give one for each circuit"),
    "too few settings": (tagged("PrimitiveResult", pub_results=[]), {}, "no circuits in it"),
    "too many settings": (job(), {"settings": ["XY", "XX"]}, "1 circuits, and 2 settings"),
    "other qubits": (job(), {"settings": "XYX"}, "outcomes of 2 bits for settings of 3 qubits"),
    "cut off": (json.dumps(job())[:-40], {}, "job.json is not readable JSON"),
    "damaged": (job(packed(whole=False)), {}, "a ndarray in it is damaged; fetch the result again"),
    "settings twice": (
        {"settings": ["XY"], "result": job()},
        {},
        "beside settings expected one result and none in the call",
    ),
    "two results": (
        {"settings": ["XY"], "a": job(), "b": job()},
        {"settings": None},
        "found a, b",
    ),
    "no such register": (job(), {"registers": "c"}, "no register 'c'; there is meas"),
    "a job's description": ({"id": "d1", "status": "DONE"}, {}, "came 'd1' times"),
    # hostile
    "no such file of settings": (
        job(),
        {"settings": Path("none.csv")},
        "does not exist",
    ),
    "pickled": (
        job(packed(np.array([{}], dtype=object), pickle=True)),
        {},
        "a ndarray in it is damaged",
    ),
    "another type": (job(packed(ARRAY.astype(float))), {}, "a BitArray in it is damaged"),
    "bits as text": (job(bits="2"), {}, "a BitArray in it is damaged"),
    "more bits than bytes": (job(bits=9), {}, "no outcomes in it (9 bits"),
    "bits below 0": (job(bits=-1), {}, "no outcomes in it (-1 bits"),
    "outcomes above the register": (job(packed(ARRAY + 3)), {}, "more than the 2 bits of its"),
    "no base 64": (
        tagged("BitArray", array={"__type__": "ndarray", "__value__": "%"}),
        {},
        "damaged",
    ),
    "no value": ({"__type__": "BitArray"}, {}, "a BitArray in it is damaged"),
    "value of another kind": ({"__type__": "DataBin", "__value__": 3}, {}, "is damaged"),
    "class by name": (
        {"__type__": "settings", "__module__": "os", "__class__": "x", "__value__": {}},
        {},
        "no importer for a dict",
    ),
    "a key twice": ('{"00": 3, "00": 4}', {}, "'00' stands twice in one object"),
    "NaN": ('{"00": NaN}', {}, "NaN is no number in JSON"),
    "nested too deeply": ("[" * 100_000, {}, "is not readable JSON"),
    "no text": ("\x00", {}, "is not readable JSON"),
    "empty": ("", {}, "is not readable JSON"),
    "a number": ("3", {}, "no importer for a int"),
    "a type that is none": ({"__type__": ["x"], "__value__": 1}, {}, "no importer for a dict"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str, read: Callable[..., qbell.Shots]) -> None:
    content, how, says = MISTAKES[mistake]
    assert says in refused(lambda: read(content, **how))


def test_it_needs_neither_qiskit_nor_its_decoder(read: Callable[..., qbell.Shots]) -> None:
    shots = read(job(setting="XY"), None)
    assert shots.bits.tolist() == [[1, 0], [0, 1]]
    assert shots.frame["setting"].tolist() == ["XY", "XY"]
    assert read(job()).frame.equals(shots.frame)
    assert read({"settings": ["XY"], "result": job()}, None).frame.equals(shots.frame)


def test_counts_in_json(read: Callable[..., qbell.Shots]) -> None:
    shots = read({"XY": {"01": 1, "10": 1}}, None)
    assert shots.bits.tolist() == [[1, 0], [0, 1]]
