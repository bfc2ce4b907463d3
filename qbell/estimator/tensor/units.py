"""Shots regrouped into what was randomised: shots within a setting, or draws of a setting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Groups of outcomes that were measured in one setting, and how groups enter the total.

    A group is a setting (full design) or a draw (random design). Group g holds rows starts[g] to
    starts[g+1]; each group has the same weight, as the settings are equally likely.

    Attributes:
        drawn: whether groups are draws.
        settings: (groups,) the setting as an integer.
        starts: (groups + 1,) first row of each group.
        outcomes: (rows,) the outcome as an integer.
        counts: (rows,) how often.
        sizes: (groups,) shots in each group.
    """

    drawn: bool
    settings: Integers
    starts: Integers
    outcomes: Integers
    counts: Integers
    sizes: Integers

    @property
    def shares(self) -> Floats:
        """(rows,) share of each row in its group."""
        shares: Floats = self.counts / np.repeat(self.sizes, np.diff(self.starts))
        return shares

    def cells(self, num_qubits: int) -> Integers:
        """(rows,) index of (setting, outcome) in the flat array of 4^N cells."""
        settings = np.repeat(self.settings, np.diff(self.starts))
        cells: Integers = settings * 2**num_qubits + self.outcomes
        return cells


def group(shots: Shots, *, least: int = 2) -> Units:
    """Group by setting (full design) or by draw (random design).

    ``least``: shots of a setting and number of draws below which it is refused.

    Raises:
        QbellError: a full design with a setting of one shot, or a random one with one draw: no
            unbiased estimate of a square exists.
    """
    settings, outcomes, counts = shots.setting_index, shots.outcome_index, shots.counts
    if shots.draws is None:  # what row a shot stands in says nothing: any order gives one result
        order = np.lexsort((outcomes, settings))
        settings, outcomes, counts = settings[order], outcomes[order], counts[order]
    if shots.drawn and shots.draws is None:
        settings, outcomes = np.repeat(settings, counts), np.repeat(outcomes, counts)
        counts = np.ones(len(settings), dtype=np.int64)
        keys = np.arange(len(settings))
    else:
        keys = settings if shots.draws is None else shots.draws
    groups = group_by(keys, then=outcomes)
    order, sizes = groups.order, groups.sums(counts)
    units = Units(
        shots.drawn,
        settings[groups.first],
        groups.starts,
        outcomes[order],
        counts[order],
        sizes,
    )
    if not shots.drawn and sizes.min() < least:
        raise QbellError(
            "a full design with 1 shot in a setting has no unbiased estimate of a squared "
            "correlator; take 2 or more shots a setting, or use design random"
        )
    if len(sizes) < least:
        raise QbellError("one draw alone has no unbiased estimate; take 2 or more random settings")
    return units
