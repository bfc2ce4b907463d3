"""The recipes for pandas run, and show what they say."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "pandas.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_of_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib import rc_context

    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    with rc_context():
        for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
            exec(compile(block, "docs/pandas.md", "exec"), names)
    assert sorted(names["certain"]["label"]) == ["++++", "----"]
    assert names["with_qubit_0"].shape[0] == 54
    assert (names["shares"].sum(axis=1) - 1).abs().max() < 1e-12
    assert len(names["series"]) == 3
    assert (tmp_path / "ghz.png").stat().st_size > 10_000
