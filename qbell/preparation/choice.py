"""The automatic choice of a layout for a GHZ state on a device."""

from dataclasses import dataclass
from typing import Any

from qbell.axes import parse_axis
from qbell.errors import QbellError
from qbell.measurement import compile_for, measured_circuit
from qbell.preparation.base import Preparation
from qbell.preparation.device import Calibration
from qbell.preparation.ghz import feeds_forward, line_circuit, on_constant, on_line, on_tree
from qbell.preparation.line import best_line
from qbell.preparation.prediction import Prediction, predict
from qbell.preparation.tree import best_tree


@dataclass(frozen=True)
class Candidate:
    """A preparation as the compiler leaves it.

    Attributes:
        preparation: with its wires.
        prediction: of the compiled circuit.
        two_qubit_gates, two_qubit_depth: of the compiled circuit.
    """

    preparation: Preparation
    prediction: Prediction
    two_qubit_gates: int
    two_qubit_depth: int

    @property
    def size(self) -> tuple[int, int]:
        """Two-qubit gates and layers: what is compared where nothing is predicted."""
        return self.two_qubit_gates, self.two_qubit_depth


def best_layout(calibration: Calibration, num_qubits: int, device: Any) -> Preparation:
    """The preparation of a GHZ state that is best on a device.

    Of those whose predicted state fidelity is at least that of the compiler's own line, the one
    with the highest predicted fidelity times the chance to read all qubits right: every qubit is
    read, and a state on qubits that read badly shows little of itself. See `candidates` and
    `qbell.preparation.prediction.predict`. Where the device reports too little to predict, the
    fewest two-qubit gates, then the fewest layers.

    Raises:
        QbellError: the state does not fit on the device.
    """
    found = candidates(calibration, num_qubits, device)
    least = found[0].prediction.fidelity  # the compiler's
    scores = [_score(one.prediction) for one in found]
    if least is None or None in scores:
        return min(found, key=lambda one: one.size).preparation
    allowed = [one for one in found if (one.prediction.fidelity or 0.0) >= least]
    best = max(_score(one.prediction) or 0.0 for one in allowed)
    equal = [one for one in allowed if _score(one.prediction) == best]
    return min(equal, key=lambda one: one.size).preparation


def candidates(calibration: Calibration, num_qubits: int, device: Any) -> list[Candidate]:
    """What the automatic choice compares.

    First the line where the compiler at its highest level puts it, then the best line, the best
    trees with the fewest layers and with one more, and constant depth, each where the device has
    room for it.
    """

    def line() -> Preparation:
        return on_line(best_line(calibration, num_qubits))

    def tree() -> Preparation:
        return on_tree(best_tree(calibration, num_qubits))

    def deeper_tree() -> Preparation:
        depth = best_tree(calibration, num_qubits).depth
        return on_tree(best_tree(calibration, num_qubits, depth + 1))

    def constant() -> Preparation:
        return on_constant(best_line(calibration, 2 * num_qubits - 1))

    found = [_compilers_line(num_qubits, device)]
    ways = [line, tree, deeper_tree]
    if feeds_forward(device):
        ways.append(constant)
    for way in ways:
        try:
            preparation = way()
        except QbellError:  # there is no such line or tree
            continue
        found.append(_compiled(preparation, device)[0])
    return found


def _compiled(preparation: Preparation, device: Any) -> tuple[Candidate, Any]:
    measured = measured_circuit(preparation, parse_axis("z"))
    compiled = compile_for(measured, device, preparation.wires)
    layers = int(compiled.depth(_is_two_qubit))
    gates = sum(1 for item in compiled.data if _is_two_qubit(item))
    return Candidate(preparation, predict(compiled, device), gates, layers), compiled


def _compilers_line(num_qubits: int, device: Any) -> Candidate:
    """The line on the qubits that the compiler chooses; on no fixed ones if it has to swap."""
    circuit, qubits = line_circuit(num_qubits), tuple(range(num_qubits))
    found, compiled = _compiled(Preparation(circuit, qubits, None, "line"), device)
    if found.two_qubit_gates > num_qubits - 1 or compiled.layout is None:
        return found
    where = compiled.layout.initial_index_layout(filter_ancillas=True)
    fixed = Preparation(circuit, qubits, tuple(where), "line")
    return _compiled(fixed, device)[0]


def _score(prediction: Prediction) -> float | None:
    if prediction.fidelity is None or prediction.readout is None:
        return None
    return prediction.fidelity * prediction.readout


def _is_two_qubit(item: Any) -> bool:
    return len(item.qubits) == 2 and item.operation.name not in ("barrier", "if_else")
