"""Which points to compute."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from itertools import product
from typing import Any

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.errors import QbellError
from qbell.scan import mixed
from qbell.states import FAMILIES, State, named_state
from qbell.util.checks import finite_number, whole_number
from qbell.util.ranges import MAX_POINTS

OPTIMAL = "optimal"
Value = str | int | float
Point = tuple[Any, ...]


@dataclass(frozen=True)
class Grid:
    """Which points to compute, checked when it is made.

    Attributes:
        family: of the states.
        sizes: N, ascending.
        us: interactions U, ascending; ``(None,)`` for a family without.
        axis: of the generator; None for that of the largest QFI at each point.
        with_bound: False leaves out the bound of Eq. (24), the costly part.
        others: further parameters of the family and their values; and of `qbell.scan.mixed`.
    """

    family: str
    sizes: tuple[int, ...]
    us: tuple[float | None, ...]
    axis: Axis | None
    with_bound: bool
    others: tuple[tuple[str, tuple[Value, ...]], ...] = ()

    @property
    def points(self) -> list[Point]:
        """(N, U) and the further parameters of every point, in the order of the tables."""
        values = [values for _, values in self.others]
        return list(product(self.sizes, self.us, *values))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the further parameters."""
        return tuple(name for name, _ in self.others)

    @property
    def by_order(self) -> bool:
        """Whether the bound is split by order; averages are not."""
        return self.with_bound and "disorder" not in self.names

    @property
    def axis_name(self) -> str:
        """The axis in words."""
        return OPTIMAL if self.axis is None else self.axis.name

    def record(self) -> dict[str, Any]:
        """What makes two scans the same, as plain data; the version of qbell is a part of it."""
        return {
            "qbell": metadata.version("qbell"),
            "family": self.family,
            "n": list(self.sizes),
            "u": list(self.us),
            "axis": self.axis_name,
            "bound": self.with_bound,
            **(
                {"vary": {name: list(values) for name, values in self.others}}
                if self.others
                else {}
            ),
        }


def make_grid(
    family: str,
    sizes: Iterable[int],
    us: Iterable[float] | None = None,
    *,
    axis: AxisLike = "z",
    with_bound: bool = True,
    vary: Mapping[str, Iterable[Value]] | None = None,
) -> Grid:
    """A checked `Grid`; the states along its edges can be made.

    Raises:
        QbellError: a bad N, U, parameter, axis or family, one missing, or more points than 100,000.
    """
    whole = sorted({whole_number("n", n, least=2) for n in sizes})
    real: Sequence[float | None] = [None]
    if us is not None:
        real = sorted({finite_number("u", u) + 0.0 for u in us})
    if not whole or not real:
        raise QbellError(f"the grid has no {'u' if whole else 'n'}; give at least one")
    others = tuple((name, _values(family, name, each)) for name, each in (vary or {}).items())
    chosen = None if isinstance(axis, str) and axis.lower() == OPTIMAL else parse_axis(axis)
    count = math.prod([len(whole), len(real), *(len(values) for _, values in others)])
    if count > MAX_POINTS:
        raise QbellError(f"the grid has {count} points; give at most {MAX_POINTS}")
    grid = Grid(family, tuple(whole), tuple(real), chosen, with_bound, others)
    given = {*grid.names, *(() if us is None else ("u",))}
    for group in FAMILIES[family].required() if family in FAMILIES else ():
        if given.isdisjoint(group):
            if group == ("u",):
                raise QbellError(f"family {family} needs a grid of u, e.g. --u -3:0:61")
            raise QbellError(
                f"family {family} needs {' or '.join(group)}; give values, e.g. --vary "
                f"{group[0]}={FAMILIES[family].parameters()[group[0]].example}"
            )
    first = (max(whole), real[0], *(values[0] for _, values in others))
    axes = (whole, real, *(values for _, values in others))
    for place, values in enumerate(axes):
        for value in values:
            make_state(grid, (*first[:place], value, *first[place + 1 :]))
    return grid


def make_state(grid: Grid, point: Point) -> tuple[State, dict[str, Any]]:
    """The state at a point, and what is made of it: its temperature, or disorder.

    Raises:
        QbellError: it cannot be made.
    """
    n, u, *values = point
    parameters, special = mixed.split(dict(zip(grid.names, values, strict=True)))
    mixed.check(grid.family, n, special)
    state = named_state(grid.family, n, parameters if u is None else {"u": u, **parameters})
    return state, special


def _values(family: str, name: str, values: Iterable[Value]) -> tuple[Value, ...]:
    """The values of a further parameter, each once, in their order."""
    declared = FAMILIES[family].parameters() if family in FAMILIES else {}
    special = mixed.allowed(family)
    if (name not in declared and name not in special) or name == "u":
        varied = ", ".join([*(other for other in declared if other != "u"), *special]) or "none"
        raise QbellError(f"vary {name}: family {family} has other parameters: {varied}")
    found = tuple(dict.fromkeys(values))
    if not found:
        raise QbellError(f"the grid has no {name}; give at least one")
    for value in found:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise QbellError(f"vary {name} holds {value!r}; give numbers or words")
    return found
