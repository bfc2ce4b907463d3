"""Files of tables: by their names text with commas or tabs, packed or not, or Parquet."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qbell
from qbell.shots.importers.shots_from import shots_from
from tests.support.foreign import TABLE, reference, refused, same


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.TAB", "a.csv.gz", "a.tsv.gz", "a", "a.txt"])
def test_tables_by_their_names(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    tabs = ".tsv" in name or ".TAB" in name
    text = TABLE.to_csv(index=False, sep="\t" if tabs else ",").encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    assert same(qbell.read_shots(path), reference())


def test_a_small_file_that_unpacks_to_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several members, too: not unpacked beyond what tables hold."""
    monkeypatch.setattr("qbell.shots.table_chunks.MOST_UNPACKED", 2**20)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 2**20) + gzip.compress(b"0"))
    assert "unpack it and give the file" in refused(lambda: qbell.read_shots(path))
    path.write_bytes(gzip.compress(TEXT) + gzip.compress(b"\n"))
    assert same(qbell.read_shots(path), reference())


def test_other_names_and_orders(tmp_path: Path) -> None:
    mirrored = TABLE.assign(
        basis=TABLE["setting"].str[::-1], outcome=TABLE["bitstring"].str[::-1]
    ).drop(columns=["setting", "bitstring"])
    mirrored.to_csv(tmp_path / "a.csv", index=False)
    found = qbell.read_shots(
        tmp_path / "a.csv",
        columns={"setting": "basis", "bitstring": "outcome"},
        bit_order="first",
        word_order="first",
        job="d1",
    )
    assert found.frame["job"].eq("d1").all()
    assert same(shots_from(found.frame.drop(columns="job")), reference())


Write = Callable[[str, bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def call(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return call


TEXT = TABLE.to_csv(index=False).encode()
WITH_2 = TEXT.replace(b"011", b"012", 1)
MISTAKES: dict[str, tuple[str, bytes, dict[str, Any], str]] = {
    "packed, name without gz": ("a.csv", gzip.compress(TEXT), {}, "is packed with gzip; name it"),
    "not packed, name with gz": ("a.csv.gz", TEXT, {}, "is no whole gzip file"),
    "cut off": ("a.csv.gz", gzip.compress(TEXT)[:-9], {}, "is no whole gzip file"),
    "damaged": ("a.csv.gz", gzip.compress(TEXT)[:20] + b"x" * 40, {}, "is no whole gzip file"),
    "tabs in a CSV": ("a.csv", TEXT.replace(b",", b"\t"), {}, "no column setting, bitstring, coun"),
    "commas in a TSV": ("a.tsv", TEXT, {}, "no column setting, bitstring, count"),
    "no Parquet": ("a.parquet", TEXT, {}, "a.parquet"),
    "settings beside a table": ("a.csv", TEXT, {"settings": ["XX"]}, "leave settings out"),
    "registers of a table": ("a.csv", TEXT, {"registers": "c"}, "leave registers out"),
    "kind of a table": ("a.csv", TEXT, {"kind": "cirq"}, "leave kind out"),
    "no such column": ("a.csv", TEXT, {"columns": {"count": "n"}}, "a.csv: no column 'n'"),
    "order": ("a.csv", TEXT, {"bit_order": "little"}, "bit_order = 'little'"),
    "a 2": ("a.csv", WITH_2, {}, "row 3: bitstring '012' is not made of"),
    "a 2, other letters": ("a.csv", WITH_2, {"letters": "paulis"}, "row 3: bitstring '012' is not"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str, write: Write) -> None:
    name, content, how, says = MISTAKES[mistake]
    path = write(name, content)
    assert says in refused(lambda: qbell.read_shots(path, **how))


@pytest.mark.parametrize("name", ["bit_order", "letters", "settings", "columns", "job", "kind"])
def test_a_runs_folder_knows_how_it_is_written(name: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "counts.csv").write_bytes(TEXT)
    how: dict[str, Any] = {name: "first"}
    assert f"leave {name} out" in refused(lambda: qbell.read_shots(tmp_path, **how))
