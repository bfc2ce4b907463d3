"""How many qubits the largest nonlocal group has, whatever groups may do, signalling included."""

import math
from dataclasses import dataclass

from qbell.certificates.deepest import deepest
from qbell.certificates.phase_test import PhaseTest, why_no_phase_test
from qbell.certificates.statement import Depth, Evidence, Numbers, Prospect
from qbell.designs.local_limit import local_limit

SVETLICHNY_PHASE = -math.pi / 4  # of a state whose c > 0 was turned by pi/4 on one qubit


def svetlichny_limit(num_qubits: int, size: int, phase: float) -> float:
    """Largest Re(e^(i phase) c) with groups of at most ``size`` boxes that may do anything.

    The outcomes of a group are any function of its settings, its qubits signalling to each other.
    Of its correlator, the mean over settings of i^(number of sigma_2) times a sign, the real part
    is a mean of signs over the even half of settings and the imaginary part over the odd half: both
    lie in [-1/2, 1/2], at the corners like those of a single qubit. So g groups are limited as g
    qubits under local realism are (`local_limit`): 2^(-g/2) max_m cos(phase + g pi/4 + m pi/2).
    Groups are at least N / size, and the limit is not monotone in g: the largest of all such g.

    Source: G. Svetlichny, Phys. Rev. D 35, 3066 (1987); Seevinck and Svetlichny, Phys. Rev. Lett.
    89, 060401 (2002).

    >>> svetlichny_limit(6, 3, 0.0), round(svetlichny_limit(6, 5, -0.7853981633974483), 12)
    (0.5, 0.353553390593)
    """
    fewest = -(-num_qubits // size)
    # Two groups more halve 2^(-g/2), and the cosine is never below its sqrt(1/2): g + 2 is less.
    return max(local_limit(g, phase) for g in {fewest, min(fewest + 1, num_qubits)})


@dataclass(frozen=True, kw_only=True)
class DepthAtPhase(Depth):
    """A depth that the phase of c decides, and |c| alone does not."""

    def of_test(self, test: PhaseTest, num_qubits: int, phase: float, alpha: float) -> Numbers:
        """The depth that a test along this phase finds at error rate ``alpha``, and its p-value."""

        def most(size: int) -> float:
            return svetlichny_limit(num_qubits, size, phase)

        return self.numbers(*deepest(test, most, num_qubits, alpha))

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """From the test along the direction's phase."""
        if evidence.why_no_e:
            return self.absent, evidence.why_no_e
        if evidence.test is None:
            spoiled = evidence.shots.rules.no_bell_reason or evidence.shots.treated
            reason = f"no depth {self.label.strip()}: {why_no_phase_test(evidence.shots)}"
            return self.absent, "" if spoiled else reason
        shots, phase = evidence.shots, evidence.direction.phase
        return self.of_test(evidence.test, shots.num_qubits, phase, evidence.alpha), ""

    def forecast(self, prospect: Prospect) -> int:
        """From the expected outcome of the test."""
        if prospect.test is None:
            return self.nothing
        size, phase = prospect.direction.num_qubits, prospect.direction.phase
        depth: int = self.of_test(prospect.test, size, phase, prospect.alpha)[self.key]
        return depth


SVETLICHNY_DEPTH = DepthAtPhase(
    key="svetlichny_depth",
    label="  against groups of any boxes",
    says="The same with groups that may do anything. Excluded: models of smaller groups that share "
    "only local correlations with each other, where the members of a group may even signal to each "
    "other. A phase of pi/4 or -pi/4 excludes the largest groups, a phase of 0 those below N/2.",
    claim="bell",
)
