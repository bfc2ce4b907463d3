"""Work spread over a cluster: the same results in the same places, whoever does it."""

from typing import Any

import numpy as np
import pytest

from qbell import QbellError
from qbell.util import cluster
from qbell.util.cluster import Cluster, connected, spread
from qbell.util.threads import cores, in_threads, on_one_core
from tests.conftest import StartWorkers


def test_results_stand_in_the_places_of_their_items(dask: StartWorkers) -> None:
    """Whoever does them; what work holds is sent with it, and may not be written to if it may not
    here."""
    held = np.arange(5.0)
    held.setflags(write=False)

    def work(item: tuple[int, Any]) -> tuple[float, bool, int]:
        place, array = item
        array += 1
        return float(held[place] + array.sum()), held.flags.writeable, cores()

    items = [(place, np.ones(2)) for place in range(5)]
    done: list[int] = []
    with connected(dask(3)) as workers:
        found = spread(work, items, workers, lambda item: done.append(item[0]))
        assert spread(work, [], workers) == []
    assert found == [(place + 4.0, False, 1) for place in range(5)]
    assert sorted(done) == list(range(5))
    assert [array.tolist() for _, array in items] == [[1.0, 1.0]] * 5  # only copies are sent
    here = spread(work, items, None, lambda item: done.append(item[0]), in_threads)
    assert [value for value, *_ in here] == [value for value, *_ in found]


def test_on_one_core_there_are_no_threads() -> None:
    with on_one_core():
        assert cores() == 1
    assert cores() >= 1


def test_what_differs_on_a_worker_is_refused(
    dask: StartWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = dask(1)
    (name, version), *rest = cluster.build()
    other = ((name, "2.7"), *rest)
    with pytest.raises(QbellError, match=rf"another Python \({version}\) than here \(2\.7\)"):
        Cluster(client, other).map(abs, [1])  # one that came later
    monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://far:1": other})
    refused = pytest.raises(QbellError, match=r"another Python \(2\.7\) .*install the same")
    with refused, connected(client):
        pass
    failed = AttributeError("module 'qbell.util.cluster' has no attribute 'build'")
    monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://far:1": failed})
    with pytest.raises(QbellError, match="cannot load qbell"), connected(client):
        pass


def test_errors_of_the_work_are_those_of_the_work(dask: StartWorkers) -> None:
    def work(item: int) -> int:
        raise QbellError(f"{item} cannot be done")

    with connected(dask(1)) as workers, pytest.raises(QbellError, match=r"^3 cannot be done$"):
        spread(work, [3], workers)


def test_what_is_no_cluster_is_refused() -> None:
    with pytest.raises(QbellError, match=r"expected local, .* got a int"), connected(3):
        pass
    with connected(None) as workers:
        assert workers is None
