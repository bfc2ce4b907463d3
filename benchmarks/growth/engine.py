"""An engine: how its cost grows, and work that shows it."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Engine(NamedTuple):
    """One row.

    Attributes:
        name: of the work.
        law: of its time, in words, and as
        time: a function of the size, up to a factor.
        memory: of what it holds, in words.
        prepare: size -> what is timed.
        sizes: measured, ascending.
        end: the largest size, and
        why: what ends it.
        unit: of the sizes.
    """

    name: str
    law: str
    time: Callable[[float], float]
    memory: str
    prepare: Callable[[int], Callable[[], Any]]
    sizes: tuple[int, ...]
    end: int
    why: str
    unit: str = "N"
