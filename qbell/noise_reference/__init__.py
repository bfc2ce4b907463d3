"""What a device's own calibration predicts of a measured state: the noise reference."""

from qbell.noise_reference.reference import NoiseReference, noise_reference, reference_of_state
from qbell.noise_reference.schedule import scheduled

__all__ = ["NoiseReference", "noise_reference", "reference_of_state", "scheduled"]
