"""Exact quantities over a grid of sizes and interactions: tidy tables, computed resumably."""

from qbell.scan.grid import Grid, make_grid
from qbell.scan.run import run_scan, scan
from qbell.scan.table import Scan, to_record

__all__ = ["Grid", "Scan", "make_grid", "run_scan", "scan", "to_record"]
