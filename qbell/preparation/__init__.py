"""Circuits that prepare states: general constructions, and layouts that suit a device."""

from qbell.preparation.base import Preparation, plain
from qbell.preparation.device import Calibration, calibration_of
from qbell.preparation.line import best_line

__all__ = ["Calibration", "Preparation", "best_line", "calibration_of", "plain"]
