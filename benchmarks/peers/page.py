"""docs/peers.md and its picture, from the measured cells."""

import csv
import math
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.measured import write_rows
from benchmarks.peers.case import Case, Cell

DOCS = Path(__file__).resolve().parents[2] / "docs"
CELLS = DOCS / "figures" / "peers.csv"
PICTURE = DOCS / "figures" / "peers.png"
VERSIONS = DOCS / "figures" / "peers_versions.csv"
PAGE = DOCS / "peers.md"
LIMITS = Path(__file__).with_name("limits.md")  # where qbell is behind, and why
PACKAGES = (
    "numpy", "scipy", "pandas", "qiskit", "qiskit-aer", "pennylane", "qutip", "quimb",
    "physics-tenpy", "stim",
)  # fmt: skip
CLOSE = 1.05  # a lead of less is none: times scatter by so much
COLUMNS = 3  # of the picture
ENTRY = 0.052  # a line of a legend, of a panel's height


def read_cells() -> list[Cell]:
    """What was measured before."""
    if not CELLS.exists():
        return []
    with CELLS.open(encoding="utf-8", newline="") as file:
        return [
            Cell(**{**row, "seconds": float(row["seconds"]), "memory": float(row["memory"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


def write_cells(cells: Iterable[Cell]) -> None:
    """With the digits that mean something."""
    write_rows(CELLS, Cell._fields, cells)


def read_versions() -> dict[str, str]:
    """Of each table what it was measured with."""
    if not VERSIONS.exists():
        return {}
    with VERSIONS.open(encoding="utf-8", newline="") as file:
        return {row["case"]: row["versions"] for row in csv.DictReader(file)}


def write_versions(versions: Mapping[str, str]) -> None:
    """Beside the cells."""
    with VERSIONS.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("case", "versions"), *versions.items()])


def versions() -> str:
    """Of this Python and of the tools that are installed."""
    found = [f"Python {sys.version.split()[0]}"]
    for package in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found.append(f"{package} {metadata.version(package)}")
    return ", ".join(found)


def said_of(measured: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The versions of most tables, and of each table those that are others."""
    if not measured:
        return "", {}
    usual = max(measured.values(), key=lambda one: (list(measured.values()).count(one), one))
    others = {}
    for key, one in measured.items():
        differ = [version for version in one.split(", ") if version not in usual.split(", ")]
        if differ:
            others[key] = ", ".join(differ)
    return usual, others


def lead(case: Case, cells: Mapping[tuple[str, str], Cell], size: Any) -> str:
    """How many times faster qbell's fastest right row is than the fastest right one of another."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for tool in case.tools:
        cell = cells.get((tool.name, str(size)))
        if cell is not None and cell.verdict.startswith(("right", "alone")):
            times[tool.name.startswith("qbell")].append(cell.seconds)
    if not times[True]:
        return "qbell has none"
    if not times[False]:
        return "alone"
    ratio = min(times[False]) / min(times[True])
    if ratio < CLOSE:
        return f"{ratio:.2g}"
    return f"**{ratio:,.0f}**" if ratio >= 100 else f"**{ratio:.3g}**"


def seconds_text(seconds: float) -> str:
    """In ms or s."""
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def cell_text(cell: Cell | None) -> str:
    """Of the table."""
    if cell is None:
        return ""
    if math.isnan(cell.seconds):
        return cell.verdict
    memory = f", {cell.memory:.0f} MiB" if cell.memory >= 1 else ""
    return f"{seconds_text(cell.seconds)}{memory}; {cell.verdict}"


def table(key: str, case: Case, cells: list[Cell]) -> list[str]:
    """In Markdown."""
    of = {(cell.tool, cell.size): cell for cell in cells if cell.case == key}
    rows = [tool for tool in case.tools if any(tool.name == name for name, _ in of)]
    heads = [f"{case.unit} {size}" for size in case.sizes]
    return [
        f"## {case.title}", "", case.says, "",
        "| tool | " + " | ".join(heads) + " |",
        "|---" * (len(heads) + 1) + "|",
        *(
            f"| {tool.name} | "
            + " | ".join(cell_text(of.get((tool.name, str(size)))) for size in case.sizes)
            + " |"
            for tool in rows
        ),
        "| times faster than the next right one | "
        + " | ".join(lead(case, of, size) for size in case.sizes)
        + " |",
        "",
    ]  # fmt: skip


def draw(cases: Mapping[str, Case], cells: list[Cell]) -> None:
    """One panel a table: seconds against size, wrong values hollow."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullFormatter

    there = {cell.case for cell in cells}
    drawn = {
        key: case
        for key, case in cases.items()
        if key in there and not isinstance(case.sizes[0], str)
    }
    rows = -(-len(drawn) // COLUMNS)
    figure = Figure(figsize=(9.5, 2.7 * rows), layout="constrained")
    for place, (key, case) in enumerate(drawn.items()):
        axes = figure.add_subplot(rows, COLUMNS, place + 1)
        for number, tool in enumerate(case.tools):
            mine = [cell for cell in cells if (cell.case, cell.tool) == (key, tool.name)]
            mine = [cell for cell in mine if not math.isnan(cell.seconds)]
            if not mine:
                continue
            colour = "black" if number == 0 else f"C{number - 1}"
            sizes = [float(cell.size) for cell in mine]
            axes.plot(sizes, [cell.seconds for cell in mine], color=colour, label=tool.name)
            for size, cell in zip(sizes, mine, strict=True):
                face = "white" if cell.verdict.startswith("wrong") else colour
                axes.plot(size, cell.seconds, "o", color=colour, mfc=face, markersize=4)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(FixedLocator(list(map(float, case.sizes))))
        axes.set_xticklabels([str(size) for size in case.sizes])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_title(key.replace("_", " "), fontsize=8, loc="left")
        axes.tick_params(labelsize=7)
        legend = axes.legend(fontsize=5.5, frameon=False, loc="upper left")
        low, high = map(math.log10, axes.get_ylim())
        low, high = math.floor(low), max(high, math.floor(low) + 1)
        above = ENTRY * (len(legend.get_texts()) + 1)  # room for the legend, a part of the panel
        axes.set_ylim(10**low, 10 ** (low + (high - low) / (1 - above)))
    figure.supxlabel("N", fontsize=8)
    figure.supylabel("processor seconds", fontsize=8)
    figure.savefig(PICTURE, dpi=150, metadata={"Software": None})


def write_page(
    cases: Mapping[str, Case], cells: list[Cell], measured: Mapping[str, str], limit: int
) -> None:
    """Tables of all cases that were measured, and the versions that each was ``measured`` with."""
    usual, others = said_of(measured)
    lines = [
        "# Other tools on the same work",
        "",
        "Made by `python -m benchmarks.peers`. Seconds are of the processor, all threads",
        "together, with one BLAS thread each; imports and compilation are not in them, nor does",
        "qbell look up what it kept from the run before. All tools of a table run on the same",
        "data in turn, three times or until a second is spent, and the least counts: waiting on",
        "a busy machine does not enter, but caches are shared, so trust times to 20 %, and those",
        "of work on many MiB to a factor of two. Memory is what the work takes beyond what was",
        "held before, at most at any time.",
        f'"Over {limit} s": given up. The last line compares the fastest right rows.',
        "",
        f"{usual}; where a table had others, it says so.",
        "",
        "![Processor seconds of all tools against N, a panel a table](figures/peers.png)",
        "",
        "Full: right; hollow: a wrong number, without a warning. [All numbers](figures/peers.csv).",
        "",
        LIMITS.read_text(encoding="utf-8").rstrip(),
        "",
    ]
    for key, case in cases.items():
        if any(cell.case == key for cell in cells):
            lines += table(key, case, cells)
            lines += [f"With {others[key]}.", ""] if key in others else []
    PAGE.write_text("\n".join(lines), encoding="utf-8")
