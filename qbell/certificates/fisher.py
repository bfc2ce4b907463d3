"""Fisher's exact test of many 2x2 tables at once."""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]


def exact_p(found: Floats, drawn: Floats, good: Floats, total: Floats) -> Floats:
    """P-value of each table: twice the hypergeometric tail on the side of ``found``.

    ``drawn`` of ``total`` things are taken at random, of which ``good`` are good; ``found`` of
    those taken are good. The side is that of ``found`` from the mean; so a p-value below p has
    probability p/2 at most on each side. All arrays (tables,) of whole numbers.

    Source: R. A. Fisher, J. R. Stat. Soc. 98, 39 (1935).

    >>> ones = np.ones(1)  # all 3 good ones among 3 of 6: 1 of 20 choices
    >>> round(float(exact_p(3 * ones, 3 * ones, 3 * ones, 6 * ones)[0]), 12)
    0.1
    """
    p_values = np.empty(len(found))
    _tails(found, drawn, good, total, p_values)
    return p_values


@compiled
def _tails(found: Floats, drawn: Floats, good: Floats, total: Floats, p_values: Floats) -> None:
    for i in range(len(found)):
        x, m, k, n = found[i], drawn[i], good[i], total[i]
        if x * n < m * k:  # below the mean: count the bad ones, of which there are too many
            x, k = m - x, n - k
        log_first = _log_choose(k, x) + _log_choose(n - k, m - x) - _log_choose(n, m)  # ln P(X = x)
        tail, term = 1.0, 1.0
        most = min(k, m)
        # P(x + 1) / P(x) = (k - x)(m - x) / ((x + 1)(n - k - m + x + 1)) falls from the mean on.
        while x < most and term > 1e-17 * tail:
            term *= (k - x) * (m - x) / ((x + 1) * (n - k - m + x + 1))
            tail += term
            x += 1
        p_values[i] = min(1.0, 2 * math.exp(log_first) * tail)


@compiled
def _log_choose(n: float, k: float) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
