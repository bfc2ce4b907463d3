"""What a device says of its qubits and couplings, as far as the choice of qubits needs it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from qbell.circuits.gates import Edge
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit.transpiler import Target

TURNS = ("sx", "x", "u", "u3", "u2", "r", "rx", "ry", "h")  # the first there is
ENTANGLERS = ("cx", "cz", "ecr")  # two-qubit gates of which one makes a CX


@dataclass(frozen=True)
class DeviceCalibration:
    """Errors and times of a device, in plain numbers.

    A property that the device reports of no qubit at all is neutral here (no error, no decay, no
    time) and named in ``missing``. Where it reports one of some qubits or couplings, those without
    are left out, and so are those whose gates are no better than noise (an error of 1 marks what is
    broken).

    Attributes:
        name: of the device.
        num_qubits: of the device, those left out included.
        qubits: that can be used, ascending.
        edges: coupled pairs of these, the smaller first, ascending.
        edge_errors, edge_durations: average gate error and seconds of the two-qubit gate of each
            edge; of the worse direction where both exist.
        turn_errors, turn_durations: of a single-qubit gate of each of the device's qubits.
        readout_errors, readout_durations: of each of the device's qubits.
        t1, t2: seconds, of each of the device's qubits.
        missing: what the device does not report.
    """

    name: str
    num_qubits: int
    qubits: tuple[int, ...]
    edges: tuple[Edge, ...]
    edge_errors: tuple[float, ...]
    edge_durations: tuple[float, ...]
    turn_errors: tuple[float, ...]
    turn_durations: tuple[float, ...]
    readout_errors: tuple[float, ...]
    readout_durations: tuple[float, ...]
    t1: tuple[float, ...]
    t2: tuple[float, ...]
    missing: tuple[str, ...] = ()

    @cached_property
    def neighbours(self) -> dict[int, tuple[int, ...]]:
        """The qubits coupled to each usable qubit, ascending."""
        found: dict[int, list[int]] = {qubit: [] for qubit in self.qubits}
        for one, other in self.edges:
            found[one].append(other)
            found[other].append(one)
        return {qubit: tuple(sorted(others)) for qubit, others in found.items()}

    @cached_property
    def edge_logs(self) -> dict[Edge, float]:
        """ln of the process fidelity of the two-qubit gate of each edge, in both directions."""
        logs = {
            edge: math.log(process_fidelity(error, 2))
            for edge, error in zip(self.edges, self.edge_errors, strict=True)
        }
        return logs | {(other, one): log for (one, other), log in logs.items()}

    def decay_rate(self, qubit: int) -> float:
        """Rate at which a waiting qubit loses process fidelity, 1 / (4 T1) + 1 / (2 T2), in 1/s."""
        return 0.25 / self.t1[qubit] + 0.5 / self.t2[qubit]

    def turn_log(self, qubit: int) -> float:
        """ln of the process fidelity of a single-qubit gate."""
        return math.log(process_fidelity(self.turn_errors[qubit], 1))

    def readout_log(self, qubit: int) -> float:
        """ln of the chance to read a bit right."""
        return math.log(1 - min(self.readout_errors[qubit], 1 - 1e-12))


def process_fidelity(error: float, num_qubits: int) -> float:
    """The process (entanglement) fidelity 1 - e (d + 1) / d of an average gate error e, d = 2^n.

    Nielsen, Phys. Lett. A 303, 249 (2002). It is 0 at least.

    >>> round(process_fidelity(0.01, 2), 6)
    0.9875
    """
    size = 1 << num_qubits
    return max(1 - error * (size + 1) / size, 0.0)


def calibration_of(device: Any) -> DeviceCalibration:
    """The `DeviceCalibration` of a Qiskit BackendV2, from its target.

    Raises:
        QbellError: no target, no number of qubits, or no two-qubit gate on fixed qubits.
    """
    target = getattr(device, "target", None)
    name = str(getattr(device, "name", "the device"))
    if target is None or not target.num_qubits:
        raise QbellError(
            f"{name} does not say which qubits it has; expected a Qiskit BackendV2 with a target"
        )
    count = int(target.num_qubits)
    missing: list[str] = []
    turn = next((gate for gate in TURNS if gate in target.operation_names), None)
    turns = _of_qubits(target, turn, count)
    reads = _of_qubits(target, "measure", count)
    turn_errors = _filled(_each(turns, "error"), 0.0, "single-qubit gate errors", missing)
    readout_errors = _filled(_each(reads, "error"), 0.0, "readout errors", missing)
    turn_durations = _filled(_each(turns, "duration"), 0.0, "gate durations", missing)
    readout_durations = _filled(_each(reads, "duration"), 0.0, "readout durations", missing)
    properties = target.qubit_properties or [None] * count
    t1 = _filled([_number(getattr(one, "t1", None)) for one in properties], math.inf, "T1", missing)
    t2 = _filled([_number(getattr(one, "t2", None)) for one in properties], math.inf, "T2", missing)
    usable = [
        all(not math.isnan(column[qubit]) for column in (turn_errors, readout_errors, t1, t2))
        and process_fidelity(turn_errors[qubit], 1) > 0
        and readout_errors[qubit] < 1
        and min(t1[qubit], t2[qubit]) > 0
        for qubit in range(count)
    ]
    gates = _couplings(target, count, name)
    edges = sorted(gates)
    errors = _filled([gates[edge][0] for edge in edges], 0.0, "two-qubit gate errors", missing)
    durations = _filled([gates[edge][1] for edge in edges], 0.0, "two-qubit durations", missing)
    kept = [
        place
        for place, edge in enumerate(edges)
        if usable[edge[0]]
        and usable[edge[1]]
        and not math.isnan(errors[place])
        and not math.isnan(durations[place])
        and process_fidelity(errors[place], 2) > 0
    ]
    return DeviceCalibration(
        name=name,
        num_qubits=count,
        qubits=tuple(qubit for qubit in range(count) if usable[qubit]),
        edges=tuple(edges[place] for place in kept),
        edge_errors=tuple(errors[place] for place in kept),
        edge_durations=tuple(durations[place] for place in kept),
        turn_errors=tuple(turn_errors),
        turn_durations=tuple(turn_durations),
        readout_errors=tuple(readout_errors),
        readout_durations=tuple(readout_durations),
        t1=tuple(t1),
        t2=tuple(t2),
        missing=tuple(missing),
    )


def _number(value: Any) -> float:
    """A number that is not negative, or nan."""
    if value is None or not math.isfinite(value) or value < 0:
        return math.nan
    return float(value)


def _filled(values: list[float], neutral: float, what: str, missing: list[str]) -> list[float]:
    """The neutral value everywhere where no value is known at all, and a note of that."""
    if all(math.isnan(value) for value in values):
        missing.append(what)
        return [neutral] * len(values)
    return values


def _of_qubits(target: "Target", gate: str | None, count: int) -> list[Any]:
    """The properties of a single-qubit operation on each qubit, or None."""
    known: Mapping[Any, Any] = {}
    if gate is not None and gate in target.operation_names:
        known = target[gate] or {}
    return [known.get((qubit,)) for qubit in range(count)]


def _each(properties: list[Any], what: str) -> list[float]:
    return [_number(getattr(one, what, None)) for one in properties]


def _couplings(target: "Target", count: int, name: str) -> dict[Edge, tuple[float, float]]:
    """Error and duration, or nan, of the two-qubit gate of each pair of qubits that has one."""
    gates = [
        gate
        for gate in target.operation_names
        if getattr(target.operation_from_name(gate), "num_qubits", 0) == 2
        and gate not in ("barrier", "swap")
    ]
    fixed = [gate for gate in gates if gate in ENTANGLERS]
    found: dict[Edge, tuple[float, float]] = {}
    for gate in fixed or gates:
        values: dict[Edge, list[tuple[float, float]]] = {}
        properties = target[gate] or {None: None}
        if None in properties:  # on any pair
            properties = dict.fromkeys(combinations(range(count), 2))
        for pair, value in properties.items():
            edge = (min(pair), max(pair))
            values.setdefault(edge, []).append(
                (_number(getattr(value, "error", None)), _number(getattr(value, "duration", None)))
            )
        for edge, ways in values.items():
            worse = (_largest(error for error, _ in ways), _largest(time for _, time in ways))
            # Of several gates the better one: the compiler has the choice.
            if edge not in found or worse[0] < found[edge][0]:
                found[edge] = worse
    if not found:
        raise QbellError(f"{name} has no two-qubit gate; use another backend")
    return found


def _largest(values: Any) -> float:
    known = [value for value in values if not math.isnan(value)]
    return max(known, default=math.nan)
