"""Files that are there whole or not at all."""

import os
from pathlib import Path

import pytest

from qbell.util.atomic_files import write_text


def test_the_content_is_on_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut between the two leaves the file as it was."""
    target = tmp_path / "summary.json"
    write_text(target, "old")
    synced: list[int] = []
    sync, move = os.fsync, Path.replace

    def seen(handle: int) -> None:
        sync(handle)
        synced.append(os.fstat(handle).st_ino)

    def moved(source: Path, to: Path) -> Path:
        assert synced == [source.stat().st_ino]
        assert target.read_text() == "old"
        return move(source, to)

    monkeypatch.setattr(os, "fsync", seen)
    monkeypatch.setattr(Path, "replace", moved)
    write_text(target, "new")
    assert target.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]
