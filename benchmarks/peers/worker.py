"""One tool in a process of its own, a copy of one that has imported all tools."""

import resource
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from benchmarks.peers.case import Case
from benchmarks.timing import timed

ADDRESSES = 12 * 2**30  # bytes; more is "no memory"
NO_MEMORY = ("MemoryError", "allocate", "memory")


class Run(NamedTuple):
    """Processor seconds, MiB beyond those held before, and the numbers."""

    seconds: float
    memory: float
    values: list[float]


def serve(to_parent: Connection, case: Case, number: int, limit: int) -> None:
    """For each number of a size that comes a `Run` goes back, or why there is none."""
    tool = case.tools[number]
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    column, work = -1, None
    try:
        _allow(3 * limit)
        if case.warm is not None:
            tool.prepare(case.warm)()
        to_parent.send("ready")
        while True:
            asked = to_parent.recv()
            _allow(3 * limit)
            if work is None or column != asked:
                column, work = asked, tool.prepare(case.sizes[asked])
            _allow(limit)
            seconds, memory, found = timed(work)
            to_parent.send(Run(seconds, memory, case.values(found)))
    except EOFError:
        return
    except Exception as error:  # whatever the tool raises is its answer
        text = f"{type(error).__name__}: {error}"
        lost = any(word in text for word in NO_MEMORY)
        to_parent.send("no memory" if lost else f"fails: {text.splitlines()[0][:60]}")


def _allow(seconds: int) -> None:
    """So much more processor time."""
    used: Any = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, -1))
