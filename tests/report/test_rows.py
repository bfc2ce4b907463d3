"""The rows of the tables and the sentences of the page follow the registry of certificates."""

import html
from dataclasses import replace
from typing import Any

import pytest

import qbell
from qbell.certificates.registry import DEPTHS, ROWS
from qbell.report.page import html_page
from qbell.report.rows import certificate_rows, certificate_sentences
from qbell.report.summary import summarize
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def result() -> qbell.Result:
    shots = qbell.read_shots(ROOT / "experiments" / "data" / "ghz_n=3.csv")
    return qbell.estimate(shots, resamples=100, seed=1)


def changed(summary: dict[str, Any], **numbers: Any) -> dict[str, Any]:
    return {**summary, "certificate": {**summary["certificate"], **numbers}}


def test_every_statement_has_its_row(result: qbell.Result) -> None:
    """In the registry's order; a check that there is nothing to test for has none, nor a depth that
    few designs measure and that is not certified."""
    rows = dict(certificate_rows(summarize(result)))
    left_out = ("settings_p", "separability", "acceptance_p")
    assert list(rows)[:-1] == [row.label for row in ROWS if row.key not in left_out]
    assert rows["Bell-correlated qubits (paper's count)"] == "3 of 3 at 95 % (Bell)"
    assert rows["genuine nonlocality depth"] == "3 at 95 % (Bell)"
    assert rows["  against no-signalling groups"] == "2 at 95 % (Bell)"
    assert rows["entanglement depth"] == "3 at 95 % (witness)"
    assert rows["p-value under local realism"] == "not available"
    summary = changed(summarize(result), settings_p=0.5, p_value=1e-9, p_value_ratio=2e-12)
    summary = changed(summary, separability=2, separability_p=1e-9)
    rows = dict(certificate_rows(summary))
    assert rows["p-value of uniform settings"] == "0.5"
    assert rows["separability"].startswith("not 2-separable at 95 %, p = 1e-09")
    assert rows["p-value under local realism"] == "1e-09 (Hoeffding), 2e-12 (ratio)"


def test_corrected_counts_are_named(result: qbell.Result) -> None:
    mitigated = qbell.estimate(replace(result.shots, provenance="mitigated"), resamples=100, seed=1)
    rows = dict(certificate_rows(summarize(mitigated)))
    assert rows["entanglement depth"] == "3 at 95 % (witness, mitigated)"
    assert rows["Bell-correlated qubits (paper's count)"] == "none certified"


def test_the_page_explains_what_is_certified_and_nothing_else(result: qbell.Result) -> None:
    summary = summarize(result)
    page = html_page(result, summary)
    for depth in DEPTHS:
        assert (html.escape(depth.says) in page) == (not depth.optional)
    explained = dict(certificate_sentences(changed(summary, **{d.key: d.nothing for d in DEPTHS})))
    assert list(explained) == [
        "p-value of no signalling",
        "p-value of quantum limits",
        "p-value of chance outcomes",
    ]
