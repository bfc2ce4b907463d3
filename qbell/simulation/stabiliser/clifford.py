"""Compiled circuits as noisy circuits of Stim: Clifford gates, and Pauli noise behind each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.simulation.gate_noise import noise_of

if TYPE_CHECKING:
    import stim
    from qiskit.transpiler import Target

ROUNDING = 1e-6  # of a gate's matrix from a Clifford gate


class NotClifford(QbellError):
    """A circuit that stabilisers do not follow."""


def load_stim() -> Any:
    """Stim, imported when it is first needed.

    Raises:
        QbellError: it is not installed.
    """
    try:
        import stim
    except ImportError as error:
        raise QbellError(
            "the noise of so many qubits is simulated with Stim; run: pip install stim"
        ) from error
    return stim


@dataclass(frozen=True)
class NoisyClifford:
    """A preparation as a circuit of Stim.

    Attributes:
        circuit: with its noise; qubits are numbered from 0.
        place: number of each physical qubit that is used.
        behind: by physical qubit the last gates of its own from the first on that is not Clifford;
            they are left out of ``circuit``, and can be counted to the measurement.
    """

    circuit: "stim.Circuit"
    place: dict[int, int]
    behind: dict[int, list[Any]]


@dataclass
class _Translation:
    target: "Target"
    place: dict[int, int]
    circuit: "stim.Circuit"
    behind: dict[int, list[Any]] = field(default_factory=dict)
    known: dict[Any, "stim.Circuit | None"] = field(default_factory=dict)

    def add(self, operation: Any, qubits: list[int]) -> None:
        """One gate or wait, and its noise."""
        late = [qubit for qubit in qubits if qubit in self.behind]
        gates = None if late else self.gates(operation)
        if gates is None and len(qubits) == 1:
            self.behind.setdefault(qubits[0], []).append(operation)
            return
        if gates is None:
            first = self.behind[late[0]][0] if late else operation
            raise NotClifford(
                f"the gate {first.name}{_listed(first.params)} on physical qubit "
                f"{(late or qubits)[0]} is not Clifford"
            )
        places = [self.place[qubit] for qubit in qubits]
        for gate in gates:
            numbers = [places[each.value] for each in gate.targets_copy()]
            self.circuit.append(gate.name, numbers)
        noise = noise_of(self.target, operation, qubits)
        if noise is not None:
            self.circuit.append(f"PAULI_CHANNEL_{len(qubits)}", places, noise.twirled[1:].tolist())

    def gates(self, operation: Any) -> "stim.Circuit | None":
        """A gate in those of Stim; None if it is not Clifford."""
        key = operation.name, tuple(map(float, operation.params))
        if operation.name in ("delay", "id"):
            return load_stim().Circuit()
        if key not in self.known:
            self.known[key] = clifford_gates(operation)
        return self.known[key]


def noisy_clifford(
    operations: Sequence[tuple[Any, list[int]]], wires: Sequence[int], target: "Target"
) -> NoisyClifford:
    """Translate what prepares a state on physical qubits.

    Args:
        operations: gates and delays with their physical qubits.
        wires: the physical qubits that are measured.
        target: the device's, whose reported errors and decay are the noise.

    Raises:
        NotClifford: a gate that is not, before another that couples its qubit.
        QbellError: Stim is not installed.
    """
    active = sorted({qubit for _, qubits in operations for qubit in qubits} | set(wires))
    place = {wire: number for number, wire in enumerate(active)}
    found = _Translation(target, place, load_stim().Circuit())
    operations = without_first_waits(operations)
    found.circuit.append("I", list(place.values()))  # a simulator knows the qubits that it meets
    for operation, qubits in operations:
        found.add(operation, qubits)
    return NoisyClifford(found.circuit, place, found.behind)


def without_first_waits(
    operations: Sequence[tuple[Any, list[int]]],
) -> list[tuple[Any, list[int]]]:
    """Without the delays of qubits that have had no gate yet.

    They are in |0>, which decay leaves as it is; only the twirl of that decay would flip them.
    """
    started: set[int] = set()
    kept = []
    for operation, qubits in operations:
        if operation.name != "delay":
            started |= set(qubits)
        elif not started & set(qubits):
            continue
        kept.append((operation, qubits))
    return kept


def clifford_gates(operation: Any) -> "stim.Circuit | None":
    """A gate of one or two qubits as gates of Stim on qubits 0 and 1; None if it is no Clifford.

    >>> from qiskit.circuit.library import RZGate
    >>> import stim
    >>> made = clifford_gates(RZGate(-np.pi / 2)).to_tableau()
    >>> made.x_output(0) == stim.PauliString("-Y"), clifford_gates(RZGate(0.5)) is None
    (True, True)
    """
    matrix = np.asarray(operation.to_matrix())
    try:
        tableau = load_stim().Tableau.from_unitary_matrix(matrix, endian="little")
    except ValueError:
        return None
    # Stim rounds generously; here an angle that is a little off is another gate.
    near = np.asarray(tableau.to_unitary_matrix(endian="little"))
    if _difference(matrix, near) > ROUNDING:
        return None
    return tableau.to_circuit(method="elimination")


def _difference(one: NDArray[np.complex128], other: NDArray[np.complex128]) -> float:
    """Largest difference of two unitaries' elements, but for a phase."""
    overlap = complex(np.vdot(other, one))
    return float(np.abs(one - other * overlap / (abs(overlap) or 1.0)).max())


def _listed(params: Sequence[Any]) -> str:
    return f"({', '.join(f'{float(value):.4g}' for value in params)})" if params else ""
