"""How many qubits the largest entangled group has, trusting the measured directions."""

from dataclasses import dataclass

from qbell.certificates.coherence_counts import coherence_counts
from qbell.certificates.depth_of_e import DepthOfE
from qbell.certificates.separability import expected_counts, fewest_groups
from qbell.certificates.statement import Evidence, Numbers, Prospect


def entanglement_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``size`` qubits are entangled: 2 ceil(N / size).

    This one trusts that the measurements are sigma_1 and sigma_2; the others do not.
    """
    return 2 * -(-num_qubits // size)


@dataclass(frozen=True, kw_only=True)
class EntanglementDepth(DepthOfE):
    """From E of all qubits; where populations are measured, from coherence and population.

    Groups of at most k qubits are ceil(N / k) or more: with m-separability all sizes below
    N / (m - 1) are rejected.
    """

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """See `DepthOfE.certify`."""
        shots = evidence.shots
        if not shots.rules.measures_population or evidence.why_no_e:
            return super().certify(evidence)
        counts = coherence_counts(shots, evidence.direction)
        fewest, p_value = fewest_groups(counts, shots.num_qubits, evidence.alpha)
        return self.numbers(_largest_size(shots.num_qubits, fewest), p_value), ""

    def forecast(self, prospect: Prospect) -> int:
        """See `DepthOfE.forecast`."""
        counts = expected_counts(prospect)
        if counts is None:
            return super().forecast(prospect)
        size = prospect.direction.num_qubits
        fewest, p_value = fewest_groups(counts, size, prospect.alpha)
        depth: int = self.numbers(_largest_size(size, fewest), p_value)[self.key]
        return depth


def _largest_size(num_qubits: int, groups: int) -> int:
    """Largest size of groups that are ``groups`` or more, whatever they are; 0 of none."""
    return -(-num_qubits // (groups - 1)) - 1 if groups else 0


ENTANGLEMENT_DEPTH = EntanglementDepth(
    key="entanglement_depth",
    label="entanglement depth",
    says="Some group of so many qubits is entangled. Excluded: every mixture of states in which "
    "only smaller groups are, if the qubits were measured along the directions named.",
    claim="witness",
    limit=entanglement_limit,
)
