"""Binary covering arrays: few settings in which every K qubits see all their 2^K settings.

A qubit's letter is 0 (sigma_1) or 1 (sigma_2). M rows of N letters are a covering array of order K
(strength, in the literature) if any K columns show all 2^K patterns. Then every correlator of up
to K bodies can be estimated from M settings, about 2^K log N of them, instead of 2^N.

Source: J. Lawrence et al., A Survey of Binary Covering Arrays, Electron. J. Combin. 18, P84 (2011).
"""

import numpy as np

from qbell.covering.catalogue import build
from qbell.covering.verify import Rows, missing_pattern, require_time, strength, unneeded_row, work
from qbell.errors import QbellError
from qbell.util.checks import MAX_MEASURED_QUBITS, whole_number

__all__ = ["covering_array", "missing_pattern", "strength"]

TRIM_WORK = 4e9  # operations spent on rows to leave out


def covering_array(num_qubits: int, order: int) -> Rows:
    """Settings in which every ``order`` qubits see all 2^order patterns; checked exhaustively.

    The fewest rows possible for order 1, 2, N - 1 and N; the fewest known for order 3 up to 20
    qubits; a few more elsewhere, as listed in docs/covering.md. The same call gives the same rows.

    Args:
        num_qubits: N, from 2 to 1000.
        order: K, from 1 to N. K = N gives all 2^N rows.

    Returns:
        (M, N) array of 0 = sigma_1 and 1 = sigma_2; column k is qubit k. Read-only.

    Raises:
        QbellError: an order that does not fit N, or more than can be built and checked in about a
            minute; said before it begins.

    >>> covering_array(4, 2)
    array([[0, 0, 0, 0],
           [1, 1, 1, 0],
           [1, 1, 0, 1],
           [1, 0, 1, 1],
           [0, 1, 1, 1]], dtype=uint8)
    >>> len(covering_array(11, 3)), len(covering_array(12, 4)), len(covering_array(100, 3))
    (12, 24, 34)
    """
    num_qubits = whole_number("n", num_qubits, least=2, most=MAX_MEASURED_QUBITS)
    order = whole_number("order", order, least=1, most=num_qubits)
    rows = build(num_qubits, order)
    require_time(len(rows), num_qubits, order)
    rows = np.ascontiguousarray(_trimmed(rows, order))
    missing = missing_pattern(rows, order)
    if missing is not None:  # a mistake in this package, never to be measured with
        raise QbellError(
            f"the covering array of order = {order} for n = {num_qubits} lacks pattern "
            f"{missing[1]} on qubits {missing[0]}; please report this, and use a random design"
        )
    rows.setflags(write=False)
    return rows


def _trimmed(rows: Rows, order: int) -> Rows:
    """Without rows that are not needed, one after the other, while that takes little time."""
    spent = 0.0
    while (spent := spent + 2 * work(len(rows), rows.shape[1], order)) < TRIM_WORK:
        spare = unneeded_row(rows, order)
        if spare is None:
            break
        rows = np.delete(rows, spare, axis=0)
    return rows
