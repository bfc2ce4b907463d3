"""Which ancillas are chosen to check parities."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

import qbell
from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.flags import Flags, with_flags
from qbell.circuits.ghz import broadcast_circuit
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.devices.layout.calibration import DeviceCalibration, calibration_of
from qbell.devices.layout.flags import best_checks, spreading_errors
from qbell.noise_reference import noise_reference

WIRES = (0, 1, 2, 3, 4)  # a line of the state; 5, 6 and 7 are free
EDGES = ((0, 1), (0, 5), (0, 6), (1, 2), (1, 7), (2, 3), (3, 4), (3, 7), (4, 5), (4, 6))
LINE = broadcast_circuit(5, 0, [(0, 1), (1, 2), (2, 3), (3, 4)])


def bench(**readout: float) -> DeviceCalibration:
    """Ancillas 5 and 6 close the same loop around the line, 7 a shorter one."""
    errors = [0.01] * 8
    for name, error in readout.items():
        errors[int(name[1:])] = error
    return DeviceCalibration(
        name="bench",
        num_qubits=8,
        qubits=tuple(range(8)),
        edges=EDGES,
        edge_errors=(0.004,) * len(EDGES),
        edge_durations=(1e-7,) * len(EDGES),
        turn_errors=(0.0002,) * 8,
        turn_durations=(3e-8,) * 8,
        readout_errors=tuple(errors),
        readout_durations=(1e-6,) * 8,
        t1=(2e-4,) * 8,
        t2=(2e-4,) * 8,
    )


def chosen(calibration: DeviceCalibration, most: int = 1) -> list[int]:
    return [check.ancilla for check in best_checks(calibration, LINE, WIRES, most)]


def test_the_ancilla_that_reads_best_is_chosen() -> None:
    """Of two that check the same parity; and the longer path holds more errors."""
    assert chosen(bench(q5=0.05)) == [6]
    assert chosen(bench(q6=0.05)) == [5]
    assert chosen(bench(q5=0.4, q6=0.4)) == [7]


def test_a_bad_coupling_of_an_ancilla_counts() -> None:
    device = bench()
    errors = tuple(0.03 if 5 in edge else 0.004 for edge in EDGES)
    assert chosen(replace(device, edge_errors=errors)) == [6]


def test_a_second_check_looks_for_what_the_first_one_misses() -> None:
    """A copy of the first would show little that is new."""
    found = best_checks(bench(q6=0.011), LINE, WIRES, 3)
    assert [check.ancilla for check in found] == [5, 7, 6]
    assert found[0].gain > found[1].gain > found[2].gain
    assert found[2].gain < 0
    assert len(best_checks(bench(), LINE, WIRES, 9)) == 3  # no more are free


def test_errors_that_spread_are_those_of_all_paulis() -> None:
    """Each flip of the end, by carrying X through the rest of the circuit qubit by qubit."""
    device = replace(bench(), turn_errors=(0.0,) * 8, t1=(np.inf,) * 8)
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4)]
    wanted: dict[int, float] = {}
    for place, pair in enumerate(pairs):
        for flips in (pair[:1], pair[1:], pair):
            state = np.zeros(5, dtype=int)
            state[list(flips)] = 1
            for old, new in pairs[place + 1 :]:
                state[new] ^= state[old]
            mask = int(state @ (1 << np.arange(5)))
            if mask not in (0, 31):
                wanted[mask] = wanted.get(mask, 0) + 4 / 15 * 0.004 * 5 / 4
    found: dict[int, float] = {}
    for chance, mask in spreading_errors(device, LINE, WIRES):
        found[mask] = found.get(mask, 0) + chance
    assert found == pytest.approx(wanted)


@pytest.mark.device
@pytest.mark.nightly
def test_the_choice_is_the_best_of_all_by_the_density_matrix() -> None:
    """The fidelity of accepted shots, of every ancilla and pair that are possible."""
    device = find_backend("fake_berlin")
    calibration = calibration_of(device)
    base = qbell.ghz(8, layout="tree").preparation(device)
    assert base.wires is not None
    place = {wire: qubit for qubit, wire in enumerate(base.wires)}
    fidelities = {}
    for ancilla in set(calibration.qubits) - set(base.wires):
        for pair in combinations(calibration.neighbours[ancilla], 2):
            if not set(pair) <= set(place):
                continue
            checks = ((place[pair[0]], place[pair[1]]),)
            preparation = Preparation(
                with_flags(base.circuit, checks, "end"),
                base.qubits,
                (*base.wires, ancilla),
                "tree",
                flags=Flags((8,), checks, "end"),
            )
            compiled = compiled_circuit(preparation, device, parse_axis("z"), "ghz")
            found = noise_reference(compiled, device, "z", "ghz", max_qfi_qubits=0)
            fidelities[ancilla, pair] = found.quantities["fidelity"]
    (best,) = best_checks(calibration, base.circuit, base.wires, 1)
    assert len(fidelities) > 4
    assert fidelities[best.ancilla, best.qubits] == max(fidelities.values())
    raw = noise_reference(
        compiled_circuit(base, device, parse_axis("z"), "ghz"), device, "z", "ghz", max_qfi_qubits=0
    )
    gained = np.log(fidelities[best.ancilla, best.qubits] / raw.quantities["fidelity"])
    assert gained == pytest.approx(best.gain, rel=0.15)
