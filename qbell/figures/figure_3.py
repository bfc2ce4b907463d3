"""Figure 3: E_{N,0} over the Bell threshold near the transition, and the slope of the QFI."""

import math
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qbell.figures.levels import LN2, crossing, log_e_n, qfi
from qbell.figures.options import PANELS, check_points, parse_panels, parse_range
from qbell.figures.style import COLUMN, FAINT, RED, Drawing
from qbell.util.progress import Progress
from qbell.util.ranges import evenly

SIZES = ("12,16", "100,150")
US = ("-1.2:-0.5", "-1.2:-0.9")
LINES = (("black", "-"), ("#888888", "--"), ("black", ":"), ("#888888", "-."))

STEP = 1e-5
"""Of the central difference (F(U + h) - F(U - h)) / 2h. Its two errors, h^2 F''' / 6 and rounding,
1e-13 F / h, stay below 1e-6 of the slope where it is steepest up to N = 1000: halving h changes
the slope by less than that."""


def figure(
    sizes: str | None, points: int, u: str | None, progress: Progress | None = None
) -> Drawing:
    """E_{N,0} / 2^-N over U for the Ising chain (above) and the double well; insets dF_q / dU.

    Red arrows mark where the correlator crosses the threshold 1. Columns: family, n, u, log_e_n
    (natural), q (log2 of E_{N,0} / 2^-N), dqfi_du; of ``_thresholds``: family, n, level_log2,
    u_star. Source: PRL 126, 210506, Fig. 3.

    Raises:
        QbellError: see `qbell.figures.options`.
    """
    panels = parse_panels("/".join(SIZES) if sizes is None else sizes, SIZES, most=len(LINES))
    count = check_points(points)
    spans = [parse_range(default if u is None else u) for default in US]
    total = count * sum(map(len, panels))
    tables = []
    for family, chosen, span in zip(PANELS, panels, spans, strict=True):
        for n in chosen:
            tables.append(_table(family, n, evenly(*span, count), total, progress))
    table = pd.concat(tables, ignore_index=True)
    thresholds = _thresholds(tables)
    page = Figure(figsize=(COLUMN, 4.6))
    for row, (family, span) in enumerate(zip(PANELS, spans, strict=True)):
        axes = page.add_axes((0.155, 0.58 - 0.495 * row, 0.79, 0.405))
        inside = table["family"] == family
        _panel(axes, table[inside], thresholds[thresholds["family"] == family], span)
        axes.text(
            0.03, 0.05, f"({'ab'[row]}) {PANELS[family]}", transform=axes.transAxes, va="bottom"
        )
    return Drawing(page, {"": table, "_thresholds": thresholds})


def slope(family: str, n: int, u: float) -> float:
    """dF_q / dU by a central difference of the exact QFI; see `STEP`."""
    return (qfi(family, n, u + STEP) - qfi(family, n, u - STEP)) / (2 * STEP)


def _table(
    family: str, n: int, us: tuple[float, ...], total: int, progress: Progress | None
) -> pd.DataFrame:
    rows = []
    for u in us:
        log_e = log_e_n(family, n, u)
        rows.append((family, n, u, log_e, n + log_e / LN2, slope(family, n, u)))
        if progress is not None:
            progress("points", 1, total)
    return pd.DataFrame(rows, columns=["family", "n", "u", "log_e_n", "q", "dqfi_du"])


def _thresholds(tables: list[pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for table in tables:
        family, n = str(table["family"].iloc[0]), int(table["n"].iloc[0])
        us, log_e = table["u"].to_numpy(), table["log_e_n"].to_numpy()
        found = crossing(family, n, us, log_e, -n * LN2)
        if found is not None:
            rows.append((family, n, -n, found))
    return pd.DataFrame(rows, columns=["family", "n", "level_log2", "u_star"])


def _panel(
    axes: Any, table: pd.DataFrame, thresholds: pd.DataFrame, span: tuple[float, float]
) -> None:
    """One family; the height is log10 of the ratio, which may be too large for a float."""
    inset = axes.inset_axes((0.6, 0.6, 0.37, 0.375))
    unit = 1000 if table["dqfi_du"].abs().max() > 5000 else 1
    for (n, rows), (color, line) in zip(table.groupby("n"), LINES, strict=False):
        style = {"color": color, "linestyle": line}
        axes.plot(rows["u"], rows["q"] * math.log10(2), label=f"$N$ = {n}", **style)
        inset.plot(rows["u"], rows["dqfi_du"] / unit, linewidth=0.8, **style)
    axes.axhline(0, color=FAINT, linewidth=0.6)
    axes.set_xlim(*span)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -high / 2), high)  # room below the threshold for words
    for k, found in enumerate(thresholds["u_star"]):
        side = 1 if k % 2 else -1
        axes.annotate(
            f"{found:.4f}".replace("-", "\N{MINUS SIGN}"),
            (found, 0),
            xytext=(22 * side, (12 + 10 * (k // 2)) * side),
            textcoords="offset points",
            ha="center",
            va="bottom" if side > 0 else "top",
            fontsize=6.5,
            color=RED,
            arrowprops={"arrowstyle": "-|>", "color": RED, "linewidth": 0.8, "shrinkB": 0},
        )
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"$10^{{{x:.0f}}}$"))
    axes.set_xlabel("interaction $U$", labelpad=1)
    axes.set_ylabel(r"$\mathcal{E}_{N,0}\,/\,2^{-N}$", labelpad=1)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.09), handlelength=2.2)
    inset.set_xlim(*span)
    inset.tick_params(labelsize=6, pad=1.5, length=2)
    # Pruned, so that no words reach beyond the frame.
    inset.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], prune="both"))
    inset.yaxis.set_major_locator(MaxNLocator(4, prune="lower"))
    name = r"$10^{-3}\,dF_q/dU$" if unit > 1 else "$dF_q/dU$"
    inset.set_xlabel("$U$", fontsize=6.5, labelpad=0)
    inset.set_ylabel(name, fontsize=6.5, labelpad=1)
