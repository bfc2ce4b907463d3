"""A lower bound on the QFI from few-body operators, and spin squeezing, the one-body case.

F_Q >= <i[M, h]>^2 / Var M for every M (the method of moments). For an M and an M_0 that were fixed
beforehand

    F_Q >= 2 <i[M, h]> - <(M - M_0)^2>

is the mean of one observable, so that unbiased estimates of Pauli words give an unbiased one, and
its limits are those of a mean; the ratio of two estimates would be biased, and all the more so an M
from the same shots, which follows their chance. M is learnt on a part of the bundles of shots
(`learn`), the others estimate. No product of two shots is taken.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import strings
from qbell.estimator.interval_estimate import Estimate, MomentBound, Squeezing
from qbell.estimator.intervals.bundle_mean import bundle_mean
from qbell.estimator.jobs import Jobs
from qbell.estimator.k1 import bundles
from qbell.estimator.moments.algebra import MAX_QUBITS, SPANS, Algebra, Span, algebra_of
from qbell.estimator.moments.dealt import Dealt, deals, dealt
from qbell.estimator.moments.learn import Operator, collective, learn
from qbell.estimator.moments.word_means import Rows, WordMeans, measure, rows_of
from qbell.estimator.tensor.moments import UNSEEN_FLIPS
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

BUNDLES = 100
FEWEST_BUNDLES = 40
FEWEST_DRAWS = 10  # that are expected to have each word, among those that estimate
FEWEST_TRAINING, FEWEST_TESTED = 10, 20  # bundles
PAULI = "IZXY"  # by 2 x + z
NOTHING_RESPONDS = (
    "no moment bound: on the held-out shots no operator of few qubits responds to h, as in GHZ "
    "states of three qubits or more"
)
Kind = TypeVar("Kind", bound=Estimate)


@dataclass(frozen=True)
class Moments:
    """What few-body operators say, found when it is first asked for.

    Attributes:
        shots: of any design; of most there is nothing, and no note.
        confidence: of the intervals and of each limit.
        seed: of the bundles.
        held_out: share of the bundles to learn M from.
        jobs: where error bars are by job, which then are the bundles.
        limited: whether one-sided limits are those of ``first``, or of nothing if that is None.
        first: of other shots.
    """

    shots: Shots
    confidence: float
    seed: np.random.SeedSequence
    held_out: float
    jobs: Jobs | None = None
    limited: bool = False
    first: "Moments | None" = None

    @property
    def bound(self) -> MomentBound | None:
        """The bound on the QFI; None where `notes` say why, or no operator responds to h."""
        return self._limited(self._found[0], None if self.first is None else self.first.bound)

    @property
    def squeezing(self) -> Squeezing | None:
        """xi^2 of Wineland; None where there is none."""
        first = None if self.first is None else self.first.squeezing
        return self._limited(self._found[1], first)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why there is no bound."""
        return self._found[2]

    def _limited(self, found: Kind | None, first: Kind | None) -> Kind | None:
        if found is None or not self.limited:
            return found
        low, high = (0.0, math.inf) if first is None else (first.lower_limit, first.upper_limit)
        return replace(found, lower_limit=low, upper_limit=high)

    @cached_property
    def _found(self) -> tuple[MomentBound | None, Squeezing | None, tuple[str, ...]]:
        shots, jobs = self.shots, self.jobs
        reach = shots.rules.word_qubits(shots.num_qubits, shots.order)
        if reach < min(2, shots.num_qubits):
            return None, None, ()
        spans = [span for span in SPANS if _fits(span, shots, reach, self.held_out)]
        missing = _missing(shots, jobs, spans)
        if missing:
            return None, None, (f"no moment bound: {missing}",)
        generator = np.random.default_rng(self.seed)
        rows: Rows | Dealt | None = None
        if jobs is None and deals(shots):
            count = min(BUNDLES, bundles.most_bundles(shots))
            algebras = [algebra_of(span, shots.num_qubits, shots.rules.letters) for span in spans]
            rows = dealt(shots, algebras, count, self.seed.spawn(1)[0])
            training = np.arange(count) < round(self.held_out * count)
        elif jobs is None:
            count = min(BUNDLES, bundles.most_bundles(shots))
            parts = bundles.bundled(shots, count, generator)
            training = np.arange(count) < round(self.held_out * count)
        else:
            parts = bundles.by_job(shots, jobs.codes)
            training = generator.permutation(jobs.count) < round(self.held_out * jobs.count)
        if training.sum() < FEWEST_TRAINING or (~training).sum() < FEWEST_TESTED:
            note = f"no moment bound: of {len(training)} bundles a share of {self.held_out:g} is "
            return None, None, (note + "held out, too few to learn from or to test with",)
        if rows is None:
            rows = rows_of(shots, parts)
        return _found_in(shots, rows, spans, training, self.confidence)


