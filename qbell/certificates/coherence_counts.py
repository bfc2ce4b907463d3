"""Counts of the two kinds of draws that coherence and population of a GHZ state are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qbell.certificates.phase_test import PhaseTest, phase_test, pooled
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.designs.base import XI
from qbell.shots.shots import Shots


@dataclass(frozen=True)
class CoherenceCounts:
    """What shots say of C = 2 Re(e^(i phase) c) and of P, the share of two words along sigma_xi.

    Given which draws are along sigma_xi, both are means of independent trials: of x = +-1 in even
    settings, with mean C, and of "the outcome is one of the two words", with mean P. The words are
    those that the label's correlator joins: 0 where it has a +, 1 where it has a -, and the flip.

    Attributes:
        test: x of the draws in even settings; see `PhaseTest`.
        inside: shots along sigma_xi with one of the two words.
        along_xi: shots along sigma_xi.
        charge: n_plus - n_minus of the label: N for all +.
    """

    test: PhaseTest
    inside: float
    along_xi: float
    charge: int

    @property
    def ups(self) -> float:
        """How many draws in even settings gave x = 1, or the sum of (1 + x)/2."""
        return float((1 + self.test.values) / 2 @ self.test.counts)

    def scaled(self, factor: float) -> "CoherenceCounts":
        """The counts of ``factor`` times as many shots, in whole numbers."""
        test = self.test.scaled(self.test.total * factor)
        if test.single:
            whole = np.round(test.counts)
            test = PhaseTest(test.values, test.sizes, whole, test.total, test.single, test.drawn)
        return CoherenceCounts(
            test, round(self.inside * factor), round(self.along_xi * factor), self.charge
        )


def coherence_counts(shots: Shots, direction: TestedCorrelator) -> CoherenceCounts:
    """The counts of a data set of a design that measures populations.

    Args:
        shots: the data.
        direction: fixed before these data were seen, or learnt on others.
    """
    along = (shots.directions == XI).all(axis=1)
    flips = shots.bits[along] ^ (direction.signs < 0).astype(np.uint8)
    inside = (flips == flips[:, :1]).all(axis=1)
    counts = shots.counts[along]
    return CoherenceCounts(
        test=phase_test(shots, direction),
        inside=float(counts[inside].sum()),
        along_xi=float(counts.sum()),
        charge=abs(int(direction.signs.sum())),
    )


def pooled_counts(pilots: Sequence[Shots], direction: TestedCorrelator) -> CoherenceCounts:
    """Of several data sets as one."""
    each = [coherence_counts(shots, direction) for shots in pilots]
    return CoherenceCounts(
        test=pooled([one.test for one in each]),
        inside=sum(one.inside for one in each),
        along_xi=sum(one.along_xi for one in each),
        charge=each[0].charge,
    )
