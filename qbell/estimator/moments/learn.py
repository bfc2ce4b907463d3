"""Which operator M, from held-out bundles of shots.

For every M and every number M_0, F_Q >= 2 <i[M, h]> - <(M - M_0)^2>: the tangent of
<i[M, h]>^2 / Var M, which it is at the best multiple of M. In a span of operators the best M is
Gamma^-1 C, but of few shots Gamma and C are noise for the most part. So M is (Gamma + lambda D)^-1
C, where D holds back all operators, or what tells apart those that are alike in a chain. Which
span, lambda, D, and which multiple, is decided by cross-validation: where the tangent of left-out
bundles, less its error, is largest. A poor M loosens the bound, nothing else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.moments.algebra import Algebra
from qbell.estimator.moments.word_means import WordMeans
from qbell.estimator.tensor.moments import UNSEEN_FLIPS

Floats = NDArray[np.float64]

FOLDS = 4
PENALTIES = np.geomspace(0.01, 30, 6)
ALIKE = (
    1.0,
    0.03,
)  # the penalty of operators with equal coefficients where alike, over that of others
CAUTION = 2.0  # standard errors: the best of many noisy candidates is noise for a good part
TINY = 1e-9


@dataclass(frozen=True)
class Operator:
    """M = sum m_a M_a and M_0.

    Attributes:
        algebra: of its span.
        m: (K,) coefficients, in multiples that make the tangent largest.
        offset: M_0, about <M>.
        guess: (P,) of the means of words, for `WordMeans.less_settings`.
        score: the tangent of left-out bundles, less `CAUTION` standard errors.
    """

    algebra: Algebra
    m: Floats
    offset: float
    guess: Floats
    score: float

    @property
    def tangent(self) -> Floats:
        """(P,) coefficients of 2 i [M, h] - (M - M_0)^2."""
        m, offset = self.m[None], np.array([self.offset])
        found: Floats = (2 * self.algebra.of_response(m) - self.algebra.of_square(m, offset))[0]
        return found


def learn(
    algebra: Algebra, means: WordMeans, training: NDArray[np.bool_], shots: float, num_qubits: int
) -> Operator | None:
    """The operator of the best score; None where none has a score above 0.

    Args:
        algebra: of the span.
        means: of all bundles, of which ``training`` (B,) are looked at.
        training: the held-out ones.
        shots: in a bundle, on average.
        num_qubits: N; no tangent is above N^2.
    """
    places = np.flatnonzero(training)
    # The variance that a word may have although its outcomes are all the same: +-1, so 4 a flip.
    flips = 4 * UNSEEN_FLIPS / (means.shares[algebra.own] * shots * len(places))
    responses, squares, unseen = [], [], []
    for fold in range(FOLDS):
        left_out, others = np.zeros((2, len(training)), dtype=bool)
        left_out[places[fold::FOLDS]] = True
        others[places] = True
        others &= ~left_out
        known = means.pooled(others)
        seen = means.less_settings(left_out, means.guessed(others, shots * others.sum()))
        m = _candidates(algebra, known)
        responses.append(seen @ algebra.of_response(m).T)
        squares.append(seen @ algebra.of_square(m, m @ known[algebra.own]).T)
        unseen.append(m**2 @ flips)
    response = np.concatenate(responses)
    square = np.concatenate(squares) + np.mean(unseen, axis=0)
    scale = _scales(response, square, num_qubits)
    tangents = 2 * scale * response - scale**2 * square
    error = tangents.std(axis=0, ddof=1) / np.sqrt(len(places))
    scores = tangents.mean(axis=0) - CAUTION * error
    best = int(np.argmax(scores))
    if not scores[best] > 0:
        return None
    known = means.pooled(training)
    m_best = scale[best] * _candidates(algebra, known)[best]
    return Operator(
        algebra,
        m_best,
        float(m_best @ known[algebra.own]),
        means.guessed(training, shots * len(places)),
        float(scores[best]),
    )


def _scales(response: Floats, square: Floats, num_qubits: int) -> Floats:
    """(L,) multiples of each candidate: mean response over mean square, from above.

    A square that is small by chance must not make the multiple large: what it may well be counts,
    and it is no less than response^2 / N^2, as F_Q is no more than N^2.

    Args:
        response, square: (bundles, L) of candidates that were learnt on other bundles.
        num_qubits: N.
    """
    mean, middle = response.mean(axis=0), square.mean(axis=0)
    above = middle + square.std(axis=0, ddof=1) / np.sqrt(len(square))
    least = np.maximum(above, mean**2 / num_qubits**2)
    found: Floats = np.divide(mean, least, out=np.zeros_like(mean), where=(mean > 0) & (middle > 0))
    return found


def _candidates(algebra: Algebra, known: Floats) -> Floats:
    """(L, K): (Gamma + lambda D)^-1 C for each D and lambda."""
    gamma, response = algebra.covariance(known), algebra.response(known)
    found = []
    for less in ALIKE:
        # D^(-1/2), D having the eigenvalue ``less`` where operators that are alike have one value.
        root = np.eye(len(gamma)) + (less**-0.5 - 1) * algebra.alike
        values, vectors = np.linalg.eigh(root @ gamma @ root)
        vectors = root @ vectors
        raised = values.clip(0) + PENALTIES[:, None]  # below 0 by noise alone
        found.append(vectors.T @ response / raised @ vectors.T)
    return np.concatenate(found)


def collective(algebra: Algebra, means: WordMeans, training: NDArray[np.bool_]) -> Floats | None:
    """(K,) the spin across its mean direction in the plane, of words X_i and Y_i; None without one.

    With the mean spin along cos a X + sin a Y, M = sin a sum X_i - cos a sum Y_i, for which
    <i[M, h]> is the length of sum <(X_i, Y_i)>: the spin squeezing of Wineland.
    """
    along_y = algebra.z[algebra.own] != 0
    known = means.pooled(training)[algebra.own]
    x, y = float(known[~along_y].sum()), float(known[along_y].sum())
    length = np.hypot(x, y)
    if length < TINY:
        return None
    m: Floats = np.where(along_y, -x, y) / length
    return m
