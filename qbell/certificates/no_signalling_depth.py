"""How many qubits the largest nonlocal group has, whatever groups may do without signalling."""

from qbell.certificates.depth_of_e import DepthOfE


def no_signalling_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} with groups of no-signalling boxes, 1/2 each: ceil(N / size).

    Groups share only local correlations with each other, as for the genuine nonlocality depth.
    """
    return -(-num_qubits // size)


NO_SIGNALLING_DEPTH = DepthOfE(
    key="no_signalling_depth",
    label="  against no-signalling groups",
    says="The same without quantum mechanics. Excluded: models of smaller groups that share only "
    "local correlations with each other, where each group may be any no-signalling box.",
    claim="bell",
    limit=no_signalling_limit,
)
