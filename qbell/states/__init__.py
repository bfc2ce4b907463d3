"""Families of states: one a file, each with its exact state vector and a preparation circuit."""

from collections.abc import Mapping
from typing import Any

from qbell.errors import QbellError
from qbell.states.base import MAX_EXACT_QUBITS, State
from qbell.states.coherent import Coherent
from qbell.states.dicke import Dicke, W
from qbell.states.double_well import DoubleWell
from qbell.states.ghz import GHZ
from qbell.states.graph import Graph
from qbell.states.ising import Ising
from qbell.states.plus import Plus
from qbell.states.product import Product
from qbell.states.squeezed import Squeezed
from qbell.states.twisting import Twisting

__all__ = [
    "FAMILIES",
    "GHZ",
    "MAX_EXACT_QUBITS",
    "PARAMETERS",
    "REQUIRED",
    "Coherent",
    "Dicke",
    "DoubleWell",
    "Graph",
    "Ising",
    "Plus",
    "Product",
    "Squeezed",
    "State",
    "Twisting",
    "W",
    "named_state",
]

FAMILIES: dict[str, type[State]] = {
    state.family: state
    for state in (
        GHZ,
        Ising,
        DoubleWell,
        Plus,
        W,
        Dicke,
        Product,
        Coherent,
        Twisting,
        Squeezed,
        Graph,
    )
}
PARAMETERS: dict[str, tuple[str, ...]] = {
    "ghz": ("layout",),
    "ising": ("u", "layers", "fidelity", "angles"),
    "double-well": ("u", "layers", "fidelity"),
    "dicke": ("ones",),
    "product": ("theta", "phi"),
    "coherent": ("theta", "phi"),
    "twisting": ("time",),
    "squeezed": ("time",),
    "graph": ("shape", "rows", "edges"),
}
"""Which parameters a family takes, besides n."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "ising": ("u",),
    "double-well": ("u",),
    "product": ("theta",),
    "coherent": ("theta",),
    "twisting": ("time",),
    "graph": ("shape", "edges"),
}
"""One of these a family needs."""

_EXAMPLES = {
    "u": "u, the interaction strength, e.g. u = -1.5",
    "theta": "theta, the polar angle in radians, e.g. theta = 0.5",
    "time": "time, the strength of the twisting times its duration, e.g. time = 0.2",
    "shape": "a shape, e.g. shape = 'ring', or edges, e.g. edges = [[0, 1], [1, 2]]",
}


def named_state(family: str, num_qubits: int, parameters: Mapping[str, Any]) -> State:
    """The state of a family's name and its parameters.

    Raises:
        QbellError: no such family, a parameter it does not take, or one that it needs is missing.

    >>> named_state("ising", 4, {"u": -1.5}).num_qubits
    4
    """
    if family not in FAMILIES:
        raise QbellError(f"family {family!r} is unknown; use one of {', '.join(FAMILIES)}")
    taken = PARAMETERS.get(family, ())
    for name in parameters:
        if name not in taken:
            raise QbellError(f"family {family} takes no {name}; leave it out")
    required = REQUIRED.get(family, ())
    if required and not any(name in parameters for name in required):
        raise QbellError(f"family {family} needs {_EXAMPLES[required[0]]}")
    return FAMILIES[family](num_qubits, **parameters)
