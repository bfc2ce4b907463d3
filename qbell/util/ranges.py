"""Grids in words: numbers and ranges ``start:stop:count``, joined by commas."""

import math
from fractions import Fraction
from itertools import pairwise

from qbell.errors import QbellError

MAX_POINTS = 100_000


def numbers(name: str, text: str) -> tuple[float, ...]:
    """The numbers of a grid, in ascending order, each once.

    ``start:stop:count`` are ``count`` numbers at equal distances, both ends included. They are
    worked out in fractions, so that -3:0:61 holds -0.6 and not -0.6000000000000001.

    Args:
        name: what the grid is of, for messages, e.g. ``--u``.
        text: e.g. ``-3:0:61`` or ``-2,-1.5,-1:0:11``.

    Raises:
        QbellError: an item that is neither, a number that is not finite, or too many of them.

    >>> numbers("--u", "-3,-1:0:3")
    (-3.0, -1.0, -0.5, 0.0)
    """
    found = [number for item in text.split(",") for number in _item(name, item.strip())]
    if len(found) > MAX_POINTS:
        raise QbellError(f"{name} holds {len(found)} numbers; give at most {MAX_POINTS}")
    return tuple(sorted(set(found)))


def whole_numbers(name: str, text: str) -> tuple[int, ...]:
    """As `numbers`, for sizes: each must be whole, and none may stand twice.

    Raises:
        QbellError: as `numbers`; a fraction, or a number that stands twice.

    >>> whole_numbers("--n", "6:16:6")
    (6, 8, 10, 12, 14, 16)
    """
    found = [number for item in text.split(",") for number in _item(name, item.strip())]
    for number in found:
        if number != int(number):
            raise QbellError(f"{name} holds {number:g}; give whole numbers, e.g. 6,8 or 6:16:6")
    sizes = sorted(int(number) for number in found)
    for one, other in pairwise(sizes):
        if one == other:
            raise QbellError(f"{name} holds {one} twice; give every number once")
    return tuple(sizes)


def span(name: str, text: str) -> tuple[float, float]:
    """The ends of a range ``start:stop``, start below stop.

    Raises:
        QbellError: not two finite numbers, or not in ascending order.

    >>> span("--u", "-3:0")
    (-3.0, 0.0)
    """
    parts = text.split(":")
    if len(parts) != 2:
        raise QbellError(f"{name} {text!r} is not a range; give start:stop, e.g. -3:0")
    start, stop = (_number(name, part) for part in parts)
    if start >= stop:
        raise QbellError(f"{name} {text!r} does not ascend; give the smaller number first")
    return start, stop


def evenly(start: float, stop: float, count: int) -> tuple[float, ...]:
    """``count`` numbers from ``start`` to ``stop`` at equal distances, each rounded once.

    >>> evenly(-0.9, 0.0, 4)
    (-0.9, -0.6, -0.3, 0.0)
    """
    if count == 1:
        return (start,)
    # The shortest decimal of a float, which is what was typed: -0.1 is -1/10 here.
    first, last = Fraction(repr(start)), Fraction(repr(stop))
    return tuple(float(first + (last - first) * Fraction(k, count - 1)) for k in range(count))


def _item(name: str, item: str) -> tuple[float, ...]:
    parts = item.split(":")
    if len(parts) == 1:
        return (_number(name, item),)
    if len(parts) != 3:
        raise QbellError(f"{name} {item!r} is not a range; give start:stop:count, e.g. -3:0:61")
    start, stop = _number(name, parts[0]), _number(name, parts[1])
    count = parts[2].strip()
    digits = count.isascii() and count.isdigit() and len(count) < 10
    if not digits or not 1 <= int(count) <= MAX_POINTS:
        raise QbellError(
            f"{name} {item!r}: the count is {count!r}; give a whole number from 1 to {MAX_POINTS}"
        )
    if int(count) == 1 and start != stop:
        raise QbellError(f"{name} {item!r}: one number cannot have two ends; give a count from 2")
    return evenly(start, stop, int(count))


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise QbellError(
            f"{name} holds {text.strip()!r}, which is not a number; give numbers or "
            "start:stop:count, joined by commas"
        ) from error
    if not math.isfinite(number):
        raise QbellError(f"{name} holds {text.strip()}; give finite numbers")
    return number + 0.0  # no -0.0
