"""Circuits that prepare states: general constructions, and layouts that suit a device."""

from qbell.preparation.base import Preparation, plain

__all__ = ["Preparation", "plain"]
