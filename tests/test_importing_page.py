"""The how-to on importing does what it says: all its Python runs, and gives the right bits."""

import re
from pathlib import Path
from typing import Any

import pytest

import qbell
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_of_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(blocks) == PAGE.count("```python")
    names: dict[str, Any] = {}
    made = 0
    for block in blocks:
        names.pop("shots", None)
        exec(compile(block, "docs/importing.md", "exec"), names)
        made += block.count("shots = ")
        if "shots" in names:
            assert isinstance(names["shots"], qbell.Shots), block
    assert made >= 20
    # what is written as 01 in Qiskit's order, 10 in others': qubit 0 gave 1
    for block in blocks:
        if "settings, kind=" in block or "bit_order" in block or "(1, 0)" in block:
            exec(compile(block, "docs/importing.md", "exec"), names)
            assert names["shots"].bits[0].tolist() == [1, 0], block


def test_every_kind_is_shown() -> None:
    from qbell.shots.importers.letters import PAULI_CODES, SIGMA_CODES
    from qbell.shots.importers.outcome_codes import CODES

    for name in (*SIGMA_CODES, *PAULI_CODES, *CODES, "braket", "cirq", "pennylane"):
        assert name in PAGE, name
