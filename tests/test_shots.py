"""The counts table: reading, writing, inferring the design. Bad tables: test_bad_input."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qbell
from qbell import QbellError
from qbell.shots import from_frame
from tests.simulated import shots_of


@pytest.fixture
def table() -> pd.DataFrame:
    return qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=40, seed=1).frame


def test_round_trip(table: pd.DataFrame, tmp_path: Path) -> None:
    shots = from_frame(table)
    shots.to_csv(tmp_path / "a.csv")
    again = qbell.read_shots(tmp_path / "a.csv")
    assert again.frame.equals(shots.frame)
    assert again.design == "full"
    assert any("inferred" in note for note in again.notes)


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
    with pytest.raises(QbellError, match="n = 70"):
        qbell.estimate(shots)


def test_arrays_cannot_be_changed() -> None:
    shots = shots_of(np.arange(4), np.arange(4), np.ones(4, dtype=np.int64))
    with pytest.raises(ValueError, match="read-only"):
        shots.counts[0] = 5
    frame = shots.frame
    frame.loc[0, "count"] = 7
    assert shots.frame.loc[0, "count"] == 1


def test_read_shots_of_a_runs_folder_knows_everything(tmp_path: Path) -> None:
    from qbell.experiment import run
    from qbell.spec import parse_spec

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
    certificate = qbell.estimate(shots, resamples=40).certificate
    assert certificate.p_value is None
    assert certificate.bell_qubits == 0


def test_gaps_in_the_draws_are_noted() -> None:
    made = qbell.sample(qbell.ghz(2), qbell.schedule(2, "random", draws=30, seed=1), seed=1)
    assert not any("missing" in note for note in from_frame(made.frame).notes)
    some = made.frame[made.frame["draw"] % 3 > 0]
    assert any("missing" in note for note in from_frame(some).notes)
