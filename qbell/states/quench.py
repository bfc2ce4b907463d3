"""What |+>^N becomes under a spin model that is switched on: quenches, and twisting by a chain."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.preparation import Preparation, plain
from qbell.errors import QbellError
from qbell.states.base import State
from qbell.states.chain import ENDS, MAX_ALPHA
from qbell.states.parameters import Choice, Number, Whole
from qbell.states.prepared import circuit_of, require_preparable_size
from qbell.states.spin_hamiltonian import SpinHamiltonian
from qbell.states.spin_model import all_pairs, ring_or_line

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_STRENGTH = 1000.0
MAX_TIME = 1e4
MAX_STEPS = 1000
MAX_TERMS = 1e6  # strength of H times the time: steps of the evolution


@dataclass(frozen=True)
class Quench(State):
    """exp(-i H t) |+>^N, H = sum_jk J_jk (U Z_j Z_k - E (X_j X_k + Y_j Y_k)) - g sum_j X_j.

    With E = 1 and g = 0 it is the XXZ chain. |+>^N is an eigenstate of it at U = -1, XXX; near U =
    -1 the exchange holds the spins together, and in the long run they feel the anisotropy as one:
    one-axis twisting by (1 + U) sum_jk J_jk (4 J_z^2 - N) / (N (N - 1)), a GHZ state along x (even
    N) after t = pi N (N - 1) / (8 |1 + U| sum_jk J_jk). E = 0 with alpha = 0 is one-axis
    twisting itself, `Twisting` with the time 2 U t; E = 0, g = 1 quenches the Ising chain of Eq.
    (29).

    Attributes:
        u: U.
        time: t, in units of 1 / J.
        exchange: E.
        field: g.
        alpha: all pairs interact, J = 1 / d^alpha at a distance d; neighbours with J = 1 if None.
        ends: open, or periodic.
        steps: of a circuit of second-order Trotter steps; None for a general preparation of 2^N
            gates.

    Source: M. Plodzien et al., Phys. Rev. Research 6, 023050 (2024).

    >>> from qbell import exact
    >>> round(exact.qfi(Quench(6, -0.98, 98.17, ends="periodic"), "x"), 2)  # of 36
    35.99
    """

    u: Annotated[float, Number("Interaction strength", example=-0.9, flag="-u", most=MAX_STRENGTH)]
    time: Annotated[float, Number("Time after the quench", example=1.0, most=MAX_TIME)]
    exchange: Annotated[
        float,
        Number("Exchange, 0 for an Ising model", example=1.0, most=MAX_STRENGTH),
    ] = 1.0
    field: Annotated[float, Number("Transverse field", example=0.5, most=MAX_STRENGTH)] = 0.0
    alpha: Annotated[
        float | None,
        Number(
            "Couplings of all pairs, falling as 1 / distance^alpha", example=3.0, most=MAX_ALPHA
        ),
    ] = None
    ends: Annotated[str, Choice("Ends of the chain", example="periodic", among=ENDS)] = ENDS[0]
    steps: Annotated[
        int | None, Whole("Trotter steps of the circuit", example=4, most=MAX_STEPS)
    ] = None
    family = "quench"
    summary = "|+>^N after a quench to a spin model"
    example = "quench -n 6 -u -0.9 --time 2"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.steps is not None and self.steps < 1:
            raise QbellError(f"steps = {self.steps}; give at least 1, or leave it out")
        pairs = sum(self.pairs.values())
        strength = pairs * (abs(self.u) + 2 * abs(self.exchange))
        strength += self.num_qubits * abs(self.field)
        if strength * abs(self.time) > MAX_TERMS:
            raise QbellError(
                f"time = {self.time:g}: with strengths of {strength:.3g} in all the evolution "
                f"would take more than {MAX_TERMS:g} steps; give a time below "
                f"{MAX_TERMS / strength:.3g}"
            )

    @property
    def pairs(self) -> dict[tuple[int, int], float]:
        """J_jk of all pairs that interact."""
        periodic = self.ends != ENDS[0]
        if self.alpha is not None:
            return all_pairs(self.num_qubits, 1.0, self.alpha, periodic)
        return dict.fromkeys(ring_or_line(self.num_qubits, periodic), 1.0)

    @property
    def hamiltonian(self) -> SpinHamiltonian:
        """H."""
        return SpinHamiltonian(
            self.num_qubits,
            zz={pair: self.u * strength for pair, strength in self.pairs.items()},
            exchange={pair: -self.exchange * strength for pair, strength in self.pairs.items()},
            x=(-self.field,) * self.num_qubits,
        )

    def circuit(self) -> "QuantumCircuit":
        """Trotter steps from |+>^N, or a general preparation of 2^N gates.

        Raises:
            QbellError: N above 10 without steps.
        """
        if self.steps is None:
            require_preparable_size(self.num_qubits, f"{self.family} without steps")
            return circuit_of(self.statevector(), self.family)
        from qiskit import QuantumCircuit
        from qiskit.circuit.library import PauliEvolutionGate
        from qiskit.synthesis import SuzukiTrotter

        gate = PauliEvolutionGate(
            self.hamiltonian.operator(),
            time=self.time,
            synthesis=SuzukiTrotter(order=2, reps=self.steps),
        )
        circuit = QuantumCircuit(self.num_qubits)
        circuit.h(range(self.num_qubits))
        circuit.compose(gate.definition, inplace=True)
        return circuit

    def preparation(self, device: object = None, *, measured: bool = False) -> Preparation:
        """The circuit, with the fidelity that its Trotter steps reach, of up to 20 qubits."""
        circuit = self.circuit()
        if self.steps is None:
            return plain(circuit)
        from qiskit.quantum_info import Statevector

        overlap = np.vdot(self.statevector(), Statevector(circuit).data)
        return plain(circuit, min(1.0, float(abs(overlap) ** 2)))

    def _amplitudes(self) -> NDArray[np.complex128]:
        return _evolved(self)


@lru_cache(maxsize=4)
def _evolved(state: Quench) -> NDArray[np.complex128]:
    """(2^N,) amplitudes, read-only."""
    start = np.full(2**state.num_qubits, 2.0 ** (-state.num_qubits / 2), dtype=complex)
    vector = state.hamiltonian.evolved(start, state.time)
    vector /= np.linalg.norm(vector)
    vector.setflags(write=False)
    return vector
