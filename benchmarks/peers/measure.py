"""Cells of a table: all tools of a size take turns, so that a busy machine slows all alike."""

import importlib.util
import math
import multiprocessing
import signal
import sys
from importlib import import_module
from typing import Any

from benchmarks.peers.case import Case, Cell
from benchmarks.peers.worker import Run, serve

ROUNDS = 3
ENOUGH = 1.0  # seconds of one tool at one size, after which it is not run again
COPIED = multiprocessing.get_context("fork")  # tools are imported once, by this process


class Worker:
    """The process of one tool, which ends with the first size that it cannot do."""

    def __init__(self, case: Case, number: int, limit: int) -> None:
        self.limit = limit
        self.over = ""  # why there is nothing from here on
        self.pipe, theirs = COPIED.Pipe()
        self.process = COPIED.Process(target=serve, args=(theirs, case, number, limit), daemon=True)
        self.process.start()
        theirs.close()
        self.answer()

    def answer(self) -> Run | None:
        """What it says next."""
        try:
            found = self.pipe.recv()
        except EOFError:
            self.process.join()
            killed = self.process.exitcode in (-signal.SIGXCPU, -signal.SIGKILL)
            found = f"over {self.limit} s" if killed else f"ends with {self.process.exitcode}"
        if isinstance(found, str) and found != "ready":
            self.over = found
        return found if isinstance(found, Run) else None

    def run(self, column: int) -> Run | None:
        """Once at this size."""
        if self.over:
            return None
        self.pipe.send(column)
        return self.answer()

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.join()


def cells(key: str, case: Case, limit: int) -> list[Cell]:
    """All cells of a table."""
    there = [
        (number, tool)
        for number, tool in enumerate(case.tools)
        if importlib.util.find_spec(tool.package) is not None
    ]
    for _, tool in there:
        import_module(tool.package)
    workers = {number: Worker(case, number, limit) for number, _ in there}
    found = []
    for column, size in enumerate(case.sizes):
        asked = {n: workers[n] for n, tool in there if tool.least <= _number(size) <= tool.most}
        runs: dict[int, list[Run]] = {number: [] for number in asked}
        for _ in range(ROUNDS):
            for number, worker in asked.items():
                if sum(run.seconds for run in runs[number]) < ENOUGH:
                    answer = worker.run(column)
                    runs[number] += [] if answer is None else [answer]
        verdicts = _verdicts(case, size, {n: r[0].values for n, r in runs.items() if r})
        for number, worker in asked.items():
            mine = runs[number]
            cell = Cell(
                key, case.tools[number].name, str(size),
                min((run.seconds for run in mine), default=math.nan),
                max((run.memory for run in mine), default=math.nan),
                verdicts.get(number, worker.over),
            )  # fmt: skip
            print(f"  {cell}", file=sys.stderr, flush=True)
            found.append(cell)
    for worker in workers.values():
        worker.close()
    return found


def _number(size: Any) -> float:
    return float(size[0] if isinstance(size, tuple) else size) if not isinstance(size, str) else 0


def _verdicts(case: Case, size: Any, values: dict[int, list[float]]) -> dict[int, str]:
    """Right or wrong, by the truth, or by what qbell and another tool agree on."""
    if case.truth is not None:
        truth = case.truth(size)
    else:
        mine = {n: v for n, v in values.items() if case.tools[n].name.startswith("qbell")}
        truth = next(iter(mine.values()), [])
        if all(_off(v, truth) > case.close for n, v in values.items() if n not in mine):
            return dict.fromkeys(values, "alone" if mine == values else "no two agree")
    verdicts = {}
    for number, all_values in values.items():
        own = all_values[: len(truth)]
        offs = [_off([a], [b]) for a, b in zip(own, truth, strict=True)]
        worst = offs.index(max(offs))
        wrong = offs[worst] > case.close
        verdicts[number] = f"wrong: {own[worst]:.8g} for {truth[worst]:.8g}" if wrong else "right"
        if case.shown:
            verdicts[number] += f", {case.shown.format(*all_values[len(truth) :])}"
    return verdicts


def _off(values: list[float], truth: list[float]) -> float:
    """The largest relative distance; nan counts as far."""
    if len(values) != len(truth):
        return math.inf
    offs = [abs(value / true - 1) for value, true in zip(values, truth, strict=True)]
    return max(math.inf if math.isnan(off) else off for off in offs)
