"""Draws of several shots: what settings that came too seldom add to the scatter of the bound.

The estimate of B = c W c goes with how often each setting was drawn, and draws of several shots
show little else. Of T settings, 2^N or 3^N, each comes n times in M draws, n Poisson with the mean
M / T. That mean is known, but the scatter in the data is that of n draws. Where chance brought a
setting that tells much seldom, or never, the estimate is too low and its error bar too short, both
at once. So the draws that a setting lacks, M / T - n, are given their scatter: each of them moves
c_hat by (v - c_hat) / M. v goes with the parities of sets of qubits. They are the means over all
draws with the same directions of the qubits of a set; where there are none, all that is known is
that a parity is between -1 and 1, and the end is taken that raises B.

Settings are taken by how much they tell, up to ``MOST_LACKING`` draws in all. Of any settings with
a larger probability together some were drawn, with 98 %, and then the data show how such draws
scatter.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.drawn.single_draws import SingleDraws, single_draws
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.tensor.moments import UNSEEN_FLIPS
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

MOST_LACKING = float(UNSEEN_FLIPS)
MOST_CELLS = 300_000  # settings times outcomes: two directions up to N = 9, three up to 7


@dataclass(frozen=True)
class Seldom:
    """Draws that are lacking.

    Attributes:
        draws: M.
        lacking: (m,) how many of each of m settings.
        slopes: (terms, m) how fast each term of B grows with the share of such draws.
        kernel: (terms, m, m) products (v - c_hat) W (v' - c_hat).
    """

    draws: int
    lacking: Floats
    slopes: Floats
    kernel: Floats

    def scatter(self, resamples: int, generator: np.random.Generator) -> tuple[Floats, Floats]:
        """(resamples, terms) linear and quadratic deviations of Poisson numbers of such draws.

        No draw is paired with itself: n draws of one setting have n (n - 1) pairs.
        """
        numbers = generator.poisson(self.lacking, size=(resamples, len(self.lacking)))
        away = numbers - self.lacking
        first = away @ self.slopes.T / self.draws
        pairs = np.stack([((away @ part) * away).sum(axis=1) for part in self.kernel], axis=1)
        selves = numbers @ np.diagonal(self.kernel, axis1=1, axis2=2).T
        second = (pairs - selves) / self.draws**2
        return first - first.mean(axis=0), second - second.mean(axis=0)

    def third(self, slopes: Floats) -> Floats:
        """(...,) third central moment of the linear deviation with ``slopes`` (..., m)."""
        found: Floats = slopes**3 @ self.lacking / self.draws**3
        return found


def applies_to(shots: Shots) -> bool:
    """Whether draws of several shots come from all settings alike, of not too many.

    Single shots scatter by their outcomes, however often their settings came.
    """
    num_qubits, rules = shots.num_qubits, shots.rules
    several = shots.num_draws is not None and shots.num_draws < shots.total
    alike = rules.independent_letters(num_qubits) == num_qubits
    return several and alike and (2.0 * rules.letters) ** num_qubits <= MOST_CELLS


def allow_for(deviations: Deviations, seldom: Seldom, generator: np.random.Generator) -> Deviations:
    """The deviations of a sum of terms with those of draws that are lacking, of the same terms."""
    first, second = seldom.scatter(len(deviations.first), generator)
    added = float(np.var(first.sum(axis=1)) + np.var(second.sum(axis=1)))
    first, second = deviations.first + first, deviations.second + second
    spread = float(np.var(first.sum(axis=1)) + np.var(second.sum(axis=1)))
    third = deviations.third
    if third is not None:
        every = np.vstack([seldom.slopes, seldom.slopes.sum(axis=0)])
        third = third + seldom.third(every)
    share = deviations.unseen_share
    if spread > 0:
        share += (1 - share) * min(added / spread, 1.0)
    return replace(deviations, first=first, second=second, third=third, unseen_share=share)


def of_bound(shots: Shots, levels: Floats | None = None) -> Seldom:
    """Of the bound, order by order; ``levels`` as in `single_draws`."""
    draws = single_draws(shots, levels)
    weights, orders = draws.weights()
    each = np.arange(shots.num_qubits + 1)[:, None]
    return _seldom(draws, np.where(orders == each, weights, 0.0))


def of_f0(shots: Shots) -> Seldom:
    """Of F0, Eq. (12), from three directions: one term."""
    draws = single_draws(shots)
    return _seldom(draws, draws.weights(along_axis=True)[0][None])


def _seldom(draws: SingleDraws, terms: Floats) -> Seldom:
    """``terms`` (terms, labels): the weights of each; settings are ranked by their sum."""
    whole, total = terms.sum(axis=0), draws.num_draws
    slopes = draws.slopes(whole)
    parities, known = draws.pooled()
    # B is the mean of c_hat W v over settings: where one could tell most, it raises B.
    parities = np.where(known, parities, np.where(slopes < 0, -1.0, 1.0))
    along = (slopes * parities).sum(axis=1) - float(whole @ np.abs(draws.values) ** 2)
    telling = np.argsort(-np.abs(along), kind="stable")
    lacking = np.clip(total / len(slopes) - draws.numbers, 0.0, None)[telling]
    lacking = np.clip(MOST_LACKING - (np.cumsum(lacking) - lacking), 0.0, lacking)
    telling, lacking = telling[lacking > 0], lacking[lacking > 0]
    away = draws.draws(telling, parities[telling]) - draws.values
    kernel = np.empty((len(terms), len(telling), len(telling)))
    slope = np.empty((len(terms), len(telling)))
    for place, weights in enumerate(terms):
        used = np.flatnonzero(weights)
        weighted = weights[used] * away[:, used]
        kernel[place] = (weighted @ away[:, used].conj().T).real
        slope[place] = 2 * (weighted @ draws.values[used].conj()).real
    return Seldom(total, lacking, slope, kernel)
