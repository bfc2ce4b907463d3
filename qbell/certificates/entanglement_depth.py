"""How many qubits the largest entangled group has, trusting the measured directions."""

from qbell.certificates.depth_of_e import DepthOfE


def entanglement_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``size`` qubits are entangled: 2 ceil(N / size).

    This one trusts that the measurements are sigma_1 and sigma_2; the others do not.
    """
    return 2 * -(-num_qubits // size)


ENTANGLEMENT_DEPTH = DepthOfE(
    key="entanglement_depth",
    label="entanglement depth",
    says="Some group of so many qubits is entangled. Excluded: every mixture of states in which "
    "only smaller groups are, if the qubits were measured along the directions named.",
    claim="witness",
    limit=entanglement_limit,
)
