"""Bad input on the command line: one line that helps, exit code 2, and nothing left behind."""

import json
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from qbell.cli import app

Refused = Callable[..., str]
Tree = dict[str, bytes | None]

HEADER = "setting,bitstring,count\n"
SETTINGS = ("XX", "XY", "YX", "YY")
ROWS = "".join(f"{setting},{bits},5\n" for setting in SETTINGS for bits in ("00", "11"))
GOOD = HEADER + ROWS
ANGLES = HEADER + "".join(f"{j}/3,{bits},5\n" for j in range(3) for bits in ("00", "11"))
DRAWN = "setting,bitstring,count,draw\n"
HIDDEN_BY_DEFAULT = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


def tree(folder: Path) -> Tree:
    """Every path below ``folder`` with its bytes, None for a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def check_refusal(code: object, out: str, err: str, words: Iterable[str]) -> str:
    """The one line of a refusal; it must contain ``words``, in any case."""
    assert code == 2, err
    assert out == ""
    assert "Traceback" not in err
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert err == lines[0] + "\n"
    assert lines[0].startswith("error: ")
    assert lines[0].isprintable()
    assert len(lines[0]) < 600
    missing = [word for word in words if word.lower() not in lines[0].lower()]
    assert not missing, f"{missing} not in: {lines[0]}"
    return lines[0]


@pytest.fixture
def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Refused:
    """Run the command line in ``tmp_path`` and check that it refuses and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, words: Iterable[str]) -> str:
        monkeypatch.setattr(sys, "argv", ["qbell", *map(str, arguments)])
        before = tree(tmp_path)
        capsys.readouterr()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            with pytest.raises(SystemExit) as stopped:
                app.run()
        printed = [item for item in caught if not issubclass(item.category, HIDDEN_BY_DEFAULT)]
        assert not printed, [str(item.message) for item in printed]
        said = capsys.readouterr()
        line = check_refusal(stopped.value.code, said.out, said.err, words)
        assert tree(tmp_path) == before
        return line

    return call


class Case(NamedTuple):
    """A bad input, the options it is given with and what the message must contain."""

    name: str
    text: str | bytes
    words: tuple[str, ...]
    options: tuple[str, ...] = ()


def names(cases: Iterable[tuple[object, ...]]) -> list[str]:
    """Identifiers of cases in test reports."""
    return [str(case[0]).replace(" ", "-") for case in cases]


