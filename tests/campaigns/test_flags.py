"""Campaigns with flags: run, analysed again and sent in jobs, with all shots accounted for."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from qbell.campaigns.jobs import fetch, submit
from qbell.campaigns.planning.plan import plan
from qbell.campaigns.run import analyze, run
from qbell.campaigns.spec import Spec, parse_spec
from qbell.errors import QbellError
from qbell.report.rows import accepted_text
from tests.support.paths import ROOT

COMMITTED = (ROOT / "experiments" / "ghz_flags_fake.toml").read_text(encoding="utf-8")
FEWER = (("n = 8", 'n = 5\nlayout = "tree"'), ("flags = 2", "flags = 1"), ("= 4000", "= 300"))
MORE = """\
[estimate]
resamples = 40
[hardware]
jobs = 2
reference = 1
reference_shots = 40
"""
pytestmark = pytest.mark.device


def committed() -> str:
    """The committed campaign, smaller."""
    text = COMMITTED
    for old, new in FEWER:
        assert old in text
        text = text.replace(old, new, 1)
    return text + MORE


SPEC = committed()


def spec_of(text: str) -> Spec:
    return parse_spec(tomllib.loads(text), text, name="spec", folder=Path())


def test_a_run_accounts_for_all_shots(tmp_path: Path) -> None:
    found = run(spec_of(SPEC), tmp_path / "run").summary
    flags = found["flags"]
    assert (found["provenance"], found["claim"]) == ("heralded", "bell")
    assert flags["accepted"] + flags["rejected"] == flags["sent"] == 300
    assert found["total_shots"] == found["draws"] == flags["accepted"] < 300
    assert flags["acceptance"]["low"] < flags["acceptance"]["value"] < flags["acceptance"]["high"]
    assert flags["raised"] == [flags["rejected"] / 300]
    assert accepted_text(found).startswith(f"{flags['accepted']} of 300 accepted by flags")
    assert found["certificate"]["acceptance_p"] is not None
    assert found["certificate"]["claims"]["p_value"] == "bell"
    assert found["noise"]["coherence_read"] < found["noise"]["coherence"] < 1
    assert any("all flags read 0" in said for said in found["noise"]["assumptions"])
    table = pd.read_csv(tmp_path / "run" / "counts.csv", dtype={"flags": str})
    assert table["count"].sum() == 300
    assert (table["flags"] == "1").sum() == flags["rejected"]
    again = analyze(tmp_path / "run").summary
    for key in ("flags", "certificate", "coherence", "provenance"):
        assert again[key] == found[key]
    page = (tmp_path / "run" / "report.html").read_text()
    assert accepted_text(found) in page
    assert "heralded" in page


@pytest.mark.slow
def test_jobs_bring_flags_and_rejected_shots_too(tmp_path: Path) -> None:
    text = SPEC.replace("flags = 1\n", 'flags = 1\nflags_read = "end"\n')
    assert submit(spec_of(text), tmp_path / "jobs").complete
    found = fetch(tmp_path / "jobs").summary  # type: ignore[union-attr]
    assert found["provenance"] == "post-selected"
    assert found["flags"]["sent"] == 300
    assert found["claim"] == "witness"
    claims = found["certificate"]["claims"]
    assert {claims["p_value"], claims["bell_qubits"]} == {"none"}
    assert claims["entanglement_depth"] == "witness"
    assert found["certificate"]["p_value"] is None
    assert any("fair sample" in note for note in found["notes"])
    one = pd.read_csv(tmp_path / "jobs" / "jobs" / "0002.csv", dtype=str)
    assert one["count"].astype(int).sum() == 150


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("[stop]\np_value = 1e-6", "flags and .stop."),
        ("[mitigation]\nshots = 100", "flags and .mitigation."),
    ],
)
def test_what_flags_do_not_go_with_is_refused(more: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(QbellError, match=what):
        run(spec_of(f"{SPEC}{more}\n"), tmp_path)
    with pytest.raises(QbellError, match="flags and extendable"):
        run(spec_of(SPEC.replace("draws = 300", "draws = 300\nextendable = true")), tmp_path)
    assert not list(tmp_path.glob("*.csv"))


def test_a_plan_says_that_it_forecasts_none() -> None:
    found = plan(spec_of(SPEC))
    assert found.expected is None
    assert any("flags are not forecast" in note for note in found.notes)
