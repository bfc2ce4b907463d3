"""Exact values: QFI, its lower bounds F0 and Eq. (24), and every Bell correlator."""

from qbell.exact.describe import describe
from qbell.exact.ensemble import ensemble
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

__all__ = [
    "as_matrix_product",
    "bound",
    "bound_by_order",
    "correlator_of_all",
    "correlator_values",
    "correlators",
    "describe",
    "ensemble",
    "f0",
    "log_e_n",
    "matrix_product",
    "optimal_axis",
    "orders",
    "qfi",
    "qfi_matrix",
    "symmetric_correlators",
    "zz_correlations",
]
