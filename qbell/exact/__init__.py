"""Exact values: QFI, its lower bounds F0 and Eq. (24), and every Bell correlator.

Each function takes one of qbell's states, a state vector (2^N,) or a density matrix (2^N, 2^N),
in Qiskit's qubit order, and the generator's axis.
"""

from qbell.exact.density_matrix import f0, qfi
from qbell.exact.describe import describe
from qbell.exact.state_vector import (
    bound,
    bound_by_order,
    correlator_of_all,
    correlator_values,
    correlators,
)

__all__ = [
    "bound",
    "bound_by_order",
    "correlator_of_all",
    "correlator_values",
    "correlators",
    "describe",
    "f0",
    "qfi",
]
