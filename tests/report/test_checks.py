"""Checks with verdicts, and where numbers come from."""

from typing import Any

import pytest

import qbell
from qbell.campaigns.folder import provenance
from qbell.certificates.registry import CHECKS
from qbell.report.checks import NO_TEST, PASSED, check_labels, check_rows
from qbell.report.page import html_page
from qbell.report.provenance import Provenance, provenance_section
from qbell.report.rows import certificate_rows
from qbell.report.summary import summarize
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    shots = qbell.read_shots(ROOT / "experiments" / "data" / "ghz_n=3.csv")
    return summarize(qbell.estimate(shots, resamples=100, seed=1))


def test_verdicts(summary: dict[str, Any]) -> None:
    rows = {name: (p, says) for name, p, says in check_rows(summary)}
    assert rows["no signalling"][1] == PASSED
    assert rows["no drift between jobs"] == ("", NO_TEST)
    assert "uniform settings" not in rows  # of all settings in turn there is nothing to test
    assert "exchange symmetry" not in rows
    failed = {**summary, "symmetry_p": 1e-9, "drift_p": 0.0009}
    rows = {name: (p, says) for name, p, says in check_rows(failed)}
    for name in ("exchange symmetry", "no drift between jobs"):
        assert rows[name][1].startswith("FAILED: below 0.001")


def test_checks_and_claims_share_no_row(summary: dict[str, Any]) -> None:
    """Every row of the terminal's table is on the page, once."""
    whole = {**summary, "symmetry_p": 0.5, "drift_p": 0.5}
    labels = {name for name, _ in certificate_rows(whole)}
    assert {check.label for check in CHECKS if not check.optional} <= check_labels(whole) & labels
    assert "p-value of exchange symmetry" in check_labels(whole) & labels


def test_where_it_comes_from(summary: dict[str, Any]) -> None:
    spec = '[state]\nfamily = "<b>"\n'
    found = Provenance(spec, {"qbell": "1.2"}, {"counts.csv": "ab12"}, ("counts.csv",))
    section = provenance_section({**summary, "seed": 7}, found)
    for text in ("&lt;b&gt;", "qbell 1.2", "ab12", 'href="counts.csv"', "<td>7</td>"):
        assert text in section
    assert "not recorded" in provenance_section({**summary, "seed": None}, found)


def test_a_folder_without_records(tmp_path: Any) -> None:
    (tmp_path / "counts.csv").write_text("setting,bitstring,count\n")
    found = provenance(tmp_path)
    assert found.files == ("counts.csv",)
    assert (found.spec, found.versions) == (None, {})
    assert len(found.digests["counts.csv"]) == 64


def test_the_page_escapes_what_comes_from_files(summary: dict[str, Any]) -> None:
    shots = qbell.read_shots(ROOT / "experiments" / "data" / "ghz_n=3.csv")
    result = qbell.estimate(shots, resamples=100, seed=1)
    bad = {**summary, "backend": "<script>x</script>", "notes": ["<script>y</script>"]}
    page = html_page(result, bad, Provenance("<script>z</script>", {}, {}, ()))
    assert "<script>" not in page
