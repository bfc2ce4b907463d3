"""Simulated shots from a cluster: the same, for any number of workers and without."""

import pandas as pd
import pytest

import qbell
from qbell import QbellError
from tests.conftest import StartWorkers
from tests.support.by_simulation import BY_SIMULATION

QUICK = ("state vector", "mid-circuit")
CASES = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.nightly) for name in BY_SIMULATION
]


@pytest.mark.parametrize("name", CASES)
def test_any_number_of_workers(dask: StartWorkers, name: str) -> None:
    draw = BY_SIMULATION[name]()
    here = draw(None)
    for workers in (1, 3):
        there = draw(dask(workers))
        pd.testing.assert_frame_equal(there.frame, here.frame)
        assert there.notes == here.notes


def test_progress_is_told_here(dask: StartWorkers) -> None:
    settings = qbell.schedule(5)
    told: list[int] = []
    qbell.sample(qbell.ghz(5), settings, shots=10, seed=1, progress=told.append, cluster=dask(2))
    assert sum(told) == len(settings)
    assert len(told) > 16  # as it goes, and not at the end


def test_a_sampler_runs_by_itself() -> None:
    from qiskit.primitives import StatevectorSampler

    with pytest.raises(QbellError, match=r"runs by itself, and not on a cluster"):
        qbell.sample(qbell.ghz(3), qbell.schedule(3), StatevectorSampler(), cluster="local")
