"""Do data that signal pass if their bits are read in the reversed order?"""

from dataclasses import replace

import numpy as np

from qbell.certificates.no_signalling import no_signalling_p
from qbell.certificates.statement import p_equals
from qbell.conventions.alarm import ALARM
from qbell.shots.shots import Shots


def reversed_bits_note(shots: Shots, signalling: float | None) -> list[str]:
    """A hint at the likely mistake, where the test of signalling fails.

    Outcomes that are written in another order than the letters of their settings depend on the
    settings of other qubits. Only states that have correlations of few qubits show it. The test
    that settings are uniform is the same for both orders, as it looks at settings alone.

    Args:
        shots: as they were read.
        signalling: the p-value of no signalling in them; None if it was not tested.

    Returns:
        One line, or none.
    """
    if signalling is None or signalling >= ALARM:
        return []
    bits = np.ascontiguousarray(shots.bits[:, ::-1])
    mirrored = no_signalling_p(replace(shots, bits=bits))
    if mirrored is None or mirrored < ALARM:
        return []
    return [
        f"the reversed order of bits passes (no-signalling {p_equals(mirrored)}): if your data "
        "write qubit 0 first, say bit_order first (--bit-order first), or word_order first if "
        "settings alone are written so"
    ]
