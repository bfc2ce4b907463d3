"""What the commands print: results on stdout, the rest on stderr."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qbell.util.printable import printable

MOST_COLUMNS = 1000


def say(message: str) -> None:
    """One line on stderr."""
    print(printable(message), file=sys.stderr)


def print_table(table: Any) -> None:
    """A table on stdout; a terminal that is too narrow breaks its lines, and cuts no number."""
    from rich.console import Console, ConsoleDimensions
    from rich.measure import Measurement
    from rich.table import Table

    console = Console()
    free = console.options.update(width=MOST_COLUMNS)
    needed = [
        Measurement.get(console, free, part).maximum
        for part in getattr(table, "renderables", [table])
        if isinstance(part, Table) and any(column.no_wrap for column in part.columns)
    ]
    # With a height, or a dumb terminal would be 80 columns wide whatever is said here.
    console.size = ConsoleDimensions(max(console.width, *needed, 0), console.height)
    console.print(table)


def show(outcome: Any, as_json: bool) -> None:
    """The summary of a campaign as a table or as JSON, and where its files are."""
    from qbell.campaigns.phase_scan.run import ScanOutcome
    from qbell.report.phase_scan import scan_table
    from qbell.report.terminal import terminal_table

    scans = isinstance(outcome, ScanOutcome)
    if as_json:
        print_json(outcome.summary)
    else:
        print_table((scan_table if scans else terminal_table)(outcome.summary))
    if outcome.folder is None:
        say("nothing was written; add --out DIR for the tables and the report")
    elif scans:
        say(f"{outcome.folder} holds the counts (scan.csv) and summary.json")
    else:
        say(f"open {outcome.folder / 'report.html'} in a browser; the tables are beside it")


def print_record(record: dict[str, Any], as_json: bool) -> None:
    """A record as JSON, or as one line for each key."""
    if as_json:
        print_json(record)
        return
    width = max(map(len, record))
    for name, value in record.items():
        text = (
            "-" if value is None else json.dumps(value) if isinstance(value, list | dict) else value
        )
        print(f"{name:<{width}}  {text}")


def print_json(record: dict[str, Any]) -> None:
    """Exactly one JSON object on stdout."""
    from qbell.util.atomic_files import to_json

    print(to_json(record))


class Bar:
    """Progress on stderr: bars, and one line that changes.

    Without a terminal there are no bars, and a line only where it says something new.
    """

    def __init__(self, bars: Any = None) -> None:
        """Of a `rich.progress.Progress`, or of none."""
        self._bars = bars
        self._tasks: dict[str, Any] = {}
        self._said = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """So much more is done of something."""
        if self._bars is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.advance(self._tasks[what], done)

    def stands(self, text: str) -> None:
        """How things stand, in one line; what follows ``, next look`` is only for terminals."""
        if self._bars is None:
            new = text.partition(", next look")[0]
            if new != self._said:
                say(new)
            self._said = new
        elif "" not in self._tasks:
            self._tasks[""] = self._bars.add_task(printable(text), total=None)
        else:
            self._bars.update(self._tasks[""], description=printable(text))


@contextmanager
def progress_bar() -> Iterator[Bar]:
    """A progress bar on stderr; silent where stderr is no terminal, or a dumb one."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:  # no bar can be drawn, or taken back
        yield Bar()
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second, lately."""

        def render(self, task: Any) -> Text:
            return Text("" if task.speed is None else rate_text(task.speed), style="dim")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bars:
        yield Bar(bars)


def rate_text(speed: float) -> str:
    """So many a second; of slow work, a minute or an hour.

    >>> rate_text(1234.5), rate_text(0.25), rate_text(0.001)
    ('1230/s', '15/min', '3.6/h')
    """
    unit, per = next(
        (one for one in (("s", 1), ("min", 60), ("h", 3600)) if speed * one[1] >= 1), ("h", 3600)
    )
    return f"{float(f'{speed * per:.3g}'):g}/{unit}"
