"""Scans: what is in the tables, that a kill loses nothing, and what is refused."""

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qbell import QbellError, exact, graph, ising, twisting
from qbell.scan import make_grid, run_scan, scan
from qbell.scan.journal import Journal
from qbell.util.cluster import connected
from qbell.util.ranges import evenly, numbers, span, whole_numbers
from tests.conftest import Qbell, StartWorkers
from tests.support.paths import DATA

COLUMNS = (
    "family,n,u,axis,energy,qfi,qfi_per_n,f0,bound,e_n,log_e_n,q,bell_qubits,nonlocality_depth,"
    "entanglement_depth,method,notes,version"
)
REFERENCE = DATA / "ising.json"
GRID = ("ising", [4, 5], [-1.5, -1.0, -0.5, 0.0])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --- any parameter, and the best axis ------------------------------------------------------------


def test_any_parameter_is_a_column(qbell: Qbell, tmp_path: Path) -> None:
    words = ("scan", "graph", "--n", "4,5", "--vary", "shape=ring,star", "--axis", "x")
    out, _ = qbell(*words)
    found = pd.read_csv(StringIO(out))
    assert list(found.columns[:5]) == ["family", "n", "u", "shape", "axis"]
    assert found["shape"].tolist() == ["ring", "star"] * 2
    for row in found.itertuples():
        state = graph(row.n, row.shape)
        assert row.qfi == pytest.approx(exact.qfi(state, "x"))
    first, _ = qbell(*words, "--out", "t.csv", "--json")
    again, err = qbell(*words, "--out", "t.csv", "--json")
    assert "4 of 4 points were there already" in err
    assert json.loads(again)["points"] == json.loads(first)["points"]
    assert json.loads(first)["vary"] == {"shape": ["ring", "star"]}
    by_order = pd.read_csv(tmp_path / "t_by_order.csv")
    assert by_order.groupby(["n", "shape"])["value"].sum().tolist() == pytest.approx(
        found["bound"].tolist()
    )
    _, err = qbell(*words[:4], "--vary", "shape=star,ring", "--axis", "x", "--out", "t.csv", code=2)
    assert "holds other results" in err


def test_numbers_are_columns_of_numbers() -> None:
    table = scan("twisting", [4, 6], vary={"time": [0.2, 0.1, 0.2]}, axis="x", with_bound=False)
    assert table["time"].tolist() == [0.2, 0.1, 0.2, 0.1]
    assert table["time"].dtype == "float64"
    assert scan("dicke", [4], vary={"ones": [1, 2]})["ones"].dtype == "int64"
    table = scan("coherent", [3], vary={"theta": [0.3, 0.5], "phi": [0.1, 0.2, 0.3]})
    assert len(table) == 6


def test_the_best_axis_of_each_point(qbell: Qbell, tmp_path: Path) -> None:
    words = ("scan", "twisting", "--n", "4", "--vary", "time=0:1:3", "--axis", "optimal")
    qbell(*words, "--out", "t.csv", "--no-bound")
    found = pd.read_csv(tmp_path / "t.csv")
    for row in found.itertuples():
        axis, best = exact.optimal_axis(twisting(4, row.time))
        assert row.axis == f"optimal {axis.name}"
        assert row.qfi == pytest.approx(best)
    _, err = qbell(*words, "--out", "t.csv", "--no-bound")
    assert "3 of 3" in err
    for axis in ("x", "z"):
        _, err = qbell(*words[:-1], axis, "--out", "t.csv", "--no-bound", code=2)
        assert "holds other results" in err


