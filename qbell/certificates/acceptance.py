"""Does it depend on the settings which shots the flags accept? It must not."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.statement import Check, Evidence, Numbers, bonferroni, smallest
from qbell.conventions.alarm import ALARM
from qbell.shots.columns import Columns
from qbell.shots.flagged import Flagged
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LOOKED_AT = 30  # tests of a kind, the furthest from what is expected; others count as p = 1
QUARTERS = 4  # the sign of a product of sigma_+ goes by the number of sigma_2, modulo this


def acceptance_p(shots: Shots) -> float | None:
    """P-value of "acceptance does not depend on the setting"; None without rejected shots.

    The smallest of `acceptance_p_values`, by Bonferroni.

    No test can prove that accepted shots are a fair sample. A model whose flags know the setting
    can accept as often in each setting and still choose its outcomes: that flags are read before
    the settings act is what excludes it, and the test is to find where that failed.
    """
    return bonferroni(acceptance_p_values(shots))


def acceptance_p_values(shots: Shots) -> dict[str, float]:
    """P-value of each kind of test, by what it looks at; empty without rejected shots.

    Accepted and rejected shots are compared in how often each letter of each qubit came, how often
    two qubits had the same letter, the number of sigma_2 modulo 4, and the kind of draw. Given how
    often each came in all, and how many shots were accepted, the number of accepted ones is
    hypergeometric, whatever drifts, where settings were drawn anew for each shot; each kind is
    corrected for the number of its tests. Of several shots in a draw, the draw counts as accepted
    where a larger share of them was than in the median draw. Where settings were not drawn, shots
    are taken as independent.
    """
    if shots.flagged is None or not shots.flagged.lost:
        return {}
    directions, accepted, rejected = _units(shots.flagged, drawn=shots.drawn)
    plane = shots.rules.uniform(directions)
    found = {}
    if not plane.all():
        found["the kind of draw"] = _p_value(plane[:, None], accepted, rejected)
        directions, accepted, rejected = directions[plane], accepted[plane], rejected[plane]
    if not len(directions) or not rejected.sum():
        return found
    hits = [directions == letter for letter in np.unique(directions)[1:]]
    if not hits:
        return found
    found["letters of single qubits"] = _p_value(np.hstack(hits), accepted, rejected)
    if directions.shape[1] > 1:
        found["letters of pairs of qubits"] = _pairs_p(directions, accepted, rejected)
        turns = (directions == 1).sum(axis=1) % QUARTERS
        quarters = turns[:, None] == np.arange(QUARTERS)
        found["the number of sigma_2"] = _p_value(quarters, accepted, rejected)
    return found


def _units(flagged: Flagged, *, drawn: bool) -> tuple[NDArray[np.uint8], Integers, Integers]:
    """Settings (units, N), and how many of each were accepted and rejected: draws, or rows."""
    rows: list[Columns] = [flagged.accepted, flagged.rejected]
    directions = np.concatenate([each.directions for each in rows])
    kept = len(flagged.accepted.counts)
    counts = np.concatenate([each.counts for each in rows])
    accepted = np.where(np.arange(len(counts)) < kept, counts, 0)
    draws = [each.draws for each in rows if each.draws is not None]
    if not (drawn and draws):
        return directions, accepted, counts - accepted
    groups = group_by(np.concatenate(draws))
    share = groups.sums(accepted) / groups.sums(counts)
    median = float(np.median(share))
    often = share > median if (share > median).any() else share >= median
    most = often.astype(np.int64)
    return directions[groups.first], most, 1 - most


def _p_value(hits: NDArray[np.bool_], accepted: Integers, rejected: Integers) -> float:
    """Two-sided, of the columns of ``hits`` (units, features), corrected for their number."""
    weights = hits.astype(np.float64)
    return _corrected(accepted @ weights, rejected @ weights, accepted.sum(), rejected.sum())


def _pairs_p(directions: NDArray[np.uint8], accepted: Integers, rejected: Integers) -> float:
    """Of all pairs of qubits: how often they have the same letter."""
    num_qubits = directions.shape[1]
    above = np.triu_indices(num_qubits, 1)
    same = np.zeros((2, num_qubits, num_qubits))
    for letter in np.unique(directions):
        there = (directions == letter).astype(np.float64)
        for place, counts in enumerate((accepted, rejected)):
            same[place] += (there * counts[:, None]).T @ there
    return _corrected(same[0][above], same[1][above], accepted.sum(), rejected.sum())


def _corrected(taken: Floats, left: Floats, accepted: int, rejected: int) -> float:
    """Of (tests,) accepted and rejected shots with a feature, the least p-value x their number."""
    total, with_it = int(accepted + rejected), np.rint(taken + left).astype(np.int64)
    number = np.rint(taken).astype(np.int64)
    share = with_it / total
    spread = np.sqrt(np.maximum(share * (1 - share), 1 / total))
    extreme = np.argsort(-np.abs(number - accepted * share) / spread)[:LOOKED_AT]
    least = min(
        two_sided_p(int(number[each]), total, int(with_it[each]), int(accepted)) for each in extreme
    )
    return float(min(1.0, least * len(number)))


def two_sided_p(number: int, total: int, marked: int, taken: int) -> float:
    """Twice the smaller tail of the hypergeometric distribution at ``number``, at most 1.

    ``number`` marked ones among ``taken`` drawn without replacement from ``total``, of which
    ``marked`` are marked.

    >>> round(two_sided_p(0, 10, 5, 2), 9)  # 2 (5/10) (4/9)
    0.444444444
    """
    there = np.arange(max(0, taken + marked - total), min(marked, taken) + 1)
    logs = _log_choose(marked, there) + _log_choose(total - marked, taken - there)
    chances = np.exp(logs - _log_choose(total, np.array([taken])))
    tails = chances[there <= number].sum(), chances[there >= number].sum()
    return float(min(1.0, 2 * min(tails)))


def _log_choose(total: int, taken: Integers) -> Floats:
    """ln of the binomial coefficient."""
    gammaln = scipy.special.gammaln
    found: Floats = gammaln(total + 1) - gammaln(taken + 1) - gammaln(total - taken + 1)
    return found


@dataclass(frozen=True, kw_only=True)
class AcceptanceP(Check):
    """`acceptance_p` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """The p-value, of all tests at once; and where it is smallest."""
        p_values = acceptance_p_values(evidence.shots)
        return {self.key: bonferroni(p_values)}, smallest(p_values)


ACCEPTANCE_P = AcceptanceP(
    key="acceptance_p",
    label="p-value of fair acceptance",
    says="A test that flags accept shots as often whatever the setting is: letters, pairs of them "
    "and the number of sigma_2, of accepted and of rejected shots. It finds where flags depend on "
    "settings, and cannot prove that they do not: for that they are read before settings act. "
    f"Below {ALARM} nothing is certified.",
    optional=True,
)
