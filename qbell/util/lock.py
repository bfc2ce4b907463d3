"""One process at a time writes into a folder; the lock goes when its process dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qbell.errors import QbellError

LOCK_FILE = ".lock"


@contextmanager
def locked(folder: Path, name: str = LOCK_FILE) -> Iterator[None]:
    """Hold the lock of a folder, which is made if it is not there; so it can surely be written to.

    Args:
        folder: to work in.
        name: of the lock's file; another one where several results share a folder.

    Raises:
        QbellError: another process holds the lock, the folder cannot be written to, or it was
            removed or replaced while it was held.
    """
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    new = not folder.exists()
    handle = _held(folder, name)
    whole = False
    try:
        yield
        whole = True
    finally:
        ours = _is_ours(handle, folder / name)
        if ours:
            with suppress(OSError):  # Windows keeps what is open
                (folder / name).unlink()
        os.close(handle)
        if new and not whole:
            with suppress(OSError):  # nothing came of it: as if it had not been tried
                folder.rmdir()
    if not ours:
        raise QbellError(
            f"{folder} was removed or replaced while this command wrote to it; what it wrote is "
            "not whole: run it again"
        )


def _held(folder: Path, name: str) -> int:
    """The open file of the lock, held."""
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise QbellError(
                f"cannot write {folder}: {error.strerror}; choose a folder you can write to"
            ) from error
        if not _lock(handle):
            os.close(handle)
            raise QbellError(
                f"{folder} is in use by another qbell command; wait for it, or stop it"
            )
        if _is_ours(handle, folder / name):
            return handle
        os.close(handle)  # the one who held it has just removed its file


def _is_ours(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


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
