"""The variational circuit of the Ising chain: layers of ZZ and X rotations, and its training.

From |+>^N each layer is exp(-i gamma sum ZZ) and then exp(-i beta sum X), the order in which both
act on the start; from GHZ, on which ZZ acts trivially, each layer is the X rotation and then ZZ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qbell.errors import QbellError
from qbell.states.ghz import GHZ
from qbell.states.ising_ground_state import ground_state
from qbell.states.plus import Plus

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_TRAINED_QUBITS = 16
STARTS = ("plus", "ghz")
Angles = NDArray[np.float64]  # (2, layers): in the order in which a layer applies them


@dataclass(frozen=True)
class Ansatz:
    """A trained circuit: its start, its angles and |<circuit|ground state>|^2."""

    start: str
    gammas: tuple[float, ...]
    betas: tuple[float, ...]
    fidelity: float

    @property
    def layers(self) -> int:
        """Number of layers."""
        return len(self.gammas)

    def circuit(self, num_qubits: int) -> "QuantumCircuit":
        """exp(-i gamma ZZ) as rzz(2 gamma) and exp(-i beta X) as rx(2 beta), on a line."""
        from qiskit import QuantumCircuit

        start = Plus(num_qubits) if self.start == "plus" else GHZ(num_qubits)
        circuit = QuantumCircuit(num_qubits, name="ising")
        circuit.compose(start.circuit(), inplace=True)
        for gamma, beta in zip(self.gammas, self.betas, strict=True):
            if self.start == "ghz":
                circuit.rx(2 * beta, range(num_qubits))
            for first in (0, 1):  # even bonds side by side, then odd bonds
                for qubit in range(first, num_qubits - 1, 2):
                    circuit.rzz(2 * gamma, qubit, qubit + 1)
            if self.start == "plus":
                circuit.rx(2 * beta, range(num_qubits))
        return circuit


@lru_cache(maxsize=64)
def train(num_qubits: int, u: float, layers: int | None, fidelity: float) -> Ansatz:
    """The shallowest ansatz that reaches ``fidelity``, or the best one with ``layers``.

    The depth grows one layer at a time from both starts, each depth starting from the angles of
    the one before, interpolated; so the result is the same on every run. It is trained on |U|: for
    U > 0 the circuit flips every other qubit at the end.

    Raises:
        QbellError: N above 16, or the fidelity is not reached within 2 N layers.
    """
    if num_qubits > MAX_TRAINED_QUBITS:
        raise QbellError(
            f"n = {num_qubits}: this version trains Ising circuits up to n = {MAX_TRAINED_QUBITS}"
        )
    target = ground_state(num_qubits, -abs(u))[1]
    best = Ansatz("plus", (), (), 0.0)
    angles = {start: np.zeros((2, 0)) for start in STARTS}
    for depth in range(2 * num_qubits + 1 if layers is None else layers + 1):
        found = []
        for start in STARTS:
            infidelity = _infidelity(num_qubits, target, start)
            angles[start], reached = _optimise(infidelity, _interpolate(angles[start], depth))
            first, second = (tuple(row.tolist()) for row in angles[start])
            gammas, betas = (first, second) if start == "plus" else (second, first)
            found.append(Ansatz(start, gammas, betas, reached))
        best = max(found, key=lambda ansatz: ansatz.fidelity)
        if layers is None and best.fidelity >= fidelity:
            return best
    if layers is None:
        raise QbellError(
            f"ising n = {num_qubits}, u = {u}: {2 * num_qubits} layers reach fidelity "
            f"{best.fidelity:.4f}, not {fidelity}; ask for less with fidelity ="
        )
    return best


Objective = Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]]


def _optimise(objective: Objective, start: Angles) -> tuple[Angles, float]:
    if start.shape[1] == 0:
        return start, 1 - objective(start.ravel())[0]
    result = minimize(
        objective, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    return result.x.reshape(start.shape), 1 - float(result.fun)


def _interpolate(angles: Angles, depth: int) -> Angles:
    """Angles of ``depth`` layers that follow the curve of the given, shallower ones."""
    shallow = angles.shape[1]
    if shallow == depth:
        return angles
    if shallow == 0:
        return np.full((2, depth), 0.3)
    old = (np.arange(shallow) + 0.5) / shallow
    new = (np.arange(depth) + 0.5) / depth
    return np.stack([np.interp(new, old, row) for row in angles])


def _infidelity(num_qubits: int, target: NDArray[np.float64], start: str) -> Objective:
    """1 - |<target|psi(angles)>|^2 and its gradient, by one sweep forth and one back.

    d<t|..U..|s>/d theta = <lambda| -i G |psi> for U = exp(-i theta G), with |psi> the state behind
    the gate and <lambda| = <t| times the gates after it.
    """
    index = np.arange(2**num_qubits)
    bonds = np.zeros(2**num_qubits)
    for qubit in range(num_qubits - 1):
        bonds += 1.0 - 2.0 * ((index >> qubit ^ index >> (qubit + 1)) & 1)
    initial = (Plus(num_qubits) if start == "plus" else GHZ(num_qubits)).statevector()

    def rotate_zz(psi: NDArray[np.complex128], gamma: float) -> NDArray[np.complex128]:
        return np.exp(-1j * gamma * bonds) * psi

    def rotate_x(psi: NDArray[np.complex128], beta: float) -> NDArray[np.complex128]:
        cosine, sine = np.cos(beta), -1j * np.sin(beta)
        for qubit in range(num_qubits):
            parts = psi.reshape(-1, 2, 2**qubit)
            psi = (cosine * parts + sine * parts[:, ::-1]).reshape(-1)
        return psi

    def sum_zz(psi: NDArray[np.complex128]) -> NDArray[np.complex128]:
        return bonds * psi

    def sum_x(psi: NDArray[np.complex128]) -> NDArray[np.complex128]:
        total = np.zeros_like(psi)
        for qubit in range(num_qubits):
            total += psi.reshape(-1, 2, 2**qubit)[:, ::-1].reshape(-1)
        return total

    gates = [(rotate_zz, sum_zz), (rotate_x, sum_x)]
    if start == "ghz":
        gates.reverse()

    def objective(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        angles = flat.reshape(2, -1)
        psi = initial
        for layer in range(angles.shape[1]):
            for kind, (rotate, _) in enumerate(gates):
                psi = rotate(psi, angles[kind, layer])
        overlap = np.vdot(target, psi)
        back = target.astype(complex)
        gradient = np.zeros_like(angles)
        for layer in reversed(range(angles.shape[1])):
            for kind in (1, 0):
                rotate, generator = gates[kind]
                change = -1j * np.vdot(back, generator(psi))
                gradient[kind, layer] = -2 * (np.conj(overlap) * change).real
                psi = rotate(psi, -angles[kind, layer])
                back = rotate(back, -angles[kind, layer])
        return 1 - float(abs(overlap)) ** 2, gradient.ravel()

    return objective
