"""Tables of any number of rows, read a part at a time; equal texts are kept once.

A chunk is a DataFrame whose columns of text are categories, where texts repeat: then no row has a
string of its own.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np

from qbell.errors import QbellError
from qbell.util.plain_files import open_bytes

if TYPE_CHECKING:
    import pandas as pd

Content = TypeVar("Content")

ROWS = 1 << 18  # of a chunk
SOME = 1000  # of them, which show whether texts repeat
GZIP = ".gz"
MOST_UNPACKED = 2**38  # bytes: a small file can stand for any number, and who waits knows no end


def csv_chunks(path: Path, separator: str) -> Iterator[pd.DataFrame]:
    """Rows of a CSV, or of text with another separator, under the names in its first row.

    Raises:
        QbellError: it does not exist, or is no CSV.
    """
    import pandas as pd

    header: list[Any] | None = None
    held: list[pd.DataFrame] = []
    try:
        with open_table(path) as file:
            # The header is read as a row like the others: so no row may have more fields than it,
            # and a name that stands there twice is seen.
            for chunk in pd.read_csv(
                file,
                sep=separator,
                dtype=object,  # as categories, pandas would take 01 for a number
                header=None,
                keep_default_na=False,
                encoding="utf-8-sig",
                skip_blank_lines=False,
                chunksize=ROWS,
            ):
                cells = chunk.reset_index(drop=True)
                rows = pd.DataFrame({name: _categories(cells[name]) for name in cells})
                if header is None:
                    header = rows.iloc[0].tolist()
                    rows = rows.iloc[1:]
                rows = rows.set_axis(header, axis=1)
                # Blank lines at the end do not count.
                filled = _last_filled(rows)
                if filled:
                    yield from held
                    held = []
                    yield rows.iloc[:filled]
                held.append(rows.iloc[filled:])
            yield held[-1][:0]  # of a header alone
    except QbellError:
        raise
    except pd.errors.EmptyDataError as error:
        raise QbellError(f"{path} is empty; give a CSV with setting,bitstring,count") from error
    except (UnicodeDecodeError, pd.errors.ParserError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise QbellError(f"{path} is not a CSV table ({reason}); give UTF-8 text") from error


def _categories(texts: pd.Series) -> pd.Series:
    """Cells of text as categories, where they repeat; one that a short row has not is empty."""
    import pandas as pd

    whole = texts.fillna("") if texts.hasnans else texts
    if len(pd.unique(whole[:SOME])) > SOME // 2:
        return whole.astype(str)
    codes, words = pd.factorize(whole)
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(words, dtype=str)))


def _last_filled(rows: pd.DataFrame) -> int:
    """How many rows there are up to the last one with a cell that is not empty."""
    blank = np.ones(len(rows), dtype=bool)
    for place in range(rows.shape[1]):
        blank &= (rows.iloc[:, place] == "").to_numpy()
        if not blank.any():
            return len(rows)
    filled = np.flatnonzero(~blank)
    return int(filled[-1]) + 1 if len(filled) else 0


def parquet_chunks(path: Path) -> Iterator[pd.DataFrame]:
    """Rows of a Parquet file, a chunk at a time however many it says it has.

    Raises:
        QbellError: it does not exist, or is no such file; or pyarrow is not installed.
    """
    if not path.is_file():
        raise QbellError(f"{path} does not exist, or is no file; give a table of counts")
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise QbellError(
            f"{path}: Parquet needs pyarrow: pip install 'qbell[parquet]', or write it as CSV"
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            fields = list(file.schema_arrow)
        wrong = [field for field in fields if not _is_plain(field.type)]
        if wrong:
            raise QbellError(
                f"{path}: column {wrong[0].name[:40]!r} is of {str(wrong[0].type)[:40]}; expected "
                "text and numbers"
            )
        # Texts that repeat take a few bytes in the file, and must not take more here.
        texts = [field.name for field in fields if _is_text(field.type)]
        with parquet.ParquetFile(path, read_dictionary=texts) as file:
            some = False
            for batch in file.iter_batches(batch_size=ROWS):
                some = True
                yield arrow.Table.from_batches([batch]).to_pandas()
            if not some:
                yield file.schema_arrow.empty_table().to_pandas()
    except QbellError:
        raise
    except Exception as error:  # of pyarrow, of many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0][:100]
        raise QbellError(f"{path} is not a Parquet table ({reason}); write it again") from error


def _is_text(kind: Any) -> bool:
    """Whether cells of this type of pyarrow have any length."""
    from pyarrow import types

    tests = (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    return any(test(kind) for test in tests)


def _is_plain(kind: Any) -> bool:
    """Text, or a number of a few bytes: no lists, whose cells can be of any size."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    if _is_text(kind) or types.is_null(kind):
        return True
    return bool(types.is_primitive(kind) or types.is_decimal(kind))


def open_table(path: Path) -> BinaryIO:
    """The bytes of a text table, unpacked if its name ends in ``.gz``, to be read once.

    Raises:
        QbellError: it does not exist or cannot be read; and when it is read: it has a NUL byte, or
            is packed otherwise than its name says.
    """
    return io.BufferedReader(_Text(path, from_file(path, open_bytes)), 1 << 20)


def from_file(path: Path, read: Callable[[Path], Content]) -> Content:
    """What ``read`` makes of a file.

    Raises:
        QbellError: it does not exist or cannot be read.
    """
    if not path.exists():
        raise QbellError(f"{path} does not exist; give a counts CSV or a run's folder")
    try:
        return read(path)
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; check the file") from error


class _Text(io.RawIOBase):
    """Bytes of a file that are watched while they are read."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._packed = path, path.suffix.lower() == GZIP
        self._under = file
        self._file: Any = gzip.GzipFile(fileobj=file) if self._packed else file
        self._read = 0
        self._lines = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase.readinto`."""
        path = self._path
        try:
            part = self._file.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            if self._packed:
                said = f"{path} is no whole gzip file ({error}); pack it again"
            else:
                said = f"{path} cannot be read: {error}; check the file"
            raise QbellError(said) from error
        if self._read == 0 and part[:2] == b"\x1f\x8b" and not self._packed:
            raise QbellError(f"{path} is packed with gzip; name it {path.name}{GZIP}")
        zero = part.find(b"\0")
        if zero >= 0:
            row = self._lines + part[:zero].count(b"\n") + 1
            raise QbellError(
                f"{path} is not a CSV table (row {row} has a NUL byte); give UTF-8 text"
            )
        self._read += len(part)
        self._lines += part.count(b"\n")
        if self._packed and self._read > MOST_UNPACKED:
            raise QbellError(
                f"{path} holds more than {MOST_UNPACKED >> 30} GiB; unpack it and give the file "
                "that is in it"
            )
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        """See `io.IOBase.close`."""
        if not self.closed:
            self._file.close()
            self._under.close()
        super().close()
