"""Were the random settings uniform and independent, as the estimates of those designs assume?"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.observed_settings import pair_sums
from qbell.certificates.statement import Check, Evidence, Numbers
from qbell.conventions.alarm import ALARM
from qbell.conventions.labels import sums_by
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

MAX_HISTOGRAM = 2**20  # more settings than this are not counted one by one


def settings_p(shots: Shots) -> float | None:
    """P-value of "settings were drawn uniformly and independently"; None if none were drawn.

    By Bonferroni over exact binomial tests of how often each qubit was measured along each of its D
    directions (numbered from 0), and how often the directions of each pair of qubits had each sum
    and each difference modulo D; of two directions, also how often all qubits together had an even
    number of sigma_2; and, with 5 draws a setting or more, how evenly the settings came, both too
    unevenly and too evenly (chi^2: a list of all settings is no draw). Tests of letters that the
    design does not draw independently are left out.
    """
    if not shots.drawn:
        return None
    letters, num_qubits = shots.rules.letters, shots.num_qubits
    independent = shots.rules.independent_letters(num_qubits)
    if shots.draws is None:
        directions, weights = shots.directions, shots.counts.astype(float)
    else:
        draws = group_by(shots.draws)
        directions, weights = shots.directions[draws.first], np.ones(len(draws))
    total = float(weights.sum())
    frequencies = _frequencies(pair_sums(directions, weights[:, None], letters), independent)
    if letters == 2 and independent == num_qubits > 2:  # of 2 qubits it is the sum of the pair
        even = float(weights[directions.sum(axis=1, dtype=np.int64) % 2 == 0].sum())
        frequencies = np.append(frequencies, even)
    chance = 1 / letters
    tails = 2 * np.minimum(*_binomial_tails(frequencies, total, chance))
    p_values = [*tails, *_evenness(directions, weights, shots.rules.equally_likely(num_qubits))]
    return float(min(1.0, min(p_values) * len(p_values)))


def _binomial_tails(counts: Floats, trials: float, chance: float) -> tuple[Floats, Floats]:
    """P(at most so many) and P(at least so many) of ``trials``; as `scipy.stats.binom`, which takes
    a second to load."""
    betainc = scipy.special.betainc
    lower, upper = np.ones_like(counts), np.ones_like(counts)
    few, some = counts < trials, counts > 0
    lower[few] = betainc(trials - counts[few], counts[few] + 1, 1 - chance)
    upper[some] = betainc(counts[some], trials - counts[some] + 1, chance)
    return lower, upper


def _frequencies(pairs: Floats, independent: int) -> Floats:
    """How often events of probability 1/D happened, from ``pairs[a, k, b, j]`` of `pair_sums`.

    ``independent``: so many letters of a setting are independent; with 1, pairs are left out.
    """
    letters, num_qubits = pairs.shape[:2]
    qubits, (low, high) = np.arange(num_qubits), np.triu_indices(num_qubits, 1)
    # With two directions one frequency fixes the other, and sum and difference are the same.
    events = range(1, 2) if letters == 2 else range(letters)
    frequencies = [pairs[a, qubits, a, qubits] for a in events]
    signs = (1,) if letters == 2 else (1, -1)
    for sign in signs if independent > 1 else ():
        for event in events:
            others = [sign * (event - a) % letters for a in range(letters)]  # a + sign b = event
            frequencies.append(sum(pairs[a, low, others[a], high] for a in range(letters)))
    return np.concatenate(frequencies)


def _evenness(directions: NDArray[np.uint8], weights: Floats, settings: int) -> list[float]:
    """P-values of so many settings' frequencies being as unequal, and as equal, as they are."""
    total = float(weights.sum())
    if settings > MAX_HISTOGRAM or total < 5 * settings:
        return []
    counts = sums_by(by_setting(directions).index, weights, settings)
    expected = total / settings
    statistic = float(((counts - expected) ** 2).sum() / expected)
    freedom = settings - 1
    return [
        float(scipy.special.chdtrc(freedom, statistic)),
        float(scipy.special.chdtr(freedom, statistic)),
    ]


@dataclass(frozen=True, kw_only=True)
class SettingsP(Check):
    """`settings_p` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """The p-value, of all draws at once."""
        return {self.key: settings_p(evidence.shots)}, ""


SETTINGS_P = SettingsP(
    key="settings_p",
    label="p-value of uniform settings",
    says="A test that settings were drawn uniformly and independently, on which all estimates "
    f"rest. Below {ALARM} nothing is certified.",
    optional=True,
)