TABLES = [
    Case("no count column", "setting,bitstring\nXX,00\n", ("column count", "header")),
    Case("no setting column", "bitstring,count\n00,1\n", ("column setting", "header")),
    Case("no header", ROWS, ("column setting, bitstring, count", "'XX, 00, 5'")),
    Case("column named in capitals", GOOD.replace("setting", "Setting"), ("setting", "'Setting")),
    Case(
        "count twice",
        "setting,bitstring,count,count\n" + ROWS.replace(",5", ",5,6"),
        ("count", "twice"),
    ),
    Case("setting twice", "setting,setting,bitstring,count\nXX,XX,00,5\n", ("setting", "twice")),
    Case("setting of another length", GOOD + "XXX,000,5\n", ("row 10", "'XXX'", "length")),
    Case("letter Z", GOOD + "XZ,00,5\n", ("row 10", "'XZ'", "letter Z", "random3")),
    Case(
        "letter Z in a full design",
        GOOD + "XZ,00,5\n",
        ("row 10", "'XZ'", "letter Z", "design full has X and Y"),
        ("--design", "full"),
    ),
    Case("letter Z without draws", HEADER + "ZZ,00,5\n", ("row 2", "'ZZ'", "--design random3")),
    Case(
        "foreign letter beside Z",
        DRAWN + "XZ,00,1,0\nXW,00,1,1\n",
        ("row 3", "'XW'", "X, Y and Z"),
    ),
    Case("an angle among words", GOOD + "1/3,00,5\n", ("row 10", "'1/3'", "equatorial", "words")),
    Case(
        "angles in a full design",
        ANGLES,
        ("row 2", "'0/3'", "equatorial", "words"),
        ("--design", "full"),
    ),
    Case(
        "words in an equatorial design",
        GOOD,
        ("row 2", "'XX'", "j/3", "from 0 to 2"),
        ("--design", "equatorial"),
    ),
    Case("a word among angles", ANGLES + "XX,01,5\n", ("row 8", "'XX'", "j/3")),
    Case("an angle reduced", ANGLES.replace("/3", "/4"), ("row 2", "'0/4'", "j/3", "2 qubits")),
    Case("an angle of a half turn", ANGLES + "3/3,01,5\n", ("row 8", "'3/3'", "from 0 to 2")),
    Case("an angle below zero", ANGLES + "-1/3,01,5\n", ("row 8", "'-1/3'", "from 0 to 2")),
    Case("an angle with zeros", ANGLES + "01/3,01,5\n", ("row 8", "'01/3'", "from 0 to 2")),
    Case("an angle as a number", ANGLES + "0.667,01,5\n", ("row 8", "'0.667'", "j/3")),
    Case("an angle of a table", HEADER + "1/2,0,5\n0/2,0,5\n", ("1 qubit", "2 or more")),
    Case("angles of other qubits", ANGLES + "1/3,001,5\n", ("row 8", "'001'", "2 bits")),
    Case(
        "angles of too many qubits",
        HEADER + f"0/201,{'0' * 201},5\n",
        ("n = 201", "equatorial", "200"),
    ),
    Case("an angle missing", HEADER + ANGLES[-36:], ("2 of the 3 settings", "0/3 has none")),
    Case(
        "no words of a covering design",
        HEADER + ROWS[:32],
        ("no order", "Y on qubits 1", "X and along Y"),
        ("--design", "covering"),
    ),
    Case(
        "symmetric with a number missing",
        HEADER + ROWS[:32],
        ("2 of the 3 settings", "none with 2 letters Y"),
        ("--design", "symmetric"),
    ),
    Case(
        "symmetric with a number twice",
        GOOD,
        ("XY", "YX", "both have 1 letters Y"),
        ("--design", "symmetric"),
    ),
    Case("lower case", GOOD.replace("XY", "xy"), ("row 4", "'xy'", "X and Y")),
    Case("foreign letter", GOOD.replace("XY", "ΧY"), ("row 4", "'ΧY'", "X and Y")),
    Case("empty setting", GOOD + ",00,5\n", ("row 10", "setting ''")),
    Case("one qubit", HEADER + "X,0,5\nX,1,5\nY,0,5\nY,1,5\n", ("1 qubit", "2 or more")),
    Case("bit 2", GOOD + "XX,02,5\n", ("row 10", "'02'", "0 and 1")),
    Case("hexadecimal bits", GOOD + "XX,0x1,5\n", ("row 10", "'0x1'", "0 and 1")),
    Case("lost leading zero", GOOD.replace(",00,", ",0,"), ("row 2", "'0'", "zeros", "text")),
    Case("bitstring too long", GOOD + "XX,010,5\n", ("row 10", "'010'", "2 bits")),
    Case("negative count", GOOD + "XX,01,-1\n", ("row 10", "count", "'-1'", "whole number")),
    Case("fractional count", GOOD + "XX,01,2.5\n", ("row 10", "count", "'2.5'", "whole number")),
    Case("count in words", GOOD + "XX,01,six\n", ("row 10", "count", "'six'", "whole number")),
    Case("count nan", GOOD + "XX,01,nan\n", ("row 10", "count", "'nan'", "whole number")),
    Case("count infinite", GOOD + "XX,01,inf\n", ("row 10", "count", "'inf'", "whole number")),
    Case("count missing", GOOD + "XX,01\n", ("row 10", "count", "''", "whole number")),
    Case("count too large", GOOD + "XX,01,99999999999999\n", ("row 10", "99999999999999", "above")),
    Case("count beyond integers", GOOD + f"XX,01,{'9' * 30}\n", ("row 10", "9" * 30, "above")),
    Case(
        "more draws than memory",
        GOOD + "XX,01,1000000000000\n",
        ("table.csv", "draw"),
        ("--design", "random"),
    ),
    Case("duplicate rows", GOOD + "XX,11,7\n", ("row 10", "row 3", "XX, 11", "job")),
    Case("empty file", "", ("empty", "setting,bitstring,count")),
    Case("only blank lines", "\n\n\n", ("empty", "setting,bitstring,count")),
    Case("header only", HEADER, ("no rows", "counts")),
    Case("blank line between", HEADER + "\n" + ROWS, ("row 2", "setting ''")),
    Case("all counts zero", GOOD.replace(",5", ",0"), ("no shots", "every count is 0")),
    Case("random bytes", np.random.default_rng(5).bytes(4000), ("table.csv", "CSV", "UTF-8")),
    Case(
        "PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\b\6", ("table.csv", "CSV", "UTF-8")
    ),
    Case("only NUL bytes", b"\0" * 500, ("table.csv", "row 1", "NUL byte", "UTF-8")),
    Case("NUL byte in a count", GOOD + "XX,01,5\0\n", ("row 10", "NUL byte")),
    Case("UTF-16", GOOD.encode("utf-16"), ("table.csv", "UTF-8")),
    Case("Latin-1", (GOOD + "é,00,1\n").encode("latin-1"), ("table.csv", "UTF-8")),
    Case("semicolons", GOOD.replace(",", ";"), ("column setting", "'setting;bitstring;count'")),
    Case("tabs", GOOD.replace(",", "\t"), ("column setting", "setting\\tbitstring\\tcount")),
    Case("open quotation mark", HEADER + '"XX,00,5\n' + ROWS, ("table.csv", "CSV")),
    Case("a field too many", GOOD.replace(",5\n", ",5,1\n"), ("table.csv", "field")),
    Case("a field too many in one row", GOOD + "XX,01,5,1\n", ("table.csv", "field", "line 10")),
    Case("design open", HEADER + ROWS[:32], ("design", "--design full", "--design random")),
    Case("unequal shots", GOOD + "XX,01,1\n", ("design", "--design full", "--design random")),
    Case(
        "full but settings missing",
        HEADER + ROWS[:32],
        ("2 of the 2^2", "random"),
        ("--design", "full"),
    ),
    Case(
        "one shot a setting",
        HEADER + "".join(f"{setting},00,1\n" for setting in SETTINGS),
        ("1 shot", "2 or more", "random"),
        ("--design", "full"),
    ),
    Case(
        "one shot in one setting",
        HEADER + "XX,00,1\n" + ROWS[16:],
        ("1 shot", "2 or more", "random"),
        ("--design", "full"),
    ),
    Case(
        "draw with two settings",
        DRAWN + "XX,00,1,0\nXX,01,1,1\nXY,01,1,1\n",
        ("row 4", "draw 1", "two settings"),
    ),
    Case("negative draw", DRAWN + "XX,00,1,0\nXX,01,1,-1\n", ("row 3", "draw", "'-1'", "whole")),
    Case("draw in words", DRAWN + "XX,00,1,first\nXX,01,1,2\n", ("row 2", "draw", "'first'")),
    Case("one draw", DRAWN + "XX,00,1,0\nXX,01,1,0\n", ("one draw", "2 or more")),
    Case(
        "too few draws for many qubits",
        DRAWN + "".join(f"{'X' * 13},{'0' * 13},1,{draw}\n" for draw in range(3)),
        ("3 draws", "20 or more"),
    ),
    Case(
        "too few draws of more qubits than bits of an integer",
        DRAWN + "".join(f"{'X' * 70},{'0' * 70},1,{draw}\n" for draw in range(3)),
        ("3 draws", "20 or more"),
    ),
    Case(
        "too many qubits",
        DRAWN + "".join(f"{'X' * 257},{'0' * 257},1,{draw}\n" for draw in range(30)),
        ("n = 257", "256", "fewer qubits"),
    ),
]


