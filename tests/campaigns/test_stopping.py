"""Stop when it is enough: jobs until a registered rule holds, and what may be claimed then."""

import json
from pathlib import Path

import numpy as np
import pytest

import qbell
from qbell import QbellError
from qbell.campaigns.planning import plan
from qbell.campaigns.run import analyze, run
from qbell.campaigns.spec import read_spec
from qbell.certificates.anytime import wealth_p
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.certificates.wealth import anytime_limits
from qbell.designs.local_limit import local_limit
from qbell.report.compare import compare
from qbell.report.headline import headline, rounded_down
from qbell.report.rows import quantity_rows
from tests.support.paths import ROOT

SPEC = """
seed = 3
[state]
family = "{family}"
n = 4
[schedule]
design = "even"
draws = 200
[estimate]
resamples = 40
[hardware]
jobs = 10
reference = 0
[stop]
{rule}
"""


def spec(folder: Path, rule: str, family: str = "ghz") -> Path:
    path = folder / "spec.toml"
    path.write_text(SPEC.format(rule=rule, family=family), encoding="utf-8")
    return path


def landed(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in (folder / "jobs").glob("*.csv"))


@pytest.mark.slow
def test_jobs_are_sent_until_the_p_value_is_small(tmp_path: Path) -> None:
    """GHZ without noise, limit 1/2: (3/4)^n needs 49 shots, and bets a few more: three jobs."""
    folder = tmp_path / "out"
    qbell.submit(spec(tmp_path, "p_value = 1e-6"), folder)
    assert landed(folder) == [1, 2, 3]
    plan = json.loads((folder / "campaign.json").read_text(encoding="utf-8"))
    assert plan["sampling"]["stop"]["p_value"] == 1e-6
    outcome = qbell.fetch(folder)
    assert landed(folder) == [1, 2, 3]
    certificate = outcome.summary["certificate"]
    assert certificate["p_any"] <= 1e-6
    assert certificate["p_value_ratio"] <= 1e-6
    assert certificate["p_value"] is None
    assert certificate["bell_qubits"] == 0
    assert certificate["claims"]["p_any"] == "bell"
    assert certificate["claims"]["bell_qubits"] == "none"
    assert outcome.summary["notes"][0] == "[stop] held after 3 of 10 data jobs, 60 shots"
    again = analyze(folder).summary["certificate"]
    assert (again["p_any"], again["p_value"]) == (certificate["p_any"], None)


@pytest.mark.slow
def test_nothing_stops_a_campaign_that_shows_nothing(tmp_path: Path) -> None:
    outcome = run(read_spec(spec(tmp_path, "p_value = 0.01", "plus")), tmp_path / "out")
    assert landed(tmp_path / "out") == list(range(1, 11))
    assert outcome.summary["certificate"]["p_any"] > 0.01
    assert outcome.summary["certificate"]["p_value"] is None


@pytest.mark.slow
def test_a_precision_stops_too(tmp_path: Path) -> None:
    outcome = run(read_spec(spec(tmp_path, "precision = 0.1")), tmp_path / "out")
    assert 1 < len(landed(tmp_path / "out")) < 10
    found = outcome.summary["anytime"]
    low, high = found["mean"]["low"], found["mean"]["high"]
    assert high - low <= 0.1 * (high + low)
    assert found["e_n"] == {"low": pytest.approx(low**2 / 4), "high": pytest.approx(0.25)}
    assert found["bound"]["low"] == pytest.approx(16 * low**2)
    assert outcome.summary["stop"] == {"p_value": None, "precision": 0.1}
    rows = [row for row in quantity_rows(outcome.summary) if row[0] == "– limits at any time"]
    assert len(rows) == 2  # of the bound and of E
    assert f"[{16 * low**2:.2f}, " in rows[0][2]
    said = headline(outcome.summary)
    assert f"QFI ≥ {rounded_down(16 * low**2)} " in said  # not the limit of a fixed number of shots
    assert "against local realism, whenever one stops" in said
    row = compare({"stopped": outcome.summary}).iloc[0]
    assert row["bound_low"] == found["bound"]["low"]
    planned = plan(read_spec(tmp_path / "spec.toml"))
    assert planned.needed is not None
    assert abs(planned.needed.shots_to_stop - outcome.summary["total_shots"]) <= 20  # a job
    assert planned.record["stop"] == outcome.summary["stop"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "quantity"),
    [("ghz", "qfi_ghz"), pytest.param("random", "e_n", marks=pytest.mark.nightly)],
)
def test_a_precision_of_something_else(design: str, quantity: str, tmp_path: Path) -> None:
    path = spec(tmp_path, f'precision = 0.3\nquantity = "{quantity}"')
    text = path.read_text(encoding="utf-8").replace('"even"', f'"{design}"')
    path.write_text(text.replace("draws = 200", "draws = 400"), encoding="utf-8")
    summary = run(read_spec(path), tmp_path / "out").summary
    assert summary["total_shots"] < 400
    found = summary["anytime"][quantity]
    assert found["high"] - found["low"] <= 0.3 * (found["high"] + found["low"])
    assert found["high"] >= summary["exact"][quantity] - 1e-9
    planned = plan(read_spec(path)).needed
    assert planned is not None
    assert abs(planned.shots_to_stop - summary["total_shots"]) <= 80


