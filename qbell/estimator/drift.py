"""Whether jobs differ by more than chance."""

from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.estimator.jobs import Jobs
from qbell.shots.grouping import by_setting
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

LEAST = 5.0  # expected in a cell of a table, for chi^2 to hold
ORDERS = 4999  # of the jobs, to compare theirs with


def drift_p(shots: Shots, jobs: Jobs) -> float | None:
    """P-value of "jobs do not differ", corrected by Bonferroni; None if it cannot be tested.

    Tables of jobs against outcomes, by chi^2: of each qubit along each of its directions, which no
    other setting may change; and of the parity of all qubits, setting by setting and summed up
    where settings are fixed, by the number of letters Y modulo 4 for single shots in random ones.
    Where jobs hold different settings, or draws several shots, a parity says nothing of drift.
    """
    if not jobs.whole:
        return None
    odd = shots.bits.sum(axis=1, dtype=np.int64) % 2
    tests = []
    if not shots.drawn:
        settings = by_setting(shots.directions)
        index = settings.index
        tests.append([_table(shots, jobs, index == t, odd) for t in range(len(settings))])
    elif shots.shots_per_setting == 1:
        kinds = (shots.directions == 1).sum(axis=1) % 4
        flat = ~(shots.directions == 2).any(axis=1)
        tests += [[_table(shots, jobs, flat & (kinds == kind), odd)] for kind in range(4)]
    for qubit in range(shots.num_qubits):
        own = shots.directions[:, qubit]
        if shots.rules.common_angle:
            every = [_table(shots, jobs, own == t, shots.bits[:, qubit]) for t in np.unique(own)]
            tests.append(every)
            continue
        for direction in np.unique(own):
            tests.append([_table(shots, jobs, own == direction, shots.bits[:, qubit])])
    p_values = [p for tables in tests for p in _p_values(tables)]
    return min(1.0, min(p_values) * len(p_values)) if p_values else None


def neighbours_p(products: Floats, generator: np.random.Generator) -> float:
    """P-value of "neighbours in time are no more alike than any two jobs".

    A job lasts a while; what drifts more slowly than that is much the same in the next one. Jobs
    are then not independent, and their scatter says less of other times than they seem to. The sum
    of the products of neighbours is compared with that in random orders.

    Args:
        products: (J, J) of the estimates of jobs, in their order in time.
        generator: of the random orders.
    """
    count = len(products)
    orders = generator.permuted(np.tile(np.arange(count), (ORDERS, 1)), axis=1)
    found = float(np.diagonal(products, 1).sum())
    chance = products[orders[:, :-1], orders[:, 1:]].sum(axis=1)
    # What differs by rounding alone is equal.
    least = found - 1e-9 * float(np.abs(chance).max())
    return (1 + int(np.count_nonzero(chance >= least))) / (ORDERS + 1)


def _table(shots: Shots, jobs: Jobs, kept: NDArray[np.bool_], outcome: NDArray[Any]) -> Floats:
    """(jobs, 2) how often each outcome came."""
    index = 2 * jobs.codes[kept] + outcome[kept]
    weights = shots.counts[kept].astype(float)
    counts = np.bincount(index, weights, minlength=2 * jobs.count).astype(np.float64)
    return counts.reshape(jobs.count, 2)


def _p_values(tables: list[Floats]) -> list[float]:
    """Of the tables with enough of both outcomes together, and of the rarer outcome in the others.

    Where an outcome is rare, as the wrong parity of a GHZ state, no table has enough of it; all of
    them together may. Its number in a job, given that of all jobs, is a sum of hypergeometric ones:
    its variance is at most the expected number, so chi^2 alarms too seldom rather than too often.
    """
    chi2, freedom = 0.0, 0
    seen, rare = np.zeros((2, len(tables[0])))  # of the rarer outcome, by job; and expected
    for table in tables:
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), 1.0)
        if expected.min() >= LEAST:
            chi2 += float(((table - expected) ** 2 / expected).sum())
            freedom += len(table) - 1
        else:
            outcome = int(np.argmin(table.sum(axis=0)))
            seen, rare = seen + table[:, outcome], rare + expected[:, outcome]
    found = [float(scipy.stats.chi2.sf(chi2, freedom))] if freedom else []
    if rare.min() >= LEAST:
        few = float(((seen - rare) ** 2 / rare).sum())
        found.append(float(scipy.stats.chi2.sf(few, len(rare) - 1)))
    return found
