"""`qbell init`, `doctor`, `report` and `compare`."""

import json
from pathlib import Path

import pandas as pd
import pytest

from qbell.campaigns.spec import read_spec
from qbell.campaigns.template import REST, template
from qbell.cli.app import COMMANDS
from qbell.report.compare import CERTIFIED
from qbell.states import FAMILIES
from tests.conftest import Qbell
from tests.support.paths import ROOT


@pytest.mark.parametrize("family", FAMILIES)
def test_a_new_spec_runs_as_it_is(family: str, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(template(family=family, num_qubits=4))
    assert read_spec(path).state().family == family


def test_the_page_on_campaigns_shows_the_same_keys() -> None:
    assert REST in (ROOT / "experiments" / "README.md").read_text(encoding="utf-8")


def test_init_writes_once(qbell: Qbell) -> None:
    _, err = qbell("init", "a.toml", "--family", "ising", "-n", 4)
    assert err.startswith("wrote a.toml; next: edit it, then qbell plan a.toml")
    text = Path("a.toml").read_bytes()
    assert "a.toml is there already" in qbell("init", "a.toml", code=2)[1]
    assert Path("a.toml").read_bytes() == text
    out, _ = qbell("init", "b.toml", "--json")
    assert json.loads(out) == {"file": "b.toml", "next": ["qbell plan b.toml", "qbell run b.toml"]}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("qbell comp", ["compare"]),
        ("qbell exact is", ["ising"]),
        ("qbell schedule --design equ", ["equatorial"]),
        ("qbell init --family double", ["double-well"]),
    ],
)
def test_tab_completes(
    typed: str, offered: list[str], qbell: Qbell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_QBELL_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
    assert qbell()[0].split() == offered


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a.txt",), "ends in .toml"),
        (("a.toml", "--family", "cat"), "family 'cat' is unknown"),
        (("a.toml", "-n", "1"), "n = 1"),
        (("a.toml", "--backend", 'a"b'), "expected aer, fake_* or the name"),
    ],
)
def test_init_refuses(words: tuple[str, ...], message: str, qbell: Qbell) -> None:
    _, err = qbell("init", *words, code=2)
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert message in err
    assert list(Path().iterdir()) == []


def test_help_fits_80_columns(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in COMMANDS:
        assert max(map(len, qbell(name, "--help")[0].splitlines())) <= 80, name


@pytest.mark.slow
def test_report_and_compare(qbell: Qbell, monkeypatch: pytest.MonkeyPatch) -> None:
    qbell("init", "a.toml", "--family", "w", "-n", 3)
    qbell("run", "a.toml", "--seed", 1)
    text = Path("results/a/summary.json").read_text()
    Path("results/a/report.html").unlink()
    qbell("report", "results/a")
    assert Path("results/a/report.html").exists()
    assert Path("results/a/summary.json").read_text() == text
    qbell("run", "a.toml", "--seed", 2, "--out", "b")
    out, err = qbell("compare", "results/a", "b", "--out", "both")
    assert "results/a" in out
    assert err == "wrote both.csv and both.png\n"
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, which a dumb one is by its name
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "40")
    assert qbell("compare", "results/a", "b")[0].split() == out.split()
    assert qbell("scan", "ghz", "--n", 3, "--out", "c.csv")[1] == ""  # no bar, nor an empty line
    table = pd.read_csv("both.csv")
    assert table["campaign"].tolist() == ["results/a", "b"]
    assert table["bound"][0] == json.loads(text)["bound"]["value"]
    record = json.loads(qbell("compare", "b", "--json")[0])
    assert record["campaigns"][0]["exact_qfi"] == pytest.approx(table["exact_qfi"][1])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("report", "nowhere"), "nowhere is no folder of a campaign"),
        (("compare", "nowhere"), "it has no summary.json"),
        (("compare", "a", "a"), "a is given twice"),
        (("compare", "a"), "its summary.json is not one of a campaign"),
    ],
)
def test_what_is_no_campaign(words: tuple[str, ...], message: str, qbell: Qbell) -> None:
    Path("a").mkdir()
    Path("a/summary.json").write_text('{"n": 3}')
    _, err = qbell(*words, code=2)
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_doctor(qbell: Qbell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "secret-token")
    found = json.loads(qbell("doctor", "--json")[0])
    assert found["packages"]["qbell"] == "0.1.0"
    assert found["backends"]["aer"] is True
    assert found["backends"]["snapshots"] > 50
    assert found["ibm_account"] is True
    assert found["seconds"] > 0
    monkeypatch.setattr("qbell.campaigns.doctor.examine", lambda: found)  # not all of it again
    out, _ = qbell("doctor")
    assert "IBM account           found" in out
    assert "secret-token" not in out


def test_numbers_that_json_has_not_are_compared(qbell: Qbell) -> None:
    """An estimate from too few shots has no error: null in its summary."""
    few = {"value": 1.0, "standard_error": None, "low": None, "high": None}
    names = ("family", "n", "u", "design", "backend", "provenance", "total_shots")
    summary = dict.fromkeys(names, 3) | {"bound": few, "e_n": None, "exact": None}
    summary["certificate"] = dict.fromkeys(CERTIFIED, 0)
    Path("a").mkdir()
    Path("a/summary.json").write_text(json.dumps(summary))
    assert "1 ± nan" in qbell("compare", "a")[0]
