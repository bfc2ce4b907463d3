"""The counts table: reading, writing, inferring the design. Bad tables: test_bad_input."""

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qbell
from qbell import QbellError
from qbell.designs.schedule import schedule
from qbell.shots.shots import Shots, from_frame
from qbell.util.unique_rows import row_numbers
from tests.support.simulated import shots_of, shots_of_schedule, white_noise_ghz


@pytest.fixture
def table() -> pd.DataFrame:
    return qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=40, seed=1).frame


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_quoted_or_not_with_bom_and_blank_lines(
    table: pd.DataFrame, quoting: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    text = table.to_csv(index=False, quoting=quoting)  # type: ignore[call-overload]
    path.write_text("\ufeff" + text + "\n\n", encoding="utf-8")
    assert qbell.read_shots(path).frame.equals(from_frame(table).frame)


def test_last_character_is_qubit_0() -> None:
    shots = from_frame(
        pd.DataFrame({"setting": ["XYX"], "bitstring": ["100"], "count": [1], "draw": [0]})
    )
    assert shots.directions.tolist() == [[0, 1, 0]]
    assert shots.bits.tolist() == [[0, 0, 1]]
    assert shots.setting_index.tolist() == [2]
    assert shots.outcome_index.tolist() == [4]


def test_extra_columns_are_kept(table: pd.DataFrame, tmp_path: Path) -> None:
    table["job"] = "d1abc"
    table["temperature"] = np.arange(len(table)) / 10
    shots = from_frame(table)
    assert shots.frame["job"].tolist() == table["job"].tolist()
    shots.to_csv(tmp_path / "a.csv")
    columns = pd.read_csv(tmp_path / "a.csv").columns.tolist()
    assert columns == ["setting", "bitstring", "count", "job", "temperature"]


def test_jobs_tell_repeated_rows_apart(table: pd.DataFrame) -> None:
    first, second = table.assign(job="a"), table.assign(job="b")
    both = from_frame(pd.concat([first, second], ignore_index=True))
    assert both.total == 2 * table["count"].sum()
    assert both.shots_per_setting == 80
    with pytest.raises(QbellError, match="repeats"):
        from_frame(pd.concat([table, table], ignore_index=True))


def test_index_columns_do_not_hide_duplicates(table: pd.DataFrame, tmp_path: Path) -> None:
    """pandas writes its index unless told not to; then repeated rows differ in that column."""
    twice = pd.concat([table, table], ignore_index=True)
    twice.to_csv(tmp_path / "a.csv")
    with pytest.raises(QbellError, match="repeats"):
        qbell.read_shots(tmp_path / "a.csv")


def test_whole_floats_and_zero_counts_are_accepted(table: pd.DataFrame) -> None:
    floats = table.assign(count=table["count"].astype(float))
    extra = pd.DataFrame({"setting": ["XXX"], "bitstring": ["001"], "count": [0.0]})
    shots = from_frame(pd.concat([floats, extra], ignore_index=True))
    assert shots.frame.equals(from_frame(table).frame)


def test_design_of_draws_is_random() -> None:
    made = qbell.sample(qbell.ghz(3), qbell.schedule(3, "random", draws=30, seed=1), seed=1)
    again = from_frame(made.frame)
    assert again.design == "random"
    assert again.num_draws == 30
    assert again.shots_per_setting == 1


def test_without_draws_each_shot_is_one(table: pd.DataFrame) -> None:
    shots = from_frame(table, "random")
    assert shots.num_draws == table["count"].sum()
    assert any("no draw column" in note for note in shots.notes)


def test_unequal_totals_need_the_design(table: pd.DataFrame) -> None:
    table.loc[0, "count"] += 1
    with pytest.raises(QbellError, match="--design full"):
        from_frame(table)
    assert from_frame(table, "full").shots_per_setting is None


def test_more_qubits_than_bits_of_an_integer() -> None:
    rows = pd.DataFrame(
        {
            "setting": ["X" * 70, "Y" + "X" * 69],
            "bitstring": ["0" * 70, "1" + "0" * 69],
            "count": [1, 1],
            "draw": [0, 1],
        }
    )
    shots = from_frame(rows)
    assert shots.num_qubits == 70
    assert shots.num_settings == 2
    with pytest.raises(QbellError, match="70 qubits"):
        shots.setting_index  # noqa: B018


def test_arrays_cannot_be_changed() -> None:
    shots = shots_of(np.arange(4), np.arange(4), np.ones(4, dtype=np.int64))
    with pytest.raises(ValueError, match="read-only"):
        shots.counts[0] = 5
    frame = shots.frame
    frame.loc[0, "count"] = 7
    assert shots.frame.loc[0, "count"] == 1


@pytest.mark.slow
def test_read_shots_of_a_runs_folder_knows_everything(tmp_path: Path) -> None:
    from qbell.campaigns.run import run
    from qbell.campaigns.spec import parse_spec

    data = {
        "seed": 5,
        "state": {"family": "ghz", "n": 3},
        "schedule": {"shots": 20, "axis": [1.0, 2.0, 2.0]},
        "estimate": {"resamples": 50},
    }
    spec = parse_spec(data, "", name="test", folder=tmp_path)
    made = run(spec, tmp_path / "out").result.shots
    for path in (tmp_path / "out", tmp_path / "out" / "counts.csv"):
        again = qbell.read_shots(path)
        assert again.axis == made.axis
        assert (again.seed, again.backend, again.design) == (5, "aer", "full")
        assert again.notes == ()
        assert again.frame.equals(made.frame)


MADE: dict[str, dict[str, int]] = {
    "full": {},
    "random": {"draws": 60, "seed": 1},
    "random3": {"draws": 60, "seed": 1},
    "covering": {"order": 2},
    "equatorial": {},
    "symmetric": {},
}


def taken(design: str, num_qubits: int = 3, shots: int = 5) -> Shots:
    """Shots of a noisy GHZ state in any design."""
    made = schedule(num_qubits, design, **MADE[design])  # type: ignore[arg-type]
    state = white_noise_ghz(num_qubits, 0.2)
    return shots_of_schedule(state, made, shots, np.random.default_rng(4))


def same(one: Shots, other: Shots) -> bool:
    """Equal in all that the counts say."""
    assert (one.draws is None) == (other.draws is None)
    return (
        (one.design, one.order, one.axis) == (other.design, other.order, other.axis)
        and np.array_equal(one.directions, other.directions)
        and np.array_equal(one.bits, other.bits)
        and np.array_equal(one.counts, other.counts)
        and (one.draws is None or other.draws is None or np.array_equal(one.draws, other.draws))
    )


@pytest.mark.parametrize("design", ["random", "random3", "equatorial"])
def test_designs_that_need_not_be_said(design: str) -> None:
    shots = taken(design)
    again = from_frame(shots.frame)
    assert same(shots, again)
    assert any(f"design {design}, inferred" in note for note in again.notes)


@pytest.mark.parametrize("design", ["covering", "symmetric"])
def test_designs_that_must_be_said(design: str) -> None:
    with pytest.raises(QbellError, match="--design covering or --design symmetric"):
        from_frame(taken(design, 5).frame)


@pytest.mark.slow
def test_order_is_found_and_noted() -> None:
    shots = taken("covering", 6)
    again = from_frame(shots.frame, "covering")
    assert again.order == 2
    assert any(note.startswith("order 2, inferred") for note in again.notes)
    assert from_frame(shots.frame, "covering", order=1).order == 1
    assert from_frame(taken("full").frame, "covering").order == 3
    assert from_frame(taken("full").frame, "covering", order=3).notes == ()


@pytest.mark.slow
def test_order_that_is_not_covered_is_refused() -> None:
    """The message names qubits and letters that are in no setting; here they are looked up."""
    shots = taken("covering", 6)
    with pytest.raises(QbellError, match="do not cover order 3") as caught:
        from_frame(shots.frame, "covering", order=3)
    words = re.search(r"([XY, ]+) on qubits ([0-9, ]+) is in none", str(caught.value))
    assert words is not None
    letters, qubits = (group.split(", ") for group in words.groups())
    for word in shots.frame["setting"]:
        assert [word[-1 - int(qubit)] for qubit in qubits] != letters
    some = shots.frame[shots.frame["setting"].str[-1] == "X"]
    with pytest.raises(QbellError, match="no order: Y on qubits 0 is in none"):
        from_frame(some, "covering")


def test_random3_without_draws_takes_each_shot_as_one() -> None:
    table = taken("random3").frame.groupby(["setting", "bitstring"], as_index=False)["count"].sum()
    with pytest.raises(QbellError, match=r"letter Z.*say --design random3"):
        from_frame(table)
    shots = from_frame(table, "random3")
    assert shots.num_draws == 300
    assert shots.shots_per_setting == shots.fewest_shots == 1
    assert any("no draw column" in note for note in shots.notes)


def test_symmetric_design_takes_any_qubits_but_one_setting_a_number() -> None:
    table = taken("symmetric").frame
    other = table.replace({"setting": {"XXY": "YXX"}})
    assert from_frame(other, "symmetric").num_settings == 4
    two = pd.concat([table, other[other["setting"] == "YXX"]], ignore_index=True)
    with pytest.raises(QbellError, match=r"YXX.*1 letters Y|XXY.*1 letters Y"):
        from_frame(two, "symmetric")
    with pytest.raises(QbellError, match=r"3 of the 4 settings.*none with 2 letters Y"):
        from_frame(table[table["setting"] != "XYY"], "symmetric")


def test_equatorial_design_wants_all_its_angles() -> None:
    table = taken("equatorial").frame
    with pytest.raises(QbellError, match=r"3 of the 4 settings.*2/4 has none"):
        from_frame(table[table["setting"] != "2/4"])


def test_settings_of_more_than_two_directions_are_no_bits() -> None:
    for design in ("random3", "equatorial"):
        with pytest.raises(QbellError, match=design):
            taken(design).setting_index  # noqa: B018
    assert taken("symmetric").setting_index.max() == 7


def test_rows_of_many_qubits_are_told_apart(rng: np.random.Generator) -> None:
    """Against Python's own sets, for widths that fill one integer, just more, and many."""
    for width in (2, 62, 63, 64, 125, 300):
        for letters in (2, 3, 200):
            rows = rng.integers(0, letters, size=(60, width), dtype=np.uint8)
            rows[:, rng.permutation(width)[: width - 2]] = 1  # so that some rows are equal
            numbers = row_numbers(rows)
            words = [row.tobytes() for row in rows]
            assert (
                len(set(numbers.tolist()))
                == len(set(words))
                == len(set(zip(words, numbers.tolist(), strict=True)))
            )


def test_draws_without_shots_are_post_selection() -> None:
    table = pd.DataFrame(
        {
            "setting": ["XX", "XY", "YX"],
            "bitstring": ["00", "01", "11"],
            "count": [1, 0, 1],
            "draw": [0, 1, 2],
        }
    )
    with pytest.raises(QbellError, match="row 3: draw '1' has no shots"):
        from_frame(table)
    shots = from_frame(table, provenance="post-selected")
    assert shots.num_draws == 2


def test_gaps_in_the_draws_are_noted() -> None:
    made = qbell.sample(qbell.ghz(2), qbell.schedule(2, "random", draws=30, seed=1), seed=1)
    assert not any("missing" in note for note in from_frame(made.frame).notes)
    some = made.frame[made.frame["draw"] % 3 > 0]
    assert any("missing" in note for note in from_frame(some).notes)
