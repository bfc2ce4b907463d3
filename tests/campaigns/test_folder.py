"""A campaign's folder: one command at a time writes to it, and what was measured stays as it is."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbell import QbellError
from qbell.campaigns.jobs import fetch, status, submit
from qbell.campaigns.run import analyze
from qbell.util.lock import LOCK_FILE, locked
from tests.conftest import Qbell, Repeats

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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


ODD: list[Any] = [None, True, -1, 1.5, "x", "\x1b[31m", [], {}, [1], {"a": 1}, [[0]], 10**40]


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in plain data; of a long list its first rows."""
    if before:
        yield before
    rows = value.items() if isinstance(value, dict) else enumerate(value[:3])
    if isinstance(value, dict | list):
        for key, item in rows:
            yield from (
                places(item, (*before, key)) if isinstance(item, dict | list) else [(*before, key)]
            )


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["noise.json", "device.json", "run.json", "campaign.json", "jobs/0001.json"]
)
def test_damaged_files_are_one_line(
    name: str,
    snapshot: Path,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
    repeats: Repeats,
) -> None:
    """Values of another kind, missing ones, half a file: a `QbellError`, or no harm."""
    from qbell.campaigns import run

    done = analyze(snapshot).result
    monkeypatch.setattr(run, "estimate_campaign", lambda *_, **__: done)
    path = snapshot / name
    whole = path.read_text()
    where = list(places(json.loads(whole)))
    for count in range(repeats(4, 12)):
        record = json.loads(whole)
        if name == "noise.json":  # as before there were checksums
            drop_checksums(snapshot)
        *before, last = where[rng.integers(len(where))]
        parent = record
        for key in before:
            parent = parent[key]
        if count % 4:
            parent[last] = ODD[rng.integers(len(ODD))]
        else:
            del parent[last]
        text = json.dumps(record) if count % 8 else whole[: rng.integers(len(whole))]
        path.write_text(text)
        for use in (analyze, status):
            with suppress(QbellError):
                use(snapshot)
        path.write_text(whole)


def drop_checksums(folder: Path) -> None:
    record = json.loads((folder / "run.json").read_text())
    record.pop("sha256", None)
    (folder / "run.json").write_text(json.dumps(record))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign on a snapshot, with its report."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "s.toml").write_text(SPEC + '[backend]\nname = "fake_manila"\n')
    submit(folder / "s.toml", folder / "c")
    fetch(folder / "c")
    return folder / "c"


@pytest.fixture
def snapshot(finished: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    shutil.copytree(finished, tmp_path / "c")
    return tmp_path / "c"


def test_files_of_a_plan_are_checked_by_analyze(snapshot: Path, qbell: Qbell) -> None:
    path = snapshot / "device.json"
    path.write_text(path.read_text() + " ")
    assert "device.json was changed after the campaign" in qbell("analyze", snapshot, code=2)[1]


@pytest.mark.parametrize("name", ["campaign.json", "batch.json", "jobs", "compiled", ".lock"])
def test_a_calibration_by_the_name_of_a_file_of_the_campaign(
    name: str, tmp_path: Path, qbell: Qbell
) -> None:
    (tmp_path / name).write_text("prepared,bitstring,count\n00,00,9\n11,11,9\n")
    (tmp_path / "s.toml").write_text(f'{SPEC}[mitigation]\ncalibration = "{name}"\n')
    for words in (("submit", "s.toml", "--out", "c"), ("run", "s.toml", "--out", "r")):
        assert f"have a file {name} of their own" in qbell(*words, code=2)[1]


@pytest.mark.parametrize("name", ["compiled", "jobs", "partial"])
def test_links_out_of_the_folder_are_not_followed(
    name: str, tmp_path: Path, qbell: Qbell, spec: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / name).symlink_to(elsewhere)
    assert "is a link to another place" in qbell("submit", spec, "--out", "c", code=2)[1]
    assert list(elsewhere.iterdir()) == []


def test_an_empty_path_is_none(qbell: Qbell, tmp_path: Path, spec: Path) -> None:
    before = set(tmp_path.iterdir())
    for words in (
        ("run", spec, "--out", ""),
        ("submit", spec, "--out", ""),
        ("analyze", spec, "--out="),
        ("schedule", "-n", 2, "-o", ""),
        ("scan", "ghz", "--n", 2, "--out", " "),
    ):
        assert "path to write to is empty" in qbell(*words, code=2)[1]
    assert set(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_names_of_files_do_not_command_the_terminal(qbell: Qbell, tmp_path: Path) -> None:
    name = "a\x1b[2Jb"
    assert "\x1b" not in qbell("analyze", f"{name}.csv", code=2)[1]
    (tmp_path / f"{name}.qasm").write_text(
        'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n'
    )
    (tmp_path / "s.toml").write_text(
        SPEC.replace('family = "ghz"\nn = 2', 'circuit = "a\\u001b[2Jb.qasm"')
    )
    for words in (("run", "s.toml", "--out", f"r{name}"), ("analyze", f"r{name}")):
        said, told = qbell(*words)
        assert "\x1b" not in said + told
        assert "a\\x1b[2Jb" in said


@pytest.mark.slow
def test_a_narrow_terminal_cuts_no_number(
    spec: Path, qbell: Qbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide, _ = qbell("run", spec, "--out", "r")
    monkeypatch.setenv("COLUMNS", "40")
    narrow, _ = qbell("analyze", "r")
    assert "…" not in narrow
    numbers = {word for word in wide.split() if word.strip("[],").replace(".", "").isdigit()}
    assert len(numbers) > 5
    assert numbers <= set(narrow.split())
