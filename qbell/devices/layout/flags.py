"""Which ancillas check which parities of a GHZ state on a device, from its calibration.

Of the errors of a GHZ state that spreads over a tree of CX gates parities show one kind: a flip of
some of its qubits (a Pauli with X or Y at a gate, or the decay of a qubit that waits) and of all
that are reached from them later. Z_i Z_j shows it if just one of i and j is flipped. Phase flips
stay hidden.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import exp
from typing import TYPE_CHECKING, Any

from qbell.circuits.flags import Flags, with_flags
from qbell.circuits.gates import Edge
from qbell.circuits.preparation import Preparation
from qbell.devices.layout.calibration import (
    DeviceCalibration,
    calibration_of,
    process_fidelity,
)
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

PAULIS = 15  # of two qubits, beside the identity
HALF = 4 / PAULIS  # share of them with X or Y on one given qubit and on it alone
SPOILING = 6 / PAULIS  # of the errors of a check's CX those that spoil the state and raise no flag
RAISING = 8 / PAULIS  # those that raise it


def with_best_flags(
    preparation: Preparation, device: Any, num_flags: int, when: str
) -> Preparation:
    """The preparation of a GHZ state with the best checks that free qubits of the device allow.

    Args:
        preparation: a Hadamard and CX along a line or a tree of physical qubits.
        device: a BackendV2.
        num_flags: how many checks.
        when: flags are read, see `qbell.circuits.flags.Flags`.

    Raises:
        QbellError: the preparation does not say its physical qubits, or has too few free qubits
            that are coupled to two of its own.
    """
    wires, size = preparation.wires, preparation.num_qubits
    if wires is None or not preparation.is_unitary:
        raise QbellError(
            f"flags are for layouts line and tree, whose qubits are known; layout "
            f"{preparation.layout!r} is none of them: use layout = 'tree'"
        )
    calibration = calibration_of(device)
    checks = best_checks(calibration, preparation.circuit, wires, num_flags)
    if len(checks) < num_flags:
        raise QbellError(
            f"flags = {num_flags}, but {calibration.name} has {len(checks) or 'no'} free qubit"
            f"{'' if len(checks) == 1 else 's'} that "
            f"{'is' if len(checks) == 1 else 'are'} coupled to two of the {size} of this "
            f"{preparation.layout}; use flags = {len(checks)}, another n, layout or device "
            "(on heavy hexagons a loop has 12 qubits)"
        )
    place = {wire: qubit for qubit, wire in enumerate(wires)}
    pairs = tuple((place[check.qubits[0]], place[check.qubits[1]]) for check in checks)
    ancillas = tuple(range(size, size + num_flags))
    return replace(
        preparation,
        circuit=with_flags(preparation.circuit, pairs, when),
        wires=(*wires, *(check.ancilla for check in checks)),
        gates=None,
        compiled=None,
        flags=Flags(ancillas, pairs, when),
    )


@dataclass(frozen=True)
class ParityCheck:
    """A free physical qubit that can read the parity of two of the state's.

    Attributes:
        ancilla: the physical qubit.
        qubits: the two physical qubits of the state.
        caught: probability of errors that no earlier check shows and this one does.
        added: of errors that its own gates add to the state, and that it does not show.
        raised: probability that its own gates and readout raise it for nothing.
    """

    ancilla: int
    qubits: Edge
    caught: float
    added: float
    raised: float

    @property
    def gain(self) -> float:
        """What it adds to the logarithm of the fidelity of accepted shots, to first order."""
        return self.caught - self.added


def best_checks(
    calibration: DeviceCalibration, circuit: "QuantumCircuit", wires: Sequence[int], most: int
) -> tuple[ParityCheck, ...]:
    """The checks of the largest gain, one after the other, each given those before it.

    Args:
        calibration: of the device.
        circuit: a Hadamard on one qubit, then CX from qubits reached to new ones.
        wires: the physical qubit of each qubit of the circuit.
        most: how many are wanted.

    Returns:
        As many as free ancillas allow, ``most`` at most; also such that lose more than they gain.
    """
    place = {wire: qubit for qubit, wire in enumerate(wires)}
    left = list(spreading_errors(calibration, circuit, wires))
    chosen: list[ParityCheck] = []
    while len(chosen) < most:
        used = {check.ancilla for check in chosen}
        options = [
            _checked(calibration, ancilla, pair, place, left)
            for ancilla in calibration.qubits
            if ancilla not in place and ancilla not in used
            for pair in combinations(calibration.neighbours[ancilla], 2)
            if pair[0] in place and pair[1] in place
        ]
        if not options:
            break
        best = max(options, key=lambda check: (check.gain, -check.raised, -check.ancilla))
        chosen.append(best)
        missed = min(calibration.readout_errors[best.ancilla], 0.5)
        one, other = (place[wire] for wire in best.qubits)
        left = [
            (chance * missed if _shows(flipped, one, other) else chance, flipped)
            for chance, flipped in left
        ]
    return tuple(chosen)


def _checked(
    calibration: DeviceCalibration,
    ancilla: int,
    pair: Edge,
    place: dict[int, int],
    left: list[tuple[float, int]],
) -> ParityCheck:
    read = min(calibration.readout_errors[ancilla], 0.5)
    one, other = (place[wire] for wire in pair)
    shown = sum(chance for chance, flipped in left if _shows(flipped, one, other))
    gates = sum(_infidelity(calibration, ancilla, wire) for wire in pair)
    turns = sum(1 - exp(calibration.turn_log(wire)) for wire in (ancilla, ancilla, ancilla, *pair))
    return ParityCheck(
        ancilla,
        pair,
        caught=shown * (1 - read),
        added=SPOILING * gates + turns / 3,
        raised=RAISING * gates + read,
    )


def _infidelity(calibration: DeviceCalibration, one: int, other: int) -> float:
    return 1 - exp(calibration.edge_logs[one, other])


def _shows(flipped: int, one: int, other: int) -> bool:
    return bool((flipped >> one ^ flipped >> other) & 1)


def spreading_errors(
    calibration: DeviceCalibration, circuit: "QuantumCircuit", wires: Sequence[int]
) -> Iterator[tuple[float, int]]:
    """Probability of each error that flips qubits, and which it flips in the end, as bits.

    Of every CX each of the 15 Paulis is as likely; a qubit that waits flips by half of its decay.
    """
    place = {bit: qubit for qubit, bit in enumerate(circuit.qubits)}
    pairs = [
        (place[item.qubits[0]], place[item.qubits[1]])
        for item in circuit.data
        if len(item.qubits) == 2
    ]
    whole = (1 << len(wires)) - 1
    step = sorted(calibration.edge_durations)[len(calibration.edges) // 2]
    step += 2 * sorted(calibration.turn_durations)[calibration.num_qubits // 2]
    layers = _layers(pairs)
    depth = max(layers, default=0)
    reached = [1 << qubit for qubit in range(len(wires))]  # by a flip behind all gates so far
    busy = [depth + 1] * len(wires)  # layer of the next gate, or the end
    for layer, (old, new) in sorted(zip(layers, pairs, strict=True), reverse=True):
        error = _infidelity(calibration, wires[old], wires[new])
        turns = 2 * (1 - process_fidelity(calibration.turn_errors[wires[new]], 1)) * 2 / 3
        for chance, flipped in (
            (error * HALF, reached[old]),
            (error * HALF + turns, reached[new]),
            (error * HALF, reached[old] ^ reached[new]),
            *(
                (
                    _decay(calibration, wires[qubit], step * (busy[qubit] - layer - 1)),
                    reached[qubit],
                )
                for qubit in (old, new)
            ),
        ):
            if chance and flipped not in (0, whole):
                yield chance, flipped
        busy[old] = busy[new] = layer
        reached[old] ^= reached[new]


def _layers(pairs: Sequence[Edge]) -> list[int]:
    """The layer of each gate, as early as those before it allow."""
    last: dict[int, int] = {}
    found = []
    for pair in pairs:
        layer = 1 + max(last.get(qubit, 0) for qubit in pair)
        last.update(dict.fromkeys(pair, layer))
        found.append(layer)
    return found


def _decay(calibration: DeviceCalibration, qubit: int, seconds: float) -> float:
    """Probability of X or Y of a qubit that waits, twirled."""
    return (1 - exp(-seconds / calibration.t1[qubit])) / 2
