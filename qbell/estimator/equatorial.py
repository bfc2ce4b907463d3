"""The equatorial design: all qubits along one angle a, by default a_j = pi j / (N + 1), j = 0..N.

Along cos(a) sigma_1 + sin(a) sigma_2 = e^(-ia) sigma_+ + e^(ia) sigma_- the parity of a set A of n
qubits has the mean

    P_A(a) = sum_q e^(-iqa) C_(A,q),    C_(A,q) = sum of c_s over labels on A with n_+ - n_- = q,

so N + 1 angles give every C_(A,q) = mean over j of e^(iq a_j) P_A(a_j), and any other angles that
tell the components apart give them by least squares, linear in the parities too. C_(A,n) is one
correlator, all + on A; of all qubits it is c_{N,0}. The other C are sums of several c_s, and as the
square of a mean is at most the mean of the squares,

    sum over these labels of |c_s|^2 >= |C_(A,q)|^2 / binomial(n, (n + q) / 2),

with equality where they are all alike, as for states that do not change when qubits are exchanged.
Put into Eq. (24), this is a lower bound of the bound.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from qbell.conventions.eq24 import weight
from qbell.conventions.labels import LABEL_LETTERS, strings, sums_by
from qbell.designs.common_angles import harmonic_columns
from qbell.estimator.correlators import Correlators, each_its_own, plane_scatter
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.strata import Strata
from qbell.estimator.tensor import kernels
from qbell.estimator.tensor.moments import UNSEEN_FLIPS, raw_levels
from qbell.estimator.tensor.resampled import Complex, Floats, Integers, Terms, resample

MAX_SETS_QUBITS = 12  # up to here all sets of qubits enter; above, that of all qubits alone


@dataclass(frozen=True)
class Harmonics:
    """The features C_(A,q), q = n, n - 2, .. above 0, of sets A of n qubits.

    Attributes:
        num_qubits: N.
        masks: (A,) sets as bit masks, by size; None for the set of all qubits alone.
        angles: (J,) angles of the settings.
        weights: (J,) of the settings in the least squares; None where the angles are
            pi j / (N + 1), for which the mean is their solution.
    """

    num_qubits: int
    masks: Integers | None
    angles: Floats
    weights: Floats | None = None

    @property
    def sizes(self) -> Integers:
        """(A,) qubits in each set."""
        if self.masks is None:
            return np.array([self.num_qubits])
        return np.bitwise_count(self.masks).astype(np.int64)

    @property
    def charges(self) -> list[Integers]:
        """Of each set its values of q."""
        return [np.arange(size, 0, -2) for size in self.sizes]

    @property
    def terms(self) -> Terms:
        """How they make up the bound; q and -q, complex conjugates, count together."""
        charge = np.concatenate(self.charges)
        size = np.repeat(self.sizes, [len(part) for part in self.charges])
        n_plus, n_minus = (size + charge) // 2, (size - charge) // 2
        alike = scipy.special.comb(size, n_plus)
        weights = 2 * weight(n_plus, n_minus, self.num_qubits) / alike
        return Terms(weights, size, self.num_qubits)

    def phases(self, charges: Integers) -> Complex:
        """(q, J) how much each setting's parity counts in C_(A,q): e^(iqa) / J, or least squares.

        ``charges`` are those of a set, from its size downwards.
        """
        if self.weights is not None:
            return self._solved(int(charges[0]))
        found: Complex = np.exp(1j * np.outer(charges, self.angles)) / len(self.angles)
        return found

    def _solved(self, size: int) -> Complex:
        assert self.weights is not None
        root = np.sqrt(self.weights / self.weights.mean())
        inverse = np.linalg.pinv(root[:, None] * harmonic_columns(self.angles, size)) * root
        half = (size + 1) // 2
        found: Complex = inverse[:half] + 1j * inverse[half : 2 * half]
        return found

    def parities(self, shares: list[Floats]) -> Floats:
        """(..., J, A) mean parities from shares of each setting's cells.

        A cell is an outcome of all qubits, or (masks None) its parity.
        """
        stacked = np.stack(shares, axis=-2)
        if self.masks is None:
            return stacked[..., :1] - stacked[..., 1:]
        rows = stacked.reshape(-1, stacked.shape[-1]).copy()
        levels = raw_levels(self.num_qubits)
        for row in rows:
            kernels.walsh_hadamard(row, levels)
        found: Floats = rows.reshape(stacked.shape)[..., self.masks]
        return found

    def of(self, shares: list[Floats]) -> Complex:
        """(..., F) features."""
        parities = self.parities(shares)
        parts = []
        for size in np.unique(self.sizes):
            mine = parities[..., self.sizes == size]
            values = np.einsum("qj,...ja->...aq", self.phases(np.arange(size, 0, -2)), mine)
            parts.append(values.reshape(*values.shape[:-2], -1))
        return np.concatenate(parts, axis=-1)


@dataclass(frozen=True)
class Equatorial:
    """What an equatorial design measures.

    Attributes:
        harmonics: which features.
        values: (F,) estimates of C_(A,q).
        squares: (F,) unbiased estimates of |C_(A,q)|^2.
        along, across: (F,) variances of the values, unobserved outcomes included; seen: without.
        parities: (J, A) mean parities, and variances: (J, A) theirs.
        cells, uniform: counts of each setting's cells; shares of outcomes drawn uniformly.
    """

    harmonics: Harmonics
    values: Complex
    squares: Floats
    along: Floats
    across: Floats
    seen: Floats
    parities: Floats
    variances: Floats
    cells: list[Integers]
    uniform: list[Floats]


def equatorial(strata: Strata, grid: Floats | None = None) -> Equatorial:
    """Estimate all C_(A,q).

    Args:
        strata: shots by setting.
        grid: angles that the settings are numbers of; None for pi j / (N + 1).
    """
    num_qubits = strata.num_qubits
    order = np.argsort(strata.directions[:, 0])
    if grid is None:
        angles = strata.directions[order, 0] * (np.pi / (num_qubits + 1))
    else:
        angles = grid[strata.directions[order, 0]]
    masks = None
    if num_qubits <= MAX_SETS_QUBITS:
        every = np.arange(1, 2**num_qubits)
        masks = every[np.argsort(np.bitwise_count(every), kind="stable")]
    sizes = strata.sizes[order].astype(float)
    # Weights that do not depend on outcomes leave least squares without bias.
    harmonics = Harmonics(num_qubits, masks, angles, None if grid is None else sizes)
    cells = [_cells(strata, setting, masks is None) for setting in order]
    size = 2 if masks is None else 2**num_qubits
    uniform = [np.full(size, 1 / size)] * len(cells)
    shares = [counts / total for counts, total in zip(cells, sizes, strict=True)]
    values, parities = harmonics.of(shares), harmonics.parities(shares)
    variances = np.clip(1 - parities**2, 0, None) / np.maximum(sizes[:, None] - 1, 1)
    real, imaginary, mixed, noise = (np.empty(len(values)) for _ in range(4))
    without = np.empty((3, len(values)))
    place = 0
    for size_of_set in np.unique(harmonics.sizes):
        mine = harmonics.sizes == size_of_set
        phases = harmonics.phases(np.arange(size_of_set, 0, -2))
        # A flip changes C by 2 |phase| / (shots of the setting); what this does to a part, real or
        # imaginary, shrinks with the mean square of its parities.
        most = (2 * np.abs(phases) / sizes).max(axis=1)
        flips = 2 * UNSEEN_FLIPS * most**2 / (np.abs(phases) ** 2).sum(axis=1)
        part = slice(place, place + int(mine.sum()) * len(phases))
        place = part.stop
        seen, squares = variances[:, mine], parities[:, mine] ** 2
        for target, alone, factor in (
            (real, without[0], phases.real**2),
            (imaginary, without[1], phases.imag**2),
            (mixed, without[2], phases.real * phases.imag),
        ):
            alone[part] = np.einsum("qj,ja->aq", factor, seen).ravel()
            more = np.einsum("q,qj,ja->aq", flips, factor, squares)
            target[part] = alone[part] + more.ravel()
        noise[part] = np.einsum("qj,ja->aq", np.abs(phases) ** 2, seen).ravel()
    along, across = plane_scatter(values, real, imaginary, mixed)
    tiny = (1e-9 / len(sizes)) ** 2
    return Equatorial(
        harmonics=harmonics,
        values=values,
        squares=np.abs(values) ** 2 - noise,
        along=np.clip(along, tiny, None),
        across=np.clip(across, tiny, None),
        seen=plane_scatter(values, *without)[0],
        parities=parities,
        variances=variances,
        cells=cells,
        uniform=uniform,
    )


def correlators_of(found: Equatorial) -> Correlators:
    """The correlators with + on all qubits of a set: q = n. The last is E_{N,0}."""
    harmonics = found.harmonics
    num_qubits = harmonics.num_qubits
    lengths = np.array([len(part) for part in harmonics.charges])
    chosen = np.cumsum(lengths) - lengths
    if harmonics.masks is None:
        letters = np.ones((1, num_qubits), dtype=np.uint8)
    else:
        letters = (harmonics.masks[:, None] >> np.arange(num_qubits) & 1).astype(np.uint8)
    distinct, like = each_its_own(len(chosen))
    return Correlators(
        labels=strings(letters, LABEL_LETTERS),
        n_plus=harmonics.sizes,
        n_minus=np.zeros(len(chosen), dtype=np.int64),
        values=found.values[chosen],
        squares=found.squares[chosen],
        along=found.along[chosen],
        across=found.across[chosen],
        seen=found.seen[chosen],
        distinct=distinct,
        like=like,
    )


def collective_of(found: Equatorial) -> Correlators:
    """|C_q|^2 of all qubits, q = N, N - 2, .. above 0: named by q, n_plus and n_minus."""
    num_qubits = found.harmonics.num_qubits
    charges = np.arange(num_qubits, 0, -2)
    part = slice(len(found.values) - len(charges), None)
    distinct, like = each_its_own(len(charges))
    return Correlators(
        labels=charges.astype(str),
        n_plus=(num_qubits + charges) // 2,
        n_minus=(num_qubits - charges) // 2,
        values=found.values[part],
        squares=found.squares[part],
        along=found.along[part],
        across=found.across[part],
        seen=found.seen[part],
        distinct=distinct,
        like=like,
    )


def oscillation_of(found: Equatorial, confidence: float) -> pd.DataFrame:
    """The parity of all qubits against the angle: angle, parity, standard_error, low, high."""
    from scipy import stats

    sizes = np.array([counts.sum() for counts in found.cells])
    parity = found.parities[:, -1]
    even = np.round((1 + parity) / 2 * sizes)
    low, high = (
        2 * np.nan_to_num(stats.beta.ppf(level, even + a, sizes - even + b), nan=end) - 1
        for level, a, b, end in (
            ((1 - confidence) / 2, 0, 1, 0.0),
            ((1 + confidence) / 2, 1, 0, 1.0),
        )
    )
    return pd.DataFrame(
        {
            "angle": found.harmonics.angles,
            "parity": parity,
            "standard_error": np.sqrt(found.variances[:, -1]),
            "low": low,
            "high": high,
        }
    )


def resample_equatorial(found: Equatorial, how: Resampling) -> Deviations:
    """Resample shots within angles; the bound by order (above 12 qubits order N alone)."""
    return resample(
        found.cells,
        found.uniform,
        found.harmonics,
        found.harmonics.terms,
        found.squares,
        how,
    )


def _cells(strata: Strata, setting: int, parity_only: bool) -> Integers:
    rows = strata.rows(setting)
    counts = strata.counts[rows]
    if parity_only:
        odd = strata.bits[rows].sum(axis=1, dtype=np.int64) % 2
        return sums_by(odd, counts.astype(float), 2).astype(np.int64)
    index = strata.bits[rows].astype(np.int64) @ (1 << np.arange(strata.num_qubits))
    return sums_by(index, counts.astype(float), 2**strata.num_qubits).astype(np.int64)
