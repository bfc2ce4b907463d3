"""Ground state of N bosons in a double well, Eq. (30), carried by N qubits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from qbell.checks import finite_number
from qbell.states.base import MAX_U, State
from qbell.states.symmetric import symmetric_amplitudes, symmetric_circuit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class DoubleWell(State):
    """Ground state of H = -J_x + (U / N) J_z^2, J = sum of spins 1/2, Eq. (30).

    U is the interaction strength in units of the tunnelling; U < 0 attracts. Below U = -1 the
    ground state turns into a superposition of all atoms left and all right (GHZ as U -> -inf).
    It is symmetric under permutations and always even under exchange of the wells.
    """

    u: float
    family = "double-well"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "u", finite_number("u", self.u, most=MAX_U))

    @property
    def energy(self) -> float:
        """Ground-state energy of H."""
        return self._ground_state()[0]

    def circuit(self) -> "QuantumCircuit":
        """Exact preparation in O(N^2) gates; see `qbell.states.symmetric.symmetric_circuit`."""
        return symmetric_circuit(self._ground_state()[1], self.family)

    def _amplitudes(self) -> NDArray[np.float64]:
        return symmetric_amplitudes(self._ground_state()[1])

    def _ground_state(self) -> tuple[float, NDArray[np.float64]]:
        """Energy and coefficients c_0 ... c_N on Dicke states, all positive.

        Solved in the even sector, on (|D_m> + |D_(N-m)>) / sqrt(2): there the ground state keeps a
        gap, while deep in U < -1 the whole space holds an odd state as good as degenerate with it,
        and an eigensolver returns some mixture of the two.
        """
        size = self.num_qubits
        half = size // 2  # m = 0 ... half; for even N the middle state is its own mirror image
        m = np.arange(half + 1)
        j_z = size / 2 - m
        diagonal = self.u / size * j_z**2
        hopping = -0.5 * np.sqrt((m[:-1] + 1) * (size - m[:-1]))
        if size % 2:
            diagonal[half] += -0.5 * np.sqrt((half + 1) * (size - half))
        else:
            hopping[-1] *= np.sqrt(2)
        energies, vectors = eigh_tridiagonal(diagonal, hopping, select="i", select_range=(0, 0))
        even = np.abs(vectors[:, 0])  # Perron-Frobenius: the ground state has no node
        pairs = np.where((size % 2 == 0) & (m == half), 1.0, np.sqrt(0.5))
        coefficients = np.empty(size + 1)
        coefficients[m] = coefficients[size - m] = even * pairs
        return float(energies[0]), coefficients
