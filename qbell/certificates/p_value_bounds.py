"""Upper limits on the chance that a bounded quantity, small on average, comes out as large.

Both hold for x_1, ..., x_M in [-reach, reach] whose mean given everything before is at most
``limit``, however x_i depends on the past (a model with memory). Neither needs the order of x_i.
"""

import math

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Shares of the largest stake, fixed before any data: 15 of equal weight, evenly spaced in the
# log-odds from -8 to 6. Each costs a factor 15 in the p-value at most, and between two neighbours
# little is lost: the growth of the wealth is flat near the best stake.
STAKES = 1 / (1 + np.exp(-np.arange(-8.0, 7.0)))
LEAST = float(np.finfo(float).tiny)  # no p-value is 0


def binomial_p(ups: float, trials: float, chance: float) -> float:
    """P-value of so many ups: P(X >= ups), X binomial with ``chance``, which is at least 1/2.

    It holds exactly for a model with memory whose chance of an up, given all the past, is never
    above ``chance``: each trial can be coupled to one with that chance, so the number of ups is at
    most X. It also holds for independent trials of different chances, ``chance`` on average, where
    ups >= trials chance + 1 (below that the p-value here is 1; W. Hoeffding, Ann. Math. Stat. 27,
    713 (1956), Theorem 5).

    Source: P. Bierhorst, J. Phys. A 48, 195302 (2015), arXiv:1312.2999; D. Elkouss and S. Wehner,
    npj Quantum Inf. 2, 16026 (2016), arXiv:1510.07233.

    >>> round(binomial_p(4, 4, 0.75), 6)  # (3/4)^4
    0.316406
    """
    if chance >= 1 or ups < trials * chance + 1:
        return 1.0
    return max(float(scipy.special.betainc(ups, trials - ups + 1, chance)), LEAST)


def hoeffding_p(mean: float, limit: float, trials: float, *, reach: float = 1.0) -> float:
    """P-value of a sample mean: exp(-M KL(q || r)), q = (1 + mean/reach)/2, r likewise of limit.

    KL(q || r) = q ln(q/r) + (1-q) ln((1-q)/(1-r)) is at least 2 (q - r)^2, so that this is never
    weaker than the inequality of Azuma, exp(-M (mean - limit)^2 / (2 reach^2)).

    Source: W. Hoeffding, J. Am. Stat. Assoc. 58, 13 (1963), Theorem 1, Eq. (2.1), and the remark on
    martingales in its section 2. The proof bounds e^(t x), t > 0, by its chord over the range; the
    chord's mean grows with the mean of x, so a conditional mean below the limit only helps.

    >>> hoeffding_p(1.0, 0.5, 2)  # (3/4)^2
    0.5625
    """
    if mean <= limit or limit >= reach:
        return 1.0
    found, allowed = min((1 + mean / reach) / 2, 1.0), (1 + limit / reach) / 2
    rel_entr = scipy.special.rel_entr
    divergence = rel_entr(found, allowed) + rel_entr(1 - found, 1 - allowed)
    return max(math.exp(-trials * float(divergence)), LEAST)


def ratio_p(
    values: Floats, counts: Floats, limit: float | Floats, *, reach: float | Floats = 1.0
) -> float:
    """P-value of a test martingale, 1 / W.

    W is the mean over stakes of prod_i (1 + stake (x_i - limit)). Each factor is positive for
    stakes below 1 / (reach + limit), and its mean given the past is at most 1. So W, the wealth of
    who bets on a larger x at odds that are fair or worse, exceeds 1/p with probability p at most
    (Ville). The stakes are fixed, see ``STAKES``; their mean replaces the best of them.

    Where ``limit`` and ``reach`` depend on the setting, the mean of x - limit over settings must be
    at most 0 given the past, and the largest reach + limit bounds the stakes.

    Args:
        values: (different values of x,).
        counts: how often each occurred.
        limit, reach: numbers, or (values,) those of the settings that each value came in.

    Source: a prediction-based ratio in the sense of Y. Zhang, S. Glancy and E. Knill, Phys. Rev. A
    84, 062118 (2011), arXiv:1108.2468, with a mixture in place of the prediction from past trials.

    >>> ratio_p(np.array([1.0, 0.0]), np.array([63.0, 63.0]), 2**-5) < 1e-16
    True
    """
    stakes = STAKES / np.max(reach + limit)
    logs = np.log1p(stakes[:, None] * (values - limit)) @ counts
    wealth = float(scipy.special.logsumexp(logs)) - math.log(len(stakes))
    return max(math.exp(-max(wealth, 0.0)), LEAST)
