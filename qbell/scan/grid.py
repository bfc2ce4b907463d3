"""Which points to compute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.errors import QbellError
from qbell.states import FAMILIES, named_state
from qbell.util.checks import finite_number, whole_number
from qbell.util.ranges import MAX_POINTS


@dataclass(frozen=True)
class Grid:
    """Which points to compute, checked when it is made.

    Attributes:
        family: of the states.
        sizes: N, ascending.
        us: interactions U, ascending; ``(None,)`` for a family without.
        axis: of the generator.
        with_bound: False leaves out the bound of Eq. (24), the costly part.
    """

    family: str
    sizes: tuple[int, ...]
    us: tuple[float | None, ...]
    axis: Axis
    with_bound: bool

    @property
    def points(self) -> list[tuple[int, float | None]]:
        """(N, U) of every point, in the order of the tables."""
        return [(n, u) for n in self.sizes for u in self.us]

    def record(self) -> dict[str, Any]:
        """What makes two scans the same, as plain data; the version of qbell is a part of it."""
        return {
            "qbell": metadata.version("qbell"),
            "family": self.family,
            "n": list(self.sizes),
            "u": list(self.us),
            "axis": self.axis.name,
            "bound": self.with_bound,
        }


def make_grid(
    family: str,
    sizes: Iterable[int],
    us: Iterable[float] | None = None,
    *,
    axis: AxisLike = "z",
    with_bound: bool = True,
) -> Grid:
    """A checked `Grid`; every state of it can be made.

    Raises:
        QbellError: a bad N, U, axis or family, U missing, or more points than 100,000.
    """
    whole = sorted({whole_number("n", n, least=2) for n in sizes})
    real: Sequence[float | None] = [None]
    if us is not None:
        real = sorted({finite_number("u", u) + 0.0 for u in us})
    if not whole or not real:
        raise QbellError(f"the grid has no {'u' if whole else 'n'}; give at least one")
    if len(whole) * len(real) > MAX_POINTS:
        raise QbellError(f"the grid has {len(whole) * len(real)} points; give at most {MAX_POINTS}")
    grid = Grid(family, tuple(whole), tuple(real), parse_axis(axis), with_bound)
    needed = FAMILIES[family].required() if family in FAMILIES else ()
    for group in needed:
        if "u" not in group:
            raise QbellError(
                f"family {family} needs {' or '.join(group)}, and a scan varies n and u alone; "
                "take its states one by one, with qbell exact or qbell.exact.describe"
            )
    if us is None and ("u",) in needed:
        raise QbellError(f"family {family} needs a grid of u, e.g. --u -3:0:61")
    for n, u in [(n, real[0]) for n in whole] + [(whole[0], u) for u in real]:
        named_state(family, n, {} if u is None else {"u": u})
    return grid
