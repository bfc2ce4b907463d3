"""The same command where disks are full, folders strange, and terminals poor."""

import json
import locale
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conftest import Qbell

SPEC = """seed = 5
[state]
family = "ghz"
n = 2
[schedule]
design = "random"
draws = 300
[estimate]
resamples = 40
"""
JOBS = (
    '[backend]\nname = "fake_manila"\n[hardware]\njobs = 2\nreference = 1\nreference_shots = 20\n'
)
NOBODY = 65534


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """No file can grow beyond a size: a write fails in its middle, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def another_user() -> Iterator[None]:
    """Nobody, who may read here and write nowhere."""
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def whole(folder: Path) -> None:
    """No file is half-written, and none left over."""
    for path in folder.rglob("*"):
        assert not path.name.startswith("."), path
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        if path.suffix == ".csv":
            assert path.read_text(encoding="utf-8").endswith("\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    ["run", pytest.param("submit", marks=pytest.mark.nightly)],
)
def test_a_disk_that_is_full(qbell: Qbell, command: str, request: pytest.FixtureRequest) -> None:
    """At every size at which another file is the first that does not fit."""
    Path("s.toml").write_text(SPEC + (JOBS if command == "submit" else ""))
    words = (command, "s.toml", "--out", "r")
    qbell(*words)
    sizes = sorted({path.stat().st_size for path in Path("r").rglob("*") if path.is_file()})
    counts = Path("r/counts.csv").read_bytes() if command == "run" else b""
    few = not request.config.getoption("--nightly")
    shutil.rmtree("r")
    for size in [0, *sizes[:-1]] if not few else [0, sizes[len(sizes) // 2]]:
        with no_file_above(max(size - 1, 0)):
            out, err = qbell(*words, code=2)
        assert out == ""
        assert err.startswith("error: cannot write")
        assert err.count("\n") == 1
        if Path("r").exists():
            whole(Path("r"))
    qbell(*words)
    if command == "run":
        assert Path("r/counts.csv").read_bytes() == counts
    whole(Path("r"))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root becomes another")
def test_a_folder_of_another_user(qbell: Qbell, tmp_path: Path) -> None:
    """Read where it may be read, one line where it would be written; nothing changes."""
    Path("s.toml").write_text(SPEC)
    qbell("run", "s.toml", "--out", "r")
    # What is imported when it is used is loaded now: nobody may not read root's Python.
    for words in (("scan", "ghz", "--n", "2"), ("schedule", "-n", "3"), ("status", "r")):
        qbell(*words, code=2 if words[0] == "status" else 0)
    for path in (*tmp_path.parents, tmp_path):
        if str(path).startswith("/tmp/"):
            path.chmod(0o755)
    before = {path: path.read_bytes() for path in Path("r").rglob("*")}
    for words in (
        ("run", "s.toml", "--out", "r"),
        ("run", "s.toml", "--out", "new"),
        ("report", "r"),
        ("submit", "s.toml", "--out", "new"),
        ("scan", "ghz", "--n", "2,3", "--out", "scan.csv"),
        ("schedule", "-n", "3", "-o", "s.csv"),
    ):
        with another_user():
            out, err = qbell(*words, code=2)
        assert out == "", words
        assert err.startswith("error: "), words
        assert err.count("\n") == 1, words
    assert {path: path.read_bytes() for path in Path("r").rglob("*")} == before


LONG = "/".join(["x" * 200] * 25)
PLACES = {
    "unicode": "ä ö/実験 🚀/İı",
    "blanks and quotes": " a 'b' \"c\" ",
    "a formula": "$x^{$",
    "signs": "a=1,b;c&d#e?f%20",
    "dashes": "./--out",
    "long": LONG,
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [pytest.param(p, marks=[] if p == "a formula" else pytest.mark.nightly) for p in PLACES],
)
def test_names_of_folders(qbell: Qbell, place: str) -> None:
    """Whatever a file system takes; what it does not take is one line."""
    Path("s.toml").write_text(SPEC)
    out = Path(PLACES[place]) if place != "dashes" else Path("--out")
    given = PLACES[place]
    if place == "long":
        _, err = qbell("run", "s.toml", f"--out={given}", code=2)
        assert "name too long" in err.lower()
        assert err.count("\n") == 1
        return
    first = json.loads(qbell("run", "s.toml", f"--out={given}", "--json")[0])
    whole(out)
    assert json.loads(qbell("analyze", given, "--json")[0])["bound"] == first["bound"]
    shutil.copytree(given, "other")
    qbell("compare", given, "other", "--out=" + given + "/both")
    assert (out / "both.png").stat().st_size > 1000


@pytest.mark.slow
def test_links(qbell: Qbell, tmp_path: Path) -> None:
    """To a folder: followed. To nowhere, or in a circle: one line. Out of the folder: refused."""
    Path("s.toml").write_text(SPEC)
    Path("home").mkdir()
    Path("link").symlink_to("home", target_is_directory=True)
    Path("spec").symlink_to("s.toml")
    Path("circle").symlink_to("circle")
    qbell("run", "spec", "--out", "link")
    assert (tmp_path / "home/counts.csv").is_file()
    for words in (("run", "circle", "--out", "r"), ("run", "spec", "--out", "circle")):
        _, err = qbell(*words, code=2)
        assert err.count("\n") == 1
    # A link in the place of a result is replaced, and what it leads to stays.
    Path("precious").write_text("precious")
    Path("home/report.html").unlink()
    Path("home/report.html").symlink_to(tmp_path / "precious")
    qbell("report", "home")
    assert Path("precious").read_text() == "precious"
    assert not Path("home/report.html").is_symlink()


@pytest.mark.nightly
def test_terminals_and_languages(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A narrow or dumb terminal, and a language in which I and i are other letters."""
    Path("s.toml").write_text(SPEC)
    first, _ = qbell("run", "s.toml", "--out", "r", "--json")
    shown, _ = qbell("analyze", "r")
    before = locale.setlocale(locale.LC_ALL)
    for variables in (
        {"TERM": "dumb", "COLUMNS": "20"},
        {"TERM": "", "COLUMNS": "0"},
        {"COLUMNS": "x"},
        {"NO_COLOR": "1", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "TZ": "Asia/Kathmandu"},
    ):
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            with suppress(locale.Error):
                locale.setlocale(locale.LC_ALL, "")
            try:
                out, _ = qbell("analyze", "r")
                again, _ = qbell("run", "s.toml", "--out", "r", "--json")
            finally:
                locale.setlocale(locale.LC_ALL, before)
        assert "\x1b" not in out
        assert out.split() == shown.split() or "COLUMNS" in variables
        numbers = json.loads(again)
        assert {**numbers, "notes": None} == {**json.loads(first), "notes": None}
