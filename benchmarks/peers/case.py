"""What is compared: a case is a table, with tools as rows and sizes as columns."""

from collections.abc import Callable
from typing import Any, NamedTuple

Work = Callable[[], Any]


class Tool(NamedTuple):
    """One way to do the work.

    Attributes:
        name: as the table shows it; qbell's begin with ``qbell``.
        package: without which there is no such row.
        prepare: size -> what is timed; what it prepares is not.
        least, most: sizes that it is made for.
    """

    name: str
    package: str
    prepare: Callable[[Any], Work]
    least: float = 0
    most: float = float("inf")


class Case(NamedTuple):
    """A table.

    Attributes:
        title, says: its head, and what is computed and compared, in a sentence or two.
        sizes: the columns, ascending.
        tools: the rows; the first is qbell.
        close: relative distance from the truth that counts as right.
        values: the numbers in what a tool returns.
        truth: of each size; None: the values that qbell and another tool agree on.
        warm: a size at which each tool runs once before, to import and compile.
        unit: of the sizes.
        shown: the value after those that are compared, as a format.
    """

    title: str
    says: str
    sizes: tuple[Any, ...]
    tools: tuple[Tool, ...]
    close: float
    values: Callable[[Any], list[float]] = lambda found: [float(found)]
    truth: Callable[[Any], list[float]] | None = None
    warm: Any = None
    unit: str = "N"
    shown: str = ""


class Cell(NamedTuple):
    """What was measured of one tool at one size.

    Attributes:
        case, tool, size: which.
        seconds: least processor time of its runs, of all threads; nan if none ended.
        memory: MiB beyond those held before, at most at any time.
        verdict: ``right``, ``wrong: 3.2 for 9``, ``alone`` if nobody else has an answer, or why it
            has none.
    """

    case: str
    tool: str
    size: str
    seconds: float
    memory: float
    verdict: str
