"""Figures: the values in them, that their tables hold what is plotted, and what is refused."""

import json
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from qbell import QbellError, double_well, exact, ising, quench
from qbell.certificates import depths
from qbell.figures import FIGURES, NESTED, draw
from qbell.figures.figure_3 import STEP, slope
from qbell.figures.figure_4 import STRAIGHT, groups
from qbell.figures.levels import LN2, bell_qubits, level_log2, steep_points
from qbell.figures.qfi_curves import Threshold, _apart, _grey, _shape
from qbell.figures.style import Drawing, save, styled
from qbell.util.cluster import connected
from tests.conftest import Qbell, StartWorkers
from tests.support.paths import DATA, ROOT

THRESHOLDS = json.loads((DATA / "ising_thresholds.json").read_text())["thresholds"]
SMALL = {
    1: {"sizes": "4,6", "points": 5},
    2: {"sizes": "5,40", "points": 5},
    3: {"sizes": "6/20,30", "points": 5},
    4: {"sizes": "4/12", "points": 4},
    5: {"sizes": "4", "points": 2},
    6: {"sizes": "4/15", "points": 2},
}
TABLES = {
    1: ("thresholds",),
    2: ("thresholds",),
    3: ("thresholds",),
    4: ("by_order",),
    5: (),
    6: (),
}


def drawing(which: int, sizes: str, points: int, u: str | None = None) -> Drawing:
    with styled():
        return FIGURES[which](sizes, points, u)


def lines(axes: Any, color: str) -> list[np.ndarray]:
    """Coordinates of the lines of a colour."""
    return [np.column_stack(line.get_data()) for line in axes.lines if line.get_color() == color]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --- levels -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [2, 3, 4, 6, 12])
def test_the_count_is_that_of_the_certificates(n: int) -> None:
    """In logarithms as with `qbell.certificates.depths`, also exactly at a level."""
    for exponent in np.arange(-n - 2, -1.75, 0.25):
        e_n = 2.0**exponent
        assert bell_qubits(n, exponent * LN2) == depths(n, e_n).bell_qubits, exponent
    assert bell_qubits(n, -math.inf) == 0


def test_levels_reach_beyond_floats() -> None:
    n = 10_000
    assert bell_qubits(n, -n * LN2 + 1e-6) == 3
    assert bell_qubits(n, -n * LN2) == 0
    assert bell_qubits(n, level_log2(n, 7000) * LN2 + 1e-3) == 7000


# --- figures 1 and 2 ----------------------------------------------------------------------------


def test_ising_thresholds_are_those_of_the_reference() -> None:
    found = drawing(1, "6,10", 8).tables["_thresholds"].set_index(["n", "level_log2"])
    assert len(found) == len(THRESHOLDS) == 4 + 8
    for row in THRESHOLDS:
        there = found.loc[(row["N"], int(row["level"][2:]))]
        assert there["u_star"] == pytest.approx(row["U_star"], abs=1e-11)
        assert there["qfi_per_n"] == pytest.approx(row["QFI_over_N2"] * row["N"], rel=1e-9)
        assert there["bell_qubits"] == row["N"] + 3 + int(row["level"][2:])


