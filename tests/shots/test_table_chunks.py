"""Long tables, read in chunks: the same as read at once, whatever stands in them."""

import gzip
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qbell
from qbell.shots import table_chunks
from qbell.shots.gather import gather, tally
from qbell.shots.table_files import chunks_of, read_csv, read_table
from tests.support import foreign
from tests.support.foreign import refused

CELLS = ["XX", " XY", "00", '"01"', "1e5", "007", "-3", "", '"a,b"', '"x""y"', "NA", "nan", "NULL"]
CELLS += ["é", "1", "12.0", "#c", '"m\nn"', "None", "True"]
ENDS = ["\n", "\r\n", "\r"]


def naive(content: bytes) -> pd.DataFrame:
    """All rows at once, every cell a string of its own."""
    rows = pd.read_csv(
        io.BytesIO(content),
        dtype=str,
        header=None,
        keep_default_na=False,
        encoding="utf-8-sig",
        skip_blank_lines=False,
    ).fillna("")
    filled = np.flatnonzero((rows != "").any(axis=1).to_numpy())
    end = filled[-1] + 1 if len(filled) else 1
    return rows.iloc[1:end].set_axis(rows.iloc[0].tolist(), axis=1)


def random_csv(rng: np.random.Generator) -> bytes:
    """A few rows, some too short, too long or blank."""
    width = int(rng.integers(1, 5))
    lines = [rng.choice(["setting", "count", "job", "setting", ""], width)]
    for _ in range(rng.integers(9)):
        cells = width if rng.random() < 0.9 else rng.integers(width + 2)
        lines.append(rng.choice(CELLS, cells))
    end = rng.choice(ENDS)
    text = end.join(map(",".join, lines)) + end * int(rng.choice([0, 1, 3]))
    return (b"\xef\xbb\xbf" if rng.random() < 0.1 else b"") + text.encode()


