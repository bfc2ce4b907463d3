"""Angles trained before, kept as a tidy table: the common chains need no training.

``trained_angles.csv`` has one row an angle: n, u, start, layer (from 1), gate (``x`` or ``zz``),
site (of x) or left site of the bond (of zz), angle in radians. Of sites and bonds that a mirror in
the middle of the chain exchanges only the first is listed. A chain whose start alone reaches the
fidelity, 0.98, has no rows.
"""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.states.free_fermions.trained_circuit import TrainedCircuit

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["n", "u", "start", "layer", "gate", "site", "angle"]
NEAR = 0.3  # how far in U other chains are of use


def find(num_qubits: int, u: float) -> TrainedCircuit | None:
    """The circuit of this chain, of the chain with -U (the same circuit but for flips), or None."""
    return _circuit(num_qubits, -abs(u), u)


def near(num_qubits: int, u: float) -> list[TrainedCircuit]:
    """The circuits of as many qubits with the nearest U below and above, within 0.3."""
    known = [key[1] for key in _table() if key[0] == num_qubits]
    below = [other for other in known if -abs(u) - NEAR <= other <= -abs(u)]
    above = [other for other in known if -abs(u) < other <= -abs(u) + NEAR]
    chosen = ([max(below)] if below else []) + ([min(above)] if above else [])
    found = [_circuit(num_qubits, other, other) for other in chosen]
    return [circuit for circuit in found if circuit is not None]


def to_frame(circuits: list[TrainedCircuit]) -> "pd.DataFrame":
    """The tidy table of circuits, all of them mirror-symmetric."""
    rows = []
    for circuit in circuits:
        for gate, angles in (("x", circuit.x), ("zz", circuit.zz)):
            kept = (angles.shape[1] + 1) // 2
            for layer, site in np.ndindex(circuit.layers, kept):
                angle = float(angles[layer, site])
                rows.append(
                    (circuit.num_qubits, circuit.u, circuit.start, layer + 1, gate, site, angle)
                )
    import pandas as pd

    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["n", "u", "layer", "gate", "site"], ignore_index=True)


def _circuit(num_qubits: int, key: float, u: float) -> TrainedCircuit | None:
    found = _table().get((num_qubits, key))
    if found is None:
        return None
    start, x, zz = found
    return TrainedCircuit(
        num_qubits, u, start, _mirrored(x, num_qubits), _mirrored(zz, num_qubits - 1)
    )


def _mirrored(kept: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """(layers, size) from the first half of each row."""
    sites = np.arange(size)
    return np.ascontiguousarray(kept[:, np.minimum(sites, size - 1 - sites)])


@cache
def _table() -> dict[tuple[int, float], tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
    """(n, u) -> start and the angles x (layers, sites) and zz (layers, bonds) that are listed."""
    import pandas as pd

    path = resources.files("qbell.states.free_fermions") / "trained_angles.csv"
    with path.open(encoding="utf-8") as file:
        frame = pd.read_csv(file)
    found = {}
    for key, rows in frame.groupby(["n", "u"], sort=False):
        n, u = np.asarray(key).tolist()
        layers = int(rows["layer"].max())
        x, zz = (
            rows.loc[rows["gate"] == gate, "angle"].to_numpy(dtype=float).reshape(layers, -1)
            for gate in ("x", "zz")
        )
        found[int(n), u] = (str(rows["start"].iloc[0]), x, zz)
    return found
