"""How a device reads its qubits: with the errors of 0 and of 1, or with their mean."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.devices.record import readout_probabilities
from qbell.simulation.noisy_state import readout_of


def readout_as_run(
    device: Any, wires: Sequence[int], *, twirled: bool
) -> tuple[dict[int, NDArray[np.float64]], str]:
    """P(x|y) of some of a device's qubits, row y and column x, and which it is, in words."""
    if twirled:
        found = {}
        for wire in wires:
            error = float(np.mean(1 - np.diag(readout_of(device.target, wire))))
            found[wire] = np.array([[1 - error, error], [error, 1 - error]])
        return found, (
            "0 and 1 are read with the mean of their errors, as twirling the measurement makes "
            "them; its own gates are not counted"
        )
    both = readout_probabilities(device)
    known = {wire: pair for wire in wires if (pair := both[wire]) is not None}
    says = "0 and 1 are read with the errors that the device reports of each"
    if len(known) < len(wires):
        says = "0 and 1 are read with one error" + (
            ", where the device reports no two" * bool(known)
        )
    return {
        wire: np.array([[1 - up, up], [down, 1 - down]]) for wire, (up, down) in known.items()
    }, says
