"""Every file of a campaign's folder, changed in any way: one line of error, or none, never more."""

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.folder import versions
from qbell.campaigns.jobs import campaigns_in, extend, fetch, status, submit
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.jobs.outcomes import calibration_of, drift_p, shots_of, tables_of
from qbell.campaigns.jobs.status import logs_of
from qbell.campaigns.phase_scan.run import analyze_scan, scan_here
from qbell.campaigns.run import analyze
from qbell.campaigns.spec import read_spec
from qbell.devices.record import device_from_record
from qbell.report.compare import compare
from qbell.shots.read_shots import read_record, read_shots
from tests.support.damage import contents, damaged, mend, remember

SPEC = """seed = 11
[state]
family = "ghz"
n = 2
[schedule]
design = "random"
draws = 40
[backend]
name = "fake_manila"
[estimate]
resamples = 40
[mitigation]
shots = 40
[hardware]
jobs = 2
reference = 2
"""
LATER = """seed = 5
[state]
{state}
[schedule]
design = "{design}"
draws = 60
[estimate]
resamples = 40
[hardware]
jobs = 3
reference = 0
attempts = 1
"""
STARS = LATER.format(state='family = "stars"\nn = 8\nseparators = 1', design="stars")
STOP = LATER.format(state='family = "ghz"\nn = 2', design="even") + "[stop]\np_value = 0.9\n"
PARTLY = LATER.format(state='family = "ghz"\nn = 2', design="random")
SCAN = """seed = 5
[state]
family = "ghz"
n = 3
[scan]
read_out = "parity"
angles = ["0pi", "1/12pi", "1/6pi"]
shots = 50
"""
JOBS = """[backend]
name = "fake_manila"
[hardware]
jobs = 2
reference = 2
reference_shots = 20
attempts = 1
"""
CASES = int(os.environ.get("QBELL_CASES", "2000"))  # of each file, nightly
FIRST = int(os.environ.get("QBELL_FIRST", "0"))  # to go on where another run ended
ANEW = 500  # one case of so many is estimated and reported anew
PLANNED = ("campaign.json", "*.toml", "schedule.csv", "device.json", "compiled/*", "parts/*")
OF_PLAN = ("campaign.json", "schedule.csv", "spec.toml")
OF_RUN = ("run.json", "counts.csv", "summary.json")
NAMES = {
    "extended": (
        *(*OF_PLAN, *OF_RUN, "device.json", "noise.json", "calibration.csv", "jobs/0001.json"),
        *("jobs/0001.csv", "jobs/0002.json", "jobs/0002.csv", "parts/2.json", "parts/2.csv"),
        "compiled/circuit.qpy",
    ),
    "stars": (*OF_PLAN, *OF_RUN, "jobs/0001.csv"),
    "stop": (*OF_PLAN, *OF_RUN, "jobs/0001.json", "jobs/0001.csv"),
    "partly": (
        *("campaign.json", "jobs/0001.json", "jobs/0001.csv", "jobs/0003.json"),
        *("partial/run.json", "partial/counts.csv", "partial/spec.toml", "partial/summary.json"),
    ),
    "scan": ("scan.json", "scan.csv", "spec.toml", "summary.json"),
    "scan in jobs": (
        *(*OF_PLAN, "scan.json", "scan.csv", "summary.json", "device.json", "noise.json"),
        *("jobs/0001.json", "jobs/0001.csv", "jobs/0002.json", "jobs/0002.csv"),
        *("compiled/circuit.qpy", "compiled/words.qpy", "partial/scan.json", "partial/scan.csv"),
    ),
}
FILES = [(kind, name) for kind, names in NAMES.items() for name in names]
TIMES = [
    *((kind, name, 2) for kind, name in FILES if kind in ("extended", "scan")),
    *(pytest.param(*file, CASES, marks=pytest.mark.nightly) for file in FILES),
]


@dataclass(frozen=True)
class Whole:
    """A folder as it should be: what its commands are, and what they find."""

    folder: Path
    calls: tuple[Callable[[Path], Any], ...]
    result: Any = None


def extended(home: Path) -> Whole:
    """A finished campaign on a snapshot, to which a part was added."""
    (home / "s.toml").write_text(SPEC)
    submit(home / "s.toml", home / "c")
    extend(home / "c", draws=20, jobs=1)
    return whole(home / "c", fetch(home / "c"))


def finished(text: str) -> Callable[[Path], Whole]:
    """A finished campaign on samplers of this machine."""

    def made(home: Path) -> Whole:
        (home / "s.toml").write_text(text)
        submit(home / "s.toml", home / "c")
        return whole(home / "c", fetch(home / "c"))

    return made


def partly(home: Path) -> Whole:
    """A campaign whose last job failed, reported as far as it is."""
    (home / "s.toml").write_text(PARTLY)
    submit(home / "s.toml", home / "c")
    failed(home / "c", 3)
    found = whole(home / "c", fetch(home / "c", partial=True))

    def report(folder: Path) -> object:
        return fetch(folder, partial=True)

    def analyzed(folder: Path) -> object:
        return analyze(folder / "partial")

    def compared(folder: Path) -> object:
        return compared_with_itself(folder / "partial")

    return replace(found, calls=(status, campaigns_in, fetch, report, analyzed, compared))


def failed(folder: Path, number: int) -> None:
    """Let a job be one that failed for good."""
    log = folder / f"jobs/{number:04d}.json"
    record = json.loads(log.read_text())
    record["attempts"][0] |= {"state": "failed", "reason": "power cut", "sha256": None}
    log.write_text(json.dumps(record))
    log.with_suffix(".csv").unlink()


