"""Work spread over the workers of a Dask cluster; needs the extra ``qbell[dask]``.

Work is cut into items that do not depend on the number of workers, and what becomes of each item
stands in its place: so results are the same to the last digit on any number of them, and without.
"""

import asyncio
import hashlib
import importlib
import logging
import pickle
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from qbell.errors import QbellError
from qbell.util.threads import in_threads, on_one_core

Item = TypeVar("Item")
Result = TypeVar("Result")
Build = tuple[tuple[str, str], ...]

TO_ANSWER, TO_WORK = 10, 60  # seconds that a scheduler and its first worker may take
DIGITS_DEPEND_ON = ("qbell", "numpy", "scipy", "numba", "qiskit", "qiskit-aer", "stim")
BATCHES = 16  # for each worker, so that all end together
LOCAL: dict[str, Any] = {
    "threads_per_worker": 1,
    "dashboard_address": None,
    "silence_logs": logging.ERROR,
    # Ctrl-C reaches all processes of a terminal; this one tells the workers to end.
    "preload": ["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"],
}
# A worker that was killed is started again; on a busy machine that takes longer than Dask waits.
PATIENT = {"distributed.deploy.lost-worker-timeout": "10 minutes"}
UNPACKED = 5  # pickle protocol by which arrays that may not be written to stay so


class ClusterError(QbellError):
    """The cluster is at fault, and not what was to be done there."""


