"""Which construction serves how many qubits at which order."""

from collections.abc import Callable
from functools import partial

import numpy as np

from qbell.covering.constructions import (
    all_rows,
    doubled,
    even_rows,
    pairs,
    paley,
    paley_circulant,
    paley_doubled,
    power,
    with_complements,
)
from qbell.covering.greedy import MAX_PATTERNS, greedy, greedy_work
from qbell.covering.stored import STORED
from qbell.covering.verify import Rows, require_time
from qbell.errors import QbellError

MAX_ALL_ROWS = 12  # as the full design

Recipe = Callable[[], Rows]


def _stored(order: int, columns: int) -> Rows:
    return STORED[order, columns].rows()


def _doubled(half: int) -> Rows:
    """Order 3 on twice ``half`` columns."""
    return doubled(build(half, 3), pairs(half))


def _circulant_and_complement(prime: int) -> Rows:
    return with_complements(paley_circulant(prime))


def _power_of_paley(degree: int, order: int) -> Rows:
    """From 12 rows of order 3 or 24 of order 4, on 11 columns."""
    base = paley(11) if order == 3 else paley_doubled(11)[:, :11]
    return power(base, 11, degree, order)


def _power(prime: int) -> Rows:
    """Order 4 on q^2 columns, from q columns."""
    return power(build(prime, 4), prime, 2, 4)


# For each order, (columns, construction) from few columns to many: the first one with enough
# columns is taken. Sizes are in docs/covering.md, and held by the tests.
LADDERS: dict[int, list[tuple[int, Recipe]]] = {
    3: [
        (5, partial(_stored, 3, 5)),
        (11, partial(paley, 11)),
        (12, partial(_stored, 3, 12)),
        (14, partial(_stored, 3, 14)),
        (16, partial(_stored, 3, 16)),
        *((2 * half, partial(_doubled, half)) for half in (10, 11, 12, 14, 16, 20, 22, 24, 28)),
        (121, partial(_power_of_paley, 2, 3)),
        (242, partial(_doubled, 121)),
        (1331, partial(_power_of_paley, 3, 3)),
    ],
    4: [
        (6, partial(_stored, 4, 6)),
        (12, partial(paley_doubled, 11)),
        (17, partial(_stored, 4, 17)),
        (18, partial(_stored, 4, 18)),
        (20, partial(_stored, 4, 20)),
        *((prime + 1, partial(paley_doubled, prime)) for prime in (23, 29, 31)),
        *((prime, partial(paley_circulant, prime)) for prime in (67, 71, 79, 83, 89, 97, 101)),
        (121, partial(_power_of_paley, 2, 4)),
        (289, partial(_power, 17)),
        (361, partial(_power, 19)),
    ],
    5: [
        (7, partial(_stored, 5, 7)),
        *((columns, partial(greedy, columns, 5)) for columns in range(8, 18)),
        *((prime + 1, partial(paley_doubled, prime)) for prime in (67, 71, 79, 83)),
        *((prime, partial(_circulant_and_complement, prime)) for prime in (89, 97, 101)),
    ],
}


def build(num_qubits: int, order: int) -> Rows:
    """Rows for N qubits and order K from 1 to N, as few as known here; not checked yet.

    Raises:
        QbellError: too many rows, or too much work; before it begins.
    """
    if order == 1:
        return np.repeat(np.array([[0], [1]], dtype=np.uint8), num_qubits, axis=1)
    if order > MAX_ALL_ROWS:
        raise QbellError(
            f"order = {order} takes 2^{order} rows or more; give an order of up to "
            f"{MAX_ALL_ROWS}, or use a random design"
        )
    if order == num_qubits:
        return all_rows(num_qubits)
    if order == num_qubits - 1:
        return even_rows(num_qubits)
    if order == 2:
        return pairs(num_qubits)
    require_time(2**order, num_qubits, order)
    for columns, recipe in LADDERS.get(order, []):
        if columns >= num_qubits:
            return recipe()[:, :num_qubits]
    if greedy_work(num_qubits, order) > MAX_PATTERNS:
        raise QbellError(
            f"no covering array of order = {order} for n = {num_qubits} qubits is known here, and "
            "the search for one would take too long; take a lower order or fewer qubits, or a "
            "random design"
        )
    return greedy(num_qubits, order)