def scanned(home: Path) -> Whole:
    """A phase scan."""
    (home / "s.toml").write_text(SCAN)
    scan_here(read_spec(home / "s.toml"), home / "c")
    return Whole(home / "c", (analyze_scan, campaigns_in, compared_with_itself))


def scanned_in_jobs(home: Path) -> Whole:
    """A phase scan in jobs on a snapshot, reported when half of it was there and when all was."""
    (home / "s.toml").write_text(SCAN + JOBS)
    submit(home / "s.toml", home / "c")
    failed(home / "c", 3)
    fetch(home / "c", partial=True)
    submit(None, home / "c")
    fetch(home / "c")

    def analyzed(folder: Path) -> object:
        return analyze_scan(folder / "partial")

    calls = (status, campaigns_in, fetch, analyze_scan, analyzed, compared_with_itself)
    return Whole(home / "c", calls)


def whole(folder: Path, outcome: Any) -> Whole:
    assert isinstance(outcome, Outcome)
    calls = (status, analyze, campaigns_in, compared_with_itself, fetch)
    return Whole(folder, calls, outcome.result)


def compared_with_itself(folder: Path) -> object:
    return compare({"c": read_record(folder / "summary.json")})


def is_refused(call: Callable[[Path], Any], folder: Path) -> bool:
    """Whether it ended with an error of one line."""
    message = ""
    try:
        call(folder)
    except QbellError as error:
        message = str(error)
    assert "\n" not in message
    return bool(message)


def restore(folder: Path, kept: dict[Path, bytes]) -> None:
    """All files as they were."""
    for path in folder.rglob("*"):
        if path.is_file() and path not in kept:
            path.unlink()
    for path, content in kept.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


MADE = {
    "extended": extended,
    "stars": finished(STARS),
    "stop": finished(STOP),
    "partly": partly,
    "scan": scanned,
    "scan in jobs": scanned_in_jobs,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Whole]:
    """Folders by their kind, each made once."""
    known: dict[str, Whole] = {}

    def get(kind: str) -> Whole:
        if kind not in known:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("qbell.report.plots._svg", lambda figure, alt: "<svg></svg>")
                known[kind] = MADE[kind](tmp_path_factory.mktemp(kind))
        return known[kind]

    return get


@pytest.fixture(scope="module")
def read_only(made: Callable[[str], Whole]) -> Callable[[pytest.MonkeyPatch, Any], None]:
    """Estimates, exact values and reports as they were: only what reads files is left, once each
    time that a file is another."""

    def of_jobs(plan: Any, jobs: Any) -> Any:
        return plan.check, len(jobs), contents(plan.folder, *PLANNED, "jobs/*")

    def apply(patch: pytest.MonkeyPatch, result: Any) -> None:
        def known(shots: Any, *_: Any, **__: Any) -> Any:
            return replace(result, shots=shots)

        patch.setattr("qbell.campaigns.campaign.estimate", known)
        patch.setattr("qbell.campaigns.jobs.finish_scan._noise", lambda _: (None, []))
        for module in ("campaign", "phase_scan.run", "phase_scan.prepared", "jobs.finish_scan"):
            patch.setattr(f"qbell.campaigns.{module}.known_values", lambda *_, **__: {})
        patch.setattr("qbell.campaigns.jobs.finish._noise", lambda _: (None, []))
        for module in ("run", "jobs.finish"):
            patch.setattr(f"qbell.campaigns.{module}.write_results", lambda *_: None)
        remember(patch, versions, lambda: ())
        for function in (shots_of, tables_of, calibration_of, drift_p):
            remember(patch, function, of_jobs)
        remember(patch, logs_of, lambda plan: (plan.check, contents(plan.folder, "jobs/*.json")))
        remember(patch, device_from_record, lambda record, *_: json.dumps(record))

        def of_plan(folder: Path) -> Any:
            names = sorted(path.name for path in folder.glob("jobs/*.json"))
            return folder, tuple(names), contents(folder, *PLANNED)

        remember(patch, read_plan, of_plan)

        def of_run(path: Path, *given: Any, **named: Any) -> Any:
            return path, given, str(named), contents(path, "counts.csv", "run.json", "spec.toml")

        remember(patch, read_shots, of_run)

    return apply


@pytest.mark.device
@pytest.mark.parametrize(("kind", "name", "times"), TIMES)
def test_a_file_that_was_changed(
    kind: str,
    name: str,
    times: int,
    made: Callable[[str], Whole],
    read_only: Callable[[pytest.MonkeyPatch, Any], None],
    tmp_path: Path,
) -> None:
    """With its checksum or, in every second case, with all checksums mended."""
    home = made(kind)
    rng = random.Random(f"{kind} {name}" if kind != "extended" else name)
    folder = tmp_path / "c"
    shutil.copytree(home.folder, folder)
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    refused = 0
    with pytest.MonkeyPatch.context() as quick:
        read_only(quick, home.result)
        for case in range(times):
            changed = damaged(kept[folder / name], name, rng)
            if case < FIRST:
                continue
            (folder / name).write_bytes(changed)
            if case % 2:
                mend(folder, name)
            if case % ANEW == ANEW - 1:
                quick.undo()
            for call in home.calls:
                try:
                    refused += is_refused(call, folder)
                except Exception as error:
                    what = getattr(call, "__name__", "")
                    error.add_note(f"{kind} {name}, {what}, case {case}: {changed[:2000]!r}")
                    raise
            if case % ANEW == ANEW - 1:
                read_only(quick, home.result)
            restore(folder, kept)
    assert refused or name == "summary.json"
