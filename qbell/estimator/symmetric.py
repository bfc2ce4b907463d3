"""The symmetric design: N + 1 settings, for states that do not change when qubits are exchanged.

Then c_s depends on (n_+, n_-) only, and so does <sigma_1^a sigma_2^b> =: t_ab on the qubits chosen.
With k of the qubits along sigma_2, of which m_2 came out -1, and m_1 of the others, the mean of the
product of a outcomes along sigma_1 and b along sigma_2 over all choices of these qubits is
kappa_a(m_1; N - k) kappa_b(m_2; k), with

    kappa_a(m; M) = sum_l (-1)^l binomial(m, l) binomial(M - m, a - l) / binomial(M, a).

The settings that allow it, b <= k <= N - a, are pooled by how many choices they hold; and

    c_(n+,n-) = 2^-n sum_b i^b [sum_l (-1)^l binomial(n+, b - l) binomial(n-, l)] t_(n-b,b).
"""

from dataclasses import dataclass
from math import comb

import numpy as np
import scipy

from qbell.conventions.eq24 import weight
from qbell.errors import QbellError
from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.strata import Strata
from qbell.estimator.tensor.moments import UNSEEN_FLIPS
from qbell.estimator.tensor.resampled import Complex, Floats, Integers, Terms, resample

MAX_SYMMETRIC_QUBITS = 40


@dataclass(frozen=True)
class Symmetrized:
    """The features c_(n+,n-), n >= 1, and the matrices that give them.

    Attributes:
        num_qubits: N.
        n_plus, n_minus: (F,) which.
        matrices: of k = 0 .. N qubits along sigma_2, (F, cells) complex; a cell is (m_1, m_2).
    """

    num_qubits: int
    n_plus: Integers
    n_minus: Integers
    matrices: tuple[Complex, ...]

    @property
    def multiplicity(self) -> Floats:
        """(F,) labels with these signs: N! / (n_+! n_-! n_0!)."""
        pairs = zip(self.n_plus.tolist(), self.n_minus.tolist(), strict=True)
        return np.array(
            [float(comb(self.num_qubits, a) * comb(self.num_qubits - a, b)) for a, b in pairs]
        )

    @property
    def terms(self) -> Terms:
        """How they make up the bound, Eq. (24)."""
        order = self.n_plus + self.n_minus
        weights = weight(self.n_plus, self.n_minus, self.num_qubits) * self.multiplicity
        return Terms(weights, order, self.num_qubits)

    def of(self, shares: list[Floats]) -> Complex:
        """(..., F) features."""
        total: Complex = np.sum(
            [share @ matrix.T for share, matrix in zip(shares, self.matrices, strict=True)], axis=0
        )
        return total


def check_size(num_qubits: int) -> None:
    """Refuse more qubits than this version takes."""
    if num_qubits > MAX_SYMMETRIC_QUBITS:
        raise QbellError(
            f"a symmetric design of n = {num_qubits}: this version estimates from it up to "
            f"n = {MAX_SYMMETRIC_QUBITS}; use design random or equatorial"
        )


def symmetrized(num_qubits: int) -> Symmetrized:
    """The features of N qubits.

    Raises:
        QbellError: more qubits than this version takes.
    """
    check_size(num_qubits)
    pairs = [(plus, n - plus) for n in range(1, num_qubits + 1) for plus in range(n, -1, -1)]
    n_plus, n_minus = (np.array(column) for column in zip(*pairs, strict=True))
    signs = {
        (plus, minus, b): sum(
            (-1) ** j * comb(plus, b - j) * comb(minus, j)
            for j in range(b + 1)
            if b - j <= plus and j <= minus
        )
        for plus, minus in pairs
        for b in range(plus + minus + 1)
    }
    kappas = [_kappa(size) for size in range(num_qubits + 1)]
    matrices = []
    for k in range(num_qubits + 1):
        first, second = kappas[num_qubits - k], kappas[k]
        rows = np.zeros((len(pairs), (num_qubits - k + 1) * (k + 1)), dtype=np.complex128)
        for row, (plus, minus) in enumerate(pairs):
            n = plus + minus
            for b in range(max(0, n - (num_qubits - k)), min(n, k) + 1):
                a = n - b
                pooled = comb(num_qubits - k, a) * comb(k, b) / comb(num_qubits + 1, n + 1)
                factor = 2.0**-n * 1j**b * signs[plus, minus, b] * pooled
                rows[row] += factor * np.outer(first[a], second[b]).ravel()
        matrices.append(rows)
    return Symmetrized(num_qubits, n_plus, n_minus, tuple(matrices))


@dataclass(frozen=True)
class SymmetricEstimates:
    """What a symmetric design measures.

    Attributes:
        features: which.
        values, squares, along, across, seen: (F,) as in `Correlators`.
        cells, uniform: counts of each setting's cells; shares of outcomes drawn uniformly.
        exchange_p: p-value of what the assumption implies for single qubits: that those along one
            direction come out alike (Cochran's Q in each setting, Bonferroni). It cannot see what
            breaks the symmetry in correlations alone.
    """

    features: Symmetrized
    values: Complex
    squares: Floats
    along: Floats
    across: Floats
    seen: Floats
    cells: list[Integers]
    uniform: list[Floats]
    exchange_p: float


