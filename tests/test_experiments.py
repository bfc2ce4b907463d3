"""Every committed campaign runs, with fewer shots, and shows what it should."""

import dataclasses
from pathlib import Path

import pytest

from qbell.experiment import analyze, run
from qbell.spec import Spec, read_spec
from tests.simulated import RESULT_FILES

FOLDER = Path(__file__).parents[1] / "experiments"
CAMPAIGNS = sorted(FOLDER.glob("*.toml"))


def small(path: Path) -> Spec:
    spec = read_spec(path)
    fewer = {"draws": 1500} if spec.design == "random" else {"shots": 200}
    return dataclasses.replace(spec, resamples=200, **fewer)


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.stem)
def test_runs_and_agrees_with_the_exact_values(path: Path, tmp_path: Path) -> None:
    outcome = run(small(path), tmp_path / path.stem)
    summary = outcome.summary
    if summary["backend"] == "aer":
        # What the noiseless circuit prepares; the interval and a standard error on either side
        # would be missed by about 1 in 300 seeds, and the seeds are fixed.
        for name in ("bound", "e_n"):
            slack = summary[name]["standard_error"]
            true = summary["circuit"][name]
            assert summary[name]["low"] - slack <= true <= summary[name]["high"] + slack
    else:
        assert summary["bound"]["high"] < summary["exact"]["qfi"]
    assert summary["circuit"]["fidelity"] > 0.98
    assert summary["exact"]["bound"] <= summary["exact"]["qfi"] + 1e-9
    names = {file.name for file in (tmp_path / path.stem).iterdir()}
    assert names == RESULT_FILES


def certificate_of(name: str, folder: Path) -> dict[str, object]:
    summary = run(small(FOLDER / f"{name}.toml"), folder).summary
    assert isinstance(summary["certificate"], dict)
    return summary["certificate"]


def test_the_control_certifies_nothing(tmp_path: Path) -> None:
    certificate = certificate_of("plus_aer", tmp_path / "out")
    assert certificate["bell_qubits"] == 0
    assert certificate["nonlocality_depth"] == 1
    assert certificate["entanglement_depth"] == 1
    assert certificate["p_value"] is None


def test_ghz_certifies_all_qubits(tmp_path: Path) -> None:
    certificate = certificate_of("ghz_aer", tmp_path / "full")
    assert certificate["bell_qubits"] == certificate["nonlocality_depth"] == 6
    certificate = certificate_of("ghz_random_aer", tmp_path / "random")
    assert certificate["bell_qubits"] == 10
    assert isinstance(certificate["p_value"], float)
    assert certificate["p_value"] < 1e-20


def test_the_first_campaign_at_full_size(tmp_path: Path) -> None:
    """GHZ, N = 6, 1000 shots a setting: the interval holds 36 and is narrower than 1."""
    summary = run(read_spec(FOLDER / "ghz_aer.toml"), tmp_path / "out").summary
    assert summary["bound"]["low"] <= 36 <= summary["bound"]["high"]
    assert summary["bound"]["high"] - summary["bound"]["low"] < 1
    assert summary["exact"]["qfi"] == pytest.approx(36, abs=1e-12)


def test_committed_data_are_read() -> None:
    outcome = analyze(FOLDER / "data" / "ghz_n=3.csv")
    assert outcome.folder is None
    assert outcome.summary["exact"] is None
    assert 7 < outcome.summary["bound"]["value"] < 9


def test_every_campaign_stands_in_the_readme() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for path in [*CAMPAIGNS, *FOLDER.glob("data/*")]:
        assert path.name in text
