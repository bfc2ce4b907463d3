"""Ground states of Ising models on a chain: disorder, longer range, closed ends, a tilted field."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.states.base import State
from qbell.states.free_fermions.chain import solve, solve_ring
from qbell.states.parameters import Choice, Number, Parameter, numbers_or_one
from qbell.states.prepared import circuit_of, require_preparable_size
from qbell.states.spin_model import (
    all_pairs,
    lowest,
    pair_energies,
    require_solved,
    ring_or_line,
)
from qbell.util.checks import finite_number

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Floats = NDArray[np.float64]

MAX_STRENGTH = 1e6
MAX_ALPHA = 100.0
ENDS = ("open", "periodic")


@dataclass(frozen=True)
class Strengths(Parameter):
    """A number for all qubits or bonds, or a list with one for each; kept as they are."""

    typed = "float"

    def read(self, flag: str, text: str) -> float | list[float]:
        return numbers_or_one(flag, text)

    def checked(self, name: str, value: Any, num_qubits: int) -> float | tuple[float, ...]:
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, str) or not isinstance(value, Sequence):
            return finite_number(name, value, most=MAX_STRENGTH)
        return tuple(
            finite_number(f"{name}[{k}]", each, most=MAX_STRENGTH) for k, each in enumerate(value)
        )


@dataclass(frozen=True)
class Chain(State):
    """Ground state of H = sum_jk J_jk Z_j Z_k - sum_j g_j X_j - sum_j l_j Z_j.

    Without longitudinal field it is even under flipping all spins (odd if an odd number of fields
    g_j is below 0), and solved for as such. Chains and rings of neighbours without longitudinal
    field are free fermions, of any size; others are state vectors of up to 20 qubits, beyond which
    `qbell.exact` finds them by DMRG.

    Attributes:
        couplings: J of each bond (j, j + 1), qubit 0 first, the bond that closes a ring last; or
            one number for all. Below 0 is ferromagnetic.
        fields: transverse g_j, one number or N, none 0.
        longitudinal: l_j, one number or N.
        alpha: all pairs interact, J / d^alpha at a distance d; J is one number then.
        ends: open, or periodic.

    >>> ring = Chain(8, -1.0, ends="periodic")
    >>> round(ring.energy / 8, 6)  # -(2 / N) sum_k |sin(k / 2)|, k odd multiples of pi / N
    -1.281458
    """

    couplings: Annotated[
        float | Sequence[float],
        Strengths("Couplings, one for all bonds or one each: -2,-0.5,-2", example=-1.5),
    ]
    fields: Annotated[
        float | Sequence[float],
        Strengths("Transverse fields, one for all qubits or one each", example=0.8),
    ] = 1.0
    longitudinal: Annotated[
        float | Sequence[float],
        Strengths("Longitudinal fields, one for all qubits or one each", example=0.1),
    ] = 0.0
    alpha: Annotated[
        float | None,
        Number(
            "Couplings of all pairs, falling as 1 / distance^alpha", example=3.0, most=MAX_ALPHA
        ),
    ] = None
    ends: Annotated[str, Choice("Ends of the chain", example="periodic", among=ENDS)] = ENDS[0]
    family = "chain"
    summary = "Ising models: disorder, long range, rings"
    example = "chain -n 4 --couplings=-2,-0.5,-2"

    def __post_init__(self) -> None:
        super().__post_init__()
        size = self.num_qubits
        for name in ("fields", "longitudinal"):
            self._require(name, size, "qubits")
        if self.alpha is None:
            self._require("couplings", len(self._bonds), f"bonds of {self.ends} ends")
        elif isinstance(self.couplings, tuple):
            raise QbellError(
                f"couplings holds {len(self.couplings)} numbers, and alpha = {self.alpha:g}; with "
                "alpha give one number"
            )
        for k, field in enumerate(self.transverse):
            if field == 0:
                raise QbellError(
                    f"fields[{k}] = 0: this spin does not flip, and the ground state may be "
                    "degenerate; give a small number of either sign"
                )

    @property
    def transverse(self) -> Floats:
        """(N,) g_j."""
        return np.broadcast_to(np.array(self.fields, dtype=float), self.num_qubits).copy()

    @property
    def bonds(self) -> Floats:
        """J of each bond; without alpha."""
        return np.broadcast_to(np.array(self.couplings, dtype=float), len(self._bonds)).copy()

    @property
    def is_free(self) -> bool:
        """Whether it is free fermions: neighbours only, and no longitudinal field."""
        return self.alpha is None and not np.any(self.longitudinal)

    @property
    def is_ring(self) -> bool:
        """Whether a bond joins its ends."""
        return self.ends != ENDS[0] and self.num_qubits > 2

    @property
    def energy(self) -> float:
        """Ground-state energy of H.

        Raises:
            QbellError: no free fermions, and N above 20, where `qbell.exact.describe` finds it; or
                two energies too close.
        """
        if self.is_free and self.is_ring:
            bonds = self.bonds
            return solve_ring(bonds[:-1], np.abs(self.transverse), float(bonds[-1])).energy
        if self.is_free:
            return solve(-np.abs(self.bonds), np.abs(self.transverse)).energy
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
        if self.alpha is not None:
            strength = float(np.asarray(self.couplings))
            return all_pairs(self.num_qubits, strength, self.alpha, self.ends != ENDS[0])
        return dict(zip(self._bonds, self.bonds.tolist(), strict=True))

    @property
    def _bonds(self) -> list[tuple[int, int]]:
        return ring_or_line(self.num_qubits, self.ends != ENDS[0])

    def _require(self, name: str, count: int, of: str) -> None:
        value = getattr(self, name)
        if isinstance(value, tuple) and len(value) != count:
            raise QbellError(
                f"{name} holds {len(value)} numbers for {count} {of}; give one number, or one each"
            )

    def _amplitudes(self) -> Floats:
        return _solved(self)[1]


@lru_cache(maxsize=4)
def _solved(state: Chain) -> tuple[float, Floats]:
    """Energy and (2^N,) real amplitudes, read-only.

    With positive fields all amplitudes are positive; a qubit whose field is negative is turned by
    pi about z. Without longitudinal field the solver sees (|b> + |not b>) / sqrt(2) only, with
    qubit N - 1 of b at 0, where X_(N-1) takes b to the complement of its other bits.
    """
    size = state.num_qubits
    fields = np.abs(state.transverse)
    index = np.arange(2**size)
    diagonal = pair_energies(size, state.pairs)
    along = np.broadcast_to(np.array(state.longitudinal, dtype=float), size)
    even = not along.any()
    for qubit, strength in enumerate(along):
        diagonal -= strength * (1.0 - 2.0 * (index >> qubit & 1))
    kept = diagonal[: len(index) // 2] if even else diagonal

    def apply(vector: Floats) -> Floats:
        result = kept * vector
        if even:
            result -= fields[-1] * vector[::-1]
        for qubit, field in enumerate(fields[:-1] if even else fields):
            result -= field * vector.reshape(-1, 2, 2**qubit)[:, ::-1].ravel()
        return result

    energy, vector = lowest(apply, len(kept), max(float(np.abs(diagonal).max()), fields.sum()))
    if even:
        vector = np.concatenate([vector, vector[::-1]]) * np.sqrt(0.5)
    for qubit in np.flatnonzero(state.transverse < 0).tolist():
        vector = vector * (1.0 - 2.0 * (index >> qubit & 1))
    vector.setflags(write=False)
    return energy, vector
