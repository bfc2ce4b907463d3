"""Campaigns side by side, from the summaries in their folders."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qbell.errors import QbellError

CERTIFIED = ("bell_qubits", "nonlocality_depth", "entanglement_depth", "p_value")


def compare(summaries: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """One row a campaign.

    Args:
        summaries: contents of ``summary.json`` by the campaign's name.

    Returns:
        Columns campaign, family, n, u, design, backend, provenance, total_shots; bound and e_n with
        _error, _low and _high; bell_qubits, nonlocality_depth, entanglement_depth, p_value;
        exact_bound and exact_qfi. What a campaign has not is empty. Of one that stopped because of
        what was seen, low and high hold at any time.

    Raises:
        QbellError: no summaries, or one that is none.
    """
    if not summaries:
        raise QbellError("compare: expected the folders of campaigns, got none")
    return pd.DataFrame([_row(name, summary) for name, summary in summaries.items()])


def _number(value: object) -> float:
    """JSON has null for what is no number, such as the error of an estimate from too few shots."""
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise TypeError(f"{str(value)[:40]!r} is not a number")
    return float("nan") if value is None else float(value)


def _row(name: str, summary: Mapping[str, Any]) -> dict[str, Any]:
    if "qfi_scan" in summary:
        raise QbellError(
            f"{name} is a phase scan, which measures no bound to compare; leave it out, or put its "
            "qfi_scan of summary.json beside the others"
        )
    try:
        row: dict[str, Any] = {"campaign": name}
        keys = ("family", "n", "u", "design", "backend", "provenance", "total_shots")
        row |= {key: summary[key] for key in keys}
        for key in ("bound", "e_n"):
            part = summary[key] or {}
            row |= {
                key: _number(part.get("value")),
                f"{key}_error": _number(part.get("standard_error")),
                f"{key}_low": _number(part.get("low")),
                f"{key}_high": _number(part.get("high")),
            }
            if summary.get("stop"):  # the ends of a fixed number of shots do not hold
                limits = summary.get("anytime", {}).get(key, {})
                row |= {f"{key}_{end}": _number(limits.get(end)) for end in ("low", "high")}
        row |= {key: summary["certificate"][key] for key in CERTIFIED}
        exact = summary["exact"] or {}
        row |= {"exact_bound": exact.get("bound"), "exact_qfi": exact.get("qfi")}
        for key in (*CERTIFIED, "n", "u", "total_shots", "exact_bound", "exact_qfi"):
            _number(row[key])
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise QbellError(
            f"{name}: its summary.json is not one of a campaign ({error}); write it anew by "
            f"qbell report {name}"
        ) from error
    return row
