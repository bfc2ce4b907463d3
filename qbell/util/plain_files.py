"""Reading files, and nothing that one would wait for."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

HANDLES = ("/dev/fd", "/proc/self/fd")  # where shells put the output of a command, <(...)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; see `open_bytes`.

    Raises:
        OSError: it cannot be read, or is something else than a file.
    """
    with open_bytes(path) as file:
        return file.read()


def open_bytes(path: Path) -> BinaryIO:
    """A file to read bytes from; a pipe only where a shell has put one.

    A named pipe that nobody writes to would be waited for, and a device may never end.

    Raises:
        OSError: it cannot be read, or is something else than a file.
    """
    # Opened without waiting; a file does not mind.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(handle, "rb")
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "Is a directory", str(path))
        if stat.S_ISFIFO(mode) and str(path.parent) in HANDLES:
            os.set_blocking(handle, True)
        elif not stat.S_ISREG(mode):
            raise OSError(22, "it is a pipe or a device, not a file", str(path))
    except BaseException:
        file.close()
        raise
    return file
