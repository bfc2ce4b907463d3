"""Circuits for the GHZ state (|0...0> + |1...1>) / sqrt(2), laid out in several ways."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from qbell.checks import whole_number
from qbell.errors import QbellError
from qbell.preparation.base import Preparation
from qbell.preparation.device import Edge, calibration_of
from qbell.preparation.gates import check_gates
from qbell.preparation.line import best_line
from qbell.preparation.tree import Tree, best_tree

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

LAYOUTS = ("auto", "line", "log", "tree", "star", "constant")


def ghz_preparation(
    num_qubits: int, layout: str = "auto", device: Any = None, *, measured: bool = False
) -> Preparation:
    """A GHZ state of N qubits, laid out for a device or without one.

    All layouts but ``constant`` are a Hadamard and N - 1 CX:

    - ``line``: from the middle of a line outwards, two-qubit depth about N / 2; on a device along
      its best line of qubits.
    - ``log``: doubling between any two qubits, two-qubit depth ceil(log2 N); on a device the
      compiler routes it.
    - ``tree``: breadth first over the couplings of a device, in the fewest layers found and on its
      best qubits for that.
    - ``star``: from qubit 0 to each other, two-qubit depth N - 1; for comparison.
    - ``constant``: two-qubit depth 2 at any N, see `constant_circuit`; on a device along its best
      line of 2 N - 1 qubits.
    - ``auto``: ``line`` without a device; on one see `qbell.preparation.choice`.

    Line, tree and constant come with the physical qubits, and need no swap there.

    Args:
        num_qubits: N, at least 2.
        layout: one of these.
        device: a Qiskit BackendV2, or None.
        measured: ``auto`` weighs how well the qubits are read, too.

    Raises:
        QbellError: no such layout; a tree without a device; a device that has no such line or tree,
            or that cannot feed outcomes forward (``constant``).

    >>> preparation = ghz_preparation(8, "log")
    >>> preparation.circuit.depth(lambda item: len(item.qubits) == 2)
    3
    """
    num_qubits = whole_number("n", num_qubits, least=2)
    check_layout(layout)
    if layout in ("log", "star"):
        pairs = doubling(num_qubits) if layout == "log" else [(0, k) for k in range(1, num_qubits)]
        return _unitary(broadcast_circuit(num_qubits, 0, pairs), layout)
    if device is not None:
        return _on_device(num_qubits, layout, device, measured)
    if layout == "tree":
        raise QbellError(
            "layout = 'tree' grows over the couplings of a device; name one ([backend] in a spec, "
            "--backend, state.preparation(backend)), or use layout = 'log' for any qubits"
        )
    if layout == "constant":
        return _constant(num_qubits)
    return _unitary(line_circuit(num_qubits), "line")


def _on_device(num_qubits: int, layout: str, device: Any, measured: bool) -> Preparation:
    """The layouts that choose their qubits."""
    calibration = calibration_of(device)
    if num_qubits > calibration.num_qubits:
        raise QbellError(
            f"n = {num_qubits} qubits, but {calibration.name} has {calibration.num_qubits}; use "
            "fewer qubits or another backend"
        )
    if layout == "auto":
        from qbell.preparation.choice import best_layout

        return best_layout(calibration, num_qubits, device, measured=measured)
    if layout == "line":
        return on_line(best_line(calibration, num_qubits))
    if layout == "tree":
        return on_tree(best_tree(calibration, num_qubits))
    if not feeds_forward(device):
        raise QbellError(
            f"layout = 'constant' feeds outcomes forward, and {calibration.name} has no if_else; "
            "use layout = 'tree'"
        )
    length = 2 * num_qubits - 1
    try:
        return on_constant(best_line(calibration, length))
    except QbellError as error:
        raise QbellError(
            f"n = {num_qubits}: layout = 'constant' needs a line of {length} coupled qubits, and "
            f"none was found on {calibration.name}; use fewer qubits or layout = 'tree'"
        ) from error


def check_layout(layout: object) -> None:
    """Refuse what is no layout.

    Raises:
        QbellError: it is none of `LAYOUTS`.
    """
    if not isinstance(layout, str) or layout not in LAYOUTS:
        raise QbellError(f"layout = {layout!r}; use one of {', '.join(LAYOUTS)}")


def feeds_forward(device: Any) -> bool:
    """Whether a device's target takes if_else."""
    return "if_else" in device.target.operation_names


