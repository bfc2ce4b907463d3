"""The README does what it says."""

import re
from pathlib import Path

import pytest

from qbell.experiment import run
from qbell.report import terminal_table
from qbell.spec import read_spec

ROOT = Path(__file__).parents[1]
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


def test_the_table_is_what_the_first_campaign_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rich.console import Console

    summary = run(read_spec(ROOT / "experiments" / "ghz_aer.toml"), tmp_path / "out").summary
    Console(width=80).print(terminal_table(summary))
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    (table,) = blocks("text")
    assert table.splitlines() == printed


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), target


def test_every_module_stands_in_the_map() -> None:
    for path in [*(ROOT / "qbell").glob("*.py"), *(ROOT / "qbell").glob("*/__init__.py")]:
        name = path.name if path.name != "__init__.py" else f"{path.parent.name}/"
        if name not in ("qbell/",):
            assert f"{name}`" in README, name
