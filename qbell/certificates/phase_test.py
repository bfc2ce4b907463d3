"""`PhaseTest`: what shots in random settings say about Re(e^(i phase) c) of all qubits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.p_value_bounds import binomial_p, hoeffding_p, ratio_p
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.conventions.labels import UNITS, sums_by
from qbell.shots.grouping import by_setting
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

TOLERANCE = 2e-9  # of a phase from a multiple of pi/4: rounding, and what the even design allows


@dataclass(frozen=True)
class PhaseTest:
    """A test of "Re(e^(i phase) c) is at most L in every shot, whatever happened before".

    Here c is the correlator of whatever the model would do next; it may depend on all the past. A
    shot has x = Re(e^(i phase) prod_k x_k w_k): plus or minus its size, which is |cos phase|
    where the number of sigma_2 is even and |sin phase| where it is odd. Settings are drawn
    uniformly, unknown to the model, so that given all the past

        mean of x = Re(e^(i phase) c),   mean of size^2 = 1/2,

    and x - 2 L size^2 has a mean of at most 0. Where all settings are even (the even design, phase
    0 or pi) the mean of x is 2 Re(e^(i phase) c) and size is 1: the same holds.

    At a phase that is a multiple of pi/2 half of the settings have size 0. They say nothing and are
    left out, a choice made from settings alone, which were drawn independently of everything:
    given which shots are kept, each setting is uniform on its half, and x = +-1 has a mean of at
    most 2 L.

    Where a draw has several shots in its setting, x is their mean: the same holds, given all
    earlier draws, if no shot of the draw depends on those before it. Where all 2^N settings are
    measured equally often instead of at random, it holds on average over shots that are independent
    of each other, and so do the p-values: see `binomial_p`, and E prod (1 + u) <= exp(sum E u).
    The same where all even settings are, and no others.

    Attributes:
        values: (kinds,) different values of x, of the draws that say something.
        sizes: (kinds,) largest |x| that the draw's setting allows.
        counts: (kinds,) how many draws gave each; fractions where they are expected ones.
        total: number of draws, those that say nothing included.
        single: each draw is one shot, so that x is plus or minus its size.
        drawn: settings were drawn, so that memory is allowed; else shots must be independent.
    """

    values: Floats
    sizes: Floats
    counts: Floats
    total: float
    single: bool = True
    drawn: bool = True

    @property
    def one_size(self) -> bool:
        """True if all draws have the same size: at multiples of pi/4."""
        return bool(np.ptp(self.sizes) <= 2 * TOLERANCE)

    @property
    def trials(self) -> float:
        """Number of draws that say something."""
        return float(self.counts.sum())

    @property
    def mean(self) -> float:
        """Of x, over the draws that say something."""
        return float(self.values @ self.counts) / max(self.trials, 1.0)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        variance = float(self.values**2 @ self.counts) / max(self.trials, 1.0) - self.mean**2
        return math.sqrt(max(variance, 0.0) / max(self.trials, 1.0))

    def most(self, limit: float) -> float:
        """Largest mean of x, over the draws that say something, where c is at ``limit``, L."""
        return 2 * limit * float(self.sizes[0]) ** 2 if self.one_size else limit

    def p_value(self, limit: float) -> float:
        """Of "at most ``limit``", as depths use it: the sharpest that holds at any number of draws.

        By how the shots were taken, never by their outcomes: the binomial tail where x is plus or
        minus one size; else the smaller of `hoeffding` and `ratio`, twice, as there are two.
        """
        if self.single and self.one_size:
            ups = float(self.counts[self.values > 0].sum())
            chance = (1 + self.most(limit) / float(self.sizes[0])) / 2
            return binomial_p(ups, self.trials, chance)
        return min(1.0, 2 * min(self.hoeffding(limit), self.ratio(limit)))

    def hoeffding(self, limit: float) -> float:
        """P-value of the mean alone; see `qbell.certificates.p_value_bounds.hoeffding_p`."""
        reach = float(self.sizes.max())
        return hoeffding_p(self.mean, self.most(limit), self.trials, reach=reach)

    def ratio(self, limit: float) -> float:
        """P-value of a test martingale; see `qbell.certificates.p_value_bounds.ratio_p`."""
        return ratio_p(self.values, self.counts, 2 * limit * self.sizes**2, reach=self.sizes)

    def scaled(self, total: float) -> "PhaseTest":
        """The test of so many draws, in which every value comes as often as here."""
        return replace(self, counts=self.counts * (total / self.total), total=total)


def one_size(phase: float) -> bool:
    """Whether x has one size at a phase, but for 0: at multiples of pi/4.

    >>> one_size(-math.pi / 4), one_size(0.3)
    (True, False)
    """
    return abs(math.remainder(phase, math.pi / 4)) < TOLERANCE


def phase_test(shots: Shots, direction: TestedCorrelator) -> PhaseTest:
    """The shots as a test along the direction; of draws that say something, see `Design.tested`.

    Args:
        shots: of drawn settings, or of all 2^N words of X and Y equally often.
        direction: fixed before these data were seen, or learnt on others.
    """
    direction.check(shots.num_qubits)
    shots.rules.check_phase(direction.phase)
    plane = shots.rules.tested(shots.directions)
    turns = shots.rules.quarter_turns(shots.directions[plane], shots.bits[plane], direction.signs)
    weights = shots.counts[plane].astype(float)
    every = (_unit(direction.phase) * UNITS).real
    single = not shots.drawn or shots.shots_per_setting == 1
    if single:
        values, sizes, counts = every, np.abs(every), sums_by(turns, weights, 4)
        total = float(shots.total)
    else:
        assert shots.draws is not None  # draws without numbers have one shot each
        draws, total = shots.draws[plane], float(len(np.unique(shots.draws)))
        names, place = np.unique(draws, return_inverse=True)
        shares = sums_by(place, weights, len(names))
        means = sums_by(place, weights * every[turns], len(names)) / shares
        largest = sums_by(place, weights * np.abs(every[turns]), len(names)) / shares
        # All sizes that settings can have, whichever came.
        values, sizes = np.append(every, means), np.append(np.abs(every), largest)
        counts = np.append(np.zeros(4), np.ones(len(names)))
    kept = sizes != 0
    return PhaseTest(values[kept], sizes[kept], counts[kept], total, single, shots.drawn)


def why_no_phase_test(shots: Shots) -> str:
    """Why these data do not test a phase; empty if they do."""
    if shots.treated:
        return f"the counts are {shots.treated}"
    if shots.drawn:
        return ""
    plane = (shots.directions < 2).all(axis=1)  # words with sigma_xi say nothing
    if not shots.rules.common_angle and plane.any():
        settings = by_setting(shots.directions[plane])
        sizes = settings.sums(shots.counts[plane])
        words = 2**shots.num_qubits
        if not shots.rules.any_phase:
            words //= 2  # all even ones, and no other
            if (shots.directions[plane].sum(axis=1, dtype=np.int64) % 2).any():
                words = 0
        if len(sizes) == words and int(np.ptp(sizes)) == 0:
            return ""
    return "settings must be drawn at random, or be all 2^N, with as many shots of each"


def pooled(tests: Sequence[PhaseTest]) -> PhaseTest:
    """Tests of several data sets along one direction, as one."""
    return PhaseTest(
        values=np.concatenate([test.values for test in tests]),
        sizes=np.concatenate([test.sizes for test in tests]),
        counts=np.concatenate([test.counts for test in tests]),
        total=sum(test.total for test in tests),
        single=all(test.single for test in tests),
        drawn=all(test.drawn for test in tests),
    )


def _unit(phase: float) -> complex:
    """e^(i phase), exactly 1, i, -1 or -i where the phase is a multiple of pi/2."""
    unit = complex(math.cos(phase), math.sin(phase))
    nearest = complex(round(unit.real), round(unit.imag))
    return nearest if abs(unit - nearest) < TOLERANCE else unit
