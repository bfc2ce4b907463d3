"""A trained circuit of the Ising chain: its angles, and the exact values of what it prepares."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.states.free_fermions.chain import chain
from qbell.states.free_fermions.gaussian import (
    energy_of,
    flipped,
    log_e_n_of,
    log_fidelity,
    start_modes,
    target_modes,
    zz_of,
)
from qbell.states.free_fermions.kernels import ZZ, Modes, X, apply_layers


@dataclass(frozen=True, eq=False)
class TrainedCircuit:
    """Layers of rotations exp(-i x/2 X_j) and exp(-i zz/2 Z_j Z_(j+1)) from |+>^N or GHZ.

    All values are exact at any size: the state stays Gaussian. For U > 0 the circuit is that of -U,
    followed by X on the qubits 1, 3, ...

    Attributes:
        num_qubits: N.
        u: interaction strength of the ground state it was trained for.
        start: ``plus``, each layer then being ZZ and X; or ``ghz``, each layer X and ZZ.
        x: (layers, N) angles of the gates rx, in radians; read-only.
        zz: (layers, N - 1) angles of the gates rzz on neighbours; read-only.
    """

    num_qubits: int
    u: float
    start: str
    x: NDArray[np.float64]
    zz: NDArray[np.float64]

    def __post_init__(self) -> None:
        for angles in (self.x, self.zz):
            angles.setflags(write=False)

    @property
    def layers(self) -> int:
        """Number of layers."""
        return len(self.x)

    @cached_property
    def modes(self) -> Modes:
        """Of the state before the flips for U > 0; see `qbell.states.free_fermions.gaussian`."""
        modes = start_modes(self.num_qubits, self.start)
        apply_layers(modes, ZZ if self.start == "plus" else X, self.x, self.zz)
        modes.setflags(write=False)
        return modes

    @cached_property
    def fidelity(self) -> float:
        """|<circuit|ground state>|^2."""
        target = target_modes(self.num_qubits, -abs(self.u))
        return min(1.0, math.exp(log_fidelity(target, self.modes)))

    @cached_property
    def energy(self) -> float:
        """Mean of H = U sum Z_j Z_(j+1) - sum X_j."""
        return energy_of(self.modes, -abs(self.u))

    @property
    def energy_error(self) -> float:
        """How far the energy is above that of the ground state."""
        return self.energy - chain(self.num_qubits, -abs(self.u)).energy

    @cached_property
    def qfi(self) -> float:
        """QFI for axis z: sum over i, j of <Z_i Z_j>, as <Z_i> = 0."""
        correlations = zz_of(self.modes)
        if self.u > 0:
            signs = 1.0 - 2.0 * (np.arange(self.num_qubits) % 2)
            correlations = signs[:, None] * correlations * signs
        return float(correlations.sum())

    @cached_property
    def log_e_n(self) -> float:
        """ln E_{N,0} for axis z, -inf for zero."""
        modes = flipped(self.modes) if self.u > 0 else self.modes
        return log_e_n_of(modes)

    @property
    def e_n(self) -> float:
        """E_{N,0} for axis z; 0 where it is below 1e-308, see ``log_e_n``."""
        return math.exp(self.log_e_n)

    def record(self) -> dict[str, Any]:
        """The numbers, for tables."""
        return {
            "n": self.num_qubits,
            "u": self.u,
            "start": self.start,
            "layers": self.layers,
            "fidelity": self.fidelity,
            "energy": self.energy,
            "energy_error": self.energy_error,
            "qfi": self.qfi,
            "e_n": self.e_n,
        }
