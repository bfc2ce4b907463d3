"""All branches of a circuit with mid-circuit measurements, followed side by side."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Amplitudes = NDArray[np.complex128]
SKIPPED = ("barrier", "delay")
IMPOSSIBLE = 1e-24  # probability below which an outcome does not occur


def branches(circuit: "QuantumCircuit") -> Amplitudes:
    """(branches, 2^n): what each course of measured outcomes leaves, its norm^2 its probability.

    Every measurement splits a branch in two, so this is for a few of them.

    Raises:
        QbellError: an operation other than gates, measure, reset and if_else, or too little memory.

    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(2, 1)
    >>> _ = circuit.h(0), circuit.measure(0, 0)
    >>> with circuit.if_test((circuit.clbits[0], 1)):
    ...     _ = circuit.x(1)
    >>> abs(branches(circuit)).round(3).tolist()
    [[0.0, 0.0, 0.0, 0.707], [0.707, 0.0, 0.0, 0.0]]
    """
    measured = sum(item.operation.name in ("measure", "reset") for item in circuit.data)
    require_memory(3 * 16.0 * 2 ** (circuit.num_qubits + measured), "following every branch")
    start = np.zeros((1, 2**circuit.num_qubits), dtype=complex)
    start[0, 0] = 1
    qubits = {qubit: index for index, qubit in enumerate(circuit.qubits)}
    clbits = {clbit: index for index, clbit in enumerate(circuit.clbits)}
    words = np.zeros((1, circuit.num_clbits), dtype=bool)
    return _follow(circuit, start, words, qubits, clbits)[0]


def _follow(
    circuit: "QuantumCircuit",
    states: Amplitudes,
    words: NDArray[np.bool_],
    qubits: dict[Any, int],
    clbits: dict[Any, int],
) -> tuple[Amplitudes, NDArray[np.bool_]]:
    for item in circuit.data:
        operation, wires = item.operation, [qubits[qubit] for qubit in item.qubits]
        if operation.name in SKIPPED:
            continue
        if operation.name == "measure":
            states, words = _measured(states, words, wires[0], clbits[item.clbits[0]])
        elif operation.name == "reset":
            states, words = _measured(states, words, wires[0], None)
        elif operation.name == "if_else":
            states, words = _branched(item, states, words, qubits, clbits)
        elif hasattr(operation, "to_matrix"):
            states = _applied(operation.to_matrix(), states, wires)
        else:
            raise QbellError(f"cannot follow {operation.name}; use gates, measure and if_else")
    return states, words


def _measured(
    states: Amplitudes, words: NDArray[np.bool_], wire: int, clbit: int | None
) -> tuple[Amplitudes, NDArray[np.bool_]]:
    """Both outcomes of a qubit; without a bit to write to, the qubit is set to 0 afterwards."""
    parts = states.reshape(len(states), -1, 2, 2**wire)
    kept, written = [], []
    for outcome in (0, 1):
        branch = np.zeros_like(parts)
        branch[:, :, 0 if clbit is None else outcome] = parts[:, :, outcome]
        flat = branch.reshape(states.shape)
        there = np.sum(np.abs(flat) ** 2, axis=1) > IMPOSSIBLE
        word = words[there].copy()
        if clbit is not None:
            word[:, clbit] = bool(outcome)
        kept.append(flat[there])
        written.append(word)
    return np.concatenate(kept), np.concatenate(written)


def _branched(
    item: Any,
    states: Amplitudes,
    words: NDArray[np.bool_],
    qubits: dict[Any, int],
    clbits: dict[Any, int],
) -> tuple[Amplitudes, NDArray[np.bool_]]:
    """Each branch through the block that its bits choose."""
    chosen = _holds(item.operation.condition, words, clbits)
    blocks = item.operation.blocks
    kept, written = [], []
    for block, mine in zip((blocks[0], *blocks[1:], None), (chosen, ~chosen), strict=False):
        if block is None:
            kept.append(states[mine])
            written.append(words[mine])
            continue
        inner = {bit: qubits[outer] for bit, outer in zip(block.qubits, item.qubits, strict=True)}
        bits = {bit: clbits[outer] for bit, outer in zip(block.clbits, item.clbits, strict=True)}
        found = _follow(block, states[mine], words[mine], inner, bits)
        kept.append(found[0])
        written.append(found[1])
    return np.concatenate(kept), np.concatenate(written)


def _holds(condition: Any, words: NDArray[np.bool_], clbits: dict[Any, int]) -> NDArray[np.bool_]:
    """For each word whether a condition on it is true."""
    from qiskit.circuit.classical import expr

    if isinstance(condition, tuple):
        place, value = condition
        return np.asarray(_whole(place, words, clbits) == int(value))
    return _value(expr.lift(condition), words, clbits).astype(np.bool_)


def _whole(place: Any, words: NDArray[np.bool_], clbits: dict[Any, int]) -> NDArray[np.int64]:
    """A bit, or a register with its bit 0 the least significant."""
    bits = [place] if place in clbits else list(place)
    return sum(
        (words[:, clbits[bit]].astype(np.int64) << index for index, bit in enumerate(bits)),
        np.zeros(len(words), dtype=np.int64),
    )


def _value(node: Any, words: NDArray[np.bool_], clbits: dict[Any, int]) -> NDArray[np.int64]:
    from qiskit.circuit.classical import expr

    if isinstance(node, expr.Var):
        return _whole(node.var, words, clbits)
    if isinstance(node, expr.Value):
        return np.full(len(words), int(node.value), dtype=np.int64)
    if isinstance(node, expr.Cast):
        return _value(node.operand, words, clbits)
    if isinstance(node, expr.Unary) and node.op == expr.Unary.Op.LOGIC_NOT:
        return 1 - _value(node.operand, words, clbits)
    if isinstance(node, expr.Binary):
        left, right = (_value(part, words, clbits) for part in (node.left, node.right))
        op = expr.Binary.Op
        known = {
            op.BIT_XOR: left ^ right,
            op.BIT_AND: left & right,
            op.BIT_OR: left | right,
            op.LOGIC_AND: left & right,
            op.LOGIC_OR: left | right,
            op.EQUAL: (left == right).astype(np.int64),
            op.NOT_EQUAL: (left != right).astype(np.int64),
        }
        if node.op in known:
            return np.asarray(known[node.op])
    raise QbellError(f"cannot follow the condition {node}; use bits, registers and ^ & | == !")


def _applied(matrix: Any, states: Amplitudes, wires: list[int]) -> Amplitudes:
    """A gate on all branches at once; the first wire is the lowest bit of the matrix's index."""
    num_qubits = states.shape[1].bit_length() - 1
    size = len(wires)
    axes = [1 + num_qubits - 1 - wire for wire in reversed(wires)]
    tensor = np.asarray(matrix, dtype=complex).reshape((2,) * (2 * size))
    shaped = states.reshape(-1, *(2,) * num_qubits)
    turned = np.tensordot(tensor, shaped, axes=(range(size, 2 * size), axes))
    return np.moveaxis(turned, range(size), axes).reshape(states.shape)
