"""Do outcomes of a qubit depend on what is measured on the others? They must not."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.fisher import exact_p
from qbell.certificates.observed_settings import ObservedSettings, observed_settings, pair_sums
from qbell.certificates.statement import Check, Evidence, Numbers
from qbell.conventions.alarm import ALARM
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

EXPECTED = 10  # of either outcome, in each cell of a chi^2 test


def no_signalling_p(shots: Shots) -> float | None:
    """P-value of "no marginal depends on others' settings", corrected by Bonferroni.

    Two kinds of tests, for every qubit and each of its own directions. Against every other qubit's
    direction: Fisher's exact test of a 2x2 table; with three directions the table is 3x2, taken
    apart into each direction against the two others. Against the settings of all others at once:
    chi^2, where each of them expects 10 or more of either outcome; it sees what depends on several
    settings jointly, and in the symmetric design what depends on their number.

    None where nothing can be compared: in the equatorial design, where no qubit keeps its direction
    while others change theirs, and where too few settings were observed.

    The tests take the shots as alike but for their settings: outcomes that drift while settings
    are measured one after the other look like signalling too.
    """
    if shots.rules.no_signalling_reason:
        return None
    observed = observed_settings(shots)
    letters = max(2, int(observed.directions.max()) + 1)
    p_values = np.concatenate([_pairwise(observed, letters), _jointly(observed, letters)])
    if len(p_values) == 0:
        return None
    return float(min(1.0, p_values.min() * len(p_values)))


def _pairwise(observed: ObservedSettings, letters: int) -> Floats:
    """P-values of every qubit and own direction against each direction of every other qubit."""
    shots = pair_sums(observed.directions, observed.totals[:, None], letters)
    ones = pair_sums(observed.directions, observed.ones, letters)
    total, good = shots.sum(axis=2, keepdims=True), ones.sum(axis=2, keepdims=True)
    if letters == 2:  # one direction against the rest is the same test for both
        shots, ones = shots[:, :, :1], ones[:, :, :1]
    total, good = np.broadcast_to(total, shots.shape), np.broadcast_to(good, shots.shape)
    # A qubit's own direction is no other's: its tables have nothing to compare and drop out here.
    tested = (shots > 0) & (shots < total)
    return exact_p(ones[tested], shots[tested], good[tested], total[tested])


def _jointly(observed: ObservedSettings, letters: int) -> Floats:
    """P-values of every qubit and own direction against the settings of all others at once."""
    p_values = []
    for qubit in range(observed.directions.shape[1]):
        for letter in range(letters):
            kept = observed.directions[:, qubit] == letter
            total, high = observed.totals[kept], observed.ones[kept, qubit]
            if len(total) < 2 or total.min() < 2 * EXPECTED:
                continue
            share = high.sum() / total.sum()
            if total.min() * min(share, 1 - share) < EXPECTED:
                continue
            statistic = ((high - total * share) ** 2 / (total * share * (1 - share))).sum()
            p_values.append(scipy.special.chdtrc(len(total) - 1, statistic))
    return np.array(p_values, dtype=float)


@dataclass(frozen=True, kw_only=True)
class NoSignallingP(Check):
    """`no_signalling_p` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """The p-value, of all shots at once."""
        return {self.key: no_signalling_p(evidence.shots)}, ""


NO_SIGNALLING_P = NoSignallingP(
    key="no_signalling_p",
    label="p-value of no signalling",
    says="A test that no outcome depends on what is measured on other qubits, as every Bell claim "
    f"assumes. Below {ALARM} none is made.",
)
