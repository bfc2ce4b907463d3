"""Figure 5: temperature and disorder take nonlocality, time makes it; the paper lacks it."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from qbell import exact
from qbell.errors import QbellError
from qbell.exact.disorder import MAX_MIXED
from qbell.figures.levels import LN2, bell_qubits
from qbell.figures.options import check_points, parse_range, parse_sizes
from qbell.figures.style import FAINT, PAGE, RED, Drawing
from qbell.states import Ising, Quench, Twisting
from qbell.util.progress import Progress
from qbell.util.ranges import evenly

SIZE = "12"
US = "-1.5:-0.75"
CURVES = 4
HOTTEST = 0.6
WIDEST = 0.8
DRAWS, SEED = 40, 1  # at most so many draws, and twice as many as points
SPARSE = 5  # fewer points against disorder, each of which takes so many chains
QUENCHES = (-0.95, -0.8, -0.5)  # U of the XXZ ring; XXX is -1
PANELS = {
    "temperature": "temperature $T$",
    "disorder": "disorder $W$",
    "time": "time $\\chi t/\\pi$",
}
COLOURS = ("#1f5fa8", "#2a8a57", "#e08a00", "#7b4ea3")
DASHED: Any = (0, (4, 1.5))
LOWEST = 4  # below the axis of Q the picture ends


def figure(
    sizes: str | None, points: int, u: str | None, progress: Progress | None = None
) -> Drawing:
    """QFI / N and Q = log2(2^N E_{N,0}) against temperature, disorder and time.

    Panel temperature: thermal states of the Ising chain, Eq. (29), at four U. Panel disorder: its
    ground states with couplings U (1 + W x) and fields 1 + W y, x and y uniform between -1 and 1;
    means over 40 draws, fewer for less than 20 points, and values of the averaged state. Panel
    time: |+>^N after a quench to the XXZ chain on a ring near XXX, U = -1, on axis x (y for odd
    N), against one-axis twisting with the same chi = 4 |1 + U| / (N - 1); a GHZ state at chi t
    = pi / 2. Columns: panel, n, u (missing for one-axis twisting), x (temperature, disorder or
    chi t / pi), average (values or state, of disorder), qfi_per_n, bound_per_n, q, bell_qubits
    (of Q; missing for means), and standard errors NAME_error of means.

    Raises:
        QbellError: see `qbell.figures.options`; or N above 14.
    """
    (n,) = parse_sizes(SIZE if sizes is None else sizes, most=1)
    if n > MAX_MIXED:
        raise QbellError(
            f"--sizes {n}: figure 5 averages state vectors, of up to {MAX_MIXED} qubits; give a "
            "smaller size"
        )
    us = evenly(*parse_range(US if u is None else u), CURVES)
    count = check_points(points)
    sparse = max(2, count // SPARSE + 1)
    parts: list[tuple[str, Callable[[], Iterator[dict[str, Any]]]]] = [
        ("temperature", lambda: _warm(n, us, count)),
        ("disorder", lambda: _wild(n, us, sparse, min(DRAWS, 2 * count))),
        ("time", lambda: _quenched(n, count)),
    ]
    total = len(us) * (count + 2 * sparse) + (1 + len(QUENCHES)) * count
    rows = []
    for panel, values in parts:
        for row in values():
            rows.append({"panel": panel, "n": n, **row})
            if progress is not None:
                progress("points", 1, total)
    columns = ["panel", "n", "u", "x", "average", "qfi_per_n", "bound_per_n", "q", "bell_qubits"]
    columns += [f"{name}_error" for name in ("qfi_per_n", "bound_per_n", "q")]
    table = pd.DataFrame(rows, columns=columns)
    table["bell_qubits"] = table["bell_qubits"].astype("Int64")
    return Drawing(page_of(table), {"": table})


def page_of(table: pd.DataFrame) -> Figure:
    """The picture of the table."""
    page = Figure(figsize=(PAGE, 3.9))
    n = int(table["n"].iloc[0])
    floor = -LOWEST
    for column, (panel, label) in enumerate(PANELS.items()):
        part = table[table["panel"] == panel]
        left = 0.065 + 0.32 * column
        upper = page.add_axes((left, 0.545, 0.265, 0.41))
        lower = page.add_axes((left, 0.105, 0.265, 0.41))
        for axes, name in ((upper, "qfi_per_n"), (lower, "q")):
            _curves(axes, part, name)
            axes.set_xlim(part["x"].min(), part["x"].max())
        upper.axhline(1, color="black", linestyle=(0, (1, 2)), linewidth=0.7)
        upper.set_ylim(0, 1.04 * n)
        upper.set_xticklabels([])
        lower.axhline(0, color=RED, linewidth=0.7)
        lower.set_ylim(floor, n - 1.5)
        lower.set_xlabel(label, labelpad=1)
        if column == 0:
            upper.set_ylabel("$F_q/N$", labelpad=2)
            lower.set_ylabel("$Q=\\log_2(2^N E_{N,0})$", labelpad=1)
        upper.set_title(f"({'abc'[column]}) {_title(panel, n)}", fontsize=7.5, loc="left", pad=4)
        if panel == "disorder":  # in the colours of the first panel
            lines = [
                Line2D([], [], color=FAINT, label="mean of the values"),
                Line2D([], [], color=FAINT, linestyle=DASHED, label="averaged state"),
            ]
            lower.legend(handles=lines, loc="lower left", handlelength=1.8)
        else:
            upper.legend(loc="upper left" if panel == "time" else "upper right", handlelength=1.3)
    return page


def _title(panel: str, n: int) -> str:
    if panel == "time":
        return f"quench of $|+\\rangle^N$, $N$ = {n}"
    what = "thermal" if panel == "temperature" else "disordered"
    return f"Ising chain, $N$ = {n}, {what}"


def _curves(axes: Any, part: pd.DataFrame, name: str) -> None:
    """A curve for each U, with a band of one standard error; averaged states are dashed."""
    for k, u in enumerate(part["u"].unique().tolist()):
        single = math.isnan(u)
        rows = part[part["u"].isna()] if single else part[part["u"] == u]
        colour = "black" if single else COLOURS[k % len(COLOURS)]
        label = "one axis" if single else f"$U$ = {u:g}"
        for average, curve in rows.groupby("average", dropna=False, sort=False):
            of_state = average == "state"
            if of_state and name == "qfi_per_n":
                continue  # the same along z
            axes.plot(
                curve["x"],
                curve[name],
                color=colour,
                linestyle=DASHED if of_state or single else "-",
                label=None if of_state else label,
            )
            error = curve[f"{name}_error"]
            if error.notna().any():
                low, high = curve[name] - error, curve[name] + error
                axes.fill_between(curve["x"], low, high, color=colour, alpha=0.2, linewidth=0)
    axes.tick_params(colors=FAINT, labelcolor="black")


def _warm(n: int, us: tuple[float, ...], count: int) -> Iterator[dict[str, Any]]:
    for u in us:
        for temperature in evenly(0.0, HOTTEST, count):
            ground = Ising(n, u)
            state = exact.thermal_state(ground, temperature) if temperature else ground
            yield {"u": u, "x": temperature, **_values(state, "z", with_bound=temperature == 0)}


def _wild(n: int, us: tuple[float, ...], count: int, draws: int) -> Iterator[dict[str, Any]]:
    for u in us:
        for width in evenly(0.0, WIDEST, count):
            chains = exact.disordered_chains(n, u, width, draws=draws, seed=SEED)
            table = exact.average(chains).table
            for average, column in (("values", "mean"), ("state", "of_average")):
                found = table[column]
                row = {
                    "u": u,
                    "x": width,
                    "average": average,
                    "qfi_per_n": found["qfi"] / n,
                    "bound_per_n": found["bound"] / n,
                    "q": found["q"],
                }
                if average == "values":
                    errors = table["standard_error"]
                    row |= {
                        "qfi_per_n_error": errors["qfi"] / n,
                        "bound_per_n_error": errors["bound"] / n,
                        "q_error": errors["q"],
                    }
                else:
                    row["bell_qubits"] = bell_qubits(n, (found["q"] - n) * LN2)
                yield row


def _quenched(n: int, count: int) -> Iterator[dict[str, Any]]:
    axis = "y" if n % 2 else "x"
    for u in (None, *QUENCHES):
        for turn in evenly(0.0, 0.5, count):
            angle = math.pi * turn  # chi t
            if u is None:
                state: Any = Twisting(n, angle)
            else:
                bonds = len(Quench(n, u, 0.0, ends="periodic").pairs)
                chi = 4 * abs(1 + u) * bonds / (n * (n - 1))
                state = Quench(n, u, angle / chi, ends="periodic")
            yield {"u": u, "x": turn, **_values(state, axis, with_bound=True)}


def _values(state: Any, axis: str, *, with_bound: bool) -> dict[str, Any]:
    """QFI, bound and Q of a state; Q is missing where it is lost in rounding."""
    n = state.num_qubits
    found = exact.describe(state, axis, with_bound=with_bound)
    log_e_n = found["log_e_n"]
    return {
        "qfi_per_n": found["qfi"] / n,
        "bound_per_n": np.nan if found["bound"] is None else found["bound"] / n,
        "q": np.nan if log_e_n is None else found["q"],
        "bell_qubits": found["bell_qubits"],
    }
