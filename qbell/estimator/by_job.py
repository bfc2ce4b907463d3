"""Error bars by job, for devices that drift between jobs.

Jobs take the place of draws: each gives its own estimate c_hat_j of every correlator, and pairs of
different jobs that of their squares. What drifts from job to job then scatters c_hat_j and widens
the intervals; taken shot by shot it would be invisible there, and in pairs of shots of one job even
be counted as signal.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.alarm import ALARM
from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.drawn import drawn
from qbell.estimator.drift import neighbours_p
from qbell.estimator.intervals.job_deviations import deviations_by_job, split_off_last
from qbell.estimator.intervals.student import Student, skewness, widening
from qbell.estimator.jobs import Jobs
from qbell.estimator.pairs.pairs import pair_sums
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.pairs import self_kernel
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots
from qbell.util.cluster import Cluster

Floats = NDArray[np.float64]


def by_job(
    found: Findings,
    shots: Shots,
    jobs: Jobs,
    confidence: float,
    resamples: int,
    seed: np.random.SeedSequence,
    cluster: Cluster | None = None,
) -> Findings:
    """The findings with values from pairs of different jobs, and errors from their scatter."""
    parts = [shots.take(jobs.codes == job) for job in range(jobs.count)]
    sizes = np.array([part.num_draws if part.drawn else part.total for part in parts], dtype=float)
    shares = sizes / sizes.sum()
    widen = widening(jobs.count, (1 - confidence) / 2)
    if found.linear is None:
        labels = found.correlators.labels.tolist()
        values = np.stack([drawn.means_of(drawn.drawn_units(part), labels) for part in parts])
        means, selfs = _pair_blocks(shots, jobs, sizes, cluster)
    else:
        every = np.stack([found.linear.features(part) for part in parts])
        values = every[:, found.linear.chosen]
        means, selfs = _feature_blocks(every, found.linear.terms)
    given = not shots.drawn or (found.linear is not None and found.linear.stratified)
    uneven = _unevenness(shots, jobs, shares) if given else 1.0
    generator = np.random.default_rng(seed)
    orders = shots.num_qubits + 1
    deviations = deviations_by_job(means, selfs, shares, widen, resamples, generator, orders=orders)
    slow = neighbours_p(means[:orders].sum(axis=0), generator)
    f0 = None
    if found.f0 is not None:
        deviations, f0 = split_off_last(deviations)
    return replace(
        found,
        correlators=correlators_by_job(found.correlators, values, shares, widen, uneven),
        deviations=deviations,
        f0=f0,
        harmonics=None,
        notes=(*found.notes, *_notes(jobs.count, confidence, slow)),
    )


def _notes(count: int, confidence: float, slow: float) -> list[str]:
    notes = [
        f"error bars by job: from the scatter between {count} jobs, for the mean of all jobs like "
        f"these; what befalls fewer than {_unseen(count, confidence):.0%} of jobs may not be among "
        "them. Certificates are about the average of the states that these jobs prepared, however "
        "they drift"
    ]
    if slow < ALARM:
        notes.append(
            f"neighbouring jobs are more alike than others (p = {slow:.2g}): the device drifts "
            "more slowly than from job to job, so error bars are too narrow for other times"
        )
    return notes


def _unseen(count: int, confidence: float) -> float:
    """Share of jobs of a kind of which none is among ``count`` with probability alpha."""
    return float(1 - ((1 - confidence) / 2) ** (1 / count))


def _unevenness(shots: Shots, jobs: Jobs, shares: Floats) -> float:
    """How much more the shots scatter sum_j shares_j c_hat_j than an estimate from all at once.

    With n_jt shots (or draws) of setting t in job j the variances are sums over t of that of one
    times sum_j shares_j^2 / n_jt, and times 1 / n_t. They are the same where jobs hold settings in
    the same proportions.
    """
    settings = by_setting(shots.directions)
    cells = jobs.codes * len(settings) + settings.index
    if shots.draws is None:
        sizes = np.bincount(cells, shots.counts, minlength=jobs.count * len(settings))
    else:
        first = group_by(shots.draws).first
        sizes = np.bincount(cells[first], minlength=jobs.count * len(settings))
    sizes = sizes.reshape(jobs.count, -1)
    return float((sizes.sum(axis=0) * (shares**2 @ (1 / sizes))).max())


def _feature_blocks(values: Complex, terms: Terms) -> tuple[Floats, Floats]:
    """(orders, J, J) means of the kernel between jobs, and (orders, J) of a job with itself."""
    count = len(values)
    means = np.empty((terms.last + 1, count, count))
    for order in range(terms.last + 1):
        mine = terms.orders == order
        part = values[:, mine]
        means[order] = ((part * terms.weights[mine]) @ part.conj().T).real
    return means, np.diagonal(means, axis1=1, axis2=2)


def _pair_blocks(
    shots: Shots, jobs: Jobs, sizes: Floats, cluster: Cluster | None
) -> tuple[Floats, Floats]:
    if shots.draws is None:
        codes = np.repeat(jobs.codes, shots.counts)
    else:
        codes = jobs.codes[group_by(shots.draws).first]
    sums = pair_sums(
        shots.directions,
        shots.bits,
        shots.counts,
        shots.draws,
        codes,
        jobs.count,
        three=shots.rules.letters > 2,
        max_influences=1,
        cluster=cluster,
    )
    means = sums.gram / np.outer(sizes, sizes)
    # A job's own |c_hat|^2 holds each draw paired with itself too, which the sums leave out.
    own = self_kernel(shots.num_qubits, shots.rules.letters > 2)
    own = own * (sizes.sum() / shots.total)
    return means, np.diagonal(means, axis1=1, axis2=2) + own[:, None] / sizes


def correlators_by_job(
    given: Correlators, values: Complex, shares: Floats, widen: float, uneven: float
) -> Correlators:
    """The table from (J, F) values of the jobs.

    Args:
        given: the same correlators from all shots at once.
        values, shares: c_hat_j, and how much each job counts.
        widen: Student's t over the normal quantile.
        uneven: how much more the shots scatter the mean of jobs than ``given``.
    """
    count = len(shares)
    pooled = shares @ values
    repeated = shares**2
    squares = (np.abs(pooled) ** 2 - repeated @ np.abs(values) ** 2) / (1 - repeated.sum())
    away = values - pooled
    scale = widen**2 * count / (count - 1)
    real = scale * (repeated @ away.real**2)
    imaginary = scale * (repeated @ away.imag**2)
    mixed = scale * (repeated @ (away.real * away.imag))
    along, across = plane_scatter(pooled, real, imaginary, mixed)
    squares = np.where(given.order == 0, 1.0, squares)
    # Few jobs may agree by chance; shots scatter at least as much as they do within jobs. So a
    # limit also holds for these jobs, taken as they are.
    wide = np.maximum(along, uneven * given.along)
    turns = np.exp(-1j * np.angle(pooled))
    # Jobs are skewed where they scatter: what scatter of shots comes on top of it is not.
    bend = skewness(shares, (values * turns).real)
    bend *= np.divide(along, wide, out=np.zeros_like(wide), where=wide > 0) ** 1.5
    return replace(
        given,
        values=pooled,
        squares=squares,
        along=wide,
        across=np.maximum(across, uneven * given.across),
        seen=along,
        draw=None,
        student=Student(count, bend, widen),
    )
