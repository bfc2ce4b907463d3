"""The circuit library: OpenQASM 3 files of the useful preparations, their table, their check."""

from qbell.library.check import Checked, check_library
from qbell.library.entries import ENTRIES, Entry
from qbell.library.write import write_library

__all__ = ["ENTRIES", "Checked", "Entry", "check_library", "write_library"]
