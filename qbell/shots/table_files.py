"""Tables in files, by their names: every cell is checked later, by what it should be."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qbell.errors import QbellError
from qbell.shots.gather import gather
from qbell.shots.table_chunks import GZIP, csv_chunks, from_file, parquet_chunks
from qbell.util.plain_files import read_bytes

if TYPE_CHECKING:
    import pandas as pd


PARQUET = (".parquet", ".pq")
TAB = (".tsv", ".tab")
LARGEST_UNPACKED = 2**31  # bytes: a few thousand bytes of gzip can stand for any number of them


def read_table(path: Path) -> pd.DataFrame:
    """The cells of a table: CSV, or TSV or Parquet by the name; ``.gz`` is unpacked.

    Raises:
        QbellError: it does not exist, or is no such table.
    """
    return gather(chunks_of(path), str(path))


def read_csv(path: Path) -> pd.DataFrame:
    """The cells of a CSV, whatever its name.

    Raises:
        QbellError: it does not exist, or is no CSV.
    """
    return gather(csv_chunks(path, ","), str(path))


def chunks_of(path: Path) -> Iterator[pd.DataFrame]:
    """The same a part at a time."""
    if path.suffix.lower() in PARQUET:
        return parquet_chunks(path)
    return csv_chunks(path, "\t" if _kind_of(path) in TAB else ",")


def is_json(path: Path) -> bool:
    """True for ``.json`` and ``.json.gz``."""
    return _kind_of(path) == ".json"


def _kind_of(path: Path) -> str:
    """The ending of a name, in small letters, without ``.gz``."""
    inner = path.with_suffix("") if path.suffix.lower() == GZIP else path
    return inner.suffix.lower()


def read_content(path: Path) -> bytes:
    """The bytes of a file, unpacked if its name ends in ``.gz``.

    Raises:
        QbellError: it does not exist, cannot be read, or is packed otherwise than its name says.
    """
    content = from_file(path, read_bytes)
    packed = content[:2] == b"\x1f\x8b"
    if path.suffix.lower() == GZIP:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
                unpacked = file.read(LARGEST_UNPACKED + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise QbellError(f"{path} is no whole gzip file ({error}); pack it again") from error
        if len(unpacked) > LARGEST_UNPACKED:
            raise QbellError(
                f"{path} holds more than {LARGEST_UNPACKED >> 30} GiB; unpack it and give the file "
                "that is in it"
            )
        return unpacked
    if packed:
        raise QbellError(f"{path} is packed with gzip; name it {path.name}{GZIP}")
    return content
