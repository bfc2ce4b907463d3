"""Correlators by order, relative to the local limit."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qbell.estimator import Result
from qbell.plots.canvas import EXACT, LIMIT, MEASURED, axes_of, columns_of, legend_above, reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LARGEST_SHOWN = 60  # of each order: thousands of dots are slow to draw and tell no more


def correlators(result: Result | pd.DataFrame, ax: "Axes | None" = None) -> "Axes":
    """E_s / 2^-n of the largest correlators of each order n, and of all qubits with its interval.

    Args:
        result: a result, or its table ``correlators``: n_plus, n_minus, order, value, low, high,
            local_bound. Of E_s and its conjugate, which are equal, one is drawn.
        ax: to draw on; a new figure if None.

    Returns:
        The axes.

    Raises:
        QbellError: no such table, or ``ax`` is no Axes.

    Source: Eq. (23), and the limit 2^-n of local realism, of PRL 126, 210506.

    >>> import qbell
    >>> result = qbell.estimate(qbell.read_shots("experiments/data/ghz_n=3.csv"))
    >>> correlators(result).get_ylabel()
    'E / 2$^{-n}$'
    """
    table = result.correlators if isinstance(result, Result) else result
    names = ("n_plus", "n_minus", "order", "value", "low", "high", "local_bound")
    table = columns_of(table, names, "correlators")
    ax = axes_of(ax)
    whole = table[(table["n_plus"] == table["order"].max()) & (table["order"] > 0)]
    rest = table[(table["n_plus"] >= table["n_minus"]) & (table["order"] > 0)]
    rest = rest[~rest.index.isin(whole.index)] if len(whole) == 1 else rest
    ratio = (rest["value"] / rest["local_bound"]).to_numpy()
    order = rest["order"].to_numpy()
    largest = [
        np.flatnonzero(order == n)[np.argsort(-ratio[order == n])[:LARGEST_SHOWN]]
        for n in np.unique(order)
    ]
    shown = np.concatenate([np.array([], dtype=np.int64), *largest])
    place = order + np.random.default_rng(0).uniform(-0.3, 0.3, len(order))
    if len(shown):
        ax.plot(place[shown], ratio[shown], ".", color=MEASURED, ms=5, label="one correlator")
    highest = float(ratio.max(initial=0.0))
    if len(whole) == 1:
        row = whole.iloc[0]
        value, low, high = (row[name] / row["local_bound"] for name in ("value", "low", "high"))
        highest = max(highest, high)
        ax.errorbar(
            row["order"],
            value,
            yerr=reach(value, low, high),
            fmt="D",
            color=EXACT,
            mec="black",
            ecolor="black",
            capsize=4,
            label="all qubits, E$_{N,0}$",
        )
    ax.axhline(1, color=LIMIT, linestyle="--", linewidth=1, label="local limit")
    ax.set_yscale("symlog", linthresh=0.1)
    ax.set_ylim(min(-0.02, ratio[shown].min(initial=0.0) * 1.3), 2 * max(1, highest))
    orders = np.unique(table["order"])
    ax.set_xticks(orders[orders > 0])
    ax.set_xlabel("order n")
    ax.set_ylabel("E / 2$^{-n}$")
    legend_above(ax)
    return ax
