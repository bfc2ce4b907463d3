"""A p-value against local realism that holds whenever one looks, and stops."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.local_realism import NO_P_VALUE, hindrance
from qbell.certificates.p_value_bounds import LEAST, STAKES
from qbell.certificates.p_value_forecast import LocalRealismOutlook, local_realism_outlook
from qbell.certificates.statement import Evidence, Numbers, Outlook, PValue
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.conventions.labels import UNITS
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

TOLERANCE = 2e-9  # of a phase from a multiple of pi/2, as in the test of a phase


def anytime_p(shots: Shots, direction: TestedCorrelator) -> float:
    """1 / max_t W_t, W_t the wealth after the first t draws of who bets against local realism.

    W_t is the mean over stakes of prod_(i <= t) (1 + stake (x_i - 2 beta size_i^2)), with x, its
    size and beta as in the test of local realism (`qbell.certificates.phase_test`). Under local
    realism each factor has a mean of at most 1 given all the past, so W exceeds 1/p at any time
    with probability p at most (Ville). So one may look after every draw, and stop when it is small.
    The stakes are those of `ratio_p`, fixed beforehand; the order is that of the draws' numbers.

    Args:
        shots: one a draw, the draws numbered.
        direction: fixed before these data were seen, or learnt on others.

    Source: J. Ville, Etude critique de la notion de collectif (1939); Y. Zhang, S. Glancy and E.
    Knill, Phys. Rev. A 84, 062118 (2011).
    """
    assert shots.draws is not None
    direction.check(shots.num_qubits)
    order = np.argsort(shots.draws, kind="stable")
    rules = shots.rules
    order = order[rules.tested(shots.directions[order])]
    turns = rules.quarter_turns(shots.directions[order], shots.bits[order], direction.signs)
    return wealth_p(turns, direction, rules.local_limit(shots.num_qubits, direction.phase))


def wealth_p(turns: NDArray[np.int64], direction: TestedCorrelator, limit: float) -> float:
    """The same of ``turns``: x = Re(e^(i phase) i^turns) of each draw, in their order."""
    unit = complex(math.cos(direction.phase), math.sin(direction.phase))
    every = (unit * UNITS).real  # x by its number of quarter turns
    every = np.where(np.abs(every) < TOLERANCE, 0.0, every)
    gains = every - 2 * limit * every**2
    stakes = STAKES / float(np.max(np.abs(every) + 2 * limit * every**2))
    steps = np.log1p(stakes[:, None] * gains)  # (stakes, 4)
    logs = np.cumsum(steps[:, turns], axis=1)
    wealth = scipy.special.logsumexp(logs, axis=0) - math.log(len(stakes))
    largest = float(wealth.max(initial=0.0))
    return max(math.exp(-largest), LEAST)


@dataclass(frozen=True)
class AnytimeOutlook:
    """What can be expected at any number of shots: as of the ratio, whose wealth it is."""

    of_ratio: LocalRealismOutlook

    @property
    def unclear(self) -> str:
        """See `LocalRealismOutlook.unclear`."""
        return self.of_ratio.unclear

    @property
    def p_values(self) -> Mapping[str, Callable[[int], float]]:
        """Where every value comes as often as expected."""
        return {"p_any": self.of_ratio.ratio}


@dataclass(frozen=True, kw_only=True)
class AnytimeP(PValue):
    """`anytime_p` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """Of draws of one shot, in the order of their numbers."""
        shots = evidence.shots
        reason = hindrance(shots)
        if reason:
            return self.absent, NO_P_VALUE + reason
        if shots.draws is None:
            return self.absent, (
                "no p-value at any time (p_any): the order of the draws was not recorded; give a "
                "column draw"
            )
        return {self.key: anytime_p(shots, evidence.direction)}, ""

    def outlook(
        self, pilots: Sequence[Shots], direction: TestedCorrelator
    ) -> tuple[Outlook | None, str]:
        """From the distribution of x in the pilots."""
        found, reason = local_realism_outlook(pilots, direction)
        return (None if found is None else AnytimeOutlook(found)), reason


P_ANY = AnytimeP(
    key="p_any",
    label="  looked at any time",
    symbol="p at any time",
    anytime=("p_any",),
    says="The same if one looks at the data after every draw, and stops when the p-value is small "
    "enough. In the order in which the draws are numbered. Decide before the data which of the "
    "p-values you quote.",
    claim="bell",
)
