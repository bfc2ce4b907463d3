"""The notebooks run from top to bottom, and show what they were saved with."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from matplotlib import rc_context

from tests.support.paths import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_top_to_bottom(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell, as one program; tuples and dictionaries at the end of a cell as saved."""
    monkeypatch.chdir(path.parent)
    names: dict[str, Any] = {}
    with rc_context():
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            body = ast.parse("".join(cell["source"]))
            last = body.body.pop() if isinstance(body.body[-1], ast.Expr) else None
            exec(compile(body, path.name, "exec"), names)
            if isinstance(last, ast.Expr):
                found = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
                if isinstance(found, tuple | dict):
                    assert numbers(repr(found)) == pytest.approx(numbers(saved(cell)), rel=1e-6)


def saved(cell: dict[str, Any]) -> str:
    return "".join(
        "".join(output["data"]["text/plain"]) for output in cell["outputs"] if "data" in output
    )


def numbers(text: str) -> list[float]:
    return [
        float(node.value)
        for node in ast.walk(ast.parse(text.strip(), mode="eval"))
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    ]
