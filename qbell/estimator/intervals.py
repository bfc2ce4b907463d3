"""Confidence intervals: inversion for single correlators, shifted bootstrap for the bound."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.estimator import kernels, squared_modulus
from qbell.estimator.moments import UNSEEN_FLIPS, Moments
from qbell.estimator.units import Units
from qbell.labels import bound_weights, exchanged, signs, sums_by, supports
from qbell.threads import in_threads

Floats = NDArray[np.float64]

CHUNK = 25  # resamples that share one random stream: results do not depend on the threads


@dataclass(frozen=True)
class Bootstrap:
    """Deviations of resampled bounds from their mean, by order n: (resamples, N + 1).

    ``extra_share`` is the share of the variance of the whole bound that is not the first-order
    scatter of the data: products of two fluctuations, and outcomes that were not seen. It is near 0
    as a rule, and large where the bound is stationary (a maximally mixed state: 1/3, and the
    spread is too wide by up to sqrt(3)) or where nothing scatters (a noiseless GHZ state).
    """

    by_order: Floats
    extra_share: float

    @property
    def degenerate(self) -> bool:
        """True where the data's own first-order scatter does not carry the interval."""
        return self.extra_share > 0.2

    def shift(self, value: Floats | float, deviations: Floats, confidence: float) -> Floats:
        """Interval ends (..., 2): the value plus the quantiles of the deviations.

        Resamples repeat shots and so bring the bias of squares back; only their spread around
        their own mean is used, never their position.
        """
        tail = (1 - confidence) / 2
        low, high = np.quantile(deviations, [tail, 1 - tail], axis=0)
        return np.stack([value + low, value + high], axis=-1)


def squared_intervals(
    moments: Moments, num_qubits: int, confidence: float
) -> tuple[Floats, Floats]:
    """Intervals (3^N, 2) for all E_s, and their standard errors (3^N,).

    |c_hat_s|^2 follows a noncentral chi^2 law with two, possibly unequal, variances; the interval
    holds the |c|^2 for which the observed value is not in either tail. The upper end divides by
    the probability at c = 0, so that it is above 0 also when chance brings c_hat very near 0.
    """
    partner = exchanged(num_qubits)
    mine = np.flatnonzero(np.arange(3**num_qubits) <= partner)  # E_(-s) = E_s: half is enough
    along, across = (part[mine] for part in moments.scatter(num_qubits))
    squares = np.abs(moments.values[mine]) ** 2
    true_squares = np.clip(moments.squares(num_qubits)[mine], 0, None)
    errors = np.sqrt(4 * true_squares * along + 2 * along**2 + 2 * across**2)
    along, across = np.sqrt(along), np.sqrt(across)

    def solve(part: slice) -> Floats:
        found: Floats = squared_modulus.squared_modulus_intervals(
            squares[part],
            along[part],
            across[part],
            confidence,
            squared_modulus.NODES,
            squared_modulus.FACTORS,
        )
        return found

    # The identity (label 0...0) is 1 by definition; the rest is solved in pieces, in parallel.
    pieces = [slice(start, start + 500) for start in range(1, len(mine), 500)]
    intervals = np.concatenate([np.ones((1, 2)), *in_threads(solve, pieces)])
    errors[0] = 0.0
    back = np.empty(3**num_qubits, dtype=np.int64)
    back[mine] = np.arange(len(mine))
    back = back[np.minimum(np.arange(3**num_qubits), partner)]
    return intervals[back], errors[back]


