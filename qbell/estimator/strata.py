"""Shots of a design with fixed settings, grouped by setting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots
from qbell.util.unique_rows import row_numbers

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Strata:
    """Outcomes by setting: within one, shots are independent and alike; settings are fixed.

    Attributes:
        directions: (settings, N) the settings; column k is qubit k.
        starts: (settings + 1,) first row of each setting.
        bits: (rows, N) outcomes.
        counts: (rows,) how often.
        sizes: (settings,) shots of each setting.
    """

    directions: NDArray[np.uint8]
    starts: Integers
    bits: NDArray[np.uint8]
    counts: Integers
    sizes: Integers

    @property
    def num_qubits(self) -> int:
        """N."""
        return int(self.directions.shape[1])

    def rows(self, setting: int) -> slice:
        """The rows of one setting."""
        return slice(int(self.starts[setting]), int(self.starts[setting + 1]))


def strata_of(shots: Shots, *, least: int = 2) -> Strata:
    """Group by setting; the order of rows in the data does not matter.

    ``least``: shots of a setting below which it is refused.

    Raises:
        QbellError: a setting with a single shot: squares have no unbiased estimate.
    """
    settings = row_numbers(shots.directions)
    # Equal outcomes of one setting, from several jobs or draws, are one row.
    outcomes = group_by(settings, row_numbers(shots.bits))
    counts, bits = outcomes.sums(shots.counts), shots.bits[outcomes.first]
    strata = group_by(settings[outcomes.first])  # in this order already
    sizes = strata.sums(counts)
    if sizes.min() < least:
        raise QbellError(
            f"a {shots.design} design with 1 shot in a setting has no unbiased estimate of a "
            "squared correlator; take 2 or more shots a setting, or use design random"
        )
    directions = shots.directions[outcomes.first[strata.first]]
    return Strata(directions, strata.starts, bits, counts, sizes)
