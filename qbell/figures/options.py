"""Sizes, points and ranges of the figures, checked before anything is computed."""

from qbell.errors import QbellError
from qbell.util.checks import whole_number
from qbell.util.ranges import span, whole_numbers

PANELS = {"ising": "Ising chain", "double-well": "double well"}
"""Families of Figures 3 and 4, a panel each, and their names for people."""
MAX_SIZE = 10_000
MAX_POINTS = 2000
MAX_U = 1000.0


def parse_sizes(text: str, *, most: int = 12) -> tuple[int, ...]:
    """Sizes N in ascending order, e.g. of ``6,8,10``.

    Raises:
        QbellError: not whole numbers from 2 to 10,000, one stands twice, or more than ``most``.

    >>> parse_sizes("8,6")
    (6, 8)
    """
    sizes = whole_numbers("--sizes", text)
    for size in sizes:
        whole_number("--sizes", size, least=2, most=MAX_SIZE)
    if len(sizes) > most:
        raise QbellError(f"--sizes holds {len(sizes)} sizes; give at most {most}")
    return sizes


def parse_panels(
    text: str, defaults: tuple[str, str], *, most: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sizes of the Ising panel and of the double well's: ``12,16/100,150``.

    Without a slash they are the Ising panel's, and the double well keeps ``defaults``.

    Raises:
        QbellError: more than one slash, or see `parse_sizes`.

    >>> parse_panels("12", ("6", "100"), most=2)
    ((12,), (100,))
    """
    parts = text.split("/")
    if len(parts) > 2:
        raise QbellError(f"--sizes {text!r} has {len(parts)} panels; give Ising/double well")
    ising, double_well = [*parts, *defaults[len(parts) :]]
    return parse_sizes(ising, most=most), parse_sizes(double_well, most=most)


def parse_range(text: str) -> tuple[float, float]:
    """The ends of a range of U such as ``-3:0``.

    Raises:
        QbellError: no ascending range between -1000 and 0.
    """
    start, stop = span("--u", text)
    if start < -MAX_U or stop > 0:
        raise QbellError(
            f"--u {text!r}: the figures are of U < 0; give a range between {-MAX_U:g} and 0"
        )
    return start, stop


def check_points(points: int) -> int:
    """``points``, or a `QbellError` if it is not a whole number from 2 to 2000."""
    return whole_number("--points", points, least=2, most=MAX_POINTS)
