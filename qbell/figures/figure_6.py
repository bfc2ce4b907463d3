"""Figure 6: which lower bound on the QFI survives where; the paper lacks it."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from qbell import exact
from qbell.errors import QbellError
from qbell.exact.moment_bound import MAX_CHAIN, MAX_QUBITS
from qbell.figures.options import check_points, parse_panels, parse_range
from qbell.figures.style import PAGE, RED, Drawing
from qbell.states import Ising
from qbell.util.progress import Progress
from qbell.util.ranges import evenly

SIZES = ("12", "100")
US = "-2:-0.2"
FLIP = 0.3  # probability that one qubit's phase is flipped, in panel a
CUTOFF = 1e-6  # of the bound of the long chain: no error that could be seen
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "qfi": ("$F_q$", {"color": "black"}),
    "k1": ("$K_1$", {"color": "#555555", "linestyle": (0, (4, 1.5))}),
    "f0": ("$F_0$, Eq. (12)", {"color": "#1f5fa8"}),
    "moment_3": ("moments, three-body", {"color": "#e08a00"}),
    "moment_2": ("moments, two-body", {"color": RED}),
    "bound": ("$B$, Eq. (24)", {"color": "#2a8a57"}),
}


def figure(
    sizes: str | None, points: int, u: str | None, progress: Progress | None = None
) -> Drawing:
    """The QFI over N of Ising chains and what bounds it from below, against U.

    Panel a: a short chain of which one qubit, whichever, is flipped in its phase with probability
    0.3; QFI, K1, F0, the moment bound of Y_i and Y_i X_j, and B of Eq. (24). Panel b: the ground
    state of a long chain, where F0 and K1 are the QFI; the moment bounds of operators of two
    qubits, at most 4 apart, and of three, at most 2 apart, and B. Columns: panel, n, u, and each
    over N: qfi, k1, f0, moment_3, moment_2, bound; bound_error, an upper limit of the error of B
    beyond rounding.

    Raises:
        QbellError: see `qbell.figures.options`; more qubits than a bound reaches.
    """
    (short,), (long,) = parse_panels("/".join(SIZES) if sizes is None else sizes, SIZES, most=1)
    if short > MAX_QUBITS or not MAX_QUBITS < long <= MAX_CHAIN:
        raise QbellError(
            f"--sizes {short}/{long}; figure 6 takes a chain of up to {MAX_QUBITS} qubits and one "
            f"of up to {MAX_CHAIN}, e.g. 12/100"
        )
    us = evenly(*parse_range(US if u is None else u), check_points(points))
    rows = []
    for n, panel, values in ((short, "a", _mixed), (long, "b", _pure)):
        for each in us:
            rows.append({"panel": panel, "n": n, "u": each, **values(n, each)})
            if progress is not None:
                progress("points", 1, 2 * len(us))
    table = pd.DataFrame(rows)
    worst = float(table["bound_error"].max())
    notes = [f"cut-offs change the bound of Eq. (24) by at most {worst:.2g} N"] if worst else []
    return Drawing(page_of(table), {"": table}, notes)


def page_of(table: pd.DataFrame) -> Figure:
    """The picture of the table."""
    page = Figure(figsize=(PAGE, 2.9))
    for column, panel in enumerate("ab"):
        axes = page.add_axes((0.065 + 0.5 * column, 0.135, 0.415, 0.79))
        part = table[table["panel"] == panel]
        _panel(axes, part, "lower right" if panel == "a" else "upper right")
        noise = f", a phase flipped at {FLIP:g}" if panel == "a" else ""
        axes.set_title(
            f"({panel}) Ising chain, $N$ = {part['n'].iloc[0]}{noise}",
            fontsize=7.5,
            loc="left",
            pad=4,
        )
    return page


def _mixed(n: int, u: float) -> dict[str, float]:
    """All bounds of the short chain."""
    vector = Ising(n, u).statevector()
    flipped = [_phase_flipped(vector, qubit) for qubit in range(n)]
    state = exact.ensemble([1 - FLIP, *[FLIP / n] * n], [vector, *flipped])
    values = {
        "qfi": exact.qfi(state),
        "k1": exact.k1(state),
        "f0": exact.f0(state),
        "moment_3": np.nan,
        "moment_2": exact.moment_bound(state, order=2),
        "bound": exact.bound(state),
    }
    return {name: value / n for name, value in values.items()} | {"bound_error": 0.0}


def _pure(n: int, u: float) -> dict[str, float]:
    """All bounds of the long chain."""
    state = Ising(n, u)
    orders = exact.orders(state, cutoff=CUTOFF)
    values = {
        "qfi": exact.qfi(state),
        "k1": np.nan,
        "f0": np.nan,
        "moment_3": exact.moment_bound(state, order=3, reach=2),
        "moment_2": exact.moment_bound(state, order=2, reach=4),
        "bound": float(orders.values.sum()),
        "bound_error": orders.error or 0.0,
    }
    return {name: value / n for name, value in values.items()}


def _phase_flipped(vector: Any, qubit: int) -> Any:
    ones = np.arange(len(vector)) >> qubit & 1
    return (1 - 2 * ones) * vector


def _panel(axes: Any, part: pd.DataFrame, place: str) -> None:
    for name, (label, look) in LOOKS.items():
        if part[name].notna().any():
            axes.plot(part["u"], part[name], label=label, **look)
    axes.axhline(1, color="black", linestyle=(0, (1, 2)), linewidth=0.7, label="shot noise")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(part["u"].min(), part["u"].max())
    axes.set_ylim(0.1, 1.5 * part["qfi"].max())
    axes.set_xlabel("interaction $U$", labelpad=1)
    axes.set_ylabel("over $N$", labelpad=2)
    axes.legend(loc=place, handlelength=1.2, borderaxespad=0.2)
