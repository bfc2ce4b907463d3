"""Designs full and random up to 12 qubits: through the tensor of all 3^N correlators."""

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.eq24 import bound_by_order, bound_weights
from qbell.conventions.labels import orders, sums_by, supports
from qbell.estimator.intervals.bound_interval import Deviations, from_resamples
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.intervals.redrawn_counts import Counts, prepare
from qbell.estimator.tensor import kernels
from qbell.estimator.tensor.moments import UNSEEN_FLIPS, Moments, raw_levels
from qbell.estimator.tensor.units import Units

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAX_TENSOR_QUBITS = 12  # 4^N numbers in memory


def resample_bound(
    units: Units,
    moments: Moments,
    num_qubits: int,
    how: Resampling,
    levels: Floats | None = None,
) -> Deviations:
    """Resample shots within settings (full design), or whole draws (random design), within settings
    if they are post-stratified.

    Args:
        units, moments: the data and what `moments` says of them.
        num_qubits, how: as they say.
        levels: None for raw counts; (1 or resamples, N, 2) numbers that stand for the outcomes of
            a readout that errs, the same in each resample or resampled themselves.
    """
    weights = bound_weights(num_qubits)
    row_cells, shares = units.cells(num_qubits), units.shares
    diagonals = np.empty((0, num_qubits + 1))
    table = raw_levels(num_qubits)[None] if levels is None else levels
    strata, counts = _drawn(units)
    if units.drawn and (units.sizes.max() > 1 or levels is not None):
        diagonals = draw_squares(units, num_qubits, table.mean(axis=0))
    # In a random design the choice of settings itself scatters what few shots do not show.
    unseen = 2.0 * UNSEEN_FLIPS if not units.drawn else 0.0  # half of them flip a parity
    slope = gradient(moments.values, num_qubits, table.mean(axis=0))
    order = orders(num_qubits)

    def work(generator: np.random.Generator, rows: slice) -> tuple[Floats, ...]:
        drawn: tuple[Floats, Floats, Floats, Floats] = kernels.resample(
            generator,
            rows.stop - rows.start,
            strata,
            units.starts,
            row_cells,
            shares,
            units.sizes,
            diagonals,
            counts,
            unseen,
            slope,
            table if len(table) == 1 else table[rows],
            moments.values,
            weights,
            order,
            num_qubits,
        )
        return drawn

    plug_in, cross, tally, shifts = how.in_chunks(work)
    squares = moments.squares(num_qubits)
    squares[0] = 0.0  # no weight in the bound
    found = bound_by_order(squares, num_qubits)
    values = bound_by_order(np.abs(moments.values) ** 2, num_qubits)
    first = 2 * (cross - values)
    if not units.drawn:
        deviations = plug_in - values
    else:
        size = len(units.sizes) - 1
        if len(diagonals) == 0:  # single shots: |c_hat_s| = 1 for every label
            tally = np.broadcast_to(sums_by(order, weights, num_qubits + 1), plug_in.shape)
        deviations = (size * plug_in - tally) / (size - 1 or 1)
    return from_resamples(found, values, first, deviations - first, shifts)


def _drawn(units: Units) -> tuple[Integers, Counts | None]:
    """First of each stratum among the units, or among the rows if shots are drawn: their counts."""
    if units.strata is not None:
        return units.strata, None
    if units.drawn:
        return np.array([0, len(units.sizes)]), None
    return units.starts, prepare(units.counts, units.starts)


def draw_squares(units: Units, num_qubits: int, levels: Floats) -> Floats:
    """(draws, N + 1): sum over labels of order n of weight |c_hat_s|^2 of each draw alone."""
    weights = bound_weights(num_qubits)
    masks = supports(num_qubits)
    per_support = sums_by(masks, weights, 2**num_qubits)
    support_order = np.zeros(2**num_qubits, dtype=np.int64)
    support_order[masks] = orders(num_qubits)
    result = np.empty((len(units.sizes), num_qubits + 1))
    for draw in range(len(units.sizes)):
        rows = slice(units.starts[draw], units.starts[draw + 1])
        shares = units.counts[rows] / units.sizes[draw]
        parity = sums_by(units.outcomes[rows], shares, 2**num_qubits)
        kernels.walsh_hadamard(parity, levels)
        result[draw] = sums_by(support_order, per_support * parity**2, num_qubits + 1)
    return result


def gradient(
    values: NDArray[np.complex128], num_qubits: int, levels: Floats | None = None
) -> Floats:
    """(4^N,) derivative of sum_s w_s |c_s|^2 with respect to each cell's share.

    The adjoint of `kernels.contract` and `kernels.combine_signs`, qubit by qubit.
    """
    levels = raw_levels(num_qubits) if levels is None else levels
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
        up, down = levels[qubit]
        real = np.stack(
            [
                np.stack([zero + up * x, zero + down * x], axis=2),
                np.stack([zero + up * y, zero + down * y], axis=2),
            ],
            axis=1,
        ).reshape(-1, 2 * size, 2 * size)
    return real.reshape(-1)
