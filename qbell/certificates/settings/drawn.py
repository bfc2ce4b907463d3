"""`DrawnSettings`: the settings that draws chose, in the order of time where that is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import sums_by
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Letters = NDArray[np.uint8]

MOST_SETTINGS = 10**300  # far more than could ever repeat, and still a float


@dataclass(frozen=True)
class DrawnSettings:
    """Draws of a data set.

    Attributes:
        directions: (rows, letters) what was chosen, a row each, which is all N letters of a setting
            unless the design says less (`Design.drawn_choices`); letters are numbered from 0. In
            the order of their numbers where draws are numbered.
        weights: (rows,) how many draws a row stands for; 1 where draws are numbered.
        outcomes: (rows, N) for numbered draws of each qubit 1 if most of its shots in this draw
            gave -1, else 0; None where draws are not numbered: then nothing says which came first.
        letters: D, number of directions that a qubit may be measured along.
        equally_likely: how many settings a draw chooses from; of more than 10^300, 10^300.
        independent: the letters of any so many qubits are independent.
    """

    directions: Letters
    weights: Floats
    outcomes: Letters | None
    letters: int
    equally_likely: float
    independent: int

    @property
    def total(self) -> float:
        """Number of draws."""
        return float(self.weights.sum())


def drawn_settings(shots: Shots) -> DrawnSettings:
    """The draws of a data set of a design that draws its settings; of some designs those alone that
    were drawn uniformly (`Design.uniform`), without gaps between them."""
    num_qubits = shots.num_qubits
    uniform = shots.rules.uniform(shots.directions)
    if not uniform.all():
        shots = shots.take(uniform)
    directions, weights, outcomes = shots.directions, shots.counts.astype(float), None
    if shots.draws is not None:
        draws = group_by(shots.draws)
        index, size = draws.index, len(draws)
        directions = shots.directions[draws.first]
        half = sums_by(index, weights, size) / 2
        outcomes = np.empty((size, num_qubits), dtype=np.uint8)
        for qubit in range(num_qubits):
            outcomes[:, qubit] = sums_by(index, weights * shots.bits[:, qubit], size) > half
        weights = np.ones(size)
    return DrawnSettings(
        shots.rules.drawn_choices(directions),
        weights,
        outcomes,
        shots.rules.drawn_letters,
        float(min(shots.rules.equally_likely(num_qubits), MOST_SETTINGS)),
        shots.rules.independent_letters(num_qubits),
    )
