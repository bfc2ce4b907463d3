"""Coverage of error bars by job under one-sided drift: the table in docs/statistics.md, "Jobs".

python -m benchmarks.job_coverage        some minutes; prints the table

A data set is a value of one correlator for each job, drawn from the drift, with normal shot noise:
what error bars by job are made from. The truth is |mean c|^2 of the drift.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.intervals.job_deviations import deviations_by_job
from qbell.estimator.intervals.student import widening
from tests.support.job_values import CONFIDENCE, intervals_of

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]

JOBS = (10, 20, 40, 100)
NOISE = 0.02  # of the real and of the imaginary part
SETS = 4000  # of E
BOUND_SETS = 600  # of the bound: one by one
RESAMPLES = 400

Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[Any]]
DRIFTS: dict[str, tuple[float, Draw]] = {
    "phase, normal, 0.5 rad": (
        math.exp(-0.25) / 4,
        lambda rng, size: np.exp(1j * rng.normal(0, 0.5, size)) / 2,
    ),
    "10 % of jobs dead": (0.81 / 4, lambda rng, size: (rng.random(size) > 0.1) / 2),
    "visibility, uniform, 0.5 to 1": (
        0.75**2 / 4,
        lambda rng, size: rng.uniform(0.25, 0.5, size),
    ),
    "none": (0.35**2, lambda rng, size: np.full(size, 0.35)),
}


def interval_of_bound(values: Complex, rng: np.random.Generator) -> tuple[float, float]:
    """Of a bound that has this one term, of (jobs,) values."""
    count = len(values)
    means = np.outer(values, values.conj()).real[None]
    found = deviations_by_job(
        means,
        np.diagonal(means, axis1=1, axis2=2),
        np.full(count, 1 / count),
        widening(count, (1 - CONFIDENCE) / 2),
        RESAMPLES,
        rng,
    )
    return found.distribution().interval(CONFIDENCE)


def main() -> None:
    """Print it."""
    print("| drift | jobs | E: low end above the truth | covers | bound: the same | covers |")
    print("|---|---|---|---|---|---|")
    for name, (truth, draw) in DRIFTS.items():
        for count in JOBS:
            rng = np.random.default_rng([*name.encode(), count])
            real, imaginary = rng.normal(0, NOISE, (2, count, SETS))
            values = draw(rng, (count, SETS)) + real + 1j * imaginary
            bounds = [interval_of_bound(column, rng) for column in values.T[:BOUND_SETS]]
            cells = [name, str(count)]
            for ends in (intervals_of(values, NOISE), np.array(bounds)):
                above, below = ends[:, 0] > truth, ends[:, 1] < truth
                cells += [f"{above.mean():.3f}", f"{1 - above.mean() - below.mean():.3f}"]
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
