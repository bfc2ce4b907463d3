"""The committed campaigns on a 156-qubit device, with fewer shots, through IBM's local Sampler."""

from pathlib import Path

import pytest

from qbell.campaigns.campaign import Outcome
from qbell.campaigns.jobs import fetch, submit
from qbell.campaigns.run import analyze
from tests.support.paths import ROOT

FOLDER = ROOT / "experiments"
FEWER = {
    "ghz_device": ("shots = 1000", "shots = 24"),
    "ghz10_random_device": ("draws = 3000", "draws = 100"),
}


@pytest.mark.device
@pytest.mark.parametrize("name", FEWER)
def test_the_measured_bound_agrees_with_the_noise_reference(name: str, tmp_path: Path) -> None:
    """The interval (by shots: few jobs) holds what the reference says of shots, within an error."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in (FEWER[name], ("jobs = 10", "jobs = 2"), ("reference = 3", "reference = 0")):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "spec.toml"
    path.write_text(text, encoding="utf-8")
    sent = submit(path, tmp_path / "out")
    assert sent.complete
    assert sent.backend == "fake_pittsburgh"
    outcome = fetch(tmp_path / "out")
    assert isinstance(outcome, Outcome)
    summary = outcome.summary
    noise = summary["noise"]
    for key in ("bound", "e_n"):
        found, slack = summary[key], summary[key]["standard_error"]
        read = noise[f"{key}_read"]
        assert found["low"] - slack <= read <= found["high"] + slack
        assert read < noise[key]
    assert summary["bound"]["value"] < noise["qfi"] < summary["exact"]["qfi"]
    assert noise["bound"] <= noise["f0"] <= noise["qfi"]
    device = summary["device"]
    assert (device["dynamical_decoupling"], device["twirling"]) == ("XY4", True)
    assert len(set(device["wires"])) == summary["n"]
    assert summary["certificate"]["bell_qubits"] >= summary["n"] - 1
    assert analyze(tmp_path / "out").summary["bound"] == summary["bound"]
