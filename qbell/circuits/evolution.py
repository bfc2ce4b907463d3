"""Gates whose compiled form only approximates them: time evolutions exp(-i H t), above all.

A device, and every simulation of its gates, runs a product formula in the place of a
`PauliEvolutionGate` whose terms do not commute. The state that the circuit means is another one; it
is kept beside the circuit that runs, so that both can be computed and compared.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp

MATRICES = ("unitary", "hamiltonian")
STANDARD = "qiskit.circuit.library.standard_gates."


def is_evolution(operation: Any) -> bool:
    """A time evolution by a sum of Paulis."""
    from qiskit.circuit.library import PauliEvolutionGate

    return isinstance(operation, PauliEvolutionGate)


def hamiltonian_of(gate: Any) -> "SparsePauliOp":
    """H of exp(-i H t), in Paulis; Qiskit takes real coefficients only."""
    from qiskit.quantum_info import SparseObservable, SparsePauliOp

    parts = gate.operator if isinstance(gate.operator, list) else [gate.operator]
    plain = [
        SparsePauliOp.from_sparse_observable(part) if isinstance(part, SparseObservable) else part
        for part in parts
    ]
    return SparsePauliOp.sum(plain)


def formula_of(gate: Any) -> str | None:
    """What runs in the place of the evolution, in words; None if that is exact.

    Raises:
        QbellError: what runs is drawn at random.
    """
    from qiskit.synthesis import LieTrotter, MatrixExponential, QDrift, SuzukiTrotter

    rule = gate.synthesis
    if isinstance(rule, MatrixExponential):
        return None
    if isinstance(rule, QDrift):
        raise QbellError(
            "a PauliEvolution by QDrift is another circuit each time it is compiled; give its "
            "gates, or another synthesis"
        )
    paulis = hamiltonian_of(gate).paulis
    x, z = paulis.x.astype(int), paulis.z.astype(int)
    if type(rule) in (LieTrotter, SuzukiTrotter) and not ((x @ z.T + z @ x.T) % 2).any():
        return None
    steps, order = getattr(rule, "reps", None), getattr(rule, "order", None)
    many = "" if steps is None else f" of {steps} step{'' if steps == 1 else 's'}"
    return f"{type(rule).__name__}{'' if order is None else f' (order {order})'}{many}"


def formulas_of(circuit: "QuantumCircuit") -> tuple[str, ...]:
    """The product formulas that run in a circuit, each once.

    Raises:
        QbellError: as `taken_apart`, and QDrift.
    """
    apart = taken_apart(circuit, is_evolution, lambda gate: None)
    gates = [item.operation for item in apart.data if is_evolution(item.operation)]
    return tuple(dict.fromkeys(said for said in map(formula_of, gates) if said is not None))


def by_formula(circuit: "QuantumCircuit") -> "QuantumCircuit":
    """The circuit with every evolution in the gates of its own synthesis, which then run as such.

    A compiler may else choose another one in its place.
    """
    return taken_apart(circuit, is_evolution, lambda gate: gate.definition)


def taken_apart(
    circuit: "QuantumCircuit",
    wanted: Callable[[Any], bool],
    use: Callable[[Any], "QuantumCircuit | None"],
) -> "QuantumCircuit":
    """The circuit with all gates that are ``wanted`` at the top, or what ``use`` makes of them.

    Gates that consist of such are taken apart.

    Raises:
        QbellError: an evolution under control, or with another modifier.
    """
    flat = circuit.copy_empty_like()
    _append(circuit, flat, list(circuit.qubits), wanted, use)
    return flat


def is_unitary_of_two(operation: Any) -> bool:
    """A matrix on two qubits: Qiskit's synthesis may be off by 1e-9 in fidelity."""
    return operation.name in MATRICES and operation.num_qubits == 2


def holds(operation: Any, wanted: Callable[[Any], bool]) -> bool:
    """Whether an operation is, or consists of, such as are ``wanted``, however deep."""
    if wanted(operation):
        return True
    inner = getattr(operation, "base_op", None) or getattr(operation, "base_gate", None)
    if inner is not None:
        return holds(inner, is_evolution)  # other matrices under control are left to Qiskit
    kind = getattr(operation, "base_class", type(operation))
    if (kind.__module__ or "").startswith(STANDARD) or getattr(operation, "blocks", ()):
        return False
    definition = None if operation.name in MATRICES else _definition(operation)
    return definition is not None and any(holds(item.operation, wanted) for item in definition)


def _definition(operation: Any) -> "QuantumCircuit | None":
    return getattr(operation, "definition", None)


def _append(
    source: "QuantumCircuit",
    flat: "QuantumCircuit",
    wires: list[Any],
    wanted: Callable[[Any], bool],
    use: Callable[[Any], "QuantumCircuit | None"],
) -> None:
    place = dict(zip(source.qubits, wires, strict=True))
    for item in source.data:
        operation, qubits = item.operation, [place[qubit] for qubit in item.qubits]
        if wanted(operation):
            made = use(operation)
            if made is None:
                flat.append(operation, qubits)
            else:
                flat.compose(made, qubits, inplace=True)
        elif not holds(operation, wanted):
            flat.append(operation, qubits, list(item.clbits))
        elif hasattr(operation, "base_op") or getattr(operation, "base_gate", None) is not None:
            raise QbellError(
                f"{operation.name} is a PauliEvolution under control or with a modifier, which is "
                "compiled by a product formula; give exp(-iHt) of the whole as one PauliEvolution"
            )
        else:
            inner = _definition(operation)
            assert inner is not None
            flat.global_phase += inner.global_phase
            _append(inner, flat, qubits, wanted, use)
