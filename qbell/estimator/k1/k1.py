"""A lower bound on the QFI between F0 and the QFI itself: the tangent of K1 = F0^2 / b.

F_Q >= 2 F0 / tau - b / tau^2 for every tau > 0, with equality to K1 at tau = b / F0. For a tau that
was fixed beforehand this is linear in F0 and b, so that unbiased estimates give an unbiased one; a
ratio of estimates would not, nor a tau from the same shots, which follows their chance. tau is
learnt on a quarter of the bundles of shots and the others estimate. A poor tau loosens the bound,
it never makes it wrong.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.interval_estimate import Tangent
from qbell.estimator.intervals.bundle_mean import bundle_mean
from qbell.estimator.jobs import Jobs
from qbell.estimator.k1 import bundles
from qbell.estimator.k1.triples import Moments, moments_of
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

MAX_QUBITS = 8  # products of matrices of 2^N rows for each bundle
BUNDLES = 100  # at most; triples within bundles are left out, 3 % of all
FEWEST_BUNDLES = 40
HELD_OUT = 0.25
TAUS = 97


def k1_of(
    shots: Shots, confidence: float, seed: np.random.SeedSequence, jobs: Jobs | None
) -> tuple[Tangent | None, tuple[str, ...]]:
    """The estimate, and a note; None where there is none.

    Args:
        shots: of a design that measures F0.
        confidence: of the interval and of each limit.
        seed: of the bundles.
        jobs: where error bars are by job, which then are the bundles.
    """
    missing = bundles.why_too_few(shots, jobs, fewest=FEWEST_BUNDLES, most_qubits=MAX_QUBITS)
    if missing:
        return None, (f"no K1: {missing}",)
    generator = np.random.default_rng(seed)
    if jobs is None:
        count = min(BUNDLES, bundles.most_bundles(shots))
        parts = bundles.bundled(shots, count, generator)
        training = np.arange(count) < round(HELD_OUT * count)
    else:
        parts = bundles.by_job(shots, jobs.codes)
        training = generator.permutation(jobs.count) < round(HELD_OUT * jobs.count)
    operators = bundles.operators(shots, parts)
    tau = learnt(moments_of(operators[training]), shots.num_qubits)
    found = moments_of(operators[~training])
    return estimated(found, tau, confidence, shots.provenance), ()


def learnt(training: Moments, num_qubits: int) -> float:
    """The tau whose tangent, less its standard error, is largest on the training shots.

    b / F0 would go with their chance: of few shots it may be anything, and at a small tau all noise
    is large. tau is a mean of p_i + p_j: at most 1, and 2^(1 - N) where all states are as likely.
    """
    taus = np.geomspace(1.0, 2.0 ** (1 - num_qubits), TAUS)
    slopes = np.stack([2 / taus, -1 / taus**2])
    count = len(training.b_without)
    scatter = np.cov(
        _pseudo(training.f0, training.f0_without), _pseudo(training.b, training.b_without)
    )
    errors = np.sqrt(np.einsum("it,ij,jt->t", slopes, scatter, slopes).clip(0) / count)
    safe = slopes.T @ [training.f0, training.b] - errors
    return float(taus[int(np.argmax(safe))])


def _pseudo(value: float, without: Floats) -> Floats:
    """(bundles,) pseudo-values of the jackknife, whose mean is the value."""
    count = len(without)
    found: Floats = count * value - (count - 1) * without
    return found


def estimated(found: Moments, tau: float, confidence: float, provenance: str) -> Tangent:
    """The tangent at ``tau`` with its interval: jackknife over bundles, Student's t with Hall's
    correction of skewness."""
    each = _pseudo(*found.tangent(tau))
    return Tangent(**vars(bundle_mean(each, confidence, provenance)), tau=tau)
