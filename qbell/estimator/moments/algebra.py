"""Pauli words of few qubits, their products, and what h makes of them, as numbers of a table.

A word is a pair of bit masks (x, z), bit k for qubit k: X = (1, 0), Y = (1, 1), Z = (0, 1). It
stands for i^|x & z| X^x Z^z, so that

    W1 W2 = i^(|x1 & z1| + |x2 & z2| - |x3 & z3|) (-1)^|z1 & x2| W3,   x3 = x1 ^ x2,  z3 = z1 ^ z2.

Of anticommuting words the symmetrised product is 0; of others it is a word, up to a sign. With
h = 1/2 sum Z, i [Y, Z/2] = -X and i [X, Z/2] = Y on each letter in turn.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.few_body import MOST_LETTERS, X, Z, count_within, operators_within

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Masks = NDArray[np.uint64]

MAX_QUBITS = 62
MOST_OPERATORS = 250
TWO = 2
PAIRS = tuple((np.uint64(a), np.uint64(b)) for a in (0, 1) for b in (0, 1))


@dataclass(frozen=True)
class Span:
    """Operators that M may be made of.

    Attributes:
        order: how many qubits of each, at most.
        any_frame: True for all words of sigma_1 and sigma_2, order 1 or 2; False for those of the
            Ising frame: Y_i, Y_i X_j, Y_i Z_j Z_k.
    """

    order: int
    any_frame: bool

    @property
    def name(self) -> str:
        """As in results.

        >>> Span(2, False).name, Span(1, True).name
        ('Y, YX', 'X, Y')
        """
        if self.any_frame:
            return "X, Y" if self.order == 1 else "X, Y, XX, XY, YX, YY"
        return ", ".join(["Y", "YX", "YZZ"][: self.order])

    def count(self, num_qubits: int, reach: int) -> int:
        """How many operators of qubits at most ``reach`` apart there are, of three letters.

        >>> Span(2, True).count(3, 1), Span(2, False).count(3, 2)
        (14, 9)
        """
        if not self.any_frame:
            return count_within(num_qubits, self.order, reach)
        pairs = sum(min(reach, num_qubits - 1 - i) for i in range(num_qubits))
        return 2 * num_qubits + (4 * pairs if self.order == TWO else 0)

    def words_of(self, num_qubits: int) -> int:
        """Qubits of the largest product of two of its operators."""
        return min(2 * self.order, num_qubits)


SPANS = (Span(1, True), Span(2, False), Span(2, True), Span(MOST_LETTERS, False))


@dataclass(frozen=True)
class Algebra:
    """A span of K operators M_a, and the P words that <i[M, h]> and <M^2> are made of.

    Attributes:
        span: whose operators.
        x, z: (P,) masks of the words; word 0 is 1.
        weights: (P,) number of their qubits.
        own: (K,) the word of each operator.
        turned: (R, 2) operator and word of each part of i [M_a, h].
        turned_sign: (R,) its sign.
        product, sign: (K, K) word and sign of (M_a M_b + M_b M_a) / 2; sign 0 where it is 0.
        alike: (K, K) projector on operators that are alike: the same letters at the same
            distances, or their mirror image, with equal coefficients.
    """

    span: Span
    x: Masks
    z: Masks
    weights: Integers
    own: Integers
    turned: Integers
    turned_sign: Floats
    product: Integers
    sign: Floats
    alike: Floats

    def response(self, means: Floats) -> Floats:
        """(K,) <i[M_a, h]> from (P,) means of words."""
        values = self.turned_sign * means[self.turned[:, 1]]
        return np.asarray(np.bincount(self.turned[:, 0], values, minlength=len(self.own)))

    def covariance(self, means: Floats) -> Floats:
        """(K, K) symmetrised covariance of the operators from (P,) means of words."""
        mean = means[self.own]
        found: Floats = self.sign * means[self.product] - np.outer(mean, mean)
        return found

    def of_response(self, m: Floats) -> Floats:
        """(L, P) coefficients of i [M, h], M = sum m_a M_a for each row of m (L, K)."""
        return self._summed(self.turned[:, 1], self.turned_sign * m[:, self.turned[:, 0]])

    def of_square(self, m: Floats, offsets: Floats) -> Floats:
        """(L, P) coefficients of (M - offset)^2, for each row of m (L, K) and its offset (L,)."""
        a, b = np.nonzero(self.sign)
        found: Floats = self._summed(self.product[a, b], self.sign[a, b] * m[:, a] * m[:, b])
        found -= self._summed(self.own, 2 * offsets[:, None] * m)
        found[:, 0] += offsets**2
        return found

    def _summed(self, words: Integers, values: Floats) -> Floats:
        """(L, P) sums of values (L, n) over the words (n,) that they belong to."""
        rows, count = len(values), len(self.x)
        places = words + count * np.arange(rows)[:, None]
        sums = np.bincount(places.ravel(), values.ravel(), minlength=rows * count)
        return np.asarray(sums.reshape(rows, count))


@lru_cache(maxsize=16)
def algebra_of(span: Span, num_qubits: int, letters: int) -> Algebra:
    """The algebra of a span; of letters 2 without operators whose products have a Z.

    Of Y_i X_j and Y_j X_i the product is Z_i Z_j: of two letters the first of them alone is taken.
    Where all of them are too many, those with their qubits nearest to each other.
    """
    reaches = range(num_qubits - 1, 1, -1)
    fits = (reach for reach in reaches if span.count(num_qubits, reach) <= MOST_OPERATORS)
    x, z = _operators(span, num_qubits, next(fits, 1), letters)
    count = len(x)
    turned, turned_x, turned_z, turned_sign = _turned(x, z, num_qubits)
    product_x, product_z, sign = _products(x, z)
    kept = sign != 0
    one = np.zeros(1, dtype=np.uint64)
    every_x = np.concatenate([one, x, turned_x, product_x[kept]])
    every_z = np.concatenate([one, z, turned_z, product_z[kept]])
    first, index = _unique(every_x, every_z)
    own, to, products = np.split(index[1:], [count, count + len(turned)])
    product = np.zeros((count, count), dtype=np.int64)
    product[kept] = products
    shapes = [_shape(int(a), int(b)) for a, b in zip(x, z, strict=True)]
    kinds = np.unique(shapes, return_inverse=True)[1].ravel()
    table = np.eye(int(kinds.max()) + 1)[kinds]
    words_x, words_z = every_x[first], every_z[first]
    return Algebra(
        span=span,
        x=words_x,
        z=words_z,
        weights=np.bitwise_count(words_x | words_z).astype(np.int64),
        own=own,
        turned=np.stack([turned, to], axis=1),
        turned_sign=turned_sign,
        product=product,
        sign=sign,
        alike=table @ (table / table.sum(axis=0)).T,
    )


def _turned(x: Masks, z: Masks, num_qubits: int) -> tuple[Integers, Masks, Masks, Floats]:
    """Parts of i [M_a, h]: which operator (R,), masks of the word (R,), sign (R,)."""
    places = np.uint64(1) << np.arange(num_qubits, dtype=np.uint64)
    operators, qubits = np.nonzero(x[:, None] & places)
    mask, its_z = places[qubits], z[operators]
    return operators, x[operators], its_z ^ mask, np.where(its_z & mask, -1.0, 1.0)


def _operators(span: Span, num_qubits: int, reach: int, letters: int) -> tuple[Masks, Masks]:
    """(K,) masks x and z."""
    if span.any_frame:
        one = np.arange(num_qubits)
        i, j = np.triu_indices(num_qubits, 1)
        near = (j - i <= reach) & (span.order == TWO)
        low, high = np.concatenate([one, i[near]]), np.concatenate([one, j[near]])
        first, second = (np.uint64(1) << sites.astype(np.uint64) for sites in (low, high))
        # Letters X and Y on each of two qubits; on one qubit both are the same.
        masks = [(first | second, first * a | second * b) for a, b in PAIRS]
        single = np.tile(low == high, len(PAIRS))
        x, z = (np.concatenate(columns) for columns in zip(*masks, strict=True))
        kept = ~single | np.repeat([a == b for a, b in PAIRS], len(low))
        x, z = x[kept], z[kept]
    else:
        given = operators_within(num_qubits, span.order, reach)
        bits = np.where(given.sites >= 0, np.int64(1) << given.sites.clip(0), 0)
        x = np.sum(bits * (given.letters < Z), axis=1).astype(np.uint64)
        z = np.sum(bits * (given.letters > X), axis=1).astype(np.uint64)
    if letters > TWO:
        return x, z
    x, z = x[z & ~x == 0], z[z & ~x == 0]
    product_x, product_z, sign = _products(x, z)
    spoils = (sign != 0) & (product_z & ~product_x != 0)
    stay: list[int] = []
    for place in range(len(x)):
        if not spoils[place, stay].any():
            stay.append(place)
    return x[stay], z[stay]


def _products(x: Masks, z: Masks) -> tuple[Masks, Masks, Floats]:
    """(K, K) masks of all products, and their signs, 0 where words anticommute."""
    product_x, product_z = x[:, None] ^ x, z[:, None] ^ z
    crossed = _count(z[:, None] & x)
    commute = (crossed + crossed.T) % 2 == 0
    ys = _count(x & z)
    phase = (ys[:, None] + ys - _count(product_x & product_z) + 2 * crossed) % 4
    return product_x, product_z, np.where(commute, 1.0 - phase, 0.0)


def _count(masks: Masks) -> Integers:
    return np.bitwise_count(masks).astype(np.int64)


def _unique(x: Masks, z: Masks) -> tuple[Integers, Integers]:
    """First place of each different word, and (rows,) its number; 1 = (0, 0) has the number 0."""
    places_z, number_z = np.unique(z, return_inverse=True)
    number_x = np.unique(x, return_inverse=True)[1]
    _, first, index = np.unique(
        number_x.ravel() * len(places_z) + number_z.ravel(), return_index=True, return_inverse=True
    )
    return first, index.ravel()


def _shape(x: int, z: int) -> str:
    """The letters of a word from its first qubit to its last one, or back, whichever is first."""
    support = x | z
    support, low = int(support), (support & -support).bit_length() - 1
    letters = "".join(
        "IZXY"[2 * (x >> k & 1) + (z >> k & 1)] for k in range(low, support.bit_length())
    )
    return min(letters, letters[::-1])
