"""Depths from E_{N,0}: the largest group that it implies, in models of some kind.

Each model has groups of at most k qubits and allows E_{N,0} up to 2^-limit(N, k), and so |c| up to
2^(-limit/2). Where settings were drawn, k is rejected by a test of Re(e^(i phase) c) that holds at
any number of draws, memory included (`qbell.certificates.phase_test`); elsewhere where the lower
limit of E_{N,0} is above its own. The models differ, and so do the depths; none is
ever reported under another's name. |c_s| has the same limits for every label s of all qubits:
sigma_2 -> -sigma_2 on a qubit is a choice of its own axis.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from qbell.certificates.deepest import deepest
from qbell.certificates.phase_test import PhaseTest
from qbell.certificates.statement import Depth, Evidence, Numbers, Prospect

STRICT = 1e-9  # relative: a correlator exactly at a limit, but for rounding, does not exceed it


@dataclass(frozen=True, kw_only=True)
class DepthOfE(Depth):
    """A depth that E_{N,0} alone implies.

    Attributes:
        limit: (N, k) -> -log2 of the largest E_{N,0} with groups of at most k qubits.
    """

    limit: Callable[[int, int], int]

    def of_log(self, num_qubits: int, log_e_n: float) -> int:
        """The depth that ln E_{N,0}, or a lower limit of it, implies."""
        rejected = [
            k
            for k in range(1, num_qubits)
            if log_e_n > -self.limit(num_qubits, k) * math.log(2) + STRICT
        ]
        return max(rejected) + 1 if rejected else self.nothing

    def of_test(self, test: PhaseTest, num_qubits: int, alpha: float) -> Numbers:
        """The depth that a test finds at error rate ``alpha``, and its p-value."""

        def most(size: int) -> float:
            return float(2.0 ** (-self.limit(num_qubits, size) / 2))

        return self.numbers(*deepest(test, most, num_qubits, alpha))

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """From the test of drawn settings, or from the lower limit of E."""
        if evidence.why_no_e or evidence.e_low is None:
            return self.absent, evidence.why_no_e
        size = evidence.shots.num_qubits
        if evidence.test is not None and evidence.test.drawn:
            return self.of_test(evidence.test, size, evidence.alpha), ""
        return {**self.absent, self.key: self.of_log(size, log_of(evidence.e_low))}, ""

    def forecast(self, prospect: Prospect) -> int:
        """From the expected outcome of the test, or the lower limit that E is expected to have."""
        size = prospect.direction.num_qubits
        if prospect.e_low is None:
            return self.nothing
        if prospect.test is not None and prospect.test.drawn:
            depth: int = self.of_test(prospect.test, size, prospect.alpha)[self.key]
            return depth
        return self.of_log(size, log_of(prospect.e_low))


def log_of(e_n: float) -> float:
    """ln E; -inf for estimates that are not above 0."""
    return math.log(e_n) if e_n > 0 else -math.inf
