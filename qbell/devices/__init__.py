"""Devices: backends by name, IBM's service, calibration records, layouts, time on a QPU."""
