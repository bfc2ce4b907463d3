"""A device as plain data, and back."""

from qbell.device_record.record import calibrated, device_record, readout_probabilities
from qbell.device_record.restored import device_from_record

__all__ = ["calibrated", "device_from_record", "device_record", "readout_probabilities"]
