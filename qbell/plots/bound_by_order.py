"""What correlators of each order add to the bound of Eq. (24)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qbell.estimator import Result
from qbell.plots.canvas import EXACT, LIMIT, MEASURED, axes_of, columns_of, legend_above, reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bound_by_order(
    result: Result | pd.DataFrame,
    ax: "Axes | None" = None,
    *,
    exact: Sequence[float] | None = None,
    qfi: float | None = None,
    num_qubits: int | None = None,
) -> "Axes":
    """The bound as a sum over orders n: each bar starts where the one before ended.

    Args:
        result: a result, or its table ``bound_by_order``: order, value, low, high.
        ax: to draw on; a new figure if None.
        exact: exact parts of the bound by order, from order 0 on, as `exact.bound_by_order` gives
            them; drawn as their running sum over the orders of the table.
        qfi: the exact quantum Fisher information, as a line.
        num_qubits: N, for the lines of shot noise, N, and of the Heisenberg limit, N^2; known from
            a result.

    Returns:
        The axes.

    Raises:
        QbellError: no such table, or ``ax`` is no Axes.

    Source: Eq. (24) of PRL 126, 210506.

    >>> import qbell
    >>> result = qbell.estimate(qbell.read_shots("experiments/data/ghz_n=3.csv"))
    >>> ax = bound_by_order(result, exact=qbell.exact.bound_by_order(qbell.ghz(3)), qfi=9)
    >>> ax.get_xlabel()
    'order n: how many qubits the correlators join'
    """
    if isinstance(result, Result):
        num_qubits = result.shots.num_qubits if num_qubits is None else num_qubits
        result = result.bound_by_order
    table = columns_of(result, ("order", "value", "low", "high"), "bound_by_order")
    # Order 0 has no weight; orders without a number were not measured.
    table = table[(table["order"] > 0) & np.isfinite(table["value"])]
    ax = axes_of(ax)
    order, parts = table["order"].to_numpy(), table["value"].to_numpy()
    tops = np.cumsum(parts)
    ax.bar(order, parts, bottom=tops - parts, width=0.7, color=MEASURED, label="measured")
    ax.errorbar(
        order,
        tops,
        yerr=reach(parts, table["low"], table["high"]),
        fmt="none",
        ecolor="black",
        capsize=3,
    )
    if exact is not None:
        known = np.cumsum(np.asarray(exact, dtype=float)[order])
        ax.plot(order, known, "D", color=EXACT, mec="black", ms=5, label="exact, so far")
    lines = {"QFI": qfi}
    if num_qubits is not None:
        lines |= {"shot noise, N": num_qubits, "Heisenberg, N²": num_qubits**2}
    for name, value in lines.items():
        if value is not None:
            ax.axhline(value, color=LIMIT, linewidth=1, linestyle="-" if name == "QFI" else "--")
            ax.annotate(
                f"{name} = {value:.5g}",
                (0.4 if name == "QFI" else 0, value),  # of GHZ it is N^2
                xycoords=("axes fraction", "data"),
                xytext=(4, 2),
                textcoords="offset points",
                va="bottom",
                fontsize="small",
            )
    ax.axhline(0, color=LIMIT, linewidth=0.8)
    ax.set_xticks(order)
    ax.set_xlabel("order n: how many qubits the correlators join")
    ax.set_ylabel("bound, up to order n")
    legend_above(ax)
    return ax
