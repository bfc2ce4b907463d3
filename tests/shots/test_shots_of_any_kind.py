"""Tables of every design: written and read, put together, taken apart, in any order of rows."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

import qbell
from qbell import Shots
from qbell.shots.grouping import by_setting
from qbell.shots.read_shots import run_record
from qbell.shots.shots import from_frame
from tests.support.strategies import GENERATORS, pairs, shots, slower, tried

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
CELLS = TEXT | st.sampled_from(["", "NA", "nan", "007", " 1", "1.50", "None", "a,b", '"', "1\n2"])
NAMES = st.sampled_from(["day", "Temperature / K", "a,b", 'say "x"', "0", "é", "a\nb", "id"])


@st.composite
def with_columns(draw: st.DrawFn, *, jobs: bool = True) -> Shots:
    """Shots, perhaps with jobs, further columns, a provenance, a seed and a backend."""
    made = draw(shots())
    rows = len(made.counts)
    columns: dict[str, Any] = {}
    if jobs and draw(st.booleans()):
        columns["job"] = [draw(st.sampled_from(["7", "d1abc", "a b", "01"]))] * rows
    for name in draw(st.lists(NAMES, max_size=2, unique=True)):
        cells = draw(st.lists(CELLS, min_size=1, max_size=3))
        columns[name] = [cells[row % len(cells)] for row in range(rows)]
    return replace(
        made,
        extra=pd.DataFrame(columns) if columns else made.extra,
        provenance=draw(st.sampled_from(["raw", "heralded", "mitigated", "post-selected"])),
        seed=draw(st.none() | st.integers(0, 2**40)),
        backend=draw(st.sampled_from([None, "aer", "fake_kyiv"])),
    )


def said(made: Shots) -> dict[str, Any]:
    """All that is said of the rows together."""
    names = ("design", "order", "axis", "provenance", "backend", "seed", "grid", "stars")
    return {name: getattr(made, name) for name in names}


def rows(made: Shots) -> pd.DataFrame:
    """The table as text, rows in one order."""
    table = made.frame.astype(str)
    return table.sort_values(list(table.columns), ignore_index=True)


def written(made: Shots, folder: Path) -> Path:
    """The folder of a run, as far as the shots go."""
    made.to_csv(folder / "counts.csv")
    (folder / "run.json").write_text(json.dumps(run_record(made, {})))
    return folder


@slower(2)
@given(with_columns())
def test_what_is_written_is_read(tmp_path: Path, made: Shots) -> None:
    again = qbell.read_shots(written(made, tmp_path))
    assert said(again) == said(made)
    pd.testing.assert_frame_equal(again.frame.astype(str), made.frame.astype(str))
    for name in ("directions", "bits", "counts"):
        np.testing.assert_array_equal(getattr(again, name), getattr(made, name))
    assert (again.draws is None) == (made.draws is None)
    assert again.num_draws == made.num_draws


@slower(2)
@given(shots())
def test_a_bare_table_is_read_with_its_design(tmp_path: Path, made: Shots) -> None:
    made.to_csv(tmp_path / "bare.csv")
    how = {"order": made.order, "stars": made.stars, "axis": made.axis.xi}
    again = qbell.read_shots(tmp_path / "bare.csv", made.design, **how)
    pd.testing.assert_frame_equal(again.frame, made.frame)
    assert (again.grid, again.stars, again.order) == (made.grid, made.stars, made.order)
    table = pd.read_csv(tmp_path / "bare.csv", dtype={"bitstring": str})
    pd.testing.assert_frame_equal(
        from_frame(table, made.design, order=made.order).frame, made.frame
    )


@slower(2)
@given(shots())
def test_no_design_is_guessed_wrong(made: Shots) -> None:
    """Without its design a table is refused, or read as one whose settings it has.

    Few draws do not show which of the designs with such settings it was.
    """
    found = tried(lambda: from_frame(made.frame))
    if found is None:
        return
    assert any("inferred" in note for note in found.notes)
    assert found.total == made.total
    assert found.rules.common_angle == made.rules.common_angle
    assert found.drawn == (made.draws is not None)
    found.check_settings()


@slower(2)
@given(with_columns(), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns(tmp_path: Path, made: Shots, random: Any) -> None:
    table = made.frame
    order = random.sample(range(len(table)), len(table))
    names = random.sample(list(table.columns), len(table.columns))
    table.iloc[order][names].to_csv(tmp_path / "other.csv", index=False, quoting=csv.QUOTE_ALL)
    how = {"order": made.order, "stars": made.stars, "provenance": made.provenance}
    again = qbell.read_shots(tmp_path / "other.csv", made.design, **how)
    assert set(again.frame.columns) == set(table.columns)
    pd.testing.assert_frame_equal(rows(again)[list(rows(made).columns)], rows(made))


@slower(2)
@given(with_columns(jobs=False), GENERATORS)
def test_a_part_and_the_rest_are_the_whole(made: Shots, rng: np.random.Generator) -> None:
    """Of whole settings, or whole draws. (Numbered jobs would go on after those of the part.)"""
    units = by_setting(made.directions).index if made.draws is None else made.draws
    chosen = np.isin(units, [unit for unit in np.unique(units) if rng.integers(2)])
    assume(chosen.any() and not chosen.all())
    part, rest = made.take(chosen), made.take(~chosen)
    assume(not part.columns.same_as(rest.columns))  # they might be one data set, twice
    assert part.total + rest.total == made.total
    assert said(part) == said(made)
    assert rows(part + rest).equals(rows(made))
    assert rows(sum([rest, part])).equals(rows(made))  # type: ignore[arg-type]
    assert part.take(np.arange(len(part.counts))[::-1]).frame.equals(part.frame)


@slower(2)
@given(pairs(), st.booleans())
def test_a_sum_is_the_tables_put_together(both: tuple[Shots, Shots], jobs: bool) -> None:
    """Draws and jobs numbered on; settings, outcomes and counts as in both files in one."""
    one, other = both
    if jobs:
        one, other = (
            replace(part, extra=pd.DataFrame({"job": [3] * len(part.counts)})) for part in both
        )
    assume(not one.columns.same_as(other.columns))
    tables = [one.frame, other.frame]
    for name in ("draw", "job"):
        if name in tables[1]:
            tables[1][name] += int(tables[0][name].max()) + 1 - int(tables[1][name].min())
    keys = [name for name in tables[0] if name != "count"]
    together = pd.concat(tables).groupby(keys, as_index=False)["count"].sum()
    found = one + other
    pd.testing.assert_frame_equal(
        found.frame.sort_values(keys, ignore_index=True), together[list(found.frame.columns)]
    )
    assert said(found) == said(one)