@dataclass(frozen=True)
class Cluster:
    """The workers of a Dask cluster.

    Attributes:
        client: a `distributed.Client`.
        build: what is installed here, see `build`; workers that have anything else are refused.
    """

    client: Any
    build: Build

    def completed(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[int, Result]]:
        """The place of each item and ``work(item)``, in the order in which they are finished.

        ``work``, with all data that it holds, goes to each worker once. A worker that is lost
        changes nothing: its items are done again elsewhere.

        Raises:
            QbellError: raised by the work; a worker has another version of something; or the
                cluster was lost.
        """
        if not items:
            return
        distributed: Any = importlib.import_module("distributed")
        with warnings.catch_warnings():  # that much data is sent, which is on purpose
            warnings.simplefilter("ignore", UserWarning)
            # A task, and not data that are scattered: these would be lost with their last worker.
            sent = self.client.submit(_same, _Sent(_packed(work)), pure=False)
            futures = self.client.map(
                _do, [_packed(item) for item in items], sent=sent, expected=self.build, pure=False
            )
        place = {future.key: number for number, future in enumerate(futures)}
        try:
            for future in distributed.as_completed(futures):
                result = pickle.loads(future.result())
                future.release()
                if isinstance(result, QbellError):
                    raise result
                yield place[future.key], result
        except QbellError:
            raise
        except ImportError as error:
            raise _cannot_load(error) from error
        except (distributed.KilledWorker, distributed.CancelledError, OSError) as error:
            raise ClusterError(
                f"the Dask cluster lost a part of the work ({_short(error)}); give workers more "
                "memory, and repeat the command: what is resumable goes on from there"
            ) from error
        finally:
            self.client.cancel([sent, *futures])

    def map(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        done: Callable[[Item], None] | None = None,
    ) -> list[Result]:
        """``work(item)`` of each item, in the order of the items; ``done(item)`` is called here.

        For many small items: several of them go to a worker at a time.
        """
        workers = max(1, sum(self.client.nthreads().values()))
        size = max(1, -(-len(items) // (BATCHES * workers)))
        batches = [items[first : first + size] for first in range(0, len(items), size)]
        results: dict[int, list[Result]] = {}
        for place, found in self.completed(partial(_each, work), batches):
            results[place] = found
            if done is not None:
                for item in batches[place]:
                    done(item)
        return [result for place in range(len(batches)) for result in results[place]]


def spread(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    cluster: Cluster | None = None,
    done: Callable[[Item], None] | None = None,
    here: Callable[[Callable[[Item], Result], Sequence[Item]], list[Result]] = in_threads,
) -> list[Result]:
    """``work(item)`` of each item in their order: on a cluster, or without one by ``here``.

    Args:
        work: with all that it holds it must be of a kind that pickle can send.
        items: so many, however many workers there are.
        cluster: from `connected`.
        done: called after each item; without a cluster perhaps from threads.
        here: how items are done without a cluster.

    >>> spread(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    if cluster is not None:
        return cluster.map(work, items, done)
    if done is None:
        return here(work, items)
    tell = done

    def told(item: Item) -> Result:
        result = work(item)
        tell(item)
        return result

    return here(told, items)


@contextmanager
def connected(where: Any) -> Iterator[Cluster | None]:
    """The `Cluster` at an address, on this machine, or of a client that is already there.

    ``None`` stays ``None``: no cluster is wanted.

    Args:
        where: ``local`` starts a cluster on this machine, one process a core (a script that does
            so needs ``if __name__ == "__main__"``); else a scheduler's address, a
            `distributed.Client`, or a `Cluster`.

    Raises:
        QbellError: the extra is missing, nobody answers at the address, it has no workers, or
            these have another version of qbell or of what its numbers come from.
    """
    if where is None or isinstance(where, Cluster):
        yield where
        return
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise ClusterError(
            "Dask is not installed; pip install 'qbell[dask]', or leave the cluster out"
        ) from error
    if isinstance(where, distributed.Client):
        yield _checked(where)
        return
    if not isinstance(where, str):
        raise ClusterError(
            f"cluster: expected local, the address of a Dask scheduler or a distributed.Client, "
            f"got a {type(where).__name__}"
        )
    config: Any = importlib.import_module("dask.config")
    with config.set(PATIENT if where == "local" else {}):
        yield from _at(where, distributed)


def _at(where: str, distributed: Any) -> Iterator[Cluster]:
    """A cluster started here, or that at an address."""
    own = None
    try:
        if where != "local":
            _reach(where)
        else:
            with warnings.catch_warnings():  # that a port it does not need is taken
                warnings.simplefilter("ignore", UserWarning)
                own = distributed.LocalCluster(**LOCAL)
        client = distributed.Client(where if own is None else own, timeout=TO_ANSWER)
    except Exception as error:  # distributed raises what it likes, also AssertionError
        if own is not None:
            own.close()
        raise ClusterError(
            f"no Dask scheduler answers at {where!r} ({_short(error)}); give its address, e.g. "
            "tcp://host:8786, or local"
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=TO_WORK)
        except TimeoutError as error:
            raise ClusterError(
                f"the Dask scheduler at {where!r} has no workers; start some, e.g. dask worker "
                f"{client.scheduler.address}"
            ) from error
        yield _checked(client)
    finally:
        client.close()
        if own is not None:
            own.close()


@cache
def build() -> Build:
    """What the last digits of results depend on: versions, and the source of qbell itself."""
    found = [("Python", f"{sys.version_info.major}.{sys.version_info.minor}")]
    found += [(name, metadata.version(name)) for name in DIGITS_DEPEND_ON]
    package = Path(__file__).parents[1]
    source = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        source.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return (*found, ("source of qbell", source.hexdigest()[:12]))


def _checked(client: Any) -> Cluster:
    """The cluster of a client, whose workers of now have what is installed here."""
    found = client.run(build, on_error="return")
    for theirs in found.values():
        if isinstance(theirs, BaseException):
            raise _cannot_load(theirs) from theirs
        _compare(theirs, build())
    return Cluster(client, build())


def _compare(theirs: Build, ours: Build) -> None:
    other = dict(theirs)
    for name, version in ours:
        if other.get(name) != version:
            raise ClusterError(
                f"a Dask worker has another {name} ({other.get(name)}) than here ({version}), and "
                "results would differ; install the same on every worker"
            )


class _Sent:
    """Work as it is sent: unpacked once in each process that is given it."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    def __reduce__(self) -> tuple[Any, ...]:
        return _Sent, (self.packed,)

    @cached_property
    def work(self) -> Callable[[Any], Any]:
        """The function."""
        found: Callable[[Any], Any] = pickle.loads(self.packed)
        return found


def _packed(thing: Any) -> bytes:
    cloudpickle: Any = importlib.import_module("cloudpickle")
    packed: bytes = cloudpickle.dumps(thing, protocol=UNPACKED)
    return packed


def _each(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    return [work(item) for item in items]


def _same(sent: _Sent) -> _Sent:
    return sent


def _do(item: bytes, *, sent: _Sent, expected: Build) -> bytes:
    """One item, on a worker: its result, packed; or the error, of which Dask need not tell."""
    try:
        _compare(build(), expected)  # workers also come later
        _settle()
        with on_one_core():
            return _packed(sent.work(pickle.loads(item)))
    except QbellError as error:
        return _packed(error)


@cache
def _settle() -> None:
    """From now on one BLAS thread in this process: the cores are shared by workers already."""
    threadpool_limits(limits=1, user_api="blas")


def _reach(address: str) -> None:
    """Greet the scheduler, before a client is made; raises whatever distributed does.

    A client that cannot connect is left half-made, and its end, whenever the garbage collector
    comes by, may wait for a thread that waits for it. Nor does it stop waiting for a server that
    listens and is no scheduler.
    """
    core: Any = importlib.import_module("distributed.core")

    async def greet() -> None:
        connection = await asyncio.wait_for(core.connect(address, timeout=TO_ANSWER), TO_ANSWER)
        await connection.close()

    asyncio.run(greet())


def _cannot_load(error: BaseException) -> ClusterError:
    return ClusterError(
        f"the Dask workers cannot load qbell ({_short(error)}); install this version of qbell on "
        "every worker"
    )


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
