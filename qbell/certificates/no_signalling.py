"""Do outcomes depend on what is measured on other qubits? They must not."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.observed_settings import ObservedSettings, observed_settings
from qbell.certificates.settings.drawn import drawn_settings
from qbell.certificates.signalling_groups import (
    groups_p,
    larger_groups,
    near_pairs,
    rest_p,
    same_directions,
)
from qbell.certificates.signalling_rest import fresh_rest_p
from qbell.certificates.statement import Check, Evidence, Numbers, bonferroni, smallest
from qbell.conventions.alarm import ALARM
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]

EXPECTED = 10  # of either outcome, in each cell of a chi^2 test


def no_signalling_p(shots: Shots) -> float | None:
    """P-value of "no outcome depends on others' settings", corrected by Bonferroni.

    The smallest of `no_signalling_p_values`, times their number. None where nothing can be
    compared: in the equatorial design, where no qubit keeps its direction while others change
    theirs, and where too few settings were observed.

    The tests take the shots as alike but for their settings: outcomes that drift while settings
    are measured one after the other look like signalling too.
    """
    return bonferroni(no_signalling_p_values(shots))


def no_signalling_p_values(shots: Shots) -> dict[str, float]:
    """P-value of each kind of test that the data allow, corrected for the tests of its kind.

    - Outcomes of single qubits, and the parity of pairs, along each of their own directions:
      against the direction of each other qubit, and against the number of sigma_2 in the setting
      (`groups_p`). Where pairs x settings x qubits are more than 2^27, pairs of neighbours by
      number alone; up to 7 qubits, or 5 with three directions, also the parities of all larger
      groups.
    - Outcomes of single qubits against the settings of all others at once: chi^2, where each of
      them expects 10 or more of either outcome.
    - Outcomes of single qubits against whether two others have the same direction, where there are
      up to 80 qubits, and settings x qubits^2 at most 2^22.
    - The parity of all qubits but one against the direction of that one: in each setting of the
      others that repeats (`rest_p`), and where settings were drawn also over all of them, and so
      of all qubits but two (`fresh_rest_p`; of two where draws x qubits^2 are at most 2^23).

    Not tested, beyond these sizes: other parities of 3 qubits or more, and whether those of two or
    more depend on several settings jointly but by their number of sigma_2.
    """
    if shots.rules.no_signalling_reason:
        return {}
    uniform = shots.rules.uniform(shots.directions)
    if not uniform.all():  # in settings of the other kind no qubit has others to compare
        shots = shots.take(uniform)
    observed = observed_settings(shots)
    letters = max(2, int(observed.directions.max()) + 1)
    size = shots.num_qubits
    larger = [groups_p(observed, letters, groups) for groups in larger_groups(observed, letters)]
    pairs = near_pairs(observed) if size > 2 else []
    singles, same = [(k,) for k in range(size)], same_directions(observed)
    kinds = {
        "outcomes of single qubits": groups_p(observed, letters, singles),
        "outcomes of single qubits by two directions": groups_p(observed, letters, singles, same),
        "outcomes of single qubits in all settings": _jointly(observed, letters),
        "parities of pairs": groups_p(observed, letters, pairs),
        "parities of larger groups": np.concatenate([np.zeros(0), *larger]),
        "the parity of all qubits but one": rest_p(observed, letters),
    }
    if shots.drawn and shots.rules.independent_letters(size) == size:
        drawn = drawn_settings(shots)
        kinds["the parity of all qubits but one, all settings together"] = fresh_rest_p(
            shots, drawn, without=1
        )
        kinds["the parity of all qubits but two"] = fresh_rest_p(shots, drawn, without=2)
    return {kind: float(min(1.0, p.min() * len(p))) for kind, p in kinds.items() if len(p)}


def _jointly(observed: ObservedSettings, letters: int) -> Floats:
    """P-values of every qubit and own direction against the settings of all others at once."""
    p_values = []
    for qubit in range(observed.directions.shape[1]):
        for letter in range(letters):
            kept = observed.directions[:, qubit] == letter
            total = observed.totals[kept]
            if len(total) < 2 or total.min() < 2 * EXPECTED:
                continue
            high = observed.ones[kept, qubit]
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
        """The p-value, of all shots at once; and where it is smallest."""
        p_values = no_signalling_p_values(evidence.shots)
        return {self.key: bonferroni(p_values)}, smallest(p_values)


NO_SIGNALLING_P = NoSignallingP(
    key="no_signalling_p",
    label="p-value of no signalling",
    says="A test that outcomes of single qubits, and parities of pairs and of all qubits but one, "
    "do not depend on what is measured on other qubits, as every Bell claim assumes; other groups "
    f"are tested for few qubits only. Below {ALARM} none is made.",
)
