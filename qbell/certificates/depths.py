"""All depths that E_{N,0} implies, at once; each is declared in a file of its own."""

from dataclasses import make_dataclass

from qbell.certificates.depth_of_e import DepthOfE, log_of
from qbell.certificates.registry import DEPTHS

OF_E = tuple(depth for depth in DEPTHS if isinstance(depth, DepthOfE))


_FIELDS = [(depth.key, int) for depth in OF_E]


class Depths(make_dataclass("Depths", _FIELDS, frozen=True)):  # type: ignore[misc]
    """What E_{N,0} above some value implies; 0 or 1 say that nothing is implied.

    Attributes:
        bell_qubits, nonlocality_depth, ...: one for each depth of `qbell.certificates.registry`
            that E_{N,0} implies.
    """


def depths(num_qubits: int, e_n: float) -> Depths:
    """The depths that a value (or a lower limit) of E_{N,0} implies.

    >>> depths(6, 0.25).bell_qubits, depths(6, 0.25).no_signalling_depth
    (6, 3)
    >>> depths(6, 2**-6).bell_qubits
    0
    """
    return depths_of_log(num_qubits, log_of(e_n))


def depths_of_log(num_qubits: int, log_e_n: float) -> Depths:
    """`depths` from ln E_{N,0}, which does not underflow for many qubits.

    >>> depths_of_log(2000, -1.3863).bell_qubits
    2000
    """
    return Depths(**{depth.key: depth.of_log(num_qubits, log_e_n) for depth in OF_E})