def test_a_scan_with_more_parameters_goes_on(tmp_path: Path) -> None:
    grid = make_grid("twisting", [4], vary={"time": [0.1, 0.2, 0.3]})

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scan(grid, out=tmp_path / "t.csv", progress=lambda _, step, total: step and stop())
    found = run_scan(grid, out=tmp_path / "t.csv")
    assert found.resumed == 1
    assert found.frame.equals(run_scan(grid).frame)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("twisting", "--vary", "time"), "--vary time: give each name once"),
        (("twisting", "--vary", "tiem=1"), "vary tiem: family twisting has other parameters: time"),
        (("ghz", "--vary", "u=1"), "vary u: family ghz has other parameters"),
        (("twisting",), "family twisting needs time; give values, e.g. --vary time="),
        (("graph", "--vary", "shape=ring,rong"), "shape = 'rong'"),
        (("dicke", "--vary", "ones=1.5"), "--vary ones holds 1.5"),
        (("twisting", "--vary", "time=1", "--vary", "time=2"), "give each name once"),
    ],
)
def test_what_cannot_be_varied(qbell: Qbell, words: tuple[str, ...], message: str) -> None:
    _, err = qbell("scan", *words, "--n", "4", code=2)
    assert message in err
    assert len(err.splitlines()) == 1


# --- grids --------------------------------------------------------------------------------------


