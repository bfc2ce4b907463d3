"""Tables in files, read as text: every cell is checked later, by what it should be."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qbell.errors import QbellError
from qbell.util.plain_files import read_bytes

if TYPE_CHECKING:
    import pandas as pd


PARQUET = (".parquet", ".pq")
TAB = (".tsv", ".tab")
GZIP = ".gz"
LARGEST_UNPACKED = 2**31  # bytes: a few thousand bytes of gzip can stand for any number of them


def read_table(path: Path) -> pd.DataFrame:
    """The cells of a table as text: CSV, or TSV or Parquet by the name; ``.gz`` is unpacked.

    Raises:
        QbellError: it does not exist, or is no such table.
    """
    if path.suffix.lower() in PARQUET:
        return _read_parquet(path)
    return read_csv(path, separator="\t" if _kind_of(path) in TAB else ",")


def is_json(path: Path) -> bool:
    """True for ``.json`` and ``.json.gz``."""
    return _kind_of(path) == ".json"


def _kind_of(path: Path) -> str:
    """The ending of a name, in small letters, without ``.gz``."""
    inner = path.with_suffix("") if path.suffix.lower() == GZIP else path
    return inner.suffix.lower()


def read_csv(path: Path, *, separator: str = ",") -> pd.DataFrame:
    """The cells of a CSV, or of text with another separator, as text.

    Raises:
        QbellError: it does not exist, or is no CSV.
    """
    import pandas as pd

    content = read_content(path)
    if b"\0" in content:
        row = content[: content.index(b"\0")].count(b"\n") + 1
        raise QbellError(f"{path} is not a CSV table (row {row} has a NUL byte); give UTF-8 text")
    try:
        # The header is read as a row like the others: so no row may have more fields than it, and
        # a name that stands there twice is seen.
        rows = pd.read_csv(
            io.BytesIO(content),
            sep=separator,
            dtype=str,
            header=None,
            keep_default_na=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
        ).fillna("")
    except pd.errors.EmptyDataError as error:
        raise QbellError(f"{path} is empty; give a CSV with setting,bitstring,count") from error
    except (UnicodeDecodeError, pd.errors.ParserError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise QbellError(f"{path} is not a CSV table ({reason}); give UTF-8 text") from error
    filled = np.flatnonzero((rows != "").any(axis=1).to_numpy())
    end = filled[-1] + 1 if len(filled) else 1  # blank lines at the end do not count
    table = rows.iloc[1:end]
    return table.set_axis(rows.iloc[0].tolist(), axis=1)


def read_content(path: Path) -> bytes:
    """The bytes of a file, unpacked if its name ends in ``.gz``.

    Raises:
        QbellError: it does not exist, cannot be read, or is packed otherwise than its name says.
    """
    if not path.exists():
        raise QbellError(f"{path} does not exist; give a counts CSV or a run's folder")
    try:
        content = read_bytes(path)
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; check the file") from error
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


def _read_parquet(path: Path) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise QbellError(f"{path} does not exist, or is no file; give a table of counts")
    try:
        return pd.read_parquet(path)
    except ImportError as error:
        raise QbellError(
            f"{path}: Parquet needs pyarrow: pip install 'qbell[parquet]', or write it as CSV"
        ) from error
    except Exception as error:  # of pyarrow, of many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0][:100]
        raise QbellError(f"{path} is not a Parquet table ({reason}); write it again") from error
