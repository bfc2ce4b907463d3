"""The record of a device: what comes back is the same device, and what is broken is named."""

import json
import math
from typing import Any

import numpy as np
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import InstructionProperties, QubitProperties, Target

import qbell
from qbell.circuits.measurement import compile_for, measured_circuit
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import find_backend
from qbell.devices.layout.calibration import calibration_of
from qbell.devices.record import (
    calibrated,
    device_from_record,
    device_record,
    readout_probabilities,
)
from qbell.errors import QbellError
from qbell.simulation.noisy_state import noise_model, prepare_noisy
from qbell.states.base import preparation_of

DEVICES = ("fake_pittsburgh", "fake_brisbane", "fake_miami", "fake_manila")


def device_of(name: str) -> Any:
    if name == "generic":
        return GenericBackendV2(6, seed=4)
    if name == "without noise":
        return GenericBackendV2(6, seed=4, noise_info=False)
    return find_backend(name)


def through_text(device: Any) -> Any:
    """The device made from its record, as it comes back from a file."""
    return device_from_record(json.loads(json.dumps(device_record(device), allow_nan=False)))


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("name", [*DEVICES, "generic", "without noise"])
def test_a_recorded_device_gives_the_same_noisy_state(name: str) -> None:
    device = device_of(name)
    back = through_text(device)
    assert calibration_of(back) == calibration_of(device)
    assert readout_probabilities(back) == readout_probabilities(device)
    assert calibrated(back) == calibrated(device)
    assert device_record(back) == device_record(device)
    axis, state = parse_axis("x"), qbell.ising(4, -0.8)
    preparations = [preparation_of(state, one, measured=True) for one in (device, back)]
    assert preparations[0].wires == preparations[1].wires
    here, there = (
        prepare_noisy(preparation, axis, one)
        for preparation, one in zip(preparations, (device, back), strict=True)
    )
    assert np.abs(here.matrix - there.matrix).max() < 1e-12
    for one, other in zip(here.effects, there.effects, strict=True):
        assert np.abs(one - other).max() < 1e-12


@pytest.mark.device
def test_the_state_depends_on_what_is_recorded() -> None:
    """Another T1 or gate error must be seen: the round trip above does not pass for nothing."""
    device = find_backend("fake_manila")
    axis, circuit = parse_axis("z"), qbell.ghz(3).circuit()
    before = prepare_noisy(circuit, axis, device).matrix
    for change in ("t1", "gate"):
        record = json.loads(json.dumps(device_record(device)))
        if change == "t1":
            for qubit in record["qubits"]:
                qubit["t1"] /= 2
        else:
            cx = next(entry for entry in record["operations"] if entry["name"] == "cx")
            for row in cx["on"]:
                row[1] *= 2
        changed = prepare_noisy(circuit, axis, device_from_record(record)).matrix
        assert np.abs(changed - before).max() > 1e-4


@pytest.mark.device
def test_noise_models_and_times_come_back() -> None:
    device = find_backend("fake_manila")
    back = through_text(device)
    wires = [0, 1, 2]
    assert noise_model(device.target, wires) == noise_model(back.target, wires)
    for name in ("dt", "granularity", "min_length", "pulse_alignment", "acquire_alignment"):
        assert getattr(back.target, name) == getattr(device.target, name)
    assert back.default_rep_delay == device.default_rep_delay
    assert list(back.target.operation_names) == list(device.target.operation_names)


@pytest.mark.device
def test_a_record_says_when_and_nothing_of_accounts() -> None:
    record = device_record(find_backend("fake_pittsburgh"))
    assert record["calibrated"].startswith("2026-04-17T")
    assert record["qubits"][0]["dates"]["T1"].startswith("2026-04-16T")
    assert record["qubits"][0]["prob_meas0_prep1"] == pytest.approx(0.0146484375)
    cz = next(entry for entry in record["operations"] if entry["name"] == "cz")
    assert cz["on"][0][3].startswith("2026-")
    text = json.dumps(record).lower()
    assert not any(word in text for word in ("token", "crn:", "instance", "account", "hub"))


