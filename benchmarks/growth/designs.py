"""Shots and processor time of each design, from `qbell plan` of GHZ states on a device."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from qbell.campaigns.planning import ScanForecast, plan
from qbell.devices.qpu_time import REP_DELAY, job_seconds
from qbell.errors import QbellError

DURATION = 4e-6  # seconds of one execution, about, on fake_pittsburgh

SPEC = """
seed = 2021
[state]
family = "ghz"
n = {n}
[schedule]
design = "{design}"
{how}
[backend]
name = "fake_pittsburgh"
[plan]
precision = 0.1
p_value = 1e-6
"""


class Design(NamedTuple):
    """One row: what it measures, settings, why it ends, and what is planned."""

    name: str
    gives: str
    settings: str
    end: str
    how: str
    sizes: tuple[int, ...]


class Planned(NamedTuple):
    """Settings, shots in all and seconds of the processor; or why there are none."""

    settings: int
    shots: int
    seconds: float
    p_value: int | None


DESIGNS = (
    Design("full", "all correlators, the bound", "2^N", "12: settings", "shots = 100", (4, 8)),
    Design("random", "all correlators, the bound", "one a shot", "30: shots of the bound",
           "draws = 500", (4, 8, 12)),
    Design("even", "E_N,0, p-value", "one a shot", "1000", "draws = 500", (8, 20, 60)),
    Design("ghz", "coherence, fidelity, QFI of GHZ", "one a shot", "1000", "draws = 500",
           (8, 20, 60)),
    Design("covering", "correlators of order 3", "about 2^3 ln N", "1000; no bound",
           "order = 3\nshots = 100", (8, 12)),
    Design("equatorial", "E_N,0 as a witness", "N + 1", "200", "shots = 100", (4, 8)),
    Design("symmetric", "all, if symmetric", "N + 1", "30: shots of the bound", "shots = 100",
           (4, 8)),
    Design("random3", "F0, K1, the bound", "one a shot", "10: shots", "draws = 500", (4, 6)),
    Design("pauli", "F0, all Pauli words", "3^N", "7: settings", "shots = 20", (3, 4)),
    Design("mermin", "(Re c)^2, depths", "2^(N-1)", "13: settings", "shots = 100", (4, 8)),
)  # fmt: skip


def planned(design: Design, n: int) -> Planned | str:
    """For a standard error of 10 % of the bound, or of what the design measures in its place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spec.toml")
        path.write_text(SPEC.format(n=n, design=design.name, how=design.how), encoding="utf-8")
        try:
            found = plan(path)
        except QbellError as error:
            return str(error)
    needed = None if isinstance(found, ScanForecast) else found.needed
    if needed is None or needed.total_shots is None:
        return "no such number"
    settings = needed.draws or needed.total_shots // max(needed.shots, 1)
    seconds = job_seconds(needed.total_shots, settings, DURATION, REP_DELAY).likely
    return Planned(settings, needed.total_shots, seconds, needed.shots_for_p_value)
