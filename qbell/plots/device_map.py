"""Where the qubits of a device lie in a picture, from its couplings alone."""

from collections.abc import Iterable, Sequence

import numpy as np

Place = tuple[float, float]

SHORTEST = 3  # qubits in a row
BETWEEN = 2.0  # rows that are joined by further qubits; others are 1 apart


def device_map(couplings: Iterable[Sequence[int]]) -> dict[int, Place]:
    """Places of all coupled qubits: rows of consecutive numbers, others between their neighbours.

    Devices number their qubits row after row. A row is shifted so that the qubits which join it to
    rows above stand in one column with what they join. Without any row qubits stand on a circle.

    >>> device_map([(0, 1), (1, 2), (0, 3), (3, 4), (4, 5), (5, 6)])[3]
    (0.0, -1.0)
    """
    near: dict[int, set[int]] = {}
    for one, other in couplings:
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    rows = _rows(near)
    if not rows:
        angles = 2 * np.pi * np.arange(len(near)) / max(len(near), 1)
        return {q: (float(np.cos(a)), float(np.sin(a))) for q, a in zip(sorted(near), angles)}  # noqa: B905
    of_row = {qubit for row in rows for qubit in row}
    places: dict[int, Place] = {}
    between = BETWEEN if of_row < set(near) else 1.0
    for number, row in enumerate(rows):
        shift = _shift(row, near, places, of_row)
        for column, qubit in enumerate(row):
            places[qubit] = (column + shift, -between * number)
    for _ in range(2):  # those next to others that are in no row either come second
        for qubit in sorted(set(near) - set(places)):
            known = [places[other] for other in near[qubit] if other in places]
            if known:
                x, y = np.mean(known, axis=0).tolist()
                places[qubit] = (x, y - (0 if len(known) > 1 else BETWEEN / 2))
    for spare, qubit in enumerate(sorted(set(near) - set(places))):
        places[qubit] = (float(spare), -between * len(rows))
    return places


def _rows(near: dict[int, set[int]]) -> list[list[int]]:
    """Chains of consecutive numbers that are coupled."""
    rows: list[list[int]] = []
    for qubit in sorted(near):
        if rows and rows[-1][-1] == qubit - 1 and qubit in near[qubit - 1]:
            rows[-1].append(qubit)
        else:
            rows.append([qubit])
    return [row for row in rows if len(row) >= SHORTEST]


def _shift(
    row: list[int], near: dict[int, set[int]], places: dict[int, Place], of_row: set[int]
) -> float:
    """The column of a row's first qubit: the median of what its joints to rows above ask for."""
    wanted = []
    for column, qubit in enumerate(row):
        for other in near[qubit]:
            above = [other] if other in of_row else near[other] - {qubit}
            wanted += [places[q][0] - column for q in above if q in places and q not in row]
    return float(np.median(wanted)) if wanted else 0.0
