"""Lower bounds on the QFI from powers of rho: F0, K1, K2 and the series F_n.

All are sums over pairs of eigenvectors of rho, w = 2 (p_i - p_j)^2 |<i|h|j>|^2 at x = p_i + p_j:
F_Q = sum w / x, Eq. (8), and F0 = sum w, Eq. (15). What is known are the moments sum w x^k.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import AxisLike, parse_axis
from qbell.exact.frames import StateLike
from qbell.exact.quantities import engine_for
from qbell.util.checks import whole_number

MOST_TERMS = 10_000


def k1(state: StateLike, axis: AxisLike = "z") -> float:
    """K1 = F0^2 / b, where b = 4 (Tr rho^3 h^2 - Tr rho^2 h rho h).

    F0 <= K1 <= F_Q: by the inequality of Cauchy and Schwarz, (sum w)^2 <= sum w x sum w / x. The
    same as the largest 2 F0 / tau - b / tau^2 over tau, which is at tau = b / F0. Pure states:
    F_Q.

    Args:
        state: as in `qfi`.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        K1, without unit; 0 if F0 is 0.

    Raises:
        QbellError: not a state, not an axis, or more memory than the machine has.

    Source: Rath, Branciard, Minguzzi and Vermersch, arXiv 2105.13164; arXiv 2602.17361.

    >>> ghz = np.array([1, 0, 0, 1]) / np.sqrt(2)
    >>> white = 0.7 * np.outer(ghz, ghz) + 0.3 * np.eye(4) / 4
    >>> round(k1(white), 6)
    2.305882
    """
    w, x = engine_for(state).pairs(parse_axis(axis))
    f0, b = float(np.sum(w)), float(w @ x)
    return f0**2 / b if b > 0 else 0.0


def k2(state: StateLike, axis: AxisLike = "z") -> float:
    """The largest lower bound on F_Q that the moments m_k = sum w x^k, k = 0..3, allow.

    (m0, m1) H^-1 (m0, m1)^T with H = ((m1, m2), (m2, m3)); K1 <= K2 <= F_Q.

    Args:
        state: as in `qfi`.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        K2, without unit.

    Raises:
        QbellError: see `k1`.

    Source: Krylov bounds, arXiv 2602.17361.

    >>> ghz = np.array([1, 0, 0, 1]) / np.sqrt(2)
    >>> white = 0.7 * np.outer(ghz, ghz) + 0.3 * np.eye(4) / 4
    >>> k1(white) <= k2(white) + 1e-12
    True
    """
    w, x = engine_for(state).pairs(parse_axis(axis))
    m0, m1, m2, m3 = (float(w @ x**power) for power in range(4))
    if m1 <= 0:
        return 0.0
    determinant = m1 * m3 - m2**2
    if determinant <= 1e-12 * m1 * m3:  # all x alike: the first moment says all
        return m0**2 / m1
    return float((m0**2 * m3 - 2 * m0 * m1 * m2 + m1**3) / determinant)


def qfi_series(state: StateLike, axis: AxisLike = "z", terms: int = 4) -> NDArray[np.float64]:
    """F_n = sum w (1 + (1 - x) + ... + (1 - x)^n), n from 0: F_0 is F0, and F_n grows to F_Q.

    Args:
        state: as in `qfi`.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        terms: how many, from 1 to 10,000.

    Returns:
        (terms,) numbers without unit.

    Raises:
        QbellError: see `k1`; or ``terms`` out of range.

    Source: arXiv 2105.13164, Eq. (3).

    >>> qfi_series(np.array([1, 0, 0, 1]) / np.sqrt(2), terms=3).round(9).tolist()
    [4.0, 4.0, 4.0]
    """
    whole_number("terms", terms, least=1, most=MOST_TERMS)
    w, x = engine_for(state).pairs(parse_axis(axis))
    rest, total = w.copy(), np.empty(terms)
    for term in range(terms):
        total[term] = rest.sum()
        rest *= 1 - x
    return np.cumsum(total)
