"""Words from files stay words in the report: no tag, no script, no attribute of theirs."""

import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import qbell
from qbell.campaigns.run import run
from qbell.campaigns.spec import read_spec
from qbell.plots import comparison
from qbell.report.interactive import _item
from qbell.report.page import html_page
from qbell.report.provenance import Provenance
from qbell.report.summary import summarize
from tests.support.paths import ROOT

WORD = "<img src=x onerror=alert(1)></pre></script><!--<script>alert(2)//\"' onload='$x^{"


class Tags(HTMLParser):
    """All tags with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags_of(page: str) -> list[str]:
    parser = Tags()
    parser.feed(page)
    assert not [tag for tag, _ in parser.found if tag == "img"]
    for _, attributes in parser.found:
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "").startswith("javascript")
    return [tag for tag, _ in parser.found]


@pytest.mark.slow
@pytest.mark.pictures("built")
def test_names_and_texts_from_files(tmp_path: Path) -> None:
    """Spec, file names, backends, devices, notes, versions, seeds, jobs."""
    shots = qbell.read_shots(ROOT / "experiments" / "data" / "ghz_n=3.csv")
    shots = replace(shots, backend=WORD, notes=(WORD,))
    result = qbell.estimate(shots, resamples=40, seed=1)
    used = {"name": WORD, "calibrated": WORD, "started": WORD, "finished": WORD, "jobs": WORD}
    used |= {"dynamical_decoupling": WORD, "wires": [WORD], "missing": []}
    plain = html_page(result, summarize(qbell.estimate(shots, resamples=40, seed=1)))
    summary = summarize(result, family=WORD, device=used)
    summary["seed"] = WORD
    summary["notes"] = [*summary["notes"], WORD]
    names = ("counts.csv", WORD)
    about = Provenance(WORD, {WORD: WORD}, {"counts.csv": WORD, WORD: WORD}, names)
    page = html_page(result, summary, about)
    assert "<img src" not in page
    assert tags_of(page).count("script") == tags_of(plain).count("script")


def test_words_in_the_data_of_charts() -> None:
    """Within a script: what the browser reads as JSON holds the word, and the page no tag."""
    from bokeh.plotting import figure

    text = _item("orders", figure(title=WORD))
    assert "<" not in text
    assert WORD in json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')


def test_a_dollar_is_no_formula() -> None:
    """Names of folders and devices in pictures."""
    row = {"campaign": WORD, "n": 4, "bound": 14.0, "bound_low": 13.5, "bound_high": 14.5}
    ax = comparison(pd.DataFrame([row | {"exact_qfi": 16.0}]))
    assert [text.get_text() for text in ax.get_yticklabels()] == [WORD]
    ax.figure.savefig(io.BytesIO())


@pytest.mark.slow
def test_a_circuit_file_of_that_name(tmp_path: Path) -> None:
    """From the name of a file to the page, through a whole run."""
    name = "<img src=x onerror=alert(1)>$x^{.qasm"
    (tmp_path / name).write_text("OPENQASM 3.0;\nqubit[2] q;\nU(0.3, 0, 0) q[0];\n")
    spec: Any = tmp_path / "s.toml"
    spec.write_text(
        f"# </pre><script>alert(2)</script>\n[state]\ncircuit = '{name}'\n"
        "[schedule]\nshots = 20\n[estimate]\nresamples = 40\n"
    )
    run(read_spec(spec), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "&lt;img src=x" in page
    assert "script" not in tags_of(page)
