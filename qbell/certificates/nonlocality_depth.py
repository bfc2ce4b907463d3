"""How many qubits the largest genuinely nonlocal group has, if groups obey quantum mechanics."""

from qbell.certificates.depth_of_e import DepthOfE


def nonlocality_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if every group has at most ``size`` qubits (genuine depth).

    Groups share no nonlocal correlation with each other; each is quantum and contributes at most
    1/4, a single qubit 1/2: with N = q size + r it is 2 q + min(r, 2) for size >= 3, else N.
    """
    if size <= 2:
        return num_qubits
    whole, rest = divmod(num_qubits, size)
    return 2 * whole + min(rest, 2)


NONLOCALITY_DEPTH = DepthOfE(
    key="nonlocality_depth",
    label="genuine nonlocality depth",
    says="Some group of so many qubits is genuinely nonlocal. Excluded: models of smaller groups "
    "that share only local correlations with each other, if each group obeys quantum mechanics. "
    "No measured direction is trusted.",
    claim="bell",
    limit=nonlocality_limit,
)
