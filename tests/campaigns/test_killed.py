"""Commands that work on this machine, killed at any moment: nothing lost, doubled or half-written.

Those that talk to a service are in test_lost_processes.py, scans of exact values in tests/scan.
"""

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qbell.campaigns.jobs import extend, fetch, submit
from qbell.campaigns.phase_scan.run import scan_here
from qbell.campaigns.run import analyze, run
from qbell.campaigns.spec import read_spec
from qbell.report import page
from qbell.report.interactive import Interactive

SPEC = """seed = 5
[state]
family = "ghz"
n = 2
[schedule]
design = "random"
draws = 60
[estimate]
resamples = 40
[mitigation]
shots = 40
[hardware]
jobs = 2
reference = 1
reference_shots = 20
"""
SCAN = """[state]
family = "ghz"
n = 2
[scan]
angles = ["0pi", "1/12pi"]
shots = 50
[hardware]
jobs = 2
reference = 1
reference_shots = 20
"""
STEPS = ("mkstemp", "chmod", "replace", "unlink", "mkdir", "open")
RANDOM = 20  # kills of each command at random times, nightly
Act = Callable[[Path], object]


@dataclass(frozen=True)
class Command:
    """What is killed, what must have been done before, and what goes on after it."""

    act: Act
    before: tuple[Act, ...] = ()
    again: Act | None = None
    after: tuple[Act, ...] = ()


def planned(folder: Path) -> object:
    return submit(folder.parent / "s.toml", folder)


def planned_scan(folder: Path) -> object:
    return submit(folder.parent / "scan.toml", folder, seed=5)


def more(folder: Path) -> object:
    return extend(folder, draws=20, jobs=1)


def more_or_sent(folder: Path) -> object:
    """As the manual says: what is registered is sent, and what is not is added."""
    return submit(None, folder) if (folder / "parts/2.json").exists() else more(folder)


COMMANDS = {
    "run": Command(lambda folder: run(read_spec(folder.parent / "s.toml"), folder)),
    "scan": Command(
        lambda folder: scan_here(read_spec(folder.parent / "scan.toml"), folder, seed=5)
    ),
    "scan in jobs": Command(planned_scan, after=(fetch,)),
    "scan fetched": Command(fetch, before=(planned_scan,)),
    "submit": Command(planned, after=(fetch,)),
    "fetch": Command(fetch, before=(planned,)),
    "report": Command(analyze, before=(planned, fetch)),
    "extend": Command(more, before=(planned,), again=more_or_sent, after=(fetch,)),
}


# Processes fork from one that has loaded all this, and has no threads that would be lost in it.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "qiskit_aer", "numba", "scipy.stats", "qiskit.qpy"])


def killed_at(what: str, folder: Path, step: int | None, seconds: float | None = None) -> bool:
    """Do it in a process that dies at a step of its work on files, or after seconds of the
    processor; whether it died.

    Args:
        what: a command, or ``name, again`` for what goes on after it.
    """
    child = FORKS.Process(target=_die_at, args=(what, folder, step, seconds))
    child.start()
    child.join()
    assert child.exitcode in (0, -signal.SIGKILL, -signal.SIGPROF), child.exitcode
    return child.exitcode != 0


def act_of(what: str) -> Act:
    name, _, again = what.partition(", ")
    command = COMMANDS[name]
    return (command.again if again else None) or command.act


def _die_at(what: str, folder: Path, step: int | None, seconds: float | None) -> None:
    for name in [name for name in vars(page) if name.endswith("_plot")]:
        setattr(page, name, lambda *_: "<svg></svg>")
    vars(page)["interactive"] = lambda *_: Interactive({}, "")
    if step is not None:
        _count_down(step)
    if seconds is not None:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process, like SIGKILL
        signal.setitimer(signal.ITIMER_PROF, seconds)
    act_of(what)(folder)
    os._exit(0)


def _count_down(step: int) -> None:
    """Die before or after the so many-th step."""
    left = [step]

    def tick() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(function: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            writes = function.__name__ != "open" or args[1] & (os.O_CREAT | os.O_WRONLY)
            if writes:
                tick()
            answer = function(*args, **named)
            if writes:
                tick()
            return answer

        return call

    for name in STEPS:
        home: Any = tempfile if name == "mkstemp" else os
        setattr(home, name, counted(getattr(home, name)))


def start(home: Path, command: Command) -> Path:
    """A folder in which all is done that comes before."""
    (home / "s.toml").write_text(SPEC)
    (home / "scan.toml").write_text(SCAN)
    folder = home / "c"
    for act in command.before:
        act(folder)
    return folder


def content(folder: Path) -> dict[str, Any]:
    """What must be the same however often it was killed; every file is whole."""
    assert not list(folder.glob(".lock"))
    for path in folder.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    summary.pop("device", None)
    summary.pop("parts", None)
    names = ("counts.csv", "scan.csv", "calibration.csv", "correlators.csv")
    found = {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}
    return {**found, "summary": summary}


def went_on(command: Command, folder: Path) -> dict[str, Any]:
    """The same command once more, and what comes after it."""
    (command.again or command.act)(folder)
    for act in command.after:
        act(folder)
    return content(folder)


@pytest.fixture
def undisturbed(tmp_path: Path) -> Callable[[Command], tuple[Path, dict[str, Any]]]:
    """Where a command starts, and what it leaves."""

    def make(command: Command) -> tuple[Path, dict[str, Any]]:
        folder = start(tmp_path, command)
        kept = tmp_path / "kept"
        if folder.exists():
            shutil.copytree(folder, kept)
        command.act(folder)
        for act in command.after:
            act(folder)
        return kept, content(folder)

    return make


def renew(folder: Path, kept: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if kept.exists():
        shutil.copytree(kept, folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "every"),
    [("run", False), *(pytest.param(name, True, marks=pytest.mark.nightly) for name in COMMANDS)],
)
def test_killed_at_a_step(name: str, every: bool, undisturbed: Any, tmp_path: Path) -> None:
    """Before and after each time that it makes, renames or removes a file; nightly at all."""
    command, folder = COMMANDS[name], tmp_path / "c"
    kept, expected = undisturbed(command)
    killed, step = 0, 1 if every else 14
    while True:
        renew(folder, kept)
        if not killed_at(name, folder, step):
            break
        killed += 1
        assert went_on(command, folder) == expected, f"step {step}"
        step += 1 if every else 1000
    assert killed >= (20 if every else 1)


@pytest.mark.nightly
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_any_time(name: str, undisturbed: Any, tmp_path: Path, rng: Any) -> None:
    """Twice in a row, if it comes to that, before it may end."""
    command, folder = COMMANDS[name], tmp_path / "c"
    kept, expected = undisturbed(command)
    renew(folder, kept)
    before = os.times()
    command.act(folder)
    after = os.times()
    whole = after.user + after.system - before.user - before.system
    killed = 0
    for _ in range(6 * RANDOM):
        renew(folder, kept)
        died = sum(
            killed_at(what, folder, None, float(rng.uniform(0, 1.5 * whole)))
            for what in (name, f"{name}, again")
        )
        killed += died
        assert went_on(command, folder) == expected
        if killed >= RANDOM:
            break
    assert killed >= RANDOM
