"""Intervals of the bound from the scatter between jobs: few, and skewed where a device drifts."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.intervals import blocks
from qbell.estimator.intervals.bound_interval import Deviations, SamplingDistribution
from qbell.estimator.intervals.student import Student, skewness

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class JobDeviations(Deviations):
    """Deviations whose linear part reaches as far as the mean of a few skewed numbers.

    Attributes:
        student: of each order, and last of the bound.
    """

    student: Student = field(kw_only=True)

    def distribution(self, order: int | None = None) -> SamplingDistribution:
        """See `Deviations.distribution`."""
        found = super().distribution(order)
        return replace(found, unit=self.student.bent(found.unit, -1 if order is None else order))


def deviations_by_job(
    means: Floats,
    selfs: Floats,
    shares: Floats,
    widen: float,
    resamples: int,
    generator: np.random.Generator,
    *,
    orders: int | None = None,
) -> JobDeviations:
    """Deviations of the estimate from pairs of different jobs.

    Args:
        means: (terms, J, J) means of the kernel between jobs, `qbell.estimator.intervals.blocks`.
        selfs: (terms, J) those of a job with itself.
        shares: (J,) of the jobs in all shots.
        widen: Student's t over the normal quantile, see `student.widening`.
        resamples, generator: as they say.
        orders: how many of the terms make up the bound; all if None.
    """
    estimates = blocks.mean_over_pairs(means, shares)
    # The sum of |c_hat|^2 of the pooled c_hat = sum of shares c_hat_j holds the pairs j = j too.
    plug_in = (1 - float(shares @ shares)) * estimates + selfs @ shares**2
    found = blocks.deviations(
        estimates,
        np.maximum(plug_in, estimates),
        means,
        shares,
        resamples,
        generator,
        widen=widen,
        third=np.zeros(len(means) + 1),  # skewed numbers are left to `Student`
    )
    # How far one job moves the estimate of each term, and that of the bound.
    rows = blocks.row_means(means, shares)
    rows = np.column_stack([rows, rows[:, :orders].sum(axis=1)])
    student = Student(len(shares), skewness(shares, rows), widen)
    return JobDeviations(**vars(found), student=student)


def split_off_last(every: JobDeviations) -> tuple[JobDeviations, SamplingDistribution]:
    """The deviations of the bound without their last term, and the distribution of that one."""
    last = len(every.values) - 1
    bound = replace(
        every,
        values=every.values[:last],
        plug_in=every.plug_in[:last],
        first=every.first[:, :last],
        second=every.second[:, :last],
        third=np.zeros(last + 1),
        student=replace(every.student, bend=np.delete(every.student.bend, last)),
    )
    return bound, every.distribution(last)
