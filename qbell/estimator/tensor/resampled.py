"""The bootstrap of designs with few settings, through any linear map from shares to features.

The bound is a sum over features f of w_f |c_f|^2, where each c_f is linear in the shares of the
outcomes: c_f = sum over settings t and cells x of G_t(f, x) share_t(x).
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.eq24 import bound_weights
from qbell.conventions.labels import orders, sums_by
from qbell.estimator.intervals.bound_interval import Deviations, from_resamples
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.tensor.moments import UNSEEN_FLIPS

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]


class Features(Protocol):
    """Linear features of the shares of outcomes in each setting."""

    def of(self, shares: list[Floats]) -> Complex:
        """(..., F) features, from (..., cells) shares of each setting."""
        ...


@dataclass(frozen=True)
class Terms:
    """How features make up the bound: sum of weights |c|^2, by order.

    Attributes:
        weights: (F,) of |c_f|^2.
        orders: (F,) which sum each belongs to.
        last: the last order, N; or N + 1 where the sum after those of the bound is F0.
    """

    weights: Floats
    orders: Integers
    last: int

    @classmethod
    def of_all(cls, num_qubits: int) -> "Terms":
        """The features are the correlators of all 3^N labels: Eq. (24) itself."""
        return cls(bound_weights(num_qubits), orders(num_qubits), num_qubits)

    def by_order(self, products: Floats) -> Floats:
        """(..., last + 1) sums of weights times (..., F) products."""
        flat = (self.weights * products).reshape(-1, len(self.weights))
        summed = np.stack([sums_by(self.orders, row, self.last + 1) for row in flat])
        found: Floats = summed.reshape(*products.shape[:-1], self.last + 1)
        return found


class Redrawn(NamedTuple):
    """Resamples of the sums of all orders.

    Attributes:
        values: (orders,) the unbiased estimates.
        plug_in: (orders,) sums of w |c_hat|^2.
        first, second: (resamples, orders) the parts of the deviation.
        shifts: (resamples, orders) what exchanged outcomes alone did to each.
    """

    values: Floats
    plug_in: Floats
    first: Floats
    second: Floats
    shifts: Floats

    def deviations(self, part: slice) -> Deviations:
        """Of the sum of some of the orders, and of each of them."""
        values, plug_in, first, second, shifts = (array[..., part] for array in self)
        return from_resamples(values, plug_in, first, second, shifts.sum(axis=1))


def resample(
    cells: list[Integers],
    uniform: list[Floats],
    features: Features,
    terms: Terms,
    squares: Floats,
    how: Resampling,
) -> Deviations:
    """The deviations of the sum of all orders; see `redraw`."""
    every = redraw(cells, uniform, features, terms, squares, how)
    return every.deviations(slice(None))


def redraw(
    cells: list[Integers],
    uniform: list[Floats],
    features: Features,
    terms: Terms,
    squares: Floats,
    how: Resampling,
) -> Redrawn:
    """Resample shots within settings, one fewer than there are.

    Args:
        cells: of each setting, counts of its cells.
        uniform: of each setting, shares of its cells for outcomes drawn uniformly: a few shots are
            exchanged for such, to stand for unobserved outcomes.
        features, terms: what the bound is made of.
        squares: (F,) unbiased estimates of |c_f|^2.
        how: as it says.
    """
    sizes = [int(counts.sum()) for counts in cells]
    shares = [counts / size for counts, size in zip(cells, sizes, strict=True)]
    found = features.of(shares)

    def work(generator: np.random.Generator, rows: slice) -> tuple[Floats, ...]:
        length = rows.stop - rows.start
        drawn = [
            generator.multinomial(size - 1, share, size=length) / (size - 1)
            for size, share in zip(sizes, shares, strict=True)
        ]
        exchanged = [np.zeros_like(part) for part in drawn]
        for row in range(length):
            for _ in range(generator.poisson(2 * UNSEEN_FLIPS)):
                t = int(generator.integers(len(cells)))
                exchanged[t][row, generator.choice(len(shares[t]), p=shares[t])] -= 1 / sizes[t]
                exchanged[t][row, generator.choice(len(uniform[t]), p=uniform[t])] += 1 / sizes[t]
        shift = features.of(exchanged)
        values = features.of(drawn) + shift
        cross = terms.by_order((values * found.conj()).real)
        shifts = terms.by_order(2 * (shift * found.conj()).real)
        return terms.by_order(np.abs(values) ** 2), cross, shifts

    plug_in, cross, shifts = how.in_chunks(work)
    plugged = terms.by_order(np.abs(found) ** 2)
    first = 2 * (cross - plugged)
    second = plug_in - plugged - first
    return Redrawn(terms.by_order(squares), plugged, first, second, shifts)
