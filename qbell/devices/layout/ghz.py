"""The preparation of a GHZ state, laid out for a device or without one."""

from typing import Any

from qbell.circuits.ghz import broadcast_circuit, check_layout, doubling, line_circuit
from qbell.circuits.preparation import Preparation
from qbell.devices.layout.calibration import calibration_of
from qbell.devices.layout.choose import MANY, best_layout
from qbell.devices.layout.ghz_circuits import (
    constant_preparation,
    feeds_forward,
    on_constant,
    on_line,
    on_tree,
    unitary_preparation,
)
from qbell.devices.layout.line import best_line
from qbell.devices.layout.tree import best_tree, tree_to_measure
from qbell.errors import QbellError
from qbell.util.checks import whole_number


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
      best qubits for that; of more than 40 qubits to be measured `tree_to_measure`.
    - ``star``: from qubit 0 to each other, two-qubit depth N - 1; for comparison.
    - ``constant``: two-qubit depth 2 at any N, see `qbell.circuits.ghz.constant_circuit`;
      on a device along its best line of 2 N - 1 qubits.
    - ``auto``: ``line`` without a device; on one see `qbell.devices.layout.choose`.

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
        return unitary_preparation(broadcast_circuit(num_qubits, 0, pairs), layout)
    if device is not None:
        return _on_device(num_qubits, layout, device, measured)
    if layout == "tree":
        raise QbellError(
            "layout = 'tree' grows over the couplings of a device; name one ([backend] in a spec, "
            "--backend, state.preparation(backend)), or use layout = 'log' for any qubits"
        )
    if layout == "constant":
        return constant_preparation(num_qubits)
    return unitary_preparation(line_circuit(num_qubits), "line")


def _on_device(num_qubits: int, layout: str, device: Any, measured: bool) -> Preparation:
    """The layouts that choose their qubits."""
    calibration = calibration_of(device)
    if num_qubits > calibration.num_qubits:
        raise QbellError(
            f"n = {num_qubits} qubits, but {calibration.name} has {calibration.num_qubits}; use "
            "fewer qubits or another backend"
        )
    if layout == "auto":
        return best_layout(calibration, num_qubits, device, measured=measured)
    if layout == "line":
        return on_line(best_line(calibration, num_qubits))
    if layout == "tree":
        many = measured and num_qubits > MANY
        return on_tree((tree_to_measure if many else best_tree)(calibration, num_qubits))
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
