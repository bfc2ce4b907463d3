"""Shots regrouped into what was randomised: shots within a setting, or draws of a setting.

Random draws are post-stratified where settings repeat. Which settings came says nothing of the
state (they are ancillary), so that inference may take them as given; and given them the draws of
each setting are independent and alike, as in a full design with unequal numbers of draws. The mean
over settings of the mean of each is then unbiased, and free of the scatter that the choice of
settings itself brings into the mean over draws.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RARELY = 1e-3  # a probability


@dataclass(frozen=True)
class Units:
    """Groups of outcomes that were measured in one setting, and how groups enter the total.

    A group is a setting (full design) or a draw (random design). Group g holds rows starts[g] to
    starts[g+1]. Each group has the same weight, as the settings are equally likely; draws that are
    post-stratified have the same weight within their setting, and each setting as much as another.

    Attributes:
        drawn: whether groups are draws with settings taken as random.
        settings: (groups,) the setting as an integer.
        starts: (groups + 1,) first row of each group.
        outcomes: (rows,) the outcome as an integer.
        counts: (rows,) how often.
        sizes: (groups,) shots in each group.
        strata: (settings + 1,) first group of each setting, where groups are draws that are
            post-stratified; None where they are not, or a setting is one group.
    """

    drawn: bool
    settings: Integers
    starts: Integers
    outcomes: Integers
    counts: Integers
    sizes: Integers
    strata: Integers | None = None

    @property
    def weights(self) -> Floats:
        """(groups,) weight of each group in the total; they add up to 1."""
        if self.strata is None:
            return np.full(len(self.sizes), 1.0 / len(self.sizes))
        alike = np.diff(self.strata)
        return np.repeat(1.0 / (len(alike) * alike), alike)

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


def repeats(shots: Shots, parts: Integers | None = None) -> bool:
    """Whether draws are to be post-stratified: a question to the settings, never to the outcomes.

    They are where each of the 2^N settings was drawn twice or more, and so many were drawn that
    anything else had a probability of 0.001 at most (the sum over settings of that of 0 or 1
    draws). With fewer draws which of the two estimates is made would itself depend on the settings,
    and both together be biased.

    Args:
        shots: of a design that draws settings, N small enough for 2^N numbers.
        parts: (rows,) numbers of parts (jobs) that are estimated one by one: each must have every
            setting, and so many draws; once is enough, as no part is paired with itself.
    """
    count = 2**shots.num_qubits
    keys = np.arange(len(shots.counts)) if shots.draws is None else shots.draws
    draws = group_by(keys)
    first = draws.first
    # Every shot is a draw where draws have no numbers.
    alike = shots.counts if shots.draws is None else np.ones(len(draws), dtype=np.int64)
    least = 2 if parts is None else 1
    part = np.zeros(len(first), dtype=np.int64) if parts is None else parts[first]
    cells = part * count + shots.setting_index[first]
    found = np.bincount(cells, alike, minlength=(int(part.max()) + 1) * count).reshape(-1, count)
    if found.min() < least:
        return False
    totals = found.sum(axis=1).tolist()
    return sum(missing(shots.num_qubits, total, least) for total in totals) <= RARELY


def missing(num_qubits: int, draws: int, least: int = 2) -> float:
    """Limit of the probability that one of 2^N settings comes fewer than ``least`` times."""
    settings = 1 << num_qubits
    return settings * float(scipy.stats.binom.cdf(least - 1, draws, 1 / settings))


def enough(num_qubits: int, draws: int) -> bool:
    """Whether so many draws will nearly surely be post-stratified."""
    return missing(num_qubits, draws) <= RARELY


def fewest_draws(num_qubits: int) -> int:
    """The fewest draws that are `enough`.

    >>> fewest_draws(4), enough(4, fewest_draws(4) - 1)
    (191, False)
    """
    low, high = 0, 64 << num_qubits
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(num_qubits, middle) else (middle, high)
    return high


def group(shots: Shots, *, least: int = 2, stratify: bool = False) -> Units:
    """Group by setting (full design) or by draw (random design).

    Args:
        shots: of either design.
        least: shots of a setting and number of draws below which it is refused.
        stratify: post-stratify draws; see `repeats`.

    Raises:
        QbellError: a full design with a setting of one shot, or a random one with one draw: no
            unbiased estimate of a square exists.
    """
    settings, outcomes, counts = shots.setting_index, shots.outcome_index, shots.counts
    drawn, draws, strata = shots.drawn and not stratify, shots.draws, None
    if stratify and draws is not None and len(np.unique(draws)) == shots.total:
        draws = None  # single shots: which is which says nothing
    if draws is None:  # nor does the row that a shot stands in: any order gives one result
        rows = group_by(settings, outcomes)
        settings, outcomes, counts = settings[rows.first], outcomes[rows.first], rows.sums(counts)
        if drawn:
            settings, outcomes = np.repeat(settings, counts), np.repeat(outcomes, counts)
            counts = np.ones(len(settings), dtype=np.int64)
        groups = group_by(np.arange(len(settings)) if drawn else settings)
    elif stratify:
        groups = group_by(settings, draws, then=outcomes)
        strata = group_by(settings[groups.first]).starts
    else:
        groups = group_by(draws, then=outcomes)
    order, sizes = groups.order, groups.sums(counts)
    units = Units(
        drawn,
        settings[groups.first],
        groups.starts,
        outcomes[order],
        counts[order],
        sizes,
        strata,
    )
    if not shots.drawn and sizes.min() < least:
        raise QbellError(
            "a full design with 1 shot in a setting has no unbiased estimate of a squared "
            "correlator; take 2 or more shots a setting, or use design random"
        )
    if len(sizes) < least:
        raise QbellError("one draw alone has no unbiased estimate; take 2 or more random settings")
    return units
