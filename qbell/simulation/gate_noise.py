"""The noise of one gate or one wait, as a device's calibration gives it, itself and twirled.

Aer makes the same channel of the same numbers (`qiskit_aer.noise.NoiseModel.from_backend`): the
thermal relaxation of each qubit for the duration of the gate, behind a depolarising channel that is
as strong as is missing to the gate's reported average error. The twirl keeps the diagonal of its
Pauli transfer matrix and drops the rest, which is the drift of decaying qubits towards |0>.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qiskit.transpiler import Target

Floats = NDArray[np.float64]

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "ps": 1e-12}
# Row P, column Q: -1 where the Paulis P and Q (of 1, X, Y, Z) anticommute.
SIGNS = np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]], dtype=float)


@dataclass(frozen=True)
class Noise:
    """A depolarising channel, then the relaxation of each qubit towards |0>.

    Attributes:
        depolarising: probability p that all its qubits are replaced by the maximally mixed state.
        kept: of each qubit (e^(-t/T2), e^(-t/T1)): what is left of X and Y, and of Z.
    """

    depolarising: float
    kept: tuple[tuple[float, float], ...]

    @property
    def diagonal(self) -> Floats:
        """(4^n,) what is left of each Pauli, the first qubit's being the slowest: 1, X, Y, Z."""
        found: Floats = np.ones(1)
        for transverse, along in self.kept:
            found = np.kron(found, np.array([1.0, transverse, transverse, along])).astype(float)
        found[1:] *= 1 - self.depolarising
        return found

    @property
    def twirled(self) -> Floats:
        """(4^n,) probabilities of the Paulis of its twirl, in the same order.

        >>> Noise(0.04, ((1.0, 1.0),)).twirled.round(6).tolist()
        [0.97, 0.01, 0.01, 0.01]
        """
        signs = np.ones((1, 1))
        for _ in self.kept:
            signs = np.kron(signs, SIGNS)
        # Channels are positive, and so is their twirl, but for rounding.
        found: Floats = np.clip(signs @ self.diagonal / len(signs), 0.0, 1.0)
        found /= found.sum()
        return found

    @property
    def transfer(self) -> Floats:
        """(4, 4) Pauli transfer matrix of one qubit's noise itself, not of its twirl."""
        transverse, along = self.kept[0]
        found = np.diag(self.diagonal)
        found[3, 0] = 1 - along  # unital no more: a qubit in |1> decays, one in |0> stays
        assert transverse <= 1
        return found

    @property
    def superoperator(self) -> Floats:
        """(4^n, 4^n) the channel itself, on density matrices as Qiskit stacks their columns."""
        size = len(self.kept)
        found: Floats = np.ones((1, 1))
        for transverse, along in self.kept:  # the last qubit comes first
            one = np.diag([1.0, transverse, transverse, along])
            one[0, 3] = 1 - along  # what decays to |0>
            found = np.kron(one, found).astype(float)
        # From a column and a row bit qubit by qubit to all column bits, then all row bits.
        bits = [*range(0, 2 * size, 2), *range(1, 2 * size, 2)]
        found = found.reshape((2,) * 4 * size).transpose(*bits, *(2 * size + bit for bit in bits))
        found = found.reshape(4**size, 4**size)
        mixed = np.eye(2**size).ravel()
        depolarised = np.outer(mixed, mixed) / 2**size
        p = self.depolarising
        return np.asarray(found @ ((1 - p) * np.eye(4**size) + p * depolarised))


def noise_of(target: "Target", operation: Any, qubits: Sequence[int]) -> Noise | None:
    """Of a gate or a wait on physical qubits; what is neither, a reset, has its decay alone."""
    from qiskit.circuit import Gate

    if operation.name == "delay":
        unit = (target.dt or 0.0) if operation.unit == "dt" else SECONDS[operation.unit]
        return wait_noise(target, qubits[0], float(operation.duration) * unit)
    noise = gate_noise(target, operation.name, tuple(qubits))
    if noise is None or isinstance(operation, Gate):
        return noise
    return replace(noise, depolarising=0.0)


def gate_noise(target: "Target", name: str, qubits: tuple[int, ...]) -> Noise | None:
    """Of a gate on physical qubits; None where the device reports neither error nor decay."""
    properties = (target[name] or {}).get(qubits) if name in target.operation_names else None
    if properties is None:
        return None
    kept = _kept(target, qubits, properties.duration or 0.0)
    size = 2.0 ** len(qubits)
    # Average fidelity of the relaxation alone; F = (d F_pro + 1) / (d + 1).
    process = math.prod((1 + 2 * transverse + along) / 4 for transverse, along in kept)
    fidelity = (size * process + 1) / (size + 1)
    error = min(properties.error or 0.0, size / (size + 1))
    missing = max(error - (1 - fidelity), 0.0)
    most = size**2 / (size**2 - 1)
    depolarising = min(size * missing / (size * fidelity - 1), most) if missing else 0.0
    if not depolarising and all(pair == (1.0, 1.0) for pair in kept):
        return None
    return Noise(depolarising, kept)


def wait_noise(target: "Target", qubit: int, seconds: float) -> Noise | None:
    """Of a physical qubit that waits; None where it does not decay."""
    kept = _kept(target, (qubit,), seconds)
    return None if kept == ((1.0, 1.0),) else Noise(0.0, kept)


def _kept(
    target: "Target", qubits: tuple[int, ...], seconds: float
) -> tuple[tuple[float, float], ...]:
    found = []
    for qubit in qubits:
        known = target.qubit_properties[qubit] if target.qubit_properties else None
        t1 = getattr(known, "t1", None) or math.inf
        t2 = min(getattr(known, "t2", None) or math.inf, 2 * t1)  # physical, as Aer takes it
        found.append((math.exp(-seconds / t2), math.exp(-seconds / t1)))
    return tuple(found)
