"""Angles from users, and whole multiples of them without loss."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from qbell.util.checks import finite_number

MAX_ANGLE = 1e6
TAU = Fraction("6.283185307179586476925286766559005768394338798750211641949889184615633")
_BITS = 128


def angle(name: str, value: object) -> float:
    """``value`` as an angle between -1e6 and 1e6, or a `QbellError`."""
    return finite_number(name, value, most=MAX_ANGLE)


def multiples(value: float, factors: NDArray[np.int64]) -> NDArray[np.float64]:
    """``factors`` times the angle ``value``, between 0 and 2 pi.

    Right to rounding of the result: N^2 times an angle has lost its last digits before it is
    brought into one turn, so turns are counted in whole numbers of 128 bits.

    >>> multiples(np.pi, np.array([0, 1, 10**8])).round(6).tolist()
    [0.0, 3.141593, 6.283185]
    """
    turn = 1 << _BITS
    step = round(Fraction(value) / TAU * turn)
    scale = 2.0 * np.pi / 2.0**_BITS
    return np.array([factor * step % turn * scale for factor in factors.tolist()])
