"""The stars design from spec to report: the committed campaign, a campaign in jobs, and a plan."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import qbell
from qbell import QbellError
from qbell.campaigns.run import analyze, run
from qbell.campaigns.spec import read_spec
from qbell.certificates import local_realism
from qbell.report.page import html_page
from tests.support.paths import ROOT

SMALL = """
seed = 5
[state]
family = "stars"
n = 8
separators = 1
[schedule]
design = "stars"
draws = 60
[estimate]
resamples = 40
[hardware]
jobs = 3
reference = 0
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "stars.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.mark.device
def test_a_whole_device_refutes_local_realism(tmp_path: Path) -> None:
    """fake_pittsburgh with its noise: 126 qubits in one product, p < 1e-6 from 2000 single shots.

    The visibility that the calibration predicts, 0.234, leaves out that qubits wait.
    """
    outcome = run(
        replace(read_spec(ROOT / "experiments/stars_fake_pittsburgh.toml"), resamples=40),
        tmp_path / "out",
    )
    summary, certificate = outcome.summary, outcome.summary["certificate"]
    assert summary["total_shots"] == 2000
    assert summary["provenance"] == "raw"
    assert summary["operator_qubits"] == summary["star_qubits"] == 126
    assert summary["local_limit"] < 1e-9
    assert certificate["p_value"] < 1e-6
    assert certificate["p_any"] < 1e-6
    assert certificate["claims"]["p_value"] == "bell"
    assert certificate["no_signalling_p"] > 1e-3
    assert certificate["settings_p"] > 1e-3
    assert summary["visibility"]["low"] < 0.234
    assert summary["visibility"]["high"] > 0.21
    half, _ = local_realism(outcome.result.shots.take(np.arange(1000)))
    assert half is not None
    assert half.hoeffding < 1e-6
    again = analyze(tmp_path / "out").summary
    assert again["visibility"] == summary["visibility"]
    assert again["by_star"] == summary["by_star"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert len(re.findall("<tr>", page)) > summary["stars"]
    assert "Eq. (24)" not in page


@pytest.mark.slow
def test_jobs_bring_the_same_graph_back(spec: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    qbell.submit(spec, folder)
    plan = json.loads((folder / "campaign.json").read_text(encoding="utf-8"))
    assert plan["graph"]["centres"] == [0, 4]
    outcome = qbell.fetch(folder)
    shots = outcome.result.shots
    assert shots.stars == qbell.stars(8, separators=1).graph()
    assert outcome.summary["visibility"]["value"] == 1.0
    assert outcome.summary["certificate"]["p_value"] < 1e-10
    assert sorted(set(shots.extra["job"])) == [1, 2, 3]
    assert shots.rules.misfits(shots.directions).sum() == 0
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**record, "graph": {"n": 8}}), encoding="utf-8")
    with pytest.raises(QbellError, match="the graph of stars should say n, edges, centres"):
        analyze(folder)


@pytest.mark.slow
def test_a_plan_counts_shots_to_the_p_value(spec: Path) -> None:
    found = qbell.plan(spec)
    assert found.expected is not None
    assert found.needed is not None
    assert found.expected.quantities["visibility"].value == 1.0
    assert found.needed.shots_for_p_value == 30  # (5/8)^n < 1e-6
    assert found.expected.entanglement_depth == 1
    assert not [note for note in found.notes if "bound" in note]


def test_a_state_without_stars_is_refused(spec: Path, tmp_path: Path) -> None:
    text = SMALL.replace('family = "stars"', 'family = "plus"').replace("separators = 1\n", "")
    spec.write_text(text, encoding="utf-8")
    with pytest.raises(QbellError, match="prepare a state of the family stars"):
        run(read_spec(spec), tmp_path / "out")
    assert not (tmp_path / "out" / "counts.csv").exists()


@pytest.mark.slow
@pytest.mark.pictures
def test_pictures_with_and_without_a_device(spec: Path, tmp_path: Path) -> None:
    """Stars in rows; and where they are on a device whose map is known from its couplings."""
    outcome = run(read_spec(spec), tmp_path / "out")
    assert html_page(outcome.result, outcome.summary).count("<svg") == 1
    ax = qbell.plots.stars(outcome.result)
    dots = [points.get_offsets() for points in ax.collections]
    assert [len(points) for points in dots] == [0, 7, 1]
    graph = outcome.result.shots.stars
    assert graph is not None
    wires = [1, 0, 2, 6, 5, 7, 8, 3]
    line = [(k, k + 1) for k in range(9)]
    placed = qbell.designs.star_graph.StarGraph(8, graph.edges, graph.centres, wires, line)
    shots = replace(outcome.result.shots, stars=placed)
    ax = qbell.plots.stars(replace(outcome.result, shots=shots))
    unused, used, between = [points.get_offsets() for points in ax.collections]
    assert sorted(unused[:, 0]) == [4.0, 9.0]
    assert used[0].tolist() == [1.0, 0.0]
    assert between.tolist() == [[3.0, 0.0]]
    with pytest.raises(QbellError, match="of design full, which has no stars"):
        qbell.plots.stars(qbell.estimate(qbell.read_shots(ROOT / "experiments/data/ghz_n=3.csv")))
