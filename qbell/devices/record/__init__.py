"""A device as plain data, and back."""

from qbell.devices.record.record import age_of, calibrated, device_record, readout_probabilities
from qbell.devices.record.restored import device_from_record

__all__ = ["age_of", "calibrated", "device_from_record", "device_record", "readout_probabilities"]