def broadcast_circuit(num_qubits: int, root: int, pairs: Iterable[Edge]) -> "QuantumCircuit":
    """A Hadamard on the root and a CX for each pair (reached, new), in this order."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(num_qubits, name="ghz")
    circuit.h(root)
    for old, new in pairs:
        circuit.cx(old, new)
    return circuit


def line_circuit(num_qubits: int) -> "QuantumCircuit":
    """From the middle of a line outwards: two-qubit depth (N + 1) // 2."""
    middle = num_qubits // 2
    left = [(qubit, qubit - 1) for qubit in range(middle, 0, -1)]
    right = [(qubit, qubit + 1) for qubit in range(middle, num_qubits - 1)]
    return broadcast_circuit(num_qubits, middle, left + right)


def doubling(num_qubits: int) -> list[Edge]:
    """Pairs that double the qubits reached layer by layer: k reaches k + 2^layer.

    >>> doubling(5)
    [(0, 1), (0, 2), (1, 3), (0, 4)]
    """
    return [(new - (1 << new.bit_length() - 1), new) for new in range(1, num_qubits)]


def constant_circuit(num_qubits: int) -> "QuantumCircuit":
    """A GHZ state in two layers of CX, with N - 1 ancillas measured on the way.

    On a line of 2 N - 1 qubits the even ones carry the state and start in |+>; each odd one takes a
    CX from both its neighbours, so that it holds their parity, and is measured: outcome 1 says that
    the state's qubits on one side of it are flipped. They are flipped back on the shorter side (a
    flip of all changes nothing). Ancillas stay in the state that was measured; they are not reset.

    Baeumer et al., PRX Quantum 5, 030339 (2024), Sec. on GHZ states.
    """
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

    check_gates(
        num_qubits * num_qubits // 4 + 4 * num_qubits, f"constant depth for n = {num_qubits}"
    )
    parities = ClassicalRegister(num_qubits - 1, "parity")
    circuit = QuantumCircuit(QuantumRegister(2 * num_qubits - 1, "q"), parities, name="ghz")
    state = range(0, 2 * num_qubits - 1, 2)
    ancillas = range(1, 2 * num_qubits - 1, 2)
    circuit.h(state)
    for ancilla in ancillas:
        circuit.cx(ancilla - 1, ancilla)
    for ancilla in ancillas:
        circuit.cx(ancilla + 1, ancilla)
    circuit.measure(ancillas, parities)
    circuit.barrier()  # outcomes are fed forward together
    for place in range(num_qubits - 1):
        before, behind = state[: place + 1], state[place + 1 :]
        with circuit.if_test((parities[place], 1)):
            circuit.x(before if len(before) < len(behind) else behind)
    return circuit


def on_line(path: Sequence[int]) -> Preparation:
    """The line circuit along a path of physical qubits."""
    return _unitary(line_circuit(len(path)), "line", path)


def on_tree(tree: Tree) -> Preparation:
    """The circuit of a tree of physical qubits; qubit 0 of the state is its root."""
    wires = tree.qubits
    place = {wire: qubit for qubit, wire in enumerate(wires)}
    pairs = [(place[old], place[new]) for layer in tree.layers for old, new in layer]
    return _unitary(broadcast_circuit(len(wires), 0, pairs), "tree", wires)


def on_constant(path: Sequence[int]) -> Preparation:
    """The constant-depth circuit along a path of 2 N - 1 physical qubits."""
    return _constant((len(path) + 1) // 2, path)


def _unitary(
    circuit: "QuantumCircuit", layout: str, wires: Sequence[int] | None = None
) -> Preparation:
    qubits = tuple(range(circuit.num_qubits))
    return Preparation(circuit, qubits, None if wires is None else tuple(wires), layout)


def _constant(num_qubits: int, path: Sequence[int] | None = None) -> Preparation:
    return Preparation(
        constant_circuit(num_qubits),
        tuple(range(0, 2 * num_qubits - 1, 2)),
        None if path is None else tuple(path),
        "constant",
    )
