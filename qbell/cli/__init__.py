"""The command line. It only translates: words into calls, results into text."""

from qbell.cli import campaigns, circuits, exact_values, hardware
from qbell.cli.app import app, main

__all__ = ["app", "campaigns", "circuits", "exact_values", "hardware", "main"]
