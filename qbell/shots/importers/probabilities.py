"""Probabilities and quasi-probabilities as counts of so many shots: what is lost is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.designs.schedule import MAX_SHOTS
from qbell.errors import QbellError
from qbell.shots.importers.asked import short
from qbell.shots.importers.importer import Outcomes
from qbell.util.checks import whole_number

CLOSE = 1e-3  # to 1, or to the shots: the sum of values that were written with few digits
WHOLE = 0.01  # shots


@dataclass(frozen=True)
class Distributed:
    """Counts made of a distribution.

    Attributes:
        outcomes: with whole numbers of shots.
        negative: how many values were below 0.
        fractional: how many were no whole number of shots.
    """

    outcomes: Outcomes
    negative: int
    fractional: int


def checked_shots(shots: Any, num_circuits: int) -> NDArray[np.int64]:
    """(circuits,) the number of shots of each circuit.

    Raises:
        QbellError: no whole numbers above 0, or another number of them.
    """
    if isinstance(shots, Sequence | np.ndarray) and not isinstance(shots, str):
        listed = list(shots)
        if len(listed) != num_circuits:
            raise QbellError(
                f"shots: {len(listed)} numbers for {num_circuits} circuits; give one number, or "
                "one a circuit"
            )
    else:
        listed = [shots] * num_circuits
    return np.array(
        [whole_number("shots", each, least=1, most=MAX_SHOTS) for each in listed], dtype=np.int64
    )


def of_distribution(outcomes: Outcomes, shots: NDArray[np.int64], where: str) -> Distributed:
    """Whole numbers of shots, as near to the values as can be.

    Values that sum to 1 are probabilities, those that sum to the shots are counts. Negative ones
    are replaced by the nearest distribution (Smolin, Gambetta and Smith, PRL 108, 070502), and
    shots are shared out by largest remainders.

    Raises:
        QbellError: the values of a circuit sum to something else.
    """
    counts = np.zeros(len(outcomes.values), dtype=np.int64)
    negative = fractional = 0
    order = np.argsort(outcomes.circuit, kind="stable")
    groups = np.split(order, np.searchsorted(outcomes.circuit[order], range(1, len(shots))))
    for circuit, rows in enumerate(groups):
        values, total = outcomes.values[rows].astype(float), int(shots[circuit])
        sum_of = float(values.sum())
        scale = next((one for one in (1.0, float(total)) if abs(sum_of - one) <= CLOSE * one), None)
        if scale is None:
            raise QbellError(
                f"{where}, circuit {circuit}: values sum to {sum_of:.6g}, expected 1 "
                f"(probabilities) or {total} (counts); outcomes that are left out are "
                "post-selection: give all of them"
            )
        expected = values / sum_of * total
        fractional += int((np.abs(expected - np.rint(expected)) > WHOLE).sum())
        negative += int((values < 0).sum())
        counts[rows] = _shared(_nearest(values / sum_of) * total, total)
    return Distributed(replace(outcomes, values=counts), negative, fractional)


def why_not_raw(made: Distributed) -> str:
    """A note on what was done."""
    parts = []
    if made.negative:
        parts.append(f"{made.negative} values below 0 became the nearest distribution")
    if made.fractional:
        parts.append(f"{made.fractional} values were no whole number of shots and were rounded")
    done = ": " + "; ".join(parts) if parts else ""
    return (
        f"counts made of a distribution and a number of shots{done}; error bars are those of so "
        "many raw shots, too small where values were corrected"
    )


def check_raw(made: Distributed, provenance: str | None, where: str) -> None:
    """Refuse to call raw what cannot be."""
    if provenance == "raw" and (made.negative or made.fractional):
        found = f"{made.negative} below 0, {made.fractional} fractional"
        raise QbellError(
            f"{where}: provenance 'raw', but values are no counts of these shots ({short(found)}); "
            "say mitigated, or leave provenance out"
        )


def _nearest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distribution nearest to values that sum to 1."""
    order = np.argsort(values)
    found = values[order].copy()
    missing = 0.0
    for place in range(len(found)):
        left = len(found) - place
        if found[place] + missing / left >= 0:
            found[place:] += missing / left
            break
        missing += found[place]
        found[place] = 0.0
    nearest = np.empty_like(found)
    nearest[order] = found
    return nearest


def _shared(expected: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    """Whole numbers that sum to ``total``, by largest remainders."""
    floors = np.floor(expected + 1e-9)
    whole = floors.astype(np.int64)
    short_of = total - int(whole.sum())
    if short_of > 0:
        whole[np.argsort(floors - expected, kind="stable")[:short_of]] += 1
    elif short_of < 0:
        whole[np.argmax(whole)] += short_of
    return whole
