"""The bound of Eq. (24) from squared correlators: its weights, defined here and nowhere else.

The bound on the quantum Fisher information is a sum over all labels s,

    B = sum_s w_s E_s,    w_s = 2 (n_+ - n_-)^2 / 2^(N - n),    n = n_+ + n_-,

where n_+ and n_- count the signs of s, and E_s = |c_s|^2. Terms of one order n are added up
together. Source: PRL 126, 210506, Eq. (24).
"""

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import orders, signs, sums_by

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def weight(n_plus: Integers, n_minus: Integers, num_qubits: int) -> Floats:
    """Weight w_s of E_s for labels with ``n_plus`` signs + and ``n_minus`` signs -.

    Args:
        n_plus, n_minus: arrays of one shape, or that broadcast; the result has their shape.
        num_qubits: N.

    >>> weight(np.array([2, 1, 1]), np.array([0, 0, 1]), 2).tolist()
    [8.0, 1.0, 0.0]
    """
    weights: Floats = 2.0 * (n_plus - n_minus) ** 2 * 2.0 ** (n_plus + n_minus - float(num_qubits))
    return weights


def bound_weights(num_qubits: int) -> Floats:
    """(3^N,) w_s of all labels, in the order of the flat arrays.

    >>> bound_weights(1).tolist()
    [0.0, 2.0, 2.0]
    """
    number = np.arange(num_qubits + 1)
    by_signs = weight(number[:, None], number, num_qubits)
    weights: Floats = by_signs[signs(num_qubits)]
    return weights


def bound_by_order(squares: Floats, num_qubits: int) -> Floats:
    """(N + 1,) terms of the bound by order n, from E_s of all 3^N labels (flat).

    >>> bound_by_order(np.array([1, 0.25, 0.25]), 1).tolist()
    [0.0, 1.0]
    """
    return sums_by(orders(num_qubits), bound_weights(num_qubits) * squares, num_qubits + 1)


def bound_by_order_of_sums(sums: Floats) -> Floats:
    """(N + 1,) terms of the bound by order, from sums of E_s over labels with the same signs.

    Args:
        sums: (N + 1, N + 1) by n_+ and n_-; zero where n_+ + n_- > N.

    >>> bound_by_order_of_sums(np.array([[1, 0.5], [0.5, 0]]))
    array([0., 2.])
    """
    num_qubits = len(sums) - 1
    n_plus, n_minus = np.arange(num_qubits + 1)[:, None], np.arange(num_qubits + 1)
    terms = weight(n_plus, n_minus, num_qubits) * sums
    order = n_plus + n_minus
    return sums_by(order.ravel(), terms.ravel(), 2 * num_qubits + 1)[: num_qubits + 1]
