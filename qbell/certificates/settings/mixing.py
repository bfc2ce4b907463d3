"""Do draws of two kinds come in random order? Else they may be of different states."""

import numpy as np

from qbell.certificates.fisher import exact_p
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

NEAR = 4  # draws apart


def mixing_p(shots: Shots) -> float:
    """P-value of "which draws are of the `uniform` kind is random, each draw by itself".

    The probability of a kind is not known. Of pairs of draws 1 to 4 apart that do not overlap, the
    kind of the first is compared with that of the second by Fisher's exact test: a block of one
    kind, alternation and short periods show. 1 where draws are not numbered, or of one kind.
    """
    if shots.draws is None:
        return 1.0
    first = group_by(shots.draws).first
    kinds = shots.rules.uniform(shots.directions[first])
    if kinds.all() or not kinds.any():
        return 1.0
    tables = []
    for lag in range(1, NEAR + 1):
        blocks = kinds[: len(kinds) // (2 * lag) * (2 * lag)].reshape(-1, 2, lag)
        before, after = blocks[:, 0].ravel(), blocks[:, 1].ravel()
        tables.append([(before & after).sum(), before.sum(), after.sum(), len(before)])
    found, drawn, good, total = np.array(tables, dtype=float).T
    tested = (drawn > 0) & (drawn < total)
    if not tested.any():
        return 1.0
    p_values = exact_p(found[tested], drawn[tested], good[tested], total[tested])
    return float(min(1.0, p_values.min() * len(p_values)))
