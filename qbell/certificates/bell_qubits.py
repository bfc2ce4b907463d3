"""How many qubits are Bell correlated: the paper's count."""

from qbell.certificates.depth_of_e import DepthOfE


def bell_qubits_limit(num_qubits: int, most: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``most`` qubits take part in nonlocal groups.

    The paper's count: N - most + 2 for most >= 2, and N if there are none. E > 2^-(m + 3) means
    that at least N - m qubits are Bell correlated. Source: PRL 126, 210506, text before Eq. (26).
    """
    return num_qubits if most < 2 else num_qubits - most + 2


BELL_QUBITS = DepthOfE(
    key="bell_qubits",
    label="Bell-correlated qubits (paper's count)",
    says="At least so many qubits take part in nonlocal groups. Excluded: models in which fewer do "
    "and all others follow local realism, if groups obey quantum mechanics. No measured direction "
    "is trusted.",
    claim="bell",
    nothing=0,
    shown="{value} of {n}",
    limit=bell_qubits_limit,
)
