"""Samplers that answer otherwise than asked: one check, for `sample`, `calibrate` and `submit`."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from qiskit.primitives import StatevectorSampler

import qbell
from qbell import QbellError

SPEC = (
    'seed = 3\n[state]\nfamily = "ghz"\nn = 3\n[schedule]\nshots = 40\n'
    "[hardware]\njobs = 1\nreference = 0\n"
)


def failing(*_: object) -> Any:
    raise ZeroDivisionError("by a vendor")


def part(array: Any, num_bits: Any = 3) -> list[Any]:
    return [
        SimpleNamespace(data=SimpleNamespace(meas=SimpleNamespace(array=array, num_bits=num_bits)))
    ]


def zeros(*shape: int) -> Any:
    return np.zeros(shape, np.uint8)


RESULTS: dict[str, Any] = {
    "7 of 40 shots": part(zeros(8, 7, 1)),
    "7 of 8 settings": part(zeros(7, 40, 1)),
    "settings exchanged with shots": part(zeros(40, 8, 1)),
    "no result": None,
    "no parts": [],
    "a dictionary": {"000": 1},
    "a number": 5,
    "counts": [SimpleNamespace(data=SimpleNamespace(meas={"000": 320}))],
    "lists": part([[[0]] * 40] * 8),
    "floats": part(np.zeros((8, 40, 1))),
    "one number": part(np.uint8(3)),
    "no bytes": part(zeros(8, 40, 0)),
    "bits beyond the qubits": part(zeros(8, 40, 1) + np.uint8(8)),
    "text": part(zeros(8, 40, 1), "3"),
    "a part that fails": type("Result", (), {"__getitem__": failing})(),
    "data that fail": [type("Part", (), {"data": property(failing)})()],
}


class Answers:
    """Gives a result made beforehand."""

    def __init__(self, result: Any) -> None:
        self.found = result

    def run(self, pubs: Any, *, shots: int) -> Any:
        return SimpleNamespace(result=lambda: self.found)


class NoBackend(StatevectorSampler):  # type: ignore[misc]
    """Cannot be asked for its backend."""

    @property
    def backend(self) -> Any:
        return failing()


class AsksBack(StatevectorSampler):  # type: ignore[misc]
    """Wants to be told which backend."""

    def backend(self, name: str) -> Any:
        return name


class NoShots:
    """Takes no number of shots."""

    def run(self, pubs: Any) -> Any:
        return pubs


class NoJob:
    """Gives no job."""

    def run(self, pubs: Any, *, shots: int) -> Any:
        return shots


SAMPLERS: dict[str, Callable[[], Any]] = {
    "no backend": NoBackend,
    "asks back": AsksBack,
    "no shots": NoShots,
    "no job": NoJob,
    "run is no function": lambda: SimpleNamespace(run=7),
    "a class": lambda: StatevectorSampler,
    "a name": lambda: "vendor",
}


def check_refused(sampler: Any, folder: Path, says: str) -> None:
    (folder / "s.toml").write_text(SPEC)
    for measure in (
        lambda: qbell.sample(qbell.ghz(3), qbell.schedule(3), sampler, shots=40),
        lambda: qbell.calibrate(qbell.ghz(3), sampler, shots=40),
        lambda: qbell.submit(folder / "s.toml", folder / "out", sampler=sampler),
    ):
        with pytest.raises(QbellError, match=says) as refused:
            measure()
        assert "\n" not in str(refused.value)
    assert not (folder / "out/jobs/0001.csv").exists()


@pytest.mark.parametrize("name", RESULTS)
def test_results_that_are_not_what_was_asked_for(name: str, tmp_path: Path) -> None:
    check_refused(Answers(RESULTS[name]), tmp_path, "part 0|sampler failed")


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_is_no_sampler(name: str, tmp_path: Path) -> None:
    check_refused(SAMPLERS[name](), tmp_path, "expected a Qiskit|sampler failed|which backend")
