"""Families of states: one a file, each with its exact state vector and a preparation circuit."""

from collections.abc import Mapping
from typing import Any

from qbell.errors import QbellError
from qbell.states.base import MAX_EXACT_QUBITS, State
from qbell.states.chain import Chain
from qbell.states.coherent import Coherent
from qbell.states.dicke import Dicke, W
from qbell.states.double_well import DoubleWell
from qbell.states.ghz import GHZ
from qbell.states.graph import Graph
from qbell.states.ising import Ising
from qbell.states.plus import Plus
from qbell.states.product import Product
from qbell.states.quench import Quench
from qbell.states.squeezed import Squeezed
from qbell.states.stars import Stars
from qbell.states.twisting import Twisting
from qbell.states.xxz import XXZ

__all__ = [
    "FAMILIES",
    "GHZ",
    "MAX_EXACT_QUBITS",
    "XXZ",
    "Chain",
    "Coherent",
    "Dicke",
    "DoubleWell",
    "Graph",
    "Ising",
    "Plus",
    "Product",
    "Quench",
    "Squeezed",
    "Stars",
    "State",
    "Twisting",
    "W",
    "named_state",
]

# All families, in the order in which they are listed to people.
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
        Stars,
        Chain,
        XXZ,
        Quench,
    )
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
    return FAMILIES[family].named(num_qubits, parameters)
