"""The tests of what claims rest on, each with its verdict in words."""

from typing import Any

from qbell.certificates.registry import CHECKS
from qbell.certificates.statement import p_text
from qbell.conventions.alarm import ALARM

PREFIX = "p-value of "
PASSED = "passed: the data do not speak against it"
NO_TEST = "not tested: these data allow no test"


def other_checks(summary: dict[str, Any]) -> list[tuple[str, float]]:
    """Label and p-value of the tests that are not certificates, as far as they were made."""
    found = (
        (f"{PREFIX}exchange symmetry", summary["symmetry_p"]),
        (f"{PREFIX}no drift between jobs", summary["drift_p"]),
        (f"{PREFIX}no drift, reference jobs", (summary["device"] or {}).get("reference_drift_p")),
    )
    return [(label, value) for label, value in found if value is not None]


def check_labels(summary: dict[str, Any]) -> set[str]:
    """Labels of all rows that are tests of an assumption."""
    return {check.label for check in CHECKS} | {label for label, _ in other_checks(summary)}


def check_rows(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What was tested, its p-value, and the verdict; for the page.

    A test that a design does not need has no row.
    """
    certificate = summary["certificate"]
    found: list[tuple[str, float | None]] = [
        (check.label, certificate[check.key])
        for check in CHECKS
        if not (check.optional and certificate[check.key] is None)
    ]
    found += other_checks(summary)
    if summary["drift_p"] is None:
        found.append((f"{PREFIX}no drift between jobs", None))
    return [
        (label.strip().removeprefix(PREFIX), "" if p is None else p_text(p), verdict(p))
        for label, p in found
    ]


def verdict(p_value: float | None) -> str:
    """The p-value in words; one below the alarm is what notes and claims follow.

    >>> verdict(0.4)
    'passed: the data do not speak against it'
    """
    if p_value is None:
        return NO_TEST
    if p_value >= ALARM:
        return PASSED
    return f"FAILED: below {ALARM:g}; the notes say what is not claimed"
