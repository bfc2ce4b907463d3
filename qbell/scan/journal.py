"""A journal: finished pieces of a long computation, one JSON line each, safe against a kill."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from qbell.errors import QbellError
from qbell.util.atomic_files import write_text


class Journal:
    """Lines appended one by one to a file, each on the disk before the next is computed.

    The first line says what the pieces belong to. A journal that is already there is gone on with
    if its first line is the same: a last line torn by a kill is cut off, and `finished` holds the
    others. Use it as a context manager; only one process at a time can hold it.

    Args:
        path: the file; made with its folder if it is not there.
        header: what the pieces belong to; it must survive JSON.

    Raises:
        QbellError: the journal belongs to something else, is in use, or cannot be written.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "table.csv.part"
    >>> with Journal(path, {"grid": 1}) as journal:
    ...     journal.append({"point": 0})
    >>> with Journal(path, {"grid": 1}) as journal:
    ...     print(journal.finished)
    [{'point': 0}]
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self.finished: list[dict[str, Any]] = []
        first = _line(header)
        if not path.exists():
            write_text(path, first.decode())
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise QbellError(f"{path} is no file; give another file with --out")
        try:
            self._file: BinaryIO = path.open("r+b", buffering=0)
        except OSError as error:
            raise QbellError(
                f"cannot write {path}: {error.strerror}; give another file with --out"
            ) from error
        try:
            self._go_on(first)
        except BaseException:
            self._file.close()
            raise

    def append(self, record: Mapping[str, Any]) -> None:
        """Put one finished piece on the disk.

        Raises:
            QbellError: the disk is full, or failed.
        """
        try:
            line = _line(record)
            if self._file.write(line) != len(line):
                raise OSError(0, "only a part of a line was written")
            os.fsync(self._file.fileno())
        except OSError as error:
            raise QbellError(
                f"cannot write {self.path}: {error.strerror}; free some space and repeat the "
                "command, which continues from here"
            ) from error

    def remove(self) -> None:
        """Delete the journal: what it held stands elsewhere now."""
        self._file.close()  # Windows deletes no open file
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _go_on(self, first: bytes) -> None:
        self._lock()
        content = self._file.read()
        whole = content[: content.rfind(b"\n") + 1]
        if not whole.startswith(first):
            if not first.startswith(content):  # a first line torn by a kill is no other journal
                raise QbellError(
                    f"{self.path} holds the finished points of another grid or another version of "
                    "qbell; give another file with --out, or remove it to lose these points"
                )
            whole = first
            self._file.seek(0)
            self._file.write(first)
        self._file.truncate(len(whole))
        self._file.seek(len(whole))
        for line in whole[len(first) :].splitlines():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):  # a disk that failed: this piece is computed again
                continue
            if isinstance(record, dict):
                self.finished.append(record)

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows keeps no such locks
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise QbellError(
                f"{self.path} is in use by another process; wait for it, or give another file with "
                "--out"
            ) from error
        except OSError:  # a file system without locks
            return


def _line(record: Mapping[str, Any]) -> bytes:
    return (json.dumps(record, allow_nan=False, separators=(",", ":")) + "\n").encode()
