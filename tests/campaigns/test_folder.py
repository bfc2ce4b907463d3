"""A campaign's folder: one command at a time writes to it, and what was measured stays as it is."""

import fcntl
import json
import shutil
from pathlib import Path

import pytest

from qbell import QbellError
from qbell.util.lock import LOCK_FILE, locked
from tests.conftest import Qbell

SPEC = (
    'seed = 3\n[state]\nfamily = "ghz"\nn = 2\n[schedule]\nshots = 20\n'
    "[estimate]\nresamples = 40\n"
    "[hardware]\njobs = 2\nreference = 1\nreference_shots = 10\n"
)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "s.toml"
    path.write_text(SPEC)
    return path


def test_two_commands_at_once(spec: Path, qbell: Qbell, tmp_path: Path) -> None:
    """The second is told so, whichever it is, and changes nothing."""
    qbell("run", spec, "--out", "r")
    with (tmp_path / "r" / LOCK_FILE).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        before = {path: path.read_bytes() for path in (tmp_path / "r").iterdir()}
        for words in (("run", spec, "--out", "r", "--seed", 4), ("analyze", "r")):
            assert "r is in use by another qbell command" in qbell(*words, code=2)[1]
        assert {path: path.read_bytes() for path in (tmp_path / "r").iterdir()} == before
    qbell("analyze", "r")
    assert not (tmp_path / "r" / LOCK_FILE).exists()


def test_a_lock_whose_file_was_just_removed_is_taken_anew(tmp_path: Path) -> None:
    with locked(tmp_path / "a"):
        with pytest.raises(QbellError, match="in use"), locked(tmp_path / "a"):
            pass
        assert (tmp_path / "a" / LOCK_FILE).exists()
    with locked(tmp_path / "a"):
        pass
    assert list((tmp_path / "a").iterdir()) == []


def test_a_folder_that_vanishes(spec: Path, qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written afterwards is not whole, and the command says so."""
    from qbell.campaigns import run

    def vanishing(*arguments: object, **more: object) -> object:
        shutil.rmtree("r")
        return original(*arguments, **more)  # type: ignore[arg-type]

    original = run.estimate_campaign
    with monkeypatch.context() as patch:
        patch.setattr(run, "estimate_campaign", vanishing)
        assert "r was removed or replaced" in qbell("run", spec, "--out", "r", code=2)[1]
    qbell("run", spec, "--out", "r")


def test_a_folder_that_cannot_be_written_is_found_before_measuring(
    spec: Path, qbell: Qbell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from qbell.campaigns import run

    monkeypatch.setattr(run, "sample", None)  # to call it would be a TypeError
    (tmp_path / "file").write_text("")
    assert "cannot write file/r" in qbell("run", spec, "--out", "file/r", code=2)[1]


def test_one_flipped_bit_is_found(spec: Path, qbell: Qbell, tmp_path: Path) -> None:
    """In the counts of a run, and in a job's: sums and settings are as they were."""
    qbell("run", spec, "--out", "r")
    qbell("submit", spec, "--out", "c")
    qbell("fetch", "c")
    for path, words in (
        (tmp_path / "r/counts.csv", ("analyze", "r")),
        (tmp_path / "r/counts.csv", ("run", spec, "--out", "r")),
        (tmp_path / "c/counts.csv", ("analyze", "c")),
        (tmp_path / "c/jobs/0002.csv", ("fetch", "c")),
        (tmp_path / "c/jobs/0001.csv", ("fetch", "c")),
    ):
        whole = path.read_text()
        # The first two rows of a setting with one shot exchanged between them.
        lines = whole.splitlines()
        place = lines[0].split(",").index("count")
        first, second = lines[1].split(","), lines[2].split(",")
        first[place] = str(int(first[place]) + 1)
        second[place] = str(int(second[place]) - 1)
        assert int(second[place]) > 0
        path.write_text("\n".join([lines[0], ",".join(first), ",".join(second), *lines[3:]]) + "\n")
        assert path.name in qbell(*words, code=2)[1]
        path.write_text(whole)
        qbell(*words)


def test_the_calibration_of_a_run_has_a_checksum(qbell: Qbell, tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(SPEC + "[mitigation]\nshots = 50\n")
    qbell("run", "m.toml", "--out", "r")
    path = tmp_path / "r/calibration.csv"
    path.write_text(path.read_text().replace("00,00,50", "00,00,49\n00,01,1"))
    for words in (("analyze", "r"), ("run", "m.toml", "--out", "r")):
        assert "calibration.csv was changed after" in qbell(*words, code=2)[1]
    # A run.json from before there were checksums is read as it is.
    record = json.loads((tmp_path / "r/run.json").read_text())
    del record["sha256"]
    (tmp_path / "r/run.json").write_text(json.dumps(record))
    qbell("analyze", "r")
