"""The designs: which settings are measured, how they are written, and what they may claim.

One class a design, in a file of its own; `DESIGNS` lists them. Nothing but a design and the
estimator it names knows its name.
"""

from collections.abc import Mapping
from types import MappingProxyType

from qbell.designs.base import Claim, Design, Observed
from qbell.designs.covering import Covering
from qbell.designs.equatorial import Equatorial
from qbell.designs.even import Even
from qbell.designs.full import Full
from qbell.designs.ghz import Ghz
from qbell.designs.mermin import Mermin
from qbell.designs.pauli import Pauli
from qbell.designs.random import Random
from qbell.designs.random3 import Random3
from qbell.designs.stars import Stars
from qbell.designs.symmetric import Symmetric
from qbell.errors import QbellError

__all__ = ["DEFAULT", "DESIGNS", "Claim", "Design", "Observed", "find_design"]

DESIGNS: Mapping[str, Design] = MappingProxyType(
    {
        design.name: design
        for design in (
            Full(),
            Random(),
            Even(),
            Ghz(),
            Mermin(),
            Random3(),
            Pauli(),
            Covering(),
            Equatorial(),
            Symmetric(),
            Stars(),
        )
    }
)
DEFAULT = Full.name  # where a spec or a call names none


def find_design(name: object) -> Design:
    """The design of a name; a design itself is returned as it is, with its own angles.

    Raises:
        QbellError: there is none of that name.

    >>> find_design("full").claim
    'bell'
    """
    if isinstance(name, Design):
        return name
    if not isinstance(name, str) or name not in DESIGNS:
        *most, last = DESIGNS
        raise QbellError(f"design {name!r} is unknown; use {', '.join(most)} or {last}")
    return DESIGNS[name]