@pytest.mark.parametrize("case", TABLES, ids=names(TABLES))
@pytest.mark.parametrize("out", [False, True], ids=["print", "out"])
def test_table_is_refused(refused: Refused, tmp_path: Path, case: Case, out: bool) -> None:
    """A table with a fault is named with its row, also where results were to be written."""
    path = tmp_path / "table.csv"
    path.write_bytes(case.text if isinstance(case.text, bytes) else case.text.encode())
    where = ("--out", tmp_path / "results", "--json") if out else ()
    refused("analyze", path, *case.options, *where, words=case.words)


OPTIONS: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("unknown design", ("--design", "fll"), ("design", "'fll'", "full", "random")),
    ("another design", ("--design", "equatorial"), ("'XX'", "j/3", "equatorial")),
    ("unknown axis", ("--axis", "w"), ("axis", "'w'", "x, y")),
    ("unknown provenance", ("--provenance", "cooked"), ("provenance", "'cooked'", "post-selected")),
    ("confidence 2", ("--confidence", "2"), ("confidence", "2", "0.5 to 0.9999")),
    ("confidence nan", ("--confidence", "nan"), ("confidence", "nan", "finite")),
    ("confidence in words", ("--confidence", "high"), ("--confidence", "high")),
    ("resamples 3", ("--resamples", "3"), ("resamples", "3", "40")),
    ("resamples 0", ("--resamples", "0"), ("resamples", "0", "whole number")),
    ("resamples 2.5", ("--resamples", "2.5"), ("--resamples", "2.5")),
    ("unknown option", ("--sed", "1"), ("--sed", "--help")),
    ("option without value", ("--design",), ("--design", "argument")),
    ("second file", ("other.csv",), ("other.csv", "--help")),
    ("out is a file", ("--out", "table.csv"), ("table.csv", "is a file", "--out")),
    ("out below a file", ("--out", "table.csv/results"), ("table.csv", "directory")),
]


@pytest.mark.parametrize(("options", "words"), [case[1:] for case in OPTIONS], ids=names(OPTIONS))
def test_option_of_analyze_is_refused(
    refused: Refused, tmp_path: Path, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """A good table with an option that cannot be."""
    (tmp_path / "table.csv").write_text(GOOD)
    refused("analyze", "table.csv", *options, words=words)


@pytest.mark.parametrize("option", ["--axis", "--provenance", "--design"])
def test_bad_option_leaves_no_output(refused: Refused, tmp_path: Path, option: str) -> None:
    """The folder for results is not made for an option that is refused."""
    (tmp_path / "table.csv").write_text(GOOD)
    refused("analyze", "table.csv", option, "w", "--out", "results", words=("'w'",))


def test_missing_paths(refused: Refused, tmp_path: Path) -> None:
    """A file that is not there, a folder without counts, and a name no file can have."""
    (tmp_path / "empty").mkdir()
    refused("analyze", "nowhere.csv", words=("nowhere.csv", "does not exist"))
    refused("analyze", "empty", words=("empty", "counts.csv"))
    refused("run", "nowhere.toml", words=("nowhere.toml", "cannot be read", "TOML"))
    refused("run", "empty", words=("empty", "directory", "TOML"))


@pytest.mark.parametrize("command", ["analyze", "run"])
def test_name_too_long(refused: Refused, command: str) -> None:
    """A name that the file system cannot hold is bad input like any other."""
    refused(command, "x" * 300, words=("name too long",))


def test_analyze_out_with_other_shots(refused: Refused, tmp_path: Path) -> None:
    """Shots of another table are never overwritten."""
    (tmp_path / "table.csv").write_text(GOOD)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "counts.csv").write_text(GOOD.replace(",5", ",6"))
    refused("analyze", "table.csv", "--out", "taken", words=("counts.csv", "other shots", "--out"))


RECORD = {"n": 2, "axis": "z", "design": "full", "provenance": "raw", "total_shots": 40}
RECORDS: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = [
    ("another n", json.dumps(RECORD | {"n": 3}), (), ("run.json", "n = 3", "n = 2")),
    ("another total", json.dumps(RECORD | {"total_shots": 41}), (), ("run.json", "41", "40")),
    ("n in words", json.dumps(RECORD | {"n": "two"}), (), ("run.json", "two", "n = 2")),
    ("broken", '{"n": 2,', (), ("run.json", "JSON", "restore or remove")),
    ("empty", "", (), ("run.json", "JSON", "restore or remove")),
    ("a list", "[1, 2]", (), ("run.json", "JSON object", "restore or remove")),
    ("deeply nested", "[" * 100000, (), ("run.json", "JSON", "restore or remove")),
    ("unknown axis", json.dumps(RECORD | {"axis": "w"}), (), ("run.json", "axis", "'w'")),
    ("axis of no length", json.dumps(RECORD | {"axis": [0, 0, 0]}), (), ("run.json", "[0, 0, 0]")),
    ("unknown design", json.dumps(RECORD | {"design": "fll"}), (), ("run.json", "'fll'")),
    ("unknown provenance", json.dumps(RECORD | {"provenance": "ok"}), (), ("run.json", "'ok'")),
    ("design as a list", json.dumps(RECORD | {"design": ["full"]}), (), ("run.json", "['full']")),
    ("order of a full design", json.dumps(RECORD | {"order": 2}), (), ("run.json", "order = 2")),
    ("no order", json.dumps(RECORD | {"design": "covering"}), (), ("run.json", "no order")),
    (
        "order in words",
        json.dumps(RECORD | {"design": "covering", "order": "two"}),
        (),
        ("run.json", "order = 'two'", "whole number"),
    ),
    (
        "order beyond the qubits",
        json.dumps(RECORD | {"design": "covering", "order": 3}),
        (),
        ("order = 3", "from 1 to 2"),
    ),
    (
        "another design asked",
        json.dumps(RECORD),
        ("--design", "random"),
        ("run.json", "random", "full"),
    ),
    ("another axis asked", json.dumps(RECORD), ("--axis", "x"), ("run.json", "--axis", "z")),
    (
        "another provenance asked",
        json.dumps(RECORD | {"provenance": "mitigated"}),
        ("--provenance", "raw"),
        ("run.json", "--provenance", "mitigated"),
    ),
]