def test_chunks_are_the_whole(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quotes, commas in them, blank lines, short rows, marks of Windows, numbers with zeros."""
    path = tmp_path / "a.csv"
    refusals = 0
    for _ in range(60):
        monkeypatch.setattr(table_chunks, "ROWS", int(rng.integers(1, 5)))
        monkeypatch.setattr(table_chunks, "SOME", int(rng.choice([2, 4, 1000])))
        content = random_csv(rng)
        path.write_bytes(content)
        try:
            wanted = naive(content)
        except (pd.errors.ParserError, pd.errors.EmptyDataError):
            refusals += 1
            refused(lambda: read_csv(path))
            continue
        found = read_csv(path)
        assert found.columns.tolist() == wanted.columns.tolist()
        assert found.astype(object).to_numpy().tolist() == wanted.to_numpy().tolist()
    assert 0 < refusals < 30


def test_rows_are_counted(rng: np.random.Generator) -> None:
    """The twin: pandas' groups, in the order in which they come first; missing cells, too."""
    for rows in (1, 30, 400):
        table = pd.DataFrame(
            {
                "a": rng.choice(["x", "y", None], rows),
                "b": rng.integers(0, 40, rows),
                "c": rng.choice(["p", "q"], rows),
            }
        )
        table["a"] = table["a"].astype("category")
        whole = table.groupby(list("abc"), sort=False, dropna=False, observed=True).size()
        chunks = [table[start : start + 7] for start in range(0, rows, 7)]
        found, times = tally(chunks, list("abc"), "t")
        assert times.tolist() == whole.tolist()
        keys = whole.index.to_frame(index=False).astype(object).fillna("?")
        assert found.astype(object).fillna("?").to_numpy().tolist() == keys.to_numpy().tolist()
        first = ~table.duplicated()
        assert found.index.tolist() == table.index[first].tolist()


SHOTS = foreign.TABLE.loc[foreign.TABLE.index.repeat(foreign.TABLE["count"])]


@pytest.mark.parametrize("rows", [3, 10**6])
def test_a_row_a_shot(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any order; a count of 1 in each row may be there; a job keeps rows apart."""
    monkeypatch.setattr(table_chunks, "ROWS", rows)
    mixed = SHOTS.drop(columns="count").sample(frac=1, random_state=np.random.default_rng(1))
    path = tmp_path / "a.csv"
    columns: dict[str, Any] = {"count": None}
    mixed.to_csv(path, index=False)
    found = qbell.read_shots(path, columns=columns)
    assert foreign.same(found, foreign.reference())
    assert found.frame["setting"].iloc[0] == mixed["setting"].iloc[0]
    mixed.assign(count=1, note="n").to_csv(path, index=False)
    assert "repeats row" in refused(lambda: qbell.read_shots(path))
    assert "each row is one shot: --column count=" in refused(lambda: qbell.read_shots(path))
    again = qbell.read_shots(path, columns=columns)
    assert again.frame.equals(found.frame)
    jobs = np.arange(len(mixed)) % 2
    mixed.assign(job=jobs).to_csv(path, index=False)
    apart = qbell.read_shots(path, columns=columns)
    assert apart.frame.groupby("job")["count"].sum().tolist() == [20, 20]
    drawn = qbell.read_shots(path, "random", columns=columns)
    assert drawn.draws is not None
    assert drawn.draws.tolist() == list(range(40))


@pytest.mark.parametrize("rows", [3, 10**6])
def test_rows_of_the_file_are_named(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where equal rows were put together before what is wrong was seen."""
    monkeypatch.setattr(table_chunks, "ROWS", rows)
    path = tmp_path / "a.csv"
    columns: dict[str, Any] = {"count": None}
    for wrong, says in (("XX,0", "row 9: bitstring '0' has not"), ("X,00", "row 9: setting 'X'")):
        path.write_text("setting,bitstring\n" + "XX,00\n" * 7 + wrong + "\nXX,01\n")
        assert says in refused(lambda: qbell.read_shots(path, columns=columns))
    path.write_text("setting,bitstring,count\n" + "XX,00,1\n" * 7 + "XX,01,2\n")
    says = "row 9: count '2', but each row is to be one shot"
    assert says in refused(lambda: qbell.read_shots(path, columns=columns))


def test_text_that_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv.gz"
    monkeypatch.setattr(table_chunks, "MOST_UNPACKED", 2**20)
    path.write_bytes(gzip.compress(b"0" * 2**20) + gzip.compress(b"0"))
    assert "unpack it and give the file" in refused(lambda: read_table(path))
    path.write_bytes(gzip.compress(b"a,b\n1,2\n\0"))
    assert "(row 3 has a NUL byte)" in refused(lambda: read_table(path))
    monkeypatch.setattr("qbell.util.checks._available_memory", lambda: 100.0)
    monkeypatch.setattr("qbell.util.checks.LITTLE", 0)
    path.write_bytes(gzip.compress(b"a\n" + b"1\n" * 300))
    says = "a.csv.gz: a table of so many rows needs 0.0 GiB of memory"
    assert says in refused(lambda: read_table(path))


def parquet(path: Path, table: Any, **how: Any) -> Path:
    """``table`` as Parquet."""
    pytest.importorskip("pyarrow")
    pd.DataFrame(table).to_parquet(path, **how)
    return path


def test_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts, and a row a shot; of plain and of packed columns; types as they are."""
    monkeypatch.setattr(table_chunks, "ROWS", 3)
    path = tmp_path / "a.parquet"
    for table in (foreign.TABLE, foreign.TABLE.astype("category"), foreign.TABLE.astype(str)):
        assert foreign.same(qbell.read_shots(parquet(path, table)), foreign.reference())
    parquet(path, SHOTS.drop(columns="count"), row_group_size=5)
    columns: dict[str, Any] = {"count": None}
    assert foreign.same(qbell.read_shots(path, columns=columns), foreign.reference())
    table = pd.DataFrame({"s": ["a", None] * 4, "i": range(8), "f": [0.5, None] * 4, "b": True})
    whole = pd.read_parquet(parquet(path, table))
    found = gather(chunks_of(path), "t")
    assert found.dtypes[1:].tolist() == whole.dtypes[1:].tolist()
    assert found.astype({"s": whole["s"].dtype}).equals(whole)
    assert "no rows under the header" in refused(
        lambda: qbell.read_shots(parquet(path, foreign.TABLE[:0]))
    )


def test_parquet_of_other_things(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    said = refused(lambda: read_table(parquet(path, {"a": [[0, 1]], "b": ["x"]})))
    assert "column 'a' is of list" in said
    path.write_bytes(b"PAR1")
    assert "a.parquet is not a Parquet table" in refused(lambda: read_table(path))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'qbell[parquet]'" in refused(lambda: read_table(path))


LIMITED = """
import resource, sys, qbell
shots = qbell.read_shots(sys.argv[1], "full", columns={"count": None})
print(shots.total, len(shots.counts), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_ten_million_shots_in_little_memory(
    ending: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    """10^7 rows, 8 qubits: in less than the 1.2 GB that one string a cell would take."""
    words = np.array([f"{number:08b}" for number in range(256)])
    settings = np.char.translate(words, str.maketrans("01", "XY"))
    cells = np.concatenate([np.arange(2**16), rng.integers(0, 2**16, 10**7 - 2**16)])
    rng.shuffle(cells)
    path = tmp_path / f"a.{ending}"
    table = pd.DataFrame(
        {
            "setting": pd.Categorical.from_codes(cells >> 8, settings),
            "bitstring": pd.Categorical.from_codes(cells & 255, words),
        }
    )
    if ending == "csv":
        table.to_csv(path, index=False)
    else:
        parquet(path, table)
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said[:2] == ["10000000", "65536"]
    assert int(said[2]) * 1024 < 600e6
    shots = qbell.read_shots(path, "full", columns={"count": None})
    times = np.bincount(cells, minlength=2**16)
    assert (times[shots.setting_index * 256 + shots.outcome_index] == shots.counts).all()
