"""The covering design: all correlators of up to K qubits, and their part of the bound.

Any n <= K qubits are measured in all 2^n patterns of sigma_1 and sigma_2. With t_p the mean parity
of the n qubits over all shots whose setting shows pattern p there,

    c_s = 2^-n sum_p t_p prod_k (i s_k)^(p_k),

so that E_s is estimated without bias by |c_hat_s|^2 minus the variances of its independent t_p. The
terms of Eq. (24) are not negative: summed up to order K they are a lower bound still.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.eq24 import weight
from qbell.conventions.labels import LABEL_LETTERS, strings
from qbell.errors import QbellError
from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.covering import kernels
from qbell.estimator.intervals.bound_interval import Deviations, from_resamples
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.strata import Strata
from qbell.estimator.tensor.moments import UNSEEN_FLIPS
from qbell.util.checks import require_memory
from qbell.util.threads import in_threads

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAX_SHOTS = 50_000_000
MAX_LABELS = 60_000  # rows of the table; of more, the low orders that fit are listed


@dataclass(frozen=True)
class Supports:
    """All sets of 1 to K qubits.

    Attributes:
        qubits: (A, K) the qubits of each, lowest first, filled up with N.
        sizes: (A,) how many they are.
        num_qubits: N.
    """

    qubits: Integers
    sizes: Integers
    num_qubits: int

    @property
    def weights(self) -> Floats:
        """(A, 2^K) weight of E_s in the bound, Eq. (24); bit j of the column: sign - of qubit j.

        Zero beyond the 2^n labels of a set of n qubits.
        """
        most = self.qubits.shape[1]
        column = np.arange(2**most)
        minus = np.bitwise_count(column).astype(int)
        weights = weight(self.sizes[:, None] - minus, minus, self.num_qubits)
        return np.where(column < 2 ** self.sizes[:, None], weights, 0.0)


def supports_up_to(num_qubits: int, order: int) -> Supports:
    """All sets of up to ``order`` qubits, smaller ones first.

    Raises:
        QbellError: more of them than memory holds.
    """
    count = sum(comb(num_qubits, n) for n in range(1, order + 1))
    require_memory(
        8.0 * count * (order + 6 * 2**order), f"correlators of up to {order} of {num_qubits} qubits"
    )
    table = np.full((count, order), num_qubits, dtype=np.int64)
    sizes = np.empty(count, dtype=np.int64)
    row = 0
    for n in range(1, order + 1):
        chosen = np.array(list(combinations(range(num_qubits), n)), dtype=np.int64)
        table[row : row + len(chosen), :n] = chosen
        sizes[row : row + len(chosen)] = n
        row += len(chosen)
    return Supports(table, sizes, num_qubits)


@dataclass(frozen=True)
class LowOrders:
    """Estimates for every set of qubits (A) and signs (columns): see `Supports.weights`.

    Attributes:
        supports: the sets.
        values: (A, 2^K) c_hat_s.
        squares: (A, 2^K) unbiased estimates of E_s.
        real, imaginary: (A,) variances of the parts of c_hat_s, unseen outcomes included.
        seen: (2, A) the same without these.
    """

    supports: Supports
    values: NDArray[np.complex128]
    squares: Floats
    real: Floats
    imaginary: Floats
    seen: Floats


def low_orders(strata: Strata, order: int) -> LowOrders:
    """Estimate all correlators of up to ``order`` qubits.

    Raises:
        QbellError: the settings do not show all patterns of some ``order`` qubits.
    """
    supports = supports_up_to(strata.num_qubits, order)
    means = _parity_means(strata, supports)
    sizes = strata.sizes.astype(float)
    # Raw second moments of parities are 1: the variance of a setting's mean is known from it.
    variances = np.clip(1 - means**2, 0, None) / (sizes[:, None] - 1)
    patterns, spread, pooled = kernels.pool(
        means, variances, sizes, strata.directions, supports.qubits, supports.sizes
    )
    used = np.arange(2**order) < 2 ** supports.sizes[:, None]
    if np.any(pooled[used] == 0):
        lacking = int(np.argmax(np.any((pooled == 0) & used, axis=1)))
        qubits = supports.qubits[lacking, : supports.sizes[lacking]].tolist()
        raise QbellError(
            f"the settings do not show all patterns of X and Y on qubits {qubits}: no estimate of "
            "their correlators; measure a covering design of this order, or give a smaller order"
        )
    values = kernels.combine(patterns, supports.sizes)
    odd = np.bitwise_count(np.arange(2**order)) % 2 == 1
    scale = 4.0**-supports.sizes
    real = scale * np.where(used & ~odd, spread, 0).sum(axis=1)
    imaginary = scale * np.where(used & odd, spread, 0).sum(axis=1)
    squares = np.abs(values) ** 2 - (real + imaginary)[:, None]
    seen = np.stack([real, imaginary])
    # As in a full design: the scatter as if a few more shots had come out the other way.
    fewest = np.where(used, pooled, np.inf).min(axis=1)
    flip = UNSEEN_FLIPS * (2.0 * 2.0**-supports.sizes / fewest) ** 2 * 2.0 * 2.0**-supports.sizes
    real = real + flip * np.where(used & ~odd, patterns**2, 0).sum(axis=1)
    imaginary = imaginary + flip * np.where(used & odd, patterns**2, 0).sum(axis=1)
    return LowOrders(supports, values, squares, real, imaginary, seen)


def values_of(strata: Strata, supports: Supports) -> NDArray[np.complex128]:
    """(A, 2^K) c_hat_s alone, also of settings with a single shot."""
    means = _parity_means(strata, supports)
    sizes = strata.sizes.astype(float)
    patterns = kernels.pool(
        means, np.zeros_like(means), sizes, strata.directions, supports.qubits, supports.sizes
    )[0]
    values: NDArray[np.complex128] = kernels.combine(patterns, supports.sizes)
    return values


def correlators_of(found: LowOrders) -> Correlators:
    """As a table of labels; of more than 60,000 only the low orders that fit."""
    supports = found.supports
    per_order = 2**supports.sizes
    most = supports.qubits.shape[1]
    while most > 1 and per_order[supports.sizes <= most].sum() > MAX_LABELS:
        most -= 1
    kept = np.flatnonzero(supports.sizes <= most)
    rows = np.repeat(kept, per_order[kept])
    columns = np.concatenate([np.arange(2**n) for n in supports.sizes[kept]])
    letters = np.zeros((len(rows), supports.num_qubits + 1), dtype=np.uint8)
    for place in range(most):
        sign = 1 + (columns >> place & 1)
        letters[np.arange(len(rows)), supports.qubits[rows, place]] = sign
    letters = letters[:, :-1]  # where the filling goes
    sizes = supports.sizes[rows]
    n_minus = np.bitwise_count(columns).astype(np.int64)
    values = found.values[rows, columns]
    along, across = plane_scatter(values, found.real[rows], found.imaginary[rows])
    # E of a label and of the one with all signs turned is one number.
    first = np.arange(len(rows)) - columns + np.minimum(columns, 2**sizes - 1 - columns)
    distinct, like = np.unique(first, return_inverse=True)
    return Correlators(
        labels=strings(letters, LABEL_LETTERS),
        n_plus=sizes - n_minus,
        n_minus=n_minus,
        values=values,
        squares=found.squares[rows, columns],
        along=along,
        across=across,
        distinct=distinct,
        like=like,
        seen=plane_scatter(values, *found.seen[:, rows])[0],
    )


def resample_low_orders(
    strata: Strata,
    found: LowOrders,
    how: Resampling,
) -> Deviations:
    """Resample shots within settings; the bound split by order, 0 beyond K."""
    supports, num_qubits = found.supports, strata.num_qubits
    weights = supports.weights
    order = supports.qubits.shape[1]
    shots, starts = _single_shots(strata)
    require_memory(
        2 * 8.0 * len(supports.sizes) * (len(strata.sizes) + 4 * 2**order),
        "resampling these correlators",
    )

    def work(generator: np.random.Generator, rows: slice) -> tuple[Floats, ...]:
        drawn: tuple[Floats, Floats, Floats] = kernels.resample(
            generator,
            rows.stop - rows.start,
            starts,
            shots,
            strata.directions,
            supports.qubits,
            supports.sizes,
            2.0 * UNSEEN_FLIPS,
            found.values,
            weights,
            order,
        )
        return drawn

    plug_in, cross, shifts = how.in_chunks(work)
    values = np.zeros(num_qubits + 1)
    plugged = np.zeros(num_qubits + 1)
    np.add.at(values, supports.sizes, (weights * found.squares).sum(axis=1))
    np.add.at(plugged, supports.sizes, (weights * np.abs(found.values) ** 2).sum(axis=1))

    def padded(table: Floats) -> Floats:
        wide = np.zeros((len(table), num_qubits + 1))
        wide[:, : order + 1] = table
        return wide

    first = padded(2 * (cross - plugged[: order + 1]))
    second = padded(plug_in) - plugged - first
    return from_resamples(values, plugged, first, second, shifts)


def _single_shots(strata: Strata) -> tuple[NDArray[np.uint8], Integers]:
    """(shots, N) outcomes shot by shot, and the first shot of each setting.

    Raises:
        QbellError: more shots than this version takes one by one, or than memory holds.
    """
    total = int(strata.sizes.sum())
    if total > MAX_SHOTS:
        raise QbellError(
            f"{total} shots: this version estimates a covering design from up to {MAX_SHOTS}, shot "
            "by shot; analyse a part of them"
        )
    require_memory(4.0 * total * strata.num_qubits, f"{total} single shots")
    shots = np.ascontiguousarray(np.repeat(strata.bits, strata.counts, axis=0))
    return shots, np.concatenate([[0], np.cumsum(strata.sizes)])


def _parity_means(strata: Strata, supports: Supports) -> Floats:
    """(settings, A) mean parity of each set of qubits in each setting."""
    shots, starts = _single_shots(strata)

    def one(setting: int) -> Floats:
        planes = kernels.pack(shots[starts[setting] : starts[setting + 1]])
        found: Floats = kernels.parity_means(planes, int(strata.sizes[setting]), supports.qubits)
        return found

    return np.stack(in_threads(one, range(len(strata.sizes))))
