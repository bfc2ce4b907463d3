"""Input that is no file is refused at once, and never waited for."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from qbell.util.plain_files import read_bytes
from tests.conftest import Qbell

SPEC = '[state]\nfamily = "plus"\nn = 2\n[schedule]\nshots = 8\n[estimate]\nresamples = 40\n'


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Who waits is ended: a pipe that nobody writes to is waited for without end."""

    def end(*_: object) -> None:
        raise AssertionError("waited for what never comes")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(900)  # of a machine with much else to do
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_pipes_devices_and_folders(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match=r"not a file|directory"):
            read_bytes(name)
    (tmp_path / "file").write_bytes(b"x\r\ny")
    assert read_bytes(tmp_path / "file") == b"x\r\ny"
    reading, writing = os.pipe()  # as a shell gives the output of a command
    os.write(writing, b"setting")
    os.close(writing)
    assert read_bytes(Path(f"/dev/fd/{reading}")) == b"setting"
    os.close(reading)


def test_no_command_waits_for_a_pipe(qbell: Qbell, tmp_path: Path) -> None:
    """As spec, table, circuit, calibration, and in the place of a file of a campaign."""
    for name in ("pipe", "pipe.csv", "pipe.json", "pipe.qasm", "pipe.parquet"):
        os.mkfifo(name)
    Path("s.toml").write_text(SPEC)
    Path("r").mkdir()
    Path("r/counts.csv").write_text("setting,bitstring,count\nXX,00,8\n")
    os.mkfifo("r/run.json")
    for words in (
        *(("run", "pipe"), ("plan", "pipe"), ("submit", "pipe", "--out", "o"), ("status", "pipe")),
        *(("analyze", "pipe.csv"), ("analyze", "pipe.json"), ("analyze", "pipe.parquet")),
        *(("exact", "pipe.qasm"), ("circuit", "pipe.qasm"), ("report", "r"), ("analyze", "r")),
        *(("run", "s.toml", "--out", "r"), ("scan", "plus", "--n", "2,3", "--out", "pipe.csv")),
        ("analyze", "r/counts.csv", "--calibration", "pipe.csv"),
    ):
        out, err = qbell(*words, "--json", code=2)
        assert out == "", words
        assert err.startswith("error: ")
        assert err.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_a_spec_that_begins_with_a_mark(qbell: Qbell) -> None:
    """As editors of Windows write UTF-8: read, and the copy in the folder is the same campaign."""
    hardware = "[hardware]\njobs = 1\nreference = 0\n"
    Path("s.toml").write_bytes(b"\xef\xbb\xbf" + (SPEC + hardware).replace("\n", "\r\n").encode())
    for _ in range(2):
        qbell("submit", "s.toml", "--out", "c")
    assert not Path("c/spec.toml").read_bytes().startswith(b"\xef")
