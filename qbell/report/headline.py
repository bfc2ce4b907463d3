"""What a data set says, in one sentence."""

from typing import Any

import numpy as np

from qbell.certificates.statement import p_equals
from qbell.designs import find_design

REFUSED = "nothing is certified"  # how notes say that the data contradict what claims rest on


# What limits the QFI from below, in the order of the sentence: key of the summary, and its words.
EVERY_DESIGN = {
    "bound": "Eq. (24)",
    "f0": "F0",
    "k1": "K1",
    "moment_bound": "few-body moments",
}


def headline(summary: dict[str, Any]) -> str:
    """The strongest statements of a summary in words.

    Args:
        summary: as `qbell.report.summary.summarize` makes it.

    Returns:
        Sentences: how many qubits are Bell-correlated, or entangled where only that is
        certified, with the p-value against local realism; and every lower limit of the QFI beside
        shot noise and the Heisenberg limit. None is left out because another is higher: the highest
        of several, named alone, would be too high more often than stated. Where a check fails, its
        note instead.
    """
    refused = [note for note in summary["notes"] if REFUSED in note]
    if refused:
        return _sentence(refused[0])
    certificate, size = summary["certificate"], summary["n"]
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
    confidence = certificate["confidence"]
    percent = f"{100 * confidence:g} %"
    if not find_design(summary["design"]).measures_qfi:
        said = parts[-1] if parts else "local realism is not refuted"
        many = f"{summary['operator_qubits']} qubits in one product"
        return _sentence(f"at {percent} confidence {said}, by {many}" if parts else said)
    limits = qfi_limits(summary)
    above = any(limit > size for limit in limits.values())
    what = "an entanglement depth" if above else "entanglement"
    nothing = f"neither Bell correlations nor {what} is certified"
    said = "; ".join(parts) if parts else "local realism is not refuted" if stopped else nothing
    qfi = _of_qfi(limits, size, confidence)
    if above and said == nothing:
        qfi += " A QFI above shot noise shows entanglement."
    return f"{_sentence(f'at {percent} confidence {said}')} {qfi}"


def qfi_limits(summary: dict[str, Any]) -> dict[str, float]:
    """Every lower limit of the QFI that the data have, each by itself at the confidence stated.

    Of a campaign that stopped because of what was seen, those that hold at any time.

    Returns:
        The limit, 0 where the data say nothing, by what it comes from.
    """
    names = {**EVERY_DESIGN, **find_design(summary["design"]).limits_qfi}
    stopped = summary.get("stop") is not None
    held = summary.get("anytime", {}) if stopped else summary
    found = {}
    for key, name in names.items():
        estimate = held.get(key)
        if estimate is None:
            continue
        limit = estimate["low" if stopped else "lower_limit"]
        found[name] = max(float(limit), 0.0) if limit is not None and np.isfinite(limit) else 0.0
    return found


def _of_qfi(limits: dict[str, float], size: int, confidence: float) -> str:
    known = f"(shot noise {size}, Heisenberg limit {size**2})"
    if not any(limits.values()):
        return f"The lower limit of the QFI is not above 0 {known}."
    said = {name: f"≥ {rounded_down(limit) if limit else 0}" for name, limit in limits.items()}
    if len(said) == 1:
        return f"QFI {next(iter(said.values()))} {known}."
    each = ", ".join(f"{limit} by {name}" for name, limit in said.items())
    # Boole's inequality: the chances of error add up at most.
    together = f"{100 * max(0.0, 1 - len(said) * (1 - confidence)):.6g} %"
    many = "both" if len(said) == 2 else f"all {len(said)}"
    return f"QFI {each} {known}: each by itself at {100 * confidence:g} %, {many} at {together}."


def rounded_down(value: float) -> str:
    """To three digits, and never up: a lower limit must stay one."""
    unit = 10.0 ** (np.floor(np.log10(value)) - 2)
    down = float(np.floor(value / unit) * unit)
    return np.format_float_positional(down, precision=3, fractional=False, trim="-")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