@pytest.mark.parametrize(
    ("record", "options", "words"), [case[1:] for case in RECORDS], ids=names(RECORDS)
)
@pytest.mark.parametrize("by", ["folder", "file"])
def test_run_record_that_contradicts(
    refused: Refused,
    tmp_path: Path,
    record: str,
    options: tuple[str, ...],
    words: tuple[str, ...],
    by: str,
) -> None:
    """A run.json that is broken, or says something else than the counts or the options."""
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "counts.csv").write_text(GOOD)
    (folder / "run.json").write_text(record)
    path = folder if by == "folder" else folder / "counts.csv"
    refused("analyze", path, *options, words=words)


def spec(
    state: str = "family = 'ghz'\nn = 3",
    schedule: str = "shots = 20",
    backend: str = "name = 'aer'",
    estimate: str = "resamples = 100",
    top: str = "seed = 1",
) -> str:
    """A small campaign in TOML, with one table replaced."""
    return (
        f"{top}\n[state]\n{state}\n[schedule]\n{schedule}\n"
        f"[backend]\n{backend}\n[estimate]\n{estimate}\n"
    )


def ghz(n: str) -> str:
    """The table [state] of a GHZ state."""
    return f"family = 'ghz'\nn = {n}"


def ising(u: str) -> str:
    """The table [state] of an Ising chain."""
    return f"family = 'ising'\nn = 3\nu = {u}"


