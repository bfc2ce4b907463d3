"""Limits of means of two-valued numbers that hold whenever one looks, and stops."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ends = tuple[float, float]
Floats = NDArray[np.float64]

# Exponents of the bets, fixed before any data: both signs, each a factor sqrt(2) from the next.
# The best for n shots is of order 1/sqrt(n), and lies among them up to a million shots.
BETS = np.concatenate([sign * 8 * 2.0 ** -(np.arange(26) / 2) for sign in (1, -1)])
GROWTH = np.expm1(BETS)
STEPS = 32  # of bisection
CELLS = 40  # of the limits of two means together


@dataclass(frozen=True)
class Wealth:
    """ln of the wealth of who bets against each mean chance p of a success.

    With u successes among n trials, and p the average of what their chances were, given all that
    came before each,

        W(p) = mean over bets b of e^(b u) / (1 - p + p e^b)^n

    is at least 1 / alpha at some n with probability alpha at most, for however the chances change:
    e^(b x) over its conditional mean is a martingale, ln of that mean is concave in the chance, so
    the product over trials is at least W, and Ville's inequality holds for it. ln W is convex in
    p, so where W < 1 / alpha is an interval.

    Attributes:
        successes: u.
        trials: n, in the order in which they were registered.

    Source: J. Ville, Etude critique de la notion de collectif (1939); S. R. Howard et al., Ann.
    Stat. 49, 1055 (2021).
    """

    successes: float
    trials: float

    def logs(self, chances: Floats) -> Floats:
        """(chances,) ln W."""
        each = BETS[:, None] * self.successes - self.trials * np.log1p(
            np.multiply.outer(GROWTH, chances)
        )
        largest = each.max(axis=0)
        found: Floats = largest + np.log(np.exp(each - largest).mean(axis=0))
        return found

    @cached_property
    def lowest(self) -> Ends:
        """Where ln W is smallest, and how small."""
        low, high = 0.0, 1.0
        for _ in range(STEPS):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            at_left, at_right = self.logs(np.array([left, right]))
            low, high = (left, high) if at_left > at_right else (low, right)
        place = (low + high) / 2
        return place, float(self.logs(np.array([place]))[0])

    def limits(self, most: Floats) -> Floats:
        """(2, levels) of the chances with ln W <= ``most``; where it is lowest, if there are none.

        Args:
            most: (levels,).
        """
        # At the share of successes no bet has won: e^(b u/n) is at most the mean of e^(b x) there.
        start = self.successes / self.trials if most.min() >= 0 else self.lowest[0]
        inside, far = np.full(2 * len(most), start), np.repeat([0.0, 1.0], len(most))
        levels = np.tile(most, 2)
        out = self.logs(far) > levels
        for _ in range(STEPS if out.any() else 0):
            middle = (inside + far) / 2
            beyond = self.logs(middle) > levels
            far = np.where(out & beyond, middle, far)
            inside = np.where(out & ~beyond, middle, inside)
        return far.reshape(2, -1)


def anytime_limits(ups: float, trials: float, confidence: float) -> Ends:
    """Limits of the mean of x = +-1 that hold at all numbers of shots together; see `Wealth`.

    Args:
        ups: how many were +1.
        trials: of how many, in the order in which they were registered.
        confidence: of both limits, at all times together.

    >>> [round(limit, 2) for limit in anytime_limits(650, 1000, 0.95)]
    [0.19, 0.4]
    """
    if trials <= 0:
        return -1.0, 1.0
    ends = Wealth(ups, trials).limits(np.array([-math.log1p(-confidence)]))
    low, high = 2 * ends[:, 0] - 1
    return float(low), float(high)


def together(one: Wealth, other: Wealth, confidence: float) -> tuple[Floats, Floats]:
    """Rectangles that hold the pairs of chances which the product of both wealths does not exclude.

    The bets on two kinds of draws multiply: the product is a martingale, too. So at all times
    together the two averages are in the region ln W_1 + ln W_2 < ln(1 / alpha). It is cut by the
    values of ln W_1, and each piece lies in a rectangle.

    Returns:
        (2, pieces) ends of the one, and of the other.

    >>> (low, high), _ = together(Wealth(70, 100), Wealth(40, 100), 0.95)
    >>> bool((low < 0.7).all() and (0.7 < high).all())
    True
    """
    goal = -math.log1p(-confidence)
    least = one.lowest[1]
    # Where the bets speak against every pair, nothing is left but where they do so least.
    cuts = np.linspace(least, max(goal - other.lowest[1], least), CELLS + 1)
    return one.limits(cuts[1:]), other.limits(goal - cuts[:-1])
