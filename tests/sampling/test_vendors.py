"""Backends and samplers of other vendors give right numbers, or one line that says why not."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.primitives import BackendSamplerV2
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError

import qbell
from qbell import QbellError
from qbell.sampling.backend_sampler import outcomes_of
from tests.support.vendors import READ, REFUSED, VendorBackend


def crooked() -> QuantumCircuit:
    """Qubit 0 is +1 along sigma_1, qubit 1 along sigma_2, qubit 2 is -1 along sigma_1."""
    circuit = QuantumCircuit(3)
    circuit.h(range(3))
    circuit.s(1)
    circuit.z(2)
    return circuit


def check(shots: qbell.Shots) -> None:
    frame = shots.frame
    for qubit, (letter, bit) in enumerate([("X", "0"), ("Y", "0"), ("X", "1")]):
        sure = frame[frame["setting"].str[-1 - qubit] == letter]
        assert len(sure)
        assert set(sure["bitstring"].str[-1 - qubit]) == {bit}
        other = frame[frame["setting"].str[-1 - qubit] != letter]
        assert set(other["bitstring"].str[-1 - qubit]) == {"0", "1"}


@pytest.mark.parametrize("habit", READ)
@pytest.mark.parametrize("given", ["backend", "BackendSamplerV2"])
def test_counts_are_read_whatever_the_memory_is(habit: str, given: str) -> None:
    backend = VendorBackend(READ[habit], at_a_time=5)
    backend.reverse = "another order" in habit
    sampler = backend if given == "backend" else BackendSamplerV2(backend=backend)
    shots = qbell.sample(crooked(), qbell.schedule(3), sampler, shots=100)
    assert (shots.total, shots.backend, backend.runs) == (800, "vendor", 2)
    check(shots)


@pytest.mark.parametrize("habit", REFUSED)
def test_what_is_not_counts_is_refused(habit: str) -> None:
    backend, says = VendorBackend(REFUSED[habit][0]), REFUSED[habit][1]
    with pytest.raises(QbellError, match=says):
        qbell.sample(crooked(), qbell.schedule(3), BackendSamplerV2(backend=backend), shots=100)


def test_a_result_that_is_missing_is_refused() -> None:
    backend = VendorBackend(READ["no memory"])
    backend.lose = True
    with pytest.raises(QbellError, match="gave 7 results for 8 circuits"):
        qbell.sample(crooked(), qbell.schedule(3), backend, shots=100)


def test_registers_joined_with_spaces() -> None:
    circuit = QuantumCircuit(
        QuantumRegister(3), ClassicalRegister(1, "flag"), ClassicalRegister(2, "meas")
    )
    for counts in ({"01 1": 2, "10 0": 1}, {"011": 2, "100": 1}, {"0x3": 2, 4: 1}):
        found = outcomes_of(counts, circuit, 3, "vendor")
        assert found.tolist() == [[1, 0], [1, 0], [0, 1]]  # qubit 0 first
    for key in ("1 01", "0 1 1", "01", "0x8", "2", -1, None, 3.0, "0xzz"):
        with pytest.raises(QbellError, match="is not one of 3 bits"):
            outcomes_of({key: 3}, circuit, 3, "vendor")
    for count in (-1, 0.5, "many", None, float("nan")):
        with pytest.raises(QbellError, match="no whole number"):
            outcomes_of({"011": count}, circuit, 3, "vendor")


class Answers:
    """A SamplerV2 that gives a result made beforehand."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def run(self, pubs: Any, *, shots: int) -> Any:
        if isinstance(self.data, Exception):
            raise self.data
        return SimpleNamespace(result=lambda: [SimpleNamespace(data=self.data)])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (SimpleNamespace(c=1), "no outcomes meas"),
        (SimpleNamespace(meas={"000": 800}), "no outcomes meas"),
        (
            SimpleNamespace(meas=SimpleNamespace(array=np.zeros((8, 90, 1), np.uint8), num_bits=3)),
            r"\(8, 90\) outcomes of 3 qubits, not \(8, 100\)",
        ),
        (
            SimpleNamespace(
                meas=SimpleNamespace(array=np.zeros((8, 100, 1), np.uint8), num_bits=4)
            ),
            "of 4 qubits",
        ),
        (RuntimeError("no credit\nleft"), r"sampler failed \(RuntimeError: no credit\)"),
    ],
)
def test_a_sampler_that_answers_otherwise_is_refused(data: Any, says: str) -> None:
    with pytest.raises(QbellError, match=says):
        qbell.sample(crooked(), qbell.schedule(3), Answers(data), shots=100)


def test_what_is_no_sampler_is_refused() -> None:
    with pytest.raises(QbellError, match="expected a Qiskit SamplerV2 or a BackendV2, got a str"):
        qbell.sample(crooked(), qbell.schedule(3), "vendor", shots=100)


@pytest.mark.slow
def test_noise_that_no_target_states_is_not_left_out() -> None:
    noise = NoiseModel()
    noise.add_all_qubit_readout_error(ReadoutError([[0.5, 0.5], [0.5, 0.5]]))
    device = AerSimulator(noise_model=noise, max_parallel_threads=1)
    one, again = (
        qbell.sample(crooked(), qbell.schedule(3), backend=device, shots=100, seed=5)
        for _ in range(2)
    )
    assert one.frame.equals(again.frame)
    assert one.seed == 5
    assert len(one.frame) > 60  # of 64: any outcome in any setting
    silent = GenericBackendV2(3, seed=1, noise_info=False)
    with pytest.raises(QbellError, match="reports no errors, so its noise cannot be simulated"):
        qbell.sample(crooked(), qbell.schedule(3), backend=silent, shots=100)
    with pytest.raises(QbellError, match="reports no errors"):
        qbell.calibrate(crooked(), backend=silent)
