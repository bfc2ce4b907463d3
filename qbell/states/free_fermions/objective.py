"""What is trained: ln of the fidelity with the ground state, as a function of a circuit's angles.

A layer started from |+>^N is the ZZ rotations and then the X rotations, as both act on the start;
from GHZ, on which ZZ acts trivially, it is X and then ZZ. ``uniform`` angles are two numbers a
layer; ``local`` ones are one for each site and bond, equal for sites and bonds that a mirror in the
middle of the chain exchanges, since the ground state is its own mirror image.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qbell.states.free_fermions.gaussian import start_modes
from qbell.states.free_fermions.kernels import ZZ, Modes, X, apply_layers, unwind

Angles = NDArray[np.float64]
HOPELESS = 1e6  # value of an objective where the fidelity is 0


class Objective:
    """-ln F and its gradient, for one start and one kind of angles.

    Attributes:
        num_qubits: N.
        start: ``plus`` or ``ghz``.
        width: number of angles a layer: X first, then ZZ.
    """

    def __init__(self, target: Modes, start: str, kind: str) -> None:
        self.num_qubits = size = target.shape[1]
        self.start = start
        self._initial = start_modes(size, start)
        self._target = np.ascontiguousarray(target.conj().T)
        self._first = ZZ if start == "plus" else X
        sites, bonds = np.arange(size), np.arange(size - 1)
        if kind == "uniform":
            self._site = np.zeros(size, dtype=np.int64)
            self._bond = np.zeros(size - 1, dtype=np.int64)
        else:
            self._site = np.minimum(sites, size - 1 - sites)
            self._bond = np.minimum(bonds, size - 2 - bonds)
        self.width = int(self._site.max() + self._bond.max()) + 2

    @cached_property
    def num_site_classes(self) -> int:
        """How many of a layer's angles are those of X."""
        return int(self._site.max()) + 1

    def expand(self, angles: Angles) -> tuple[Angles, Angles]:
        """(layers, width) angles to those of each gate: X (layers, N) and ZZ (layers, N - 1)."""
        split = self.num_site_classes
        return (
            np.ascontiguousarray(angles[:, :split][:, self._site]),
            np.ascontiguousarray(angles[:, split:][:, self._bond]),
        )

    def modes(self, angles: Angles) -> Modes:
        """Modes of the circuit's state, (2N, N)."""
        modes = self._initial.copy()
        apply_layers(modes, self._first, *self.expand(angles))
        return modes

    def log_fidelity(self, angles: Angles) -> float:
        """ln F of (layers, width) angles."""
        return float(np.linalg.slogdet(self._target @ self.modes(angles))[1])

    def __call__(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """-ln F and its gradient by the angles, both for all layers in a row."""
        angles = flat.reshape(-1, self.width)
        x, zz = self.expand(angles)
        modes = self._initial.copy()
        apply_layers(modes, self._first, x, zz)
        overlap = self._target @ modes
        log = float(np.linalg.slogdet(overlap)[1])
        if not log > -HOPELESS:
            return HOPELESS, np.zeros_like(flat)
        back = np.ascontiguousarray(np.linalg.solve(overlap, self._target).T)
        by_x, by_zz = np.empty_like(x), np.empty_like(zz)
        unwind(modes, back, self._first, x, zz, by_x, by_zz)
        gradient = np.zeros_like(angles)
        split = self.num_site_classes
        np.add.at(gradient.T, self._site, by_x.T)
        np.add.at(gradient.T, split + self._bond, by_zz.T)
        return -log, -gradient.ravel()