def bootstrap_bound(
    units: Units,
    moments: Moments,
    num_qubits: int,
    resamples: int,
    seed: np.random.SeedSequence,
    progress: Callable[[int], None] | None = None,
) -> Bootstrap:
    """Resample shots within settings (full design), or whole draws (random design)."""
    weights = bound_weights(num_qubits)
    orders = np.add(*signs(num_qubits))
    row_cells = units.cells(num_qubits)
    diagonals = np.empty((0, num_qubits + 1))
    if units.design == "full":
        strata = np.concatenate([[0], np.cumsum(units.sizes)])
        row_cells = np.repeat(row_cells, units.counts)
        row_shares = np.ones(len(row_cells))
        unit_starts = np.arange(len(row_cells) + 1)
    else:
        strata = np.array([0, len(units.sizes)])
        row_shares = units.shares
        unit_starts = units.starts
        if units.sizes.max() > 1:
            diagonals = draw_squares(units, num_qubits)
    # In a random design the choice of settings itself scatters what few shots do not show.
    unseen = 2.0 * UNSEEN_FLIPS if units.design == "full" else 0.0  # half of them flip a parity
    slope = gradient(moments.values, num_qubits)
    jobs = list(
        zip(
            seed.spawn(-(-resamples // CHUNK)),
            np.diff([*range(0, resamples, CHUNK), resamples]).tolist(),
            strict=True,
        )
    )

    def work(job: tuple[np.random.SeedSequence, int]) -> tuple[Floats, Floats, Floats]:
        child, count = job
        drawn: tuple[Floats, Floats, Floats] = kernels.resample(
            np.random.default_rng(child),
            count,
            strata,
            unit_starts,
            row_cells,
            row_shares,
            diagonals,
            unseen,
            slope,
            weights,
            orders,
            num_qubits,
        )
        if progress is not None:
            progress(count)
        return drawn

    parts = in_threads(work, jobs)
    plug_in, tally, slopes = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    values = sums_by(orders, weights * np.abs(moments.values) ** 2, num_qubits + 1)
    if units.design == "full":
        noise = sums_by(orders, weights * moments.noise[supports(num_qubits)], num_qubits + 1)
        deviations = plug_in - (values + noise)
        # The unseen outcomes shift the mean; only the spread around it counts.
        deviations -= deviations.mean(axis=0)
    else:
        size = len(units.sizes) - 1
        if len(diagonals) == 0:  # single shots: |c_hat_s| = 1 for every label
            tally = np.broadcast_to(sums_by(orders, weights, num_qubits + 1), plug_in.shape)
        deviations = (size * plug_in - tally) / (size - 1 or 1) - values
    seen, all_first = slopes.T
    unseen_part = np.var(all_first - seen)
    second = np.var(plug_in.sum(axis=1) - all_first)
    spread = np.var(seen) + unseen_part + second
    tiny = (1e-9 * (1 + values.sum())) ** 2
    share = float((unseen_part + second) / spread) if spread > tiny else 1.0
    return Bootstrap(deviations, share)


def draw_squares(units: Units, num_qubits: int) -> Floats:
    """(draws, N + 1): sum over labels of order n of weight |c_hat_s|^2 of each draw alone."""
    weights = bound_weights(num_qubits)
    orders = np.add(*signs(num_qubits))
    masks = supports(num_qubits)
    per_support = sums_by(masks, weights, 2**num_qubits)
    support_order = np.zeros(2**num_qubits, dtype=np.int64)
    support_order[masks] = orders
    result = np.empty((len(units.sizes), num_qubits + 1))
    for draw in range(len(units.sizes)):
        rows = slice(units.starts[draw], units.starts[draw + 1])
        shares = units.counts[rows] / units.sizes[draw]
        parity = sums_by(units.outcomes[rows], shares, 2**num_qubits)
        kernels.walsh_hadamard(parity)
        result[draw] = sums_by(support_order, per_support * parity**2, num_qubits + 1)
    return result


def gradient(values: NDArray[np.complex128], num_qubits: int) -> Floats:
    """(4^N,) derivative of sum_s w_s |c_s|^2 with respect to each cell's share.

    The adjoint of `kernels.contract` and `kernels.combine_signs`, qubit by qubit.
    """
    slope = 2 * bound_weights(num_qubits) * values.conj()
    for qubit in range(num_qubits):
        part = slope.reshape(-1, 3, 3**qubit)
        plus, minus = part[:, 1].copy(), part[:, 2].copy()
        part[:, 1], part[:, 2] = plus + minus, 1j * (plus - minus)
    real: Floats = slope.real.reshape(-1, 1, 1)
    for qubit in range(num_qubits):
        # Lowest qubit first: the settings' and the outcomes' bits grow side by side.
        size = 2**qubit
        cube = real.reshape(3 ** (num_qubits - 1 - qubit), 3, size, size)
        zero, x, y = cube[:, 0], cube[:, 1], cube[:, 2]
        real = np.stack(
            [np.stack([zero + x, zero - x], axis=2), np.stack([zero + y, zero - y], axis=2)], axis=1
        ).reshape(-1, 2 * size, 2 * size)
    return real.reshape(-1)
