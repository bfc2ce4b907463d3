"""The Hellinger curve of a phase scan (Strobel et al. 2014): an estimate, not a limit.

The squared Hellinger distance of the outcomes at theta and at a reference theta_0,

    d^2 = 1 - sqrt(p p_0) - sqrt(q q_0) = F_C / 8 (theta - theta_0)^2 + O((theta - theta_0)^3),

grows with the classical Fisher information F_C <= F_Q of this read-out at theta_0. Its curvature is
an extrapolation: it rests on a polynomial, so what it gives may exceed F_Q. (Each point by itself
has 8 d^2 / (theta - theta_0)^2 <= F_Q, as 1 - cos a <= a^2 / 2: the Bures angle gives more.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.errors import QbellError

Floats = NDArray[np.float64]

HIGHEST = 4  # power of the polynomial


@dataclass(frozen=True)
class HellingerFit:
    """A Fisher information by a polynomial through the Hellinger distances.

    Attributes:
        value: estimate of F_C at the reference; no limit.
        standard_error: of it, by the scatter of the counts alone: not of the extrapolation.
        reference: the angle theta_0.
        powers: of theta - theta_0 in the polynomial.
        curve: table ``angle``, ``distance`` (theta - theta_0), ``hellinger`` (d^2, free of the
            bias of its noise), ``standard_error``.
    """

    value: float
    standard_error: float
    reference: float
    powers: tuple[int, ...]
    curve: pd.DataFrame


def hellinger_fit(
    angles: Sequence[float], successes: Sequence[int], shots: Sequence[int], reference: int = 0
) -> HellingerFit:
    """Fit F_C / 8 x^2 + b x^3 + c x^4 to the Hellinger distances; fewer powers for fewer angles.

    Args:
        angles: (K,) in radians, K >= 3.
        successes: (K,).
        shots: (K,).
        reference: place of theta_0.

    Returns:
        The estimate with its curve.

    Raises:
        QbellError: fewer than three angles.

    Source: H. Strobel et al., Science 345, 424 (2014).

    >>> x = np.linspace(0, 0.2, 5)
    >>> counts = np.rint(10**6 * np.cos(1.5 * x) ** 2).astype(int)  # F = 9
    >>> round(hellinger_fit(x, counts, [10**6] * 5).value, 1)
    9.0
    """
    if len(angles) < 3:
        raise QbellError(f"{len(angles)} angles: a Hellinger curve needs 3 or more; measure more")
    totals = np.asarray(shots, dtype=float)
    places = np.arcsin(np.sqrt(np.asarray(successes, dtype=float) / totals))
    others = np.array([k for k in range(len(angles)) if k != reference])
    # The shorter way round, with its sign.
    turns = np.asarray(angles, dtype=float)[others] - angles[reference]
    turns = (turns + math.pi) % math.tau - math.pi
    gaps = places[others] - places[reference]
    noise = 1 / (4 * totals)
    # 1 - cos a: its mean is too large by half of the variance of a.
    curve = 1 - np.cos(gaps) - (noise[others] + noise[reference]) / 2
    slopes = np.sin(gaps)
    joint = np.outer(slopes, slopes) * noise[reference] + np.diag(slopes**2 * noise[others])
    joint += np.diag((noise[others] + noise[reference]) ** 2 / 2)
    powers = tuple(range(2, 2 + min(len(others), HIGHEST - 1)))
    columns = turns[:, None] ** np.array(powers)
    scale = np.abs(columns).max(axis=0)
    weights = 1 / np.sqrt(np.diag(joint))
    solve = np.linalg.pinv(weights[:, None] * columns / scale) * weights / scale[:, None]
    found, spread = solve @ curve, solve @ joint @ solve.T
    table = pd.DataFrame(
        {
            "angle": np.asarray(angles, dtype=float)[others],
            "distance": turns,
            "hellinger": curve,
            "standard_error": np.sqrt(np.diag(joint)),
        }
    )
    return HellingerFit(
        value=float(8 * found[0]),
        standard_error=float(8 * math.sqrt(spread[0, 0])),
        reference=float(angles[reference]),
        powers=powers,
        curve=table,
    )
