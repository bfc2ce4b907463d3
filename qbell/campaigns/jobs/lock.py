"""One process at a time works on a campaign's folder; the lock goes when its process dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qbell.errors import QbellError

LOCK_FILE = ".lock"


def campaign_folder(folder: object) -> Path:
    """The path of a campaign's folder.

    Raises:
        QbellError: no path, or that of a file.
    """
    if not isinstance(folder, str | Path) or not str(folder):
        raise QbellError(
            f"folder = {folder!r}; expected the path of a folder for this campaign alone"
        )
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise QbellError(f"{path} is a file; give the folder of a campaign")
    return path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock.

    Raises:
        QbellError: another process holds it.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise QbellError(
            f"cannot write {folder}: {error.strerror}; choose a folder you can write to"
        ) from error
    try:
        if not _lock(handle):
            raise QbellError(
                f"{folder} is in use by another qbell submit or fetch; wait for it, or stop it"
            )
        yield
    except BaseException:
        if new and [path.name for path in folder.iterdir()] == [LOCK_FILE]:
            (folder / LOCK_FILE).unlink()  # nothing came of it: as if it had not been tried
            folder.rmdir()
        raise
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """True if the lock was free; it is given back when the file is closed, also by a crash."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
