"""docs/growth.md and its picture, from what was measured."""

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from benchmarks.growth.designs import DESIGNS
from benchmarks.growth.engines import ENGINES
from benchmarks.measured import write_rows

DOCS = Path(__file__).resolve().parents[2] / "docs"
POINTS = DOCS / "figures" / "growth.csv"
PICTURE = DOCS / "figures" / "growth.png"
PAGE = DOCS / "growth.md"

TEXTS = Path(__file__).parent  # what the page says beside the numbers


class Point(NamedTuple):
    """Of the CSV: ``seconds`` of this machine, or of the quantum processor for a design."""

    kind: str
    name: str
    size: int
    seconds: float
    memory: float
    settings: str
    shots: str
    p_value: str


def read_points() -> list[Point]:
    """What was measured before."""
    if not POINTS.exists():
        return []
    with POINTS.open(encoding="utf-8", newline="") as file:
        return [
            Point(row["kind"], row["name"], int(row["size"]), float(row["seconds"]),
                  float(row["memory"]), row["settings"], row["shots"], row["p_value"])
            for row in csv.DictReader(file)
        ]  # fmt: skip


def write_points(points: Iterable[Point]) -> None:
    """With the digits that mean something."""
    write_rows(POINTS, Point._fields, points)


def seconds_text(seconds: float) -> str:
    """In ms, s, min or h, with two digits."""
    rounded = float(f"{seconds:.2g}")
    for unit, size in (("h", 3600), ("min", 60), ("s", 1)):
        if rounded >= size:
            return f"{float(f'{seconds / size:.2g}'):g} {unit}"
    return f"{1000 * rounded:g} ms"


def engine_lines(points: list[Point]) -> list[str]:
    """A row for each engine."""
    lines = [
        "| work | time grows as | memory | measured | slope, of the law | at the end | end |",
        "|---|---|---|---|---|---|---|",
    ]
    for engine in ENGINES:
        mine = [p for p in points if (p.kind, p.name) == ("engine", engine.name)]
        if len(mine) < 2:
            continue
        first, last = mine[-2:]
        law = engine.time(last.size) / engine.time(first.size)
        ratio = last.seconds / first.seconds
        apart = last.size - first.size
        if "^N" in engine.law or "^(N" in engine.law:
            slope = f"× {ratio ** (1 / apart):.2g}, × {law ** (1 / apart):.2g} a qubit"
        else:
            stretch = math.log(last.size / first.size)
            slope = f"{math.log(ratio) / stretch:.2g}, {math.log(law) / stretch:.2g}"
        ahead = last.seconds * engine.time(engine.end) / engine.time(last.size)
        measured = "; ".join(f"{p.size:,}: {seconds_text(p.seconds)}" for p in mine)
        lines.append(
            f"| {engine.name} | {engine.law} | {engine.memory} | {measured}, {last.memory:.0f} MiB "
            f"| {slope} | {seconds_text(ahead)} | {engine.unit} = {engine.end:,}: {engine.why} |"
        )
    return [*lines, ""]


def design_lines(points: list[Point]) -> list[str]:
    """A row for each design."""
    lines = [
        "| design | gives | settings | shots and processor seconds | p | ends at N |",
        "|---|---|---|---|---|---|",
    ]
    for design in DESIGNS:
        mine = [p for p in points if (p.kind, p.name) == ("design", design.name)]
        costs = "; ".join(
            f"{p.size}: " + (f"{int(p.shots):,}, {p.seconds:.0f} s" if p.shots else "–")
            for p in mine
        )
        p_values = "; ".join(f"{p.size}: {p.p_value}" for p in mine if p.p_value)
        lines.append(
            f"| {design.name} | {design.gives} | {design.settings} | {costs} | {p_values} "
            f"| {design.end} |"
        )
    return [*lines, ""]


def draw(points: list[Point]) -> None:
    """A panel for engines by N, one for those by thousands."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 4.2), layout="constrained")
    panels = figure.subplots(1, 2)
    for engine in ENGINES:
        mine = [p for p in points if (p.kind, p.name) == ("engine", engine.name)]
        if not mine:
            continue
        axes = panels[0 if mine[-1].size <= 20 else 1]
        colour = f"C{len(axes.lines) // 2}"  # points and a law each
        sizes = [p.size for p in mine]
        axes.plot(sizes, [p.seconds for p in mine], "o", color=colour, label=engine.name)
        last = mine[-1]
        far = [sizes[0] * (engine.end / sizes[0]) ** (k / 30) for k in range(31)]
        law = [last.seconds * engine.time(n) / engine.time(last.size) for n in far]
        axes.plot(far, law, color=colour, linewidth=0.8)
    for axes, label in zip(panels, ("N", "N, or shots"), strict=True):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(label)
        axes.set_ylabel("processor seconds")
        axes.legend(fontsize=6, frameon=False)
    ticks = [4, 6, 8, 10, 12, 14, 18]
    panels[0].set_xticks(ticks, [str(tick) for tick in ticks])
    panels[0].minorticks_off()
    figure.savefig(PICTURE, dpi=150, metadata={"Software": None})


def write_page(points: list[Point]) -> None:
    """All of it."""
    head, designs, pairs = (
        (TEXTS / name).read_text(encoding="utf-8") for name in ("head.md", "designs.md", "pairs.md")
    )
    lines = [head, *engine_lines(points), designs, *design_lines(points), pairs.rstrip()]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
