"""More than 12 qubits of a device: from spec to report, by `run`, `plan` and in jobs."""

import tomllib
from pathlib import Path

import pytest

from qbell.campaigns.campaign import Outcome
from qbell.campaigns.jobs import fetch, submit
from qbell.campaigns.jobs.job_plan import read_plan
from qbell.campaigns.jobs.sending import Sender
from qbell.campaigns.planning.plan import plan
from qbell.campaigns.run import analyze, run
from qbell.campaigns.spec import Spec, parse_spec

SPEC = """\
seed = 4
[state]
family = "ghz"
n = 13
layout = "tree"
[schedule]
design = "ghz"
draws = 600
[backend]
name = "fake_guadalupe"
[estimate]
resamples = 40
[hardware]
jobs = 2
reference = 1
reference_shots = 40
"""
pytestmark = pytest.mark.device


@pytest.fixture
def spec() -> Spec:
    return parse_spec(tomllib.loads(SPEC), SPEC, name="spec", folder=Path())


def said(outcome: object) -> str:
    """What is said of the simulated noise, once."""
    assert isinstance(outcome, Outcome)
    (found,) = [note for note in outcome.summary["notes"] if "random Paulis" in note]
    return str(found)


def test_a_run_says_what_its_noise_assumes_and_so_does_its_folder(
    spec: Spec, tmp_path: Path
) -> None:
    first = run(spec, tmp_path / "run")
    assert "noise of fake_guadalupe" in said(first)
    assert said(analyze(tmp_path / "run")) == said(run(spec, tmp_path / "run")) == said(first)
    assert 0.05 < first.summary["coherence"]["value"] < 0.9


@pytest.mark.slow
def test_jobs_are_simulated_alike(spec: Spec, tmp_path: Path) -> None:
    """With pulses in the waits and a twirled readout; the coherence is that of a run."""
    sent = submit(spec, tmp_path / "jobs")
    assert sent.complete
    jobs = fetch(tmp_path / "jobs")
    assert "XY4" in said(jobs)
    assert "random Paulis" in said(analyze(tmp_path / "jobs"))
    assert isinstance(jobs, Outcome)
    alone = run(spec, tmp_path / "run").summary["coherence"]
    found = jobs.summary["coherence"]
    error = (alone["standard_error"] ** 2 + found["standard_error"] ** 2) ** 0.5
    assert abs(found["value"] - alone["value"]) < 5 * error


@pytest.mark.nightly
def test_a_plan_expects_what_is_measured(spec: Spec, tmp_path: Path) -> None:
    planned = plan(spec)
    assert any("random Paulis" in note for note in planned.notes)
    assert planned.expected is not None
    found = run(spec, tmp_path / "run").summary["coherence"]
    expected = planned.expected.quantities["coherence"]
    assert abs(found["value"] - expected.value) < 5 * found["standard_error"]


def test_what_is_left_to_ibms_sampler_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first job, in one line and with the reason; and in the plan's notes."""
    text = SPEC.replace('family = "ghz"', 'family = "coherent"\ntheta = 0.7').replace(
        'layout = "tree"\n', ""
    )
    crooked = parse_spec(tomllib.loads(text), text, name="spec", folder=Path())
    monkeypatch.setattr(Sender, "send_all", lambda *_, **__: None)
    lines: list[str] = []
    submit(crooked, tmp_path / "jobs", say=lines.append)
    (line,) = [line for line in lines if "IBM's Sampler" in line]
    assert "takes long" in line
    assert "directions that are no Paulis" in line
    assert line in read_plan(tmp_path / "jobs").notes
