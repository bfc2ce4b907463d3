"""What an ideal campaign's estimates are of, exactly, where that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbell.campaigns.spec import Spec
from qbell.designs import find_design
from qbell.devices.backends import IDEAL

QUANTITIES = ("qfi", "f0", "bound", "e_n")


@dataclass(frozen=True)
class Truth:
    """Values that the estimates of a campaign come out as on average; None if only pilots tell.

    Attributes:
        bound: of the part of Eq. (24) that the design measures.
        f0: Eq. (12).
        e_n: E_{N,0}.
    """

    bound: float | None = None
    f0: float | None = None
    e_n: float | None = None


def truth(spec: Spec, prepared: Mapping[str, Any] | None) -> Truth:
    """The `Truth` from exact values of what the circuit prepares, see `qbell.report.summary`.

    Noise leaves all to the pilots. So do designs that estimate Eq. (24) itself, or E_{N,0}, only of
    some states, such as those that do not change when qubits are exchanged.
    """
    if spec.backend != IDEAL or prepared is None:
        return Truth()
    kind = find_design(spec.design)
    return Truth(
        bound=kind.expected_bound(prepared, spec.order),
        f0=float(prepared["f0"]),
        e_n=kind.expected_e_n(prepared),
    )


def exact_values(spec: Spec, known: Mapping[str, Any] | None) -> dict[str, float | None] | None:
    """What a plan shows beside expected values, of the state aimed at."""
    if known is None:
        return None
    found: dict[str, float | None] = {name: known[name] for name in QUANTITIES}
    found |= {name: known.get(name) for name in find_design(spec.design).quantities}
    if spec.order is not None:
        found["bound_to_order"] = float(sum(known["bound_by_order"][: spec.order + 1]))
    return found
