"""Every file of a campaign's folder, changed in any way: one line of error, or none, never more."""

import os
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qbell import QbellError
from qbell.campaigns.campaign import Outcome
from qbell.campaigns.jobs import campaigns_in, extend, fetch, status, submit
from qbell.campaigns.run import analyze
from tests.support.damage import damaged, mend

SPEC = """seed = 11
[state]
family = "ghz"
n = 2
[schedule]
design = "{design}"
{size}
[backend]
name = "{backend}"
[estimate]
resamples = 40
[mitigation]
shots = 40
[hardware]
jobs = 2
reference = 2
"""
CASES = int(os.environ.get("QBELL_CASES", "2000"))  # of each file, nightly
NAMES = (
    *("campaign.json", "schedule.csv", "device.json", "noise.json", "run.json", "spec.toml"),
    *("counts.csv", "calibration.csv", "jobs/0001.json", "jobs/0001.csv", "jobs/0002.json"),
    *("jobs/0002.csv", "parts/2.json", "parts/2.csv", "compiled/circuit.qpy", "summary.json"),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A finished campaign on a snapshot, to which a part was added; and its result."""
    home = tmp_path_factory.mktemp("whole")
    text = SPEC.format(design="random", size="draws = 40", backend="fake_manila")
    (home / "s.toml").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qbell.report.plots._svg", lambda figure, alt: "<svg></svg>")
        submit(home / "s.toml", home / "c")
        extend(home / "c", draws=20, jobs=1)
        outcome = fetch(home / "c")
    assert isinstance(outcome, Outcome)
    return home, outcome.result


def read_only(patch: pytest.MonkeyPatch, result: Any) -> None:
    """Estimates, exact values and reports as they were: only what reads files is left."""

    def known(shots: Any, *_: Any, **__: Any) -> Any:
        return replace(result, shots=shots)

    patch.setattr("qbell.campaigns.campaign.estimate", known)
    patch.setattr("qbell.campaigns.campaign.known_values", lambda *_: {})
    patch.setattr("qbell.campaigns.jobs.finish._noise", lambda _: (None, []))
    for module in ("run", "jobs.finish"):
        patch.setattr(f"qbell.campaigns.{module}.write_results", lambda *_: None)


@pytest.mark.device
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "times", [2, pytest.param(CASES, marks=pytest.mark.nightly)], ids=["few", "many"]
)
def test_a_file_that_was_changed(
    name: str, times: int, whole: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its checksum or, in every second case, with all checksums mended.

    One case in two hundred estimates and reports anew.
    """
    home, result = whole
    rng = random.Random(name)
    folder = tmp_path / "c"
    shutil.copytree(home / "c", folder)
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    refused = 0
    for case in range(times):
        changed = damaged(kept[folder / name], name, rng)
        (folder / name).write_bytes(changed)
        if case % 2:
            mend(folder, name)
        with monkeypatch.context() as patch:
            if case % 200 != 199:
                read_only(patch, result)
            for call in (status, analyze, campaigns_in, fetch):
                try:
                    call(folder)
                except QbellError:
                    refused += 1
                except Exception as error:
                    error.add_note(f"{name}, {call.__name__}, case {case}: {changed[:2000]!r}")
                    raise
        for path in folder.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()
        for path, content in kept.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
    assert refused or name == "summary.json"
