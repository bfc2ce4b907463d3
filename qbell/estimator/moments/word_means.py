"""Means of Pauli words in bundles of shots that share nothing.

A word W on n qubits is measured by the settings that have its letters, whatever stands elsewhere: a
share pi of all, 1 / letters^n where letters are drawn, and known where settings are fixed. So

    parity / pi of the shots that have the word, 0 of the others,

has the mean <W>. It scatters most by whether a shot has the word, which says nothing of the state:
with any guess w of <W> that was made beforehand, (parity - w) / pi + w has the same mean.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.k1.bundles import Bundles
from qbell.estimator.moments.algebra import Algebra
from qbell.estimator.moments.dealt import Dealt
from qbell.estimator.moments.kernels import flip_sizes, word_sums
from qbell.shots.grouping import by_setting
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Masks = NDArray[np.uint64]


@dataclass(frozen=True)
class Rows:
    """Rows of shots in bundles, setting by setting.

    Attributes:
        setting_x, setting_z: (S,) settings as masks of words, see `algebra`.
        starts: (S + 1,) the first row of each.
        bits: (rows,) outcomes as masks.
        weights, bundle: (rows,) of `Bundles`.
        count: number of bundles.
        num_qubits: N.
    """

    setting_x: Masks
    setting_z: Masks
    starts: Integers
    bits: Masks
    weights: Floats
    bundle: Integers
    count: int
    num_qubits: int

    def sums_of(self, algebra: Algebra) -> tuple[Floats, Floats]:
        """(bundles, P) weights times parities, and weights, of the rows that have each word."""
        sums, seen = np.zeros((2, self.count, len(algebra.x)))
        word_sums(
            algebra.x,
            algebra.z,
            self.setting_x,
            self.setting_z,
            self.starts,
            self.bits,
            self.weights,
            self.bundle,
            sums,
            seen,
        )
        return sums, seen

    def flips_of(self, algebra: Algebra, values: Floats, tested: NDArray[np.bool_]) -> float:
        """Mean square of what a flip of one outcome does to a row's value, of the worst qubit.

        Args:
            algebra: of the words.
            values: (P,) what a parity of +1 adds to a row that has the word.
            tested: (bundles,) those that count.
        """
        used = np.flatnonzero(values)
        weights = self.weights * tested[self.bundle]
        sizes = flip_sizes(
            algebra.x[used],
            algebra.z[used],
            values[used],
            self.setting_x,
            self.setting_z,
            self.starts,
            self.bits,
            weights,
            self.num_qubits,
        )
        return float(sizes.max() / weights.sum())


def rows_of(shots: Shots, parts: Bundles) -> Rows:
    """The rows of all bundles."""
    groups = by_setting(shots.directions[parts.rows])
    places = np.uint64(1) << np.arange(shots.num_qubits, dtype=np.uint64)
    letters = shots.directions[parts.rows[groups.first]]
    return Rows(
        setting_x=(letters < 2) @ places,
        setting_z=(letters > 0) @ places,
        starts=groups.starts,
        bits=shots.bits[parts.rows[groups.order]] @ places,
        weights=parts.weights[groups.order],
        bundle=parts.bundle[groups.order],
        count=parts.count,
        num_qubits=shots.num_qubits,
    )


def measure(algebra: Algebra, rows: "Rows | Dealt", letters: int | None) -> "WordMeans":
    """What all bundles say of the words of an algebra.

    Args:
        algebra: of the words.
        rows: of all bundles.
        letters: from which each letter of a setting was drawn; None where settings are fixed, and
            each bundle has all of them.
    """
    sums, seen = rows.sums_of(algebra)
    shares: Floats = seen.mean(axis=0)
    if letters is not None:
        shares = np.power(float(letters), -algebra.weights)
    return WordMeans(sums / shares, seen / shares, shares)


@dataclass(frozen=True)
class WordMeans:
    """Of B bundles and P words.

    Attributes:
        values: (B, P) unbiased estimates of <W>.
        seen: (B, P) the same of 1: what tells how much of their scatter is that of settings.
        shares: (P,) pi.
    """

    values: Floats
    seen: Floats
    shares: Floats

    def pooled(self, some: NDArray[np.bool_]) -> Floats:
        """(P,) mean parity of the shots of some bundles that have the word; 0 if none has."""
        values, seen = self.values[some].sum(axis=0), self.seen[some].sum(axis=0)
        found: Floats = np.divide(values, seen, out=np.zeros_like(values), where=seen > 0)
        return found

    def guessed(self, some: NDArray[np.bool_], shots: float) -> Floats:
        """(P,) `pooled`, the nearer to 0 the less is known of it from so many shots."""
        found = self.pooled(some)
        noise = 1 / np.maximum(self.shares * shots, 1.0)
        return found * found**2 / (found**2 + noise)

    def less_settings(self, some: NDArray[np.bool_], guess: Floats) -> Floats:
        """(b, P) unbiased for any guess from other bundles, and best for a good one."""
        found: Floats = self.values[some] - guess * (self.seen[some] - 1)
        return found
