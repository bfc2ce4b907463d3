"""Unbiased estimates of all 3^N correlators, and how each of them scatters.

One shot in a random setting gives c_hat_s = prod_{k in s} x_k w_k, w = 1 along sigma_1 and +-i
along sigma_2 (the sign of s_k), an unbiased estimate of c_s for every label at once. |mean|^2 is
not an unbiased estimate of |c_s|^2: it exceeds it by the variance of the mean. Taking pairs of
distinct shots only removes that, and needs no more than the sums computed here.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import all_labels, exchanged, signs, sums_by, supports
from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.tensor import kernels
from qbell.estimator.tensor.units import Units

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Intervals take the scatter as if this many more shots had come out the other way: the upper 97.5 %
# limit of a Poisson count of zero is about 4. Without it a run without a single
# flipped parity would claim to know its correlator exactly.
UNSEEN_FLIPS = 4
FEW_DRAWS = 30


@dataclass(frozen=True)
class Moments:
    """First and second moments of the data, for every label or every support (set of qubits).

    Attributes:
        values: (3^N,) c_hat_s, unbiased for c_s.
        stretch, noise: E_s is estimated without bias by stretch |c_hat_s|^2 - noise[A], with A
            (a bit mask) the qubits in s; noise is (2^N,).
        real, imaginary: (2^N,) variance of Re and Im of c_hat_s but for ``shared``.
        shared: the covariance matrix of c_hat_s is diag(real, imaginary) - shared c c^T, as plane
            vectors: in a random design the number of real and of imaginary terms is random too.
        unseen, floor: variance added for draws not observed, and the least variance to believe in.
        draw: see `Correlators`.
        seen: (2, 2^N) ``real`` and ``imaginary`` without the allowance for unobserved outcomes.
    """

    values: NDArray[np.complex128]
    stretch: float
    noise: Floats
    real: Floats
    imaginary: Floats
    shared: float
    floor: float
    seen: Floats
    unseen: float = 0.0
    draw: float | None = None

    def squares(self, num_qubits: int) -> Floats:
        """(3^N,) the unbiased estimates of E_s; they can fall below 0."""
        return self.stretch * np.abs(self.values) ** 2 - self.noise[supports(num_qubits)]

    def scatter(self, num_qubits: int) -> tuple[Floats, Floats]:
        """(3^N,) variances of c_hat_s along its own direction in the plane and across it."""
        masks = supports(num_qubits)
        along, across = plane_scatter(self.values, self.real[masks], self.imaginary[masks])
        along -= self.shared * np.abs(self.values) ** 2
        along, across = (np.clip(v + self.unseen, self.floor, None) for v in (along, across))
        return along, across

    def correlators(self, num_qubits: int) -> Correlators:
        """All 3^N of them, the identity included."""
        n_plus, n_minus = signs(num_qubits)
        along, across = self.scatter(num_qubits)
        masks = supports(num_qubits)
        seen = plane_scatter(self.values, *self.seen[:, masks])[0]
        seen -= self.shared * np.abs(self.values) ** 2
        squares = self.squares(num_qubits)
        squares[0] = 1.0
        first = np.minimum(np.arange(3**num_qubits), exchanged(num_qubits))
        distinct, like = np.unique(first, return_inverse=True)
        return Correlators(
            labels=all_labels(num_qubits),
            n_plus=n_plus,
            n_minus=n_minus,
            values=self.values,
            squares=squares,
            along=along,
            across=across,
            distinct=distinct,
            like=like,
            seen=seen,
            draw=None if self.draw is None else np.full(len(squares), self.draw),
        )


def unseen_draws(draws: int) -> float:
    """Variance added to that of c_hat_s in a random design, for draws not observed.

    Draws that did not come, of a total probability of 4 / draws at most, would move it by as much
    and are taken for two standard deviations, as in `UNSEEN_FLIPS`. A label of few draws needs it:
    where a setting came seldom by chance, both the estimate and its scatter are too small.
    """
    return UNSEEN_FLIPS / draws**2


def unseen_flips(draws: int, largest_share: float) -> float:
    """Least variance of c_hat_s, for shots that came out the other way: each changes it by up to
    2 largest_share / draws."""
    return UNSEEN_FLIPS * (2.0 * largest_share / draws) ** 2


def unseen_floor(draws: int, largest_share: float) -> float:
    """Least variance of c_hat_s to believe in, from random draws of several shots each.

    A shot that came out the other way would change it by up to 2 largest_share / draws. While draws
    are few, so would one of another setting, by up to 2 / draws: settings not seen count in full up
    to 30 draws, and less and less beyond, where how draws differ is known.
    """
    share = max(largest_share, min(1.0, FEW_DRAWS / draws))
    return UNSEEN_FLIPS * (2.0 * share / draws) ** 2


def raw_levels(num_qubits: int) -> Floats:
    """(N, 2) the numbers +1 and -1 that stand for outcomes 0 and 1 of raw counts."""
    return np.tile([1.0, -1.0], (num_qubits, 1))


def cells_of(units: Units, num_qubits: int) -> Floats:
    """(4^N,) share of each (setting, outcome), every group with its weight; sums to 1."""
    shares = units.shares * np.repeat(units.weights, np.diff(units.starts))
    return sums_by(units.cells(num_qubits), shares, 4**num_qubits)


def correlator_means(
    cells: Floats, num_qubits: int, levels: Floats | None = None
) -> NDArray[np.complex128]:
    """(3^N,) c_hat_s from the cells; ``levels`` as in the kernels, +1 and -1 if None."""
    work = np.empty((2, 3 * 4 ** (num_qubits - 1)))
    levels = raw_levels(num_qubits) if levels is None else levels
    values: NDArray[np.complex128] = kernels.combine_signs(
        kernels.contract(cells, levels, num_qubits, work), num_qubits
    )
    return values


def moments(units: Units, cells: Floats, num_qubits: int, levels: Floats | None = None) -> Moments:
    """Moments of a full or a random design."""
    values = correlator_means(cells, num_qubits, levels)
    groups = len(units.sizes)
    if not units.drawn:
        noise, unseen = _given_settings(units, num_qubits, levels)
        real, imaginary = noise + unseen
        return Moments(values, 1.0, noise.sum(axis=0), real, imaginary, 0.0, 0.0, noise)
    # c_hat_s is the mean over independent draws, equally distributed whatever their settings.
    weights = np.full(groups, 1.0 / (groups * (groups - 1)))
    if levels is None and np.all(units.sizes == 1):
        real, imaginary = _single_shots(units.settings, weights, num_qubits)
    else:
        real, imaginary = _parities(_each(units), 0.0 * weights, weights, num_qubits, levels)[1]
    return Moments(
        values=values,
        stretch=groups / (groups - 1),
        noise=real + imaginary,
        real=real,
        imaginary=imaginary,
        shared=1.0 / (groups - 1),
        floor=unseen_flips(groups, 1.0 / float(units.sizes.min())),
        seen=np.stack([real, imaginary]),
        unseen=unseen_draws(groups),
        draw=2.0 / groups,
    )


def _given_settings(units: Units, num_qubits: int, levels: Floats | None) -> tuple[Floats, Floats]:
    """(2, 2^N) variances of c_hat_s in settings that are given, and those of unseen flips.

    c_hat_s is 2^-N times a sum of one parity per setting, each with its own known variance. A flip
    in the setting with the fewest shots changes it most, by 2 2^-N / size; what this does to a part
    (real or imaginary) shrinks with the mean square of its parities.
    """
    size = 2**num_qubits
    shots = units.sizes if units.strata is None else np.add.reduceat(units.sizes, units.strata[:-1])
    flip = 2.0 / (size * float(shots.min()))
    unseen_weights = np.full(size, UNSEEN_FLIPS * flip**2 * 2.0 / size)
    if units.strata is None:
        noise_weights = 4.0**-num_qubits / (units.sizes - 1)
        noise, unseen = _parities(_each(units), noise_weights, unseen_weights, num_qubits, levels)
        return noise, unseen
    # Draws of a setting: the mean square of their parities, less the square of the mean.
    draws = np.diff(units.strata)
    weights = 4.0**-num_qubits / (draws - 1.0)
    each = np.repeat(weights / draws, draws)
    squares = _parities(_each(units), 0.0 * each, each, num_qubits, levels)[1]
    settings = _Groups(
        units.settings[units.strata[:-1]],
        units.starts[units.strata],
        units.outcomes,
        units.shares * np.repeat(size * units.weights, np.diff(units.starts)),
    )
    nothing = np.zeros(size)
    mean_squares = _parities(settings, nothing, weights, num_qubits, levels)[1]
    unseen = _parities(settings, nothing, unseen_weights, num_qubits, levels)[1]
    return np.clip(squares - mean_squares, 0.0, None), unseen


class _Groups(NamedTuple):
    """Groups of outcomes and their shares, as `kernels.sum_squared_parities` takes them."""

    settings: Integers
    starts: Integers
    outcomes: Integers
    shares: Floats


def _each(units: Units) -> _Groups:
    return _Groups(units.settings, units.starts, units.outcomes, units.shares)


def _single_shots(settings: Integers, weights: Floats, num_qubits: int) -> Floats:
    """`_parities` of single shots: |parity| = 1, only the number of shots per setting matters."""
    signs = sums_by(settings, weights, 2**num_qubits)
    kernels.walsh_hadamard(signs, raw_levels(num_qubits))
    squares: Floats = np.stack([weights.sum() + signs, weights.sum() - signs]) / 2
    return squares


def _parities(
    groups: _Groups,
    noise_weights: Floats,
    square_weights: Floats,
    num_qubits: int,
    levels: Floats | None,
) -> Floats:
    sums: Floats = kernels.sum_squared_parities(
        *groups,
        raw_levels(num_qubits) if levels is None else levels,
        noise_weights,
        square_weights,
        num_qubits,
    )
    return sums
