"""Estimated correlators, however they were measured, and their table with intervals."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from qbell.conventions.alarm import ALARM
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.intervals import correlator_interval as squared_modulus
from qbell.estimator.intervals.bound_interval import MOST_UNSEEN
from qbell.estimator.intervals.student import Student
from qbell.util.threads import in_threads

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PIECE = 500  # correlators solved in one go


@dataclass(frozen=True)
class Significance:
    """How many correlators lie above a limit, corrected for the number of correlators.

    Attributes:
        tests: number of different correlators in the table.
        above_zero: how many of them are above 0, by intervals that hold for all at once.
        above_local: how many of them are above the local bound 2^-n, likewise.
    """

    tests: int
    above_zero: int
    above_local: int


@dataclass(frozen=True)
class Correlators:
    """Estimates c_hat_s of correlators, unbiased, and how each scatters in the complex plane.

    Attributes:
        labels: (F,) names.
        n_plus, n_minus: (F,) signs in them.
        values: (F,) c_hat_s.
        squares: (F,) unbiased estimates of E_s; they can fall below 0.
        along, across: (F,) variances of c_hat_s in its own direction in the plane and across it.
        distinct: (D,) positions of correlators whose squares are different numbers by definition:
            E of a label and of the label with + and - exchanged are one.
        like: (F,) position in ``distinct`` of the one with the same square.
        multiplicity: (F,) how many labels a row stands for.
        seen: (F,) the part of ``along`` that is scatter in the data; the rest stands for
            unobserved outcomes. All of it if None.
        draw: (F,) by how much one draw that had come out otherwise would move c_hat_s at most,
            where settings are drawn and taken as random; None where they are not.
        student: where the scatter is that of a few jobs: how far it reaches. Normal if None.
    """

    labels: NDArray[np.str_]
    n_plus: Integers
    n_minus: Integers
    values: NDArray[np.complex128]
    squares: Floats
    along: Floats
    across: Floats
    distinct: Integers
    like: Integers
    multiplicity: Integers | None = None
    seen: Floats | None = None
    draw: Floats | None = None
    student: Student | None = None

    @property
    def order(self) -> Integers:
        """(F,) how many qubits each of them joins."""
        return self.n_plus + self.n_minus

    @property
    def errors(self) -> Floats:
        """(F,) standard errors of the squares."""
        truth = np.clip(self.squares, 0, None)
        errors = np.sqrt(4 * truth * self.along + 2 * self.along**2 + 2 * self.across**2)
        found: Floats = np.where(self.order == 0, 0.0, errors)
        return found

    @property
    def degenerate(self) -> NDArray[np.bool_]:
        """(F,) whether the width comes from the allowance for unobserved outcomes."""
        seen = self.along if self.seen is None else self.seen
        return (self.order > 0) & (seen < (1 - MOST_UNSEEN) * self.along)

    def estimate(self, place: int, confidence: float, provenance: str) -> Estimate:
        """The `Estimate` of E of the correlator at ``place``."""
        rows = np.array([place])
        low, high = self._two_sided(rows, confidence)[0]
        below, above = self._one_sided(rows, confidence)[0]
        return Estimate(
            value=float(self.squares[place]),
            standard_error=float(self.errors[place]),
            low=float(low),
            high=float(high),
            confidence=confidence,
            degenerate=bool(self.degenerate[place]),
            lower_limit=float(below),
            upper_limit=float(above),
            provenance=provenance,
        )

    def lower_limit(self, place: int, confidence: float) -> float:
        """One-sided: E of the correlator at ``place`` is above this with ``confidence``."""
        return float(self._one_sided(np.array([place]), confidence)[0, 0])

    def intervals(self, confidence: float, *, together: bool = False) -> Floats:
        """(F, 2) two-sided intervals of all squares, each for itself.

        ``together``: ``confidence`` is that of one of many that are to hold together.
        """
        todo = self.distinct[self.order[self.distinct] > 0]

        def solve(part: slice) -> Floats:
            return self._two_sided(todo[part], confidence, together=together)

        # The identity (label 0...0) is 1 by definition.
        found = np.ones((len(self.distinct), 2))
        pieces = [slice(start, start + PIECE) for start in range(0, len(todo), PIECE)]
        solved = in_threads(solve, pieces)
        if solved:
            found[self.order[self.distinct] > 0] = np.concatenate(solved)
        result: Floats = found[self.like]
        return result

    @property
    def tests(self) -> int:
        """How many different correlators there are, the identity left out."""
        return int(np.count_nonzero(self.order[self.distinct] > 0))

    def together(self, confidence: float) -> float:
        """Confidence of each interval where all are to hold together (Bonferroni)."""
        return 1 - (1 - confidence) / max(self.tests, 1)

    def significance(self, confidence: float) -> Significance:
        """How many of the different ones have ``simultaneous_low`` above 0, and above 2^-n.

        As counted in the `table`, but without its intervals.
        """
        todo = self.distinct[self.order[self.distinct] > 0]
        squares = np.abs(self.values[todo]) ** 2
        level = self.together(confidence)
        along, _, across = self._reach(todo, (1 - level) / 2, together=self.tests > 1)
        local = 2.0 ** -self.order[todo].astype(float)
        above = [
            int(squared_modulus.exceed(squares, along, across, values, level).sum())
            for values in (np.zeros(len(todo)), local)
        ]
        return Significance(self.tests, *above)

    def p_above(self, value: float) -> float:
        """P-value of "no E_s is above ``value``", corrected for their number (Bonferroni)."""
        todo = self.distinct[self.order[self.distinct] > 0]
        todo = todo[np.abs(self.values[todo]) ** 2 > value]
        if len(todo) == 0:
            return 1.0
        squares = np.abs(self.values[todo]) ** 2
        # Of few jobs or draws, as far as the scatter reaches where this p-value decides.
        along, _, across = self._reach(todo, ALARM / self.tests, together=True)
        tails = squared_modulus.tails_above(squares, along, across, value)
        return float(min(1.0, tails.min() * self.tests))

    def _two_sided(self, rows: Integers, confidence: float, *, together: bool = False) -> Floats:
        reach = self._reach(rows, (1 - confidence) / 2, together=together)
        return self._ends(squared_modulus.intervals, rows, confidence, reach)

    def _one_sided(self, rows: Integers, confidence: float) -> Floats:
        reach = self._reach(rows, 1 - confidence)
        return self._ends(squared_modulus.limits, rows, confidence, reach)

    def _ends(
        self,
        solve: Callable[[Floats, Floats, Floats, float], Floats],
        rows: Integers,
        confidence: float,
        reach: tuple[Floats, Floats, Floats],
    ) -> Floats:
        """(rows, 2) lower and upper ends."""
        squares = np.abs(self.values[rows]) ** 2
        below, above, across = reach
        if self.student is None:
            return solve(squares, below, across, confidence)
        lower = solve(squares, below, across, confidence)[:, 0]
        upper = solve(squares, above, across, confidence)[:, 1]
        return np.stack([lower, upper], axis=1)

    def _reach(
        self, rows: Integers, level: float, *, together: bool = False
    ) -> tuple[Floats, Floats, Floats]:
        """Standard deviations along, for lower and for upper limits at a level, and across.

        Limits that are to hold together have levels of which the scatter of few draws says little.
        Draws of a total probability of ln(1 / level) / draws may be unobserved, and would move c by
        that times ``draw`` times draws at most; so much is taken for z standard deviations more.
        """
        along, across = self.along[rows], self.across[rows]
        if together and self.draw is not None:
            unseen = (self.draw[rows] * math.log(level) / scipy.special.ndtri(level)) ** 2
            along, across = along + unseen, across + unseen
        along, across = np.sqrt(along), np.sqrt(across)
        if self.student is None:
            return along, along, across
        low, high, flat = self.student.factors(level, rows)
        return low * along, high * along, flat * across

    def table(self, confidence: float, provenance: str) -> pd.DataFrame:
        """One row a correlator: see `qbell.Result.correlators`.

        The columns simultaneous_low and simultaneous_high hold for all rows at once: Bonferroni's
        correction over the distinct ones, 1 - (1 - confidence) / D each.
        """
        each = self.intervals(confidence)
        together = each
        if self.tests > 1:
            together = self.intervals(self.together(confidence), together=True)
        table = pd.DataFrame(
            {
                "label": self.labels,
                "n_plus": self.n_plus,
                "n_minus": self.n_minus,
                "order": self.order,
                "value": self.squares,
                "standard_error": self.errors,
                "low": each[:, 0],
                "high": each[:, 1],
                "local_bound": 2.0 ** -self.order.astype(float),
                "simultaneous_low": together[:, 0],
                "simultaneous_high": together[:, 1],
                "degenerate": self.degenerate,
                "provenance": provenance,
            }
        )
        if self.multiplicity is not None:
            table.insert(4, "multiplicity", self.multiplicity)
        return table


def each_its_own(count: int) -> tuple[Integers, Integers]:
    """``distinct`` and ``like`` of correlators that are all different."""
    index = np.arange(count)
    return index, index


def plane_scatter(
    values: NDArray[np.complex128], real: Floats, imaginary: Floats, mixed: Floats | None = None
) -> tuple[Floats, Floats]:
    """Variances along the direction of ``values`` in the plane and across it.

    From the variances of the real and the imaginary part and, if not 0, their covariance.
    """
    modulus = np.abs(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.where(modulus > 0, values.real / modulus, np.sqrt(0.5))
        sine = np.where(modulus > 0, values.imag / modulus, np.sqrt(0.5))
    shared = 0.0 if mixed is None else 2 * cosine * sine * mixed
    along = cosine**2 * real + sine**2 * imaginary + shared
    across = sine**2 * real + cosine**2 * imaginary - shared
    return along, across
