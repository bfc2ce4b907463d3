"""Error bars by job, for devices that drift between jobs.

Jobs take the place of draws: each gives its own estimate c_hat_j of every correlator, and pairs of
different jobs that of their squares. What drifts from job to job then scatters c_hat_j and widens
the intervals; taken shot by shot it would be invisible there, and in pairs of shots of one job even
be counted as signal.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.drawn import drawn
from qbell.estimator.intervals import blocks
from qbell.estimator.intervals.bound_interval import distribution_of
from qbell.estimator.pairs.pairs import pair_sums
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.pairs import self_kernel
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FEWEST = 10  # jobs: with fewer, their scatter is not known well enough
COLUMN = "job"


@dataclass(frozen=True)
class Jobs:
    """Which job every row belongs to.

    Attributes:
        codes: (rows,) 0 to count - 1.
        count: number of jobs.
        whole: every job by itself measures all that the design measures.
    """

    codes: Integers
    count: int
    whole: bool

    @property
    def usable(self) -> bool:
        """True if error bars can come from the scatter between jobs."""
        return self.whole and self.count >= FEWEST


def jobs_of(shots: Shots) -> Jobs | None:
    """The jobs of a data set; None if it names none, or one."""
    if COLUMN not in shots.extra.columns:
        return None
    codes = np.unique(shots.extra[COLUMN].astype(str), return_inverse=True)[1].astype(np.int64)
    count = int(codes.max()) + 1
    if count < 2:
        return None
    if shots.drawn:
        whole = True
        if shots.draws is not None:  # a draw that two jobs share makes them depend on each other
            whole = len(group_by(shots.draws, codes)) == len(group_by(shots.draws))
    else:
        settings = by_setting(shots.directions)
        whole = len(group_by(settings.index, codes)) == count * len(settings)
    return Jobs(codes, count, whole)


def by_job(
    found: Findings,
    shots: Shots,
    jobs: Jobs,
    confidence: float,
    resamples: int,
    seed: np.random.SeedSequence,
) -> Findings:
    """The findings with values from pairs of different jobs, and errors from their scatter."""
    parts = [shots.take(jobs.codes == job) for job in range(jobs.count)]
    sizes = np.array([part.num_draws if part.drawn else part.total for part in parts], dtype=float)
    shares = sizes / sizes.sum()
    alpha = (1 - confidence) / 2
    widen = float(scipy.stats.t.isf(alpha, jobs.count - 1) / scipy.stats.norm.isf(alpha))
    generator = np.random.default_rng(seed)
    if found.linear is None:
        labels = found.correlators.labels.tolist()
        values = np.stack([drawn.means_of(drawn.drawn_units(part), labels) for part in parts])
        means, selfs = _pair_blocks(shots, jobs, sizes)
    else:
        every = np.stack([found.linear.features(part) for part in parts])
        values = every[:, found.linear.chosen]
        means, selfs = _feature_blocks(every, found.linear.terms)
    estimates = blocks.mean_over_pairs(means, shares)
    off = 1 - float(shares @ shares)
    # The sum of |c_hat|^2 of the pooled c_hat = sum of shares c_hat_j holds the pairs j = j too.
    plug_in = off * estimates + selfs @ shares**2
    deviations = blocks.deviations(
        estimates,
        np.maximum(plug_in, estimates),
        means,
        shares,
        resamples,
        generator,
        widen=widen,
    )
    f0 = None
    if found.f0 is not None:
        last = deviations
        f0 = distribution_of(float(last.values[-1]), last.first[:, -1], last.second[:, -1])
        deviations = replace(
            last,
            values=last.values[:-1],
            plug_in=last.plug_in[:-1],
            first=last.first[:, :-1],
            second=last.second[:, :-1],
        )
    return replace(
        found,
        correlators=_correlators(found.correlators, values, shares, widen),
        deviations=deviations,
        f0=f0,
        harmonics=None,
        notes=(*found.notes, f"error bars by job: from the scatter between {jobs.count} jobs"),
    )


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
        tests.append([_chi2(shots, jobs, index == t, odd) for t in range(len(settings))])
    elif shots.shots_per_setting == 1:
        kinds = (shots.directions == 1).sum(axis=1) % 4
        flat = ~(shots.directions == 2).any(axis=1)
        tests += [[_chi2(shots, jobs, flat & (kinds == kind), odd)] for kind in range(4)]
    for qubit in range(shots.num_qubits):
        own = shots.directions[:, qubit]
        if shots.rules.common_angle:
            every = [_chi2(shots, jobs, own == t, shots.bits[:, qubit]) for t in np.unique(own)]
            tests.append(every)
            continue
        for direction in np.unique(own):
            tests.append([_chi2(shots, jobs, own == direction, shots.bits[:, qubit])])
    p_values = []
    for parts in tests:
        found = [part for part in parts if part is not None]
        if found:
            statistic = sum(part[0] for part in found)
            p_values.append(float(scipy.stats.chi2.sf(statistic, sum(part[1] for part in found))))
    return min(1.0, min(p_values) * len(p_values)) if p_values else None


def _chi2(
    shots: Shots, jobs: Jobs, kept: NDArray[np.bool_], outcome: NDArray[Any]
) -> tuple[float, int] | None:
    """The statistic of jobs against an outcome, and its degrees of freedom; None if too few."""
    weights = shots.counts[kept].astype(float)
    index = 2 * jobs.codes[kept] + outcome[kept]
    table = np.bincount(index, weights, minlength=2 * jobs.count).reshape(jobs.count, 2)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(table.sum(), 1.0)
    if expected.min() < 5:
        return None
    return float(((table - expected) ** 2 / expected).sum()), jobs.count - 1


def _feature_blocks(values: Complex, terms: Terms) -> tuple[Floats, Floats]:
    """(N + 1, J, J) means of the kernel between jobs, and (N + 1, J) those of a job with itself."""
    count = len(values)
    means = np.empty((terms.num_qubits + 1, count, count))
    for order in range(terms.num_qubits + 1):
        mine = terms.orders == order
        part = values[:, mine]
        means[order] = ((part * terms.weights[mine]) @ part.conj().T).real
    return means, np.diagonal(means, axis1=1, axis2=2)


def _pair_blocks(shots: Shots, jobs: Jobs, sizes: Floats) -> tuple[Floats, Floats]:
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
    )
    means = sums.gram / np.outer(sizes, sizes)
    # A job's own |c_hat|^2 holds each draw paired with itself too, which the sums leave out.
    own = self_kernel(shots.num_qubits, shots.rules.letters > 2)
    own = own * (sizes.sum() / shots.total)
    return means, np.diagonal(means, axis1=1, axis2=2) + own[:, None] / sizes


def _correlators(given: Correlators, values: Complex, shares: Floats, widen: float) -> Correlators:
    """The table from (J, F) values of the jobs."""
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
    # Few jobs may agree by chance; shots scatter at least as much as they do within jobs.
    return replace(
        given,
        values=pooled,
        squares=squares,
        along=np.maximum(along, given.along),
        across=np.maximum(across, given.across),
        seen=along,
    )
