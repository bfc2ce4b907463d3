"""Campaigns of the even design, from spec to report: on Aer, on a device's noise, planned."""

import json
from pathlib import Path

import pytest

from tests.conftest import Qbell

SPEC = """\
seed = 7
[state]
family = "ghz"
n = {n}
[schedule]
design = "even"
draws = 300
[backend]
name = "{backend}"
[estimate]
resamples = 100
"""


def write(folder: Path, n: int, backend: str = "aer") -> Path:
    path = folder / "spec.toml"
    path.write_text(SPEC.format(n=n, backend=backend), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.pictures
def test_run_and_analyze(qbell: Qbell, tmp_path: Path) -> None:
    """The six files, and the same numbers from the folder and from the bare table."""
    out, _ = qbell("run", write(tmp_path, 3), "--out", "out", "--json")
    first = json.loads(out)
    assert (first["design"], first["claim"], first["draws"]) == ("even", "bell", 300)
    assert first["bound"]["value"] == pytest.approx(9)
    assert first["certificate"]["bell_qubits"] == 3
    assert first["certificate"]["p_value"] < 1e-20
    assert json.loads(qbell("analyze", "out", "--json")[0]) == first
    (tmp_path / "bare.csv").write_bytes((tmp_path / "out" / "counts.csv").read_bytes())
    again = json.loads(qbell("analyze", "bare.csv", "--json", "--resamples", "100")[0])
    for key in ("bound", "e_n"):
        assert again[key] == first[key]
    assert again["certificate"]["p_value"] == first["certificate"]["p_value"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "QFI bound, below Eq. 24" in page


@pytest.mark.slow
def test_a_hundred_qubits(qbell: Qbell, tmp_path: Path) -> None:
    summary = json.loads(qbell("run", write(tmp_path, 100), "--out", "out", "--json")[0])
    assert summary["certificate"]["bell_qubits"] == 100
    assert summary["bound"]["value"] == pytest.approx(1e4)


@pytest.mark.device
def test_on_the_noise_of_a_device(qbell: Qbell, tmp_path: Path) -> None:
    """The mean of the estimates is what the noise reference reads out, within 5 standard errors."""
    spec = write(tmp_path, 4, "fake_fez")
    summary = json.loads(qbell("run", spec, "--out", "out", "--json")[0])
    e_n, noise = summary["e_n"], summary["noise"]
    assert noise["e_n_read"] == pytest.approx(e_n["value"], abs=5 * e_n["standard_error"])
    assert noise["bound_read"] == pytest.approx(4 * 4**2 * noise["e_n_read"])
    assert noise["e_n_read"] < noise["e_n"] < 0.25


def test_planned(qbell: Qbell, tmp_path: Path) -> None:
    plan = json.loads(qbell("plan", write(tmp_path, 5), "--json")[0])
    assert plan["expected"]["e_n"]["value"] == pytest.approx(0.25, abs=0.01)
    assert plan["expected"]["p_value"] < 1e-20
    assert plan["expected"]["bell_qubits"] == 5


def test_a_phase_that_is_not_measured_is_refused(qbell: Qbell, tmp_path: Path) -> None:
    path = write(tmp_path, 3)
    path.write_text(path.read_text() + "phase = 0.5\n")
    _, error = qbell("run", path, "--out", "out", code=2)
    assert error.count("\n") == 1
    assert "phase = 0.5" in error
    assert not (tmp_path / "out").exists()
