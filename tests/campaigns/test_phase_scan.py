"""Phase scans as campaigns: registered before the shots, and not changed after them."""

import json
from pathlib import Path

import pytest

import qbell
from qbell.campaigns.phase_scan.run import analyze_scan, scan_here
from qbell.campaigns.spec import read_spec
from tests.conftest import Qbell
from tests.support.paths import ROOT

SPEC = """seed = 5

[state]
family = "ghz"
n = 3

[scan]
read_out = "parity"
angles = ["0pi", "1/12pi", "1/6pi"]
shots = 500
"""


def spec_of(folder: Path, text: str = SPEC) -> Path:
    path = folder / "scan.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_run_again_and_analyze(qbell: Qbell, tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    first = json.loads(qbell("run", spec, "--out", "out", "--json")[0])
    limit = first["qfi_scan"]["lower_limit"]
    assert limit < 9 < 2 * limit
    assert first["qfi_scan"]["chosen"].startswith("the best of all pairs")
    assert first["exact"]["qfi"] == pytest.approx(9)
    assert first["hellinger"]["value"] == pytest.approx(9, abs=4)
    assert {path.name for path in Path("out").iterdir()} == {
        "spec.toml",
        "scan.csv",
        "scan.json",
        "summary.json",
        "hellinger.csv",
    }
    assert json.loads(Path("out/summary.json").read_text(encoding="utf-8")) == first
    assert json.loads(qbell("run", spec, "--out", "out", "--json")[0]) == first
    assert json.loads(qbell("analyze", "out", "--json")[0]) == first
    assert json.loads(qbell("report", "out", "--json")[0]) == first
    _, refused = qbell("compare", "out", code=2)
    assert "is a phase scan" in refused
    shown, _ = qbell("analyze", "out")
    assert "At 95 % confidence QFI ≥" in shown
    assert "QFI from parity, lower limit" in shown
    _, refused = qbell("analyze", "out", "--confidence", "0.9", code=2)
    assert "leave other options out" in refused


def test_what_was_registered_is_not_changed_after_the_shots(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    scan_here(read_spec(spec_of(tmp_path)), folder)
    for changed, what in (
        (SPEC + 'pair = ["0pi", "1/6pi"]\n', "pair"),
        (SPEC + 'pair = "learn"\n', "pair, held_out"),
        (SPEC.replace(', "1/6pi"', ""), "angles"),
        (SPEC.replace("parity", "echo"), "read_out"),
        (SPEC.replace("shots = 500", "shots = 501"), "shots"),
        (SPEC.replace("n = 3", "n = 4"), "state"),
    ):
        with pytest.raises(qbell.QbellError, match=f"other {what};"):
            scan_here(read_spec(spec_of(tmp_path, changed)), folder)
    surer = scan_here(
        read_spec(spec_of(tmp_path, SPEC + "[estimate]\nconfidence = 0.99\n")), folder
    )
    assert surer.resumed
    assert surer.result.confidence == 0.99
    counts = folder / "scan.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace("500", "501"), encoding="utf-8")
    with pytest.raises(qbell.QbellError, match="changed after it was measured"):
        analyze_scan(folder)
    (folder / "scan.json").write_text("{}", encoding="utf-8")
    with pytest.raises(qbell.QbellError, match="other settings"):  # and nothing is measured
        analyze_scan(folder)
    (folder / "scan.json").unlink()  # as if stopped before its record
    with pytest.raises(qbell.QbellError, match="other angles"):
        scan_here(read_spec(spec_of(tmp_path, SPEC.replace(', "1/6pi"', ""))), folder)
    assert not scan_here(read_spec(spec_of(tmp_path)), folder).resumed


def test_a_pair_that_is_registered_or_learnt(tmp_path: Path) -> None:
    named = SPEC + 'pair = ["0pi", "1/6pi"]\n'
    first = scan_here(read_spec(spec_of(tmp_path, named)), tmp_path / "named")
    assert first.result.pair == (0.0, pytest.approx(0.5236, abs=1e-4))
    assert first.result.chosen.startswith("two angles, fixed")
    assert analyze_scan(tmp_path / "named").result.limit == first.result.limit
    learnt = SPEC + 'pair = "learn"\nheld_out = 0.2\n'
    second = scan_here(read_spec(spec_of(tmp_path, learnt)), tmp_path / "learnt")
    assert second.result.chosen.startswith("two angles, learnt")
    assert analyze_scan(tmp_path / "learnt").result.limit == second.result.limit


def test_bad_specs_are_one_line(tmp_path: Path) -> None:
    for text, message in (
        (SPEC.replace("angles", "angle"), "did you mean angles"),
        (SPEC.replace('angles = ["0pi", "1/12pi", "1/6pi"]', ""), "needs angles ="),
        (SPEC.replace('"1/12pi"', '"2pi"'), "same turn"),
        (SPEC.replace('"parity"', '"fidelity"'), "use parity or echo"),
        (SPEC + 'pair = ["0pi", "0.3pi"]\n', "two different ones of the angles"),
        (SPEC + "held_out = 0.3\n", "nothing is learnt"),
        (SPEC + "[schedule]\nshots = 3\n", "unknown key 'schedule'"),
        (SPEC + "[estimate]\nphase = 0.1\n", "unknown key 'phase'"),
        (SPEC + "[stop]\np_value = 0.1\n", "unknown key 'stop' in the file of a phase scan"),
        (SPEC + "[mitigation]\n", "unknown key 'mitigation'"),
        ("scan = 3\n", "is not a table"),
        (SPEC.replace("n = 3", "n = 1"), "n = 1"),
    ):
        path = spec_of(tmp_path, text)
        with pytest.raises(qbell.QbellError, match=message):
            read_spec(path)


def test_a_folder_of_another_campaign_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(qbell.QbellError, match="holds another campaign"):
        scan_here(read_spec(spec_of(tmp_path)), folder)


@pytest.mark.device
@pytest.mark.nightly
def test_the_committed_scan(tmp_path: Path) -> None:
    found = scan_here(read_spec(ROOT / "experiments" / "ising_echo_fake_pittsburgh.toml"), tmp_path)
    noisy = found.summary["noise"]["qfi"]
    assert noisy / 2 < found.result.limit < noisy < found.summary["exact"]["qfi"]