RANDOM = "design = 'random'\ndraws = 20"
SPECS = [
    Case("not TOML", "family: ghz\n", ("spec.toml", "TOML", "line 1")),
    Case("PNG", b"\x89PNG\r\n\x1a\n\0\0", ("spec.toml", "UTF-8", "TOML")),
    Case("key given twice", spec(ghz("3") + "\nn = 4"), ("spec.toml", "TOML", "line")),
    Case("deeply nested", "seed = " + "[" * 100000, ("spec.toml", "TOML")),
    Case("empty", "", ("spec.toml", "[state]", "family")),
    Case(
        "misspelt key", spec(schedule="shot = 20"), ("spec.toml", "'shot'", "[schedule]", "shots")
    ),
    Case(
        "misspelt u", spec(ising("-1").replace("u =", "U =")), ("'U'", "[state]", "did you mean u?")
    ),
    Case("strange key", spec(backend="quantum = 1"), ("'quantum'", "[backend]", "name")),
    Case("misspelt table", spec().replace("[state]", "[sate]"), ("'sate'", "did you mean state?")),
    Case("misspelt seed", spec(top="sed = 1"), ("'sed'", "did you mean seed?")),
    Case(
        "table as a value",
        spec(top="estimate = 3").split("[estimate]")[0],
        ("estimate", "[estimate]"),
    ),
    Case("n 0", spec(ghz("0")), ("spec.toml", "n = 0", "from 2")),
    Case("n 1", spec(ghz("1")), ("spec.toml", "n = 1", "from 2")),
    Case("n -3", spec(ghz("-3")), ("spec.toml", "n = -3", "from 2")),
    Case("n 2.5", spec(ghz("2.5")), ("spec.toml", "n = 2.5", "whole number")),
    Case("n in words", spec(ghz("'six'")), ("spec.toml", "n = 'six'", "whole number")),
    Case("n true", spec(ghz("true")), ("spec.toml", "n = True", "whole number")),
    Case("n missing", spec("family = 'ghz'"), ("spec.toml", "[state]", "n =")),
    Case("n 13", spec(ghz("13")), ("n = 13", "12", "random or covering")),
    Case("n 40", spec(ghz("40")), ("n = 40", "12", "random or covering")),
    Case("n 40 ising", spec(ising("-1").replace("3", "40")), ("n = 40", "12", "covering")),
    Case("n 300 random", spec(ghz("300"), RANDOM), ("n = 300", "256", "fewer qubits")),
    Case(
        "n 40 random of 3 draws",
        spec(ghz("40"), RANDOM.replace("20", "3")),
        ("3 draws", "20 or more"),
    ),
    Case(
        "n 300 equatorial",
        spec(ghz("300"), "design = 'equatorial'"),
        ("n = 300", "equatorial", "200"),
    ),
    Case("n of 30 digits", spec(ghz("9" * 30)), ("9" * 30, "from 2 to 1000")),
    Case("unknown family", spec("family = 'gzh'\nn = 3"), ("spec.toml", "'gzh'", "ghz", "dicke")),
    Case("family as a list", spec("family = ['ghz']\nn = 3"), ("spec.toml", "family", "quotes")),
    Case("family missing", spec("n = 3"), ("spec.toml", "[state]", "family =")),
    Case("u missing", spec("family = 'ising'\nn = 3"), ("spec.toml", "ising", "needs u")),
    Case(
        "u missing double-well", spec("family = 'double-well'\nn = 3"), ("double-well", "needs u")
    ),
    Case("u infinite", spec(ising("inf")), ("spec.toml", "u = inf", "finite")),
    Case("u minus infinite", spec(ising("-inf")), ("spec.toml", "u = -inf", "finite")),
    Case("u nan", spec(ising("nan")), ("spec.toml", "u = nan", "finite")),
    Case("u in words", spec(ising("'weak'")), ("spec.toml", "u = 'weak'", "finite")),
    Case("u beyond arithmetic", spec(ising("-1e308")), ("u = -1e+308",)),
    Case("u for ghz", spec(ghz("3") + "\nu = -1"), ("spec.toml", "ghz", "no u", "leave it out")),
    Case(
        "ones too large",
        spec("family = 'dicke'\nn = 3\nones = 4"),
        ("spec.toml", "ones = 4", "to 3"),
    ),
    Case("layers -1", spec(ising("-1") + "\nlayers = -1"), ("spec.toml", "layers = -1", "from 0")),
    Case(
        "fidelity 2", spec(ising("-1") + "\nfidelity = 2"), ("spec.toml", "fidelity = 2", "below 1")
    ),
    Case("one shot", spec(schedule="shots = 1"), ("spec.toml", "shots = 1", "2 or more", "random")),
    Case("no shots", spec(schedule="shots = 0"), ("spec.toml", "shots = 0", "from 1")),
    Case("shots 2.5", spec(schedule="shots = 2.5"), ("spec.toml", "shots = 2.5", "whole number")),
    Case("shots beyond reason", spec(schedule=f"shots = {10**15}"), ("shots", "to 1000000000")),
    Case("shots beyond integers", spec(schedule=f"shots = {10**20}"), ("shots",)),
    Case("draws missing", spec(schedule="design = 'random'"), ("spec.toml", "draws =", "random")),
    Case("draws in full", spec(schedule="draws = 20"), ("spec.toml", "draws", "random", "full")),
    Case(
        "one draw", spec(schedule=RANDOM.replace("20", "1")), ("spec.toml", "draws = 1", "from 2")
    ),
    Case(
        "draws beyond memory",
        spec(ghz("40"), schedule="design = 'random'\ndraws = 1000000000"),
        ("memory",),
    ),
    Case("draws beyond reason", spec(schedule=RANDOM + "0" * 14), ("draws", "to 1000000000")),
    Case("draws beyond integers", spec(schedule=RANDOM + "0" * 20), ("draws",)),
    Case(
        "unknown design", spec(schedule="design = 'fll'"), ("spec.toml", "design", "'fll'", "full")
    ),
    Case(
        "draws missing in random3", spec(schedule="design = 'random3'"), ("random3", "needs draws")
    ),
    Case("design as a list", spec(schedule="design = ['full']"), ("[schedule]", "['full']")),
    Case("order missing", spec(schedule="design = 'covering'"), ("spec.toml", "needs order")),
    Case("order in full", spec(schedule="order = 2"), ("order = belongs", "covering", "full")),
    Case("order 0", spec(schedule="design = 'covering'\norder = 0"), ("order = 0", "from 1 to 3")),
    Case("order 4", spec(schedule="design = 'covering'\norder = 4"), ("order = 4", "from 1 to 3")),
    Case(
        "order in words",
        spec(schedule="design = 'covering'\norder = 'all'"),
        ("order = 'all'", "whole number"),
    ),
    Case(
        "draws in covering",
        spec(schedule="design = 'covering'\norder = 2\ndraws = 9"),
        ("draws", "covering"),
    ),
    Case(
        "one shot in covering",
        spec(schedule="design = 'covering'\norder = 2\nshots = 1"),
        ("shots = 1", "covering", "2 or more"),
    ),
    Case(
        "one shot in equatorial",
        spec(schedule="design = 'equatorial'\nshots = 1"),
        ("shots = 1", "equatorial", "2 or more"),
    ),
    Case(
        "draws in symmetric",
        spec(schedule="design = 'symmetric'\ndraws = 9"),
        ("draws", "symmetric"),
    ),
    Case("axis w", spec(schedule="axis = 'w'"), ("spec.toml", "axis", "'w'", "x, y, z")),
    Case("axis of no length", spec(schedule="axis = [0, 0, 0]"), ("axis", "[0, 0, 0]", "vector")),
    Case("axis of two numbers", spec(schedule="axis = [0, 1]"), ("axis", "[0, 1]", "vector")),
    Case("axis nan", spec(schedule="axis = [0, nan, 1]"), ("axis", "nan", "vector")),
    Case("unknown backend", spec(backend="name = 'are'"), ("'are'", "aer", "fake_")),
    Case(
        "unknown device",
        spec(backend="name = 'fake_nope'"),
        ("'fake_nope'", "unknown", "e.g. fake_"),
    ),
    Case(
        "real device", spec(backend="name = 'ibm_pittsburgh'"), ("'ibm_pittsburgh'", "aer", "fake_")
    ),
    Case(
        "small device",
        spec(ghz("6"), backend="name = 'fake_manila'"),
        ("n = 6", "fake_manila", "5"),
    ),
    Case("backend of no text", spec(backend="name = 3"), ("spec.toml", "[backend]", "3", "quotes")),
    Case(
        "confidence 1.5", spec(estimate="confidence = 1.5"), ("spec.toml", "1.5", "0.5 to 0.9999")
    ),
    Case("confidence in words", spec(estimate="confidence = 'high'"), ("confidence", "'high'")),
    Case("resamples 10", spec(estimate="resamples = 10"), ("resamples = 10", "0.95", "40")),
    Case("resamples -1", spec(estimate="resamples = -1"), ("spec.toml", "resamples = -1", "from")),
    Case("phase nan", spec(estimate="phase = nan"), ("spec.toml", "phase", "nan", "finite")),
    Case(
        "phase in words",
        spec(estimate="phase = 'lern'"),
        ("spec.toml", "phase = 'lern'", "'learn'"),
    ),
    Case("label too short", spec(estimate="label = '++'"), ("label = '++'", "2 signs", "n = 3")),
    Case("label with a zero", spec(estimate="label = '+0+'"), ("label = '+0+'", "each qubit")),
    Case("label empty", spec(estimate="label = ''"), ("label = ''", "each qubit", "'++-'")),
    Case("label of no text", spec(estimate="label = 3"), ("label = 3", "'learn'")),
    Case(
        "held_out too large",
        spec(estimate="label = 'learn'\nheld_out = 0.9"),
        ("held_out = 0.9", "0.05 to 0.5"),
    ),
    Case(
        "held_out nan",
        spec(estimate="label = 'learn'\nheld_out = nan"),
        ("held_out", "nan", "finite"),
    ),
    Case(
        "held_out for nothing",
        spec(estimate="held_out = 0.2"),
        ("held_out", "nothing is learnt", "leave it out"),
    ),
    Case(
        "mitigation method",
        spec() + "[mitigation]\nmethod = 'zne'\n",
        ("method = 'zne'", "tensored or mthree"),
    ),
    Case("mitigation as a list", spec() + "[mitigation]\nmethod = []\n", ("method = []",)),
    Case("mitigation key", spec() + "[mitigation]\nmethd = 'mthree'\n", ("did you mean method?",)),
    Case("mitigation shots", spec() + "[mitigation]\nshots = 0\n", ("shots = 0", "from 1")),
    Case(
        "calibration missing",
        spec() + "[mitigation]\ncalibration = 'nowhere.csv'\n",
        ("calibration", "nowhere.csv", "no file"),
    ),
    Case("calibration of no text", spec() + "[mitigation]\ncalibration = 3\n", ("= 3", "quotes")),
    Case(
        "calibration and shots",
        spec() + "[mitigation]\ncalibration = 'a.csv'\nshots = 9\n",
        ("shots", "calibration", "leave one"),
    ),
    Case("precision 0", spec() + "[plan]\nprecision = 0\n", ("precision = 0", "below 1")),
    Case("precision 2", spec() + "[plan]\nprecision = 2\n", ("precision = 2", "below 1")),
    Case("p-value nan", spec() + "[plan]\np_value = nan\n", ("p_value", "nan", "finite")),
    Case("p-value 1", spec() + "[plan]\np_value = 1\n", ("p_value = 1", "below 1")),
    Case("seed -1", spec(top="seed = -1"), ("spec.toml", "seed = -1", "from 0")),
    Case("seed 1.5", spec(top="seed = 1.5"), ("spec.toml", "seed = 1.5", "whole number")),
    Case("option seed -1", spec(), ("--seed", "-1", "from 0"), ("--seed", "-1")),
    Case("option seed 1.5", spec(), ("--seed", "1.5"), ("--seed", "1.5")),
]


