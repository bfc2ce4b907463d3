"""Readout errors: how often each qubit is read wrongly, and estimates with that corrected.

What comes out is labelled mitigated. It trusts the calibration, so it is never a Bell claim.
"""

from qbell.mitigation.calibration import ReadoutCalibration, read_calibration
from qbell.mitigation.mitigate import METHODS, mitigate

__all__ = ["METHODS", "ReadoutCalibration", "mitigate", "read_calibration"]
