"""Families of states: one a file, each with its exact state vector and a preparation circuit."""

from collections.abc import Mapping
from typing import Any

from qbell.errors import QbellError
from qbell.states.base import MAX_EXACT_QUBITS, State
from qbell.states.dicke import Dicke, W
from qbell.states.double_well import DoubleWell
from qbell.states.ghz import GHZ
from qbell.states.ising import Ising
from qbell.states.plus import Plus

__all__ = [
    "FAMILIES",
    "GHZ",
    "MAX_EXACT_QUBITS",
    "Dicke",
    "DoubleWell",
    "Ising",
    "Plus",
    "State",
    "W",
    "named_state",
]

FAMILIES: dict[str, type[State]] = {
    state.family: state for state in (GHZ, Ising, DoubleWell, Plus, W, Dicke)
}
PARAMETERS = {"ising": ("u", "layers", "fidelity"), "double-well": ("u",), "dicke": ("ones",)}
"""Which parameters a family takes, besides n."""


def named_state(family: str, num_qubits: int, parameters: Mapping[str, Any]) -> State:
    """The state of a family's name and its parameters.

    Raises:
        QbellError: no such family, a parameter it does not take, or U missing.

    >>> named_state("ising", 4, {"u": -1.5}).num_qubits
    4
    """
    if family not in FAMILIES:
        raise QbellError(f"family {family!r} is unknown; use one of {', '.join(FAMILIES)}")
    taken = PARAMETERS.get(family, ())
    for name in parameters:
        if name not in taken:
            raise QbellError(f"family {family} takes no {name}; leave it out")
    if "u" in taken and "u" not in parameters:
        raise QbellError(f"family {family} needs u, the interaction strength, e.g. u = -1.5")
    return FAMILIES[family](num_qubits, **parameters)
