"""Cases and lists that several files of tests share."""

from collections.abc import Sequence
from typing import Any

import pytest

from qbell import exact
from qbell.exact.engine import BelowRounding
from qbell.states import FAMILIES

AXES: dict[str, str | Sequence[float]] = {
    "z": "z",
    "x": "x",
    "y": "y",
    "minus z": (0, 0, -1),
    "tilted": (0.3, -1.2, 0.5),
}
AXIS = pytest.mark.parametrize("axis", AXES.values(), ids=AXES.keys())

NEEDED: dict[str, dict[str, Any]] = {
    family: {group[0]: kind.parameters()[group[0]].example for group in kind.required()}
    for family, kind in FAMILIES.items()
} | {
    "ising": {"u": -1.3},
    "double-well": {"u": -1.3},
    "product": {"theta": 0.7, "phi": 1.1},
    "coherent": {"theta": 0.7, "phi": 1.1},
    "twisting": {"time": 0.3},
    "graph": {"shape": "star"},
    "chain": {"couplings": -1.3, "longitudinal": 0.1},
    "xxz": {"u": 0.5},
    "quench": {"u": -0.8, "time": 1.3},
}
"""Parameters for the families that need some; their own examples where none are listed."""

DESCRIBED = [
    "n",
    "axis",
    "energy",
    "qfi",
    "f0",
    "bound",
    "bound_by_order",
    "e_n",
    "log_e_n",
    "q",
    "bell_qubits",
    "nonlocality_depth",
    "no_signalling_depth",
    "entanglement_depth",
    "method",
    "notes",
]
"""Keys of `qbell.exact.describe`, in their order."""


def value_and_limit(state: Any, axis: Any = "z") -> tuple[float | None, float]:
    """ln E_{N,0} and what it is at most; without a value where that is lost in rounding."""
    try:
        value = exact.log_e_n(state, axis)
    except BelowRounding as error:
        return None, error.most
    return value, value
