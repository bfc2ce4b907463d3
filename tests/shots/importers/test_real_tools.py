"""Bit order and registers of what the tools themselves give, qubit 0 alone being 1."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

import qbell

BITS = [1, 0, 0]  # of qubits 0, 1, 2


def circuit(**metadata: Any) -> QuantumCircuit:
    made = QuantumCircuit(3, metadata=metadata)
    made.x(0)
    made.measure_all()
    return made


def checked(data: Any, settings: Any = "XYX", **how: Any) -> None:
    found = qbell.shots_from(data, settings, draws="circuits", design="random", **how)
    assert found.bits.tolist() == [BITS]
    assert found.directions.tolist() == [[0, 1, 0]]


def test_qiskit() -> None:
    from qiskit.primitives import StatevectorSampler

    result = StatevectorSampler().run([circuit(setting="XYX")], shots=4).result()
    for data in (result, result[0], result[0].data, result[0].data.meas):
        checked(data)
    checked(result, None)
    array = result[0].data.meas
    for data in (array.get_counts(), array.get_int_counts(), array.get_bitstrings()):
        checked(data)
    checked(array.to_bool_array(order="little")[None])


def test_qiskit_registers() -> None:
    from qiskit.primitives import StatevectorSampler

    made = QuantumCircuit(QuantumRegister(3), ClassicalRegister(1, "a"), ClassicalRegister(2, "b"))
    made.x(0)
    made.measure([0, 1, 2], [0, 1, 2])
    data = StatevectorSampler().run([made], shots=4).result()[0]
    checked(data, registers=["a", "b"])
    checked(data.join_data(["a", "b"]))
    with pytest.raises(qbell.QbellError, match="registers a, b: name those to join"):
        checked(data)


def test_aer() -> None:
    from qiskit_aer import AerSimulator

    simulator = AerSimulator(max_parallel_threads=1)
    result = simulator.run(circuit(setting="XYX"), shots=4, memory=True).result()
    for data in (result, result.get_counts(), result.get_memory(), result.to_dict()):
        checked(data)
    checked(result, None)


@pytest.mark.slow
def test_runtime_encoder(tmp_path: Path) -> None:
    from qiskit.primitives import StatevectorSampler
    from qiskit_ibm_runtime import RuntimeEncoder

    result = StatevectorSampler().run([circuit(setting="XYX")] * 2, shots=4).result()
    path = tmp_path / "job.json"
    for content in (
        result,
        {"settings": ["XYX", "XYX"], "result": result},
        [part.data.meas for part in result],
        [part.data for part in result],
    ):
        path.write_text(json.dumps(content, cls=RuntimeEncoder))
        inside = isinstance(content, dict)
        found = qbell.read_shots(path, "random", settings=None if inside else ["XYX", "XYX"])
        assert found.bits.tolist() == [BITS, BITS]
        assert found.directions.tolist() == [[0, 1, 0]] * 2
    path.write_text(json.dumps(result, cls=RuntimeEncoder))
    assert qbell.read_shots(path, "random").total == 8  # by the metadata
    schedule = tmp_path / "settings.csv"
    schedule.write_text("setting,draw\nXYX,0\nXYX,1\n")
    assert qbell.read_shots(path, "random", settings=schedule).bits.tolist() == [BITS, BITS]


@pytest.mark.slow
def test_braket() -> None:
    from braket.default_simulator import StateVectorSimulator
    from braket.ir.openqasm import Program

    source = "OPENQASM 3.0;\nqubit[3] q;\nx q[0];\ni q[1];\ni q[2];"
    result = StateVectorSimulator().run(Program(source=source), shots=4)
    checked(result)
    checked(json.loads(result.json()))
    checked({"100": 4}, kind="braket")
    shares = {"measurementProbabilities": {"100": 1.0}, "measuredQubits": [0, 1, 2]}
    checked(shares, shots=4)
    assert np.asarray(result.measurements).tolist() == [["1", "0", "0"]] * 4