def _found_in(
    shots: Shots,
    rows: Rows | Dealt,
    spans: list[Span],
    training: NDArray[np.bool_],
    confidence: float,
) -> tuple[MomentBound | None, Squeezing | None, tuple[str, ...]]:
    """From rows in bundles, of which those of ``training`` (bundles,) are held out."""
    letters = shots.rules.letters if shots.drawn else None
    per_bundle = shots.total / len(training)
    tested = _Tested(rows, ~training, shots.total * float(np.mean(~training)), confidence, shots)
    best: tuple[Operator, WordMeans] | None = None
    squeezing = None
    for span in spans:
        algebra = algebra_of(span, shots.num_qubits, shots.rules.letters)
        means = measure(algebra, rows, letters)
        if span == SPANS[0]:
            squeezing = _squeezing(algebra, means, training, tested, per_bundle)
        found = learn(algebra, means, training, per_bundle, shots.num_qubits)
        if found is not None and (best is None or found.score > best[0].score):
            best = found, means
    if best is None:
        return None, squeezing, (NOTHING_RESPONDS,)
    return tested.bound(*best), squeezing, ()


class _Tested:
    """The bundles that estimate."""

    def __init__(
        self,
        rows: Rows | Dealt,
        tested: NDArray[np.bool_],
        total: float,
        confidence: float,
        shots: Shots,
    ) -> None:
        self._rows, self._tested, self._total = rows, tested, total
        self._confidence, self._shots = confidence, shots

    def tangent(self, operator: Operator, means: WordMeans) -> Estimate:
        """The mean of 2 i [M, h] - (M - M_0)^2."""
        coefficients = operator.tangent
        each = means.less_settings(self._tested, operator.guess) @ coefficients
        flip = self._rows.flips_of(operator.algebra, coefficients / means.shares, self._tested)
        unseen = UNSEEN_FLIPS * flip / self._total**2
        return bundle_mean(each, self._confidence, self._shots.provenance, unseen=unseen)

    def bound(self, operator: Operator, means: WordMeans) -> MomentBound:
        """The tangent, and the operator."""
        return MomentBound(
            **vars(self.tangent(operator, means)),
            span=operator.algebra.span.name,
            words=_spelled(operator.algebra, self._shots.num_qubits),
            coefficients=tuple(operator.m.tolist()),
            offset=operator.offset,
        )


def _squeezing(
    algebra: Algebra,
    means: WordMeans,
    training: NDArray[np.bool_],
    tested: _Tested,
    per_bundle: float,
) -> Squeezing | None:
    """N over the tangent of the collective spin; None where no mean spin is seen."""
    m = collective(algebra, means, training)
    if m is None:
        return None
    known = means.pooled(training)
    variance = float(m @ algebra.covariance(known) @ m)
    response = float(m @ algebra.response(known))
    if variance <= 0 or response <= 0:
        return None
    m = m * (response / variance)
    guess = means.guessed(training, per_bundle * float(training.sum()))
    operator = Operator(algebra, m, float(m @ known[algebra.own]), guess, math.nan)
    return _turned_over(tested.tangent(operator, means), tested, m, algebra)


def _turned_over(tangent: Estimate, tested: _Tested, m: Floats, algebra: Algebra) -> Squeezing:
    """xi^2 = N / tangent."""
    size = tested._shots.num_qubits

    def over(value: float) -> float:
        return size / value if value > 0 else math.inf

    error = size * tangent.standard_error / tangent.value**2 if tangent.value > 0 else math.inf
    along_y = algebra.z[algebra.own] != 0
    x, y = -float(m[along_y][0]), float(m[~along_y][0])
    return Squeezing(
        value=over(tangent.value),
        standard_error=error,
        low=over(tangent.high),
        high=over(tangent.low),
        confidence=tangent.confidence,
        degenerate=tangent.degenerate,
        lower_limit=over(tangent.upper_limit),
        upper_limit=over(tangent.lower_limit),
        provenance=tangent.provenance,
        angle=math.atan2(y, x),
    )


def _spelled(algebra: Algebra, num_qubits: int) -> tuple[str, ...]:
    """The operators M_a, qubit 0 last."""
    places = np.arange(num_qubits, dtype=np.uint64)
    x, z = (masks[algebra.own, None] >> places & np.uint64(1) for masks in (algebra.x, algebra.z))
    return tuple(strings((2 * x + z).astype(np.uint8), PAULI).tolist())


def _fits(span: Span, shots: Shots, reach: int, held_out: float) -> bool:
    """Whether the shots measure all products of two operators of a span, often enough."""
    largest = span.words_of(shots.num_qubits)
    letters = shots.rules.letters
    if largest > reach or (letters == 2 and span.order > 2):
        return False
    if not shots.drawn:
        return True
    draws = (1 - held_out) * (shots.num_draws or 0)
    return draws * float(letters) ** -largest >= FEWEST_DRAWS


def _missing(shots: Shots, jobs: Jobs | None, spans: list[Span]) -> str:
    """Why there is no estimate; empty where there is one."""
    missing = bundles.why_too_few(shots, jobs, fewest=FEWEST_BUNDLES, most_qubits=MAX_QUBITS)
    if not (missing or spans):
        return "too few draws have the words of two qubits that it is made of"
    return missing
