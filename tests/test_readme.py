"""The README does what it says."""

import re
from pathlib import Path

import pytest

import qbell
from qbell.campaigns.run import run
from qbell.campaigns.spec import read_spec
from qbell.report.terminal import terminal_table
from tests.support.paths import ROOT

DEMO = "ghz_random_fake_pittsburgh.toml"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_block_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "Estimate(value=36." in printed or "Estimate(value=35." in printed
    assert "\n36.0" in printed
    assert "\n6\n" in printed
    assert "++++++" in printed
    assert (tmp_path / "ghz.csv").exists()


@pytest.mark.device
def test_the_table_is_what_the_first_campaign_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    summary = run(read_spec(ROOT / "experiments" / DEMO), tmp_path / "out").summary
    Console(width=80).print(terminal_table(summary))
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    (table,) = blocks("text")
    assert table.splitlines() == printed
    assert f"qbell run experiments/{DEMO}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (path.parent / target.split("#")[0]).exists(), target


@pytest.mark.slow
def test_the_page_on_exact_values_runs_and_its_numbers_hold() -> None:
    from qbell import exact

    text = (ROOT / "docs" / "exact.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    exec(compile(code, "docs/exact.md", "exec"), {})
    assert exact.qfi(qbell.double_well(1000, -3)) == pytest.approx(888767.4, abs=0.05)
    assert exact.log_e_n(qbell.double_well(1000, -0.5)) == pytest.approx(-1096.517, abs=5e-4)
    assert len(exact.bound_by_order(qbell.ising(100, -3))) == 101
    assert exact.optimal_axis(qbell.w(6))[1] == pytest.approx(16)
    assert exact.qfi(qbell.ising(16, -10)) == pytest.approx(255.171, abs=5e-4)
    assert exact.qfi(qbell.ising(100, -3)) == pytest.approx(9694.79, abs=5e-3)