@pytest.mark.parametrize("case", SPECS, ids=names(SPECS))
def test_spec_is_refused(refused: Refused, tmp_path: Path, case: Case) -> None:
    """A campaign with a fault is refused before a shot is taken or a folder made."""
    text = case.text if isinstance(case.text, bytes) else case.text.encode()
    (tmp_path / "spec.toml").write_bytes(text)
    refused("run", "spec.toml", *case.options, "--out", "results", words=case.words)


def test_default_folder_is_not_made(refused: Refused, tmp_path: Path) -> None:
    """Without --out, nothing appears under results/ either."""
    (tmp_path / "spec.toml").write_text(spec(estimate="resamples = 10"))
    refused("run", "spec.toml", words=("resamples = 10", "40"))


QASM = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\n'
CIRCUITS: list[tuple[str, str, str | bytes, tuple[str, ...]]] = [
    ("measures", "state.qasm", QASM + "creg c[2];\nmeasure q -> c;\nh q[0];\n", ("measures",)),
    ("resets", "state.qasm", QASM + "h q[0];\nreset q[0];\nh q[0];\n", ("resets",)),
    ("one qubit", "state.qasm", QASM.replace("[2]", "[1]") + "h q[0];\n", ("1 qubit", "2 or more")),
    ("not a circuit", "state.qasm", "hello\n", ("not a readable circuit",)),
    ("unknown gate", "state.qasm", QASM + "zap q[0];\n", ("not a readable circuit", "zap")),
    ("gate of no matrix", "state.qasm", QASM + "opaque zap a;\nzap q[0];\n", ("zap",)),
    ("empty", "state.qasm", "", ("not a readable circuit",)),
    ("binary", "state.qasm", b"\x89PNG\0\0", ("not a readable circuit",)),
    ("broken QPY", "state.qpy", b"QISKIT\0\1", ("not a readable circuit",)),
    ("not QPY", "state.qpy", QASM, ("not a readable circuit",)),
    ("unknown ending", "state.txt", QASM, (".qasm", ".qpy")),
]


@pytest.mark.parametrize(
    ("name", "text", "words"), [case[1:] for case in CIRCUITS], ids=names(CIRCUITS)
)
def test_circuit_file_is_refused(
    refused: Refused, tmp_path: Path, name: str, text: str | bytes, words: tuple[str, ...]
) -> None:
    """A circuit file that prepares nothing is refused by its name."""
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (tmp_path / "spec.toml").write_text(spec(f"circuit = '{name}'"))
    refused("run", "spec.toml", "--out", "results", words=(name, *words))


def test_circuit_of_too_many_qubits(refused: Refused, tmp_path: Path) -> None:
    """All 2^13 settings are too many, whatever the circuit."""
    (tmp_path / "state.qasm").write_text(QASM.replace("[2]", "[13]") + "h q;\n")
    (tmp_path / "spec.toml").write_text(spec("circuit = 'state.qasm'"))
    refused("run", "spec.toml", "--out", "results", words=("n = 13", "12", "covering"))


def test_free_parameter_is_refused(refused: Refused, tmp_path: Path) -> None:
    """A circuit with an angle left open names the angle."""
    text = 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float theta;\nqubit[2] q;\n'
    (tmp_path / "state.qasm").write_text(text + "rx(theta) q[0];\n")
    (tmp_path / "spec.toml").write_text(spec("circuit = 'state.qasm'"))
    refused("run", "spec.toml", "--out", "results", words=("state.qasm", "theta", "assign"))


