"""Curves of the QFI and of E_{N,0} over U, and where E_{N,0} crosses the levels of nonlocality."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from qbell import exact
from qbell.certificates.bell_qubits import BELL_QUBITS, bell_qubits_limit
from qbell.states import named_state
from qbell.util.ranges import evenly

Floats = NDArray[np.float64]

LN2 = math.log(2)
FLOOR = -1e9  # stands for ln 0 where a finite number is needed


def level_log2(num_qubits: int, bell_qubits: int) -> int:
    """log2 of the E_{N,0} above which at least ``bell_qubits`` qubits are Bell correlated.

    The paper's count: E > 2^-(m + 3) means at least N - m qubits, from 3 (E > 2^-N) to all N
    (E > 1/8). Source: PRL 126, 210506, text before Eq. (26).

    >>> level_log2(6, 6), level_log2(6, 3)
    (-3, -6)
    """
    return -bell_qubits_limit(num_qubits, bell_qubits - 1)


def bell_qubits(num_qubits: int, log_e: float) -> int:
    """The paper's count for ln E_{N,0}; 0 if none (E <= 2^-N).

    >>> bell_qubits(6, math.log(0.2)), bell_qubits(6, math.log(0.1)), bell_qubits(6, -math.inf)
    (6, 5, 0)
    """
    return BELL_QUBITS.of_log(num_qubits, log_e)


@dataclass(frozen=True)
class Curve:
    """One family and size over U.

    Attributes:
        family, num_qubits: of the states.
        us: interactions U, ascending.
        qfi: for the generator's axis z, Eq. (8).
        log_e: ln E_{N,0}.
    """

    family: str
    num_qubits: int
    us: Floats
    qfi: Floats
    log_e: Floats


def crossing(
    family: str, num_qubits: int, us: Floats, log_e: Floats, target: float
) -> float | None:
    """U where ln E_{N,0} falls to ``target``, by root finding; None if not between the ``us``.

    ``log_e`` are its values at ``us``, ascending: they only bracket the root. E_{N,0} falls all
    the way as U < 0 grows to 0, so there is at most one.
    """
    above = log_e > target
    if above[-1] or not above[0]:
        return None
    last = int(np.flatnonzero(above)[-1])

    def distance(u: float) -> float:
        return max(log_e_n(family, num_qubits, u), FLOOR) - target

    return float(brentq(distance, us[last], us[last + 1], xtol=1e-13, rtol=1e-14))


def log_e_n(family: str, num_qubits: int, u: float) -> float:
    """ln E_{N,0} of one state, axis z."""
    return float(exact.log_e_n(named_state(family, num_qubits, {"u": u})))


def qfi(family: str, num_qubits: int, u: float) -> float:
    """QFI of one state, axis z."""
    return float(exact.qfi(named_state(family, num_qubits, {"u": u})))


def steep_points(
    family: str, num_qubits: int, span: tuple[float, float], points: int, step: Callable[[], None]
) -> Curve:
    """QFI and E_{N,0} at ``points`` values of U within ``span``.

    Half of the points are at equal distances. Each of the others halves the gap between the two
    neighbours that lie farthest apart on paper, so that most of them go to the transition. ``step``
    is called after each.
    """
    us: list[float] = []
    heights: list[float] = []
    logs: list[float] = []

    def add(place: int, u: float) -> None:
        us.insert(place, u)
        heights.insert(place, qfi(family, num_qubits, u))
        logs.insert(place, log_e_n(family, num_qubits, u))  # at once: the state is at hand
        step()

    for u in evenly(*span, max(2, (points + 1) // 2)):
        add(len(us), u)
    while len(us) < points:
        gap = _widest(np.array(us), np.array(heights), num_qubits)
        add(gap + 1, (us[gap] + us[gap + 1]) / 2)
    return Curve(family, num_qubits, np.array(us), np.array(heights), np.array(logs))


def _widest(us: Floats, heights: Floats, num_qubits: int) -> int:
    """The widest gap, with the QFI on whichever axis, linear or logarithmic, shows more of it."""
    x = np.diff(us) / (us[-1] - us[0])
    linear = np.abs(np.diff(heights)) / num_qubits**2
    log = np.abs(np.diff(np.log(heights))) / math.log(num_qubits)
    return int(np.argmax(np.hypot(x, np.maximum(linear, log))))
