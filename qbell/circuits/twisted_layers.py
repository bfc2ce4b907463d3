"""Shallow circuits for symmetric, even states: layers of one-axis twisting and rotation about x.

From |+>^N a layer is exp(-i chi J_z^2) and then exp(-i beta J_x), the order in which they act; from
GHZ, on which twisting acts trivially, it is the rotation and then the twisting. Both starts and all
layers are even under flipping all qubits, so the state has N // 2 + 1 coefficients: trained there,
it is exact at any N.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.circuits.ghz import line_circuit
from qbell.circuits.layers import interpolate
from qbell.circuits.twisting import check_twists, twist

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

STARTS = ("plus", "ghz")
GRID = 81  # values of an angle that are tried in a new layer
TRIED = 4  # of the places and angles of a new layer are trained on
SHAKEN = 3  # further starts, the layers so far stretched in time and shaken
SPREAD = 0.2
STEPS = 300
DIGITS = 9  # behind the point, of the angles

Angles = NDArray[np.float64]  # (layers, 2): in the order in which a layer applies them
Vector = NDArray[np.complex128]


@dataclass(frozen=True)
class TwistedLayers:
    """A trained circuit.

    Attributes:
        start: ``plus`` or ``ghz``.
        chis, betas: angles of the twistings exp(-i chi J_z^2) and of the rotations
            exp(-i beta J_x), layer by layer.
        fidelity: |<target|circuit>|^2.
    """

    start: str
    chis: tuple[float, ...]
    betas: tuple[float, ...]
    fidelity: float

    @property
    def layers(self) -> int:
        """Number of layers."""
        return len(self.chis)

    def circuit(self, num_qubits: int, name: str) -> "QuantumCircuit":
        """rzz(chi) on all pairs and rx(beta) on all qubits, layer by layer; up to a phase.

        Raises:
            QbellError: more than a million gates.
        """
        from qiskit import QuantumCircuit

        check_twists(num_qubits, self.layers)
        circuit = QuantumCircuit(num_qubits, name=name)
        if self.start == "plus":
            circuit.h(range(num_qubits))
        else:
            circuit.compose(line_circuit(num_qubits), inplace=True)
        for chi, beta in zip(self.chis, self.betas, strict=True):
            if self.start == "ghz":
                circuit.rx(beta, range(num_qubits))
            twist(circuit, chi)
            if self.start == "plus":
                circuit.rx(beta, range(num_qubits))
        return circuit


def trained(target: NDArray[np.float64]) -> Iterator[TwistedLayers]:
    """The best circuit found with 0 layers, 1 layer, 2 layers and so on, without end.

    A depth starts from the layers of the one before, with a new one put in where a grid of its
    angles promises most, and from the same stretched in time; so fidelities never fall.

    Angles have nine digits behind the point, and fidelities are those of the angles as given. On
    one machine, with the same versions, every run gives the same. On another one rounding differs,
    and where the fidelity is flat the angles may by 1e-8 or so, in rare cases also which of several
    equally good circuits is found; the fidelity is then that of the circuit given, all the same.

    Args:
        target: real c_0 ... c_N, even: c_m = c_(N-m).
    """
    searches = [_Search(target, start) for start in STARTS]
    while True:
        yield max((search.found() for search in searches), key=lambda found: found.fidelity)
        for search in searches:
            search.deepen()


class _Search:
    """Training from one start."""

    def __init__(self, target: NDArray[np.float64], start: str) -> None:
        size = len(target) - 1
        half = size // 2
        k = np.arange(half + 1)
        weight = np.where(2 * k == size, 1.0, np.sqrt(2.0))  # of (|D_k> + |D_(N-k)>) / sqrt(2)
        hopping = 0.5 * np.sqrt((k[:-1] + 1.0) * (size - k[:-1]))
        diagonal = np.zeros(half + 1)
        if size % 2:
            diagonal[half] = 0.25 * (size + 1)  # D_half and D_(half+1) are mirror images
        else:
            hopping[-1:] *= np.sqrt(2.0)
        self.start = start
        self.target = (weight * target[: half + 1]).astype(complex)
        if start == "plus":
            gammaln = scipy.special.gammaln
            log_multiplicity = gammaln(size + 1.0) - gammaln(k + 1.0) - gammaln(size - k + 1.0)
            initial = weight * np.exp(0.5 * (log_multiplicity - size * np.log(2.0)))
        else:
            initial = np.eye(half + 1)[0]
        self.initial = initial.astype(complex)
        values, vectors = scipy.linalg.eigh_tridiagonal(diagonal, hopping)
        # A layer in two parts: each a frame (to its eigenvectors and back) and eigenvalues.
        twisting = (np.eye(half + 1), (size / 2 - k) ** 2)
        rotation = (vectors, values)
        self.parts = (twisting, rotation) if start == "plus" else (rotation, twisting)
        around = size ** (-2 / 3)  # the time scale of squeezing
        chis = np.concatenate([np.geomspace(around / 50, np.pi / 2, GRID // 2), [0.0]])
        chis = np.sort(np.concatenate([chis, -chis[:-1]]))
        # Turned by 1 / sqrt(N), a coherent state is another one.
        betas = np.linspace(-np.pi / 2, np.pi / 2, 2 * math.ceil(GRID / 2 + 4 * size**0.5) + 1)
        self.grids = (chis, betas) if start == "plus" else (betas, chis)
        self.angles: Angles = np.zeros((0, 2))
        self.infidelity = self._objective(self.angles.ravel())[0]

    def found(self) -> TwistedLayers:
        """What was trained last."""
        first, second = (tuple(column.tolist()) for column in self.angles.T)
        chis, betas = (first, second) if self.start == "plus" else (second, first)
        return TwistedLayers(self.start, chis, betas, min(1.0, 1.0 - self.infidelity))

    def deepen(self) -> None:
        """One more layer."""
        guesses = sorted(self._insertions(), key=lambda guess: guess[0])[:TRIED]
        starts = [guess for _, guess in guesses]
        depth = len(self.angles)
        if depth > 0:
            stretched = interpolate(self.angles, depth + 1)
            generator = np.random.default_rng(depth)  # of a depth, so that every run is the same
            noise = SPREAD * generator.normal(size=(SHAKEN, depth + 1, 2))
            starts += [stretched, *(stretched * np.exp(noise))]
        # A layer that does nothing: never worse than before.
        best = (self.infidelity, np.concatenate([self.angles, np.zeros((1, 2))]))
        for start in starts:
            result = scipy.optimize.minimize(
                self._objective,
                start.ravel(),
                jac=True,
                method="L-BFGS-B",
                options={"maxiter": STEPS, "maxcor": 30, "ftol": 1e-15, "gtol": 1e-10},
            )
            angles = np.round(result.x, DIGITS) + 0.0  # no -0
            infidelity = self._objective(angles)[0]  # of the angles that are given
            if infidelity < best[0]:
                best = (infidelity, angles.reshape(-1, 2))
        self.infidelity, self.angles = best

    def _apply(self, part: int, angle: float, vector: Vector) -> Vector:
        frame, values = self.parts[part]
        return np.asarray(frame @ (np.exp(-1j * angle * values) * (frame.T @ vector)))

    def _objective(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """1 - |<target|psi>|^2 and its gradient, by one sweep forth and one back."""
        gates = [(place % 2, float(angle)) for place, angle in enumerate(flat)]
        psi = self.initial
        for part, angle in gates:
            psi = self._apply(part, angle, psi)
        overlap = np.vdot(self.target, psi)
        back = self.target
        gradient = np.zeros(len(gates))
        for place in reversed(range(len(gates))):
            part, angle = gates[place]
            frame, values = self.parts[part]
            change = -1j * np.vdot(frame.T @ back, values * (frame.T @ psi))
            gradient[place] = -2 * (np.conj(overlap) * change).real
            psi = self._apply(part, -angle, psi)
            back = self._apply(part, -angle, back)
        return 1.0 - float(abs(overlap)) ** 2, gradient

    def _insertions(self) -> Iterator[tuple[float, Angles]]:
        """The best angles of one more layer at each place, with the infidelity they give."""
        depth = len(self.angles)
        psi, back = self.initial, self.target
        for angles in reversed(self.angles.tolist()):
            for part in (1, 0):
                back = self._apply(part, -angles[part], back)
        for place in range(depth + 1):
            (first, left), (second, right) = self.parts
            before = np.exp(-1j * np.outer(self.grids[0], left)) * (first.T @ psi)
            after = np.exp(-1j * np.outer(self.grids[1], right)) * (second.T @ back).conj()
            overlaps = np.abs(before @ first.T @ second @ after.T) ** 2
            row, column = np.unravel_index(np.argmax(overlaps), overlaps.shape)
            new = [self.grids[0][row], self.grids[1][column]]
            yield 1.0 - float(overlaps[row, column]), np.insert(self.angles, place, new, axis=0)
            if place < depth:
                for part in (0, 1):
                    psi = self._apply(part, self.angles[place, part], psi)
                    back = self._apply(part, self.angles[place, part], back)
