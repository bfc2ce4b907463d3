"""Processor time and memory of a piece of work."""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

STATUS = Path("/proc/self/status")
TICK = 0.05  # seconds: shorter work is repeated


class Timed(NamedTuple):
    """Processor seconds of all threads, MiB at most beyond those held before, and the result."""

    seconds: float
    memory: float
    result: Any


def timed(work: Callable[[], Any]) -> Timed:
    """Once, and if it is short again and again; the mean. qbell forgets what it keeps between."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    kept = _kept()
    before, start = _held("VmRSS"), processor_time()
    found = work()
    seconds, memory = processor_time() - start, _held("VmHWM") - before
    times = 1
    while seconds < TICK and times < 1000:
        start = processor_time()
        for _ in range(times):
            for forget in kept:
                forget()
            work()
        seconds += processor_time() - start
        times *= 2
    return Timed(seconds / times, memory, found)


def processor_time() -> float:
    """Seconds, of processes started too."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _held(what: str) -> float:
    """MiB: VmRSS now, VmHWM at most since it was reset."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def _kept() -> list[Callable[[], None]]:
    """What makes qbell forget results it has kept; now forgotten, as nothing is to be looked up."""
    modules = [module for name, module in sys.modules.items() if name.startswith("qbell")]
    values = [value for module in modules for value in vars(module).values()]
    bounded = [v for v in values if hasattr(v, "cache_clear") and v.cache_parameters()["maxsize"]]
    clears = {id(v): v.cache_clear for v in bounded}  # the others keep what is no result
    for clear in clears.values():
        clear()
    return list(clears.values())
