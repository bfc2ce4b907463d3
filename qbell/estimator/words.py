"""All 3^N words of X, Y and Z: the density matrix, each part from all words that have it.

A product P of Pauli operators on a set A of n qubits is measured in the 3^(N-n) words that have its
letters on A, whatever stands elsewhere: t_P is the mean over these words of the mean parity of A.
With sigma_+- = (sigma_1 +- i sigma_2)/2 in place of sigma_1 and sigma_2 these are 4^N features

    c_s = Tr[rho prod_k sigma_(s_k)],   s in {0, +, -, z}^N,

z for sigma_xi. Those without z are the correlators of Eq. (23). In this basis h multiplies each
term of rho by (n_+ - n_-) in [h, rho], so that F0 of Eq. (12) is the sum of squares

    F0 = 4 (Tr[rho^2 h^2] - Tr[(rho h)^2]) = 2 |[h, rho]|^2 = sum_s w_s |c_s|^2,

with the weights w_s of Eq. (24), where n = n_+ + n_- does not count z: its terms without z are the
bound. All of them are unbiased: |mean|^2 less the variance of the mean, setting by setting.
"""

from dataclasses import dataclass

import numpy as np

from qbell.conventions.eq24 import bound_weights, weight
from qbell.conventions.labels import orders, sums_by
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.strata import Strata
from qbell.estimator.tensor import kernels
from qbell.estimator.tensor.moments import UNSEEN_FLIPS, Moments, raw_levels
from qbell.estimator.tensor.resampled import Complex, Floats, Integers, Redrawn, Terms, redraw

OUT, PLUS, MINUS, XI = range(4)  # of one qubit, in the names of features


@dataclass(frozen=True)
class Words:
    """What all 3^N words measure.

    Attributes:
        features: which: the 3^N correlators, then all 4^N.
        values: (F,) estimates of them.
        squares: (F,) unbiased estimates of their |c_s|^2.
        moments: of the correlators alone.
        cells: counts of each word's outcomes, words in the order of their numbers.
    """

    features: "WordFeatures"
    values: Complex
    squares: Floats
    moments: Moments
    cells: list[Integers]


@dataclass(frozen=True)
class WordFeatures:
    """The features c_s: all 3^N without z, for Eq. (24), then all 4^N, for F0.

    Features are numbered as labels are, in base 4 with the digits 0, +, -, z; words in base 3.
    """

    num_qubits: int

    @property
    def digits(self) -> Integers:
        """(4^N, N) what each of the 4^N has on each qubit."""
        places = 4 ** np.arange(self.num_qubits)
        found: Integers = np.arange(4**self.num_qubits)[:, None] // places % 4
        return found

    @property
    def correlators(self) -> Integers:
        """(3^N,) which of the 4^N have no z; in the order of all labels."""
        return np.flatnonzero((self.digits != XI).all(axis=1))

    @property
    def terms(self) -> Terms:
        """Eq. (24) by order, from the first 3^N; then F0, from the other 4^N."""
        digits, n = self.digits, self.num_qubits
        n_plus, n_minus = ((digits == sign).sum(axis=1) for sign in (PLUS, MINUS))
        weights = np.concatenate([bound_weights(n), weight(n_plus, n_minus, n)])
        order = np.concatenate([orders(n), np.full(4**n, n + 1)])
        return Terms(weights, order, n + 1)

    def of(self, shares: list[Floats]) -> Complex:
        """(..., F) features, from (..., 2^N) shares of the outcomes of each word."""
        means = np.stack(shares, axis=-2)
        shape = means.shape[:-2]
        for left in reversed(range(self.num_qubits)):
            # The highest qubit that is left: its letter, the other letters, its bit, other bits.
            cube = means.reshape(-1, 3, 3**left, 2, 2**left)
            up, down = cube[:, :, :, 0], cube[:, :, :, 1]
            whole = (up + down).sum(axis=1, keepdims=True) / 3  # whichever letter stands there
            means = np.concatenate([whole, up - down], axis=1)
        every = means.reshape(-1, 4**self.num_qubits).astype(complex)
        for qubit in range(self.num_qubits):
            part = every.reshape(-1, 4, 4**qubit)
            x, y = part[:, 1] / 2, part[:, 2] * 0.5j
            part[:, PLUS], part[:, MINUS] = x + y, x - y
        every = every.reshape(*shape, 4**self.num_qubits)
        return np.concatenate([every[..., self.correlators], every], axis=-1)


