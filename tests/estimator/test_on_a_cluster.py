"""Estimates on a cluster: the same to the last digit, for any number of workers."""

from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest

import qbell
from qbell.estimator import Result
from qbell.report.summary import summarize
from qbell.shots.shots import Shots
from qbell.util.atomic_files import to_json
from tests.conftest import StartWorkers

Make = Callable[[], Shots]


def drawn(design: str, num_qubits: int, draws: int, shots: int = 1) -> Shots:
    settings = qbell.schedule(num_qubits, design, draws=draws, seed=3)
    return qbell.sample(qbell.ghz(num_qubits), settings, shots=shots, seed=4)


def given(design: str, num_qubits: int, shots: int, order: int | None = None) -> Shots:
    settings = qbell.schedule(num_qubits, design, order=order)
    return qbell.sample(qbell.ghz(num_qubits), settings, shots=shots, seed=4)


def in_jobs(shots: Shots, count: int) -> Shots:
    """Each row in a job."""
    frame = shots.frame.assign(job=[f"job {row % count}" for row in range(len(shots.counts))])
    return qbell.shots_from(frame, design=shots.design)


KINDS: dict[str, Make] = {
    "full": lambda: given("full", 3, 40),
    "random": lambda: drawn("random", 4, 300),
    "pairs": lambda: drawn("random", 13, 400),
    "pairs of long draws": lambda: drawn("random", 13, 60, shots=5),
    "random3": lambda: drawn("random3", 5, 200),
    "covering": lambda: given("covering", 6, 30, order=3),
    "symmetric": lambda: given("symmetric", 5, 60),
    "equatorial": lambda: given("equatorial", 5, 60),
    "pauli": lambda: given("pauli", 3, 30),
    "by job": lambda: in_jobs(drawn("random", 13, 400), 12),
}


def text(shots: Shots, resamples: int, cluster: object = None) -> str:
    """All that a summary holds, in as many digits as numbers have."""
    result = qbell.estimate(shots, resamples=resamples, cluster=cluster)
    return to_json(summarize(result))


def test_any_number_of_workers(dask: StartWorkers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resamples, and pairs of shots; what is told of their progress is told here."""
    monkeypatch.setattr("qbell.estimator.pairs.passes.PAIRS_PER_ITEM", 5000)
    for name in ("full", "random3"):
        shots = KINDS[name]()
        labels = ["+" * shots.num_qubits]

        def estimated(cluster: object = None) -> tuple[list[tuple[str, int, int]], Result]:
            told: list[tuple[str, int, int]] = []
            found = qbell.estimate(
                shots,  # noqa: B023
                resamples=80,
                labels=labels,  # noqa: B023
                progress=lambda *said: told.append(said),
                cluster=cluster,
            )
            return sorted(told), found

        before, here = estimated()
        assert len(before) > 3
        for workers in (1, 3):
            told, there = estimated(dask(workers))
            assert told == before
            assert told[0][2] == sum(done for _, done, _ in told)
            assert asdict(there.bound) == asdict(here.bound)
            np.testing.assert_array_equal(there.bound_by_order, here.bound_by_order)
            np.testing.assert_array_equal(there.deviations.first, here.deviations.first)


@pytest.mark.nightly
@pytest.mark.parametrize("name", KINDS)
def test_every_design(dask: StartWorkers, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qbell.estimator.pairs.passes.PAIRS_PER_ITEM", 1000)
    shots = KINDS[name]()
    here = text(shots, 400)
    for workers in (1, 2, 3):
        assert text(shots, 400, dask(workers)) == here
