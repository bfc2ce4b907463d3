"""Parity of all qubits against the angle common to them."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qbell.designs.common_angles import harmonic_columns
from qbell.errors import QbellError
from qbell.estimator import Result
from qbell.plots.canvas import EXACT, LIMIT, MEASURED, axes_of, columns_of, legend_above, reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def oscillation(
    result: Result | pd.DataFrame, ax: "Axes | None" = None, *, num_qubits: int | None = None
) -> "Axes":
    """Parity oscillation of the equatorial design, and the curve of its Fourier components.

    N qubits have N + 1 of them; with more angles the curve is the one of least squares.

    Args:
        result: a result of design equatorial, or its table ``oscillation``: angle in radians,
            parity, low, high.
        ax: to draw on; a new figure if None.
        num_qubits: N; known from a result, and of a table one fewer than it has angles if None.

    Returns:
        The axes; the angle is in units of pi.

    Raises:
        QbellError: the design measured no oscillation, no such table, or ``ax`` is no Axes.

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3, "equatorial"), shots=400, seed=1)
    >>> oscillation(qbell.estimate(shots)).get_ylabel()
    'parity of all qubits'
    """
    if isinstance(result, Result):
        if result.oscillation is None:
            raise QbellError(
                f"oscillation: design {result.shots.design} has none; take design equatorial"
            )
        num_qubits = result.shots.num_qubits
        result = result.oscillation
    curve = columns_of(result, ("angle", "parity", "low", "high"), "oscillation")
    num_qubits = len(curve) - 1 if num_qubits is None else num_qubits
    ax = axes_of(ax)
    angle, parity = curve["angle"].to_numpy(), curve["parity"].to_numpy()
    ax.errorbar(
        angle / np.pi,
        parity,
        yerr=reach(parity, curve["low"], curve["high"]),
        fmt="o",
        color=MEASURED,
        ecolor="black",
        capsize=3,
        label="measured",
    )
    parts = np.linalg.lstsq(harmonic_columns(angle, num_qubits), parity)[0]
    fine = np.linspace(min(0.0, angle.min()), max(np.pi, angle.max()), 400)
    values = harmonic_columns(fine, num_qubits) @ parts
    ax.plot(fine / np.pi, values, color=EXACT, zorder=0, label="its Fourier components")
    ax.axhline(0, color=LIMIT, linewidth=0.8)
    ax.set_xlabel("angle of all qubits from σ$_1$ to σ$_2$, in units of π")
    ax.set_ylabel("parity of all qubits")
    ax.set_ylim(-1.1, 1.1)
    legend_above(ax)
    return ax
