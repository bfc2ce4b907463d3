"""The tutorial does what it says, and the documentation site builds without a warning."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Qbell
from tests.support.paths import ROOT

DOCS = ROOT / "docs"


@pytest.mark.slow
def test_the_tutorial(qbell: Qbell, capsys: pytest.CaptureFixture[str]) -> None:
    """Its Python and its commands, in their order."""
    page = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for language, block in re.findall(r"```(python|sh)\n(.*?)```", page, flags=re.DOTALL):
        if language == "python":
            exec(compile(block, "tutorial.md", "exec"), names)
        else:
            for line in block.splitlines():
                qbell(*line.split()[1:])
    assert names["result"].certificate.bell_qubits == 4
    assert names["result"].certificate.p_value < 1e-10
    assert Path("results/first/report.html").exists()


@pytest.mark.slow
def test_the_site_builds_strictly(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "-d", str(tmp_path / "site")],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "site" / "reference" / "commands.html").read_text(encoding="utf-8")
    assert "Usage: qbell run" in page
    reference = (tmp_path / "site" / "reference" / "python.html").read_text(encoding="utf-8")
    for name in ("estimate", "exact.bound", "plots.depth_ladder"):
        assert f'id="qbell.{name}"' in reference
    fetched = re.findall(r'(?:src|href)="(https?://[^"]+)"', page)
    assert not [name for name in fetched if name.endswith((".js", ".css", ".woff2"))]
