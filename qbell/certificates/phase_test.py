"""`PhaseTest`: what shots in fresh random settings say about Re(e^(i phase) c) of all qubits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.p_value_bounds import hoeffding_p, ratio_p
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.conventions.labels import UNITS, sums_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

TOLERANCE = 2e-9  # of a phase from a multiple of pi/4: rounding, and what the even design allows


@dataclass(frozen=True)
class PhaseTest:
    """A test of "Re(e^(i phase) c) is at most L in every shot, whatever happened before".

    A shot has x = Re(e^(i phase) prod_k x_k w_k): plus or minus its size, which is |cos phase|
    where the number of sigma_2 is even and |sin phase| where it is odd. Settings are drawn
    uniformly, unknown to the model, so that given all the past

        mean of x = Re(e^(i phase) c),   mean of size^2 = 1/2,

    and x - 2 L size^2 has a mean of at most 0. Where all settings are even (the even design, phase
    0 or pi) the mean of x is 2 Re(e^(i phase) c) and size is 1: the same holds.

    At a phase that is a multiple of pi/2 half of the settings have size 0. They say nothing and are
    left out, a choice made from settings alone, which were drawn independently of everything:
    given which shots are kept, each setting is uniform on its half, and x = +-1 has a mean of at
    most 2 L.

    Attributes:
        values: (kinds,) different values of x, of the shots that say something.
        sizes: (kinds,) largest |x| that the shot's setting allows.
        counts: (kinds,) how many shots gave each; fractions where they are expected ones.
        total: number of shots, those that say nothing included.
    """

    values: Floats
    sizes: Floats
    counts: Floats
    total: float

    @property
    def one_size(self) -> bool:
        """True if all shots have the same size: at multiples of pi/4."""
        return bool(np.ptp(self.sizes) <= 2 * TOLERANCE)

    @property
    def trials(self) -> float:
        """Number of shots that say something."""
        return float(self.counts.sum())

    @property
    def mean(self) -> float:
        """Of x, over the shots that say something."""
        return float(self.values @ self.counts) / max(self.trials, 1.0)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        variance = float(self.values**2 @ self.counts) / max(self.trials, 1.0) - self.mean**2
        return math.sqrt(max(variance, 0.0) / max(self.trials, 1.0))

    def most(self, limit: float) -> float:
        """Largest mean of x, over the shots that say something, where c is at ``limit``, L."""
        return 2 * limit * float(self.sizes[0]) ** 2 if self.one_size else limit

    def hoeffding(self, limit: float) -> float:
        """P-value of the mean alone; see `qbell.certificates.p_value_bounds.hoeffding_p`."""
        reach = float(self.sizes.max())
        return hoeffding_p(self.mean, self.most(limit), self.trials, reach=reach)

    def ratio(self, limit: float) -> float:
        """P-value of a test martingale; see `qbell.certificates.p_value_bounds.ratio_p`."""
        return ratio_p(self.values, self.counts, 2 * limit * self.sizes**2, reach=self.sizes)

    def scaled(self, total: float) -> "PhaseTest":
        """The test of so many shots, in which every value comes as often as here."""
        return replace(self, counts=self.counts * (total / self.total), total=total)


def phase_test(shots: Shots, direction: TestedCorrelator) -> PhaseTest:
    """The shots, each in a setting of its own, as a test along the direction.

    Args:
        shots: of a design that draws words of sigma_1 and sigma_2.
        direction: fixed before these data were seen, or learnt on others.
    """
    turns = direction.quarter_turns(shots.directions, shots.bits)
    counts = sums_by(turns, shots.counts.astype(float), 4)
    values = (_unit(direction.phase) * UNITS).real
    kept = values != 0
    return PhaseTest(values[kept], np.abs(values[kept]), counts[kept], float(shots.total))


def pooled(tests: Sequence[PhaseTest]) -> PhaseTest:
    """Tests of several data sets along one direction, as one."""
    return PhaseTest(
        values=np.concatenate([test.values for test in tests]),
        sizes=np.concatenate([test.sizes for test in tests]),
        counts=np.concatenate([test.counts for test in tests]),
        total=sum(test.total for test in tests),
    )


def _unit(phase: float) -> complex:
    """e^(i phase), exactly 1, i, -1 or -i where the phase is a multiple of pi/2."""
    unit = complex(math.cos(phase), math.sin(phase))
    nearest = complex(round(unit.real), round(unit.imag))
    return nearest if abs(unit - nearest) < TOLERANCE else unit
