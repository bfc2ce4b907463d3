"""Standard error of the bound and percentiles of all correlators from 1000 resamples."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.estimating import plain_squares, squares
from benchmarks.peers.case import Case, Tool
from benchmarks.peers.estimates import by_sets, frequencies, on_shots

RESAMPLES = 1000


def qbell(shots: Any) -> float:
    import qbell as tool

    return tool.estimate(shots, resamples=RESAMPLES, seed=1).bound.standard_error


def qbell_resamples(shots: Any) -> float:
    """All correlators in each resample, and the bound from them: no interval of each."""
    from qbell.estimator.intervals.chunks import Resampling
    from qbell.estimator.tensor.moments import cells_of, moments
    from qbell.estimator.tensor.tensor import resample_bound
    from qbell.estimator.tensor.units import group

    n, units = shots.num_qubits, group(shots)
    found = moments(units, cells_of(units, n), n)
    how = Resampling(RESAMPLES, np.random.SeedSequence(1))
    return resample_bound(units, found, n, how).distribution().standard_error


def by_numpy(way: Callable[[Any, int], Any], order: Callable[[int], Any]) -> Callable[[Any], float]:
    """Outcomes of each setting drawn anew."""

    def work(shots: Any) -> float:
        n, shares, rng = shots.num_qubits, frequencies(shots), np.random.default_rng(0)
        totals = np.bincount(shots.setting_index, shots.counts).astype(int)
        found = np.empty((RESAMPLES, 3**n))
        for row in range(RESAMPLES):
            drawn = rng.multinomial(totals, shares)
            found[row] = way(drawn / totals[:, None], n)
        np.quantile(found, [0.025, 0.975], axis=0)
        return float(np.std(found @ order(n)))

    return work


def in_order(n: int) -> Any:
    """Weights of Eq. (24)."""
    from qbell.conventions.eq24 import bound_weights

    return bound_weights(n)


CASE = Case(
    title="Bootstrap: 1000 resamples of the same data",
    says="Error bars of all correlators and of the bound. NumPy's percentiles are of |mean|^2 and "
    "biased; compared is the standard error of the bound, within 20 %. qbell.estimate does "
    "all that is said above; its resamples are of all correlators and the bound, as NumPy's.",
    sizes=(4, 6, 8),
    tools=(
        Tool("qbell.estimate", "qbell", on_shots(qbell)),
        Tool("qbell, resamples alone", "qbell", on_shots(qbell_resamples)),
        Tool("NumPy, contracted", "numpy", on_shots(by_numpy(squares, in_order))),
        Tool("NumPy, sign products", "numpy", on_shots(by_numpy(plain_squares, by_sets))),
    ),
    close=0.2,
    warm=2,
)
