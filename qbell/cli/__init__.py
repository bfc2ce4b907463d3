"""The command line. It only translates: words into calls, results into text."""

from qbell.cli import campaigns, circuits, exact_values
from qbell.cli.app import app, main

__all__ = ["app", "campaigns", "circuits", "exact_values", "main"]
