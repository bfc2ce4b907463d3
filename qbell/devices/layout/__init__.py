"""Circuits that prepare states: general constructions, and layouts that suit a device."""

from qbell.circuits.preparation import Preparation, plain
from qbell.devices.layout.calibration import DeviceCalibration, calibration_of
from qbell.devices.layout.line import best_line

__all__ = ["DeviceCalibration", "Preparation", "best_line", "calibration_of", "plain"]
