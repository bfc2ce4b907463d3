"""A device's qubits and couplings, coloured by the error of their readout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qbell.errors import QbellError
from qbell.plots.canvas import LIMIT, axes_of
from qbell.plots.device_map import device_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USED = "#D55E00"


def readout_map(found: Mapping[str, Any], ax: "Axes | None" = None) -> "Axes":
    """The coupling map; qubits that carry the state have a thick rim and the state's number.

    Args:
        found: the key ``device_map`` of a summary: ``edges``, pairs of qubits; ``readout_error``,
            of each qubit, a probability or None; ``qubits``, the physical qubit of each qubit of
            the state, or None.
        ax: to draw on; a new figure if None.

    Returns:
        The axes. Places follow from the couplings alone, so they are not those on the chip.

    Raises:
        QbellError: no such record, or ``ax`` is no Axes.

    >>> line = {"edges": [[0, 1], [1, 2]], "readout_error": [0.01, 0.02, None], "qubits": [1, 2]}
    >>> readout_map(line).get_title()
    'readout error; numbers are the qubits of the state'
    """
    try:
        edges = np.array(found["edges"], dtype=int).reshape(-1, 2)
        errors = np.array([np.nan if one is None else one for one in found["readout_error"]], float)
        carries = dict(enumerate(found["qubits"] or ()))
        placed = device_map(edges.tolist())
        drawn = sorted({*placed, *carries.values()})
        places = np.array([placed[qubit] for qubit in drawn])
        ends = np.array([[placed[qubit] for qubit in edge] for edge in edges.tolist()])
        errors = errors[drawn]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise QbellError(
            f"readout_map: expected edges, readout_error and qubits, as in a summary ({error})"
        ) from error
    ax = axes_of(ax)
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection
    from matplotlib.patheffects import withStroke

    ax.add_collection(LineCollection(list(ends), colors=LIMIT, linewidths=0.8, zorder=1))
    size = float(np.clip(6000 / max(len(errors), 1), 30, 240))
    rims = np.zeros(len(errors))
    rims[[drawn.index(qubit) for qubit in carries.values()]] = 1.8
    dots = ax.scatter(
        places[:, 0],
        places[:, 1],
        s=size,
        c=100 * errors,
        cmap=colormaps["cividis_r"].with_extremes(bad="#dddddd"),
        plotnonfinite=True,
        linewidths=np.maximum(rims, 0.4).tolist(),
        edgecolors=[USED if rim else LIMIT for rim in rims],
        clip_on=False,
        zorder=2,
    )
    for qubit, place in carries.items():
        ax.annotate(
            str(qubit),
            placed[place],
            xytext=(0, 0.5 * np.sqrt(size) + 2),
            textcoords="offset points",
            ha="center",
            va="baseline",
            fontsize=float(np.clip(0.9 * np.sqrt(size), 5.5, 8)),  # below the dot of the next row
            color="black",
            path_effects=[withStroke(linewidth=1.5, foreground="white")],  # a line runs behind
            zorder=3,
        )
    ax.figure.colorbar(dots, ax=ax, label="readout error in %", shrink=0.8)
    ax.set_aspect("equal")
    ax.margins(0.06, 0.12)
    ax.set_axis_off()
    title = "readout error; numbers are the qubits of the state"
    ax.set_title(title, fontsize="medium", pad=12)
    return ax
