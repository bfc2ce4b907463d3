"""The automatic choice of a layout for a GHZ state on a device."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from qbell.circuits.device_passes import DevicePasses
from qbell.circuits.gate_counts import count_gates
from qbell.circuits.ghz import broadcast_circuit, line_circuit
from qbell.circuits.measurement import compile_for, with_measurement
from qbell.circuits.preparation import Compiled, Preparation, plain
from qbell.conventions.axes import parse_axis
from qbell.devices.layout.calibration import DeviceCalibration
from qbell.devices.layout.ghz_circuits import feeds_forward, on_constant, on_line, on_tree
from qbell.devices.layout.line import best_line
from qbell.devices.layout.predicted_fidelity import Prediction, predict
from qbell.devices.layout.tree import best_tree, tree_to_measure
from qbell.errors import QbellError
from qbell.simulation.noisy_state import prepared_matrix

MANY = 40  # qubits beyond which less is tried: each try takes many seconds
MORE_LAYERS = 1  # than the fewest that are allowed
MAX_SIMULATED = 8  # qubits up to which gates are judged by a density matrix


@dataclass(frozen=True)
class Candidate:
    """A preparation as the compiler leaves it.

    Attributes:
        preparation: with its wires, and compiled with its measurement along the axis z.
        gates: the fidelity that its gates leave; None if the device does not tell.
        prediction: of the compiled circuit.
        two_qubit_gates, two_qubit_depth: of the compiled circuit.
    """

    preparation: Preparation
    gates: float | None
    prediction: Prediction
    two_qubit_gates: int
    two_qubit_depth: int

    @property
    def is_known(self) -> bool:
        """Whether the device tells enough to judge it."""
        parts = (self.gates, self.prediction.idle, self.prediction.readout)
        return None not in parts

    def fidelity(self, *, idle: bool = True, readout: bool = False) -> float:
        """Of the state; without waiting, or with the chance to read all qubits right."""
        factors = (
            self.gates,
            self.prediction.idle if idle else 1.0,
            self.prediction.readout if readout else 1.0,
        )
        return math.prod(factor or 0.0 for factor in factors)

    @property
    def size(self) -> tuple[int, int]:
        """Two-qubit gates and layers: what is compared where nothing is predicted."""
        return self.two_qubit_gates, self.two_qubit_depth


def best_layout(
    calibration: DeviceCalibration, num_qubits: int, device: Any, *, measured: bool = False
) -> Preparation:
    """The preparation of a GHZ state that is best on a device.

    Of the layouts with at most one two-qubit layer more than the fewest:

    - For the state alone, the highest predicted fidelity, see
      `qbell.devices.layout.predicted_fidelity.predict`; up to 8 qubits the noise of the gates is
      simulated. Where there are such, only layouts count whose fidelity is at least that of every
      line that the compiler chooses, then those whose gates alone are, too: of waiting qubits
      devices say least.
    - If it is to be ``measured``, the highest predicted fidelity times the chance to read all
      qubits right: every qubit is read, and a good state on qubits that read badly shows little of
      itself.

    Where the device reports too little, the fewest two-qubit gates, then the fewest layers.

    Raises:
        QbellError: the state does not fit on the device.
    """
    passes = DevicePasses(device)
    lines = _compilers_lines(num_qubits, device, measured, passes)
    others = candidates(
        calibration, num_qubits, device, simulated=not measured, known=lines, passes=passes
    )
    found = [*lines, *others]
    if not all(one.is_known for one in found):
        return min(found, key=lambda one: one.size).preparation
    fewest = min(one.two_qubit_depth for one in found if one.preparation.is_unitary)
    found = [one for one in found if one.two_qubit_depth <= fewest + MORE_LAYERS]
    for idle in () if measured else (True, False):
        least = max(one.fidelity(idle=idle) for one in lines)
        # Where waiting less makes up for worse gates, none may be left: then it has to do.
        found = [one for one in found if one.fidelity(idle=idle) >= least] or found
    best = max(one.fidelity(readout=measured) for one in found)
    equal = [one for one in found if one.fidelity(readout=measured) == best]
    return min(equal, key=lambda one: one.size).preparation


def candidates(
    calibration: DeviceCalibration,
    num_qubits: int,
    device: Any,
    *,
    simulated: bool = False,
    known: Sequence[Candidate] = (),
    passes: DevicePasses | None = None,
) -> list[Candidate]:
    """What is compared with the compiler's lines, those that are ``known`` already.

    The best tree with the fewest layers (of more than 40 qubits to be measured the one that is best
    for that, see `tree_to_measure`); up to 40 qubits also that with one more, the trees of the
    best gates, the best line, and constant depth: each where the device has room for it.
    """

    def line() -> Preparation:
        return on_line(best_line(calibration, num_qubits))

    def tree(more: int, *, gates_alone: bool) -> Preparation:
        depth = best_tree(calibration, num_qubits, gates_alone=gates_alone).depth + more
        return on_tree(best_tree(calibration, num_qubits, depth, gates_alone=gates_alone))

    def constant() -> Preparation:
        return on_constant(best_line(calibration, 2 * num_qubits - 1))

    def to_measure() -> Preparation:
        return on_tree(tree_to_measure(calibration, num_qubits))

    ways: list[Callable[[], Preparation]] = [partial(tree, 0, gates_alone=False)]
    if num_qubits > MANY and not simulated:
        ways = [to_measure]
    if num_qubits <= MANY:
        ways += [line, partial(tree, 1, gates_alone=False)]
        ways += [partial(tree, more, gates_alone=True) for more in (0, 1)]
        ways += [constant] if feeds_forward(device) else []
    found = [one.preparation for one in known]
    for way in ways:
        try:
            preparation = way()
        except QbellError:  # there is no such line or tree
            continue
        there = [one for one in found if one.wires == preparation.wires]
        if not any(one.circuit == preparation.circuit for one in there):
            found.append(preparation)
    passes = DevicePasses(device) if passes is None else passes
    return [_compiled(one, device, passes, simulated) for one in found[len(known) :]]


def _compiled(
    preparation: Preparation, device: Any, passes: DevicePasses, simulated: bool = False
) -> Candidate:
    axis = parse_axis("z")
    measured = with_measurement(preparation, axis, along_xi=False)
    compiled = compile_for(measured, device, preparation.wires, passes=passes)
    prediction = predict(compiled, device)
    counts = count_gates(compiled)
    entangling, layers = counts.two_qubit_gates, counts.two_qubit_depth
    gates = prediction.gates
    size = preparation.num_qubits
    # Only without swaps: those may use more qubits than can be simulated.
    if simulated and gates is not None and size <= MAX_SIMULATED and entangling == size - 1:
        gates = _simulated(compiled, device)
    kept = replace(preparation, compiled=Compiled(compiled, device, axis, along_xi=False))
    return Candidate(kept, gates, prediction, entangling, layers)


def _simulated(compiled: Any, device: Any) -> float:
    """<GHZ|rho|GHZ> under the device's noise, in which waiting qubits suffer none."""
    matrix = prepared_matrix(compiled, device)
    return float(matrix[np.ix_([0, -1], [0, -1])].sum().real / 2)


def _compilers_lines(
    num_qubits: int, device: Any, measured: bool, passes: DevicePasses
) -> list[Candidate]:
    """Lines on the qubits that the compiler chooses; on no fixed ones if it has to swap.

    From the middle and from the end: the same CX, but a Hadamard elsewhere.
    """
    from_end = broadcast_circuit(num_qubits, 0, pairwise(range(num_qubits)))
    found: list[Candidate] = []
    for circuit in (line_circuit(num_qubits), from_end):
        if any(one.preparation.circuit == circuit for one in found):  # of two qubits
            continue
        free = plain(circuit)
        candidate = _compiled(free, device, passes)
        assert candidate.preparation.compiled is not None
        compiled = candidate.preparation.compiled.circuit
        if not measured:
            compiled = compile_for(circuit, device, passes=passes)
        if candidate.two_qubit_gates == num_qubits - 1 and compiled.layout is not None:
            where = compiled.layout.initial_index_layout(filter_ancillas=True)
            fixed = Preparation(circuit, free.qubits, tuple(where), "line")
            candidate = _compiled(fixed, device, passes, not measured)
        found.append(candidate)
    return found
