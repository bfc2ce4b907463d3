"""Checksums of files: whether what was written is what is read."""

import hashlib
from pathlib import Path

from qbell.errors import QbellError
from qbell.util.plain_files import read_bytes


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits.

    Raises:
        QbellError: the file cannot be read.
    """
    try:
        return hashlib.sha256(read_bytes(path)).hexdigest()
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; restore it") from error


def check_digest(path: Path, wanted: object, when: str) -> None:
    """Refuse a file that is not the one whose checksum was written down; None is no checksum.

    Raises:
        QbellError: it was changed.
    """
    if wanted is not None and digest(path) != wanted:
        raise QbellError(
            f"{path} was changed after {when}: its checksum is another; restore it, or to analyse "
            "it as it is, copy it to another name"
        )
