"""Readout errors: how often each qubit is read wrongly, measured on known words.

The estimates corrected with it are `qbell.estimate(shots, readout=...)`.
"""

from qbell.mitigation.calibration import ReadoutCalibration, read_calibration

__all__ = ["ReadoutCalibration", "read_calibration"]
