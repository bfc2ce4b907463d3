"""Multiple quantum coherences: Fourier components of a scan over a whole turn.

At angles 2 pi j/K the probability of success, Tr[E rho_theta] with 0 <= E <= 1 the read-out as it
is, is the sum over m of e^(-i m theta) S_m, S_m = Tr[E rho_(m)], rho_(m) the block of rho that
joins eigenvalues of h which differ by m.

Rigorous, whatever E is: rho_(N) is the one entry c between 0...0 and 1...1 along xi, and an entry
of E off the diagonal is at most 1/2, so |S_N| <= |c| / 2. The coherence C = 2 |c| is at least
4 |S_N|, and F_Q >= N^2 C^2.

Only if undoing were the exact inverse of the preparation with the same noise, E = rho: then
S_m = Tr[rho_(m)+ rho_(m)], C = 2 sqrt(S_N), and 2 sum m^2 S_m = F0 <= F_Q. Noise that differs on
the way back breaks this; the numbers under that assumption are estimates, never limits.

Source: M. Gaerttner, P. Hauke, A. M. Rey, Phys. Rev. Lett. 120, 040402 (2018).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.errors import QbellError

Floats = NDArray[np.float64]

EVEN = 1e-9  # radians: angles this near to equal steps are at equal steps


@dataclass(frozen=True)
class Coherences:
    """What the Fourier components say.

    Attributes:
        table: ``m``, ``intensity`` (Re S_m), ``standard_error``; m = 0 .. N.
        coherence: 4 Re S_N, an unbiased estimate of what C is at least.
        coherence_limit: C is above this; 0 where the data leave 0 open.
        qfi_limit: N^2 times its square.
        confidence: of each limit.
        coherence_if_equal: 2 sqrt(S_N): C, were the noise the same both ways; no limit.
        qfi_if_equal: 2 sum m^2 S_m over both signs of m: F0 then; no limit.
    """

    table: pd.DataFrame
    coherence: float
    coherence_limit: float
    qfi_limit: float
    confidence: float
    coherence_if_equal: float
    qfi_if_equal: float


def covers_a_turn(angles: Sequence[float], num_qubits: int) -> bool:
    """Whether angles are 2 pi j/K for j = 0 .. K-1, K >= 2N, in any order.

    >>> covers_a_turn([0.0, np.pi / 2, np.pi, 3 * np.pi / 2], 2)
    True
    """
    count = len(angles)
    if count < 2 * num_qubits:
        return False
    steps = np.asarray(angles, dtype=float) * count / math.tau
    near = np.abs(steps - np.rint(steps)) < EVEN * count
    return bool(near.all()) and len(set((np.rint(steps) % count).tolist())) == count


def coherences(
    angles: Sequence[float],
    successes: Sequence[int],
    shots: Sequence[int],
    num_qubits: int,
    confidence: float,
) -> Coherences:
    """The components Re S_m, and the limits from S_N at phase 0, fixed beforehand.

    Re S_N is a sum of shots with known weights, so Hoeffding's inequality gives its limit, exact
    at any number of shots.

    Args:
        angles: (K,) 2 pi j/K, K >= 2N; K > 2N leaves no component doubled.
        successes: (K,).
        shots: (K,).
        num_qubits: N.
        confidence: of the limits.

    Raises:
        QbellError: other angles.

    >>> turn = 2 * np.pi * np.arange(4) / 4
    >>> found = coherences(turn, [1000, 0, 1000, 0], [1000] * 4, 2, 0.95)  # parity of a Bell pair
    >>> found.coherence, found.coherence_limit > 0.9
    (1.0, True)
    """
    count = len(angles)
    if not covers_a_turn(angles, num_qubits):
        raise QbellError(
            f"{count} angles: multiple quantum coherences need 2 pi j/K for j = 0 to K-1 with K of "
            f"{2 * num_qubits} or more ({2 * num_qubits + 1} tell all m apart); measure these"
        )
    totals = np.asarray(shots, dtype=float)
    shares = np.asarray(successes, dtype=float) / totals
    orders = np.arange(num_qubits + 1)
    weights = np.cos(np.outer(orders, angles)) / count
    weights[-1] /= 2 if count == 2 * num_qubits else 1  # there S_N and S_-N come together
    intensities = weights @ shares
    errors = np.sqrt(weights**2 @ (shares * (1 - shares) / totals))
    top = weights[-1]
    reach = math.sqrt(-math.log(1 - confidence) / 2 * float(np.sum(top**2 / totals)))
    limit = min(4 * max(float(intensities[-1]) - reach, 0.0), 1.0)
    return Coherences(
        table=pd.DataFrame({"m": orders, "intensity": intensities, "standard_error": errors}),
        coherence=4 * float(intensities[-1]),
        coherence_limit=limit,
        qfi_limit=num_qubits**2 * limit**2,
        confidence=confidence,
        coherence_if_equal=2 * math.sqrt(max(float(intensities[-1]), 0.0)),
        qfi_if_equal=4 * float(orders**2 @ intensities),
    )
