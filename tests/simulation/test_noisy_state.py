"""Noisy density matrices and measurements, against Aer's own noise model of the same device."""

from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit.library import Reset
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import SuperOp
from qiskit_aer.noise.device import basic_device_gate_errors

from qbell.circuits.compiled import compiled_circuit
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.devices.waiting import scheduled
from qbell.simulation.gate_noise import Noise, noise_of
from qbell.simulation.noisy_state import effects_of, noisy_state, readout_of, split
from tests.support.aer_noise import aer_effects, aer_matrix, aer_readout
from tests.support.laws import crooked

READOUT = np.array([[0.98, 0.02], [0.07, 0.93]])
AER_DROPS = 1e-8  # Kraus operators that are smaller
DEVICES = [
    "generic",
    "fake_manila",
    *(pytest.param(name, marks=pytest.mark.nightly) for name in ("fake_pittsburgh", "fake_torino")),
]


def device_of(name: str) -> Any:
    return GenericBackendV2(5, seed=3) if name == "generic" else find_backend(name)


@pytest.mark.parametrize("name", DEVICES)
def test_the_density_matrix_is_that_of_aer(name: str) -> None:
    """With and without waits, of a state whose qubits all differ."""
    device = device_of(name)
    compiled = compiled_circuit(crooked(), device, parse_axis((1.0, -2.0, 0.5)), "full")
    for circuit in (compiled, scheduled(compiled, device)):
        found = noisy_state(circuit, device).matrix
        np.testing.assert_allclose(found, aer_matrix(circuit, device), atol=AER_DROPS)
        assert np.trace(found).real == pytest.approx(1, abs=1e-13)
        assert np.vdot(found, found).real < 0.99  # there is noise


def test_the_measurement_is_that_of_aer() -> None:
    device = device_of("generic")
    compiled = compiled_circuit(crooked(), device, parse_axis("x"), "random3")
    _, after, wires = split(compiled)
    turns = [(0.0, np.pi / 2), (np.pi / 2, np.pi / 2), (0.0, 0.0), (0.3, 1.1)]
    for wire, rotation in zip(wires, after, strict=True):
        found = effects_of(device.target, wire, rotation, turns, READOUT)
        slow = aer_effects(device.target, wire, rotation, turns, READOUT)
        np.testing.assert_allclose(found, slow, atol=1e-12)


@pytest.mark.parametrize("name", DEVICES)
def test_the_readout_is_that_of_aer(name: str) -> None:
    target = device_of(name).target
    known = aer_readout(target)
    assert known
    for wire in range(target.num_qubits):
        np.testing.assert_array_equal(readout_of(target, wire), known.get(wire, np.eye(2)))


def test_a_channel_is_that_of_aer() -> None:
    """All gates of a device and its reset, of which Aer takes the decay alone."""
    device = device_of("generic")
    device.target.update_instruction_properties(
        "reset", (2,), type(device.target["cx"][0, 1])(duration=3e-6, error=0.1)
    )
    checked = set()
    for name, qubits, error in basic_device_gate_errors(target=device.target):
        noise = noise_of(device.target, device.target.operation_from_name(name), list(qubits))
        if name == "delay":
            continue
        assert noise is not None
        np.testing.assert_allclose(noise.superoperator, SuperOp(error).data, atol=AER_DROPS)
        checked.add(name)
    assert {"cx", "sx", "reset"} <= checked


def test_a_reset_in_a_state_is_carried_out() -> None:
    """It is no gate: Aer's own resets the qubit, and its decay follows."""
    device = device_of("generic")
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    compiled = compiled_circuit(circuit, device, parse_axis("z"), "full")
    place = next(k for k, item in enumerate(compiled.data) if item.operation.name == "barrier")
    wire = compiled.find_bit(compiled.data[place - 1].qubits[0]).index
    compiled.data.insert(
        place, compiled.data[place - 1].replace(operation=Reset(), qubits=[compiled.qubits[wire]])
    )
    found = noisy_state(compiled, device).matrix
    np.testing.assert_allclose(found, aer_matrix(compiled, device), atol=AER_DROPS)


def test_superoperators_of_two_qubits_keep_their_order() -> None:
    """The first qubit decays at once and the other never: |11> becomes |10>, first qubit last."""
    noise = Noise(0.0, ((0.0, 0.0), (1.0, 1.0)))
    before = np.zeros((4, 4))
    before[3, 3] = 1
    after = (noise.superoperator @ before.ravel(order="F")).reshape(4, 4, order="F")
    assert after[2, 2] == after.sum() == 1
