"""Shots of a design with fixed settings, grouped by setting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
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
    keys = row_numbers(shots.directions)
    order = np.lexsort((row_numbers(shots.bits), keys))
    keys, counts = keys[order], shots.counts[order]
    bits, directions = shots.bits[order], shots.directions[order]
    # Equal outcomes of one setting, from several jobs or draws, are one row.
    changed = (np.diff(keys) != 0) | (bits[1:] != bits[:-1]).any(axis=1)
    new = np.concatenate([[True], changed])
    first = np.flatnonzero(new)
    counts = np.add.reduceat(counts, first)
    keys, bits, directions = keys[first], bits[first], directions[first]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(keys)) + 1, [len(keys)]])
    sizes = np.add.reduceat(counts, starts[:-1])
    if sizes.min() < least:
        raise QbellError(
            f"a {shots.design} design with 1 shot in a setting has no unbiased estimate of a "
            "squared correlator; take 2 or more shots a setting, or use design random"
        )
    return Strata(directions[starts[:-1]], starts, bits, counts, sizes)
