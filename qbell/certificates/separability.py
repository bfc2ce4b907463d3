"""Into how many groups the state is not separable, from coherence and population together."""

from dataclasses import dataclass

from qbell.certificates.coherence_counts import (
    CoherenceCounts,
    coherence_counts,
    pooled_counts,
)
from qbell.certificates.separability_test import separability_p
from qbell.certificates.statement import Depth, Evidence, Numbers, Prospect

MOST_GROUPS = 41  # 2^-40 is as good as 0, and more groups are a part of what so many may do


def fewest_groups(counts: CoherenceCounts, num_qubits: int, alpha: float) -> tuple[int, float]:
    """The fewest groups m such that m-separability is rejected, 0 if none is, and the p-value.

    States of m groups are also states of m - 1. The largest m is tested first, then m - 1, ..., to
    the first that is not rejected: too few groups then have probability ``alpha`` at most, without
    a correction. The p-value is the largest of those rejected.
    """
    fewest, largest = 0, 0.0
    for groups in range(min(num_qubits, MOST_GROUPS), 1, -1):
        p_value = separability_p(counts, groups)
        if p_value > alpha:
            break
        fewest, largest = groups, max(largest, p_value)
    return fewest, largest


@dataclass(frozen=True, kw_only=True)
class Separability(Depth):
    """The fewest groups m such that the state is no mixture of products of m groups."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """From the counts of both kinds of draws."""
        shots = evidence.shots
        if not shots.rules.measures_population or evidence.why_no_e:
            return self.absent, evidence.why_no_e
        counts = coherence_counts(shots, evidence.direction)
        return self.of_counts(counts, shots.num_qubits, evidence.alpha), ""

    def of_counts(self, counts: CoherenceCounts, num_qubits: int, alpha: float) -> Numbers:
        """What counts say at error rate ``alpha``."""
        fewest, p_value = fewest_groups(counts, num_qubits, alpha)
        return {self.key: fewest, f"{self.key}_p": p_value} if fewest else self.absent

    def strength(self, value: int) -> int:
        """Fewer groups say more; 0 says nothing."""
        return -value if value else -MOST_GROUPS - 1

    def forecast(self, prospect: Prospect) -> int:
        """From the expected counts."""
        counts = expected_counts(prospect)
        if counts is None:
            return self.nothing
        return fewest_groups(counts, prospect.direction.num_qubits, prospect.alpha)[0]


def expected_counts(prospect: Prospect) -> CoherenceCounts | None:
    """The counts that a campaign can expect; None where its design does not measure populations."""
    if not prospect.pilots[0].rules.measures_population:
        return None
    counts = pooled_counts(prospect.pilots, prospect.direction)
    taken = sum(shots.total for shots in prospect.pilots)
    return counts.scaled(prospect.trials / taken)


SEPARABILITY = Separability(
    key="separability",
    label="separability",
    nothing=0,
    shown="not {value}-separable",
    optional=True,
    says="The state is no mixture of products of so many groups of qubits, whichever qubits these "
    "are; 2 is genuine entanglement of all qubits. From coherence and population together, if the "
    "qubits were measured along the directions named and shots are independent.",
    claim="witness",
)