def test_grids_are_rounded_once() -> None:
    """Every number of a range is the float closest to the decimal that one would write."""
    found = numbers("--u", "-3:0:61")
    assert found == tuple(float(f"{-300 + 5 * k}e-2") + 0.0 for k in range(61))
    assert numbers("--u", "0,-1:-0.5:2, -0.5") == (-1.0, -0.5, 0.0)
    assert whole_numbers("--n", "16,6:10:3") == (6, 8, 10, 16)
    assert span("--u", "-3:0") == (-3.0, 0.0)
    assert evenly(-1e-3, 1e100, 1) == (-1e-3,)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("''", "not a number")),
        ("1,,2", ("''", "not a number")),
        ("a", ("'a'", "not a number")),
        ("nan", ("nan", "finite")),
        ("-inf:0:3", ("-inf", "finite")),
        ("0:1", ("'0:1'", "start:stop:count")),
        ("0:1:2:3", ("'0:1:2:3'", "start:stop:count")),
        ("0:1:0", ("'0'", "whole number")),
        ("0:1:2.5", ("'2.5'", "whole number")),
        ("0:1:-3", ("'-3'", "whole number")),
        ("0:1:99999999999", ("'99999999999'", "whole number")),
        ("0:1:1", ("two ends",)),
        ("0:1:60000,2:3:60000", ("120000", "at most")),
    ],
)
def test_bad_grids(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(QbellError) as caught:
        numbers("--u", text)
    assert all(word in str(caught.value) for word in ("--u", *words)), caught.value


# --- values -------------------------------------------------------------------------------------


def test_values_are_those_of_the_reference() -> None:
    rows = json.loads(REFERENCE.read_text())["rows"]
    rows = [row for row in rows if row["N"] == 6]
    table = scan("ising", [6], [row["U"] for row in rows]).set_index("u")
    for row in rows:
        found = table.loc[row["U"]]
        assert found["energy"] == pytest.approx(row["energy"], rel=1e-12)
        assert found["qfi"] == pytest.approx(row["QFI"], rel=1e-10)
        assert found["qfi_per_n"] == found["qfi"] / 6
        assert found["e_n"] == pytest.approx(row["E_N0"], rel=1e-9)
        assert found["bound"] == pytest.approx(row["eq24"], rel=1e-10)


def test_orders_add_up_to_the_bound() -> None:
    found = run_scan(make_grid(*GRID))
    assert found.by_order is not None
    sums = found.by_order.groupby(["n", "u"])["value"].sum()
    bound = found.frame.set_index(["n", "u"])["bound"]
    np.testing.assert_allclose(sums, bound, rtol=1e-12)
    assert found.by_order.groupby(["n", "u"]).size().tolist() == [5] * 4 + [6] * 4


def test_csv_keeps_every_digit_and_order(qbell: Qbell, tmp_path: Path) -> None:
    qbell("scan", "ising", "--n", "5,4", "--u", "0,-1.5:-0.5:3", "--out", "t.csv")
    text = (tmp_path / "t.csv").read_text()
    assert text.splitlines()[0] == COLUMNS
    table = pd.read_csv(tmp_path / "t.csv", dtype={"qfi": str})
    assert list(zip(table["n"], table["u"], strict=True)) == [
        (n, u) for n in (4, 5) for u in (-1.5, -1.0, -0.5, 0.0)
    ]
    assert float(table["qfi"][2]) == exact.qfi(ising(4, -0.5))
    assert table["log_e_n"][2] == pytest.approx(np.log(table["e_n"][2]), rel=1e-12)
    assert text.splitlines()[1].split(",")[12] == str(table["bell_qubits"][0])  # 4, not 4.0
    by_order = pd.read_csv(tmp_path / "t_by_order.csv")
    assert list(by_order) == ["family", "n", "u", "order", "value"]
    assert sorted(contents(tmp_path)) == ["t.csv", "t_by_order.csv"]


def test_csv_on_stdout_and_json(qbell: Qbell, tmp_path: Path) -> None:
    out, err = qbell("scan", "ghz", "--n", "3:5:3", "--axis", "x")
    assert out.splitlines()[0] == COLUMNS
    assert [line.split(",")[:4] for line in out.splitlines()[1:]] == [
        ["ghz", str(n), "", "x"] for n in (3, 4, 5)
    ]
    assert err == ""
    out, _ = qbell("scan", "ising", "--n", "4", "--u=-1", "--json")
    record = json.loads(out)
    (point,) = record["points"]
    assert point["bound"] == pytest.approx(sum(point["bound_by_order"]))
    assert point["bell_qubits"] == exact.describe(ising(4, -1.0))["bell_qubits"]
    assert list(tmp_path.iterdir()) == []


def test_without_the_bound(tmp_path: Path) -> None:
    found = run_scan(make_grid(*GRID, with_bound=False), out=tmp_path / "t.csv")
    assert found.by_order is None
    assert found.frame["bound"].isna().all()
    assert found.frame["qfi"].notna().all()
    assert sorted(contents(tmp_path)) == ["t.csv"]


def test_a_value_that_cannot_be_had_is_a_row_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise QbellError("too large for any engine")

    monkeypatch.setattr("qbell.scan.mixed.describe", refuse)
    table = scan("ising", [4], [-1.0])
    assert table["qfi"].isna().all()
    assert table["bell_qubits"].isna().all()
    assert table["notes"].tolist() == ["too large for any engine"]


def test_help_has_an_example(qbell: Qbell) -> None:
    out, err = qbell("scan", "--help")
    assert err == ""
    assert re.search(r"Example: qbell scan ising --n 6,8 --u -3:0:61 --out ising.csv", out)


# --- going on after a stop ----------------------------------------------------------------------

KILLED = """
    import os, signal
    from pathlib import Path
    import qbell.scan.run as run
    from qbell.scan import make_grid
    calls = []
    def kill(*_):
        calls.append(0)
        if len(calls) == {after}:
            os.kill(os.getpid(), signal.SIGKILL)
    original = run.write_table
    def write_table(*arguments):
        original(*arguments)
        if "{moment}" == "tables":
            kill()
    run.write_table = write_table
    step = kill if "{moment}" == "points" else None
    run.run_scan(make_grid(*{grid}), out=Path("t.csv"), progress=step)
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    run_scan(make_grid(*GRID), out=folder / "t.csv")
    return contents(folder)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "after", "left"),
    [
        ("points", 5, {"t.csv.part"}),
        ("tables", 1, {"t.csv.part", "t_by_order.csv"}),
        ("tables", 2, {"t.csv.part", "t_by_order.csv", "t.csv"}),
    ],
)
def test_goes_on_after_a_kill(
    tmp_path: Path, undisturbed: dict[str, bytes], moment: str, after: int, left: set[str]
) -> None:
    code = textwrap.dedent(KILLED).format(moment=moment, after=after, grid=GRID)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert set(contents(tmp_path)) == left
    found = run_scan(make_grid(*GRID), out=tmp_path / "t.csv")
    assert found.resumed == (4 if moment == "points" else 8)
    assert contents(tmp_path) == undisturbed


def interrupted(folder: Path, lines: int) -> tuple[Path, Path]:
    """Table and journal of a scan of `GRID`, stopped with so many lines in the journal."""
    out, part = folder / "t.csv", folder / "t.csv.part"

    def stop(_: str, done: int, __: int) -> None:
        if part.read_bytes().count(b"\n") == lines:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scan(make_grid(*GRID), out=out, progress=stop)
    return out, part


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    ["{}", '{"n": 4, "u": -1.0}', '{"n": [4], "u": -1.0}', "null", "[]", "7", '{"n": 4, "u": "a"}'],
)
def test_a_line_of_another_shape_is_computed_again(
    tmp_path: Path, undisturbed: dict[str, bytes], line: str
) -> None:
    out, part = interrupted(tmp_path, lines=3)
    with part.open("a") as file:
        file.write(line + "\n")
    assert run_scan(make_grid(*GRID), out=out).resumed == 2
    assert contents(tmp_path) == undisturbed


def test_a_table_of_another_version_is_refused(qbell: Qbell, tmp_path: Path) -> None:
    words = ("scan", "ghz", "--n", "4", "--out", "t.csv")
    qbell(*words)
    table = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)
    table["version"] = "0.0.1"
    table.to_csv(tmp_path / "t.csv", index=False)
    before = contents(tmp_path)
    _, err = qbell(*words, code=2)
    assert "another version" in err
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_a_torn_line_is_computed_again(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """Whatever the length of what is left of the journal, also of its first line."""
    out, part = interrupted(tmp_path, lines=4)
    whole = part.read_bytes()
    lines = whole.splitlines(keepends=True)
    cuts = [0, 10, len(lines[0]) - 1, len(lines[0]), len(lines[0]) + 1, len(whole) - 1, len(whole)]
    for cut in cuts:
        for path in tmp_path.iterdir():
            path.unlink()
        part.write_bytes(whole[:cut])
        found = run_scan(make_grid(*GRID), out=out)
        assert found.resumed == max(0, whole[:cut].count(b"\n") - 1)
        assert contents(tmp_path) == undisturbed
    out.unlink()
    (tmp_path / "t_by_order.csv").unlink()
    part.write_bytes(b"".join([*lines[:2], b'{"n": 4, "u"\x00\n', *lines[2:]]))  # a bad disk
    assert run_scan(make_grid(*GRID), out=out).resumed == 3
    assert contents(tmp_path) == undisturbed


def test_another_grid_is_never_mixed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tmp_path / "t.csv.part"
    grid = make_grid(*GRID)
    with Journal(part, grid.record()) as journal:
        journal.append({"n": 4, "u": -1.0})
    before = part.read_bytes()
    family, sizes, us = GRID
    for other in (
        make_grid("double-well", sizes, us),
        make_grid(family, [4], us),
        make_grid(family, sizes, us[1:]),
        make_grid(family, sizes, us, axis="x"),
        make_grid(family, sizes, us, with_bound=False),
    ):
        with pytest.raises(QbellError, match="another grid"):
            run_scan(other, out=tmp_path / "t.csv")
    monkeypatch.setattr("qbell.scan.grid.metadata.version", lambda _: "99.0")
    with pytest.raises(QbellError, match="another version"):
        run_scan(grid, out=tmp_path / "t.csv")
    assert contents(tmp_path) == {"t.csv.part": before}


def test_a_journal_in_use_is_left_alone(tmp_path: Path) -> None:
    grid = make_grid(*GRID)
    with (
        Journal(tmp_path / "t.csv.part", grid.record()),
        pytest.raises(QbellError, match="in use"),
    ):
        run_scan(grid, out=tmp_path / "t.csv")


@pytest.mark.slow
def test_finished_results_are_read_or_kept(qbell: Qbell, tmp_path: Path) -> None:
    """The same scan again computes nothing; another one does not overwrite it."""
    words = ("scan", "ising", "--n", "4", "--u", "-1:0:3", "--out", "t.csv", "--json")
    first, _ = qbell(*words)
    before = contents(tmp_path)
    again, err = qbell(*words)
    assert "3 of 3 points were there already" in err
    assert json.loads(again)["points"] == json.loads(first)["points"]
    for other in (
        ("ising", "--n", "4", "--u", "-1:0:4"),
        ("ising", "--n", "4", "--u", "-1:0:3", "--no-bound"),
        ("ising", "--n", "4", "--u", "-1:0:3", "--axis", "x"),
        ("ghz", "--n", "4"),
    ):
        _, err = qbell("scan", *other, "--out", "t.csv", code=2)
        assert re.fullmatch(r"error: t\.csv holds other results; .*--out.*\n", err), err
    (tmp_path / "t.csv").unlink()
    _, err = qbell(*words, code=2)
    assert "t_by_order.csv holds other results" in err
    assert contents(tmp_path) == {"t_by_order.csv": before["t_by_order.csv"]}


@pytest.mark.slow
def test_a_full_disk_is_said_and_survived(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first line of the journal on, and from its first finished point on."""
    room = [0]

    def full(_: int) -> None:
        room[0] -= 1
        if room[0] < 0:
            raise OSError(28, "No space left on device")

    for room[0], says, left in (
        (0, "choose another folder", set()),
        (1, "repeat the command", {"t.csv.part"}),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(QbellError, match=rf"t\.csv\.part.*No space.*{says}"):
                run_scan(make_grid(*GRID), out=tmp_path / "t.csv")
        assert set(contents(tmp_path)) == left
    run_scan(make_grid(*GRID), out=tmp_path / "t.csv")
    assert contents(tmp_path) == undisturbed


# --- Dask ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_on_a_cluster(tmp_path: Path, undisturbed: dict[str, bytes], dask: StartWorkers) -> None:
    """The same bytes, also when it goes on from points that were computed without a cluster."""

    def stop(_: str, done: int, __: int) -> None:
        if (tmp_path / "t.csv.part").read_bytes().count(b"\n") == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scan(make_grid(*GRID), out=tmp_path / "t.csv", progress=stop)
    client = dask(2)
    found = run_scan(make_grid(*GRID), out=tmp_path / "t.csv", cluster=client)
    assert found.resumed == 3
    assert contents(tmp_path) == undisturbed
    with connected(client.scheduler.address) as second:
        assert second is not None
        assert second.client.scheduler.address == client.scheduler.address
    table = scan("ising", [4, 5], [-1.5, -1.0, -0.5, 0.0], dask=client)  # its earlier name
    pd.testing.assert_frame_equal(table, found.frame)


@pytest.mark.slow
@pytest.mark.nightly
def test_a_local_cluster_from_the_command_line(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    words = ["scan", "ising", "--n", "4,5", "--u", "-1.5:0:4", "--out", "t.csv"]
    done = subprocess.run(
        [sys.executable, "-m", "qbell.cli", *words, "--cluster", "local"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("address", ["nowhere", "foo://host:1", ""])
def test_no_scheduler(qbell: Qbell, tmp_path: Path, address: str) -> None:
    words = ("scan", "ising", "--n", "4", "--u=-1", "--out", "t.csv", "--dask", address)
    _, err = qbell(*words, code=2)
    assert err.startswith(f"error: no Dask scheduler answers at {address!r}")
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_extra_is_missing(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    _, err = qbell("scan", "ising", "--n", "4", "--u=-1", "--dask", "local", code=2)
    assert "pip install 'qbell[dask]'" in err


# --- bad input ----------------------------------------------------------------------------------

REFUSED = [
    (("isnig", "--n", "4"), ("'isnig'", "unknown", "ising")),
    (("ising", "--n", "4"), ("ising", "needs", "u")),
    (("ghz", "--n", "4", "--u=-1"), ("ghz", "takes no u")),
    (("ising", "--n", "1", "--u=-1"), ("n = 1", "from 2")),
    (("ising", "--n", "4,1000000", "--u=-1"), ("1000000", "whole number")),
    (("ising", "--n", "4.5", "--u=-1"), ("--n", "4.5", "whole")),
    (("ising", "--n", "4,4", "--u=-1"), ("--n", "4 twice")),
    (("ising", "--n", "four", "--u=-1"), ("--n", "'four'", "not a number")),
    (("ising", "--n", "4", "--u", "inf"), ("--u", "inf", "finite")),
    (("ising", "--n", "4", "--u", "-3:0"), ("--u", "'-3:0'", "start:stop:count")),
    (("ising", "--n", "4", "--u=-1", "--axis", "q"), ("axis 'q'", "x, y, z")),
    (("ising", "--n", "2:1001:1000", "--u", "-1:0:200"), ("200000", "at most")),
    (("ising", "--n", "4", "--u=-1", "--out", "t.txt"), ("t.txt", ".csv")),
    (("ising", "--n", "4", "--u=-1", "--out", "folder.csv"), ("folder.csv", "is a folder")),
    (("ising", "--n", "4", "--u=-1", "--out", "file/t.csv"), ("cannot write", "folder")),
    (("ising", "--u=-1"), ("--n", "--help")),
]


@pytest.mark.parametrize(("words", "said"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
@pytest.mark.parametrize("as_json", [False, True])
def test_refused_before_anything_is_written(
    qbell: Qbell, tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...], as_json: bool
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").write_text("no folder")
    out, err = qbell("scan", *words, *["--json"] * as_json, code=2)
    assert out == ""
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    missing = [word for word in said if word not in err]
    assert not missing, f"{missing} not in {err}"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


@pytest.mark.parametrize(
    ("sizes", "us", "said"),
    [
        ([], [0.0], "no n"),
        ([4], [], "no u"),
        ([4], [np.nan], "u = nan"),
        ([True], [0.0], "n = True"),
    ],
)
def test_refused_in_python(sizes: list[int], us: list[float], said: str) -> None:
    with pytest.raises(QbellError, match=said):
        scan("ising", sizes, us)


# --- temperature and disorder --------------------------------------------------------------------


def test_temperature_is_a_column(qbell: Qbell, tmp_path: Path) -> None:
    out = tmp_path / "warm.csv"
    words = (
        "scan",
        "ising",
        "--n",
        "4",
        "--u=-1.2",
        "--vary",
        "temperature=0,0.5",
        "--out",
        str(out),
    )
    qbell(*words)
    found = pd.read_csv(out).set_index("temperature")
    assert found["qfi"][0.0] == pytest.approx(exact.qfi(ising(4, -1.2)), rel=1e-14)
    warm = exact.thermal_state(ising(4, -1.2), 0.5)
    assert found["qfi"][0.5] == pytest.approx(exact.qfi(warm), rel=1e-14)
    assert found["energy"][0.5] == pytest.approx(warm.energy, rel=1e-14)
    assert found["bound"][0.5] == pytest.approx(exact.bound(warm), rel=1e-12)
    written = contents(tmp_path)
    qbell(*words)
    assert contents(tmp_path) == written
    best = scan("xxz", [4], [0.5], axis="optimal", vary={"temperature": [0.3]})
    assert best["axis"].str.startswith("optimal ").all()


def test_disorder_gives_averages(tmp_path: Path) -> None:
    vary = {"disorder": [0.0, 0.5], "draws": [6], "seed": [2], "average": ["values", "state"]}
    grid = make_grid("ising", [5], [-1.2], vary=vary)
    found = run_scan(grid, out=tmp_path / "wild.csv")
    assert found.by_order is None
    assert [path.name for path in found.files] == ["wild.csv"]
    rows = found.frame.set_index(["disorder", "average"])
    expected = exact.average(exact.disordered_chains(5, -1.2, 0.5, draws=6, seed=2)).table
    for name in ("qfi", "bound", "q"):
        values, state = rows.loc[(0.5, "values")], rows.loc[(0.5, "state")]
        assert values[name] == expected.loc[name, "mean"]
        assert values[f"{name}_error"] == expected.loc[name, "standard_error"]
        assert state[name] == expected.loc[name, "of_average"]
        assert np.isnan(state[f"{name}_error"])
    assert rows["qfi"][0.0, "values"] == pytest.approx(exact.qfi(ising(5, -1.2)), rel=1e-9)
    again = run_scan(grid, out=tmp_path / "wild.csv")
    assert again.resumed == 4
    pd.testing.assert_frame_equal(again.frame, found.frame)


@pytest.mark.parametrize(
    ("family", "vary", "message"),
    [
        ("ghz", {"temperature": [1.0]}, "other parameters"),
        ("chain", {"couplings": [-1.0], "disorder": [0.1]}, "other parameters"),
        ("ising", {"temperature": [-1.0]}, "from 0 on"),
        ("ising", {"disorder": [1.5]}, "0.999"),
        ("ising", {"draws": [5]}, "vary disorder too"),
        ("ising", {"disorder": [0.1], "average": ["both"]}, "values or state"),
    ],
)
def test_mixtures_that_are_refused(family: str, vary: dict[str, Any], message: str) -> None:
    us = None if family in ("ghz", "chain") else [-1.0]
    with pytest.raises(QbellError, match=message):
        make_grid(family, [4], us, vary=vary)


def test_disorder_at_a_temperature_and_its_best_axis() -> None:
    """Means over thermal states, and the mean state, by loops over density matrices."""
    chains = exact.disordered_chains(3, -1.2, 0.5, draws=4, seed=2)
    matrices = []
    for chain in chains:
        rows = exact.thermal_state(chain, 0.4).vectors
        matrices.append(rows.T @ rows.conj())
    mean = sum(matrices) / 4
    special = {"disorder": [0.5], "draws": [4], "seed": [2], "temperature": [0.4]}
    vary = {**special, "average": ["values", "state"]}
    rows = scan("ising", [3], [-1.2], vary=vary).set_index("average")
    for name in ("qfi", "f0", "bound"):
        values = [getattr(exact, name)(rho) for rho in matrices]
        assert rows.loc["values", name] == pytest.approx(np.mean(values), rel=1e-9)
        assert rows.loc["state", name] == pytest.approx(getattr(exact, name)(mean), rel=1e-9)
    best = scan("ising", [3], [-1.2], axis="optimal", vary=vary).set_index("average")
    assert set(best["axis"]) == {"optimal z"}
    assert best.loc["values", "qfi"] == pytest.approx(rows.loc["values", "qfi"], rel=1e-12)
    other = scan("ising", [3], [1.5], axis="optimal", vary=vary).set_index("average")
    means = {
        k: np.mean(
            [
                exact.qfi(exact.thermal_state(c, 0.4), k)
                for c in exact.disordered_chains(3, 1.5, 0.5, draws=4, seed=2)
            ]
        )
        for k in "xyz"
    }
    assert other.loc["values", "axis"] == f"optimal {max(means, key=means.get)}"
    assert other.loc["values", "qfi"] == pytest.approx(max(means.values()), rel=1e-9)
    long = scan("ising", [12], [-1.2], axis="x", vary={**vary, "draws": [2]})
    assert np.isfinite(long["qfi"][0])
    assert "bound: n = 12" in long["notes"][0]
    assert "of_average: n = 12; averages of mixed states go up to n = 10" in long["notes"][1]