def words(strata: Strata) -> Words:
    """Estimate all features.

    Args:
        strata: shots of all 3^N words, of each two or more.
    """
    num_qubits = strata.num_qubits
    features = WordFeatures(num_qubits)
    numbers = strata.directions.astype(np.int64) @ 3 ** np.arange(num_qubits)
    order = np.argsort(numbers)
    sizes = strata.sizes[order].astype(float)
    cells = [_cells(strata, int(setting)) for setting in order]
    shares = [counts / total for counts, total in zip(cells, sizes, strict=True)]
    values = features.of(shares)
    parities, levels = np.stack(shares), raw_levels(num_qubits)
    for row in parities:
        kernels.walsh_hadamard(row, levels)
    # Of mean parities. A single shot has none; only parts of the data, by job, may have such.
    variances = (1 - parities**2) / np.maximum(sizes[:, None] - 1, 1)
    noise = _pooled(variances, num_qubits, power=2)
    digits = features.digits
    kinds = np.array([0, 1, 1, 2])[digits] @ 3 ** np.arange(num_qubits)
    squares = np.abs(values) ** 2 - noise[np.concatenate([kinds[features.correlators], kinds])]
    # A flip changes c_s by up to 2 g / (shots of the word), g the share of each of its 1/g words;
    # what it does to the real or the imaginary part shrinks with the mean square of its parities.
    flips = UNSEEN_FLIPS * (2 / sizes.min()) ** 2 * 2 * parities**2
    seen, unseen = (
        np.stack(_parts(table, num_qubits, power=power))
        for table, power in ((variances, 2), (flips, 3))
    )
    moments = Moments(
        values=values[: 3**num_qubits],
        stretch=1.0,
        noise=seen.sum(axis=0),
        real=seen[0] + unseen[0],
        imaginary=seen[1] + unseen[1],
        shared=0.0,
        floor=0.0,
        seen=seen,
    )
    return Words(features, values, squares, moments, cells)


def resample_words(found: Words, how: Resampling) -> Redrawn:
    """Resample shots within words; the bound by order, then F0."""
    size = 2**found.features.num_qubits
    return redraw(
        found.cells,
        [np.full(size, 1 / size)] * len(found.cells),
        found.features,
        found.features.terms,
        found.squares,
        how,
    )


def _parts(table: Floats, num_qubits: int, power: int) -> tuple[Floats, Floats]:
    """(2^N,) of each set of qubits in the plane, the pooled table where the parity adds to the real
    part of c_s, and where to the imaginary one: an even and an odd number of them along sigma_2."""
    in_plane = np.ix_(*[range(2)] * num_qubits)
    both, difference = (
        _pooled(table, num_qubits, power, sign).reshape((3,) * num_qubits)[in_plane].ravel()
        for sign in (1, -1)
    )
    return (both + difference) / 2, np.clip(both - difference, 0, None) / 2


def _pooled(table: Floats, num_qubits: int, power: int, sign: int = 1) -> Floats:
    """(3^N,) sums over the words that measure a feature of g^power times their entry.

    Args:
        table: (3^N, 2^N) of each word and each set of qubits.
        num_qubits: N.
        power: of g, the share of a word in the mean: of each qubit 1/3 outside of the set, 1/2 in
            it in the plane, and 1 along sigma_xi: the digits 0, 1 and 2 of the result's index.
        sign: of words for each letter Y within the set.
    """
    for left in reversed(range(num_qubits)):
        cube = table.reshape(-1, 3, 3**left, 2, 2**left)
        out, inside = cube[:, :, :, 0], cube[:, :, :, 1]
        table = np.stack(
            [
                out.sum(axis=1) / 3**power,
                (inside[:, 0] + sign * inside[:, 1]) / 2**power,
                inside[:, 2],
            ],
            axis=1,
        )
    return table.ravel()


def _cells(strata: Strata, setting: int) -> Integers:
    rows = strata.rows(setting)
    index = strata.bits[rows].astype(np.int64) @ (1 << np.arange(strata.num_qubits))
    counts = strata.counts[rows].astype(float)
    return sums_by(index, counts, 2**strata.num_qubits).astype(np.int64)
