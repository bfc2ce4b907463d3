"""Error bars by job of data sets that are given as values of the jobs."""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.by_job import correlators_by_job
from qbell.estimator.correlators import Correlators, each_its_own
from qbell.estimator.intervals.student import widening

CONFIDENCE = 0.95


def intervals_of(values: NDArray[np.complex128], noise: float) -> NDArray[np.float64]:
    """(F, 2) 95 % intervals of E, each column of (J, F) values a data set of its own."""
    count, sets = values.shape
    zeros, flat = np.zeros(sets, dtype=np.int64), np.full(sets, noise**2 / count)
    distinct, like = each_its_own(sets)
    given = Correlators(
        labels=np.full(sets, "++"),
        n_plus=zeros + 2,
        n_minus=zeros,
        values=values.mean(axis=0),
        squares=np.zeros(sets),
        along=flat,
        across=flat,
        distinct=distinct,
        like=like,
    )
    widen = widening(count, (1 - CONFIDENCE) / 2)
    found = correlators_by_job(given, values, np.full(count, 1 / count), widen, 1.0)
    return found.intervals(CONFIDENCE)