def symmetric(strata: Strata) -> SymmetricEstimates:
    """Estimate all c_(n+,n-), assuming permutation invariance."""
    num_qubits = strata.num_qubits
    features = symmetrized(num_qubits)
    order = np.argsort(strata.directions.sum(axis=1, dtype=np.int64))
    cells = [_cells(strata, setting) for setting in order]
    sizes = strata.sizes[order].astype(float)
    shares = [counts / total for counts, total in zip(cells, sizes, strict=True)]
    values = features.of(shares)
    real, imaginary, mixed, noise = (np.zeros(len(values)) for _ in range(4))
    unseen = np.zeros((2, len(values)))
    for k, (share, size, matrix) in enumerate(zip(shares, sizes, features.matrices, strict=True)):
        mean = matrix @ share
        second = np.abs(matrix) ** 2 @ share
        noise += (second - np.abs(mean) ** 2) / max(size - 1, 1)
        real += ((matrix.real**2) @ share - mean.real**2) / max(size - 1, 1)
        imaginary += ((matrix.imag**2) @ share - mean.imag**2) / max(size - 1, 1)
        mixed += ((matrix.real * matrix.imag) @ share - mean.real * mean.imag) / max(size - 1, 1)
        # As if a few more shots had come out at random, in any one of the settings.
        level = _uniform(num_qubits, k)
        flip = UNSEEN_FLIPS / len(sizes) / size**2
        unseen[0] += flip * ((matrix.real**2) @ (level + share))
        unseen[1] += flip * ((matrix.imag**2) @ (level + share))
    seen = plane_scatter(values, real, imaginary, mixed)[0]
    along, across = plane_scatter(values, real + unseen[0], imaginary + unseen[1], mixed)
    tiny = 1e-18 / float(sizes.max()) ** 2
    return SymmetricEstimates(
        features=features,
        values=values,
        squares=np.abs(values) ** 2 - noise,
        along=np.clip(along, tiny, None),
        across=np.clip(across, tiny, None),
        seen=seen,
        cells=cells,
        uniform=[_uniform(num_qubits, k) for k in range(num_qubits + 1)],
        exchange_p=exchange_p(strata),
    )


def correlators_of(found: SymmetricEstimates) -> Correlators:
    """One row for each (n_+, n_-); the label is one of those it stands for."""
    features = found.features
    n_plus, n_minus = features.n_plus, features.n_minus
    labels = [
        "0" * (features.num_qubits - plus - minus) + "-" * minus + "+" * plus
        for plus, minus in zip(n_plus.tolist(), n_minus.tolist(), strict=True)
    ]
    where = {
        pair: row for row, pair in enumerate(zip(n_plus.tolist(), n_minus.tolist(), strict=True))
    }
    first = [
        where[max(a, b), min(a, b)] for a, b in zip(n_plus.tolist(), n_minus.tolist(), strict=True)
    ]
    distinct, like = np.unique(first, return_inverse=True)
    return Correlators(
        labels=np.array(labels),
        n_plus=n_plus,
        n_minus=n_minus,
        values=found.values,
        squares=found.squares,
        along=found.along,
        across=found.across,
        seen=found.seen,
        distinct=distinct,
        like=like,
        multiplicity=features.multiplicity.astype(np.int64),
    )


def resample_symmetric(found: SymmetricEstimates, how: Resampling) -> Deviations:
    """Resample shots within settings."""
    return resample(
        found.cells,
        found.uniform,
        found.features,
        found.features.terms,
        found.squares,
        how,
    )


def exchange_p(strata: Strata) -> float:
    """P-value of "in each setting the qubits along one direction come out alike", corrected.

    Cochran's Q: exact symmetry makes their outcomes exchangeable, so that with D the number of ones
    of each of g qubits and L that of each shot, (g - 1) [g sum D^2 - (sum D)^2] / [g sum L - sum
    L^2] follows chi^2 with g - 1 degrees of freedom.
    """
    p_values = []
    for setting in range(len(strata.sizes)):
        rows = strata.rows(setting)
        counts = strata.counts[rows].astype(float)
        for direction in (0, 1):
            mine = strata.bits[rows][:, strata.directions[setting] == direction].astype(float)
            group = mine.shape[1]
            if group < 2:
                continue
            per_qubit, per_shot = counts @ mine, mine.sum(axis=1)
            spread = group * (counts @ per_shot) - counts @ per_shot**2
            if spread <= 0:
                continue
            excess = group * (per_qubit**2).sum() - per_qubit.sum() ** 2
            p_values.append(float(scipy.stats.chi2.sf((group - 1) * excess / spread, group - 1)))
    return min(1.0, min(p_values, default=1.0) * len(p_values))


def _kappa(size: int) -> Floats:
    """(size + 1, size + 1): kappa_a(m; size), a first."""
    return np.array(
        [
            [
                sum((-1) ** j * comb(m, j) * comb(size - m, a - j) for j in range(min(a, m) + 1))
                / comb(size, a)
                for m in range(size + 1)
            ]
            for a in range(size + 1)
        ]
    )


def _uniform(num_qubits: int, k: int) -> Floats:
    """Shares of the cells (m_1, m_2) for outcomes drawn uniformly."""
    first = [comb(num_qubits - k, m) / 2 ** (num_qubits - k) for m in range(num_qubits - k + 1)]
    second = [comb(k, m) / 2**k for m in range(k + 1)]
    shares = np.outer(first, second).ravel()
    uniform: Floats = shares / shares.sum()
    return uniform


def _cells(strata: Strata, setting: int) -> Integers:
    rows = strata.rows(setting)
    second = strata.directions[setting] == 1
    bits = strata.bits[rows].astype(np.int64)
    k = int(second.sum())
    index = bits[:, ~second].sum(axis=1) * (k + 1) + bits[:, second].sum(axis=1)
    length = (strata.num_qubits - k + 1) * (k + 1)
    return np.bincount(index, strata.counts[rows], minlength=length).astype(np.int64)
