"""Squeezing by one-axis twisting in closed form, Kitagawa and Ueda, Phys. Rev. A 47, 5138 (1993).

exp(-i t J_z^2) |+>^N keeps the mean spin along x, <J_x> = (N/2) cos^(N-1) t. Across it, in the
plane of y and z, the variances lie between V- and V+,

    V+- = (N/4) {1 + (N-1)/4 [A +- sqrt(A^2 + B^2)]},
    A = 1 - cos^(N-2) 2t,  B = 4 sin t cos^(N-2) t,

the larger at the angle 1/2 atan2(B, A) from y towards z. Their mu is 2t and their S is N/2.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import scipy

STEP = 1e-30  # of the complex derivative, which has no cancellation
POINTS = 100


def noise(num_qubits: int, time: Any) -> tuple[Any, Any]:
    """A and B; for complex times too."""
    logarithm = _log_cosine(2 * time)
    if logarithm is None:
        lost = 1 - np.cos(2 * time) ** (num_qubits - 2)
    else:
        lost = -np.expm1((num_qubits - 2) * logarithm)
    return lost, 4 * np.sin(time) * _cosine_to(num_qubits - 2, time)


def kitagawa_ueda(num_qubits: int, time: Any) -> Any:
    """xi_S^2 = 4 V- / N."""
    a, b = noise(num_qubits, time)
    total = a + np.sqrt(a * a + b * b)  # a >= 0, so this does not cancel
    return 1 - (num_qubits - 1) / 4 * (b * b / total if total != 0 else 0.0)


def wineland(num_qubits: int, time: Any) -> Any:
    """xi_R^2 = N V- / <J_x>^2; infinite where the mean spin is zero."""
    if num_qubits == 2:  # the limit is 1/2 at t = pi/2, where numerator and denominator vanish
        return 1 / (1 + np.sqrt(np.sin(time) ** 2))
    length = _cosine_to(num_qubits - 1, time)
    return kitagawa_ueda(num_qubits, time) / length**2 if length != 0 else math.inf


def noisy_angle(num_qubits: int, time: float) -> float:
    """Angle from y towards z of the largest variance."""
    a, b = noise(num_qubits, time)
    return 0.5 * math.atan2(b, a)


@lru_cache(maxsize=64)
def best_time(num_qubits: int) -> float:
    """The time t from 0 to pi/2 of the smallest xi_R^2, to rounding.

    The best of a grid, then the zero of the derivative beside it. For N = 2 there is none: xi_R^2
    falls until pi/2.

    >>> round(best_time(100), 9), round(float(wineland(100, best_time(100))), 9)
    (0.050369379, 0.062946259)
    """
    if num_qubits == 2:
        return math.pi / 2
    around = num_qubits ** (-2 / 3)
    times = np.geomspace(around / 10, min(3 * around, 1.5), POINTS).tolist()
    values = [float(wineland(num_qubits, time)) for time in times]
    best = int(np.argmin(values))

    def slope(time: float) -> float:
        return float(np.imag(wineland(num_qubits, complex(time, STEP)))) / STEP

    return float(
        scipy.optimize.brentq(slope, times[best - 1], times[best + 1], xtol=1e-300, rtol=1e-15)
    )


def _log_cosine(angle: Any) -> Any:
    """ln cos where cos is near 1, and with it cos^N would lose digits by the power; else None."""
    return 0.5 * np.log1p(-(np.sin(angle) ** 2)) if np.real(np.cos(angle)) > 0.5 else None


def _cosine_to(power: int, angle: Any) -> Any:
    logarithm = _log_cosine(angle)
    return np.cos(angle) ** power if logarithm is None else np.exp(power * logarithm)
