"""See the package."""

import argparse
import sys

from benchmarks import one_thread  # noqa: F401
from benchmarks.growth.designs import DESIGNS, Planned, planned
from benchmarks.growth.engines import ENGINES
from benchmarks.growth.page import Point, draw, read_points, write_page, write_points
from benchmarks.timing import timed

RUNS = 3
ENOUGH = 2.0  # seconds, after which a size is not run again


def of_engines() -> list[Point]:
    """Each once at its first size to compile, then measured."""
    points = []
    for engine in ENGINES:
        engine.prepare(engine.sizes[0])()
        for size in engine.sizes:
            work = engine.prepare(size)
            runs = [timed(work)]
            while len(runs) < RUNS and sum(run.seconds for run in runs) < ENOUGH:
                runs.append(timed(work))
            best = min(run.seconds for run in runs)
            point = Point("engine", engine.name, size, best, runs[0].memory, "", "", "")
            print(f"  {point}", file=sys.stderr, flush=True)
            points.append(point)
    return points


def of_designs() -> list[Point]:
    """What is planned."""
    points = []
    for design in DESIGNS:
        for n in design.sizes:
            found = planned(design, n)
            nothing = Planned(0, 0, float("nan"), None)
            settings, shots, seconds, p_value = nothing if isinstance(found, str) else found
            point = Point(
                "design", design.name, n, seconds, 0.0, str(settings or ""), str(shots or ""),
                str(p_value or ""),
            )  # fmt: skip
            print(f"  {point} {found if isinstance(found, str) else ''}", file=sys.stderr)
            points.append(point)
    return points


def main() -> None:
    """Measure, and write the page."""
    kinds = {"engine": of_engines, "design": of_designs}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("--only", choices=[f"{kind}s" for kind in kinds], help="the rest as before")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    given = parser.parse_args()
    points = read_points()
    for kind, measure in kinds.items():
        if not given.page and given.only in (None, f"{kind}s"):
            points = [point for point in points if point.kind != kind] + measure()
            write_points(points)
    draw(points)
    write_page(points)


if __name__ == "__main__":
    main()
