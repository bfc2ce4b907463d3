"""Shots with flags: rejected ones never among the data, never lost, and never believed unasked."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from qiskit.primitives import BitArray, DataBin, SamplerPubResult

import qbell
from qbell.campaigns.spec import parse_spec
from qbell.errors import QbellError
from qbell.shots.shots import from_frame
from tests.support.paths import ROOT

TABLE = pd.DataFrame(
    {
        "setting": ["XX", "XX", "XY", "YX", "YY", "YY"],
        "bitstring": ["00", "00", "01", "11", "10", "00"],
        "count": [1] * 6,
        "draw": [0, 1, 2, 3, 4, 5],
        "flags": ["00", "10", "00", "01", "00", "00"],
    }
)


def test_rejected_shots_stay_beside_the_data() -> None:
    shots = from_frame(TABLE, "random", provenance="heralded")
    assert (shots.total, shots.num_draws, shots.provenance) == (4, 4, "heralded")
    assert shots.flagged is not None
    assert (shots.flagged.kept, shots.flagged.lost, shots.flagged.num_flags) == (4, 2, 2)
    assert shots.flagged.raised.tolist() == [1, 1]  # flag 0 is the last character
    assert shots.flagged.words.tolist() == [[0, 1], [1, 0]]
    assert "flags" not in shots.extra.columns
    assert shots.with_rejected().total == 6
    assert shots.with_rejected().provenance == "raw"


def test_tables_come_back_with_all_shots(tmp_path: Path) -> None:
    shots = from_frame(TABLE, "random", provenance="heralded")
    shots.to_csv(tmp_path / "bare.csv")
    again = qbell.read_shots(tmp_path / "bare.csv", "random", provenance="heralded")
    pd.testing.assert_frame_equal(again.frame, shots.frame)
    assert len(again.frame) == 6


def test_nobody_is_believed_unasked(tmp_path: Path) -> None:
    """A column of flags alone says nothing of when they were read."""
    from_frame(TABLE, "random", provenance="heralded").to_csv(tmp_path / "bare.csv")
    found = qbell.read_shots(tmp_path / "bare.csv", "random")
    assert found.provenance == "post-selected"
    assert any("post-selected assumed" in note for note in found.notes)
    assert not any("raw counts" in note for note in found.notes)
    with pytest.raises(QbellError, match="drop the column to use all shots"):
        qbell.read_shots(tmp_path / "bare.csv", "random", provenance="raw")


def test_sums_keep_the_rejected_shots() -> None:
    shots = from_frame(TABLE, "random", provenance="heralded")
    other = from_frame(
        TABLE.assign(bitstring=["01", "11", "00", "10", "01", "00"]),
        "random",
        provenance="heralded",
    )
    both = shots + other
    assert both.flagged is not None
    assert (both.total, both.flagged.lost) == (8, 4)
    numbers = [*both.flagged.accepted.draws, *both.flagged.rejected.draws]  # type: ignore[misc]
    assert sorted(numbers) == list(range(12))
    with pytest.raises(QbellError, match="provenance differs"):
        shots + from_frame(TABLE, "random")


def test_a_part_is_no_data_set_of_its_own() -> None:
    shots = from_frame(TABLE, "random", provenance="heralded")
    part = shots.take([0, 2])
    assert part.frame["flags"].tolist() == ["00", "00"]  # no rejected shots are claimed for it
    with pytest.raises(QbellError, match="a part of shots with flags"):
        part + shots
    with pytest.raises(QbellError, match="no rejected ones beside them"):
        part.with_rejected()


def test_one_outcome_with_several_flags_is_several_rows() -> None:
    table = TABLE.drop(columns="draw").assign(setting="XX", bitstring="00")
    counted = table.groupby(["setting", "bitstring", "flags"])["count"].sum().reset_index()
    assert from_frame(counted, "random").total == 4
    with pytest.raises(QbellError, match="row 3 repeats row 2"):
        from_frame(table.iloc[[0, 2]], "random")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["0", "0", "2", "0", "0", "0"], "row 4: flags '2' are not made of 0 and 1"),
        (["00", "0", "00", "00", "00", "00"], "row 3: flags '0' have another length"),
        (["1"] * 6, "no shot was accepted"),
    ],
)
def test_bad_flags_are_refused(flags: list[str], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        from_frame(TABLE.assign(flags=flags), "random")


def test_flags_of_other_tools_results() -> None:
    """A register of its own, joined behind that of the qubits; or bits of one word."""
    bits = np.array([[[0, 0], [1, 1], [0, 1]], [[1, 0], [0, 0], [1, 1]]], dtype=bool)
    flags = np.array([[[0], [1], [0]], [[0], [0], [1]]], dtype=bool)
    data = DataBin(
        meas=BitArray.from_bool_array(bits, order="little"),
        anc=BitArray.from_bool_array(flags, order="little"),
        shape=(2,),
    )
    result = [SamplerPubResult(data)]
    how = {"settings": ["XX", "YY"], "design": "random", "draws": "circuits"}
    shots = qbell.shots_from(result, registers=("meas", "anc"), flags=1, **how)
    assert (shots.provenance, shots.total) == ("post-selected", 4)
    assert shots.flagged is not None
    assert shots.flagged.rejected.bits.tolist() == [[1, 1], [1, 1]]
    words = [{"000": 1, "111": 1, "010": 1}, {"001": 1, "000": 1, "111": 1}]
    same = qbell.shots_from(words, flags=1, **how)
    assert same.frame.sort_values(list(same.frame)).to_numpy().tolist() == (
        shots.frame.sort_values(list(shots.frame)).to_numpy().tolist()
    )
    one_a_row = pd.DataFrame({"setting": ["XX", "XX"], "bitstring": ["00", "01"], "herald": "0"})
    named = qbell.shots_from(one_a_row, design="random", columns={"flags": "herald", "count": None})
    assert named.flagged is not None
    assert named.flagged.kept == 2


def test_the_page_on_flags_does_what_it_says() -> None:
    """Its Python runs, and its spec is one."""
    page = (ROOT / "docs" / "flags.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        exec(compile(block, "docs/flags.md", "exec"), {})
    (text,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    spec = parse_spec(tomllib.loads(text), text, name="docs/flags.md", folder=ROOT)
    assert spec.provenance == "heralded"