def odd_device(error: float, t1: float) -> Any:
    """A device of two qubits that reports odd numbers, and both readout errors in its target."""

    class Read(InstructionProperties):  # type: ignore[misc]
        prob_meas1_prep0 = 0.0
        prob_meas0_prep1 = 0.25

    device = GenericBackendV2(2, seed=3, basis_gates=["cx", "sx", "x", "rz"])
    target = Target(num_qubits=2, dt=1e-9, qubit_properties=[QubitProperties(t1=t1, t2=1e-4)] * 2)
    for name in ("cx", "sx", "x", "rz", "delay"):
        values = device.target[name]
        target.add_instruction(device.target.operation_from_name(name), values)
    target.update_instruction_properties("sx", (0,), InstructionProperties(error=error))
    reads = {(0,): Read(error=0.1, duration=1e-6), (1,): Read(error=0.1, duration=1e-6)}
    target.add_instruction(device.target.operation_from_name("measure"), reads)
    device._target = target
    return device


@pytest.mark.parametrize(("error", "t1"), [(math.nan, 2e-4), (1.0, math.inf), (0.0, 1e-4)])
def test_numbers_that_json_cannot_hold(error: float, t1: float) -> None:
    """NaN and infinity are written as null, which every reader takes the same way."""
    device = odd_device(error, t1)
    back = through_text(device)
    assert calibration_of(back) == calibration_of(device)
    assert noise_model(back.target, [0, 1]) == noise_model(device.target, [0, 1])


def test_both_readout_errors_of_a_target_come_back() -> None:
    """A reported error of 0 is one, and Aer reads both from the target if it holds both."""
    device = odd_device(0.001, 1e-4)
    assert readout_probabilities(device) == ((0.0, 0.25),) * 2
    back = through_text(device)
    assert readout_probabilities(back) == ((0.0, 0.25),) * 2
    state, axis = qbell.ghz(2).circuit(), parse_axis("z")
    effects = [prepare_noisy(state, axis, one).effects[0] for one in (device, back)]
    assert np.abs(effects[0] - effects[1]).max() < 1e-12
    offset = np.trace(effects[0][0, 0] - effects[0][0, 1]).real / 2
    assert offset == pytest.approx(0.25, abs=1e-3)  # (P(0|1) - P(1|0)): not averaged away


@pytest.mark.device
def test_compiled_circuits_are_the_same() -> None:
    device = find_backend("fake_brisbane")
    circuit = measured_circuit(qbell.ghz(4).circuit(), parse_axis("z"))
    operations = []
    for one in (device, through_text(device)):
        compiled = compile_for(circuit, one)
        place = {bit: index for index, bit in enumerate(compiled.qubits)}
        operations.append(
            [(item.operation.name, [place[bit] for bit in item.qubits]) for item in compiled.data]
        )
    assert operations[0] == operations[1]


@pytest.mark.device
@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"qubits": None}, ("device.json", "restore")),
        ({"qubits": []}, ("device.json", "qubits", "0 rows")),
        ({"format": 99}, ("device.json", "99", "expected 1")),
        ({"num_qubits": "5"}, ("num_qubits", "'5'")),
        ({"dt": "fast"}, ("dt", "'fast'")),
        ({"timing": {}}, ("granularity", "missing")),
        (
            {"operations": [{"name": "sx", "parameters": [], "on": [[[9], 0.1, 1e-8, None]]}]},
            ("9",),
        ),
        ({"operations": [{"name": "sx", "parameters": []}]}, ("'on'", "missing")),
        ({"operations": [{"name": "sx", "parameters": [], "on": [[[0], "x", 0, None]]}]}, ("sx",)),
    ],
)
def test_broken_records_are_named(broken: dict[str, Any], words: tuple[str, ...]) -> None:
    record = {**device_record(find_backend("fake_manila")), **broken}
    with pytest.raises(QbellError) as caught:
        device_from_record(record, "device.json")
    text = str(caught.value)
    assert text.startswith("device.json")
    assert "\n" not in text
    assert all(word in text for word in words), text


def test_missing_keys_and_other_things_are_refused() -> None:
    whole = device_record(find_backend("fake_manila"))
    for key in whole:
        part = {name: value for name, value in whole.items() if name != key}
        with pytest.raises(QbellError, match=key):
            device_from_record(part, "device.json")
    for other in (None, 3, [], "text"):
        with pytest.raises(QbellError, match=r"device\.json"):
            device_from_record(other, "device.json")


def test_no_target_no_record() -> None:
    with pytest.raises(QbellError, match="BackendV2"):
        device_record(object())
