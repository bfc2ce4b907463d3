"""Common angles as they are written, and whether they tell the harmonics of parities apart.

The parity of n qubits along one angle a is a sum of e^(-i q a), q = n, n - 2, .. -n, so that turned
by half a turn it is (-1)^n times what it was: angles count modulo pi, and n + 1 different ones are
needed.
"""

import math
import re

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
ANGLE = re.compile(rf"([+-]?)({NUMBER})(?:/([1-9][0-9]*))?(pi|rad)")
MOST_CONDITION = 100.0
MOST_ANGLES = 256  # their index is stored in 8 bits
SAME = 1e-9  # radians: angles nearer than this are one


def is_angle(word: str) -> bool:
    """Whether a setting is an angle with its unit.

    >>> [is_angle(word) for word in ("0.25pi", "3/8pi", "-0.785rad", "0.785", "1/4")]
    [True, True, True, False, False]
    """
    return ANGLE.fullmatch(word) is not None


def angle_of(word: str) -> float:
    """An angle in radians.

    >>> angle_of("1/4pi") == math.pi / 4, angle_of("0.5rad")
    (True, 0.5)
    """
    match = ANGLE.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} is no angle with a unit")
    sign, number, below, unit = match.groups()
    value = float(number) / int(below or 1)
    value *= math.pi if unit == "pi" else 1.0
    return -value if sign == "-" else value


def harmonic_columns(angles: Floats, size: int) -> Floats:
    """(J, size + 1) the parity of ``size`` qubits as a sum of real parameters.

    sum over q of e^(-iqa) C_q, with C_(-q) the conjugate of C_q, is 2 Re C_q cos(qa) + 2 Im C_q
    sin(qa) summed over q = size, size - 2, .. above 0, and C_0 if size is even: columns 2 cos(qa)
    for each such q, then 2 sin(qa), then 1.
    """
    turns = np.outer(angles, np.arange(size, 0, -2))
    columns = [2 * np.cos(turns), 2 * np.sin(turns)]
    if size % 2 == 0:
        columns.append(np.ones((len(angles), 1)))
    return np.hstack(columns)


def condition(angles: Floats, num_qubits: int) -> float:
    """How much more than angles at equal distances these amplify noise, at worst: 1 is the best.

    The ratio of the largest to the smallest singular value, of the parity of all qubits; that of
    fewer is no larger, as their components are some of the powers of e^(2ia) times a phase.

    >>> round(condition(np.pi * np.arange(4) / 4, 3), 12)
    1.0
    """
    columns = harmonic_columns(angles, num_qubits)
    columns[:, : 2 * ((num_qubits + 1) // 2)] /= math.sqrt(2)
    values = np.linalg.svd(columns, compute_uv=False)
    if len(values) <= num_qubits or values[-1] <= 1e-14 * values[0]:
        return math.inf
    return float(values[0] / values[-1])


def different(angles: Floats) -> int:
    """How many of the angles differ modulo pi."""
    turned = np.sort(np.mod(angles, np.pi))
    gaps = np.diff(np.append(turned, turned[0] + np.pi))
    return int(np.count_nonzero(gaps > SAME)) or 1
