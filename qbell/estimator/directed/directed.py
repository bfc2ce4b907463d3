"""`from_directions`: F0, purity and the bound from qubits along directions of their own."""

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from qbell.conventions.alarm import ALARM
from qbell.errors import QbellError
from qbell.estimator.directed.kernels import pair_sums
from qbell.estimator.estimate import of_distribution
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.intervals import blocks
from qbell.estimator.intervals.bound_interval import Deviations, distribution_of
from qbell.estimator.routes.pairs import BLOCKS, FEWEST_UNITS, self_kernel
from qbell.util.checks import confidence_level, enough_resamples, whole_number

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_PAIRS = 10**10  # about an hour on one core for few qubits


@dataclass(frozen=True)
class Directed:
    """What `from_directions` returns. It makes no claim beside its intervals.

    Attributes:
        bound: of Eq. (24), a lower bound on the quantum Fisher information.
        by_order: (N + 1,) its terms by order, unbiased.
        f0: F0 of Eq. (12), between the bound and the quantum Fisher information.
        purity: Tr rho^2.
        isotropy_p: p-value of "directions are isotropic, and those of two qubits independent".
    """

    bound: Estimate
    by_order: Floats
    f0: Estimate
    purity: Estimate
    isotropy_p: float


def from_directions(
    polar: ArrayLike,
    azimuth: ArrayLike,
    outcomes: ArrayLike,
    draws: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Directed:
    """Estimate from randomised measurements: each qubit along a random direction given as numbers.

    Directions must have been drawn anew for each draw, independently for each qubit, and
    isotropically up to second moments (uniform on the sphere, as by random local unitaries, or X, Y
    and Z with equal chance). A shot then stands for prod_k (1 + 3 x_k u_k sigma_k)/2, whose mean is
    the state, and pairs of different draws give Tr[rho^2], Eq. (24) and F0 = 4 (Tr[rho^2 h^2] -
    Tr[(rho h)^2]) without bias, by the actual directions.

    Args:
        polar: (shots, N) angles from sigma_xi, in radians; column k is qubit k.
        azimuth: (shots, N) angles from sigma_1 towards sigma_2, in radians.
        outcomes: (shots, N) bits, 0 meaning +1 along the direction.
        draws: (shots,) whole numbers: the draw of directions that each shot belongs to, all shots
            of one with the same; None if each shot had directions of its own.
        confidence, resamples: as in `qbell.estimate`.
        seed: of the resampling.

    Returns:
        The bound, F0 and the purity with intervals.

    Raises:
        QbellError: arrays that do not fit, fewer than 20 draws, two directions in one draw, or
            directions that were not drawn isotropically and independently.

    Source: PRL 126, 210506, Eqs. (12), (24); A. Elben et al., Nat. Rev. Phys. 5, 9 (2023).

    >>> rng = np.random.default_rng(1)
    >>> polar, azimuth = np.arccos(rng.uniform(-1, 1, (400, 1))), rng.uniform(0, 6.28, (400, 1))
    >>> outcomes = rng.random((400, 1)) > np.cos(polar / 2) ** 2  # of the state |0>
    >>> found = from_directions(polar, azimuth, outcomes, resamples=100)
    >>> bool(found.purity.low < 1 < found.purity.high)
    True
    """
    confidence = confidence_level(confidence)
    resamples = enough_resamples(resamples, confidence)
    seed = whole_number("seed", seed, least=0)
    axes, bits, units = _checked(polar, azimuth, outcomes, draws)
    num_units, num_qubits = int(units.max()) + 1, axes.shape[1]
    first = np.unique(units, return_index=True)[1]
    isotropy_p = _isotropy(axes[first])
    generator = np.random.default_rng(seed)
    size = min(BLOCKS, num_units)
    of_block = generator.permutation(np.arange(num_units) % size)
    order = np.argsort(units, kind="stable")
    vectors = (axes * (1 - 2.0 * bits[:, :, None]))[order]
    sizes = np.bincount(units)
    gram, partners = pair_sums(vectors, 1 / sizes[units[order]], units[order], of_block, size)
    every = _deviations(gram, partners, np.bincount(of_block), sizes, resamples, generator)
    orders = slice(num_qubits + 1)
    assert every.third is not None
    third = every.third
    bound = Deviations(
        every.values[orders],
        every.plug_in[orders],
        every.first[:, orders],
        every.second[:, orders],
        third=third[[*range(num_qubits + 1), -1]],
    )
    f0, signal = (
        of_distribution(
            distribution_of(
                float(every.values[term]), every.first[:, term], every.second[:, term], third[term]
            ),
            confidence,
            "raw",
        )
        for term in (num_qubits + 1, num_qubits + 2)
    )
    ends = ("value", "low", "high", "lower_limit", "upper_limit")
    purity = replace(signal, **{end: getattr(signal, end) + 0.5**num_qubits for end in ends})
    return Directed(
        bound=of_distribution(bound.distribution(), confidence, "raw"),
        by_order=every.values[orders],
        f0=f0,
        purity=purity,
        isotropy_p=isotropy_p,
    )


def _deviations(
    gram: Floats,
    partners: Floats,
    units: Integers,
    sizes: Integers,
    resamples: int,
    generator: np.random.Generator,
) -> Deviations:
    """As `qbell.estimator.routes.pairs` has it of random words, with the purity as a last term."""
    total, num_qubits = len(partners), partners.shape[1] - 3
    values = gram.sum(axis=(1, 2)) / (total * (total - 1))
    influence = 2 * partners / (total - 1)
    # A shot with itself: isotropic directions give the mean that X, Y and Z give.
    own = np.append(self_kernel(num_qubits, True), 5.0**num_qubits - 0.5**num_qubits)
    noise = (own * float(np.mean(1 / sizes)) - values) / total
    every = np.column_stack([influence, influence[:, : num_qubits + 1].sum(axis=1)])
    return blocks.deviations(
        values,
        values + np.clip(noise, 0, None),
        gram / np.outer(units, units),
        units / total,
        resamples,
        generator,
        linear=np.var(influence, axis=0, ddof=1) / total,
        third=np.mean((every - every.mean(axis=0)) ** 3, axis=0) / total**2,
    )


def _checked(
    polar: ArrayLike, azimuth: ArrayLike, outcomes: ArrayLike, draws: ArrayLike | None
) -> tuple[Floats, NDArray[np.uint8], Integers]:
    """(shots, N, 3) unit vectors, outcomes, and the draw of each shot, from 0."""
    theta, phi = (np.asarray(angles, dtype=float) for angles in (polar, azimuth))
    bits = np.asarray(outcomes)
    if theta.ndim != 2 or theta.shape != phi.shape or theta.shape != bits.shape:
        raise QbellError(
            f"polar, azimuth and outcomes have shapes {theta.shape}, {phi.shape} and {bits.shape}; "
            "expected (shots, qubits) of each"
        )
    if not (np.isfinite(theta).all() and np.isfinite(phi).all()):
        raise QbellError("an angle is not a finite number; expected radians")
    if not np.isin(bits, (0, 1)).all():
        raise QbellError("an outcome is neither 0 (+1) nor 1 (-1); expected bits")
    units = np.arange(len(bits))
    if draws is not None:
        numbers = np.asarray(draws)
        if numbers.shape != (len(bits),):
            raise QbellError(f"draws has shape {numbers.shape}; expected one number a shot")
        units = np.unique(numbers, return_inverse=True)[1].astype(np.int64)
    axes = np.stack(
        [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=2
    )
    first = np.unique(units, return_index=True)[1]
    if len(first) < FEWEST_UNITS:
        raise QbellError(
            f"{len(first)} draws of directions; expected {FEWEST_UNITS} or more, whose scatter "
            "tells the error"
        )
    wrong = np.abs(axes - axes[first][units]).max(axis=(1, 2)) > 1e-9
    if wrong.any():
        raise QbellError(
            f"shot {int(np.argmax(wrong))} has other directions than the first of its draw; number "
            "each choice of directions anew"
        )
    if len(bits) ** 2 / 2 > MOST_PAIRS:
        raise QbellError(
            f"{len(bits)} shots make more pairs than the {MOST_PAIRS:.0e} that are taken here; "
            "give a part of the draws"
        )
    return axes, bits.astype(np.uint8), units


def _isotropy(axes: Floats) -> float:
    """P-value of isotropic directions, from quadrupole moments and their products of two qubits.

    Raises:
        QbellError: it is below 0.001, so that estimates would not hold.
    """
    count, num_qubits = axes.shape[:2]
    x, y, z = np.moveaxis(axes, 2, 0)
    moments = np.sqrt(15) * np.stack(
        [x * y, y * z, z * x, (x**2 - y**2) / 2, (3 * z**2 - 1) / np.sqrt(12)], axis=2
    )  # (draws, N, 5), each of mean 0 and variance 1 where directions are uniform
    tests = num_qubits * (num_qubits + 1) // 2
    least = 1.0
    for k in range(num_qubits):
        for j in range(k, num_qubits):
            if j == k:
                means, what = (
                    moments[:, k].mean(axis=0),
                    f"directions of qubit {k} are not isotropic",
                )
            else:
                means = (moments[:, k].T @ moments[:, j]).ravel() / count
                what = f"directions of qubits {k} and {j} depend on each other"
            p = float(scipy.stats.chi2.sf(count * (means**2).sum(), len(means))) * tests
            if p < ALARM:
                said = f"p = {p:.2g}" if p > 1e-300 else "p < 1e-300"
                raise QbellError(
                    f"{what} ({said}): estimates from random directions would not hold; expected "
                    "directions drawn uniformly on the sphere, each qubit by itself"
                )
            least = min(least, p)
    return min(1.0, least)
