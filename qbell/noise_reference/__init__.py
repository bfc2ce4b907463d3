"""What a device's own calibration predicts of a measured state: the noise reference."""

from qbell.noise_reference.as_run import (
    MAX_REFERENCE_QUBITS,
    is_computed,
    readout_as_run,
    state_as_run,
)
from qbell.noise_reference.reference import NoiseReference, noise_reference, reference_of_state
from qbell.noise_reference.schedule import scheduled

__all__ = [
    "MAX_REFERENCE_QUBITS",
    "NoiseReference",
    "is_computed",
    "noise_reference",
    "readout_as_run",
    "reference_of_state",
    "scheduled",
    "state_as_run",
]
