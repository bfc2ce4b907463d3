"""CPU seconds of starting qbell, beside importing NumPy and pandas: python benchmarks/start.py

The median of several fresh processes each, taken in turn, so that a busy machine slows all alike.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 5
QBELL = [sys.executable, "-m", "qbell.cli"]
REFERENCE = "import numpy, pandas"
COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    REFERENCE: [sys.executable, "-c", REFERENCE],
    "import qbell": [sys.executable, "-c", "import qbell"],
    "qbell --help": [*QBELL, "--help"],
    "qbell exact ghz -n 4": [*QBELL, "exact", "ghz", "-n", "4"],
    "qbell run ghz_random_aer.toml": [*QBELL, "run", "experiments/ghz_random_aer.toml", "--out"],
}


def cpu_seconds(command: list[str]) -> float:
    """User and system time of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        words = [*command, f"{folder}/out"] if command[-1] == "--out" else command
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a table; the first round fills the caches and does not count."""
    rounds = [
        {name: cpu_seconds(command) for name, command in COMMANDS.items()}
        for _ in range(REPEATS + 1)
    ]
    medians = {name: statistics.median(r[name] for r in rounds[1:]) for name in COMMANDS}
    print(f"{'':30} CPU seconds   x {REFERENCE}")
    for name, seconds in medians.items():
        print(f"{name:30} {seconds:11.2f}   {seconds / medians[REFERENCE]:.2f}")


if __name__ == "__main__":
    main()
