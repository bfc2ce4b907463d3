"""F0 and b from pairs and triples of different bundles, all and with one left out.

In the frame of xi the generator is diagonal, and [h, [h, A]] has the elements (h_x - h_y)^2 A_xy.
With L(A) = 2 [h, [h, A]],

    F0 = 4 (Tr rho^2 h^2 - Tr rho h rho h) = Tr rho L(rho),
    b = 4 (Tr rho^3 h^2 - Tr rho^2 h rho h) = Tr rho^2 L(rho).

For rho stand estimates R_i of different bundles i. All pairs and triples are products of S, the sum
of the R_i; those in which a bundle comes twice are taken off again. The triples that have i once
are, with S, Q and W without i,

    t_i = Tr R_i [S L(S) + L(S) S + L(S^2) - W - L(Q)],
    Q = sum R_j^2,    W = sum R_j L(R_j) + L(R_j) R_j,

and sum t_i is three times the sum over all of them. So no triple is ever formed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

CHUNK = 2**20  # elements of matrices at once


@dataclass(frozen=True)
class Moments:
    """Unbiased estimates.

    Attributes:
        f0, b: from all bundles.
        f0_without, b_without: (bundles,) with one left out.
    """

    f0: float
    b: float
    f0_without: Floats
    b_without: Floats

    def tangent(self, tau: float) -> tuple[float, Floats]:
        """2 F0 / tau - b / tau^2 of all, and (bundles,) with one left out."""
        return (
            2 * self.f0 / tau - self.b / tau**2,
            2 * self.f0_without / tau - self.b_without / tau**2,
        )


def moments_of(operators: Complex) -> Moments:
    """F0 and b of ``operators`` (bundles, 2^N, 2^N), Hermitian, 4 bundles or more."""
    count, dimension = operators.shape[:2]
    # Of a basis state h is N / 2 minus its number of 1s.
    ones = np.array([int(state).bit_count() for state in range(dimension)], dtype=float)
    bent = 2 * (ones[:, None] - ones) ** 2
    total = operators.sum(axis=0)
    squares, mixed = np.zeros_like(total), np.zeros_like(total)
    step = max(1, CHUNK // dimension**2)
    parts = [slice(start, start + step) for start in range(0, count, step)]
    for part in parts:
        some = operators[part]
        squares += (some @ some).sum(axis=0)
        mixed += _symmetric(some @ (bent * some)).sum(axis=0)
    pairs, triples = np.empty(count), np.empty(count)
    for part in parts:
        some = operators[part]
        rest, bent_some = total - some, bent * some
        pairs[part] = _traces(bent_some, rest)
        crossed = mixed - _symmetric(some @ bent_some)
        triples[part] = _traces(some, _symmetric(rest @ (bent * rest)) - crossed)
        # Tr R L(A) = Tr L(R) A
        triples[part] += _traces(bent_some, rest @ rest - (squares - some @ some))
    f0, b = pairs.sum(), triples.sum() / 3
    return Moments(
        f0=float(f0) / (count * (count - 1)),
        b=float(b) / (count * (count - 1) * (count - 2)),
        f0_without=(f0 - 2 * pairs) / ((count - 1) * (count - 2)),
        b_without=(b - triples) / ((count - 1) * (count - 2) * (count - 3)),
    )


def _symmetric(products: Complex) -> Complex:
    """(..., n, n) A B + B A of Hermitian A, B, from A B."""
    found: Complex = products + products.conj().swapaxes(-1, -2)
    return found


def _traces(a: Complex, b: Complex) -> Floats:
    """(m,) Tr A B of Hermitian A, B."""
    found: Floats = np.einsum("mij,mij->m", a.conj(), b).real
    return found
