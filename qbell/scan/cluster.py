"""Work spread over a Dask cluster; needs the extra ``qbell[dask]``."""

import asyncio
import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from qbell.errors import QbellError

TO_ANSWER, TO_WORK = 10, 60  # seconds that a scheduler and its first worker may take


@contextmanager
def connected(where: Any) -> Iterator[Any]:
    """A `distributed.Client` for an address, for ``local``, or one that is already there.

    ``None`` stays ``None``: no cluster is wanted.

    Args:
        where: ``local`` starts a cluster on this machine, one process a core (a script that does
            so needs ``if __name__ == "__main__"``); else a scheduler's address, or a client.

    Raises:
        QbellError: the extra is missing, nobody answers at the address, or it has no workers.
    """
    if not isinstance(where, str):
        yield where
        return
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise QbellError(
            "Dask is not installed; pip install 'qbell[dask]', or leave out --dask"
        ) from error
    cluster = None
    try:
        if where != "local":
            _reach(where)
        else:
            cluster = distributed.LocalCluster(threads_per_worker=1, dashboard_address=None)
        client = distributed.Client(where if cluster is None else cluster, timeout=TO_ANSWER)
    except Exception as error:  # distributed raises what it likes, also AssertionError
        if cluster is not None:
            cluster.close()
        raise QbellError(
            f"no Dask scheduler answers at {where!r} ({_short(error)}); give its address, e.g. "
            "tcp://host:8786, or local"
        ) from error
    try:
        try:
            client.wait_for_workers(1, timeout=TO_WORK)
        except TimeoutError as error:
            raise QbellError(
                f"the Dask scheduler at {where!r} has no workers; start some, e.g. dask worker "
                f"{client.scheduler.address}"
            ) from error
        yield client
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def spread(
    client: Any, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]]
) -> Iterator[Any]:
    """Results of ``function(*job)`` for every job, in the order in which they are finished.

    Raises:
        QbellError: raised by the function, or the cluster was lost.
    """
    if not jobs:
        return
    distributed: Any = importlib.import_module("distributed")
    futures = client.map(function, *zip(*jobs, strict=True), pure=False)
    try:
        for future in distributed.as_completed(futures):
            yield future.result()
    except QbellError:
        raise
    except ImportError as error:
        raise QbellError(
            f"the Dask workers cannot load qbell ({_short(error)}); install this version of qbell "
            "on every worker"
        ) from error
    except (distributed.KilledWorker, distributed.CancelledError, OSError) as error:
        raise QbellError(
            f"the Dask cluster lost a point ({_short(error)}); give workers more memory, and "
            "repeat the command: with --out it continues from the finished points"
        ) from error
    finally:
        client.cancel(futures)


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


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
