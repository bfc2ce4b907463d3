"""The stars of a graph state on their device, each by its visibility."""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.estimator import Result
from qbell.plots.canvas import axes_of
from qbell.plots.device_map import Place, device_map

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNUSED, COUPLED = "#c9c9c9", "#e3e3e3"
APART = 3.0  # stars that are on no device
IN_A_ROW = 8


def stars(result: Result, ax: "Axes | None" = None) -> "Axes":
    """Every star where it is on the device, coloured by its visibility; separators as squares.

    Stars that were not chosen on a device stand in rows. A centre has a dark rim; a star whose
    interval is not above its own local limit has a red one (the product of all stars may refute
    local realism all the same). Qubits and couplings that are not used are grey.

    Args:
        result: of design stars.
        ax: to draw on; a new figure if None.

    Returns:
        The axes.

    Raises:
        QbellError: a result of another design, or ``ax`` is no Axes.

    >>> import qbell
    >>> preparation = qbell.stars(6).preparation()
    >>> settings = qbell.schedule(6, "stars", draws=50, seed=1, stars=preparation.stars)
    >>> shots = qbell.sample(preparation, settings, seed=2)
    >>> len(stars(qbell.estimate(shots)).collections) > 0
    True
    """
    graph = result.shots.stars
    if graph is None:
        raise QbellError(
            f"plots.stars: these shots are of design {result.shots.design}, which has no stars; "
            "give a result of design stars"
        )
    places = _places(graph)
    wires = graph.wires or tuple(range(graph.num_qubits))
    heights = [place[1] for place in places.values()]
    ax = axes_of(ax, height=1.2 + 0.38 * (max(heights) - min(heights)))
    for one, other in graph.couplings if graph.wires else ():
        ax.plot(*_line(places[one], places[other]), color=COUPLED, linewidth=1, zorder=1)
    for one, other in graph.edges:
        ends = places[wires[one]], places[wires[other]]
        ax.plot(*_line(*ends), color="black", linewidth=1.4, zorder=2)
    rest = _points(places, set(places) - set(wires))
    ax.scatter(rest[:, 0], rest[:, 1], s=10, color=UNUSED, zorder=2)
    qubits, values, rims = [], [], []
    for star in result.facts["by_star"]:
        low = star["low"] <= star["local_limit"]
        for qubit in (star["centre"], *star["leaves"]):
            qubits.append(wires[qubit])
            values.append(star["visibility"])
            rims.append("#D55E00" if low else "black" if qubit == star["centre"] else "none")
    where = _points(places, qubits)
    dots = ax.scatter(
        where[:, 0],
        where[:, 1],
        c=values,
        s=52,
        cmap="cividis",
        vmin=math.floor(20 * min(values)) / 20,
        vmax=1,
        edgecolors=rims,
        linewidths=1.3,
        zorder=3,
    )
    between = _points(places, [wires[qubit] for qubit in graph.separators])
    look: dict[str, Any] = {"marker": "s", "color": "white", "edgecolors": "black"}
    ax.scatter(between[:, 0], between[:, 1], s=40, zorder=3, **look)
    ax.figure.colorbar(dots, ax=ax, shrink=0.7, label="visibility of a star")
    ax.set_aspect("equal")
    ax.set_axis_off()
    return ax


def _places(graph: StarGraph) -> dict[int, Place]:
    """By the device's qubits, or by those of the state."""
    if graph.wires and graph.couplings:
        places = device_map(graph.couplings)
        if set(graph.wires) <= set(places):
            return places
    places = {}  # a wire that no coupling names: as without a device
    for number, (centre, leaves) in enumerate(zip(graph.centres, graph.leaves, strict=True)):
        x, y = APART * (number % IN_A_ROW), -APART * (number // IN_A_ROW)
        places[centre] = (x, y)
        around = ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0))
        for leaf, (dx, dy) in zip(leaves, around * len(leaves), strict=False):
            places[leaf] = (x + dx, y + dy)
    for qubit in range(graph.num_qubits):
        if qubit not in places:
            near = [places[other] for other in graph.neighbours[qubit] if other in places]
            x = sum(place[0] for place in near) / max(len(near), 1)
            y = sum(place[1] for place in near) / max(len(near), 1)
            places[qubit] = (x, y + 0.6)
    if graph.wires:
        return {wire: places[qubit] for qubit, wire in enumerate(graph.wires)}
    return places


def _points(places: dict[int, Place], qubits: Iterable[int]) -> NDArray[np.float64]:
    """(qubits, 2)."""
    return np.array([places[qubit] for qubit in qubits], dtype=float).reshape(-1, 2)


def _line(one: Place, other: Place) -> tuple[tuple[float, float], tuple[float, float]]:
    return (one[0], other[0]), (one[1], other[1])
