"""What a data set says, in one sentence."""

from typing import Any

import numpy as np

from qbell.certificates.statement import p_equals
from qbell.designs import find_design

REFUSED = "nothing is certified"  # how notes say that the data contradict what claims rest on


def headline(summary: dict[str, Any]) -> str:
    """The strongest statements of a summary in words.

    Args:
        summary: as `qbell.report.summary.summarize` makes it.

    Returns:
        Sentences: how many qubits are Bell-correlated, or entangled where only that is
        certified, with the p-value against local realism; and the lower limit of the QFI beside
        shot noise and the Heisenberg limit, and that from few-body moments where it is above
        shot noise and higher. Where a check fails, its note instead.
    """
    refused = [note for note in summary["notes"] if REFUSED in note]
    if refused:
        return _sentence(refused[0])
    certificate, size, bound = summary["certificate"], summary["n"], summary["bound"]
    parts = []
    if certificate["bell_qubits"]:
        parts.append(f"at least {certificate['bell_qubits']} of {size} qubits are Bell-correlated")
    elif certificate["entanglement_depth"] > 1:
        parts.append(f"at least {certificate['entanglement_depth']} of {size} qubits are entangled")
    stopped = summary.get("stop") is not None
    p_value = certificate["p_any" if stopped else "p_value"]
    if p_value is not None and p_value < certificate["alpha"]:
        when = ", whenever one stops" if stopped else ""
        parts.append(f"{p_equals(p_value)} against local realism{when}")
    percent = f"{100 * certificate['confidence']:g} %"
    if not find_design(summary["design"]).measures_qfi:
        said = parts[-1] if parts else "local realism is not refuted"
        many = f"{summary['operator_qubits']} qubits in one product"
        return _sentence(f"at {percent} confidence {said}, by {many}" if parts else said)
    moments = (summary.get("moment_bound") or {}).get("lower_limit") or 0.0
    above = np.isfinite(moments) and moments > size
    nothing = (
        "entanglement is shown by few-body moments, no depth and no Bell correlations are certified"
        if above
        else "neither Bell correlations nor entanglement is certified"
    )
    said = "; ".join(parts) if parts else "local realism is not refuted" if stopped else nothing
    limit = summary.get("anytime", {}).get("bound", {}).get("low") if stopped else None
    limit = bound["lower_limit"] if not stopped else limit
    qfi = _of_qfi(limit, size)
    if above and not stopped and moments > (limit or 0.0):
        qfi += f" From few-body moments: QFI ≥ {rounded_down(moments)}."
    return f"{_sentence(f'at {percent} confidence {said}')} {qfi}"


def _of_qfi(limit: float | None, size: int) -> str:
    known = f"(shot noise {size}, Heisenberg limit {size**2})"
    if limit is None or not np.isfinite(limit) or limit <= 0:
        return f"The lower limit of the QFI is not above 0 {known}."
    return f"QFI ≥ {rounded_down(limit)} {known}."


def rounded_down(value: float) -> str:
    """To three digits, and never up: a lower limit must stay one."""
    unit = 10.0 ** (np.floor(np.log10(value)) - 2)
    down = float(np.floor(value / unit) * unit)
    return np.format_float_positional(down, precision=3, fractional=False, trim="-")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
