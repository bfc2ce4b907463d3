"""How large E_{N,0} can be in models with groups of limited size, and what a larger one implies.

Each depth asks how large E_{N,0} can be in a model of some kind with groups of at most k qubits,
and rejects k when the lower limit of E_{N,0} is above that. The models differ, and so do the
depths; none is ever reported under another's name. |c_s| has the same limits for every label s of
all qubits: sigma_2 -> -sigma_2 on a qubit is a choice of its own axis.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

STRICT = 1e-9  # relative: a correlator exactly at a limit, but for rounding, does not exceed it


def bell_qubits_limit(num_qubits: int, most: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``most`` qubits take part in nonlocal groups.

    The paper's count: N - most + 2 for most >= 2, and N if there are none. E > 2^-(m + 3) means
    that at least N - m qubits are Bell correlated. Source: PRL 126, 210506, text before Eq. (26).
    """
    return num_qubits if most < 2 else num_qubits - most + 2


def nonlocality_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if every group has at most ``size`` qubits (genuine depth).

    Groups share no nonlocal correlation with each other; each is quantum and contributes at most
    1/4, a single qubit 1/2: with N = q size + r it is 2 q + min(r, 2) for size >= 3, else N.
    """
    if size <= 2:
        return num_qubits
    whole, rest = divmod(num_qubits, size)
    return 2 * whole + min(rest, 2)


def no_signalling_limit(num_qubits: int, size: int) -> int:
    """As `nonlocality_limit`, with groups of arbitrary no-signalling boxes, 1/2 each: ceil(N/k)."""
    return -(-num_qubits // size)


def entanglement_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``size`` qubits are entangled: 2 ceil(N / size).

    This one trusts that the measurements are sigma_1 and sigma_2; the others do not.
    """
    return 2 * -(-num_qubits // size)


@dataclass(frozen=True)
class Depths:
    """What E_{N,0} above some value implies; 0 or 1 say that nothing is implied.

    Attributes:
        bell_qubits: qubits that take part in nonlocal groups (the paper's count); 0 if none.
        nonlocality_depth: qubits in the largest group that is genuinely nonlocal (quantum groups).
        no_signalling_depth: the same, against groups of arbitrary no-signalling boxes.
        entanglement_depth: qubits in the largest entangled group, trusting the measurements.
    """

    bell_qubits: int
    nonlocality_depth: int
    no_signalling_depth: int
    entanglement_depth: int


def depths(num_qubits: int, e_n: float) -> Depths:
    """The depths that a value (or a lower limit) of E_{N,0} implies.

    >>> depths(6, 0.25)
    Depths(bell_qubits=6, nonlocality_depth=6, no_signalling_depth=3, entanglement_depth=6)
    >>> depths(6, 2**-6).bell_qubits
    0
    """

    return depths_of_log(num_qubits, math.log(e_n) if e_n > 0 else -math.inf)


def depths_of_log(num_qubits: int, log_e_n: float) -> Depths:
    """`depths` from ln E_{N,0}, which does not underflow for many qubits.

    >>> depths_of_log(2000, -1.3863).bell_qubits
    2000
    """

    def largest(limit: Callable[[int, int], int]) -> int:
        rejected = [
            k
            for k in range(1, num_qubits)
            if log_e_n > -limit(num_qubits, k) * math.log(2) + STRICT
        ]
        return max(rejected, default=0) + 1

    bell = largest(bell_qubits_limit)
    return Depths(
        bell_qubits=bell if bell > 1 else 0,
        nonlocality_depth=largest(nonlocality_limit),
        no_signalling_depth=largest(no_signalling_limit),
        entanglement_depth=largest(entanglement_limit),
    )
