"""One tool in a process of its own, a copy of one that has imported all tools."""

import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.peers.case import Case, Work

STATUS = Path("/proc/self/status")
ADDRESSES = 12 * 2**30  # bytes; more is "no memory"
TICK = 0.05  # seconds of processor time that a clock of 1 ms measures well
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
            to_parent.send(run(work, case))
    except EOFError:
        return
    except Exception as error:  # whatever the tool raises is its answer
        text = f"{type(error).__name__}: {error}"
        lost = any(word in text for word in NO_MEMORY)
        to_parent.send("no memory" if lost else f"fails: {text.splitlines()[0][:60]}")


def run(work: Work, case: Case) -> Run:
    """Once, and again until the clock can tell."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    kept = _kept()
    before, start = _held("VmRSS"), _processor_time()
    found = work()
    seconds, memory = _processor_time() - start, _held("VmHWM") - before
    times = 1
    while seconds < TICK and times < 1000:
        start = _processor_time()
        for _ in range(times):
            for forget in kept:
                forget()
            work()
        seconds += _processor_time() - start
        times *= 2
    return Run(seconds / times, memory, case.values(found))


def _kept() -> list[Callable[[], None]]:
    """What makes qbell forget results it has kept; now forgotten, as nothing is to be looked up."""
    modules = [module for name, module in sys.modules.items() if name.startswith("qbell")]
    values = [value for module in modules for value in vars(module).values()]
    clears = {id(v): v.cache_clear for v in values if hasattr(v, "cache_clear")}
    for clear in clears.values():
        clear()
    return list(clears.values())


def _held(what: str) -> float:
    """MiB: VmRSS now, VmHWM at most since it was reset."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def _processor_time() -> float:
    """Seconds, of processes started too."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _allow(seconds: int) -> None:
    """So much more processor time."""
    used: Any = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, -1))
