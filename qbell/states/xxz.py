"""Ground states of the XXZ chain."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.states.base import MAX_U, State, ones
from qbell.states.chain import ENDS, MAX_ALPHA
from qbell.states.parameters import Choice, Number
from qbell.states.prepared import circuit_of, require_preparable_size
from qbell.states.spin_model import (
    all_pairs,
    lowest,
    pair_energies,
    require_solved,
    ring_or_line,
)

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class XXZ(State):
    """Ground state of H = -sum_jk J_jk (X_j X_k + Y_j Y_k - U Z_j Z_k), U above -1.

    It has as many ones as zeros and positive amplitudes. Below U = 1 the spins align in the plane,
    which is what the QFI along x shows; above they alternate along z. At U = -1 and below all spins
    point up or all down, and which is left open. For odd N two states with one more or one less of
    ones have the same energy: this is their sum, which is even under flipping all spins. Beyond 20
    qubits `qbell.exact` finds it by DMRG.

    Attributes:
        u: U in units of the exchange between neighbours, above -1.
        alpha: all pairs interact, J = 1 / d^alpha at a distance d; neighbours with J = 1 if None.
        ends: open, or periodic.

    >>> round(XXZ(2, 0.0).energy, 9)
    -2.0
    """

    u: Annotated[float, Number("Interaction strength", example=0.5, flag="-u", most=MAX_U)]
    alpha: Annotated[
        float | None,
        Number(
            "Couplings of all pairs, falling as 1 / distance^alpha", example=3.0, most=MAX_ALPHA
        ),
    ] = None
    ends: Annotated[str, Choice("Ends of the chain", example="periodic", among=ENDS)] = ENDS[0]
    family = "xxz"
    summary = "ground state of the XXZ chain"
    example = "xxz -n 8 -u 0.5"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.u <= -1:
            raise QbellError(
                f"u = {self.u:g}: the ground state of the XXZ chain is degenerate at -1 and below; "
                "give a larger u"
            )

    @property
    def energy(self) -> float:
        """Ground-state energy of H.

        Raises:
            QbellError: N above 20, where `qbell.exact.describe` finds it; or two energies too
                close.
        """
        require_solved(self.num_qubits, self.family)
        return _solved(self)[0]

    def circuit(self) -> "QuantumCircuit":
        """A general preparation of 2^N gates.

        Raises:
            QbellError: N above 10.
        """
        require_preparable_size(self.num_qubits, self.family)
        return circuit_of(self.statevector(), self.family)

    @property
    def pairs(self) -> dict[tuple[int, int], float]:
        """J_jk of all pairs that interact."""
        periodic = self.ends != ENDS[0]
        if self.alpha is not None:
            return all_pairs(self.num_qubits, 1.0, self.alpha, periodic)
        return dict.fromkeys(ring_or_line(self.num_qubits, periodic), 1.0)

    def _amplitudes(self) -> Floats:
        return _solved(self)[1]


@lru_cache(maxsize=4)
def _solved(state: XXZ) -> tuple[float, Floats]:
    """Energy and (2^N,) real amplitudes, read-only; solved for among N // 2 ones."""
    size = state.num_qubits
    kept = np.flatnonzero(ones(size) == size // 2)
    place = np.full(2**size, -1)
    place[kept] = np.arange(len(kept))
    diagonal = state.u * pair_energies(size, state.pairs)[kept]
    moves = []
    for (j, k), strength in state.pairs.items():
        differ = (kept >> j ^ kept >> k) & 1 == 1
        moves.append((differ, place[kept[differ] ^ (1 << j | 1 << k)], 2 * strength))

    def apply(vector: Floats) -> Floats:
        result = diagonal * vector
        for differ, source, strength in moves:
            result[differ] -= strength * vector[source]
        return result

    scale = float(np.abs(diagonal).max()) + 2 * sum(state.pairs.values())
    energy, vector = lowest(apply, len(kept), scale)
    amplitudes = np.zeros(2**size)
    if size % 2:
        vector = vector * np.sqrt(0.5)
        amplitudes[2**size - 1 - kept] = vector
    amplitudes[kept] = vector
    amplitudes.setflags(write=False)
    return energy, amplitudes