CIRCUIT_KEYS = [
    Case("missing", "circuit = 'nowhere.qasm'", ("spec.toml", "nowhere.qasm", "no file")),
    Case("a folder", "circuit = '.'", ("spec.toml", "no file")),
    Case("not text", "circuit = 3", ("spec.toml", "circuit", "3", "quotes")),
    Case(
        "and family", "circuit = 'state.qasm'\nfamily = 'ghz'", ("spec.toml", "circuit", "family")
    ),
    Case("and n", "circuit = 'state.qasm'\nn = 2", ("spec.toml", "circuit", "other keys")),
]


@pytest.mark.parametrize("case", CIRCUIT_KEYS, ids=names(CIRCUIT_KEYS))
def test_circuit_key_is_refused(refused: Refused, tmp_path: Path, case: Case) -> None:
    """The key circuit = with something else than one file."""
    assert isinstance(case.text, str)
    (tmp_path / "state.qasm").write_text(QASM + "h q[0];\ncx q[0],q[1];\n")
    (tmp_path / "spec.toml").write_text(spec(case.text))
    refused("run", "spec.toml", "--out", "results", words=case.words)


def test_out_is_a_file(refused: Refused, tmp_path: Path) -> None:
    """A file is not taken for a folder, nor for the parent of one."""
    (tmp_path / "spec.toml").write_text(spec())
    (tmp_path / "taken").write_text("mine")
    refused("run", "spec.toml", "--out", "taken", words=("taken", "file", "--out"))
    refused("run", "spec.toml", "--out", "taken/deeper", words=("taken", "directory"))


def _other_campaign(folder: Path, without: str = "") -> None:
    folder.mkdir()
    (folder / "counts.csv").write_text(GOOD)
    (folder / "run.json").write_text(json.dumps(RECORD | {"sampling": {}, "seed": 9}))
    (folder / "spec.toml").write_text(spec(ghz("2"), top="seed = 9"))
    for name in without.split():
        (folder / name).unlink()


@pytest.mark.parametrize("without", ["", "spec.toml", "run.json", "run.json spec.toml"])
def test_out_holds_another_campaign(refused: Refused, tmp_path: Path, without: str) -> None:
    """Shots that this campaign did not take are never overwritten, on record or not."""
    _other_campaign(tmp_path / "old", without)
    (tmp_path / "spec.toml").write_text(spec())
    refused("run", "spec.toml", "--out", "old", words=("old", "another", "--out"))


def test_out_holds_a_broken_record(refused: Refused, tmp_path: Path) -> None:
    """A run.json that cannot be read is reported, not overwritten."""
    _other_campaign(tmp_path / "old")
    (tmp_path / "old" / "run.json").write_text("{")
    (tmp_path / "spec.toml").write_text(spec())
    refused("run", "spec.toml", "--out", "old", words=("run.json", "JSON", "restore or remove"))


