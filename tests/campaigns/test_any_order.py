"""Commands on one folder in any order, files deleted or torn between them: right, or one line."""

import io
import json
import shutil
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from qbell.cli import app

SPEC = """seed = 3
[state]
family = "ghz"
n = 2
[schedule]
design = "{design}"
{more}
[estimate]
resamples = 200
"""
DESIGNS = {"full": "shots = 20", "random": "draws = 40", "covering": "order = 1\nshots = 9"}
FILES = [
    *("spec.toml", "run.json", "counts.csv", "correlators.csv", "summary.json", "report.html"),
]
KNOWN: dict[str, Any] = {}  # what each design gives in a folder that nobody touched


def qbell(*arguments: object) -> tuple[int, str, str]:
    """Exit status, output and errors of a command."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    sys.argv = ["qbell", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            app.run()
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue(), err.getvalue()
    finally:
        sys.argv = before
    raise AssertionError("a command ends with its status")


class Folder(RuleBasedStateMachine):
    """A folder of results, and what is known of it."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.out = self.home / "out"

    @initialize(design=st.sampled_from(list(DESIGNS)))
    def start(self, design: str) -> None:
        self.design = design
        (self.home / "s.toml").write_text(SPEC.format(design=design, more=DESIGNS[design]))
        if design not in KNOWN:
            KNOWN[design] = self.said("run", self.home / "s.toml", "--out", self.home / "whole")
            assert KNOWN[design] is not None

    def said(self, *arguments: object) -> Any:
        """The bound that a command says; None where it refuses, in one line."""
        code, out, err = qbell(*arguments, "--json")
        if code == 0:
            return json.loads(out)["bound"]
        assert code == 2, err
        assert out == ""
        assert err.splitlines()[-1].startswith("error: ")
        assert "Traceback" not in err
        return None

    @rule()
    def run(self) -> None:
        assert self.said("run", self.home / "s.toml", "--out", self.out) in (
            None,
            KNOWN[self.design],
        )

    @rule(how=st.sampled_from(["out", "counts.csv"]))
    def analyze(self, how: str) -> None:
        path = self.out if how == "out" else self.out / how
        given = [] if (self.out / "run.json").exists() else ["--design", self.design]
        assert self.said("analyze", path, *given) in (None, KNOWN[self.design])

    @rule()
    def analyze_elsewhere(self) -> None:
        """The table alone, under another name."""
        if (self.out / "counts.csv").exists():
            shutil.copy(self.out / "counts.csv", self.home / "mine.csv")
            found = self.said("analyze", self.home / "mine.csv", "--design", self.design)
            # Rows that were torn off are missed where settings are fixed; else they are no lie.
            assert found in (None, KNOWN[self.design]) or self.torn

    @rule(command=st.sampled_from(["report", "list", "compare"]))
    def look(self, command: str) -> None:
        arguments = [self.out, self.home / "whole"] if command == "compare" else [self.out]
        if command == "compare":
            arguments += [f"--out={self.home / 'compared'}"]
        code, _, err = qbell(command, *arguments)
        assert code in (0, 2), err
        assert "Traceback" not in err
        assert code == 0 or err.splitlines()[-1].startswith("error: ")

    torn = False

    @rule(name=st.sampled_from(FILES))
    def delete(self, name: str) -> None:
        (self.out / name).unlink(missing_ok=True)

    @rule(name=st.sampled_from(FILES), share=st.floats(0, 0.99))
    def tear(self, name: str, share: float) -> None:
        path = self.out / name
        if path.exists():
            content = path.read_bytes()
            path.write_bytes(content[: int(share * len(content))])
            self.torn |= name == "counts.csv"

    @rule()
    def delete_all(self) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        self.torn = False

    def teardown(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.mark.nightly
def test_any_order() -> None:
    few = settings().max_examples
    run_state_machine_as_test(
        Folder, settings=settings(max_examples=max(2, few // 10), stateful_step_count=12)
    )
