"""The report as a table for a terminal."""

from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from qbell.report.headline import headline
from qbell.report.rows import certificate_rows, part_rows, quantity_rows, title_text
from qbell.util.printable import printable


def terminal_table(summary: dict[str, Any]) -> Group:
    """The summary as a table for a terminal."""
    percent = f"{100 * summary['bound']['confidence']:g} %"
    table = Table(
        title=printable(title_text(summary)),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("quantity", no_wrap=True)
    table.add_column("measured", justify="right", no_wrap=True)
    table.add_column(f"{percent} interval", justify="right", no_wrap=True)
    known = summary["exact"] is not None or summary["noise"] is not None
    if known:
        table.add_column("exact", justify="right", no_wrap=True)
    for row in quantity_rows(summary):
        table.add_row(*(row if known else row[:3]))
    certified = Table.grid(padding=(0, 2))
    for name, value in certificate_rows(summary):
        certified.add_row(name, value)
    if part_rows(summary):
        certified.add_row("bound of each part by itself", "")
    for name, *values in part_rows(summary):
        certified.add_row(name, "  ".join(filter(None, values)))
    lines = [Text(printable(f"note: {note}"), style="dim") for note in summary["notes"]]
    return Group(Text(printable(headline(summary)), style="bold"), Text(), table, certified, *lines)
