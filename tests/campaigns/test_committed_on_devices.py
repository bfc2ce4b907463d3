"""The committed campaigns with fewer qubits and shots, on devices of 156 qubits and of 7."""

from pathlib import Path

import pytest

from qbell.campaigns.campaign import Outcome
from qbell.campaigns.jobs import fetch, submit
from qbell.campaigns.run import analyze
from tests.support.paths import ROOT

FOLDER = ROOT / "experiments"
FEWER = {
    "ghz_device": (
        ("n = 6", "n = 3"),
        ("shots = 1000", "shots = 192"),
        ("jobs = 10", "jobs = 1"),
    ),
    "ghz10_random_device": (
        ("n = 10", "n = 6"),
        ("draws = 3000", "draws = 300"),
        ("jobs = 10", "jobs = 2"),
        ('"fake_pittsburgh"', '"fake_jakarta"'),
    ),
}


@pytest.mark.device
@pytest.mark.parametrize("name", FEWER)
def test_the_measured_bound_agrees_with_the_noise_reference(name: str, tmp_path: Path) -> None:
    """The interval (by shots: few jobs) holds what the reference says of shots, within an error."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in (*FEWER[name], ("reference = 3", "reference = 0")):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "spec.toml"
    path.write_text(text, encoding="utf-8")
    sent = submit(path, tmp_path / "out")
    assert sent.complete
    assert sent.backend == ("fake_pittsburgh" if name == "ghz_device" else "fake_jakarta")
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
    assert noise["bound"] <= noise["f0"] + 1e-9 <= noise["qfi"] + 2e-9  # all equal for GHZ
    device = summary["device"]
    assert (device["dynamical_decoupling"], device["twirling"]) == ("XY4", True)
    assert len(set(device["wires"])) == summary["n"]
    assert summary["certificate"]["bell_qubits"] >= summary["n"] - 1
    assert analyze(tmp_path / "out").summary["bound"] == summary["bound"]
