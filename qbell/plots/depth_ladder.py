"""What each depth would need, and where the measured correlator lies."""

import math
from typing import TYPE_CHECKING

from qbell.certificates.depths import OF_E
from qbell.errors import QbellError
from qbell.estimator import Estimate, Result
from qbell.plots.canvas import LIMIT, MEASURED, axes_of, reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEFAULT = "nonlocality_depth"
MOST_RUNGS = 24
WIDTH = 0.07  # of a rung's words, of the axis
LEVELS = 3  # of words above each other


def depth_ladder(
    result: Result | Estimate,
    ax: "Axes | None" = None,
    *,
    depth: str = DEFAULT,
    num_qubits: int | None = None,
) -> "Axes":
    """E_{N,0} with its interval between the limits of a depth: above the k-th, depth > k.

    Args:
        result: a result with E_{N,0}, or that estimate.
        ax: to draw on; a new figure if None.
        depth: ``nonlocality_depth``, ``no_signalling_depth``, ``bell_qubits`` or
            ``entanglement_depth``.
        num_qubits: N; known from a result.

    Returns:
        The axes, with a logarithmic scale of base 2.

    Raises:
        QbellError: the result has no E_{N,0}, an unknown depth, or no ``num_qubits``.

    >>> import qbell
    >>> result = qbell.estimate(qbell.read_shots("experiments/data/ghz_n=3.csv"))
    >>> depth_ladder(result).get_xlabel()
    'E$_{N,0}$'
    """
    known = {one.key: one for one in OF_E}
    if depth not in known:
        raise QbellError(f"depth_ladder: depth {depth!r} is unknown; use {', '.join(known)}")
    if isinstance(result, Result):
        num_qubits = result.shots.num_qubits if num_qubits is None else num_qubits
        if result.e_n is None:
            raise QbellError("depth_ladder: these shots have no E_{N,0}; see result.notes")
        result = result.e_n
    if not isinstance(result, Estimate):
        raise QbellError(
            f"depth_ladder: expected a Result or an Estimate, got {type(result).__name__}"
        )
    if num_qubits is None:
        raise QbellError("depth_ladder: an estimate alone does not say N; give num_qubits")
    ax = axes_of(ax, height=1.9)
    chosen, least = known[depth], 2.0 ** -(num_qubits + 1)
    rungs: dict[int, int] = {}  # of equal limits the largest size says most
    for size in range(1, num_qubits):
        rungs[chosen.limit(num_qubits, size)] = size
    inside = [(2.0**-exponent, size) for exponent, size in sorted(rungs.items(), reverse=True)]
    free = [0.0] * LEVELS  # from where on a level is empty, in parts of the axis
    for limit, size in [rung for rung in inside if rung[0] > least][-MOST_RUNGS:]:
        place = 1 - (math.log2(limit) + 1) / (math.log2(least) + 1)
        level = next((n for n, end in enumerate(free) if place >= end), free.index(min(free)))
        free[level] = place + WIDTH
        ax.axvline(limit, color=LIMIT, linestyle="--", linewidth=0.9)
        ax.annotate(
            f"≥ {size + 1}",
            (limit, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -4 - 11 * level),
            textcoords="offset points",
            va="top",
            fontsize="small",
            bbox={"boxstyle": "square,pad=0", "fc": "white", "ec": "none"},  # over the next line
        )
    value, low, high = (max(one, least) for one in (result.value, result.low, result.high))
    ax.errorbar(value, 0.4, xerr=reach(value, low, high), fmt="D", color=MEASURED, capsize=5)
    ax.set_xscale("log", base=2)
    ax.set_xlim(least, 0.5)
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    ax.set_xlabel("E$_{N,0}$")
    percent = f"{100 * result.confidence:g} %"
    ax.set_title(f"{chosen.label}: what each would need, and E at {percent}", fontsize="medium")
    return ax
