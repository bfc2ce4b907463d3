"""Tables that a page takes from another one, so that no number is typed twice.

A line ``<!-- table exact.md Speed -->`` is followed by the first table below that heading;
``<!-- coverage coverage.md -->`` by a summary of a table of coverage.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parent
LINE = re.compile(r"^<!-- (?P<what>table|coverage) (?P<page>\S+)(?: (?P<heading>.+))? -->$", re.M)
SHOWN = ("B", "B lower", "E_N,0", "F0", "all E")  # columns of coverage


def with_tables(markdown: str) -> str:
    """The page with its tables."""
    return LINE.sub(lambda line: f"{line[0]}\n{_table(*line.groups())}", markdown)


def _table(what: str, page: str, heading: str | None) -> str:
    text = (DOCS / page).read_text(encoding="utf-8")
    return table_below(text, heading) if what == "table" else coverage_summary(text)


def table_below(text: str, heading: str | None) -> str:
    """The first table, or that below a heading, as it stands there."""
    if heading is not None:
        text = text.split(f"\n## {heading}\n", 1)[1]
    found = re.search(r"^\|.*\n(?:\|.*\n?)+", text, re.M)
    assert found is not None, f"no table below {heading!r}"
    return "\n" + found[0]


def coverage_summary(text: str) -> str:
    """For each design the mean coverage over states, and the lowest, of the main quantities."""
    lines = table_below(text, None).replace(r"\|", "¦").strip().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, body = rows[0], rows[2:]
    designs = list(dict.fromkeys(row[head.index("design")] for row in body))
    shown = [f"| design | states | {' | '.join(SHOWN)} |", "|---" * (len(SHOWN) + 2) + "|"]
    for design in designs:
        own = [row for row in body if row[head.index("design")] == design]
        cells = []
        for name in SHOWN:
            column = (row[head.index(name)] for row in own)
            shares = [float(cell.split()[0]) for cell in column if cell]
            mean = sum(shares) / len(shares) if shares else 0.0
            cells.append(f"{mean:.3f}, {min(shares):.3f}" if shares else "")
        shown.append(f"| {design} | {len(own)} | {' | '.join(cells)} |")
    return "\n" + "\n".join(shown) + "\n"