def _usual(command: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Faults that the commands exact and circuit share."""
    return [
        ((command, "ghz", "-n", "0"), ("n = 0", "from 2")),
        ((command, "ghz", "-n", "1"), ("n = 1", "from 2")),
        ((command, "ghz", "-n", "-3"), ("n = -3", "from 2")),
        ((command, "ghz", "-n", "2.5"), ("-n", "2.5", "integer")),
        ((command, "ghz", "-n", "six"), ("-n", "six", "integer")),
        ((command, "gzh", "-n", "3"), ("'gzh'", "ghz", "dicke")),
        ((command, "ising", "-n", "3"), ("ising", "needs u")),
        ((command, "double-well", "-n", "3"), ("double-well", "needs u")),
        ((command, "ising", "-n", "3", "-u", "nan"), ("u = nan", "finite")),
        ((command, "ising", "-n", "3", "-u", "inf"), ("u = inf", "finite")),
        ((command, "ising", "-n", "3", "-u", "weak"), ("-u", "weak", "number")),
        ((command, "ising", "-n", "3", "-u", "-1e308"), ("u = -1e+308",)),
        ((command, "ghz", "-n", "3", "-u", "-1"), ("ghz", "no u")),
        ((command, "ghz", "-n", "3", "--ones", "1"), ("ghz", "no ones")),
        ((command, "dicke", "-n", "3", "--ones", "4"), ("ones = 4", "0 to 3")),
        ((command, "ghz", "-n", "3", "--foo"), ("--foo", "--help")),
        ((command, "ghz", "-n", "3", "four"), ("four", "--help")),
        ((command, "-n", "3"), ("missing", "family", "--help")),
        ((command, "ghz"), ("missing", "-n", "--help")),
    ]


COMMANDS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    *_usual("exact"),
    *_usual("circuit"),
    (("exact", "ghz", "-n", "3", "--axis", "w"), ("axis", "'w'", "x, y")),
    (("circuit", "ising", "-n", "501", "-u", "-1"), ("501", "500")),
    (("circuit", "ghz", "-n", "3", "--backend", "are"), ("'are'", "aer", "fake_")),
    (("circuit", "ghz", "-n", "3", "--backend", "fake_nope"), ("'fake_nope'", "unknown")),
    (("circuit", "ghz", "-n", "3", "--backend", "ibm_fez"), ("'ibm_fez'", "aer", "fake_")),
    (("circuit", "ghz", "-n", "8", "--backend", "fake_manila"), ("n = 8", "fake_manila", "5")),
    (("circuit", "ghz", "-n", "3", "-o", "ghz.txt"), ("ghz.txt", ".qasm", ".qpy")),
    (("circuit", "ghz", "-n", "3", "-o", "ghz"), ("ghz", ".qasm", ".qpy")),
    (("circuit", "ghz", "-n", "3", "-o", "mine/a.qasm"), ("cannot write", "mine")),
    (("schedule",), ("missing", "-n", "--help")),
    (("schedule", "-n", "1"), ("n = 1", "from 2")),
    (("schedule", "-n", "six"), ("-n", "six", "integer")),
    (("schedule", "-n", "13"), ("n = 13", "2^13", "random")),
    (("schedule", "-n", "9" * 25), ("9" * 25, "to 1000")),
    (("schedule", "-n", "3", "--design", "fll"), ("'fll'", "full", "random")),
    (("schedule", "-n", "3", "--design", "covering"), ("covering", "needs order")),
    (("schedule", "-n", "3", "--design", "covering", "--order", "4"), ("order = 4", "1 to 3")),
    (("schedule", "-n", "3", "--design", "covering", "--order", "two"), ("--order", "two")),
    (("schedule", "-n", "3", "--order", "2"), ("order", "covering", "full")),
    (("schedule", "-n", "3", "--design", "random3"), ("needs draws", "random3")),
    (("schedule", "-n", "3", "--design", "equatorial", "--seed", "1"), ("seed", "equatorial")),
    (("schedule", "-n", "3", "--design", "symmetric", "--draws", "9"), ("draws", "symmetric")),
    (("schedule", "-n", "201", "--design", "equatorial"), ("n = 201", "200")),
    (("schedule", "-n", "3", "--design", "random"), ("draws", "random")),
    (("schedule", "-n", "3", "--draws", "9"), ("draws", "random", "full")),
    (("schedule", "-n", "3", "--design", "random", "--draws", "1"), ("draws = 1", "from 2")),
    (("schedule", "-n", "3", "--design", "random", "--draws", "1" + "0" * 15), ("draws", "to 1")),
    (("schedule", "-n", "3", "--design", "random", "--draws", "1" + "0" * 20), ("draws",)),
    (("schedule", "-n", "1" + "0" * 20, "--design", "random", "--draws", "9"), ("n = 1000",)),
    (("schedule", "-n", "3", "--design", "random", "--draws", "9", "--seed", "-1"), ("seed = -1",)),
    (("schedule", "-n", "3", "--foo"), ("--foo", "--help")),
    (("schedule", "-n", "3", "-o", "mine/a.csv"), ("cannot write", "mine")),
    (("schedule", "-n", "3", "-o", "folder"), ("cannot write", "folder", "directory")),
    (("analyze",), ("missing", "path", "--help")),
    (("run",), ("missing", "spec", "--help")),
    (("frobnicate",), ("'frobnicate'", "--help")),
    (("--foo",), ("--foo", "--help")),
]


@pytest.mark.parametrize(
    ("arguments", "words"), COMMANDS, ids=[" ".join(c[0])[:60] for c in COMMANDS]
)
def test_command_is_refused(
    refused: Refused, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Faults in the arguments of exact, circuit and schedule, and of qbell itself."""
    (tmp_path / "mine").write_text("a file where a folder is wanted")
    (tmp_path / "folder").mkdir()
    refused(*arguments, words=words)


def test_no_command(refused: Refused) -> None:
    """Without a command one short line points to the help, instead of the help on one line."""
    line = refused(words=("command", "--help"))
    assert len(line) < 200


@pytest.mark.slow
def test_refusals_do_not_depend_on_json(refused: Refused, tmp_path: Path) -> None:
    """With --json the refusal is the same: stdout stays empty, so a script sees no half object."""
    (tmp_path / "table.csv").write_text(GOOD + "XX,01,-1\n")
    (tmp_path / "spec.toml").write_text(spec(ghz("1")))
    for plain in (
        ("analyze", "table.csv"),
        ("run", "spec.toml"),
        ("exact", "ghz", "-n", "1"),
        ("schedule", "-n", "1"),
        ("circuit", "ghz", "-n", "1"),
    ):
        assert refused(*plain, words=()) == refused(*plain, "--json", words=())


END_TO_END: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    (("analyze", "table.csv", "--out", "results"), ("table.csv", "row 10", "'-1'", "whole number")),
    (("run", "spec.toml", "--out", "results"), ("spec.toml", "n = 1", "from 2")),
    (("exact", "ising", "-n", "3", "-u", "inf"), ("u = inf", "finite")),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(*case, id=case[0][0], marks=[pytest.mark.nightly] * (case[0][0] != "run"))
        for case in END_TO_END
    ],
)
def test_end_to_end(tmp_path: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    """The same from another process, as a user meets it."""
    (tmp_path / "table.csv").write_text(GOOD + "XX,01,-1\n")
    (tmp_path / "spec.toml").write_text(spec(ghz("1")))
    before = tree(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "qbell.cli", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    check_refusal(done.returncode, done.stdout, done.stderr, words)
    assert tree(tmp_path) == before


@pytest.mark.slow
def test_good_input_is_not_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The table and the spec that the cases above spoil are good as they stand."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text(GOOD)
    (tmp_path / "spec.toml").write_text(spec())
    (tmp_path / "random.toml").write_text(spec(schedule=RANDOM))
    full = ("analyze", "table.csv", "--design", "full", "--axis", "z", "--provenance", "raw")
    for arguments in (full, ("run", "spec.toml"), ("run", "random.toml")):
        monkeypatch.setattr(sys, "argv", ["qbell", *arguments, "--json"])
        with pytest.raises(SystemExit) as stopped:
            app.run()
        said = capsys.readouterr()
        assert stopped.value.code == 0, said.err
        assert json.loads(said.out)["n"] == (2 if arguments is full else 3)


def test_cases_are_distinct() -> None:
    """No case stands twice, which would hide one that was meant."""
    for cases in (TABLES, SPECS):
        assert len(set(names(cases))) == len(cases)
    assert len({arguments for arguments, _ in COMMANDS}) == len(COMMANDS)


@pytest.mark.slow
def test_a_spec_changed_behind_the_shots_is_refused(refused: Refused, tmp_path: Path) -> None:
    """Its exact values would stand beside shots of another state."""
    from qbell.campaigns.run import run
    from qbell.campaigns.spec import read_spec

    (tmp_path / "spec.toml").write_text(spec(ising("-1.0")))
    run(read_spec(tmp_path / "spec.toml"), tmp_path / "out")
    (tmp_path / "out" / "spec.toml").write_text(spec(ising("-2.0")))
    refused("analyze", "out", words=("spec.toml", "run.json", "restore"))