@pytest.mark.slow
@pytest.mark.parametrize(("n", "u_star"), [(100, -0.9729), (150, -0.9646)])
def test_double_well_thresholds(n: int, u_star: float) -> None:
    found = drawing(2, str(n), 6).tables["_thresholds"].set_index("bell_qubits")
    assert found.loc[3, "u_star"] == pytest.approx(u_star, abs=5e-5)
    state = double_well(n, float(found.loc[n // 2, "u_star"]))
    assert exact.log_e_n(state) == pytest.approx(-(n - n // 2 + 3) * LN2, abs=1e-8)
    assert found.index.tolist() == [
        3,
        n // 4 + n % 4 // 2,
        n // 2,
        math.ceil(0.75 * n),
        9 * n // 10,
    ]


@pytest.mark.slow
@pytest.mark.parametrize("which", [1, 2])
def test_nested_tables_hold_what_is_plotted(which: int) -> None:
    found = drawing(which, **SMALL[which])
    axes = found.figure.axes[0]
    table, thresholds = found.tables[""], found.tables["_thresholds"]
    assert list(table) == ["family", "n", "u", "qfi", "qfi_per_n", "log_e_n", "bell_qubits"]
    curves = [line for line in lines(axes, "black") if len(line) > 2]
    for (n, rows), curve in zip(table.groupby("n"), curves, strict=True):
        marked = thresholds[thresholds["n"] == n].rename(columns={"u_star": "u"})
        every = pd.concat([rows, marked]).sort_values("u")
        np.testing.assert_array_equal(curve, every[["u", "qfi_per_n"]])
        assert len(rows) == SMALL[which]["points"]
        make = ising if which == 1 else double_well
        for row in rows.itertuples():
            state = make(n, row.u)
            assert row.qfi == exact.qfi(state) == pytest.approx(row.qfi_per_n * n, rel=1e-14)
            assert row.log_e_n == exact.log_e_n(state)
            assert row.bell_qubits == bell_qubits(n, row.log_e_n)
    red = [
        line
        for line in axes.lines
        if line.get_color() not in ("black",) and len(line.get_xdata()) == 2
    ]
    verticals = [line.get_xdata()[0] for line in red if line.get_xdata()[0] == line.get_xdata()[1]]
    assert verticals == thresholds["u_star"].tolist()


def greys_under_the_curve(which: int, sizes: str, us: Sequence[float], height: float) -> list[int]:
    """Shades of the picture at the height (QFI / N) and the ``us`` given, 255 being white."""
    with styled():
        figure = FIGURES[which](sizes, 30, None).figure
        figure.set_dpi(200)
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[..., 0]
        places = [figure.axes[0].transData.transform((u, height)) for u in us]
    return [int(pixels[-int(y), int(x)]) for x, y in places]


def middles(edges: Sequence[float]) -> list[float]:
    return [(left + right) / 2 for left, right in pairwise(edges)]


@pytest.mark.slow
def test_shades_are_those_of_the_count() -> None:
    """The colour under the curve, read off the picture, is the darker the more qubits count."""
    thresholds = drawing(1, "8", 30).tables["_thresholds"]
    edges = [-3.0, *sorted(thresholds["u_star"]), -0.5]
    greys = greys_under_the_curve(1, "8", middles(edges), 0.5)
    assert greys == sorted(greys)
    assert len(set(greys)) == len(greys) == 7  # from all 8 to 3 of them, and none
    assert greys[-1] == 255


@pytest.mark.slow
def test_two_qubits_are_never_shaded() -> None:
    """E_{2,0} <= 1/4 = 2^-2 detects nothing, also beside sizes with many levels."""
    assert greys_under_the_curve(2, "2,100", [-2.9, -2.4, -1.6], 1.1) == [255, 255, 255]
    assert greys_under_the_curve(1, "2,30", [-2.9, -2.4, -1.6], 1.1) == [255, 255, 255]


@pytest.mark.slow
def test_few_levels_have_a_shade_each_beside_many() -> None:
    thresholds = drawing(2, "4,100", 30).tables["_thresholds"]
    mine = thresholds[thresholds["n"] == 4]
    assert mine["bell_qubits"].tolist() == [3, 4] or mine["bell_qubits"].tolist() == [3]
    last = mine["u_star"].iloc[-1]
    within = np.linspace(max(-3.0, last - 1), last, 5)[1:-1]
    greys = greys_under_the_curve(2, "4,100", within.tolist(), 0.9)
    assert len(set(greys)) == 1
    assert greys[0] < 255


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("which", "sizes", "points", "u"),
    [
        (1, "2", 2, None),
        (1, "2,3", 3, "-3:0"),
        (1, "6", 2, "-3:-2"),
        (1, "6,8", 4, "-0.2:0"),
        (1, "2,30", 5, None),
        (2, "2,4,100", 5, None),
        (2, "6,30", 3, "-3:-1.5"),
        (2, "300", 2, "-0.5:-0.1"),
        (3, "2/2", 2, "-1000:0"),
        (3, "4,5,6,7/300", 3, None),
        (4, "2/3", 2, "-1:0"),
    ],
)
def test_any_sizes_and_ranges_can_be_drawn(
    tmp_path: Path, which: int, sizes: str, points: int, u: str | None
) -> None:
    drawn = draw(which, tmp_path, sizes=sizes, points=points, u=u)
    assert all(path.stat().st_size > 0 for path in drawn.files)


# --- figure 3 -----------------------------------------------------------------------------------


def test_figure_3_holds_what_is_plotted() -> None:
    found = drawing(3, "12,16/100,150", 9)
    table, thresholds = found.tables[""], found.tables["_thresholds"]
    assert thresholds["u_star"].round(4).tolist() == [-0.7464, -0.7226, -0.9729, -0.9646]
    assert thresholds["level_log2"].tolist() == [-12, -16, -100, -150]
    for axes, family in zip(found.figure.axes, ("ising", "double-well"), strict=True):
        (inset,) = axes.child_axes
        unit = 1 if family == "ising" else 1000
        rows = [rows for _, rows in table[table["family"] == family].groupby("n")]
        for curve, slopes, there in zip(axes.lines, inset.lines, rows, strict=False):
            np.testing.assert_array_equal(curve.get_xdata(), there["u"])
            np.testing.assert_allclose(curve.get_ydata(), there["q"] * math.log10(2), rtol=1e-14)
            np.testing.assert_allclose(slopes.get_ydata(), there["dqfi_du"] / unit, rtol=1e-14)
        assert [line.get_linestyle() for line in axes.lines[:2]] == ["-", "--"]
    np.testing.assert_allclose(table["q"], table["n"] + table["log_e_n"] / LN2, rtol=1e-14)


@pytest.mark.parametrize(("family", "n", "u"), [("ising", 12, -1.1), ("double-well", 1000, -1.01)])
def test_the_step_of_the_slope(
    family: str, n: int, u: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half and twice the step change nothing that could be seen, or read off the table."""
    whole = slope(family, n, u)
    for factor in (0.5, 2):
        monkeypatch.setattr("qbell.figures.figure_3.STEP", factor * STEP)
        assert slope(family, n, u) == pytest.approx(whole, rel=2e-6)


def test_red_lines_are_apart() -> None:
    """The first stays, where nonlocality begins."""
    lines_at = [Threshold(k, u, 1.0) for k, u in enumerate([-0.5, -0.505, -0.52, -0.525, -0.9])]
    kept = _apart(lines_at[::-1], 0.01)
    assert [found.u for found in kept] == [-0.5, -0.52, -0.9]


def test_neighbouring_greys_of_figure_2_differ_by_one() -> None:
    shape = _shape(steep_points("double-well", 300, (-3.0, 0.0), 20, lambda: None))
    greys = [255 * _grey(bell, 300, 300, False) for bell, _ in shape.edges]
    assert len(greys) > 100
    assert np.diff(greys) == pytest.approx(-1, abs=0.05)


def test_on_a_cluster(dask: StartWorkers) -> None:
    """Figures 1 and 2, size by size: the same tables."""
    told: list[int] = []

    def tell(_: str, done: int, __: int) -> None:
        told.append(done)

    with connected(dask(2)) as workers:
        for which, sizes in ((1, "4,6,12"), (2, "10,20")):
            told.clear()
            here = FIGURES[which](sizes, 5, "-2:0").tables
            there = NESTED[which](sizes, 5, "-2:0", tell, cluster=workers).tables
            assert sum(told) == 5 * len(sizes.split(","))
            for name, table in here.items():
                pd.testing.assert_frame_equal(there[name], table, check_exact=True)
    with pytest.raises(QbellError, match=r"figure 3 is drawn here; --cluster is for"):
        draw(3, Path("nowhere"), cluster="local")


def test_a_linear_height() -> None:
    with styled():
        shown = [
            FIGURES[which](sizes, 2, "-0.5:0", linear=linear).figure.axes[0].get_yscale()
            for which, sizes, linear in ((1, "5,40", True), (2, "5,40", False), (2, "5,40", True))
        ]
    assert shown == ["linear", "log", "linear"]
    with pytest.raises(QbellError, match="figure 3 has no other height"):
        draw(3, Path("nowhere"), linear=True)


def test_insets_say_what_they_are_over() -> None:
    insets = [axes.child_axes[0] for axes in drawing(3, **SMALL[3]).figure.axes]
    assert [inset.get_xlabel() for inset in insets] == ["$U$"] * 2


# --- figure 4 -----------------------------------------------------------------------------------


def test_figure_4_stacks_the_orders_under_the_qfi() -> None:
    found = drawing(4, "4/12", 6)
    table, by_order = found.tables[""], found.tables["_by_order"]
    assert (table["bound_per_n"] <= table["qfi_per_n"] * (1 + 1e-12)).all()
    sums = (
        by_order.groupby(["family", "n", "u"])["value"].sum()
        / by_order.groupby(["family", "n", "u"])["n"].first()
    )
    there = table.set_index(["family", "n", "u"])["bound_per_n"]
    np.testing.assert_allclose(sums.sort_index(), there.sort_index(), rtol=1e-12)
    assert by_order["group"][by_order["n"] == 12].unique().tolist()[-1] == "11–12"
    for axes, (_, rows) in zip(found.figure.axes, table.groupby("n"), strict=True):
        top = axes.collections[-1].get_paths()[0].vertices
        for u, bound in zip(rows["u"], rows["bound_per_n"], strict=True):
            assert top[top[:, 0] == u][:, 1].max() == pytest.approx(bound, rel=1e-12)
        np.testing.assert_array_equal(lines(axes, "black")[0], rows[["u", "qfi_per_n"]])


@pytest.mark.slow
def test_the_edges_of_figure_4_are_smooth() -> None:
    """Between two points no shade's edge is off by what could be seen."""
    by_order = drawing(4, "4/40", 24).tables["_by_order"]
    rows = by_order[by_order["family"] == "double-well"].pivot(
        index="u", columns="order", values="value"
    )
    assert len(rows) > 24
    height = rows.sum(axis=1).max()
    for low, high in pairwise(rows.index):
        middle = exact.bound_by_order(double_well(40, (low + high) / 2))[1:]
        straight = (rows.loc[low] + rows.loc[high]) / 2
        off = np.cumsum(middle - straight.to_numpy())
        edges = [last - 1 for _, last in groups(40)]
        assert np.abs(off[edges]).max() < 3 * STRAIGHT * height


@pytest.mark.parametrize("n", [2, 8, 9, 12, 100, 1001])
def test_groups_hold_every_order_once(n: int) -> None:
    found = groups(n)
    assert len(found) <= 8
    assert [order for low, high in found for order in range(low, high + 1)] == list(range(1, n + 1))


# --- figure 5 -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_figure_5_holds_the_values_of_exact() -> None:
    """One row of each kind; the ends of the curves where they are known."""
    table = drawing(5, "5", 3, "-1.2:-0.9").tables[""].set_index(["panel", "u", "x"])
    row = table.loc[("temperature", -1.2, 0.3)]
    warm = exact.thermal_state(ising(5, -1.2), 0.3)
    assert row["qfi_per_n"] == pytest.approx(exact.qfi(warm) / 5)
    assert row["q"] == pytest.approx(5 + exact.log_e_n(warm) / LN2)
    assert table.loc[("temperature", -1.0, 0.0), "bound_per_n"] == pytest.approx(
        exact.bound(ising(5, -1.0)) / 5
    )
    rows = table.loc[("disorder", -1.2, 0.8)].set_index("average")
    averages = exact.average(exact.disordered_chains(5, -1.2, 0.8, draws=6, seed=1)).table
    assert rows["q"]["values"] == pytest.approx(averages.loc["q", "mean"])
    assert rows["bound_per_n"]["state"] == pytest.approx(averages.loc["bound", "of_average"] / 5)
    assert rows["qfi_per_n_error"]["values"] == pytest.approx(
        averages.loc["qfi", "standard_error"] / 5
    )
    ends = table.loc["time"].xs(0.5, level="x")
    twisted, *chains = ends["qfi_per_n"]
    assert twisted == pytest.approx(5)
    assert chains[0] > 0.99 * twisted > chains[0] * 0.99 > chains[2]
    assert ends["q"].iloc[0] == pytest.approx(3)
    assert ends["bell_qubits"].iloc[0] == 5


def test_the_committed_data_of_figure_5_are_those_of_this_version() -> None:
    """Rows of each panel, to the last digits that another machine's linear algebra leaves."""
    table = pd.read_csv(ROOT / "docs" / "figures" / "figure_5.csv")
    sizes = table.groupby("panel").size().to_dict()
    assert sizes == {"disorder": 56, "temperature": 124, "time": 124}
    assert (table["n"] == 12).all()
    part = table[table["panel"] == "temperature"].set_index(["u", "x"])
    found = exact.thermal_state(ising(12, -1.0), 0.3)
    row = part.loc[(-1.0, 0.3)]
    assert row["q"] == pytest.approx(12 + exact.log_e_n(found) / LN2, rel=1e-9)
    assert row["qfi_per_n"] == pytest.approx(exact.qfi(found) / 12, rel=1e-9)
    part = table[table["panel"] == "time"].set_index(["u", "x"])
    angle = math.pi * 0.25
    chain = quench(12, -0.8, angle * 11 / (4 * 0.2), ends="periodic")
    assert part.loc[(-0.8, 0.25), "qfi_per_n"] == pytest.approx(
        exact.qfi(chain, "x") / 12, rel=1e-9
    )


# --- figure 6 -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_bounds_of_figure_6_stand_in_their_order() -> None:
    """B <= F0 <= K1 <= QFI of the noisy chain; none above the QFI; the values of `exact`."""
    table = drawing(6, "5/15", 3, "-1.5:-0.5").tables[""]
    noisy, pure = (table[table["panel"] == panel] for panel in "ab")
    columns = noisy[["bound", "f0", "k1", "qfi"]].to_numpy()
    assert (np.diff(columns, axis=1) > 0).all()
    for part in (noisy, pure):
        for name in ("moment_2", "bound"):
            assert (part[name] <= part["qfi"] * (1 + 1e-6)).all()
    state = ising(15, -1.0)
    row = pure.set_index("u").loc[-1.0]
    assert row["qfi"] == pytest.approx(exact.qfi(state) / 15)
    assert row["moment_3"] == pytest.approx(exact.moment_bound(state, reach=2) / 15)
    assert row["bound"] == pytest.approx(exact.bound(state) / 15)


# --- files --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("which", sorted(FIGURES))
def test_files_are_complete_and_the_same_every_time(tmp_path: Path, which: int) -> None:
    """Whatever matplotlib is set to, and without touching those settings."""
    drawn = draw(which, tmp_path / "one", **SMALL[which])
    stem = f"figure_{which}"
    more = [f"{stem}_{name}.csv" for name in TABLES[which]]
    names = [f"{stem}.png", f"{stem}.svg", f"{stem}.csv", *more]
    assert [path.name for path in drawn.files] == names
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9, "svg.fonttype": "none"}):
        draw(which, tmp_path / "two", **SMALL[which])
        assert mpl.rcParams["font.size"] == 20
    one = contents(tmp_path / "one")
    assert sorted(one) == sorted(names)
    assert one == contents(tmp_path / "two")
    assert one[f"{stem}.png"].startswith(b"\x89PNG")
    assert b"<dc:date>" not in one[f"{stem}.svg"]


@pytest.mark.slow
def test_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure while drawing leaves the earlier files, and no other, as they were."""
    draw(1, tmp_path, **SMALL[1])
    before = contents(tmp_path)

    def fail(self: Figure, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    found = drawing(1, "8", 3)
    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(OSError, match="No space"):
        save(found, tmp_path / "figure_1")
    assert contents(tmp_path) == before


@pytest.mark.slow
def test_command(qbell: Qbell, tmp_path: Path) -> None:
    out, err = qbell("figure", 1, "--sizes", "4,6", "--points", "4")
    folder = Path("results") / "figures"
    assert out.splitlines() == [
        str(folder / name)
        for name in ("figure_1.png", "figure_1.svg", "figure_1.csv", "figure_1_thresholds.csv")
    ]
    assert err == ""
    table = pd.read_csv(tmp_path / folder / "figure_1.csv")
    assert table.groupby("n").size().to_dict() == {4: 4, 6: 4}
    words = ("figure", 4, "--sizes", "3/4", "--points", "2", "--u", "-2:-1", "--out", "mine")
    out, _ = qbell(*words, "--json")
    record = json.loads(out)
    assert record["figure"] == 4
    assert all((tmp_path / name).exists() for name in record["files"])


@pytest.mark.slow
def test_help_has_an_example(qbell: Qbell) -> None:
    out, err = qbell("figure", "--help")
    assert err == ""
    assert re.search(r"Example: qbell figure 1 --sizes 6,8 --points 30", out)


# --- bad input ----------------------------------------------------------------------------------

REFUSED = [
    (("7",), ("figure = 7", "1, 2, 3, 4, 5, 6")),
    (("one",), ("which", "integer", "--help")),
    (("1", "--sizes", "1"), ("--sizes = 1", "from 2 to 10000")),
    (("1", "--sizes", "6,20000"), ("--sizes = 20000", "from 2 to 10000")),
    (("1", "--sizes", "6,6"), ("--sizes", "6 twice")),
    (("1", "--sizes", "6.5"), ("--sizes", "6.5", "whole")),
    (("1", "--sizes", ""), ("--sizes", "''", "not a number")),
    (("1", "--sizes", "six"), ("--sizes", "'six'")),
    (("1", "--sizes", "6/8"), ("--sizes", "'6/8'", "not a number")),
    (("1", "--sizes", "2:40:20"), ("--sizes", "20 sizes", "at most 12")),
    (("3", "--sizes", "6/8/10"), ("--sizes", "3 panels")),
    (("3", "--sizes", "6/"), ("--sizes", "''")),
    (("3", "--sizes", "6,7,8,9,10"), ("--sizes", "5 sizes", "at most 4")),
    (("4", "--sizes", "6,8"), ("--sizes", "2 sizes", "at most 1")),
    (("5", "--sizes", "15"), ("--sizes 15", "up to 14 qubits")),
    (("6", "--sizes", "15/100"), ("--sizes 15/100", "up to 14 qubits", "12/100")),
    (("1", "--points", "1"), ("--points = 1", "from 2 to 2000")),
    (("1", "--points", "2001"), ("--points = 2001", "from 2 to 2000")),
    (("1", "--points", "2.5"), ("2.5", "--help")),
    (("1", "--u=-3"), ("--u", "'-3'", "start:stop")),
    (("1", "--u", "-3:0:5"), ("--u", "'-3:0:5'", "start:stop")),
    (("1", "--u", "0:-3"), ("--u", "'0:-3'", "ascend")),
    (("1", "--u", "-1:-1"), ("--u", "'-1:-1'", "ascend")),
    (("1", "--u", "-1:1"), ("--u", "'-1:1'", "U < 0")),
    (("1", "--u", "-1e9:0"), ("--u", "'-1e9:0'", "-1000")),
    (("1", "--u", "nan:0"), ("--u", "nan", "finite")),
    (("1", "--u", "a:b"), ("--u", "'a'", "not a number")),
    (("1", "--sizes", "4", "--points", "2", "--out", "file/x"), ("cannot write", "folder")),
]


@pytest.mark.slow
@pytest.mark.parametrize(("words", "said"), REFUSED, ids=[" ".join(case[0]) for case in REFUSED])
def test_refused(
    qbell: Qbell, tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("no folder")
    for more in ((), ("--json",)):
        out, err = qbell("figure", *words, *more, code=2)
        assert out == ""
        assert err.startswith("error: ")
        assert len(err.splitlines()) == 1
        missing = [word for word in said if word not in err]
        assert not missing, f"{missing} not in {err}"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_value_that_cannot_be_had_is_said(
    qbell: Qbell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise QbellError("n = 40: the bound cannot be had; use fewer qubits")

    monkeypatch.setattr(exact, "orders", refuse)
    _, err = qbell("figure", 4, "--sizes", "4", "--points", "2", code=2)
    assert err == "error: n = 40: the bound cannot be had; use fewer qubits\n"
    assert list(tmp_path.iterdir()) == []
