"""What a device's own calibration predicts of a measured state: the noise reference."""

from qbell.noise_reference.as_run import MAX_REFERENCE_QUBITS, is_computed, state_as_run
from qbell.noise_reference.large import large_reference
from qbell.noise_reference.reference import NoiseReference, noise_reference, reference_of_state
from qbell.noise_reference.scanned import ScanReference, outcome_probabilities, scan_reference

__all__ = [
    "MAX_REFERENCE_QUBITS",
    "NoiseReference",
    "ScanReference",
    "is_computed",
    "large_reference",
    "noise_reference",
    "outcome_probabilities",
    "reference_of_state",
    "scan_reference",
    "state_as_run",
]