@pytest.mark.slow
def test_a_lost_job_is_sent_again_and_nothing_before_it(tmp_path: Path) -> None:
    """Shots of job 2 are lost: no later job is looked at, and the same job is measured anew."""
    folder = tmp_path / "out"
    qbell.submit(spec(tmp_path, "p_value = 1e-6"), folder)
    log = folder / "jobs" / "0002.json"
    record = json.loads(log.read_text(encoding="utf-8"))
    record["attempts"][-1]["state"] = "failed"
    log.write_text(json.dumps(record), encoding="utf-8")
    (folder / "jobs" / "0002.csv").unlink()
    qbell.submit(None, folder)
    assert landed(folder) == [1, 2, 3]
    assert qbell.fetch(folder).summary["total_shots"] == 60


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("p_value = 1e-6", "p_value = 1e-6\nprecision = 0.1", "has 2 rules"),
        ("p_value = 1e-6", "p_value = 2", "above 0 and below 1"),
        ("p_value = 1e-6", 'quantity = "e_n"', "has 0 rules"),
        ("p_value = 1e-6", 'p_value = 1e-6\nquantity = "e_n"', "beside p_value"),
        ("p_value = 1e-6", 'precision = 0.1\nquantity = "k1"', "'k1' beside precision"),
        ("p_value = 1e-6", 'precision = 0.1\nquantity = "qfi_ghz"', "one of mean, e_n, bound"),
        ('design = "even"', 'design = "even"\nshots = 2', "with 1 shot a draw"),
        ("resamples = 40", 'phase = "learn"', "not in this version"),
    ],
)
def test_rules_that_do_not_fit(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = spec(tmp_path, "p_value = 1e-6")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(QbellError, match=said):
        run(read_spec(path), tmp_path / "out")


@pytest.mark.statistics
def test_null_campaigns() -> None:
    """1000 campaigns at the local limit of 10 qubits, looked at after every draw of 800.

    At most 5 % are ever below 0.05: more than 75 would have probability 4e-4.
    """
    rng = np.random.default_rng(4)
    limit = local_limit(10)
    ups = rng.random((1000, 800)) < (1 + 2 * limit) / 2
    turns = 2 * (~ups).astype(np.int64)
    false = sum(wealth_p(row, TestedCorrelator("+" * 10), limit) < 0.05 for row in turns)
    assert false <= 75


@pytest.mark.statistics
def test_the_mean_number_of_shots() -> None:
    """C = 0.3 of 24 qubits, to 1e-6, a look after each job of 20: below 450, measured 350."""
    rng = np.random.default_rng(6)
    direction, limit = TestedCorrelator("+" * 24), local_limit(24)
    stops = []
    for _ in range(40):
        turns = 2 * (rng.random(2000) >= 0.65).astype(np.int64)
        low, high = 1, 100
        while low < high:  # it never rises again
            job = (low + high) // 2
            enough = wealth_p(turns[: 20 * job], direction, limit) < 1e-6
            low, high = (low, job) if enough else (job + 1, high)
        stops.append(20 * low)
    assert np.mean(stops) < 450


@pytest.mark.statistics
def test_limits_hold_at_all_looks_together() -> None:
    """C about 0.3, with a probability that drifts: of 60 runs with 8 looks 3 may miss, not 10."""
    rng = np.random.default_rng(5)
    chances = 0.65 + 0.1 * np.sin(np.arange(400) / 30)
    means = 2 * np.cumsum(chances) / np.arange(1, 401) - 1
    missed = 0
    for _ in range(60):
        ups = np.cumsum(rng.random(400) < chances)
        limits = [(t, anytime_limits(float(ups[t - 1]), t, 0.95)) for t in range(50, 401, 50)]
        missed += any(not low <= means[t - 1] <= high for t, (low, high) in limits)
    assert missed < 10


@pytest.mark.nightly
@pytest.mark.device
def test_the_committed_campaign_stops_early(tmp_path: Path) -> None:
    """24 noisy qubits, C about 0.7: p < 1e-6 after two or three jobs of 50."""
    outcome = run(read_spec(ROOT / "experiments/ghz24_stop.toml"), tmp_path / "out")
    assert outcome.summary["total_shots"] <= 200
    assert outcome.summary["certificate"]["p_any"] <= 1e-6
