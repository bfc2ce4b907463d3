"""Two workers against one: the scan of Figure 1, and a study of coverage.

python -m benchmarks.workers            about six minutes on two idle cores
python -m benchmarks.workers --points 13 --repeats 60      shorter

Each is done on a cluster of one process and of two, on this machine, which have loaded everything
before. Wall time counts; where other programs have the cores, so do they. Beside it stands the
processor time: that of all workers, and of the one that worked most. The results must be equal.
"""

import argparse
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qbell.campaigns.coverage import coverage
from qbell.figures.figure_1 import SIZES, US
from qbell.scan import make_grid, run_scan
from qbell.util.atomic_files import to_json
from qbell.util.ranges import evenly

SPEC = """[state]
family = "ghz"
n = 6
[schedule]
design = "full"
shots = 100
[backend]
name = "fake_pittsburgh"
"""
WANTED = 1.7  # times as fast, with two workers

Work = Callable[[Any, int], str]


def scan(client: Any, points: int) -> str:
    """The exact values of Figure 1, and the bound of Eq. (24); a digest of the table."""
    start, stop = (float(end) for end in US.split(":"))
    sizes = [int(size) for size in SIZES.split(",")]
    found = run_scan(make_grid("ising", sizes, evenly(start, stop, points)), cluster=client)
    return digest(found.frame.to_csv())


def study(client: Any, repeats: int) -> str:
    """Noisy GHZ states of six qubits, all settings; a digest of what was counted."""
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "spec.toml"
        spec.write_text(SPEC, encoding="utf-8")
        return digest(to_json(coverage(spec, repeats, cluster=client).record))


def digest(text: str) -> str:
    """Equal for equal texts."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def measured(work: Work, size: int, workers: int) -> tuple[str, float, list[float]]:
    """The result, wall seconds, and processor seconds of each worker."""
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.ERROR,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        work(client, 2 if work is scan else 20 * workers)  # everything is loaded
        before = client.run(time.process_time)
        start = time.perf_counter()
        found = work(client, size)
        wall = time.perf_counter() - start
        after = client.run(time.process_time)
    return found, wall, [after[name] - before[name] for name in after]


def compare(name: str, work: Work, size: int) -> None:
    """Print both, and how much faster two workers are."""
    one, wall_one, cpu_one = measured(work, size, 1)
    two, wall_two, cpu_two = measured(work, size, 2)
    same = "the same result" if one == two else "NOT THE SAME RESULT"
    print(
        f"{name}: {wall_one:.1f} s with one worker, {wall_two:.1f} s with two: "
        f"{wall_one / wall_two:.2f} times as fast (wanted: {WANTED}); {same}"
    )
    print(
        f"    processor seconds {sum(cpu_one):.1f} and {' + '.join(f'{x:.1f}' for x in cpu_two)}: "
        f"{sum(cpu_one) / max(cpu_two):.2f} by these alone",
        flush=True,
    )


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=61, help="values of U (61)")
    parser.add_argument("--repeats", type=int, default=400, help="data sets (400)")
    options = parser.parse_args()
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    compare("scan of Figure 1", scan, options.points)
    compare("coverage", study, options.repeats)
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
