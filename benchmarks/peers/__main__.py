"""See the package."""

import argparse
import sys

from benchmarks import one_thread  # noqa: F401
from benchmarks.peers.measure import cells
from benchmarks.peers.page import (
    draw,
    read_cells,
    read_versions,
    versions,
    write_cells,
    write_page,
    write_versions,
)
from benchmarks.peers.tables import CASES


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--only", nargs="+", choices=CASES, help="these anew, the rest as before")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    parser.add_argument("--limit", type=int, default=8, help="seconds of processor time a cell")
    given = parser.parse_args()
    found, measured = read_cells(), read_versions()
    for key in [] if given.page else given.only or CASES:
        print(CASES[key].title, file=sys.stderr)
        found = [cell for cell in found if cell.case != key]
        found += cells(key, CASES[key], given.limit)
        measured[key] = versions()
        write_cells(found)
        write_versions({key: measured[key] for key in CASES if key in measured})
    draw(CASES, found)
    write_page(CASES, found, measured, given.limit)


if __name__ == "__main__":
    main()
