"""The tutorial does what it says, and the documentation site builds without a warning."""

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Qbell
from tests.support.browser import Browser
from tests.support.paths import ROOT

DOCS = ROOT / "docs"


@pytest.mark.slow
def test_the_tutorial(qbell: Qbell, capsys: pytest.CaptureFixture[str]) -> None:
    """Its Python and its commands, in their order."""
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    printed, compared = "", 0
    for language, block in re.findall(r"```(python|sh|text)\n(.*?)```", page, flags=re.DOTALL):
        if language == "python":
            capsys.readouterr()
            exec(compile(block, "tutorial.md", "exec"), names)
            printed = capsys.readouterr().out
        elif language == "text":
            assert printed == block
            compared += 1
        else:
            for line in block.splitlines():
                qbell(*line.split()[1:])
    assert compared == 4
    assert names["result"].certificate.bell_qubits == 4
    assert names["result"].certificate.p_value < 1e-10
    assert Path("results/first/report.html").exists()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation site, built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "-d", str(folder)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_the_site_builds_strictly(site: Path) -> None:
    page = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert "Usage: qbell run" in page
    reference = (site / "reference" / "python.html").read_text(encoding="utf-8")
    for name in ("estimate", "exact.bound", "plots.depth_ladder"):
        assert f'id="qbell.{name}"' in reference
    fetched = re.findall(r'(?:src|href)="(https?://[^"]+)"', page)
    assert not [name for name in fetched if name.endswith((".js", ".css", ".woff2"))]


@pytest.mark.slow
def test_numbers_are_those_of_the_pages_that_measured_them(site: Path) -> None:
    page = (site / "numbers.html").read_text(encoding="utf-8")
    for name, cell in (("exact.md", "69 GB"), ("statistics.md", "6·10⁹ pairs a second")):
        assert cell in (DOCS / name).read_text(encoding="utf-8")
        assert cell in page
    rows = re.findall(r"<tr>\s*<td>(?:full|random|equatorial)</td>\s*<td>(\d+)</td>", page)
    assert len(rows) == 3


def test_a_summary_of_coverage() -> None:
    sys.path.insert(0, str(DOCS))
    try:
        from taken import coverage_summary
    finally:
        sys.path.remove(str(DOCS))
    head = "| state | design | B | B lower | E_N,0 | F0 | all E |\n| --- |\n"
    rows = (
        "| a | full | 0.9 ± 0.1 (3) | 1 | 0.5 |  | 1 |\n| b | full | 1.0 ± 0.1 | 1 | 0.7 |  | 1 |\n"
    )
    last = coverage_summary(f"text\n\n{head}{rows}").strip().splitlines()[-1]
    assert last == "| full | 2 | 0.950, 0.900 | 1.000, 1.000 | 0.600, 0.500 |  | 1.000, 1.000 |"


MAIN = ("index", "tutorial")
OTHERS = ("gallery", "numbers", "claims", "formats", "reference/commands", "beside/index")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [*MAIN, *(pytest.param(one, marks=pytest.mark.nightly) for one in OTHERS)]
)
def test_the_site_can_be_used_by_anybody(name: str, site: Path, browser: Browser) -> None:
    """No serious finding of axe-core, no error in the console, nothing from outside."""
    with browser.open(site / f"{name}.html") as opened:
        assert opened.severe() == []
        assert opened.errors == []
        assert opened.outside == []


@pytest.mark.slow
def test_the_gallery_is_drawn_by_its_own_lines(tmp_path: Path) -> None:
    names = runpy.run_path(str(DOCS / "pictures.py"))["draw"](tmp_path)
    assert sorted(names) == sorted(path.name for path in (DOCS / "figures" / "plots").glob("*"))
    assert all((tmp_path / name).stat().st_size > 5_000 for name in names)
