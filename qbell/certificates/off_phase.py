"""Does the correlator lie along the phase where depths and p-values look for it?"""

import math
from dataclasses import asdict, replace

from qbell.certificates.depths import depths
from qbell.certificates.phase_test import phase_test
from qbell.certificates.statement import Evidence, Numbers
from qbell.conventions.alarm import ALARM


def off_phase(evidence: Evidence, numbers: Numbers) -> list[str]:
    """A note where depths are smaller than E allows because c lies along another phase.

    Args:
        evidence: of the certificate.
        numbers: its depths, by key.
    """
    test, direction = evidence.test, evidence.direction
    if test is None or not test.drawn or not evidence.shots.rules.any_phase or evidence.why_no_e:
        return []
    found = asdict(depths(evidence.shots.num_qubits, evidence.e_low or 0.0))
    if all(numbers[key] >= value for key, value in found.items()):
        return []
    p_values = [
        phase_test(evidence.shots, replace(direction, phase=direction.phase + turn)).p_value(0.0)
        for turn in (math.pi / 2, -math.pi / 2)
    ]
    if 2 * min(p_values) >= ALARM:
        return []
    return [
        f"the correlator of all qubits does not lie along phase {direction.phase:.3g} "
        f"(p = {2 * min(p_values):.2g}), where depths and p-values look: give its phase, if it is "
        "known beforehand, or phase = 'learn'"
    ]
