"""Circuits without a device: preparations, the measured circuit, circuit files."""
