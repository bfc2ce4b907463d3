"""Exact values: QFI, its lower bounds F0 and Eq. (24), and every Bell correlator."""

from qbell.exact.best_axes import BestAxes, best_axes
from qbell.exact.coherence import coherence_values
from qbell.exact.describe import describe
from qbell.exact.disorder import Averages, average, disordered_chains
from qbell.exact.dmrg import dmrg
from qbell.exact.ensemble import ensemble
from qbell.exact.family_hamiltonian import hamiltonian_of
from qbell.exact.hamiltonian import evolved, ground_state, thermal_state
from qbell.exact.local_frames import in_local_frames
from qbell.exact.moment_bound import moment_bound
from qbell.exact.quantities import (
    as_matrix_product,
    bound,
    bound_by_order,
    correlator_of_all,
    correlator_values,
    correlators,
    f0,
    log_e_n,
    optimal_axis,
    orders,
    qfi,
    qfi_matrix,
    symmetric_correlators,
    zz_correlations,
)
from qbell.exact.read_product import matrix_product
from qbell.exact.series import k1, k2, qfi_series
from qbell.exact.spin_chain import ising_chain
from qbell.exact.squeezing import squeezing

__all__ = [
    "Averages",
    "BestAxes",
    "as_matrix_product",
    "average",
    "best_axes",
    "bound",
    "bound_by_order",
    "coherence_values",
    "correlator_of_all",
    "correlator_values",
    "correlators",
    "describe",
    "disordered_chains",
    "dmrg",
    "ensemble",
    "evolved",
    "f0",
    "ground_state",
    "hamiltonian_of",
    "in_local_frames",
    "ising_chain",
    "k1",
    "k2",
    "log_e_n",
    "matrix_product",
    "moment_bound",
    "optimal_axis",
    "orders",
    "qfi",
    "qfi_matrix",
    "qfi_series",
    "squeezing",
    "symmetric_correlators",
    "thermal_state",
    "zz_correlations",
]
