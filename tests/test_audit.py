"""`.ci/audit`, with a stand-in for pip-audit: a hole, none, and nobody to ask."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT


def package(name: str, *fixes: list[str]) -> dict[str, Any]:
    holes = [{"id": f"CVE-{place}", "fix_versions": fix} for place, fix in enumerate(fixes)]
    return {"name": name, "version": "1.0", "vulns": holes}


NOT_ASKED = {"name": "c", "skip_reason": "not found"}
MENDED = "a 1.0 has a known hole, CVE-0; mended in 1.1"


@pytest.mark.parametrize(
    ("said", "strict", "status", "words"),
    [
        ([package("a", ["1.1"]), package("b")], False, 1, MENDED),
        ([package("a", []), NOT_ASKED], False, 0, "mended in no version yet"),
        ([package("a", []), package("b")], True, 1, "1 known holes in 2 packages, 0 mended"),
        ([package("a"), package("b")], True, 0, "0 known holes in 2 packages"),
        ([package("a"), NOT_ASKED], True, 1, "1 could not be asked for: c"),
        ([NOT_ASKED], False, 0, "could not be asked for (about none of 1 packages)"),
        ("no route to host", False, 0, "could not be asked for (no route to host)"),
        ("no route to host", True, 1, "could not be asked for (no route to host)"),
        ([{"name": "a"}], False, 0, "could not be asked for ('vulns')"),
        ("wait", False, 0, "could not be asked for (no answer in 1 s)"),
    ],
)
def test_what_is_said_and_what_fails(
    said: Any, strict: bool, status: int, words: str, tmp_path: Path
) -> None:
    """CI fails where a hole has a version without it, and passes where nobody can be asked."""
    tool, works = tmp_path / "pip-audit", isinstance(said, list)
    report = json.dumps({"dependencies": said, "fixes": []})
    says = f"print({report!r})" if works else f"sys.exit({said!r})"
    if said == "wait":
        says = "time.sleep(60)"
    tool.write_text(f"#!{sys.executable}\nimport sys, time\n{says}\n")
    tool.chmod(0o755)
    command = [sys.executable, "-I", ROOT / ".ci/audit", "--tool", tool, "--of", tool]
    command += ["--strict"] if strict else []
    command += ["--seconds", "1"] if said == "wait" else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert words in done.stdout
    assert done.stderr == ""
