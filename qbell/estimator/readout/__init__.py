"""Estimates corrected for readout errors."""
